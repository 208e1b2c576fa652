//! Integration over the line: estimates with an honest error.
//!
//! The integrands of the risks are piecewise analytic. The callers cut the domain where the pieces meet; [`integrate`] then
//! converges at the speed of a Gauss rule, and where a cut was missed it still converges, by bisection, and says how far
//! it got.

mod adaptive;
pub(crate) mod rule;

use std::ops::{Add, Mul, Sub};

pub use adaptive::{Piece, integrate, integrate_to};

/// A number with an estimate of its error: the true value is expected in `[value - error, value + error]`.
///
/// The error is an estimate, never a proof.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// The estimated absolute error, at least 0.
    pub error: f64,
}

impl Estimate {
    /// A value that is exact as far as doubles go.
    #[must_use]
    pub fn exact(value: f64) -> Self {
        Self { value, error: 0.0 }
    }

    /// The image under an increasing function.
    #[must_use]
    pub fn map_increasing(self, f: impl Fn(f64) -> f64) -> Self {
        let value = f(self.value);
        let (lower, upper) = (f(self.value - self.error), f(self.value + self.error));
        // An infinite value without an error keeps none: inf - inf is no number.
        let apart = |a: f64, b: f64| if a == b { 0.0 } else { b - a };
        Self { value, error: apart(lower, value).max(apart(value, upper)) }
    }
}

impl Add for Estimate {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { value: self.value + other.value, error: self.error + other.error }
    }
}

impl Sub for Estimate {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { value: self.value - other.value, error: self.error + other.error }
    }
}

impl Mul<f64> for Estimate {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        Self { value: self.value * factor, error: self.error * factor.abs() }
    }
}
