//! score-workbench (docs to come)
pub mod catalogue;
pub mod error;
pub mod exact;
mod files;
pub mod law;
mod linalg;
pub mod line;
pub mod model;
mod names;
pub mod perturbation;
pub mod real;
pub mod simplex;
pub mod tolerance;
