//! Doubles: values.

use super::{Prob, Real, Row, Softmax};
use crate::exact::Exact;

impl Real for f64 {
    fn int(&self, n: i32) -> Self {
        Self::from(n)
    }
    fn constant(&self, value: &Exact) -> Self {
        value.to_f64()
    }
    fn exp(&self) -> Self {
        Self::exp(*self)
    }
    fn exp_m1(&self) -> Self {
        Self::exp_m1(*self)
    }
    fn ln(&self) -> Self {
        Self::ln(*self)
    }
    fn ln_1p(&self) -> Self {
        Self::ln_1p(*self)
    }
    fn sqrt(&self) -> Self {
        Self::sqrt(*self)
    }
    fn tanh(&self) -> Self {
        Self::tanh(*self)
    }
    fn logistic(&self) -> Self {
        if *self >= 0.0 {
            1.0 / (1.0 + Self::exp(-self))
        } else {
            let e = Self::exp(*self);
            e / (1.0 + e)
        }
    }
    fn softplus(&self) -> Self {
        Self::max(*self, 0.0) + Self::ln_1p(Self::exp(-Self::abs(*self)))
    }
    fn select(&self, nonnegative: &Self, negative: &Self) -> Self {
        if *self >= 0.0 { *nonnegative } else { *negative }
    }
    fn is_nonnegative(&self) -> Option<bool> {
        Some(*self >= 0.0)
    }
    fn weigh(&self, factor: &Self) -> Self {
        if *self == 0.0 { 0.0 } else { self * factor }
    }
    fn over(&self, divisor: &Self) -> Self {
        if *self == 0.0 { 0.0 } else { self / divisor }
    }
    /// The largest logit is taken out, and its own logarithm is `-ln(1 + rest)`, so that probabilities near 1 keep an
    /// accurate logarithm.
    fn softmax(logits: &[Self]) -> Softmax<Self> {
        if let [a, b] = *logits {
            return two_classes(a, b);
        }
        let top = (1..logits.len()).fold(0, |i, j| if logits[j] > logits[i] { j } else { i });
        let largest = logits[top];
        let mut p = Row::from_fn(logits.len(), |k| Self::exp(logits[k] - largest));
        p[top] = 0.0;
        let rest: Self = p.iter().sum();
        p[top] = 1.0;
        let log_rest = Self::ln_1p(rest);
        let scale = 1.0 / (1.0 + rest);
        for value in &mut p {
            *value *= scale;
        }
        let ln_p = Row::from_fn(logits.len(), |k| (logits[k] - largest) - log_rest);
        Softmax { p, ln_p, log_total: largest + log_rest }
    }
    fn ln_mean_exp(&self, other: &Self) -> Self {
        let gap = Self::abs(self - other);
        let largest = Self::max(*self, *other);
        // Both -inf: the gap is NaN, and so is no gap.
        if gap.is_nan() { largest } else { largest + Self::ln_1p(0.5 * Self::exp_m1(-gap)) }
    }
    fn difference(a: Prob<Self>, b: Prob<Self>) -> Self {
        let log_ratio = a.ln - b.ln;
        if log_ratio.abs() < 1.0 { b.p * Self::exp_m1(log_ratio) } else { a.p - b.p }
    }
    fn abs(&self) -> Self {
        Self::abs(*self)
    }
    fn max(&self, other: &Self) -> Self {
        if other > self { *other } else { *self }
    }
    fn relative_entropy(a: Prob<Self>, b: Prob<Self>) -> Self {
        if *a.p == 0.0 {
            return *b.p;
        }
        let term = a.p * (a.ln - b.ln) - Self::difference(a, b);
        if term < 0.0 { 0.0 } else { term }
    }
    /// Through the larger of the two logarithms, so that it overflows only where the value does.
    fn pearson(a: Prob<Self>, b: Prob<Self>) -> Self {
        let log_ratio = a.ln - b.ln;
        if log_ratio.is_nan() {
            0.0
        } else if log_ratio > 0.0 {
            Self::exp(2.0 * a.ln - b.ln) * Self::exp_m1(-log_ratio).powi(2)
        } else {
            Self::exp(*b.ln) * Self::exp_m1(log_ratio).powi(2)
        }
    }
}

/// Softmax of two logits, with one exponential and one logarithm: the hot loop of the problems with two classes.
fn two_classes(a: f64, b: f64) -> Softmax<f64> {
    let gap = a - b;
    let rest = f64::exp(-gap.abs());
    let log_rest = f64::ln_1p(rest);
    let (larger, smaller) = (1.0 / (1.0 + rest), rest / (1.0 + rest));
    let (ln_larger, ln_smaller) = (-log_rest, -gap.abs() - log_rest);
    if gap >= 0.0 {
        let (p, ln_p) = ([larger, smaller], [ln_larger, ln_smaller]);
        Softmax { p: Row::pair(p), ln_p: Row::pair(ln_p), log_total: a + log_rest }
    } else {
        let (p, ln_p) = ([smaller, larger], [ln_smaller, ln_larger]);
        Softmax { p: Row::pair(p), ln_p: Row::pair(ln_p), log_total: b + log_rest }
    }
}
