//! Tensors of libtorch: a batch of examples at once, with gradients.

use std::ops::{Add, Div, Mul, Neg, Sub};

use tch::{Kind, Tensor, no_grad};

use super::{Prob, Real, Row, Softmax};
use crate::error::Error;
use crate::exact::Exact;
use crate::simplex::{Classes, Simplex};

/// A batch of numbers: `Batch<2>` is `[N, K]`, one for each example and class; `Batch<1>` is `[N]`, one for each example.
///
/// Entries are of a floating-point type, and tensors that meet in a formula are of one shape, type and device; libtorch's operators panic
/// where they are not, so whoever makes batches of what a user gave checks first. Gradients are libtorch's, with the conventions of jets:
/// at a tie those of the side that is taken, and none from a root at 0, from the logarithm of 0, or from what exceeds the largest number. A gradient
/// is finite wherever the logits are, also where probabilities vanish.
///
/// ```
/// use score_workbench::{divergence::Divergence, real::Batch, simplex::Simplex};
/// use tch::Tensor;
/// let logits = Tensor::from_slice2(&[[1.0, 0.0], [1e4, -1e4]]).set_requires_grad(true);
/// let q = Simplex::from_logits(&Batch::<2>::new(logits.shallow_clone())?);
/// let t = Simplex::from_labels(&Tensor::from_slice(&[0_i64, 1]), 2, &logits)?;
/// let total = Divergence::Kl.eval(&t, &q);
/// assert_eq!(total.tensor().size(), [2]);
/// total.tensor().sum(None).backward();
/// assert_eq!(logits.grad().double_value(&[1, 0]), 1.0);
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
#[derive(Debug)]
pub struct Batch<const RANK: usize>(Tensor);

impl<const RANK: usize> Batch<RANK> {
    /// The batch of these numbers.
    ///
    /// # Errors
    /// [`Error::Batch`] for a tensor with another number of axes, with no entry, or of a type other than floating point.
    pub fn new(tensor: Tensor) -> Result<Self, Error> {
        let (found, kind) = (tensor.size(), tensor.f_kind()?);
        let floating = matches!(kind, Kind::Double | Kind::Float | Kind::Half | Kind::BFloat16);
        if found.len() == RANK && tensor.numel() > 0 && floating {
            return Ok(Self(tensor));
        }
        let expected = format!("a floating-point type and {RANK} axes, none of them empty,");
        Err(Error::Batch { what: "numbers", found, kind: format!("{kind:?}"), expected })
    }

    /// The numbers.
    #[must_use]
    pub fn tensor(&self) -> &Tensor {
        &self.0
    }

    /// The numbers, without the batch.
    #[must_use]
    pub fn into_tensor(self) -> Tensor {
        self.0
    }

    fn filled(&self, value: f64) -> Tensor {
        Tensor::full([0_i64; 0].as_slice(), value, (self.0.kind(), self.0.device()))
            .expand_as(&self.0)
    }
}

impl<const RANK: usize> Clone for Batch<RANK> {
    fn clone(&self) -> Self {
        Self(self.0.shallow_clone())
    }
}

/// What has the value `value`, and the gradient `sum_i slope_i dx_i`. A slope that is not finite counts as 0, and so does that of an x that is not.
fn steered<const M: usize>(value: Tensor, slopes: [(&Tensor, &Tensor); M]) -> Tensor {
    slopes.into_iter().fold(value, |y, (x, slope)| {
        if x.requires_grad() { y + finite(slope) * change(x) } else { y }
    })
}

/// 0, with the gradient of x where x is finite.
fn change(x: &Tensor) -> Tensor {
    (x - x.detach()).nan_to_num(0.0, 0.0, 0.0)
}

/// The entries that are finite, and 0.
fn finite(slope: &Tensor) -> Tensor {
    slope.detach().nan_to_num(0.0, 0.0, 0.0)
}

