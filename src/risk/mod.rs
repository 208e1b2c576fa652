//! The risks.
mod mesh;
mod monotone;
mod root;
mod sliding;
