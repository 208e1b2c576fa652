//! Sums, products, quotients and powers of intervals.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::Interval;
use super::rounding::{above, above_finite, add_down, add_up, below, below_finite};

impl Add for Interval {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self { lower: add_down(self.lower, other.lower), upper: add_up(self.upper, other.upper) }
    }
}

impl Sub for Interval {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Neg for Interval {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        Self { lower: -self.upper, upper: -self.lower }
    }
}

impl Mul for Interval {
    type Output = Self;
    #[inline]
    fn mul(self, other: Self) -> Self {
        let (a, b) = (self.lower * other.lower, self.lower * other.upper);
        let (c, d) = (self.upper * other.lower, self.upper * other.upper);
        let (lower, upper) =
            (smaller(smaller(a, b), smaller(c, d)), larger(larger(a, b), larger(c, d)));
        // An infinite product is one of the two, and 0 times infinity, which is no number, does not come without one.
        let ordinary = |bound: f64| bound != 0.0 && bound.abs() < f64::INFINITY;
        if ordinary(lower) && ordinary(upper) {
            Self { lower: below_finite(lower), upper: above_finite(upper) }
        } else {
            self.product_by_cases(other)
        }
    }
}

#[inline]
fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[inline]
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

impl Div for Interval {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        if self == Self::ZERO && other != Self::ZERO {
            // Nothing is divided by 0.
            self
        } else if other.lower > 0.0 {
            self.over_positive(other.lower, other.upper)
        } else if other.upper < 0.0 {
            (-self).over_positive(-other.upper, -other.lower)
        } else if other == Self::ZERO || (other.lower < 0.0 && other.upper > 0.0) {
            Self::ENTIRE
        } else if other.upper > 0.0 {
            // Not -0: its quotients would have the wrong sign.
            self.over_positive(0.0, other.upper)
        } else {
            (-self).over_positive(0.0, -other.lower)
        }
    }
}

impl Interval {
    /// `self^n`, for even n without the numbers below 0.
    #[must_use]
    pub fn power(self, n: u32) -> Self {
        let magnitude = if n.is_multiple_of(2) { self.absolute() } else { self };
        let end = |x: f64| (0..n).fold(Self::ONE, |product, _| product * Self::point(x));
        let (low, high) = (end(magnitude.lower), end(magnitude.upper));
        let least = if n.is_multiple_of(2) { low.lower.max(0.0) } else { low.lower };
        Self::new(least, high.upper)
    }

    /// `self * [-radius, radius]`, for a radius of at least 0.
    #[inline]
    pub(in crate::real) fn times_symmetric(self, radius: f64) -> Self {
        let magnitude = self.magnitude();
        if magnitude == 0.0 || radius == 0.0 {
            return Self::ZERO;
        }
        let bound = above(magnitude * radius);
        Self { lower: -bound, upper: bound }
    }

    /// `self * [0, most]`, for `most` of at least 0.
    #[inline]
    pub(in crate::real) fn times_up_to(self, most: f64) -> Self {
        if most == 0.0 {
            return Self::ZERO;
        }
        Self {
            lower: if self.lower < 0.0 { below(self.lower * most) } else { 0.0 },
            upper: if self.upper > 0.0 { above(self.upper * most) } else { 0.0 },
        }
    }

    /// `|self|`.
    pub(super) fn absolute(self) -> Self {
        if self.lower >= 0.0 {
            self
        } else if self.upper <= 0.0 {
            -self
        } else {
            Self { lower: 0.0, upper: self.magnitude() }
        }
    }

    /// `self^2`.
    pub(super) fn squared(self) -> Self {
        let Self { lower, upper } = self.absolute();
        let down =
            if lower == 0.0 || lower.is_infinite() { lower } else { below(lower * lower).max(0.0) };
        let up = if upper == 0.0 || upper.is_infinite() { upper } else { above(upper * upper) };
        Self { lower: down, upper: up }
    }

    /// The product where a bound is infinite, or a product of bounds is 0 or beyond the doubles.
    fn product_by_cases(self, other: Self) -> Self {
        if self == Self::ZERO || other == Self::ZERO {
            return Self::ZERO;
        }
        let mut result = Self { lower: f64::INFINITY, upper: f64::NEG_INFINITY };
        for a in [self.lower, self.upper] {
            for b in [other.lower, other.upper] {
                let (lower, upper) = if a == 0.0 || b == 0.0 {
                    (0.0, 0.0)
                } else if a.is_infinite() || b.is_infinite() {
                    (a * b, a * b)
                } else if (a > 0.0) == (b > 0.0) {
                    (below(a * b).max(0.0), above(a * b))
                } else {
                    (below(a * b), above(a * b).min(0.0))
                };
                result.lower = smaller(lower, result.lower);
                result.upper = larger(upper, result.upper);
            }
        }
        result
    }

    /// The quotient by `[least, most]`, `0 <= least <= most`, `most > 0`.
    fn over_positive(self, least: f64, most: f64) -> Self {
        let Self { lower, upper } = self;
        let down = if lower < 0.0 {
            if least == 0.0 || lower.is_infinite() {
                f64::NEG_INFINITY
            } else {
                below(lower / least)
            }
        } else if lower == 0.0 || most.is_infinite() {
            0.0
        } else {
            below(lower / most).max(0.0)
        };
        let up = if upper > 0.0 {
            if least == 0.0 || upper.is_infinite() { f64::INFINITY } else { above(upper / least) }
        } else if upper == 0.0 || most.is_infinite() {
            0.0
        } else {
            above(upper / most).min(0.0)
        };
        Self { lower: down, upper: up }
    }
}
