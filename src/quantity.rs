//! Numbers with what is known of them.

use std::ops::{Add, Mul, Sub};

use crate::quadrature::Estimate;
use crate::real::{Interval, Real};
use crate::span::Drawn;

/// A number that is enclosed, estimated or sampled.
///
/// Arithmetic carries the weakest of the grades: a sum with an estimate in it is an estimate, and with a sample in it sampled. Evidence is never promoted.
/// The doubts of confidence intervals add up, whether or not they are of the same sample.
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
    Sampled(Drawn),
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

impl From<Drawn> for Quantity {
    fn from(drawn: Drawn) -> Self {
        Self { known: Known::Sampled(drawn), identity: None }
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
            Known::Sampled(drawn) => drawn.value,
        }
    }

    /// How far the number may be from the value: estimated, at least half the width of the enclosure, or the distance to the farther end of
    /// the confidence interval.
    #[must_use]
    pub fn error(self) -> f64 {
        match self.known {
            Known::Estimated(estimate) => estimate.error,
            Known::Enclosed(i) if i.lower() == i.upper() => 0.0,
            Known::Enclosed(i) => (0.5 * i.width()).next_up(),
            Known::Sampled(drawn) => drawn.error(),
        }
    }

    /// The enclosure, if it is enclosed.
    #[must_use]
    pub fn enclosure(self) -> Option<Interval> {
        match self.known {
            Known::Estimated(_) | Known::Sampled(_) => None,
            Known::Enclosed(interval) => Some(interval),
        }
    }

    /// What a sample says of it, if it is sampled.
    #[must_use]
    pub fn sample(self) -> Option<Drawn> {
        match self.known {
            Known::Estimated(_) | Known::Enclosed(_) => None,
            Known::Sampled(drawn) => Some(drawn),
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
            Known::Sampled(drawn) if drawn.lower >= 0.0 => Some(false),
            Known::Sampled(drawn) if drawn.upper < 0.0 => Some(true),
            Known::Sampled(_) => None,
        }
    }

    /// The image under an increasing function.
    #[must_use]
    pub fn map(self, f: &impl Increasing) -> Self {
        match self.known {
            Known::Estimated(estimate) => estimate.map_increasing(|t| f.at(&t)).into(),
            Known::Enclosed(interval) => f.at(&interval).into(),
            Known::Sampled(drawn) => {
                let [value, lower, upper] =
                    [drawn.value, drawn.lower, drawn.upper].map(|t| f.at(&t));
                Drawn { value, lower, upper, ..drawn }.into()
            }
        }
    }

    /// `-|self|`.
    pub(crate) fn minus_absolute(self) -> Self {
        match self.known {
            Known::Estimated(Estimate { value, error }) => {
                Estimate { value: 0.0 - value.abs(), error }.into()
            }
            Known::Enclosed(interval) => (-interval.abs()).into(),
            Known::Sampled(drawn) => {
                let Drawn { value, lower, upper, .. } = drawn;
                let nearest =
                    if lower <= 0.0 && upper >= 0.0 { 0.0 } else { -lower.abs().min(upper.abs()) };
                let farthest = -lower.abs().max(upper.abs());
                Drawn { value: -value.abs(), lower: farthest, upper: nearest, ..drawn }.into()
            }
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
        sampled: impl Fn(Drawn, Drawn) -> [f64; 3],
    ) -> Self {
        match (self.known, other.known) {
            (Known::Enclosed(a), Known::Enclosed(b)) => enclosed(a, b).into(),
            (Known::Sampled(like), _) | (_, Known::Sampled(like)) => {
                let [a, b] = [self, other].map(|own| own.drawn(like));
                let [value, lower, upper] = sampled(a, b);
                let (doubt, draws) = (a.doubt + b.doubt, a.draws.min(b.draws));
                let interval = a.interval.max(b.interval);
                Drawn { value, lower, upper, doubt, draws, interval }.into()
            }
            _ => estimated(self.estimate(), other.estimate()).into(),
        }
    }

    /// As a sample, where it is combined with one: an error is believed.
    fn drawn(self, like: Drawn) -> Drawn {
        match self.known {
            Known::Sampled(drawn) => drawn,
            Known::Estimated(_) | Known::Enclosed(_) => {
                let Estimate { value, error } = self.estimate();
                let (lower, upper) = (value - error, value + error);
                let interval = crate::span::Interval::Bernstein;
                Drawn { value, lower, upper, doubt: 0.0, draws: like.draws, interval }
            }
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
            let drawn =
                |a: Drawn, b: Drawn| [a.value + b.value, a.lower + b.lower, a.upper + b.upper];
            self.combine(other, |a, b| a + b, |a, b| a + b, drawn)
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
            let drawn =
                |a: Drawn, b: Drawn| [a.value - b.value, a.lower - b.upper, a.upper - b.lower];
            self.combine(other, |a, b| a - b, |a, b| a - b, drawn)
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
            Known::Sampled(drawn) => {
                let by = f64::from(factor);
                let [a, b] = [drawn.lower * by, drawn.upper * by];
                Drawn { value: drawn.value * by, lower: a.min(b), upper: a.max(b), ..drawn }.into()
            }
        }
    }
}
