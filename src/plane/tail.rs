//! What a risk in the plane has outside of a rectangle, bounded.
//!
//! A bounded divergence is at most its diameter, and a normal component has at most the sum of its four tails outside of a rectangle. The others are
//! bounded by the gap g of the logits, `KL(a, b) <= ln K + g`, and over u in x + B the gap is at most `A + B |x| + C |x|^2`; then with Cauchy and Schwarz
//!
//! ```text
//! E[ g(x); outside ] <= sqrt( E g(x)^2  P(outside) ).
//! ```
//!
//! Chi-squared is at most `max_k 1 / b_k <= K exp(g)`, whose second moment exists where C = 0.

use super::body::Body;
use super::bounds::Rectangle;
use super::problem::Plane;
use crate::divergence::Divergence;
use crate::exact::Exact;
use crate::law::{Component, GaussianMixture, Law, ln_two_pi};
use crate::line::pairs;
use crate::model::Model;
use crate::real::{Interval, Real};
use crate::risk::{Risk, Which};

/// A bound `a + b |x| + c |x|^2` of an absolute value.
#[derive(Clone, Copy, Debug)]
struct Growth {
    a: Interval,
    b: Interval,
    c: Interval,
}

/// What the integral outside of a rectangle is at most; infinite where nothing better is known.
pub(super) fn outside(
    plane: &Plane,
    (risk, divergence, body): (Risk, Divergence, &Body),
    rectangle: Rectangle,
) -> f64 {
    let mixture = plane.law().mixture();
    let growth = match divergence {
        Divergence::Kl if risk.second() == Which::Data => gap_of_law(mixture),
        Divergence::Kl => gap(plane.model().model()),
        Divergence::ReverseKl => gap_of_law(mixture),
        // At most the largest 1 / b_k, where that is an exponential.
        Divergence::ChiSquared if risk.second() == Which::Data => None,
        Divergence::ChiSquared => {
            gap(plane.model().model()).filter(|growth| growth.c == Interval::ZERO)
        }
        bounded => bounded.facts().diameter.map(|diameter| {
            let zero = Interval::ZERO;
            Growth { a: Interval::point(diameter.next_up()), b: zero, c: zero }
        }),
    };
    let Some(growth) = growth else { return f64::INFINITY };
    let growth = if divergence.facts().diameter.is_some() {
        growth
    } else {
        let ln_classes = Interval::point(plane.classes() as f64).ln();
        let growth = Growth { a: growth.a + ln_classes, ..growth };
        growth.over(radius(body))
    };
    let components = mixture
        .classes()
        .iter()
        .flat_map(|class| class.components().iter().map(|component| (class.prior(), component)));
    components
        .map(|(prior, component)| {
            let mass = Interval::ZERO.constant(&(prior * component.weight()));
            let beyond = escapes(component, rectangle);
            if divergence == Divergence::ChiSquared {
                return mass * (growth.exponential_moment(component) * beyond).sqrt();
            }
            mass * if growth.b == Interval::ZERO && growth.c == Interval::ZERO {
                growth.a * beyond
            } else {
                (growth.second_moment(component) * beyond).sqrt()
            }
        })
        .fold(Interval::ZERO, |sum, part| sum + part)
        .upper()
}

/// The length of the longest vector of a body, bounded from above.
fn radius(body: &Body) -> Interval {
    let (one, zero) = (Interval::ONE, Interval::ZERO);
    (body.support(&[one, zero]).square() + body.support(&[zero, one]).square()).sqrt()
}

/// The probability that a component is outside of a rectangle, bounded by the sum over its sides.
fn escapes(component: &Component, rectangle: Rectangle) -> Interval {
    let half = Interval::point(0.5);
    let sides = (0..2).map(|i| {
        let mean = Interval::ZERO.constant(&component.mean()[i]);
        let variance = Interval::ZERO.constant(&component.covariance().variance(i));
        let scale = (Interval::point(2.0) * variance).sqrt();
        let below = ((mean - rectangle[i].at_lower()) / scale).erfc();
        let above = ((rectangle[i].at_upper() - mean) / scale).erfc();
        half * (below + above)
    });
    sides.fold(Interval::ZERO, |sum, side| sum + side)
}

/// `|mean|^2` and the trace of the covariance.
fn moments(component: &Component) -> (Interval, Interval) {
    let number = |c: &Exact| Interval::ZERO.constant(c);
    let mean = component.mean();
    let trace = &*component.covariance().variance(0) + &*component.covariance().variance(1);
    (number(&mean[0]).square() + number(&mean[1]).square(), number(&trace))
}

impl Growth {
    /// At `x + v` for all v up to this length, by `|x + v|^2 <= 2 |x|^2 + 2 |v|^2`.
    fn over(self, reach: Interval) -> Self {
        let two = Interval::point(2.0);
        Self {
            a: self.a + self.b * reach + two * self.c * reach.square(),
            b: self.b,
            c: two * self.c,
        }
    }

    /// `E (a + b |x| + c |x|^2)^2 <= 3 (a^2 + b^2 E |x|^2 + c^2 E |x|^4)`, with `E |x|^2 = |m|^2 + tr` and
    /// `E |x|^4 <= 8 |m|^4 + 24 tr^2`.
    fn second_moment(self, component: &Component) -> Interval {
        let (mean, trace) = moments(component);
        let number = Interval::point;
        let fourth = number(8.0) * mean.square() + number(24.0) * trace.square();
        let sum = self.a.square() + self.b.square() * (mean + trace) + self.c.square() * fourth;
        number(3.0) * sum
    }
}

