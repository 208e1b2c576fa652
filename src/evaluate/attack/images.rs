//! Batches of images `[N, C, H, W]` with pixels in `[0, 1]`: norms of each image, and the projection onto what an l1 ball and the box share.

use tch::{Kind, Tensor};

use super::bisection::{at, last_where};
use super::order::ascending;
use crate::perturbation::Norm;

/// Keeps a division by a norm finite where the norm is 0.
pub(super) const TINY: f64 = 1e-12;

/// Each image as a row, `[N, C H W]`.
pub(super) fn rows(images: &Tensor) -> Tensor {
    images.reshape([images.size()[0], -1])
}

/// One number for each image, `[N]`, in the shape `[N, 1, 1, 1]`.
pub(super) fn per_image(values: &Tensor) -> Tensor {
    values.reshape([-1, 1, 1, 1])
}

/// The norm of each image, `[N]`.
pub(super) fn length(images: &Tensor, norm: Norm) -> Tensor {
    let rows = rows(images);
    let over_pixels = Some(&[-1i64][..]);
    match norm {
        Norm::Linf => rows.abs().max_dim(1, false).0,
        Norm::L2 => rows.square().sum_dim_intlist(over_pixels, false, Kind::Float).sqrt(),
        Norm::L1 => rows.abs().sum_dim_intlist(over_pixels, false, Kind::Float),
    }
}

/// Each image divided by its norm.
pub(super) fn direction(images: &Tensor, norm: Norm) -> Tensor {
    images / (per_image(&length(images, norm)) + TINY)
}

/// What has to be added to `change` so that `||change||_1 <= radius` and `images + change` is in the box: the projection onto both at once.
///
/// Every pixel first gives up what leaves the box. Where the rest is too long still, all pixels are shrunk by one threshold, which
/// is found among the sorted places at which a pixel begins or ends to shrink.
pub(super) fn into_l1_ball(images: &Tensor, change: &Tensor, radius: f64) -> Tensor {
    let (x, y) = (rows(images), rows(change));
    let outside = (1f64 - &x - &y).minimum(&(&x + &y)).clamp_max(0.0);
    let all = -y.abs();
    let breaks = -Tensor::cat(&[&outside, &all], 1);
    let order = ascending(&breaks);
    let breaks = breaks.gather(1, &order, false);
    let size = breaks.size();
    let next = Tensor::cat(
        &[
            &breaks.narrow(1, 1, size[1] - 1),
            &Tensor::zeros([size[0], 1], (Kind::Float, x.device())),
        ],
        1,
    );
    let shrinking = (order.lt(x.size()[1]).to_kind(Kind::Float) * 2.0 - 1.0).cumsum(1, Kind::Float);
    let sum = |t: &Tensor| t.sum_dim_intlist(Some(&[1i64][..]), false, Kind::Float);
    let given_up = -sum(&outside);
    let missing = radius - sum(&y.abs());
    let shrunk = given_up.unsqueeze(-1) + ((&next - &breaks) * &shrinking).cumsum(1, Kind::Float);
    let place =
        last_where(&given_up, size[1] - 1, size[1], |m| (at(&shrunk, m) + &missing).lt(0.0));
    let threshold =
        (-at(&shrunk, &place) - &missing) / at(&shrinking, &(&place + 1)) + at(&next, &place);
    let shrink = -outside.neg().maximum(&threshold.unsqueeze(-1)).minimum(&-&all);
    let too_long = (&given_up + &missing).lt(0.0).unsqueeze(-1);
    (y.sign() * shrink.where_self(&too_long, &outside)).view_as(images)
}
