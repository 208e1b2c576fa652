//! The paper's demonstration on the slides' toy law, made again.
//!
//! A tanh network 1-100-100-2 is trained from one seed on each of four objectives, with each of six divergences in the place of D:
//!
//! ```text
//! standard   E_x D(P(x), Q(x))
//! PGD-AT     E_x sup_u D(P(x), Q(u))
//! TRADES     E_x [ D(P(x), Q(x)) + sup_u D(Q(x), Q(u)) ]
//! SCORE      E_x sup_u D(P(u), Q(u))                           u in [x - eps, x + eps], eps = 1
//! ```
//!
//! There are no samples: the objectives are integrals over the law, differentiated through the maximiser. The slides claim that training on
//! SCORE ends with the data's own posterior and that PGD-AT does not. What is quoted of a trained network is computed by
//! [`Line`], with an error; the course of the training is that of the grid it is trained on.
//!
//! | step | module |
//! |---|---|
//! | the network and its gradient | `network` |
//! | objectives over the workbench's divergences, on a grid | `objective` |
//! | Adam, then L-BFGS | `training` |
//! | what is kept of a training, so that the next run need not repeat it | `store` |

mod network;
mod objective;
mod store;
mod training;

use std::fmt;
use std::str::FromStr;

use crate::divergence::Divergence;
use crate::error::Error;
use crate::law::Law;
use crate::model::Model;
use crate::names;
use crate::quadrature::Estimate;
use crate::risk::{Line, Risk};

pub use objective::{Objective, RISKS};
pub use store::{resume, save};
pub use training::Budget;

/// The law of the slides.
pub const LAW: &str = "toy";
/// Their radius, in the units of x.
pub const EPSILON: f64 = 1.0;
/// Where every training begins.
pub const SEED: u64 = 0;
/// How long it lasts.
pub const BUDGET: Budget = Budget { adam: 1500, lbfgs: 300 };
/// The divergences of the slides.
pub const DIVERGENCES: [Divergence; 6] = [
    Divergence::Kl,
    Divergence::L1,
    Divergence::L2,
    Divergence::Linf,
    Divergence::SquaredError,
    Divergence::JensenShannon,
];

/// One training: an objective with a divergence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Experiment {
    /// What is made small.
    pub objective: Objective,
    /// D.
    pub divergence: Divergence,
}

impl Experiment {
    /// Every experiment, divergence by divergence.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let of = |divergence| Objective::ALL.map(|objective| Self { objective, divergence });
        DIVERGENCES.into_iter().flat_map(of).collect()
    }

    /// Trains the network and computes its risks; `step_done` is called after each step of Adam.
    ///
    /// # Errors
    /// Where training has diverged, or a risk cannot be computed.
    pub fn run(self, seed: u64, budget: Budget, step_done: impl Fn()) -> Result<Outcome, Error> {
        let law = Law::resolve(LAW)?;
        let data = objective::Data::new(&law, EPSILON)?;
        let trained =
            training::train(&data, self.objective, self.divergence, seed, budget, step_done);
        let model = Model::Mlp(trained.network.model()?);
        Outcome::new(self, model, trained.trajectory)
    }
}

/// As `score-kl`.
impl fmt::Display for Experiment {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}-{}", self.objective.name(), self.divergence)
    }
}

impl FromStr for Experiment {
    type Err = Error;

    /// # Errors
    /// [`Error::Unknown`] with the names that exist.
    fn from_str(name: &str) -> Result<Self, Error> {
        let all = Self::all();
        let names = all.iter().map(ToString::to_string).collect::<Vec<_>>();
        let found = names.iter().position(|found| found == name);
        let unknown = || names::unknown("experiment", name, names.iter().map(String::as_str));
        found.map(|i| all[i]).ok_or_else(unknown)
    }
}

/// A trained network, how it came about, and its risks.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What was done.
    pub experiment: Experiment,
    /// The network.
    pub model: Model,
    /// After how many steps, and the standard, Madry's and SCORE's risk then, on the grid.
    pub trajectory: Vec<(usize, [f64; 3])>,
    /// The standard, Madry's and SCORE's risk of the trained network for the divergence it was trained with.
    pub risks: [Estimate; 3],
    /// `R_Standard^l1`: how far its probabilities are from the data's on the average, twice over.
    pub distance: Estimate,
}

impl Outcome {
    /// Computes the risks of a trained network.
    ///
    /// # Errors
    /// Where one cannot be computed.
    pub fn new(
        experiment: Experiment,
        model: Model,
        trajectory: Vec<(usize, [f64; 3])>,
    ) -> Result<Self, Error> {
        let line = Line::new(&Law::resolve(LAW)?, &model)?;
        let risk = |risk| line.risk(risk, experiment.divergence, EPSILON);
        let risks = [risk(Risk::Standard)?, risk(Risk::Madry)?, risk(Risk::Score)?];
        let distance = line.standard(Divergence::L1)?;
        Ok(Self { experiment, model, trajectory, risks, distance })
    }
}
