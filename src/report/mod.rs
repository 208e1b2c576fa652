//! Results, written out.

pub mod export;
