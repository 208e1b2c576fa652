//! Jets: a value with its derivatives, over any other backend.

use std::array;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::{Prob, Real, Row, Softmax};
use crate::exact::Exact;

/// The first `N` Taylor coefficients of a function of one variable: entry `n` is the `n`-th derivative over `n!`.
///
/// Any order can be asked for; the coefficients live in any [`Real`], so that jets over doubles give derivatives and jets
/// over intervals give proven derivatives. The elementary functions follow the differential equations that define them
/// (Moore; see Griewank and Walther, *Evaluating Derivatives*, chapter 13).
///
/// ```
/// use score_workbench::real::{Jet, Real};
/// let x = Jet::<f64, 3>::variable(2.0);
/// let y = x.square() * x.exp();
/// assert!((y.derivative(1) - 8.0 * 2f64.exp()).abs() < 1e-13);
/// assert!((y.derivative(2) - 14.0 * 2f64.exp()).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jet<R, const N: usize> {
    coefficients: [R; N],
}

impl<R: Real, const N: usize> Jet<R, N> {
    /// The constant `value`.
    pub fn fixed(value: R) -> Self {
        let zero = value.int(0);
        let mut coefficients = array::from_fn(|_| zero.clone());
        coefficients[0] = value;
        Self::from_coefficients(coefficients)
    }

    /// The variable itself at `value`: value, 1, 0, 0, ..
    pub fn variable(value: R) -> Self {
        let one = value.int(1);
        let mut jet = Self::fixed(value);
        if N > 1 {
            jet.coefficients[1] = one;
        }
        jet
    }

    /// The jet with these Taylor coefficients.
    ///
    /// # Panics
    /// At compile time, when `N` is 0.
    pub fn from_coefficients(coefficients: [R; N]) -> Self {
        const { assert!(N > 0, "a jet has at least its value") };
        Self { coefficients }
    }

    /// The value.
    #[inline]
    pub fn value(&self) -> &R {
        &self.coefficients[0]
    }

    /// The Taylor coefficients.
    pub fn coefficients(&self) -> &[R; N] {
        &self.coefficients
    }

    /// The derivative of order `n`; `n = 0` is the value.
    ///
    /// # Panics
    /// When `n >= N`: the jet does not know that derivative.
    #[must_use]
    pub fn derivative(&self, n: usize) -> R {
        let mut result = self.coefficients[n].clone();
        for k in 2..=n {
            result = result * self.value().int(i32::try_from(k).expect("an order below 2^31"));
        }
        result
    }

    fn with_value(mut self, value: R) -> Self {
        self.coefficients[0] = value;
        self
    }

    fn map(&self, f: impl Fn(&R) -> R) -> Self {
        Self::from_coefficients(array::from_fn(|n| f(&self.coefficients[n])))
    }

    fn zip(&self, other: &Self, mut f: impl FnMut(&R, &R) -> R) -> Self {
        Self::from_coefficients(array::from_fn(|n| {
            f(&self.coefficients[n], &other.coefficients[n])
        }))
    }

    /// The Cauchy product, each product formed by `times`.
    fn product(&self, other: &Self, times: impl Fn(&R, &R) -> R) -> Self {
        Self::from_coefficients(array::from_fn(|n| {
            (1..=n).fold(times(&self.coefficients[0], &other.coefficients[n]), |sum, i| {
                sum + times(&self.coefficients[i], &other.coefficients[n - i])
            })
        }))
    }

    /// The coefficients of the derivative: `1 x_1, 2 x_2, ..`, and 0 in the last place.
    fn slope(&self) -> [R; N] {
        let zero = || self.value().int(0);
        array::from_fn(|n| self.coefficients.get(n + 1).map_or_else(zero, |x| times(n + 1, x)))
    }

    /// Solves `y' = slope(y) self'` coefficient by coefficient from the value of `y`; `slope` gets the coefficients
    /// of `y` up to order `n` and returns that coefficient of the slope.
    fn integrate(&self, value: R, slope: impl Fn(&[R], usize) -> R) -> Self {
        let mut y = Self::fixed(value);
        let mut slopes = y.coefficients.clone();
        let x_slope = self.slope();
        for n in 1..N {
            slopes[n - 1] = slope(&y.coefficients[..n], n - 1);
            y.coefficients[n] = divided(product_coefficient(&x_slope, &slopes, n - 1), n);
        }
        y
    }
}

