//! Training image models with libtorch (feature `train`).
//!
//! What is trained is written elsewhere: the objectives are expressions over the divergences that the theorems are checked on, run on tensors
//! ([`crate::real`]). Here are data, networks, attacks, optimisation and the loop; no formula.

pub mod average;
pub mod data;
pub mod optimiser;
pub mod random;
pub mod schedule;
