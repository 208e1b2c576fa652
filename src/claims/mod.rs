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
//! | `paradox` | some model has a smaller `R_Madry` than the law's own posterior |

mod corollary_1;
mod inequality;
mod instance;
mod order;
mod overfitting_floor;
mod paradox;
mod self_consistency;
mod suite;
mod theorem_1;
mod theorem_1_relaxed;

use std::fmt;

use crate::divergence::Divergence;
use crate::error::Error;
use crate::names;
use crate::quadrature::Estimate;

pub use instance::{Instance, Problem};
pub use suite::{Finding, Suite, suite};

/// The claims, in the order in which they build on each other.
pub static CLAIMS: [&Claim; 7] = [
    &order::CLAIM,
    &self_consistency::CLAIM,
    &theorem_1::CLAIM,
    &theorem_1_relaxed::CLAIM,
    &corollary_1::CLAIM,
    &overfitting_floor::CLAIM,
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

    /// Checks the claim on an instance, with estimated risks.
    ///
    /// # Errors
    /// Where a risk cannot be computed.
    pub fn check(&self, instance: &Instance) -> Result<Check, Error> {
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
    pub slack: Option<Estimate>,
    /// What entered: the risks, and the slack of each inequality.
    pub terms: Vec<Term>,
    /// What a reader should know besides.
    pub note: Option<String>,
}

impl Check {
    /// The outcome where a risk that the claim asks for is finite, but no double.
    fn out_of_range(error: &Error) -> Self {
        Self {
            verdict: Verdict::Undecided,
            evidence: Evidence::Estimated,
            slack: None,
            terms: Vec::new(),
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
    pub value: Estimate,
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
    /// A random sample with a confidence interval.
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