/// `n x`.
fn times<R: Real>(n: usize, x: &R) -> R {
    if n == 1 {
        x.clone()
    } else {
        x.int(i32::try_from(n).expect("an order below 2^31")) * x.clone()
    }
}

/// `x / n`.
fn divided<R: Real>(x: R, n: usize) -> R {
    if n == 1 {
        x
    } else {
        let order = x.int(i32::try_from(n).expect("an order below 2^31"));
        x / order
    }
}

/// `sum_{i=0..n} x_i y_{n-i}`: coefficient `n` of a product. A coefficient that is 0 counts as 0 whatever it meets.
fn product_coefficient<R: Real>(x: &[R], y: &[R], n: usize) -> R {
    (1..=n).fold(x[0].weigh(&y[n]), |sum, i| sum + x[i].weigh(&y[n - i]))
}

/// `sum_{i=0..n} y_i y_{n-i}`.
fn square_coefficient<R: Real>(y: &[R], n: usize) -> R {
    (1..=n).fold(y[0].clone() * y[n].clone(), |sum, i| sum + y[i].clone() * y[n - i].clone())
}

impl<R: Real, const N: usize> Add for Jet<R, N> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.zip(&other, |a, b| a.clone() + b.clone())
    }
}

impl<R: Real, const N: usize> Sub for Jet<R, N> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.zip(&other, |a, b| a.clone() - b.clone())
    }
}

impl<R: Real, const N: usize> Mul for Jet<R, N> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.product(&other, |a, b| a.clone() * b.clone())
    }
}

impl<R: Real, const N: usize> Div for Jet<R, N> {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let mut quotient = self.clone();
        for n in 0..N {
            let mut rest = self.coefficients[n].clone();
            for i in 1..=n {
                rest = rest - other.coefficients[i].weigh(&quotient.coefficients[n - i]);
            }
            quotient.coefficients[n] = rest / other.value().clone();
        }
        quotient
    }
}

impl<R: Real, const N: usize> Neg for Jet<R, N> {
    type Output = Self;
    fn neg(self) -> Self {
        self.map(|a| -a.clone())
    }
}

