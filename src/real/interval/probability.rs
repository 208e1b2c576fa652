//! Probabilities: softmax, and the terms of divergences.

use super::Interval;
use crate::real::{Prob, Real, Row, Softmax};

/// Each probability falls with every other logit and rises with its own, so that its bounds are values at corners.
pub(super) fn softmax(logits: &[Interval]) -> Softmax<Interval> {
    let total = |end: fn(Interval) -> f64| log_sum(logits.iter().map(|h| end(*h))).value();
    let log_total = Interval::new(total(Interval::lower).lower, total(Interval::upper).upper);
    let both = if let [a, b] = *logits {
        Row::pair(two_classes(a - b))
    } else {
        Row::from_fn(logits.len(), |k| class(logits, k))
    };
    Softmax { p: both.map(|b| b.0), ln_p: both.map(|b| b.1), log_total }
}

/// Probability and logarithm of class k.
fn class(logits: &[Interval], k: usize) -> (Interval, Interval) {
    let gaps =
        || logits.iter().enumerate().filter(move |(j, _)| *j != k).map(|(_, h)| *h - logits[k]);
    let least = log_sum(gaps().map(Interval::upper).chain([0.0]));
    let most = log_sum(gaps().map(Interval::lower).chain([0.0]));
    let p = |total: LogSum| (-Interval::point(total.largest)).exp() / (Interval::ONE + total.rest);
    let ln_p = Interval::new(-least.value().upper, -most.value().lower);
    (
        Interval::new(p(least).lower, p(most).upper).clipped(0.0, 1.0),
        ln_p.clipped(f64::NEG_INFINITY, 0.0),
    )
}

/// Of two classes by the difference of their logits: `p_0 = logistic(gap)`, `p_1 = logistic(-gap)`.
fn two_classes(gap: Interval) -> [(Interval, Interval); 2] {
    let at = |gap: f64| {
        let e = Interval::point(-gap.abs()).exp();
        let total = Interval::ONE + e;
        let log_total = e.ln_1p();
        let larger = (Interval::ONE / total, -log_total);
        let smaller = (e / total, Interval::point(-gap.abs()) - log_total);
        if gap >= 0.0 { [larger, smaller] } else { [smaller, larger] }
    };
    let low = at(gap.lower);
    let high = if gap.is_point() { low } else { at(gap.upper) };
    let hull = |low: Interval, high: Interval| Interval::new(low.lower, high.upper);
    let class = |low: (Interval, Interval), high: (Interval, Interval)| {
        let p = hull(low.0, high.0).clipped(0.0, 1.0);
        (p, hull(low.1, high.1).clipped(f64::NEG_INFINITY, 0.0))
    };
    [class(low[0], high[0]), class(high[1], low[1])]
}

/// `b falling(t) = a rising(t)` with `t = ln a - ln b`, a term that is 0 at t = 0, grows as a and b move apart, is largest where both
/// extremes are, is b at t = -inf, and is taken with b for t < 0 and with a for t > 0.
fn extremes(
    a: Prob<Interval>,
    b: Prob<Interval>,
    falling: impl Fn(Interval) -> Interval,
    rising: impl Fn(Interval) -> Interval,
) -> Interval {
    if *a.p == Interval::ZERO {
        return *b.p;
    }
    let t = *a.ln - *b.ln;
    // At an end of t, with the largest or the smallest a and b.
    let at = |end: f64, a: f64, b: f64| {
        let t = Interval::point(end);
        if end == f64::NEG_INFINITY {
            Interval::point(b)
        } else if end == f64::INFINITY {
            t
        } else if end < 0.0 {
            Interval::point(b) * falling(t)
        } else {
            Interval::point(a) * rising(t)
        }
    };
    let most = |end: f64| at(end, a.p.upper, b.p.upper).upper;
    let least = |end: f64| at(end, a.p.lower, b.p.lower).lower;
    let mut upper: f64 = 0.0;
    if t.lower < 0.0 {
        upper = upper.max(most(t.lower));
    }
    if t.upper > 0.0 {
        upper = upper.max(most(t.upper));
    }
    let lower = if t.upper < 0.0 {
        least(t.upper)
    } else if t.lower > 0.0 {
        least(t.lower)
    } else {
        0.0
    };
    Interval::new(lower.max(0.0), upper)
}

/// All of `a - b`, `b (e^t - 1)` and `a (1 - e^-t)` with `t = ln a - ln b`: what all of them contain.
pub(super) fn difference(a: Prob<Interval>, b: Prob<Interval>) -> Interval {
    let plain = *a.p - *b.p;
    let log_ratio = *a.ln - *b.ln;
    if !log_ratio.is_bounded() {
        return plain;
    }
    let by_b = *b.p * log_ratio.exp_m1();
    let by_a = -(*a.p * (-log_ratio).exp_m1());
    plain.intersection(by_b).intersection(by_a)
}

/// It is `b psi(t) = a chi(t)` with `t = ln a - ln b`, `psi(t) = 1 + (t - 1) e^t` and `chi(t) = t - 1 + e^-t`, both falling below 0 and
/// rising above: the extremes are where a and b are farthest apart and nearest.
pub(super) fn relative_entropy(a: Prob<Interval>, b: Prob<Interval>) -> Interval {
    let psi =
        |t: Interval| if is_small(t) { chi_series(t) * t.exp() } else { t * t.exp() - t.exp_m1() };
    let chi = |t: Interval| if is_small(t) { chi_series(t) } else { t + (-t).exp_m1() };
    extremes(a, b, psi, chi)
}

/// Whether `chi(t)`, which is near `t^2 / 2`, would lose four bits or more by cancellation.
fn is_small(t: Interval) -> bool {
    t.magnitude() < 0.0625
}

/// `chi(t) = t^2/2 (1 - t/3 (1 - t/4 (1 - .. (1 - t/10 theta))))` for |t| below 1/16, where theta, `1 - t/11 + ..`, differs from 1 by less
/// than 1/100.
fn chi_series(t: Interval) -> Interval {
    let theta = Interval::new(0.99, 1.01);
    let bracket = (3..=10)
        .rev()
        .fold(theta, |sum, n| Interval::ONE - t * sum / Interval::point(f64::from(n)));
    t.square() * bracket * Interval::point(0.5)
}

/// It is `b (e^t - 1)^2 = a (e^t - 1) (1 - e^-t)`; as for the relative entropy.
pub(super) fn pearson(a: Prob<Interval>, b: Prob<Interval>) -> Interval {
    let by_b = |t: Interval| t.exp_m1().square();
    let by_a = |t: Interval| -(t.exp_m1() * (-t).exp_m1());
    extremes(a, b, by_b, by_a)
}

/// `ln sum exp` of some doubles, as the largest and the logarithm of `1 + rest`.
#[derive(Clone, Copy)]
struct LogSum {
    largest: f64,
    rest: Interval,
}

impl LogSum {
    fn value(self) -> Interval {
        Interval::point(self.largest) + self.rest.ln_1p()
    }
}

fn log_sum(terms: impl Iterator<Item = f64> + Clone) -> LogSum {
    let largest = terms.clone().fold(f64::NEG_INFINITY, f64::max);
    let mut rest = Interval::ZERO;
    let mut seen = false;
    for term in terms {
        if term == largest && !seen {
            seen = true;
        } else if term > f64::NEG_INFINITY {
            rest = rest + (Interval::point(term) - Interval::point(largest)).exp();
        }
    }
    LogSum { largest, rest }
}
