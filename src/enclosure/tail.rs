//! What a risk has beyond the ends of a partition, bounded.
//!
//! On the ray `at + s t`, `t >= 0`, `s` the direction outward, every log density and every logit lies between parabolas in t
//! ([`Envelope`]). So the integrand is at most a sum of terms `c exp(v + b t + a t^2)`, and
//!
//! ```text
//! integral_0^inf exp(v + b t + a t^2) dt <= exp(v) / -b        for a <= 0, b < 0.
//! ```
//!
//! The bounded divergences are at most their diameter. `KL(a, b) <= max_k -ln b_k <= ln K + max_jk (h_j - h_k)` grows like a parabola, and
//! `1 + b t + c t^2 <= exp(k t)` with `k = max(b, sqrt(2 c))`. Chi-squared is at most `sum_k a_k^2 / b_k`, a sum of such exponentials.

use crate::divergence::Divergence;
use crate::exact::Exact;
use crate::law::Law;
use crate::line::{Envelope, Parabola, Side};
use crate::model::Model;
use crate::real::{Interval, Real};
use crate::risk::{Risk, Which};

/// Law and model as far as their tails go.
#[derive(Clone, Debug)]
pub struct Tails {
    law: Law,
    model: Model,
    risk: Risk,
    divergence: Divergence,
    epsilon: Interval,
}

impl Tails {
    pub fn new(
        (law, model): (&Law, &Model),
        risk: Risk,
        divergence: Divergence,
        epsilon: Interval,
    ) -> Self {
        Self { law: law.clone(), model: model.clone(), risk, divergence, epsilon }
    }

    /// What the integral from `at` outward is at most; infinite where nothing better is known.
    #[must_use]
    pub fn beyond(&self, at: f64, side: Side) -> f64 {
        let point = Interval::point(at);
        let window = point + (-self.epsilon).hull(self.epsilon);
        let density: Vec<Parabola> = components(&self.law.envelope(point, side));
        let total = match self.divergence {
            Divergence::Kl => grown(&density, &self.envelope(self.risk.second(), window, side)),
            Divergence::ReverseKl => {
                let first = if self.risk == Risk::Score { window } else { point };
                grown(&density, &self.envelope(Which::Data, first, side))
            }
            Divergence::ChiSquared => {
                let first = if self.risk == Risk::Score { window } else { point };
                let first = self.envelope(Which::Data, first, side);
                ratios(&density, &first, &self.envelope(self.risk.second(), window, side))
            }
            bounded => {
                let diameter = bounded.facts().diameter.unwrap_or(f64::INFINITY);
                let masses = density.iter().map(|p| exponential(p.value, p.slope, &p.curvature));
                sum(masses) * Interval::new(0.0, diameter.next_up())
            }
        };
        total.upper()
    }

    fn envelope(&self, which: Which, base: Interval, side: Side) -> Vec<Envelope> {
        match which {
            Which::Data => self.law.envelope(base, side),
            Which::Model => self.model.envelope(base, side),
        }
    }
}

/// The log densities of all components, which are the lower envelopes of their classes.
fn components(law: &[Envelope]) -> Vec<Parabola> {
    law.iter().flat_map(|class| class.lower.iter().cloned()).collect()
}

fn sum(terms: impl Iterator<Item = Interval>) -> Interval {
    terms.fold(Interval::ZERO, |sum, term| sum + term)
}

/// `[0, integral_0^inf exp(v + b t + a t^2) dt]`.
fn exponential(value: Interval, slope: Interval, curvature: &Exact) -> Interval {
    let falls = slope.upper() < 0.0 && !curvature.is_positive();
    let bound = if falls { (value.exp() / -slope).upper() } else { f64::INFINITY };
    Interval::new(0.0, bound)
}

/// `ln K`, as the logarithm of a sum of K exponentials exceeds the largest exponent by at most this.
fn ln_count(n: usize) -> Interval {
    Interval::point(n as f64).ln()
}

/// The integral of the density times `ln K + max_jk (h_j - h_k)`.
fn grown(density: &[Parabola], logits: &[Envelope]) -> Interval {
    let (mut value, mut slope, mut curvature) =
        (ln_count(logits.len()), Interval::ZERO, Interval::ZERO);
    let larger = |a: Interval, b: Interval| a.max(&b);
    let mut at_least = value;
    for upper in logits.iter().flat_map(|class| &class.upper) {
        for class in logits {
            let Some(lower) = class.lower.iter().max_by(|a, b| a.growth(b)) else { continue };
            let gap = upper.minus(lower);
            at_least = larger(at_least, value + gap.value);
            slope = larger(slope, gap.slope);
            curvature = larger(curvature, Interval::ZERO.constant(&gap.curvature));
        }
    }
    value = at_least;
    // value + slope t + curvature t^2 <= value exp(rate t)
    let rate = larger(slope / value, (curvature * Interval::point(2.0) / value).sqrt());
    value * sum(density.iter().map(|p| exponential(p.value, p.slope + rate, &p.curvature)))
}

/// The integral of the density times `sum_k a_k^2 / b_k`.
fn ratios(density: &[Parabola], first: &[Envelope], second: &[Envelope]) -> Interval {
    let ln_classes = ln_count(second.len());
    let dominant = |envelopes: &[Envelope]| {
        envelopes.iter().flat_map(|class| class.lower.iter()).max_by(|a, b| a.growth(b)).cloned()
    };
    let Some(all) = dominant(first) else { return Interval::ENTIRE };
    let mut total = Interval::ZERO;
    for (a, b) in first.iter().zip(second) {
        let Some(b_lower) = b.lower.iter().max_by(|a, b| a.growth(b)) else {
            return Interval::ENTIRE;
        };
        for p in density {
            for a_upper in &a.upper {
                for b_upper in second.iter().flat_map(|class| &class.upper) {
                    // ln a_k <= a_upper - all, -ln b_k <= ln K + b_upper - b_lower
                    let ratio = a_upper.minus(&all);
                    let exponent = p.plus(&ratio).plus(&ratio).plus(&b_upper.minus(b_lower));
                    let value = exponent.value + ln_classes;
                    total = total + exponential(value, exponent.slope, &exponent.curvature);
                }
            }
        }
    }
    total
}
