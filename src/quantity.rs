//! Numbers with what is known of them.

use std::ops::{Add, Mul, Sub};

use crate::quadrature::Estimate;
use crate::real::{Interval, Real};

/// A number that is estimated or enclosed.
///
/// Arithmetic carries the weaker of two grades: a sum with an estimate in it is an estimate. Evidence is never promoted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    known: Known,
    /// Which risk it is, if it is one and no more: the difference of a number and itself is 0, however little is known of it.
    identity: Option<Identity>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Known {
    Estimated(Estimate),
    Enclosed(Interval),
}

/// A number's name, unique within one problem.
pub(crate) type Identity = usize;

impl From<Estimate> for Quantity {
    fn from(estimate: Estimate) -> Self {
        Self { known: Known::Estimated(estimate), identity: None }
    }
}

impl From<Interval> for Quantity {
    fn from(interval: Interval) -> Self {
        Self { known: Known::Enclosed(interval), identity: None }
    }
}

impl Quantity {
    /// The number 0, which goes with either grade.
    #[must_use]
    pub fn zero() -> Self {
        Interval::ZERO.into()
    }

    pub(crate) fn identified(self, identity: Identity) -> Self {
        Self { identity: Some(identity), ..self }
    }

    /// The value: the estimate, or the middle of the enclosure; infinite where only one side is known to be finite.
    #[must_use]
    pub fn value(self) -> f64 {
        match self.known {
            Known::Estimated(estimate) => estimate.value,
            Known::Enclosed(i) if i == Interval::ENTIRE => f64::NAN,
            Known::Enclosed(i) => 0.5 * i.lower() + 0.5 * i.upper(),
        }
    }

    /// How far the number may be from the value: estimated, or at least half the width of the enclosure.
    #[must_use]
    pub fn error(self) -> f64 {
        match self.known {
            Known::Estimated(estimate) => estimate.error,
            Known::Enclosed(i) if i.lower() == i.upper() => 0.0,
            Known::Enclosed(i) => (0.5 * i.width()).next_up(),
        }
    }

    /// The enclosure, if it is enclosed.
    #[must_use]
    pub fn enclosure(self) -> Option<Interval> {
        match self.known {
            Known::Estimated(_) => None,
            Known::Enclosed(interval) => Some(interval),
        }
    }

    /// As an estimate, whatever is known.
    #[must_use]
    pub fn estimate(self) -> Estimate {
        Estimate { value: self.value(), error: self.error() }
    }

    /// Whether the number is below 0: yes, no, or (`None`) either, as far as its grade can tell.
    #[must_use]
    pub fn is_negative(self) -> Option<bool> {
        match self.known {
            Known::Estimated(Estimate { value, error }) => {
                if value >= error {
                    Some(false)
                } else if value < -error {
                    Some(true)
                } else {
                    None
                }
            }
            Known::Enclosed(interval) => interval.is_nonnegative().map(|nonnegative| !nonnegative),
        }
    }

    /// The image under an increasing function.
    #[must_use]
    pub fn map(self, f: &impl Increasing) -> Self {
        match self.known {
            Known::Estimated(estimate) => estimate.map_increasing(|t| f.at(&t)).into(),
            Known::Enclosed(interval) => f.at(&interval).into(),
        }
    }

    /// `-|self|`.
    pub(crate) fn minus_absolute(self) -> Self {
        match self.known {
            Known::Estimated(Estimate { value, error }) => {
                Estimate { value: 0.0 - value.abs(), error }.into()
            }
            Known::Enclosed(interval) => (-interval.abs()).into(),
        }
    }

    fn is_zero(self) -> bool {
        self.known == Known::Enclosed(Interval::ZERO)
            || self.known == Known::Estimated(Estimate::exact(0.0))
    }

    fn combine(
        self,
        other: Self,
        estimated: impl Fn(Estimate, Estimate) -> Estimate,
        enclosed: impl Fn(Interval, Interval) -> Interval,
    ) -> Self {
        match (self.known, other.known) {
            (Known::Enclosed(a), Known::Enclosed(b)) => enclosed(a, b).into(),
            _ => estimated(self.estimate(), other.estimate()).into(),
        }
    }
}

/// An increasing function of one number, in any arithmetic.
pub trait Increasing {
    /// Its value.
    fn at<R: Real>(&self, t: &R) -> R;
}

impl Add for Quantity {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        if other.is_zero() {
            self
        } else if self.is_zero() {
            other
        } else {
            self.combine(other, |a, b| a + b, |a, b| a + b)
        }
    }
}

impl Sub for Quantity {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        if self.identity.is_some() && self.identity == other.identity {
            Self::zero()
        } else if other.is_zero() {
            self
        } else {
            self.combine(other, |a, b| a - b, |a, b| a - b)
        }
    }
}

impl Mul<i32> for Quantity {
    type Output = Self;
    fn mul(self, factor: i32) -> Self {
        match self.known {
            _ if factor == 1 => self,
            Known::Estimated(estimate) => (estimate * f64::from(factor)).into(),
            Known::Enclosed(interval) => (interval * Interval::point(f64::from(factor))).into(),
        }
    }
}
