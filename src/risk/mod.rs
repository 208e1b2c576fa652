//! The four risks and how they are computed.
//!
//! ```text
//! R_Standard = E_x     D(P(x), Q(x))
//! R_Madry    = E_x sup D(P(x), Q(u))      u in [x - eps, x + eps]
//! R_SCORE    = E_x sup D(P(u), Q(u))
//! C          = E_x sup D(P(x), P(u))      the law's own variation; no model in it
//! ```
//!
//! with the data's posterior P and the model Q (Pang et al., ICML 2022). [`Line`] computes them in one dimension, for any number
//! of classes: the supremum is resolved into pieces on which the integrand is analytic, and each piece is integrated to
//! rounding error.
//!
//! | step | module |
//! |---|---|
//! | sample a function until its shape is known; find its kinks | `mesh` |
//! | cut it into monotone pieces | `monotone` |
//! | resolve the maximum over a sliding window (SCORE; Madry and C with two classes) | `sliding` |
//! | search the window and follow the maximiser (Madry and C with more classes) | `search` |
//! | truncate the line, bound what is cut off | `support` |
//!
//! What the theory says besides of the four, on the same ground:
//!
//! | quantity | module |
//! |---|---|
//! | means of functions with kinks that are found, not declared | `mean` |
//! | the first order of `R_SCORE^l1` in the radius (Theorem 4) | `expansion` |
//! | bounds of slopes and curvatures over the line | `largest` |
//! | the risk of a smoothed law and its derivatives (Theorem 5) | `smoothing` |
//! | the gradient of the KL form | `gradient` |
//! | unions of intervals and their probabilities | `region` |
//! | clean, robust and self-consistent accuracy | `accuracy` |

mod accuracy;
mod expansion;
mod gradient;
mod infinite;
mod integrand;
mod largest;
mod line;
mod mean;
mod mesh;
mod monotone;
mod region;
pub(crate) mod root;
mod search;
mod sliding;
mod smoothing;
mod support;
mod turning;

use std::fmt;

use crate::error::Error;
use crate::names;
use crate::quadrature::Estimate;

pub use accuracy::Accuracies;
pub use expansion::{Expansion, Smoothness};
pub(crate) use gradient::LabelGradient;
pub use gradient::{Gradient, GradientMeans};
pub(crate) use infinite::Growth;
pub use integrand::{Integrand, Rule};
pub use line::Line;
pub(crate) use line::{Pair, Which};
pub use sliding::Place;
pub use smoothing::Smoothed;
pub use turning::Curve;

/// Which risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Risk {
    /// `E_x D(P(x), Q(x))`
    Standard,
    /// `E_x sup D(P(x), Q(u))`
    Madry,
    /// `E_x sup D(P(u), Q(u))`
    Score,
    /// `E_x sup D(P(x), P(u))`
    Variation,
}

impl Risk {
    /// All four, in the order of the formats.
    pub const ALL: [Self; 4] = [Self::Standard, Self::Madry, Self::Score, Self::Variation];

    /// The name in files and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Madry => "madry",
            Self::Score => "score",
            Self::Variation => "variation",
        }
    }

    /// The risk of this name.
    ///
    /// # Errors
    /// [`Error::Unknown`] with the names that exist.
    pub fn named(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|risk| risk.name() == name)
            .ok_or_else(|| names::unknown("risk", name, Self::ALL.map(Self::name)))
    }

    /// Which distribution is the second argument of the divergence.
    pub(crate) fn second(self) -> Which {
        if self == Self::Variation { Which::Data } else { Which::Model }
    }

    /// The symbol in texts.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Standard => "R_Standard",
            Self::Madry => "R_Madry",
            Self::Score => "R_SCORE",
            Self::Variation => "C",
        }
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The four risks of one instance, in the units of the divergence (nats for the entropies).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Risks {
    /// `R_Standard`
    pub standard: Estimate,
    /// `R_Madry`
    pub madry: Estimate,
    /// `R_SCORE`
    pub score: Estimate,
    /// `C`
    pub variation: Estimate,
}

impl Risks {
    /// One of the four.
    #[must_use]
    pub fn get(&self, risk: Risk) -> Estimate {
        match risk {
            Risk::Standard => self.standard,
            Risk::Madry => self.madry,
            Risk::Score => self.score,
            Risk::Variation => self.variation,
        }
    }
}
