//! Searching for instances that violate a claim, or come closest.
//!
//! A claim has inequalities; each of them, for each divergence, is a [`Goal`]. A goal is searched for by restarts of a particle
//! swarm, each polished by the Nelder-Mead method, over [spaces](Space) of laws, models and radii; what violates the inequality
//! is simplified to short decimals, proved, and written as files. The search speaks of the inequality itself: for a divergence
//! that does not satisfy the claim's hypotheses a violation is what dropping them allows; for one that does it would
//! refute the claim.
//!
//! | step | module |
//! |---|---|
//! | numbers in a box to law, model and radius | `space` |
//! | what is minimised, and one restart | `restart` |
//! | rounds of restarts until every goal has a witness or the time is up; the state on disk | `search` |
//! | fewer digits | `simplify` |
//! | from a candidate to a proof | `proof` |
//! | files, and words for people | `witness` |
//!
//! # What is minimised
//!
//! The [`tightness`] of an inequality. Below 0 it is violated, and the slack is counted relative to the larger of its two sides,
//! so that the value is at least -1 and no degenerate law gains from large risks. Above 0 it is counted relative to the smallest
//! summand of the right side. That excludes the trivial ties: where `C = 0`, `Q = P` or `eps = 0`, one summand of
//! `R_SCORE <= R_Madry + C` vanishes, the slack vanishes with it and their ratio does not. For a triangle inequality between
//! numbers that satisfy the other two the tightness is between 0 (tight) and 2.

mod proof;
mod restart;
mod search;
mod simplify;
mod space;
mod witness;

use crate::claims::{self, Check, Claim, Comparison, Evidence, Scope, Verdict};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::exact::Exact;
use crate::tolerance;

pub use proof::{Violation, prove};
pub use search::{Found, Limits, Search};
pub use simplify::simplified;
pub use space::{Candidate, Family, Space};
pub use witness::{Instance, Outcome, describe_law, describe_model};

/// One inequality of a claim for one divergence.
#[derive(Clone, Debug)]
pub struct Goal {
    claim: &'static Claim,
    divergence: Divergence,
    inequality: String,
    dropped: Option<String>,
}

impl Goal {
    /// The goals of a claim for some divergences, divergence by divergence. A divergence for which the claim has no inequality
    /// has none.
    ///
    /// # Errors
    /// Where the claim cannot be checked on a moderate instance.
    pub fn of(claim: &'static Claim, divergences: &[Divergence]) -> Result<Vec<Self>, Error> {
        let space = Space::new(2, Family::Linear)?;
        let values = exact(&space.values(&vec![0.4; space.dimension()]));
        let (problem, ball) = space.candidate(&values)?.problem()?;
        let mut goals = Vec::new();
        for &divergence in divergences {
            let check = claim.check(&problem.instance(divergence, ball.clone()))?;
            let dropped = (check.verdict == Verdict::NotApplicable).then(|| reason(&check));
            goals.extend(check.comparisons.into_iter().map(|comparison| Self {
                claim,
                divergence,
                inequality: comparison.name,
                dropped: dropped.clone(),
            }));
        }
        Ok(goals)
    }

    /// The divergences that a claim speaks of.
    #[must_use]
    pub fn divergences(claim: &Claim) -> Vec<Divergence> {
        match claim.scope {
            Scope::Any => Divergence::ALL.to_vec(),
            Scope::Only(divergence) => vec![divergence],
        }
    }

    /// The claim.
    #[must_use]
    pub fn claim(&self) -> &'static Claim {
        self.claim
    }

    /// The divergence.
    #[must_use]
    pub fn divergence(&self) -> Divergence {
        self.divergence
    }

    /// The inequality, as [`Comparison::name`].
    #[must_use]
    pub fn inequality(&self) -> &str {
        &self.inequality
    }

    /// Why the claim does not say that the inequality holds; `None` where it does say so.
    #[must_use]
    pub fn dropped(&self) -> Option<&str> {
        self.dropped.as_deref()
    }

    /// The inequality on an instance.
    ///
    /// # Errors
    /// Where a risk cannot be computed.
    pub fn comparison(&self, candidate: &Candidate) -> Result<Option<Comparison>, Error> {
        let (problem, ball) = candidate.problem()?;
        self.comparison_on(&problem.instance(self.divergence, ball))
    }

    /// The inequality on an instance, its risks as tight as the instance says.
    fn comparison_on(&self, instance: &claims::Instance) -> Result<Option<Comparison>, Error> {
        let check = self.claim.check_once(instance)?;
        Ok(check.comparisons.into_iter().find(|comparison| comparison.name == self.inequality))
    }
}

