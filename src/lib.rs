//! score-workbench (docs to come)
pub mod error;
pub mod exact;
pub mod real;
pub mod simplex;
pub mod tolerance;
