//! score-workbench (docs to come)
pub mod error;
pub mod exact;
pub mod law;
mod linalg;
pub mod line;
pub mod model;
mod names;
pub mod perturbation;
pub mod real;
pub mod simplex;
pub mod tolerance;
