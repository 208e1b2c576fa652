//! Intervals of doubles: proofs.

use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::{Prob, Real, Row, Softmax};
use crate::exact::Exact;

/// A closed interval `[lower, upper]` of real numbers with doubles as bounds, which contains the number that it stands for.
///
/// Every operation returns an interval that contains the results for all numbers in its arguments (inclusion). Bounds are
/// rounded outward: a sum is corrected by the sign of its exact rounding error, any other result is moved by one unit in the last
/// place. The processor stays in its default mode, round to nearest, so this holds on every target with IEEE doubles. An infinite
/// bound means that nothing is known on that side; infinity itself is contained too, as `ln 0` or a relative entropy.
///
/// **The one assumption**: the elementary functions of CORE-MATH (exp, ln, `ln_1p`, `exp_m1`, tanh, erfc) err by less than one unit in
/// the last place. They claim correct rounding, half a unit.
///
/// | operation | domain | range | exact at |
/// |---|---|---|---|
/// | `+`, `-` | all | all | sums that are doubles |
/// | `*`, `weigh` | all; `0 * inf = 0` | all | a factor 0 |
/// | `/` | all; everything where the divisor contains 0 in its inside | all | numerator 0 |
/// | `over` | as `/`; `0 / anything = 0` | all | numerator 0 |
/// | `exp` | all | `[0, inf]` | 0 |
/// | `exp_m1` | all | `[-1, inf]` | 0 |
/// | `ln` | `[0, inf]`; what lies below 0 is ignored | all | 1 |
/// | `ln_1p` | `[-1, inf]`; what lies below -1 is ignored | all | 0 |
/// | `sqrt` | `[0, inf]`; what lies below 0 is ignored | `[0, inf]` | 0 |
/// | `tanh` | all | `[-1, 1]` | 0 |
/// | `logistic` | all | `[0, 1]` | |
/// | `softplus` | all | `[0, inf]` | |
/// | `erfc` | all | `[0, 2]` | |
/// | `softmax` | all | `[0, 1]`, `[-inf, 0]` | |
/// | `relative_entropy`, `pearson` | probabilities | `[0, inf]` | equal arguments |
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
        if self.lower == self.upper { 0.0 } else { add_up(self.upper, -self.lower) }
    }

    /// A double near the middle, inside the interval; finite.
    #[must_use]
    pub fn midpoint(self) -> f64 {
        let (lower, upper) = (self.lower.max(f64::MIN), self.upper.min(f64::MAX));
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

    /// What both contain, for two enclosures of one number; `self` where they have nothing in common (then one was
    /// no enclosure).
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        let (lower, upper) = (self.lower.max(other.lower), self.upper.min(other.upper));
        if lower <= upper { Self { lower, upper } } else { self }
    }

    /// `erfc(self) = 2/sqrt(pi) * integral of exp(-t^2) over t > self`.
    #[must_use]
    pub fn erfc(self) -> Self {
        let Self { lower, upper } = self;
        Self::outward(core_math::erfc(upper), core_math::erfc(lower)).clipped(0.0, 2.0)
    }

    /// `self^n`, for even n without the numbers below 0.
    #[must_use]
    pub fn power(self, n: u32) -> Self {
        let magnitude = if n.is_multiple_of(2) { self.absolute() } else { self };
        let end = |x: f64| (0..n).fold(Self::ONE, |product, _| product * Self::point(x));
        let (low, high) = (end(magnitude.lower), end(magnitude.upper));
        Self::new(low.lower, high.upper)
    }

    /// The bounds, each moved outward by one unit in the last place.
    fn outward(lower: f64, upper: f64) -> Self {
        Self::new(lower.next_down(), upper.next_up())
    }

    /// For a range that is known for other reasons.
    fn clipped(self, lower: f64, upper: f64) -> Self {
        Self::new(self.lower.max(lower), self.upper.min(upper))
    }

    /// The image under an increasing function that is computed to one unit in the last place, and exactly at `exact`.
    fn increasing(self, f: impl Fn(f64) -> f64, exact: f64) -> Self {
        let down = |x: f64| if x == exact { f(x) } else { f(x).next_down() };
        let up = |x: f64| if x == exact { f(x) } else { f(x).next_up() };
        Self::new(down(self.lower), up(self.upper))
    }

    /// The image under an increasing function that is enclosed at points.
    fn increasing_enclosed(self, f: impl Fn(f64) -> Self) -> Self {
        Self::new(f(self.lower).lower, f(self.upper).upper)
    }

    fn absolute(self) -> Self {
        if self.lower >= 0.0 {
            self
        } else if self.upper <= 0.0 {
            -self
        } else {
            Self { lower: 0.0, upper: self.magnitude() }
        }
    }

    /// The product where a bound is infinite, a product of bounds is 0 or rounding lost something.
    #[cold]
    fn product_by_cases(self, other: Self) -> Self {
        let mut result = Self { lower: f64::INFINITY, upper: f64::NEG_INFINITY };
        for a in [self.lower, self.upper] {
            for b in [other.lower, other.upper] {
                let (lower, upper) = if a == 0.0 || b == 0.0 {
                    (0.0, 0.0)
                } else {
                    let product = a * b;
                    let exact = a.is_infinite() || b.is_infinite();
                    if exact {
                        (product, product)
                    } else {
                        (product.next_down(), product.next_up())
                    }
                };
                result.lower = result.lower.min(lower);
                result.upper = result.upper.max(upper);
            }
        }
        result
    }
}

