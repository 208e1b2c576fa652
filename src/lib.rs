//! score-workbench (docs to come)
pub mod catalogue;
pub mod claims;
pub mod divergence;
pub mod error;
pub mod exact;
mod files;
pub mod law;
mod linalg;
pub mod line;
pub mod model;
mod names;
pub mod perturbation;
pub mod quadrature;
pub mod real;
#[cfg(feature = "cli")]
pub mod report;
pub mod risk;
pub mod simplex;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tolerance;
