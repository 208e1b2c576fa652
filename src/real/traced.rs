//! Traced doubles: they find the kinks of a formula.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::{Prob, Real, Row, Softmax};
use crate::exact::Exact;
use crate::tolerance;

/// A double with a fingerprint of the branches that were taken to compute it.
///
/// A formula built from smooth functions and [`select`](Real::select), [`abs`](Real::abs), [`max`](Real::max) is smooth wherever
/// its fingerprint is constant. So its kinks are found by comparing fingerprints at two points and bisecting where they
/// differ; no divergence and no model has to declare where it is not smooth. Primitives that are smooth as a whole
/// (softmax, softplus, ..) leave no trace although doubles compute them by cases; and a decision that hangs on rounding alone
/// ([`tolerance::TIE`]) is always taken the same way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Traced {
    value: f64,
    path: u64,
}

impl Traced {
    /// A number that no branch has touched.
    #[must_use]
    pub fn new(value: f64) -> Self {
        Self { value, path: 0 }
    }

    /// The value.
    #[must_use]
    pub fn value(self) -> f64 {
        self.value
    }

    /// The fingerprint; 0 where no branch was taken.
    #[must_use]
    pub fn path(self) -> u64 {
        self.path
    }

    fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self { value: f(self.value), path: self.path }
    }

    fn zip(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        Self { value: f(self.value, other.value), path: join(self.path, other.path) }
    }
}

/// The fingerprint of what depends on both; not symmetric, and 0 for two zeros.
fn join(a: u64, b: u64) -> u64 {
    a.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(b.rotate_left(23))
}

/// The fingerprint after a decision.
fn decide(path: u64, nonnegative: bool) -> u64 {
    (path ^ (u64::from(nonnegative) + 1)).wrapping_mul(0xbf58_476d_1ce4_e5b9).rotate_left(29)
}

impl Add for Traced {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
}

impl Sub for Traced {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
}

impl Mul for Traced {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }
}

impl Div for Traced {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }
}

impl Neg for Traced {
    type Output = Self;
    fn neg(self) -> Self {
        self.map(|a| -a)
    }
}

impl<'a> Prob<'a, Traced> {
    fn value(self) -> Prob<'a, f64> {
        Prob { p: &self.p.value, ln: &self.ln.value }
    }

    fn path(self) -> u64 {
        join(self.p.path, self.ln.path)
    }
}

impl Real for Traced {
    fn int(&self, n: i32) -> Self {
        Self::new(f64::from(n))
    }
    fn constant(&self, value: &Exact) -> Self {
        Self::new(value.to_f64())
    }
    fn exp(&self) -> Self {
        self.map(f64::exp)
    }
    fn exp_m1(&self) -> Self {
        self.map(f64::exp_m1)
    }
    fn ln(&self) -> Self {
        self.map(f64::ln)
    }
    fn ln_1p(&self) -> Self {
        self.map(f64::ln_1p)
    }
    fn sqrt(&self) -> Self {
        self.map(f64::sqrt)
    }
    fn tanh(&self) -> Self {
        self.map(f64::tanh)
    }
    fn logistic(&self) -> Self {
        self.map(|x| x.logistic())
    }
    fn softplus(&self) -> Self {
        self.map(|x| x.softplus())
    }
    fn select(&self, nonnegative: &Self, negative: &Self) -> Self {
        let taken = self.is_nonnegative() == Some(true);
        let branch = if taken { nonnegative } else { negative };
        Self { value: branch.value, path: decide(join(self.path, branch.path), taken) }
    }
    fn is_nonnegative(&self) -> Option<bool> {
        Some(self.value >= -tolerance::TIE)
    }
    fn weigh(&self, factor: &Self) -> Self {
        self.zip(*factor, |a, b| a.weigh(&b))
    }
    fn over(&self, divisor: &Self) -> Self {
        self.zip(*divisor, |a, b| a.over(&b))
    }
    fn softmax(logits: &[Self]) -> Softmax<Self> {
        let values = Row::from_fn(logits.len(), |k| logits[k].value);
        let path = logits.iter().fold(0, |path, h| join(path, h.path));
        let traced = |&value: &f64| Self { value, path };
        let Softmax { p, ln_p, log_total } = f64::softmax(&values);
        Softmax { p: p.map(traced), ln_p: ln_p.map(traced), log_total: traced(&log_total) }
    }
    fn ln_mean_exp(&self, other: &Self) -> Self {
        self.zip(*other, |a, b| a.ln_mean_exp(&b))
    }
    fn difference(a: Prob<Self>, b: Prob<Self>) -> Self {
        Self { value: f64::difference(a.value(), b.value()), path: join(a.path(), b.path()) }
    }
    fn relative_entropy(a: Prob<Self>, b: Prob<Self>) -> Self {
        Self { value: f64::relative_entropy(a.value(), b.value()), path: join(a.path(), b.path()) }
    }
    fn pearson(a: Prob<Self>, b: Prob<Self>) -> Self {
        Self { value: f64::pearson(a.value(), b.value()), path: join(a.path(), b.path()) }
    }
}