/// `a + b`, rounded down: the sign of the exact error (Knuth's two-sum) says whether rounding went up.
fn add_down(a: f64, b: f64) -> f64 {
    let (sum, error) = two_sum(a, b);
    if error < 0.0 {
        sum.next_down()
    } else if error >= 0.0 {
        sum
    } else {
        not_finite(a, b, sum).0
    }
}

/// `a + b`, rounded up.
fn add_up(a: f64, b: f64) -> f64 {
    let (sum, error) = two_sum(a, b);
    if error > 0.0 {
        sum.next_up()
    } else if error <= 0.0 {
        sum
    } else {
        not_finite(a, b, sum).1
    }
}

/// Bounds of `a + b` where the error of the sum is no number: an operand is infinite, or the sum is beyond the doubles.
#[cold]
fn not_finite(a: f64, b: f64, sum: f64) -> (f64, f64) {
    if sum.is_nan() {
        (f64::NEG_INFINITY, f64::INFINITY)
    } else if sum.is_infinite() && (a.is_infinite() || b.is_infinite()) {
        (sum, sum)
    } else {
        (sum.next_down(), sum.next_up())
    }
}

fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

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

impl Mul for Interval {
    type Output = Self;
    #[inline]
    fn mul(self, other: Self) -> Self {
        if self == Self::ZERO || other == Self::ZERO {
            return Self::ZERO;
        }
        let (a, b) = (self.lower * other.lower, self.lower * other.upper);
        let (c, d) = (self.upper * other.lower, self.upper * other.upper);
        let (lower, upper) =
            (smaller(smaller(a, b), smaller(c, d)), larger(larger(a, b), larger(c, d)));
        if (a + b + c + d).is_finite() && lower != 0.0 && upper != 0.0 {
            Self { lower: lower.next_down(), upper: upper.next_up() }
        } else {
            self.product_by_cases(other)
        }
    }
}

fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

impl Div for Interval {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        if other.upper < 0.0 {
            return -self / -other;
        }
        if other == Self::ZERO || other.lower < 0.0 {
            return Self::ENTIRE;
        }
        // The divisor is at least 0 and not only 0.
        let quotient = |a: f64, b: f64| if a == 0.0 { 0.0 } else { a / b };
        let lower = quotient(self.lower, if self.lower < 0.0 { other.lower } else { other.upper });
        let upper = quotient(self.upper, if self.upper > 0.0 { other.lower } else { other.upper });
        // inf / inf: nothing is known but the sign.
        let lower = if lower.is_nan() {
            if self.lower < 0.0 { f64::NEG_INFINITY } else { 0.0 }
        } else {
            lower
        };
        let upper =
            if upper.is_nan() { if self.upper > 0.0 { f64::INFINITY } else { 0.0 } } else { upper };
        let down =
            if self.lower == 0.0 || lower == f64::NEG_INFINITY { lower } else { lower.next_down() };
        let up = if self.upper == 0.0 || upper == f64::INFINITY { upper } else { upper.next_up() };
        let (down, up) = (
            if self.lower >= 0.0 { down.max(0.0) } else { down },
            if self.upper <= 0.0 { up.min(0.0) } else { up },
        );
        Self::new(down, up)
    }
}