impl Growth {
    /// `E exp(2 (a + b |x|))`, by `|x| <= |x_0| + |x_1|`: of the four signs each is at most `exp(2 b |m|_1 + 4 b^2 tr)`.
    fn exponential_moment(self, component: &Component) -> Interval {
        let (_, trace) = moments(component);
        let mean = component.mean().iter().map(|m| Interval::ZERO.constant(m).abs());
        let mean = mean.fold(Interval::ZERO, |sum, m| sum + m);
        let number = Interval::point;
        let exponent =
            number(2.0) * (self.a + self.b * mean) + number(4.0) * self.b.square() * trace;
        number(4.0) * exponent.exp()
    }
}

/// A bound of the largest difference of two logits of a model; `None` where there is none.
fn gap(model: &Model) -> Option<Growth> {
    let number = |c: &Exact| Interval::ZERO.constant(c);
    let (zero, two) = (Interval::ZERO, Interval::point(2.0));
    let larger = |a: Interval, b: Interval| a.max(&b);
    let length =
        |row: &[Exact]| row.iter().map(|w| number(w).square()).fold(zero, |sum, w| sum + w).sqrt();
    // Twice the largest absolute value, coefficient by coefficient.
    let twice =
        |a: Interval, b: Interval, c: Interval| Growth { a: two * a, b: two * b, c: two * c };
    match model {
        Model::Constant(_) if model.excludes_a_class() => None,
        Model::Constant(constant) => {
            let logits = constant.probabilities().iter().map(|p| number(p).ln().abs());
            Some(twice(logits.fold(zero, larger), zero, zero))
        }
        Model::Linear(linear) => {
            let (weights, bias) = (linear.weights(), linear.bias());
            let (mut a, mut b) = (zero, zero);
            for (w, c) in pairs(&weights.iter().zip(bias).collect::<Vec<_>>()).map(|(j, k)| {
                let apart: Vec<Exact> = j.0.iter().zip(k.0).map(|(j, k)| j - k).collect();
                (length(&apart), number(&(j.1 - k.1)).abs())
            }) {
                (a, b) = (larger(a, c), larger(b, w));
            }
            Some(Growth { a, b, c: zero })
        }
        Model::Quadratic(quadratic) => {
            let a = quadratic.bias().iter().map(|b| number(b).abs()).fold(zero, larger);
            let b = quadratic.weights().iter().map(|row| length(row)).fold(zero, larger);
            let size = |rows: &Vec<Vec<Exact>>| {
                rows.iter().map(|row| length(row).square()).fold(zero, |sum, s| sum + s).sqrt()
            };
            let c = quadratic.matrices().iter().map(size).fold(zero, larger);
            Some(twice(a, b, c))
        }
        Model::Bayes(bayes) => {
            let Law::GaussianMixture(mixture) = bayes.law();
            gap_of_law(mixture)
        }
        Model::Mlp(network) => {
            let (value, slope) = network.growth_from_origin();
            Some(twice(value, slope, zero))
        }
        Model::Piecewise(_) => None,
    }
}

/// The same of the log densities of a law's classes. A log density is at most the logarithm of the sum of the peaks, and at least that of one
/// component, `ln_peak - |x - m|^2 / (2 least)`, where `1 / least <= tr / det` of its covariance.
fn gap_of_law(mixture: &GaussianMixture) -> Option<Growth> {
    let number = |c: &Exact| Interval::ZERO.constant(c);
    let zero = Interval::ZERO;
    let mut largest = Interval::point(f64::NEG_INFINITY);
    let mut deepest = Growth { a: zero, b: zero, c: zero };
    for class in mixture.classes() {
        let mut peaks = zero;
        let mut least: Option<Growth> = None;
        for component in class.components() {
            let covariance = component.covariance();
            let [v, cross, w] = [(0, 0), (0, 1), (1, 1)].map(|(i, j)| covariance.entry(i, j));
            let determinant = &(&*v * &*w) - &(&*cross * &*cross);
            let mass = number(&(class.prior() * component.weight()));
            let half = Interval::point(0.5);
            let ln_peak = mass.ln() - half * number(&determinant).ln() - ln_two_pi(&zero);
            peaks = peaks + ln_peak.exp();
            let stiffness = half * number(&(&*v + &*w).checked_div(&determinant)?);
            let (mean, _) = moments(component);
            // -|x - m|^2 >= -2 |x|^2 - 2 |m|^2
            let two = Interval::point(2.0);
            let bound = Growth { a: two * stiffness * mean - ln_peak, b: zero, c: two * stiffness };
            least = Some(match least {
                Some(other) if other.c.upper() <= bound.c.upper() => other,
                _ => bound,
            });
        }
        largest = largest.max(&peaks.ln());
        let least = least?;
        deepest = Growth { a: deepest.a.max(&least.a), b: zero, c: deepest.c.max(&least.c) };
    }
    let a = (largest + deepest.a).max(&zero);
    Some(Growth { a, ..deepest })
}
