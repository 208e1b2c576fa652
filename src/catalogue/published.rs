//! Laws of the literature on robustness against accuracy, with the accuracies that are published of their classifiers.

use crate::error::Error;
use crate::exact::Exact;
use crate::perturbation::{Ball, Norm};

/// A classifier on a law, and what the literature says of it in closed form.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    law: &'static str,
    model: &'static str,
    norm: Norm,
    epsilon: &'static str,
    formula: &'static str,
    source: &'static str,
    accuracies: [fn() -> f64; 2],
}

impl Published {
    /// The name of the law.
    #[must_use]
    pub fn law(&self) -> &'static str {
        self.law
    }

    /// The name of the model.
    #[must_use]
    pub fn model(&self) -> &'static str {
        self.model
    }

    /// The ball of the perturbations.
    ///
    /// # Errors
    /// None but a mistake in the catalogue.
    pub fn ball(&self) -> Result<Ball, Error> {
        Ball::new(self.norm, self.epsilon.parse::<Exact>()?)
    }

    /// The robust accuracy as a formula.
    #[must_use]
    pub fn formula(&self) -> &'static str {
        self.formula
    }

    /// Where it is from.
    #[must_use]
    pub fn source(&self) -> &'static str {
        self.source
    }

    /// The clean and the robust accuracy, by the formula.
    #[must_use]
    pub fn accuracies(&self) -> [f64; 2] {
        self.accuracies.map(|accuracy| accuracy())
    }
}

/// The standard normal distribution function.
fn phi(t: f64) -> f64 {
    0.5 * libm::erfc(-t * std::f64::consts::FRAC_1_SQRT_2)
}

pub(super) const TSIPRAS: &str = "Tsipras, Santurkar, Engstrom, Turner, Madry, Robustness May Be at Odds with Accuracy, ICLR 2019";
pub(super) const SCHMIDT: &str = "Schmidt, Santurkar, Tsipras, Talwar, Madry, Adversarially Robust Generalization Requires More Data, NeurIPS 2018";
pub(super) const BHAGOJI: &str = "Bhagoji, Cullina, Mittal, Lower Bounds on Adversarial Robustness from Optimal Transport, NeurIPS 2019";
pub(super) const DOBRIBAN: &str = "Dobriban, Hassani, Hong, Robey, Provable Tradeoffs in Adversarially Robust Classification, 2020 (arXiv 2006.05161)";
pub(super) const ZHANG: &str = "Zhang, Yu, Jiao, Xing, El Ghaoui, Jordan, Theoretically Principled Trade-off between Robustness and Accuracy, ICML 2019";

/// The length of `max(mu_i - 1/4, 0)` for the means of `bhagoji`.
fn what_is_left() -> f64 {
    [0.75_f64, 0.5, 0.25, 0.25].into_iter().map(|z| z * z).sum::<f64>().sqrt()
}

/// The classifiers of the literature on the laws of the catalogue.
pub static PUBLISHED: [Published; 7] = [
    Published {
        law: "tsipras",
        model: "tsipras-average",
        norm: Norm::Linf,
        epsilon: "3/5",
        formula: "Phi(d^(1/2) (eta - eps)), eta = 0.3, d = 100",
        source: TSIPRAS,
        accuracies: [|| phi(3.0), || phi(-3.0)],
    },
    Published {
        law: "tsipras",
        model: "tsipras-strong",
        norm: Norm::Linf,
        epsilon: "3/5",
        formula: "p for eps < 1; of normal features p Phi((1 - eps) / s) + (1 - p) Phi((-1 - eps) / s), p = 19/20, s = 1/4",
        source: TSIPRAS,
        accuracies: [|| 0.95 * phi(4.0) + 0.05 * phi(-4.0), || 0.95 * phi(1.6) + 0.05 * phi(-6.4)],
    },
    Published {
        law: "schmidt",
        model: "schmidt-linear",
        norm: Norm::Linf,
        epsilon: "1/4",
        formula: "Phi((theta . w - eps |w|_1) / (sigma |w|_2)), w = theta",
        source: SCHMIDT,
        accuracies: [|| phi(2.0), || phi(1.5)],
    },
    Published {
        law: "bhagoji",
        model: "bhagoji-robust",
        norm: Norm::Linf,
        epsilon: "1/4",
        formula: "Phi(min over |z| <= eps of |mu - z|_2), the best there is",
        source: BHAGOJI,
        accuracies: [
            // w = (3/4, 1/2, 1/4, 1/4) against the means it looks at.
            || phi((0.75 + 0.5 * 0.75 + 2.0 * 0.25 * 0.5) / what_is_left()),
            || phi(what_is_left()),
        ],
    },
    Published {
        law: "dobriban",
        model: "dobriban-robust",
        norm: Norm::L2,
        epsilon: "1/2",
        formula: "pi Phi(m + q / 2m) + (1 - pi) Phi(m - q / 2m), m = |mu| - eps, q = ln(pi / (1 - pi)), pi = 4/5; the best there is",
        source: DOBRIBAN,
        accuracies: [
            || 0.8 * phi(2.0 + 4f64.ln() / 3.0) + 0.2 * phi(2.0 - 4f64.ln() / 3.0),
            || 0.8 * phi(1.5 + 4f64.ln() / 3.0) + 0.2 * phi(1.5 - 4f64.ln() / 3.0),
        ],
    },
    Published {
        law: "zhang",
        model: "zhang-bayes",
        norm: Norm::Linf,
        epsilon: "1",
        formula: "0 between its neighbours; at the two ends Phi((1/2 - eps) / s) each, s = 1/8, of 8 intervals",
        source: ZHANG,
        accuracies: [|| 1.0 - 14.0 / 8.0 * phi(-4.0), || 2.0 / 8.0 * phi(-4.0)],
    },
    Published {
        law: "zhang",
        model: "zhang-constant",
        norm: Norm::Linf,
        epsilon: "1",
        formula: "1/2",
        source: ZHANG,
        accuracies: [|| 0.5, || 0.5],
    },
];
