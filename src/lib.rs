//! score-workbench (docs to come)
pub mod catalogue;
pub mod claims;
pub mod divergence;
pub mod error;
pub mod exact;
pub mod law;
mod linalg;
pub mod line;
pub mod model;
mod names;
pub mod perturbation;
pub mod quadrature;
pub mod real;
pub mod risk;
pub mod simplex;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tolerance;
