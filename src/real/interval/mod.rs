//! Intervals of doubles: proofs.

mod arithmetic;
mod functions;
#[cfg(any(test, feature = "testing"))]
pub mod inclusion;
mod probability;
mod rounding;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;

use super::{Prob, Real, Softmax};
use crate::exact::Exact;

/// A closed interval `[lower, upper]` of real numbers with doubles as bounds, which contains the number that it stands for.
///
/// Every operation returns an interval that contains the results for all numbers in its arguments (inclusion). The processor
/// stays in its default mode, round to nearest, so this holds on every target with IEEE doubles; bounds are moved outward
/// afterwards. An infinite bound means that nothing is known on that side; infinity itself is contained too, as `ln 0` or a
/// relative entropy. There is no empty interval: a function over an interval that misses its domain is everything.
///
/// **The one assumption**: exp, ln, `ln_1p`, `exp_m1`, tanh and erfc of CORE-MATH are faithful, no double lies between the
/// true value and the one returned. They claim correct rounding, which is more.
///
/// | operation | domain | range | a bound at points | exact at |
/// |---|---|---|---|---|
/// | `+`, `-` | all | all | the tightest, 1 where the largest doubles are added | sums that are doubles |
/// | `*`, `weigh` | all; `0 * inf = 0` | all | 1 double farther out, 2 next to the subnormals | a factor 0 |
/// | `/` | all; everything where 0 is inside of the divisor or all of it | all | 1 | numerator 0 |
/// | `over` | as `/`; `0 / anything = 0` | all | 1 | numerator 0 |
/// | `square`, `abs`, `max` | all | `[0, inf]`; all | 1; the tightest | 0; everywhere |
/// | `power(n)` | all | all; `[0, inf]` for even n | 2 n | 0, 1 |
/// | `sqrt` | `[0, inf]`; what lies below 0 is ignored | `[0, inf]` | 1 | 0, inf |
/// | `exp` | all | `[0, inf]` | 1 | 0, infinities |
/// | `exp_m1` | all | `[-1, inf]` | 1 | 0, infinities |
/// | `ln` | `[0, inf]`; what lies below 0 is ignored | all | 1 | 0, 1, inf |
/// | `ln_1p` | `[-1, inf]`; what lies below -1 is ignored | all | 1 | -1, 0, inf |
/// | `tanh` | all | `[-1, 1]` | 1 | 0, infinities |
/// | `erfc` | all | `[0, 2]` | 1 | 0, infinities |
/// | `logistic`, `softplus` | all | `[0, 1]`, `[0, inf]` | 6 | |
/// | `ln_mean_exp` | all | all | a few roundings of the difference | equal points |
/// | `softmax` | all | `[0, 1]`, `[-inf, 0]`, all | a few roundings of the differences | |
/// | `difference` | probabilities | `[-1, 1]` | the tighter of three forms | |
/// | `relative_entropy`, `pearson` | probabilities | `[0, inf]` | a few roundings of the logarithms | one probability 0 |
/// | `constant` | rationals | all | the tightest | doubles |
///
/// ```
/// use score_workbench::real::{Interval, Real};
/// let third = Interval::point(0.0).constant(&"1/3".parse()?);
/// assert!(third.width() > 0.0 && third.width() < 1e-16);
/// let product = third * Interval::point(3.0);
/// assert!(product.contains(1.0) && product.width() < 1e-15);
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct Interval {
    lower: f64,
    upper: f64,
}

impl fmt::Debug for Interval {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "[{:?}, {:?}]", self.lower, self.upper)
    }
}

impl Interval {
    /// All real numbers: nothing is known.
    pub const ENTIRE: Self = Self { lower: f64::NEG_INFINITY, upper: f64::INFINITY };
    /// The number 0.
    pub const ZERO: Self = Self { lower: 0.0, upper: 0.0 };
    /// The number 1.
    pub const ONE: Self = Self { lower: 1.0, upper: 1.0 };

    /// The interval with these bounds; everything where they are no interval.
    #[must_use]
    pub fn new(lower: f64, upper: f64) -> Self {
        if lower <= upper { Self { lower, upper } } else { Self::ENTIRE }
    }

    /// The interval of one double.
    #[must_use]
    pub fn point(value: f64) -> Self {
        Self::new(value, value)
    }

    /// The lower bound.
    #[must_use]
    pub fn lower(self) -> f64 {
        self.lower
    }

    /// The upper bound.
    #[must_use]
    pub fn upper(self) -> f64 {
        self.upper
    }

    /// The lower bound as an interval.
    #[must_use]
    pub fn at_lower(self) -> Self {
        Self::point(self.lower)
    }

    /// The upper bound as an interval.
    #[must_use]
    pub fn at_upper(self) -> Self {
        Self::point(self.upper)
    }

    /// At least the distance of the bounds.
    #[must_use]
    pub fn width(self) -> f64 {
        if self.lower == self.upper { 0.0 } else { rounding::add_up(self.upper, -self.lower) }
    }

