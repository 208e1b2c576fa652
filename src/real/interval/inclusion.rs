//! The operations of [`Interval`], each with what it has to contain: one check for every source of true values.
//!
//! A true value is given by the doubles on both sides of it, computed with many digits; the check puts nested intervals around the point
//! and asks for inclusion in each, and for isotonicity: what is evaluated on a smaller interval lies in what is evaluated on a larger one.

use std::fmt;

use Domain::{All, Fraction, From, LogProbability, Probability};

use super::Interval;
use crate::exact::Exact;
use crate::real::{Prob, Real};

/// What the arguments of an [`Operation`] may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// All numbers.
    All,
    /// Numbers from this one on.
    From(i32),
    /// `[0, 1]`.
    Probability,
    /// `[-inf, 0]`.
    LogProbability,
    /// A numerator and a denominator, which are exact and so never widened.
    Fraction,
}

impl Domain {
    /// The interval of all arguments.
    #[must_use]
    pub fn interval(self) -> Interval {
        match self {
            Self::All | Self::Fraction => Interval::ENTIRE,
            Self::From(least) => Interval::new(f64::from(least), f64::INFINITY),
            Self::Probability => Interval::new(0.0, 1.0),
            Self::LogProbability => Interval::new(f64::NEG_INFINITY, 0.0),
        }
    }
}

/// An operation on intervals.
#[derive(Clone, Copy)]
pub struct Operation {
    /// Its name in files of true values.
    pub name: &'static str,
    /// The number of its arguments.
    pub arity: usize,
    /// What they may be.
    pub domain: Domain,
    /// By how many doubles a bound at points may be farther out than the tightest; `None` where the operation is ill-conditioned
    /// somewhere.
    pub ulps: Option<u64>,
    /// The most doubles by which a bound on a smaller interval may be farther out than on a larger one: 0 for what is rounded
    /// once.
    pub slack: u64,
    enclose: fn(&[Interval]) -> Interval,
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What a check found.
#[derive(Clone, Debug)]
pub struct Violation {
    /// What is wrong.
    pub what: &'static str,
    /// The operation.
    pub operation: &'static str,
    /// The arguments.
    pub arguments: Vec<Interval>,
    /// What was computed.
    pub found: Interval,
    /// What it should contain.
    pub expected: Interval,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { what, operation, arguments, found, expected } = self;
        write!(f, "{what}: {operation} of {arguments:?} is {found:?}, expected {expected:?}")
    }
}

impl Operation {
    /// The operation of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        OPERATIONS.iter().find(|operation| operation.name == name)
    }

    /// Its enclosure over these arguments.
    #[must_use]
    pub fn enclose(&self, arguments: &[Interval]) -> Interval {
        (self.enclose)(arguments)
    }

    /// Checks inclusion of the true value, which lies in `truth`, an interval of two neighbouring doubles or of one: at the point itself and on
    /// three nested boxes around it; besides, isotonicity along them and the width at the point, which is returned in doubles
    /// beyond the tightest.
    ///
    /// # Errors
    /// The first [`Violation`].
    pub fn check(&self, point: &[f64], truth: Interval) -> Result<u64, Violation> {
        let mut seed = point.iter().fold(0, |seed, x| mixed(seed ^ x.to_bits()));
        let mut arguments: Vec<Interval> = point.iter().copied().map(Interval::point).collect();
        let mut found = self.enclose(&arguments);
        let violation = |what, arguments: &[Interval], found, expected| {
            let arguments = arguments.to_vec();
            Err(Violation { what, operation: self.name, arguments, found, expected })
        };
        if !truth.is_in(found) {
            return violation("not included", &arguments, found, truth);
        }
        let excess = steps(found.lower, truth.lower).max(steps(truth.upper, found.upper));
        if self.ulps.is_some_and(|ulps| excess > ulps) {
            return violation("too wide", &arguments, found, truth);
        }
        if self.domain == Fraction {
            return Ok(excess);
        }
        for _ in 0..3 {
            for argument in &mut arguments {
                let lower = argument.lower - distance(argument.lower, &mut seed);
                let upper = argument.upper + distance(argument.upper, &mut seed);
                *argument = Interval::new(lower, upper).intersection(self.domain.interval());
            }
            let (inner, outer) = (found, self.enclose(&arguments));
            if !truth.is_in(outer) {
                return violation("not included", &arguments, outer, truth);
            }
            let loss = steps(inner.lower, outer.lower).max(steps(outer.upper, inner.upper));
            if loss > self.slack {
                return violation("not isotone", &arguments, outer, inner);
            }
            found = outer;
        }
        Ok(excess)
    }
}

/// The number of doubles from `a` up to `b`; 0 where `b` is not above.
fn steps(a: f64, b: f64) -> u64 {
    // The doubles in order.
    let place = |x: f64| {
        let magnitude = (x.to_bits() & !(1 << 63)).cast_signed();
        if x.is_sign_negative() { -magnitude } else { magnitude }
    };
    place(b).saturating_sub(place(a)).max(0).cast_unsigned()
}

/// How far an argument is widened: not at all, by a few doubles, by a share, by a unit, without end.
fn distance(x: f64, seed: &mut u64) -> f64 {
    *seed = mixed(*seed);
    let share = (*seed >> 32) as f64 / 2f64.powi(32);
    let ulp = if x.is_finite() { x.abs().next_up() - x.abs() } else { 0.0 };
    match *seed % 16 {
        0..=2 => 0.0,
        3..=5 => ulp * (4.0 * share).ceil(),
        6..=8 => x.abs() * share * 2f64.powi(-40),
        9..=11 => x.abs() * share,
        12..=13 => share,
        14 => 2.0 * x.abs() + 50.0 * share,
        _ => f64::INFINITY,
    }
}