impl<R: Real, const N: usize> Real for Jet<R, N> {
    fn int(&self, n: i32) -> Self {
        Self::fixed(self.value().int(n))
    }
    fn constant(&self, value: &Exact) -> Self {
        Self::fixed(self.value().constant(value))
    }
    fn exp(&self) -> Self {
        self.integrate(self.value().exp(), |y, n| y[n].clone())
    }
    fn exp_m1(&self) -> Self {
        self.exp().with_value(self.value().exp_m1())
    }
    /// From `x y' = x'`.
    fn ln(&self) -> Self {
        let mut y = Self::fixed(self.value().ln());
        let mut slopes = y.coefficients.clone();
        for n in 1..N {
            let mut rest = times(n, &self.coefficients[n]);
            for i in 1..n {
                rest = rest - slopes[i - 1].clone() * self.coefficients[n - i].clone();
            }
            slopes[n - 1] = rest.over(self.value());
            y.coefficients[n] = divided(slopes[n - 1].clone(), n);
        }
        y
    }
    fn ln_1p(&self) -> Self {
        (self.int(1) + self.clone()).ln().with_value(self.value().ln_1p())
    }
    fn sqrt(&self) -> Self {
        let mut y = Self::fixed(self.value().sqrt());
        let twice = y.value().clone() + y.value().clone();
        for n in 1..N {
            let mut rest = self.coefficients[n].clone();
            for i in 1..n {
                rest = rest - y.coefficients[i].clone() * y.coefficients[n - i].clone();
            }
            y.coefficients[n] = rest.over(&twice);
        }
        y
    }
    fn tanh(&self) -> Self {
        let one = self.value().int(1);
        self.integrate(self.value().tanh(), |y, n| {
            let square = square_coefficient(y, n);
            if n == 0 { one.clone() - square } else { -square }
        })
    }
    fn logistic(&self) -> Self {
        self.integrate(self.value().logistic(), |y, n| y[n].clone() - square_coefficient(y, n))
    }
    fn softplus(&self) -> Self {
        let slope = self.logistic();
        self.integrate(self.value().softplus(), |_, n| slope.coefficients[n].clone())
    }
    fn select(&self, nonnegative: &Self, negative: &Self) -> Self {
        let mut n = 0;
        nonnegative.zip(negative, |a, b| {
            n += 1;
            if n <= 2 { self.value().select(a, b) } else { self.value().select_higher(a, b) }
        })
    }
    fn select_higher(&self, nonnegative: &Self, negative: &Self) -> Self {
        nonnegative.zip(negative, |a, b| self.value().select_higher(a, b))
    }
    // The value by its own rule, which on sets is sharper than the general one.
    fn abs(&self) -> Self {
        self.select(self, &-self.clone()).with_value(self.value().abs())
    }
    fn max(&self, other: &Self) -> Self {
        let larger = (self.clone() - other.clone()).select(self, other);
        larger.with_value(self.value().max(other.value()))
    }
    fn square(&self) -> Self {
        (self.clone() * self.clone()).with_value(self.value().square())
    }
    fn is_nonnegative(&self) -> Option<bool> {
        self.value().is_nonnegative()
    }
    fn weigh(&self, factor: &Self) -> Self {
        self.product(factor, R::weigh)
    }
    fn over(&self, divisor: &Self) -> Self {
        let mut quotient = self.clone();
        for n in 0..N {
            let mut rest = self.coefficients[n].clone();
            for i in 1..=n {
                rest = rest - quotient.coefficients[n - i].weigh(&divisor.coefficients[i]);
            }
            quotient.coefficients[n] = rest.over(divisor.value());
        }
        quotient
    }
    /// `p_k' = p_k (h_k' - L')` with `L' = sum_k p_k h_k'`, coefficient by coefficient.
    fn softmax(logits: &[Self]) -> Softmax<Self> {
        let values = Row::from_fn(logits.len(), |k| logits[k].value().clone());
        let Softmax { p, ln_p, log_total } = R::softmax(&values);
        let fixed = |value: &R| Self::fixed(value.clone());
        let (mut p, mut ln_p) = (p.map(fixed), ln_p.map(fixed));
        let mut log_total = Self::fixed(log_total);
        let slopes = Row::from_fn(logits.len(), |k| logits[k].slope());
        let mut ln_slopes = slopes.clone();
        for n in 1..N {
            let terms =
                slopes.iter().zip(&p).map(|(h, p)| product_coefficient(h, &p.coefficients, n - 1));
            let total = terms.reduce(|a, b| a + b).expect("a row of logits is not empty");
            for (k, p) in p.iter_mut().enumerate() {
                ln_slopes[k][n - 1] = slopes[k][n - 1].clone() - total.clone();
                ln_p[k].coefficients[n] = divided(ln_slopes[k][n - 1].clone(), n);
                p.coefficients[n] =
                    divided(product_coefficient(&ln_slopes[k], &p.coefficients, n - 1), n);
            }
            log_total.coefficients[n] = divided(total, n);
        }
        Softmax { p, ln_p, log_total }
    }
    fn ln_mean_exp(&self, other: &Self) -> Self {
        let value = self.value().ln_mean_exp(other.value());
        (self.clone() + (other.clone() - self.clone()).softplus()).with_value(value)
    }
    fn difference(a: Prob<Self>, b: Prob<Self>) -> Self {
        (a.p.clone() - b.p.clone()).with_value(R::difference(a.value(), b.value()))
    }
    /// By its differential `ln(a/b) da - (a - b) d ln b`, in which nothing cancels.
    fn relative_entropy(a: Prob<Self>, b: Prob<Self>) -> Self {
        let mut term = Self::fixed(R::relative_entropy(a.value(), b.value()));
        let log_ratio = a.ln.clone() - b.ln.clone();
        let difference = Self::difference(a, b);
        let (a_slope, b_slope) = (a.p.slope(), b.ln.slope());
        for n in 1..N {
            let with_a = product_coefficient(&a_slope, &log_ratio.coefficients, n - 1);
            let with_b = product_coefficient(&b_slope, &difference.coefficients, n - 1);
            term.coefficients[n] = divided(with_a - with_b, n);
        }
        term
    }
    fn pearson(a: Prob<Self>, b: Prob<Self>) -> Self {
        let term = Self::difference(a, b).weigh(&(a.ln.clone() - b.ln.clone()).exp_m1());
        term.with_value(R::pearson(a.value(), b.value()))
    }
}

impl<'a, R: Real, const N: usize> Prob<'a, Jet<R, N>> {
    fn value(self) -> Prob<'a, R> {
        Prob { p: self.p.value(), ln: self.ln.value() }
    }
}
