//! From a candidate to a proof.

use super::{Candidate, Goal};
use crate::claims::Evidence;
use crate::error::Error;
use crate::law::Law;
use crate::model::Model;
use crate::quadrature::Estimate;
use crate::tolerance;

/// That an inequality is violated on an instance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Violation {
    /// The slack, below 0 by far more than its error.
    pub slack: Estimate,
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
/// The last step of a search, and the one place that grades it: the slack is computed once more from the exact numbers of
/// the instance. In this version it is an estimate, at least [`tolerance::CERTAIN`] times its error below 0, and its grade says
/// so.
///
/// # Errors
/// Where the claim cannot be checked on the instance.
pub fn prove(goal: &Goal, candidate: &Candidate) -> Result<Option<Violation>, Error> {
    let read = Candidate {
        law: Law::from_toml(&candidate.law.to_toml(), "law.toml")?,
        model: Model::from_toml(&candidate.model.to_toml(), "model.toml")?,
        epsilon: candidate.epsilon.clone(),
    };
    let Some(comparison) = goal.comparison(&read)? else { return Ok(None) };
    let slack = comparison.slack;
    let finite = comparison.sides.into_iter().all(f64::is_finite);
    let violated = finite && slack.value < -tolerance::CERTAIN * slack.error;
    Ok(violated.then_some(Violation { slack, evidence: Evidence::Estimated }))
}
