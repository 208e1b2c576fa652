//! Elementary functions of intervals. Most of them rise: their bounds are values at bounds.

use super::Interval;
use super::rounding::{above, below};
use crate::real::Real;

impl Interval {
    /// `erfc(self) = 2/sqrt(pi) * integral of exp(-t^2) over t > self`.
    #[must_use]
    pub fn erfc(self) -> Self {
        let falling = (-self).increasing(|x| core_math::erfc(-x), |x| x == 0.0 || x.is_infinite());
        falling.clipped(0.0, 2.0)
    }

    pub(super) fn exponential(self) -> Self {
        let exact = |x: f64| x == 0.0 || x.is_infinite();
        self.increasing(core_math::exp, exact).clipped(0.0, f64::INFINITY)
    }

    pub(super) fn exponential_m1(self) -> Self {
        let exact = |x: f64| x == 0.0 || x.is_infinite();
        self.increasing(core_math::expm1, exact).clipped(-1.0, f64::INFINITY)
    }

    pub(super) fn logarithm(self) -> Self {
        let exact = |x: f64| x == 0.0 || x == 1.0 || x == f64::INFINITY;
        self.from(0.0).map_or(Self::ENTIRE, |known| known.increasing(core_math::log, exact))
    }

    pub(super) fn logarithm_1p(self) -> Self {
        let exact = |x: f64| x == -1.0 || x == 0.0 || x == f64::INFINITY;
        self.from(-1.0).map_or(Self::ENTIRE, |known| known.increasing(core_math::log1p, exact))
    }

    pub(super) fn root(self) -> Self {
        let exact = |x: f64| x == 0.0 || x == f64::INFINITY;
        self.from(0.0).map_or(Self::ENTIRE, |known| known.increasing(f64::sqrt, exact))
    }

    pub(super) fn hyperbolic_tangent(self) -> Self {
        let exact = |x: f64| x == 0.0 || x.is_infinite();
        self.increasing(core_math::tanh, exact).clipped(-1.0, 1.0)
    }

    /// The smaller of `logistic(x)` and `logistic(-x)` is `e / (1 + e)`, the larger `1 / (1 + e)`, with `e = exp(-|x|)`.
    pub(super) fn sigmoid(self) -> Self {
        let at = |x: f64| {
            let e = Self::point(-x.abs()).exp();
            if x >= 0.0 { Self::ONE / (Self::ONE + e) } else { e / (Self::ONE + e) }
        };
        self.increasing_enclosed(at).clipped(0.0, 1.0)
    }

    pub(super) fn positive_part(self) -> Self {
        self.increasing_enclosed(|x| Self::point(x.max(0.0)) + Self::point(-x.abs()).exp().ln_1p())
    }

    /// It rises with both.
    pub(super) fn log_mean_exp(self, other: Self) -> Self {
        let half = Self::point(0.5);
        let at = |a: f64, b: f64| {
            let (low, high) = (Self::point(a.min(b)), Self::point(a.max(b)));
            if low == high { high } else { high + (half * (low - high).exp_m1()).ln_1p() }
        };
        let lower = at(self.lower, other.lower);
        if self.is_point() && other.is_point() {
            return lower;
        }
        Self::new(lower.lower, at(self.upper, other.upper).upper)
    }

    /// Whether it is one number.
    pub(super) fn is_point(self) -> bool {
        self.lower == self.upper
    }

    /// For a range that is known for other reasons.
    pub(super) fn clipped(self, lower: f64, upper: f64) -> Self {
        Self::new(self.lower.max(lower), self.upper.min(upper))
    }

    /// What is at least `least`, if anything.
    fn from(self, least: f64) -> Option<Self> {
        let known = Self { lower: self.lower.max(least), ..self };
        (self.upper >= least).then_some(known)
    }

    /// The image under an increasing function that is computed faithfully, and without any error where `exact` says so.
    #[inline]
    fn increasing(self, f: impl Fn(f64) -> f64, exact: impl Fn(f64) -> bool) -> Self {
        let low = f(self.lower);
        let high = if self.is_point() { low } else { f(self.upper) };
        Self {
            lower: if exact(self.lower) { low } else { below(low) },
            upper: if exact(self.upper) { high } else { above(high) },
        }
    }

    /// The image under an increasing function that is enclosed at points.
    fn increasing_enclosed(self, f: impl Fn(f64) -> Self) -> Self {
        let low = f(self.lower);
        if self.is_point() { low } else { Self::new(low.lower, f(self.upper).upper) }
    }
}
