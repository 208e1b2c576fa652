//! The validated formulas that a loss is compared with.

use std::fmt;

use super::profile::Kind;
use crate::divergence::Divergence;
use crate::error::Error;
use crate::names;
use crate::objective::{Objective, cross_entropy};
use crate::simplex::{Classes, Simplex};

/// An entry of the catalogue: a divergence with its arguments in one of the two orders, perhaps squared, or a training objective.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "there are a few dozen of them at most")]
pub enum Entry {
    /// `D(a, b)`, or `D(b, a)` where `reversed`, or its square.
    Divergence {
        /// D.
        divergence: Divergence,
        /// Whether its arguments are exchanged.
        reversed: bool,
        /// Whether it is squared, as is usual for the distances that are roots.
        squared: bool,
    },
    /// `-sum_k a_k ln b_k`.
    CrossEntropy,
    /// A training objective.
    Objective(Objective),
}

/// The divergences whose squares go by the same names.
const ROOTS: [Divergence; 2] = [Divergence::Hellinger, Divergence::JensenShannon];

impl Entry {
    /// The divergences in both orders, without those that are there under another name, and cross-entropy.
    pub fn divergences() -> impl Iterator<Item = Self> {
        let plain = |divergence| Self::Divergence { divergence, reversed: false, squared: false };
        let chi = Divergence::ChiSquared;
        let reversed = Self::Divergence { divergence: chi, reversed: true, squared: false };
        let square = |divergence| Self::Divergence { divergence, reversed: false, squared: true };
        let all = Divergence::ALL.map(plain).into_iter().chain([reversed, Self::CrossEntropy]);
        all.chain(ROOTS.map(square))
    }

    /// The entry of this name among those that a loss of this kind can equal.
    ///
    /// # Errors
    /// Where there is none.
    pub fn named(name: &str, kind: Kind) -> Result<Self, Error> {
        if kind != Kind::Divergence {
            return name.parse().map(Self::Objective);
        }
        let found = Self::divergences().find(|entry| entry.to_string() == name);
        if let (None, Some(inner)) =
            (&found, name.strip_prefix("reversed(").and_then(|rest| rest.strip_suffix(')')))
        {
            // Those that are symmetric are their own reverse.
            return Ok(match inner.trim().parse()? {
                Divergence::Kl => Self::Divergence {
                    divergence: Divergence::ReverseKl,
                    reversed: false,
                    squared: false,
                },
                Divergence::ReverseKl => {
                    Self::Divergence { divergence: Divergence::Kl, reversed: false, squared: false }
                }
                divergence => Self::Divergence { divergence, reversed: false, squared: false },
            });
        }
        let all: Vec<String> = Self::divergences().map(|entry| entry.to_string()).collect();
        found.ok_or_else(|| names::unknown("divergence", name, all.iter().map(String::as_str)))
    }

    /// Its value: of `(a, b)` for a divergence; for an objective of the answer to the input, the answer to the attacked one and the target.
    pub(super) fn eval<C: Classes>(
        &self,
        [first, second]: [&Simplex<C>; 2],
        target: Option<&Simplex<C>>,
        classes: usize,
    ) -> C::Total {
        use crate::real::Real;
        match self {
            Self::Divergence { divergence, reversed, squared } => {
                let (a, b) = if *reversed { (second, first) } else { (first, second) };
                let value = divergence.eval(a, b);
                if *squared { value.square() } else { value }
            }
            Self::CrossEntropy => cross_entropy(first, second),
            Self::Objective(objective) => {
                objective.eval(target.unwrap_or(first), first, second, classes)
            }
        }
    }

    /// The formula as maths.
    #[must_use]
    pub fn formula(&self) -> String {
        match self {
            Self::Divergence { divergence, reversed, squared } => {
                let arguments = if *reversed { "(b, a)" } else { "(a, b)" };
                let power = if *squared { "^2" } else { "" };
                format!("{divergence}{arguments}{power}")
            }
            Self::CrossEntropy => "-sum_k a_k ln b_k".into(),
            Self::Objective(objective) => objective.formula(),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Divergence { divergence, reversed: true, .. } => {
                write!(f, "reversed({divergence})")
            }
            Self::Divergence { divergence, squared: true, .. } => {
                write!(f, "squared({divergence})")
            }
            Self::Divergence { divergence, .. } => write!(f, "{divergence}"),
            Self::CrossEntropy => f.write_str("cross-entropy"),
            Self::Objective(objective) => write!(f, "{objective}"),
        }
    }
}