    /// A double near the middle, inside the interval; finite.
    #[must_use]
    pub fn midpoint(self) -> f64 {
        let finite = |bound: f64| bound.clamp(f64::MIN, f64::MAX);
        let (lower, upper) = (finite(self.lower), finite(self.upper));
        (0.5 * lower + 0.5 * upper).clamp(lower, upper)
    }

    /// The largest absolute value.
    #[must_use]
    pub fn magnitude(self) -> f64 {
        self.upper.max(-self.lower)
    }

    /// Whether `value` is in the interval.
    #[must_use]
    pub fn contains(self, value: f64) -> bool {
        self.lower <= value && value <= self.upper
    }

    /// Whether every number of the interval is in `other`.
    #[must_use]
    pub fn is_in(self, other: Self) -> bool {
        other.lower <= self.lower && self.upper <= other.upper
    }

    /// Whether both bounds are finite.
    #[must_use]
    pub fn is_bounded(self) -> bool {
        self.lower > f64::NEG_INFINITY && self.upper < f64::INFINITY
    }

    /// Whether the number is at most the other: yes, no, or (`None`) either.
    #[must_use]
    pub fn at_most(self, other: Self) -> Option<bool> {
        if self.upper <= other.lower {
            Some(true)
        } else if self.lower > other.upper {
            Some(false)
        } else {
            None
        }
    }

    /// Whether the number is at least 0: yes, no, or (`None`) either.
    #[must_use]
    pub fn is_nonnegative(self) -> Option<bool> {
        Self::ZERO.at_most(self)
    }

    /// The smallest interval that contains both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self { lower: self.lower.min(other.lower), upper: self.upper.max(other.upper) }
    }

    /// What both contain, for two enclosures of one number; the hull where they have nothing in common: then one is no
    /// enclosure, and the hull contains what the other encloses.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        let (lower, upper) = (self.lower.max(other.lower), self.upper.min(other.upper));
        if lower <= upper { Self { lower, upper } } else { self.hull(other) }
    }
}

impl Real for Interval {
    fn int(&self, n: i32) -> Self {
        Self::point(f64::from(n))
    }
    /// The double if the number is one, else two neighbours that enclose it.
    fn constant(&self, value: &Exact) -> Self {
        let nearest = value.to_f64();
        match Exact::from_f64(nearest).map(|nearest| nearest.cmp(value)) {
            Some(Ordering::Equal) => Self::point(nearest),
            Some(Ordering::Less) => Self::new(nearest, rounding::above(nearest)),
            Some(Ordering::Greater) => Self::new(rounding::below(nearest), nearest),
            // Beyond the doubles.
            None if nearest > 0.0 => Self::new(f64::MAX, nearest),
            None => Self::new(nearest, f64::MIN),
        }
    }
    fn exp(&self) -> Self {
        self.exponential()
    }
    fn exp_m1(&self) -> Self {
        self.exponential_m1()
    }
    fn ln(&self) -> Self {
        self.logarithm()
    }
    fn ln_1p(&self) -> Self {
        self.logarithm_1p()
    }
    fn sqrt(&self) -> Self {
        self.root()
    }
    fn tanh(&self) -> Self {
        self.hyperbolic_tangent()
    }
    fn logistic(&self) -> Self {
        self.sigmoid()
    }
    fn softplus(&self) -> Self {
        self.positive_part()
    }
    fn is_nonnegative(&self) -> Option<bool> {
        Self::is_nonnegative(*self)
    }
    fn select(&self, nonnegative: &Self, negative: &Self) -> Self {
        match self.is_nonnegative() {
            Some(true) => *nonnegative,
            Some(false) => *negative,
            None => nonnegative.hull(*negative),
        }
    }
    fn select_higher(&self, nonnegative: &Self, negative: &Self) -> Self {
        match self.is_nonnegative() {
            Some(true) => *nonnegative,
            Some(false) => *negative,
            None => Self::ENTIRE,
        }
    }
    #[inline]
    fn weigh(&self, factor: &Self) -> Self {
        if *self == Self::ZERO { *self } else { *self * *factor }
    }
    fn over(&self, divisor: &Self) -> Self {
        if *self == Self::ZERO { *self } else { *self / *divisor }
    }
    fn softmax(logits: &[Self]) -> Softmax<Self> {
        probability::softmax(logits)
    }
    fn ln_mean_exp(&self, other: &Self) -> Self {
        self.log_mean_exp(*other)
    }
    fn difference(a: Prob<Self>, b: Prob<Self>) -> Self {
        probability::difference(a, b)
    }
    fn abs(&self) -> Self {
        self.absolute()
    }
    fn max(&self, other: &Self) -> Self {
        Self { lower: self.lower.max(other.lower), upper: self.upper.max(other.upper) }
    }
    fn square(&self) -> Self {
        self.squared()
    }
    fn relative_entropy(a: Prob<Self>, b: Prob<Self>) -> Self {
        probability::relative_entropy(a, b)
    }
    fn pearson(a: Prob<Self>, b: Prob<Self>) -> Self {
        probability::pearson(a, b)
    }
}
