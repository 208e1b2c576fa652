//! The arithmetic that the formulas need, and its backends.
//!
//! Every formula of the workbench (divergences, log densities of laws, logits of models) is written once, over the
//! trait [`Real`]. What it computes depends on the backend it is run on:
//!
//! | backend | an element is | it gives |
//! |---|---|---|
//! | `f64` | a double | values |
//! | [`Jet<R, N>`](Jet) | N Taylor coefficients over another backend | derivatives up to order N - 1 |
//! | [`Interval`] | an interval of doubles | proofs |
//! | [`Taylor<N>`](Taylor) | jets of intervals at the midpoint of a cell and over all of it | tight proofs |
//! | [`Traced`] | a double and a fingerprint of the branches taken | the kinks of a formula |
//! | `Batch` (feature `train`) | a tensor of libtorch, one number for each example or for each example and class | training |
//!
//! Conventions, the same on every backend:
//!
//! - logarithms are natural; `ln 0 = -inf`;
//! - [`weigh`](Real::weigh) is multiplication with `0 * anything = 0` (so `0 ln 0 = 0`), [`over`](Real::over) is division
//!   with `0 / anything = 0`;
//! - at a tie, `max` takes its first argument and `abs` the non-negative side, so that a jet at a kink is the jet of one
//!   of the two sides;
//! - there is no `if x < y` in a formula: [`select`](Real::select), [`max`](Real::max) and [`abs`](Real::abs) are the only
//!   branches, so a backend that keeps sets or batches of numbers can answer in its own way.

mod float;
mod interval;
mod jet;
#[cfg(any(test, feature = "testing"))]
pub mod laws;
mod row;
mod taylor;
#[cfg(feature = "train")]
mod tensor;
mod traced;

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::exact::Exact;

pub use interval::Interval;
#[cfg(any(test, feature = "testing"))]
pub use interval::inclusion;
pub use jet::Jet;
pub use row::Row;
pub use taylor::Taylor;
#[cfg(feature = "train")]
pub use tensor::Batch;
pub use traced::Traced;

/// A probability together with its logarithm.
///
/// Formulas that compare probabilities get both, because each is accurate where the other is not: near 1 the
/// logarithm, near 0 the difference of logarithms, in between either.
#[derive(Debug)]
pub struct Prob<'a, R> {
    /// The probability `p`, in `[0, 1]`.
    pub p: &'a R,
    /// `ln p`, in `[-inf, 0]`.
    pub ln: &'a R,
}

// By hand, because a derived copy would ask for copies of R, and these are two references.
impl<R> Copy for Prob<'_, R> {}
impl<R> Clone for Prob<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

/// What [`Real::softmax`] returns.
#[derive(Clone, Debug)]
pub struct Softmax<R> {
    /// `exp(h_k - log_total)`.
    pub p: Row<R>,
    /// `h_k - log_total`.
    pub ln_p: Row<R>,
    /// `ln sum_k exp(h_k)`.
    pub log_total: R,
}

/// A number that formulas compute with.
///
/// The methods that look redundant (`exp_m1`, [`softmax`](Real::softmax), [`relative_entropy`](Real::relative_entropy), ..)
/// are primitives because composing them from others would lose accuracy on doubles, tightness on intervals or
/// finiteness of derivatives; a backend may override any of them with a sharper rule.
pub trait Real:
    Clone
    + Debug
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// The integer `n`, in the shape of `self`.
    #[must_use]
    fn int(&self, n: i32) -> Self;
    /// The constant `value`, in the shape of `self`.
    #[must_use]
    fn constant(&self, value: &Exact) -> Self;
    /// `e^self`.
    #[must_use]
    fn exp(&self) -> Self;
    /// `e^self - 1`.
    #[must_use]
    fn exp_m1(&self) -> Self;
    /// The natural logarithm; `ln 0 = -inf`.
    #[must_use]
    fn ln(&self) -> Self;
    /// `ln(1 + self)`.
    #[must_use]
    fn ln_1p(&self) -> Self;
    /// The square root on `[0, inf]`. A jet that is zero has the root zero.
    #[must_use]
    fn sqrt(&self) -> Self;
    /// The hyperbolic tangent.
    #[must_use]
    fn tanh(&self) -> Self;
    /// `1 / (1 + e^-self)`.
    #[must_use]
    fn logistic(&self) -> Self;
    /// `ln(1 + e^self)`.
    #[must_use]
    fn softplus(&self) -> Self;
    /// `nonnegative` where `self >= 0`, `negative` elsewhere; the two agree where `self` is 0, so that the result is continuous.
    #[must_use]
    fn select(&self, nonnegative: &Self, negative: &Self) -> Self;
    /// The same choice between Taylor coefficients of order two and higher, which a kink does not have: a backend of sets that
    /// cannot decide knows nothing of them.
    #[must_use]
    fn select_higher(&self, nonnegative: &Self, negative: &Self) -> Self {
        self.select(nonnegative, negative)
    }
    /// `self * factor`, and 0 wherever `self` is 0, whatever `factor` is.
    #[must_use]
    fn weigh(&self, factor: &Self) -> Self;
    /// `self / divisor`, and 0 wherever `self` is 0, whatever `divisor` is.
    #[must_use]
    fn over(&self, divisor: &Self) -> Self;
    /// Softmax of a non-empty row of logits, without overflow.
    #[must_use]
    fn softmax(logits: &[Self]) -> Softmax<Self>;
    /// `ln((e^self + e^other) / 2)`, exact where both are equal.
    #[must_use]
    fn ln_mean_exp(&self, other: &Self) -> Self;
    /// `a - b`, accurate where `a` and `b` are close (also where both are close to 1).
    #[must_use]
    fn difference(a: Prob<Self>, b: Prob<Self>) -> Self;

    /// Whether this is on the side of `select`'s first argument, where the backend can tell: then a formula may leave out the other
    /// argument. `None` is always right, and costs the work of both.
    #[must_use]
    fn is_nonnegative(&self) -> Option<bool> {
        None
    }
    /// The absolute value.
    #[must_use]
    fn abs(&self) -> Self {
        self.select(self, &-self.clone())
    }
    /// The larger of the two, `self` at a tie.
    #[must_use]
    fn max(&self, other: &Self) -> Self {
        (self.clone() - other.clone()).select(self, other)
    }
    /// `self * self`.
    #[must_use]
    fn square(&self) -> Self {
        self.clone() * self.clone()
    }
    /// `a ln(a/b) - a + b >= 0`, one term of the relative entropy in its non-negative form.
    ///
    /// `b` where `a = 0`; `+inf` where `b = 0 < a`.
    #[must_use]
    fn relative_entropy(a: Prob<Self>, b: Prob<Self>) -> Self {
        a.p.weigh(&(a.ln.clone() - b.ln.clone())) - Self::difference(a, b)
    }
    /// `(a - b)^2 / b >= 0`, one term of Pearson's chi-squared divergence.
    ///
    /// 0 where `a = b = 0`; `+inf` where `b = 0 < a`.
    #[must_use]
    fn pearson(a: Prob<Self>, b: Prob<Self>) -> Self {
        Self::difference(a, b).weigh(&(a.ln.clone() - b.ln.clone()).exp_m1())
    }
}