/// What a note says before the outcome on the instance.
fn reason(check: &Check) -> String {
    let note = check.note.as_deref().unwrap_or_default();
    note.split(';').next().unwrap_or_default().to_owned()
}

/// By how much an inequality holds, on a scale on which degenerate instances gain nothing; see the [module](self). `None` where
/// the instance says nothing: a side is infinite or no number, all is 0, or the error is too large.
#[must_use]
pub fn tightness(comparison: &Comparison) -> Option<f64> {
    let Comparison { slack, sides, least, .. } = comparison;
    let size = sides[0].abs().max(sides[1].abs());
    // A trivial tie that rounding makes negative is still a trivial tie.
    let violated = slack.value() < -tolerance::VIOLATED * size;
    let scale = if violated { size } else { *least };
    // The larger of NaN and a number is the number.
    let known = size.is_finite()
        && slack.value().is_finite()
        && size > tolerance::NOTHING
        && scale > tolerance::NOTHING * size
        && slack.error() <= tolerance::BLURRED * scale;
    known.then_some(slack.value() / scale)
}

/// Whether a tightness is that of a violation, not of a tie blurred by rounding.
#[must_use]
pub fn is_violation(tightness: f64) -> bool {
    tightness < -tolerance::VIOLATED
}

/// How well an outcome is founded: as its violation is; that none was found is an estimate.
#[must_use]
pub fn evidence(violation: Option<Violation>) -> Evidence {
    violation.map_or(Evidence::Estimated, |violation| violation.evidence)
}

/// Finite doubles exactly.
fn exact(values: &[f64]) -> Vec<Exact> {
    let exact = |value: &f64| Exact::from_f64(*value).unwrap_or(Exact::integer(0));
    values.iter().map(exact).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quadrature::Estimate;

    fn compared(sides: [f64; 2], least: f64, error: f64) -> Option<f64> {
        let slack = Estimate { value: sides[1] - sides[0], error };
        tightness(&Comparison {
            name: String::new(),
            slack: slack.into(),
            sides,
            least,
            equation: false,
        })
    }

    #[test]
    fn tightness_is_relative_and_bounded_below() {
        assert_eq!(compared([1.0, 1.5], 0.25, 1e-15), Some(2.0));
        assert_eq!(compared([2.0, 1.0], 1e-12, 1e-15), Some(-0.5));
        assert_eq!(compared([2e6, 0.0], 0.0, 1e-3), Some(-1.0));
        assert_eq!(compared([1.0, 1.0 - 1e-14], 0.5, 1e-13).map(is_violation), Some(false));
        assert!(is_violation(-0.5) && !is_violation(-1e-12) && !is_violation(0.0));
    }

    #[test]
    fn infinite_vanishing_and_blurred_sides_tell_nothing() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        for (sides, least, error) in [
            ([inf, 1.0], 0.5, 0.0),
            ([1.0, inf], 0.5, 0.0),
            ([inf, inf], inf, 0.0),
            ([nan, 1.0], 0.5, 1e-15),
            ([1e-12, 0.0], 0.0, 1e-17),
            ([1.0, 1.0 + 1e-12], 1e-13, 1e-16),
            ([1.0, 1.0 - 1e-12], 0.0, 1e-16),
            ([2.0, 1.0], 0.5, 1e-3),
            ([2.0, 1.0], 0.5, nan),
        ] {
            assert_eq!(compared(sides, least, error), None, "{sides:?}");
        }
    }

    #[test]
    fn goals_are_the_inequalities_of_each_divergence() {
        let of = |claim: &str, divergences: &[Divergence]| {
            let goals = Goal::of(Claim::named(claim).unwrap(), divergences).unwrap();
            goals
                .iter()
                .map(|goal| (goal.divergence(), goal.dropped().is_some()))
                .collect::<Vec<_>>()
        };
        let (kl, l1) = (Divergence::Kl, Divergence::L1);
        assert_eq!(
            of("theorem-1", &[kl, l1]),
            [(kl, true), (kl, true), (kl, true), (l1, false), (l1, false), (l1, false)]
        );
        assert_eq!(of("corollary-1", &[kl]), []);
        assert_eq!(of("self-consistency", &[kl]).len(), 2);
        let reason = &Goal::of(Claim::named("theorem-1").unwrap(), &[kl]).unwrap()[0];
        assert_eq!(reason.dropped(), Some("kl is not a metric"));
    }
}
