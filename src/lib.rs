//! A workbench for the theory of robust and accurate classification: risks to rounding error, theorems checked, one text per
//! formula.
//!
//! # The problem
//!
//! A classifier that is trained to be robust loses accuracy; that this is inevitable was long believed. Pang et al. (*Robustness
//! and Accuracy Could Be Reconcilable by (Proper) Definition*, ICML 2022) found the loss in the definition: robust error asks that
//! the model's answer does not change in a ball around x, also where the true answer does. Their repair, SCORE, lets the target move
//! with the input. With a data law `p_d(x, y)`, its posterior `P(x) = (p_d(y|x))_y`, a model `Q(x) = (p_theta(y|x))_y`, a ball `B(x)`
//! of radius eps and a divergence D between label distributions,
//!
//! ```text
//! R_Standard = E_x                 D(P(x),  Q(x))
//! R_Madry    = E_x sup_{u in B(x)} D(P(x),  Q(u))      robust error as it was
//! R_SCORE    = E_x sup_{u in B(x)} D(P(u),  Q(u))      self-consistent robust error: 0 for Q = P
//! C          = E_x sup_{u in B(x)} D(P(x),  P(u))      the law's own variation
//! ```
//!
//! The theory relates the four. This crate checks it where everything can be computed: on analytic laws, for any number of classes,
//! to rounding error and with an honest estimate of that error.
//!
//! ```
//! use score_workbench::claims::{Claim, Problem, Verdict};
//! use score_workbench::{divergence::Divergence, law::Law, model::Model};
//! use score_workbench::perturbation::{Ball, Norm};
//!
//! let (law, model) = (Law::resolve("toy")?, Model::resolve("toy-linear")?);
//! let problem = Problem::new(("toy", &law), ("toy-linear", &model), Norm::Linf)?;
//! let instance = problem.instance(Divergence::L1, Ball::new(Norm::Linf, "1".parse()?)?);
//! let check = Claim::named("theorem-1")?.check(&instance)?;
//! assert_eq!(check.verdict, Verdict::Holds);
//! // R_Madry + C - R_SCORE, C + R_SCORE - R_Madry and R_Madry + R_SCORE - C: the smallest is 0.138966..
//! assert!((check.slack.unwrap().value() - 0.1389666435876).abs() < 1e-12);
//! # Ok::<(), score_workbench::error::Error>(())
//! ```
//!
//! # Evidence
//!
//! A verdict comes with its grade, and a grade is never promoted: *formal* (a machine-checked proof of the general statement),
//! *enclosed* (an interval proof for the instance, see [`enclosure`]), *estimated* (floating point with an error estimate), *sampled*.
//!
//! # Where things are
//!
//! | module | what it holds |
//! |---|---|
//! | [`real`] | the arithmetic that formulas are written over, and its backends: doubles, jets, traced doubles |
//! | [`simplex`] | label distributions and the class axis |
//! | [`divergence`] | D(a, b): the formulas, and what is known of each |
//! | [`objective`] | training objectives as expressions over the divergences |
//! | [`perturbation`] | balls |
//! | [`law`], [`model`] | P and Q: Gaussian mixtures; linear, quadratic, Bayes, network and constant models |
//! | [`mod@line`] | what algorithms on the real line ask of a law or a model |
//! | [`quadrature`] | integrals in pieces, with an error |
//! | [`risk`] | the four risks, by resolving the supremum into pieces |
//! | [`plane`] | the four risks in two dimensions, estimated and proved |
//! | [`space`] | many dimensions, by the few directions that matter |
//! | [`span`] | risks along three directions, and risks from a random sample along more |
//! | [`enclosure`] | the four risks, proved: intervals that contain them |
//! | [`quantity`] | a number that is enclosed, estimated or sampled |
//! | [`optimal`] | the most robust model in the sense of Madry et al., with a certified gap |
//! | [`score_matching`] | scores fitted to samples, and what that costs the gradient of SCORE |
//! | [`claims`] | the theorems as objects, verdicts, the built-in suite |
//! | [`certificate`] | what shows a verdict, and its checker; risks as theorems for Coq |
//! | [`catalogue`] | named laws and models |
//! | [`exact`] | numbers as they were written |
//! | [`error`], [`tolerance`] | every error and every tolerance, each in one place |
//! | `refute` (feature `cli`) | the search for instances that violate a claim or come closest |
//! | `reproduce` (feature `cli`) | the paper's toy demonstration, trained again |
//! | `report` (feature `cli`) | the HTML page, figures, JSON and CSV |
//! | `train` (feature `train`) | image models, trained on the objectives: data, networks, attacks, losses, the loop |
//! | `evaluate` (feature `train`) | attacks on trained models and their sampled risks |
//! | `testing` (feature `testing`) | strategies for property tests of formulas and risks, your own included |
//!
//! # Notation
//!
//! One meaning per letter. Generic parameters: `R` a [`real::Real`], `C` some [`simplex::Classes`], `N` the length of a jet. In
//! formulas: `x` an input, `u` a point of the window around it, `p` and `q` label distributions (data first), `k` a class, `h` the
//! data's logits, `b` the model's, `t` a relative entropy in nats, `eps` the radius in the units of x.

pub mod catalogue;
pub mod certificate;
pub mod claims;
pub mod divergence;
pub mod enclosure;
pub mod error;
#[cfg(feature = "train")]
pub mod evaluate;
pub mod exact;
mod files;
pub mod law;
mod linalg;
pub mod line;
pub mod model;
mod names;
pub mod objective;
pub mod optimal;
pub mod perturbation;
pub mod plane;
pub mod quadrature;
pub mod quantity;
pub mod real;
#[cfg(feature = "cli")]
pub mod refute;
#[cfg(feature = "cli")]
pub mod report;
#[cfg(feature = "cli")]
pub mod reproduce;
pub mod risk;
pub mod score_matching;
pub mod simplex;
pub mod space;
pub mod span;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tolerance;
#[cfg(feature = "train")]
pub mod train;

/// The README's Rust, so that it is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