/// The next state of a generator (`SplitMix64`).
fn mixed(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A function of two probabilities, given by their logarithms.
fn by_logarithms(x: &[Interval], f: fn(Prob<Interval>, Prob<Interval>) -> Interval) -> Interval {
    let (a, b) = (x[0].exp().clipped(0.0, 1.0), x[1].exp().clipped(0.0, 1.0));
    f(Prob { p: &a, ln: &x[0] }, Prob { p: &b, ln: &x[1] })
}

/// A function of two probabilities, given as such.
fn by_values(x: &[Interval], f: fn(Prob<Interval>, Prob<Interval>) -> Interval) -> Interval {
    let (ln_a, ln_b) = (x[0].ln(), x[1].ln());
    f(Prob { p: &x[0], ln: &ln_a }, Prob { p: &x[1], ln: &ln_b })
}

/// The product as the union of those with the positive and the negative part of the second factor.
fn by_parts(x: &[Interval]) -> Interval {
    let positive = x[0].times_up_to(x[1].upper.max(0.0));
    let negative = (-x[0]).times_up_to((-x[1].lower).max(0.0));
    if x[1].lower >= 0.0 {
        positive
    } else if x[1].upper <= 0.0 {
        negative
    } else {
        positive.hull(negative)
    }
}

/// A numerator over a denominator, both finite.
fn fraction(x: &[Interval]) -> Interval {
    let exact = |x: Interval| Exact::from_f64(x.lower);
    exact(x[0])
        .zip(exact(x[1]))
        .and_then(|(n, d)| n.checked_div(&d))
        .map_or(Interval::ENTIRE, |value| Interval::ZERO.constant(&value))
}

const fn operation(
    name: &'static str,
    arity: usize,
    domain: Domain,
    (ulps, slack): (Option<u64>, u64),
    enclose: fn(&[Interval]) -> Interval,
) -> Operation {
    Operation { name, arity, domain, ulps, slack, enclose }
}

/// Rounded once.
const ONCE: (Option<u64>, u64) = (Some(1), 0);
/// The same, but for one number with a value without rounding.
const ONCE_OR_EXACT: (Option<u64>, u64) = (Some(1), 1);

/// Every operation with a true value to compare with.
pub static OPERATIONS: &[Operation] = &[
    // A step may be made in vain where an operand is the largest double, and two-sum overflows.
    operation("add", 2, All, (Some(1), 1), |x| x[0] + x[1]),
    operation("sub", 2, All, (Some(1), 1), |x| x[0] - x[1]),
    operation("mul", 2, All, (Some(2), 2), |x| x[0] * x[1]),
    operation("mul/symmetric", 2, All, (None, 0), |x| x[0].times_symmetric(x[1].magnitude())),
    operation("mul/by-parts", 2, All, (None, 0), by_parts),
    operation("div", 2, All, ONCE, |x| x[0] / x[1]),
    operation("square", 1, All, ONCE, |x| x[0].square()),
    operation("power-3", 1, All, (Some(5), 5), |x| x[0].power(3)),
    operation("power-8", 1, All, (Some(16), 16), |x| x[0].power(8)),
    operation("sqrt", 1, From(0), ONCE_OR_EXACT, |x| x[0].sqrt()),
    operation("exp", 1, All, ONCE_OR_EXACT, |x| x[0].exp()),
    operation("exp_m1", 1, All, ONCE_OR_EXACT, |x| x[0].exp_m1()),
    operation("ln", 1, From(0), ONCE_OR_EXACT, |x| x[0].ln()),
    operation("ln_1p", 1, From(-1), ONCE_OR_EXACT, |x| x[0].ln_1p()),
    operation("tanh", 1, All, ONCE_OR_EXACT, |x| x[0].tanh()),
    operation("logistic", 1, All, (Some(6), 6), |x| x[0].logistic()),
    operation("softplus", 1, All, (Some(6), 6), |x| x[0].softplus()),
    operation("erfc", 1, All, ONCE_OR_EXACT, |x| x[0].erfc()),
    operation("ln-mean-exp", 2, All, (None, 8), |x| x[0].ln_mean_exp(&x[1])),
    operation("log/difference", 2, LogProbability, (None, 2048), |x| {
        by_logarithms(x, Real::difference)
    }),
    operation("log/relative-entropy", 2, LogProbability, (None, 256), |x| {
        by_logarithms(x, Real::relative_entropy)
    }),
    operation("log/pearson", 2, LogProbability, (None, 256), |x| by_logarithms(x, Real::pearson)),
    operation("difference", 2, Probability, (Some(0), 8), |x| by_values(x, Real::difference)),
    operation("relative-entropy", 2, Probability, (None, 256), |x| {
        by_values(x, Real::relative_entropy)
    }),
    operation("pearson", 2, Probability, (None, 256), |x| by_values(x, Real::pearson)),
    operation("softmax-2/p", 2, All, (None, 2048), |x| Real::softmax(x).p[0]),
    operation("softmax-2/ln-p", 2, All, (None, 2048), |x| Real::softmax(x).ln_p[0]),
    operation("softmax-2/total", 2, All, (None, 2048), |x| Real::softmax(x).log_total),
    operation("softmax-3/p", 3, All, (None, 2048), |x| Real::softmax(x).p[1]),
    operation("softmax-3/ln-p", 3, All, (None, 2048), |x| Real::softmax(x).ln_p[1]),
    operation("softmax-3/total", 3, All, (None, 2048), |x| Real::softmax(x).log_total),
    operation("constant", 2, Fraction, (Some(0), 0), fraction),
];