/// Softmax along an axis by the rule of doubles, and the logarithm of its divisor (whose axis has length 1). Its gradient is libtorch's.
fn softmax(h: &Tensor, axis: i64) -> [Tensor; 3] {
    let [p, ln_p, log_total] = no_grad(|| {
        let (largest, top) = h.max_dim(axis, true);
        let shifted = h - &largest;
        let powers = shifted.exp();
        let rest = powers.scatter_value(axis, &top, 0.0).sum_dim_intlist(axis, true, None);
        let log_rest = rest.log1p();
        let p = powers.scatter_value(axis, &top, 1.0) / (rest + 1.0);
        [p, shifted - &log_rest, largest + log_rest]
    });
    if !h.requires_grad() {
        return [p, ln_p, log_total];
    }
    let slope = change(&h.log_softmax(axis, None));
    let total = change(&h.logsumexp(axis, true));
    [&p + &p * &slope, ln_p + slope, log_total + total]
}

/// `a - b` where both are close and where they are not; values alone.
fn difference<const RANK: usize>(a: Prob<Batch<RANK>>, b: Prob<Batch<RANK>>) -> Tensor {
    let log_ratio = &a.ln.0 - &b.ln.0;
    let close = log_ratio.abs().lt(1.0);
    (&b.p.0 * log_ratio.expm1()).where_self(&close, &(&a.p.0 - &b.p.0))
}

impl<const RANK: usize> Add for Batch<RANK> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl<const RANK: usize> Sub for Batch<RANK> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl<const RANK: usize> Mul for Batch<RANK> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0)
    }
}

impl<const RANK: usize> Div for Batch<RANK> {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        Self(self.0 / other.0)
    }
}

impl<const RANK: usize> Neg for Batch<RANK> {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl<const RANK: usize> Real for Batch<RANK> {
    fn int(&self, n: i32) -> Self {
        Self(self.filled(n.into()))
    }
    fn constant(&self, value: &Exact) -> Self {
        Self(self.filled(value.to_f64()))
    }
    fn exp(&self) -> Self {
        Self(self.0.exp())
    }
    fn exp_m1(&self) -> Self {
        Self(self.0.expm1())
    }
    fn ln(&self) -> Self {
        let [value, slope] = no_grad(|| [self.0.log(), self.0.reciprocal()]);
        Self(steered(value, [(&self.0, &slope)]))
    }
    fn ln_1p(&self) -> Self {
        let [value, slope] = no_grad(|| [self.0.log1p(), (&self.0 + 1.0).reciprocal()]);
        Self(steered(value, [(&self.0, &slope)]))
    }
    fn sqrt(&self) -> Self {
        let value = no_grad(|| self.0.sqrt());
        let slope = no_grad(|| 0.5 / &value);
        Self(steered(value, [(&self.0, &slope)]))
    }
    fn tanh(&self) -> Self {
        Self(self.0.tanh())
    }
    fn logistic(&self) -> Self {
        Self(self.0.sigmoid())
    }
    fn softplus(&self) -> Self {
        Self(-(-&self.0).log_sigmoid())
    }
    fn select(&self, nonnegative: &Self, negative: &Self) -> Self {
        Self(nonnegative.0.where_self(&self.0.ge(0.0), &negative.0))
    }
    fn max(&self, other: &Self) -> Self {
        Self(other.0.where_self(&other.0.gt_tensor(&self.0), &self.0))
    }
    fn weigh(&self, factor: &Self) -> Self {
        let value = no_grad(|| (&self.0 * &factor.0).masked_fill(&self.0.eq(0.0), 0.0));
        Self(steered(value, [(&self.0, &factor.0), (&factor.0, &self.0)]))
    }
    fn over(&self, divisor: &Self) -> Self {
        let value = no_grad(|| (&self.0 / &divisor.0).masked_fill(&self.0.eq(0.0), 0.0));
        let [one, other] = no_grad(|| [divisor.0.reciprocal(), -&value / &divisor.0]);
        Self(steered(value, [(&self.0, &one), (&divisor.0, &other)]))
    }
    fn softmax(logits: &[Self]) -> Softmax<Self> {
        let rows: Vec<&Tensor> = logits.iter().map(|h| &h.0).collect();
        let [p, ln_p, log_total] = softmax(&Tensor::stack(&rows, 0), 0);
        let row = |t: &Tensor| t.unbind(0).into_iter().map(Self).collect::<Row<Self>>();
        Softmax { p: row(&p), ln_p: row(&ln_p), log_total: Self(log_total.squeeze_dim(0)) }
    }
    fn ln_mean_exp(&self, other: &Self) -> Self {
        let gap = no_grad(|| &self.0 - &other.0);
        let value = no_grad(|| {
            let largest = self.0.maximum(&other.0);
            let mean = &largest + ((-gap.abs()).expm1() * 0.5).log1p();
            // Both -inf: the gap is NaN, and so is no gap.
            largest.where_self(&gap.isnan(), &mean)
        });
        let [one, two] = no_grad(|| [gap.sigmoid(), (-&gap).sigmoid()]);
        Self(steered(value, [(&self.0, &one), (&other.0, &two)]))
    }
    fn difference(a: Prob<Self>, b: Prob<Self>) -> Self {
        let value = no_grad(|| difference(a, b));
        if a.p.0.requires_grad() || b.p.0.requires_grad() {
            Self(value + change(&(&a.p.0 - &b.p.0)))
        } else {
            Self(value)
        }
    }
    /// By its differential `ln(a/b) da - (a - b) d ln b`, in which nothing cancels.
    fn relative_entropy(a: Prob<Self>, b: Prob<Self>) -> Self {
        let [value, log_ratio, gap] = no_grad(|| {
            let (log_ratio, gap) = (&a.ln.0 - &b.ln.0, difference(a, b));
            let term = (&a.p.0 * &log_ratio - &gap).clamp_min(0.0);
            [b.p.0.where_self(&a.p.0.eq(0.0), &term), log_ratio, -gap]
        });
        Self(steered(value, [(&a.p.0, &log_ratio), (&b.ln.0, &gap)]))
    }
    /// By its differential `(e^r - 1) (da - db) + (a - b) e^r dr`, with `r = ln a - ln b`.
    fn pearson(a: Prob<Self>, b: Prob<Self>) -> Self {
        let [value, outer, inner] = no_grad(|| {
            let log_ratio = &a.ln.0 - &b.ln.0;
            let least = (&a.ln.0 * 2.0 - &b.ln.0).where_self(&log_ratio.gt(0.0), &b.ln.0);
            let term = least.exp() * (-log_ratio.abs()).expm1().square();
            let ratio = log_ratio.exp();
            let value = term.masked_fill(&log_ratio.isnan(), 0.0);
            [value, log_ratio.expm1(), difference(a, b) * ratio]
        });
        let (minus_outer, minus_inner) = (-&outer, -&inner);
        let slopes =
            [(&a.p.0, &outer), (&b.p.0, &minus_outer), (&a.ln.0, &inner), (&b.ln.0, &minus_inner)];
        Self(steered(value, slopes))
    }
}

impl Classes for Batch<2> {
    type Entry = Self;
    type Total = Batch<1>;

