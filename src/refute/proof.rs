//! From a candidate to a proof.

use super::{Candidate, Goal};
use crate::claims::Evidence;
use crate::error::Error;
use crate::law::Law;
use crate::model::Model;
use crate::quantity::Quantity;
use crate::tolerance;

/// That an inequality is violated on an instance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Violation {
    /// The slack, below 0.
    pub slack: Quantity,
    /// How well that is founded.
    pub evidence: Evidence,
}

impl Violation {
    /// Whether it is proved, by an enclosure or better; an estimate proves nothing.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        self.evidence <= Evidence::Enclosed
    }
}

/// The violation of a goal on an instance, as it is written to files and read from them; `None` where there is none.
///
/// The last step of a search, and the one place that grades it: the risks are enclosed for the exact numbers of the instance, as tightly
/// as it takes for the slack to lie below 0 altogether.
///
/// # Errors
/// Where the claim cannot be checked on the instance.
pub fn prove(goal: &Goal, candidate: &Candidate) -> Result<Option<Violation>, Error> {
    let read = Candidate {
        law: Law::from_toml(&candidate.law.to_toml(), "law.toml")?,
        model: Model::from_toml(&candidate.model.to_toml(), "model.toml")?,
        epsilon: candidate.epsilon.clone(),
    };
    let (problem, ball) = read.problem()?;
    let instance = problem.instance(goal.divergence(), ball);
    let mut width = tolerance::WIDEST;
    while width >= tolerance::TIGHTEST {
        let Some(comparison) = goal.comparison_on(&instance.enclosed_to(width))? else {
            return Ok(None);
        };
        let slack = comparison.slack;
        match slack.is_negative() {
            Some(true) if slack.enclosure().is_some() => {
                return Ok(Some(Violation { slack, evidence: Evidence::Enclosed }));
            }
            Some(_) => return Ok(None),
            None if slack.enclosure().is_none() => return Ok(None),
            None => width *= tolerance::TIGHTER,
        }
    }
    Ok(None)
}
