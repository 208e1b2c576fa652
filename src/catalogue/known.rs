//! Known values of the catalogue's models.

use std::sync::LazyLock;

use serde::Deserialize;

use super::named;
use crate::divergence::Divergence;
use crate::perturbation::Norm;
use crate::risk::Risk;

/// The four risks of a law and a model of the catalogue, computed apart from this library.
///
/// Source: `tests/oracle/oracle.py` (`make oracle`), which searches the inner maximum instead of following its branches and
/// bisects the cells of the outer integral, in 80-bit floating point. It does so twice, from other samples, cuts and rules;
/// [`agreement`](Self::agreement) is what the two have in common. `tests/data/README.md` has the details.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Known {
    law: String,
    model: String,
    #[serde(deserialize_with = "named")]
    divergence: Divergence,
    epsilon: f64,
    #[serde(deserialize_with = "named")]
    norm: Norm,
    expected: Expected,
    agreement: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
struct Expected {
    standard: f64,
    madry: f64,
    score: f64,
    variation: f64,
}

impl Known {
    /// The name of the law.
    #[must_use]
    pub fn law(&self) -> &str {
        &self.law
    }

    /// The name of the model.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The divergence.
    #[must_use]
    pub fn divergence(&self) -> Divergence {
        self.divergence
    }

    /// The radius, in the units of x.
    #[must_use]
    pub fn epsilon(&self) -> f64 {
        self.epsilon
    }

    /// The norm of the balls.
    #[must_use]
    pub fn norm(&self) -> Norm {
        self.norm
    }

    /// The value of a risk, in the units of the divergence.
    #[must_use]
    pub fn expected(&self, risk: Risk) -> f64 {
        match risk {
            Risk::Standard => self.expected.standard,
            Risk::Madry => self.expected.madry,
            Risk::Score => self.expected.score,
            Risk::Variation => self.expected.variation,
        }
    }

    /// The largest `|first - second| / max(1, |first|)` between two computations of each risk; besides the rounding to doubles,
    /// what the values are good to.
    #[must_use]
    pub fn agreement(&self) -> f64 {
        self.agreement
    }
}

/// The known values of the catalogue, model by model.
///
/// ```
/// use score_workbench::{catalogue, risk::Risk};
/// let known = &catalogue::known_values()[0];
/// assert_eq!((known.law(), known.model(), known.epsilon()), ("toy", "toy-linear", 0.5));
/// // Known to 40 digits besides: 0.0952048640546570..
/// assert_eq!(known.expected(Risk::Standard), 0.09520486405465702);
/// ```
#[must_use]
pub fn known_values() -> &'static [Known] {
    static VALUES: LazyLock<Vec<Known>> = LazyLock::new(|| {
        let text = include_str!("../../catalogue/known.json");
        serde_json::from_str(text).expect("the catalogue's known values, which a test reads")
    });
    &VALUES
}
