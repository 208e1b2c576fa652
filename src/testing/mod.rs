//! Random inputs for property tests: `proptest` strategies for everything that the workbench computes with.
//!
//! They are weighted to corner cases: label distributions on the boundary and pairs that nearly coincide, logits of 1e4, priors of
//! 1e-12, variances from 1e-4 to 100, radii of zero and beyond the law's span. What fails shrinks towards few classes, few
//! components and short decimals, so that a failing case can be read, written to a file and kept.
//!
//! | strategy | values |
//! |---|---|
//! | [`decimal`], [`magnitude`] | exact numbers, evenly and logarithmically spread |
//! | [`label_distribution`], [`label_pair`] | points of the simplex, and two of them |
//! | [`logits`] | rows of logits |
//! | [`gaussian_mixture`], [`law`] | laws on the line |
//! | [`linear`], [`quadratic`], [`bayes`], [`mlp`], [`constant`], [`model`] | models on the line |
//! | [`divergence`], [`epsilon`], [`case`], [`calm_case`] | instances that a risk or a claim can be evaluated on |
//!
//! A loss of one's own, tested on them:
//!
//! ```
//! use proptest::prelude::*;
//! use score_workbench::simplex::{Classes, Simplex};
//! use score_workbench::testing;
//!
//! /// The Bhattacharyya coefficient, a similarity: 1 for equal arguments.
//! fn affinity<C: Classes>(p: &Simplex<C>, q: &Simplex<C>) -> C::Total {
//!     use score_workbench::real::Real;
//!     p.zip(q, |a, b| (a.p.clone() * b.p.clone()).sqrt()).sum()
//! }
//!
//! proptest!(|((p, q) in testing::label_pair(3))| {
//!     let affinity = affinity(&p, &q);
//!     prop_assert!((0.0..=1.0 + 1e-15).contains(&affinity));
//! });
//! ```
//!
//! Whole losses, also in other languages, are checked against a table of laws by [`loss`]. A backend of one's own is checked by [`real::laws`](crate::real::laws).

#![allow(
    clippy::missing_panics_doc,
    reason = "what is built from parts that fit by construction is not refused"
)]

mod case;
mod labels;
mod law;
pub mod loss;
mod model;
mod number;

pub use case::{Case, calm_case, case, divergence, epsilon};
pub use labels::{
    Labels, equal_pair, extreme_logits, interior, label_distribution, label_pair, logits,
    moderate_logits, near_boundary, near_pair, on_boundary, tied_logits,
};
pub use law::{gaussian_mixture, law};
pub use model::{bayes, constant, linear, mlp, model, piecewise, quadratic};
pub use number::{decimal, magnitude};
