//! The claims of the theory, and what became of checking them on an instance.
//!
//! A claim is an object: its statement, its hypotheses, what fails when one is dropped, where it comes from and how it is checked.
//! [`CLAIMS`] lists them; the command line, the report and the tests are made from that list. A theorem lives in a file:
//!
//! | file | claim |
//! |---|---|
//! | `order` | the standard risk is the smallest, and every risk grows with epsilon |
//! | `self_consistency` | the data's own posterior has `R_SCORE = 0` |
//! | `theorem_1` | `R_SCORE` lies within C of `R_Madry`, for metrics |
//! | `theorem_1_relaxed` | the same up to a constant, for relaxed metrics |
//! | `corollary_1` | the same through the relative entropy |
//! | `overfitting_floor` | an `R_Madry` that is too small rules out self-consistency |
//! | `theorem_4` | to first order in the radius SCORE adds the gap between the slopes |
//! | `theorem_5` | the smoothed risk changes with the noise by an inner product of slopes |
//! | `score_gradient` | the gradient of the KL form is a model and a data gradient |
//! | `paradox` | some model has a smaller `R_Madry` than the law's own posterior |

mod corollary_1;
mod inequality;
mod instance;
mod order;
mod overfitting_floor;
mod paradox;
mod score_gradient;
mod self_consistency;
mod suite;
mod theorem_1;
mod theorem_1_relaxed;
mod theorem_4;
mod theorem_5;

use std::fmt;

use crate::divergence::Divergence;
use crate::error::Error;
use crate::names;
use crate::quantity::Quantity;
use crate::tolerance;

pub use instance::{Instance, Problem, Tier};
pub(crate) use instance::{Key, Whose};
pub use suite::{Finding, Proofs, Suite, suite};

/// The claims, in the order in which they build on each other.
pub static CLAIMS: [&Claim; 10] = [
    &order::CLAIM,
    &self_consistency::CLAIM,
    &theorem_1::CLAIM,
    &theorem_1_relaxed::CLAIM,
    &corollary_1::CLAIM,
    &overfitting_floor::CLAIM,
    &theorem_4::CLAIM,
    &theorem_5::CLAIM,
    &score_gradient::CLAIM,
    &paradox::CLAIM,
];

/// A statement about every law, model and radius, and how it is checked on one of them.
#[derive(Debug)]
pub struct Claim {
    /// The name on the command line and in files.
    pub name: &'static str,
    /// What a person would call it.
    pub title: &'static str,
    /// The statement in plain text.
    pub statement: &'static str,
    /// The statement in LaTeX.
    pub tex: &'static str,
    /// What it needs, beyond measurability.
    pub hypotheses: &'static [&'static str],
    /// What fails when a hypothesis is dropped.
    pub dropped: &'static str,
    /// Where it comes from.
    pub reference: &'static str,
    /// The machine-checked proof of the general statement; `None` where there is none yet.
    pub proof: Option<Proof>,
    /// Which divergences it speaks of.
    pub scope: Scope,
    check: fn(&Instance) -> Result<Check, Error>,
}

/// A machine-checked proof of a claim's general statement, in Coq: its evidence is [`Evidence::Formal`], beside the grade of each
/// instance.
#[derive(Clone, Copy, Debug)]
pub struct Proof {
    /// The theorems, as `file.constant` of the folder `proofs/`.
    pub theorems: &'static [&'static str],
    /// What they need, and where they deviate from the paper.
    pub terms: &'static str,
}

/// Which divergences a claim speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The one that the instance names.
    Any,
    /// This one, whatever the instance names.
    Only(Divergence),
}