impl Neg for Interval {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        Self { lower: -self.upper, upper: -self.lower }
    }
}

impl Real for Interval {
    fn int(&self, n: i32) -> Self {
        Self::point(f64::from(n))
    }
    /// The double if the number is one, else its two neighbours.
    fn constant(&self, value: &Exact) -> Self {
        let nearest = value.to_f64();
        match Exact::from_f64(nearest).map(|nearest| nearest.cmp(value)) {
            Some(std::cmp::Ordering::Equal) => Self::point(nearest),
            Some(std::cmp::Ordering::Less) => Self::new(nearest, nearest.next_up()),
            Some(std::cmp::Ordering::Greater) => Self::new(nearest.next_down(), nearest),
            None => Self::ENTIRE,
        }
    }
    fn exp(&self) -> Self {
        self.increasing(core_math::exp, 0.0).clipped(0.0, f64::INFINITY)
    }
    fn exp_m1(&self) -> Self {
        self.increasing(core_math::expm1, 0.0).clipped(-1.0, f64::INFINITY)
    }
    fn ln(&self) -> Self {
        if self.upper < 0.0 {
            return Self::ENTIRE;
        }
        Self { lower: self.lower.max(0.0), ..*self }.increasing(core_math::log, 1.0)
    }
    fn ln_1p(&self) -> Self {
        if self.upper < -1.0 {
            return Self::ENTIRE;
        }
        Self { lower: self.lower.max(-1.0), ..*self }.increasing(core_math::log1p, 0.0)
    }
    fn sqrt(&self) -> Self {
        if self.upper < 0.0 {
            return Self::ENTIRE;
        }
        let known = Self { lower: self.lower.max(0.0), ..*self };
        known.increasing(f64::sqrt, 0.0).clipped(0.0, f64::INFINITY)
    }
    fn tanh(&self) -> Self {
        self.increasing(core_math::tanh, 0.0).clipped(-1.0, 1.0)
    }
    fn logistic(&self) -> Self {
        self.increasing_enclosed(|x| {
            let e = Self::point(-x.abs()).exp();
            let one = Self::ONE;
            if x >= 0.0 { one / (one + e) } else { e / (one + e) }
        })
    }
    fn softplus(&self) -> Self {
        self.increasing_enclosed(|x| Self::point(x.max(0.0)) + Self::point(-x.abs()).exp().ln_1p())
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
    fn weigh(&self, factor: &Self) -> Self {
        *self * *factor
    }
    fn over(&self, divisor: &Self) -> Self {
        if *self == Self::ZERO { *self } else { *self / *divisor }
    }
    /// Each probability falls with every other logit and rises with its own, so that its bounds are values at corners.
    fn softmax(logits: &[Self]) -> Softmax<Self> {
        let bounds = |k: usize| {
            let gaps = || {
                logits.iter().enumerate().filter(move |(j, _)| *j != k).map(|(_, h)| *h - logits[k])
            };
            let least = log_sum(gaps().map(Self::upper).chain([0.0]));
            let most = log_sum(gaps().map(Self::lower).chain([0.0]));
            let p = |total: LogSum| (-Self::point(total.largest)).exp() / (Self::ONE + total.rest);
            let p = Self::new(p(least).lower, p(most).upper).clipped(0.0, 1.0);
            let ln_p = Self::new(-least.value().upper, -most.value().lower)
                .clipped(f64::NEG_INFINITY, 0.0);
            (p, ln_p)
        };
        let both = Row::from_fn(logits.len(), bounds);
        let total = |end: fn(Self) -> f64| log_sum(logits.iter().map(|h| end(*h))).value();
        let log_total = Self::new(total(Self::lower).lower, total(Self::upper).upper);
        Softmax { p: both.map(|b| b.0), ln_p: both.map(|b| b.1), log_total }
    }
    /// It rises with both.
    fn ln_mean_exp(&self, other: &Self) -> Self {
        let half = Self::point(0.5);
        let at = |a: f64, b: f64| {
            let (low, high) = (Self::point(a.min(b)), Self::point(a.max(b)));
            if low == high { high } else { high + (half * (low - high).exp_m1()).ln_1p() }
        };
        Self::new(at(self.lower, other.lower).lower, at(self.upper, other.upper).upper)
    }
    /// All of `a - b`, `b (e^l - 1)` and `a (1 - e^-l)` with the logarithm l of the ratio: what all of them contain.
    fn difference(a: Prob<Self>, b: Prob<Self>) -> Self {
        let plain = *a.p - *b.p;
        let log_ratio = *a.ln - *b.ln;
        if !log_ratio.is_bounded() {
            return plain;
        }
        let by_b = *b.p * log_ratio.exp_m1();
        let by_a = -(*a.p * (-log_ratio).exp_m1());
        plain.intersection(by_b).intersection(by_a)
    }
    fn abs(&self) -> Self {
        self.absolute()
    }
    fn max(&self, other: &Self) -> Self {
        Self { lower: self.lower.max(other.lower), upper: self.upper.max(other.upper) }
    }
    fn square(&self) -> Self {
        let magnitude = self.absolute();
        (magnitude * magnitude).clipped(0.0, f64::INFINITY)
    }
    /// With `t = ln a - ln b` it is `b psi(t) = a chi(t)`, `psi(t) = 1 + (t - 1) e^t` and `chi(t) = t - 1 + e^-t`, both falling below
    /// 0 and rising above: the extremes are where a and b are farthest apart and nearest.
    fn relative_entropy(a: Prob<Self>, b: Prob<Self>) -> Self {
        if *a.p == Self::ZERO {
            return *b.p;
        }
        let psi = |t: Self| t * t.exp() - t.exp_m1();
        let chi = |t: Self| t + (-t).exp_m1();
        extremes(a, b, psi, chi)
    }
    /// With `t = ln a - ln b` it is `b (e^t - 1)^2 = a (e^t - 1) (1 - e^-t)`; as for the relative entropy.
    fn pearson(a: Prob<Self>, b: Prob<Self>) -> Self {
        if *a.p == Self::ZERO {
            return *b.p;
        }
        let by_b = |t: Self| t.exp_m1().square();
        let by_a = |t: Self| -(t.exp_m1() * (-t).exp_m1());
        extremes(a, b, by_b, by_a)
    }
}

/// `b below(t) = a above(t)` with `t = ln a - ln b`, a term that is 0 at t = 0, grows as a and b move apart, is largest where both
/// extremes are, and is taken with b for t < 0 and with a for t > 0.
fn extremes(
    a: Prob<Interval>,
    b: Prob<Interval>,
    below: impl Fn(Interval) -> Interval,
    above: impl Fn(Interval) -> Interval,
) -> Interval {
    let t = *a.ln - *b.ln;
    let (first, last) = (t.lower, t.upper);
    if first.is_nan() || last.is_nan() {
        return Interval::new(0.0, f64::INFINITY);
    }
    let with_b = |end: f64, b: f64| Interval::point(b) * below(Interval::point(end));
    let with_a = |end: f64, a: f64| Interval::point(a) * above(Interval::point(end));
    let mut upper: f64 = 0.0;
    if first < 0.0 {
        // At t = -inf: a = 0, and the term is b.
        let value =
            if first == f64::NEG_INFINITY { b.p.upper } else { with_b(first, b.p.upper).upper };
        upper = upper.max(value);
    }
    if last > 0.0 {
        let value =
            if last == f64::INFINITY { f64::INFINITY } else { with_a(last, a.p.upper).upper };
        upper = upper.max(value);
    }
    let lower = if last < 0.0 {
        if last == f64::NEG_INFINITY { b.p.lower } else { with_b(last, b.p.lower).lower }
    } else if first > 0.0 {
        if first == f64::INFINITY { f64::INFINITY } else { with_a(first, a.p.lower).lower }
    } else {
        0.0
    };
    Interval::new(lower.max(0.0), upper)
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