    fn combine<const M: usize>(rows: [&Self; M], f: impl Fn([&Self; M]) -> Self) -> Self {
        f(rows)
    }
    fn sum(&self) -> Batch<1> {
        Batch(self.0.sum_dim_intlist(1, false, None))
    }
    fn max(&self) -> Batch<1> {
        Batch(self.0.max_dim(1, false).0)
    }
    fn softmax(&self) -> (Self, Self) {
        let [p, ln_p, _] = softmax(&self.0, 1);
        (Self(p), Self(ln_p))
    }
}

impl Simplex<Batch<2>> {
    /// The one-hot distributions of labels `0..classes`, `[N]` of type Int64, with entries of the type and on the device of `like`.
    ///
    /// # Errors
    /// [`Error::Batch`] for labels of another shape or type, [`Error::Torch`] for one out of range (where libtorch looks: on CPUs).
    pub fn from_labels(labels: &Tensor, classes: u16, like: &Tensor) -> Result<Self, Error> {
        let (found, kind) = (labels.size(), labels.f_kind()?);
        if found.len() != 1 || found[0] == 0 || kind != Kind::Int64 {
            let expected = "[N] with N > 0 and type Int64".into();
            return Err(Error::Batch {
                what: "labels",
                found,
                kind: format!("{kind:?}"),
                expected,
            });
        }
        let on_device = labels.f_to_device(like.device())?;
        let p = on_device.f_one_hot(classes.into())?.f_to_kind(like.f_kind()?)?;
        let ln_p = p.f_log()?;
        Ok(Self::from_classes(Batch(p), Batch(ln_p)))
    }
}

#[cfg(test)]
mod tests;