impl Claim {
    /// The claim of this name.
    ///
    /// # Errors
    /// [`Error::Unknown`] with the names that exist.
    pub fn named(name: &str) -> Result<&'static Self, Error> {
        CLAIMS
            .into_iter()
            .find(|claim| claim.name == name)
            .ok_or_else(|| names::unknown("claim", name, CLAIMS.map(|claim| claim.name)))
    }

    /// Checks the claim on an instance. Enclosed risks are made as tight as it takes to decide, down to [`tolerance::TIGHTEST`]; a claim
    /// that only estimates, whatever it is asked for, is checked once. In the plane they are as tight as the estimated slack says that it takes, and where
    /// that would be a matter of hours the estimate is what there is.
    ///
    /// # Errors
    /// Where a risk cannot be computed.
    pub fn check(&self, instance: &Instance) -> Result<Check, Error> {
        let Tier::Enclosed { plane, .. } = instance.tier() else {
            return self.check_once(instance);
        };
        if plane
            && instance.problem().line().is_err()
            && let Some(check) = self.proved_in_the_plane(instance)?
        {
            return Ok(check);
        }
        let mut width = tolerance::WIDEST;
        loop {
            let check = self.check_once(&instance.enclosed_to(width))?;
            if check.is_decided() {
                return Ok(check);
            } else if check.is_estimate() {
                return Ok(check.unproved());
            } else if width <= tolerance::TIGHTEST {
                let estimated = self.check_once(&instance.estimated())?;
                return Ok(check.undecided(estimated.slack));
            }
            width *= tolerance::TIGHTER;
        }
    }

    /// What enclosures in the plane say, if they decide.
    fn proved_in_the_plane(&self, instance: &Instance) -> Result<Option<Check>, Error> {
        let estimated = self.check_once(&instance.estimated())?;
        let slacks = estimated.comparisons.iter().map(|comparison| comparison.slack.value().abs());
        let least = slacks.fold(f64::INFINITY, f64::min);
        for share in tolerance::PLANE_SHARES {
            let width = (share * least).min(tolerance::PLANE_WIDEST);
            if width.is_nan() || width < tolerance::PLANE_TIGHTEST {
                break;
            }
            let check = self.check_once(&instance.enclosed_in_the_plane_to(width))?;
            if check.is_estimate() {
                break;
            } else if check.is_decided() {
                return Ok(Some(check));
            }
        }
        Ok(None)
    }

    /// Checks the claim with risks of the instance's own tier.
    pub(crate) fn check_once(&self, instance: &Instance) -> Result<Check, Error> {
        (self.check)(instance)
    }
}

/// The outcome of checking a claim on an instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// What was found.
    pub verdict: Verdict,
    /// How well it is founded.
    pub evidence: Evidence,
    /// By how much the claim holds: the smallest slack of its inequalities, larger side minus smaller side. Negative where it is
    /// violated. `None` where there is nothing to compare.
    pub slack: Option<Quantity>,
    /// What entered: the risks, and the slack of each inequality.
    pub terms: Vec<Term>,
    /// The inequalities one by one, evaluated also where a hypothesis is not met.
    pub comparisons: Vec<Comparison>,
    /// What a reader should know besides.
    pub note: Option<String>,
}

impl Check {
    /// Whether the inequalities are decided, whether or not the claim applies.
    fn is_decided(&self) -> bool {
        let straddles = || self.slack.is_some_and(|slack| slack.is_negative().is_none());
        match self.verdict {
            Verdict::Holds | Verdict::Refuted => true,
            Verdict::Undecided => false,
            Verdict::NotApplicable => !straddles(),
        }
    }

    /// Whether every slack is an estimate, so that no width of enclosures changes it.
    fn is_estimate(&self) -> bool {
        self.comparisons.iter().all(|comparison| comparison.slack.enclosure().is_none())
    }

    /// With a remark that no enclosures would decide it.
    fn unproved(self) -> Self {
        if self.verdict != Verdict::Undecided {
            return self;
        }
        let note = self.note.map_or(String::new(), |note| note + "; ");
        let why = match self.evidence {
            Evidence::Sampled => {
                "the claim is only sampled, and the confidence intervals are too wide to tell"
            }
            _ => "the claim is only estimated, and the errors are too large to tell",
        };
        let note = note + why;
        Self { note: Some(note), ..self }
    }

    /// With the width that would decide, as far as an estimate of the slack tells.
    fn undecided(self, slack: Option<Quantity>) -> Self {
        if self.verdict != Verdict::Undecided {
            return self;
        }
        let about =
            match slack.filter(|slack| slack.is_negative().is_some() && slack.value() != 0.0) {
                Some(slack) => {
                    format!("enclosures of width {:.0e} would decide it", slack.value().abs() / 4.0)
                }
                None => "the estimates are a tie, which no width decides".into(),
            };
        let note = self.note.map_or(String::new(), |note| note + "; ");
        Self { note: Some(format!("{note}the enclosures straddle 0; {about}")), ..self }
    }

    /// The outcome where the claim is evaluated along one direction, and more than one matters.
    fn off_the_line(error: &Error) -> Self {
        let (verdict, note) = (Verdict::NotApplicable, Some(error.to_string()));
        Self { verdict, note, ..Self::out_of_range(error) }
    }

    /// The outcome where a risk that the claim asks for is finite, but no double.
    fn out_of_range(error: &Error) -> Self {
        Self {
            verdict: Verdict::Undecided,
            evidence: Evidence::Estimated,
            slack: None,
            terms: Vec::new(),
            comparisons: Vec::new(),
            note: Some(error.to_string()),
        }
    }
}

/// A named number of a [`Check`].
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// What it is.
    pub name: String,
    /// How large it is.
    pub value: Quantity,
}

