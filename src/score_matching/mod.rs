//! Scores fitted to samples, and what estimating the data gradient costs.
//!
//! The inner maximisation of SCORE climbs the gradient of `KL(P(x), Q(x))` by the *input* x (not by the model's parameters), which has a
//! part that only the data know: `d/dx ln p_d(y|x) = d/dx ln p_d(x|y) - d/dx ln p_d(x)`, a difference of two scores. On a data set it
//! has to be estimated by score matching, and the paper reports that this is too noisy to train with (Pang et al., ICML 2022, section
//! 3.2). [`Study`] measures that on an analytic law, where the truth is known.
//!
//! | step | module |
//! |---|---|
//! | a small model of a score, and two ways of fitting it | `fit` |
//! | the error of the gradient with scores fitted to data sets of a size | `study` |

mod fit;
mod study;

pub use fit::{Features, Method, Score};
pub use study::{Plan, Row, Sampled, Study};
