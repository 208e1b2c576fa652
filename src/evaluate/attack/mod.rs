//! The attacks of AutoAttack (Croce and Hein, ICML 2020; l1 in ICML 2021), on batches of images.
//!
//! Parameters, order of operations and random numbers are the reference implementation's, so that both give the same images: its noise is drawn by
//! the same generator in the same order, its reductions are the same. What differs is which points are still computed with:
//! [`Broken::Dropped`] leaves out what is decided.
//!
//! | file | attack |
//! |---|---|
//! | `apgd` | APGD: projected gradient ascent with momentum that halves its own step |
//! | `fab` | FAB: the nearest point of the decision boundary, by linearising it |
//! | `square` | Square: random search, without gradients |
//! | `quirk` | oddities of the reference implementation that can be put right |

mod apgd;
mod bisection;
mod fab;
mod hyperplane;
mod images;
mod order;
mod quirk;
mod square;

pub use apgd::{Apgd, Ascent, Goal};
pub use fab::Fab;
pub use quirk::{Quirk, Quirks};
pub use square::Square;

pub(super) use apgd::cross_entropy;
pub(super) use square::margin;

use score_torch_shim::Generator;
use tch::{Kind, TchError, Tensor, no_grad};

use crate::error::Error;
use crate::perturbation::Norm;

/// What is attacked: images `[N, C, H, W]` with pixels in `[0, 1]` to logits `[N, K]`, each row by itself.
pub trait Classifier {
    /// The logits.
    ///
    /// # Errors
    /// Whatever keeps the model from computing them.
    fn logits(&self, images: &Tensor) -> Result<Tensor, Error>;
}

impl<F: Fn(&Tensor) -> Result<Tensor, Error>> Classifier for F {
    fn logits(&self, images: &Tensor) -> Result<Tensor, Error> {
        self(images)
    }
}

/// What is not computed because it cannot change a flag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Broken {
    /// A point that the attack has broken is left out from then on. Each point's path depends on its own pixels and on noise that was drawn at the start, so the
    /// others go on as they would, and a point that is broken stays so: no flag can change, but for the rounding of a forward pass in a batch of another
    /// size. So are passes whose result is known: of Square's candidates that change nothing or were rejected before, and of FAB's second look at a point.
    #[default]
    Dropped,
    /// Nothing: every point is attacked to the end, as by the reference implementation. Then the images are the same too, not only the flags.
    Kept,
}

/// Noise of the shape of images: uniform on `[-1, 1]` for linf, else normal. Drawn on the processor, whatever the device.
fn noise(norm: Norm, images: &Tensor, generator: &mut Generator) -> Result<Tensor, TchError> {
    let noise = match norm {
        Norm::Linf => generator.uniform(&images.size())? * 2.0 - 1.0,
        Norm::L2 | Norm::L1 => generator.normal(&images.size())?,
    };
    noise.f_to_device(images.device())
}

/// Labels `[N]` that the model gives.
pub(crate) fn labels(model: &dyn Classifier, images: &Tensor) -> Result<Tensor, Error> {
    Ok(top(&no_grad(|| model.logits(images))?))
}

/// The label of each row of logits; of several largest ones, the one that the reference implementation's `max` takes.
pub(crate) fn top(logits: &Tensor) -> Tensor {
    logits.max_dim(1, false).1
}

/// Positions `[M]` of what is true in `[N]`.
pub(crate) fn positions(condition: &Tensor) -> Tensor {
    condition.nonzero().squeeze_dim(1)
}

/// Whether something is true in a tensor of booleans.
fn any(condition: &Tensor) -> bool {
    count(condition) > 0
}

/// How many are true in a tensor of booleans.
fn count(condition: &Tensor) -> i64 {
    condition.sum(Kind::Int64).int64_value(&[])
}

/// `values` in the rows `place` of `table`.
fn put(table: &mut Tensor, place: &Tensor, values: &Tensor) {
    let _ = table.index_copy_(0, place, values);
}

/// The label of each image with the logit of this rank, 1 for the one after the largest.
fn ranked(model: &dyn Classifier, images: &Tensor, rank: i64) -> Result<Tensor, Error> {
    let order = no_grad(|| model.logits(images))?.sort(1, false).1;
    Ok(order.select(1, order.size()[1] - 1 - rank))
}