/// An inequality of a claim on an instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What it says, such as `R_SCORE <= R_Madry + C`; its term is called `slack: ` and this.
    pub name: String,
    /// The right side minus the left side; of an equation, minus the distance of the two.
    pub slack: Quantity,
    /// The left side, and the right side, which is to be the larger one.
    pub sides: [f64; 2],
    /// The smallest summand of the right side: where it vanishes, the inequality becomes one between fewer quantities, and may
    /// be tight for no other reason.
    pub least: f64,
    /// Whether it is an equation, which can be shown to a stated width only.
    pub equation: bool,
}

/// What checking a claim found. Undefined, undecided and invalid input are three different things; the last is an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// The claim holds on the instance.
    Holds,
    /// The instance violates the claim: it is a witness against it.
    Refuted,
    /// The error of the numbers is too large to tell.
    Undecided,
    /// A hypothesis of the claim is not met: the claim says nothing here.
    NotApplicable,
}

impl Verdict {
    /// All of them, in the order of the summary.
    pub const ALL: [Self; 4] = [Self::Holds, Self::Refuted, Self::Undecided, Self::NotApplicable];

    /// The name in files and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Refuted => "refuted",
            Self::Undecided => "undecided",
            Self::NotApplicable => "not-applicable",
        }
    }

    /// How much it matters, the worst the most: of several verdicts the one that stands for all.
    #[must_use]
    pub fn severity(self) -> u8 {
        match self {
            Self::NotApplicable => 0,
            Self::Holds => 1,
            Self::Undecided => 2,
            Self::Refuted => 3,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How well a verdict is founded, the best first. Evidence is never promoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Evidence {
    /// A machine-checked proof of the general statement.
    Formal,
    /// An interval proof for the instance.
    Enclosed,
    /// Floating point with an error estimate.
    Estimated,
    /// A random sample: with a confidence interval, or so many cases without a counterexample.
    Sampled,
}

impl Evidence {
    /// The name in files and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Formal => "formal",
            Self::Enclosed => "enclosed",
            Self::Estimated => "estimated",
            Self::Sampled => "sampled",
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::inequality::Inequalities;
    use super::*;
    use crate::law::Law;
    use crate::model::Model;
    use crate::perturbation::{Ball, Norm};
    use crate::quadrature::Estimate;
    use crate::real::Interval;

    /// How often a claim with one inequality is checked on an instance with enclosed risks, and what comes of it.
    fn checked(
        check: fn(&Instance) -> Result<Check, Error>,
        count: &AtomicUsize,
    ) -> (usize, Check) {
        let (law, model) = (Law::resolve("toy").unwrap(), Model::resolve("toy-linear").unwrap());
        let problem = Problem::new(("toy", &law), ("toy-linear", &model), Norm::Linf).unwrap();
        let ball = Ball::new(Norm::Linf, "1".parse().unwrap()).unwrap();
        let instance = problem.instance(Divergence::L1, ball).enclosed_to(tolerance::WIDEST);
        let claim = Claim {
            name: "claim",
            title: "",
            statement: "",
            tex: "",
            hypotheses: &[],
            dropped: "",
            reference: "",
            proof: None,
            scope: Scope::Any,
            check,
        };
        let check = claim.check(&instance).unwrap();
        (count.load(Ordering::Relaxed), check)
    }

    fn compared(count: &AtomicUsize, larger: impl Into<Quantity>) -> Check {
        count.fetch_add(1, Ordering::Relaxed);
        let mut claim = Inequalities::default();
        claim.at_most("0 <= x", Quantity::zero(), larger);
        claim.check()
    }

    #[test]
    fn what_no_width_changes_is_checked_once() {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let blurred = |_: &Instance| Ok(compared(&COUNT, Estimate { value: 0.1, error: 1.0 }));
        let (count, check) = checked(blurred, &COUNT);
        assert_eq!(count, 1);
        assert_eq!((check.verdict, check.evidence), (Verdict::Undecided, Evidence::Estimated));
        assert!(check.note.unwrap().contains("only estimated"));
    }

    #[test]
    fn enclosures_are_tightened_until_they_decide() {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let tightened = |instance: &Instance| {
            let Tier::Enclosed { width, .. } = instance.tier() else { unreachable!() };
            Ok(compared(&COUNT, Interval::new(1e-7 - width, 1e-7 + width)))
        };
        let (count, check) = checked(tightened, &COUNT);
        assert_eq!(count, 3, "1e-4, 1e-6, 1e-8");
        assert_eq!((check.verdict, check.evidence), (Verdict::Holds, Evidence::Enclosed));
    }
}
