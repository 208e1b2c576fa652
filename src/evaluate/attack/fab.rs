//! FAB: the nearest misclassified point, by steps to where the boundary would be if the logits were linear.

use score_torch_shim::Generator;
use tch::{Kind, TchError, Tensor};

use super::hyperplane;
use super::images::{length, per_image, rows};
use super::{Broken, Classifier, any, labels, noise, positions, put, ranked, top};
use crate::error::Error;
use crate::perturbation::Norm;

/// The attack.
#[derive(Clone, Debug)]
pub struct Fab {
    /// The norm whose distance is made small.
    pub norm: Norm,
    /// What counts as broken: a misclassified point within this distance.
    pub epsilon: f64,
    /// Iterations of a run.
    pub iterations: usize,
    /// Runs; the first begins at the clean image, the others at random points near it.
    pub restarts: usize,
    /// Towards the second, third, .. label of the clean image, this many, one at a time; or to whichever boundary is nearest.
    pub targets: Option<i64>,
    /// What becomes of broken points.
    pub broken: Broken,
}

/// The weight of the step from the clean image is at most this.
const LARGEST_WEIGHT: f64 = 0.1;
/// Steps go beyond the boundary by this factor.
const OVERSHOOT: f64 = 1.05;
/// A misclassified point is pulled back to this share of its distance.
const BACKWARD: f64 = 0.9;
/// A distance that no image has.
const FAR: f64 = 1e10;

impl Fab {
    /// Attacks images `[N, C, H, W]` with labels `[N]`. Points for which nothing within the radius was found are the clean ones.
    ///
    /// # Errors
    /// What the model returns.
    pub fn attack(
        &self,
        model: &dyn Classifier,
        images: &Tensor,
        y: &Tensor,
        seed: i64,
    ) -> Result<Tensor, Error> {
        let mut correct = labels(model, images)?.eq_tensor(y);
        let mut found = images.copy();
        let mut generator = Generator::new(seed)?;
        let targets = self.targets.map_or_else(|| vec![None], |n| (1..=n).map(Some).collect());
        for target in targets {
            for restart in 0..self.restarts {
                let left = positions(&correct);
                if left.numel() == 0 {
                    return Ok(found);
                }
                let (x, y) = (images.index_select(0, &left), y.index_select(0, &left));
                let start = if restart > 0 { self.start(&x, &mut generator)? } else { x.copy() };
                let (near, distance) = self.run(model, &x, &y, target, start)?;
                let broken = positions(&distance.le(self.epsilon));
                let place = left.index_select(0, &broken);
                put(&mut found, &place, &near.index_select(0, &broken));
                let _ = correct.index_fill_(0, &place, 0);
            }
        }
        Ok(found)
    }

    /// One run: for each point the nearest misclassified image that was met, and its distance.
    fn run(
        &self,
        model: &dyn Classifier,
        images: &Tensor,
        y: &Tensor,
        target: Option<i64>,
        start: Tensor,
    ) -> Result<(Tensor, Tensor), Error> {
        let options = (Kind::Float, images.device());
        let n = images.size()[0];
        let mut found = images.copy();
        let mut distance = Tensor::full([n], FAR, options);
        let mut place = Tensor::arange(n, (Kind::Int64, images.device()));
        let (mut clean, mut y) = (images.copy(), y.copy());
        let mut target = target.map(|rank| ranked(model, images, rank)).transpose()?;
        let mut at = start;
        // What is known already of the points as they are, and how many of them were misclassified last.
        let mut known: Option<View> = None;
        let mut wrong_before = n;
        for i in 0..self.iterations {
            let view = match (known.take(), &target) {
                (Some(view), _) => view,
                (None, Some(target)) => towards(model, &at, &y, target)?,
                (None, None) => nearest(model, &at, &y, self.norm)?,
            };
            at = self.step(&at, &clean, &view);
            // A point that is classified correctly stays where it is until the next iteration, which wants its gradient: one pass gives both. Of the others the
            // gradient is wanted elsewhere, so that this pays while there are few.
            let label = match &target {
                Some(target)
                    if self.broken == Broken::Dropped
                        && i + 1 < self.iterations
                        && 3 * wrong_before < at.size()[0] =>
                {
                    known.insert(towards(model, &at, &y, target)?).label.shallow_clone()
                }
                _ => labels(model, &at)?,
            };
            let is_wrong = label.ne_tensor(&y);
            let wrong = positions(&is_wrong);
            wrong_before = wrong.size()[0];
            if wrong_before == 0 {
                continue;
            }
            let (there, origin) = (at.index_select(0, &wrong), clean.index_select(0, &wrong));
            let change = &there - &origin;
            let length = length(&change, self.norm);
            let whose = place.index_select(0, &wrong);
            let before = distance.index_select(0, &whose);
            let nearer = length.lt_tensor(&before);
            let nearest = there.where_self(&per_image(&nearer), &found.index_select(0, &whose));
            put(&mut found, &whose, &nearest);
            put(&mut distance, &whose, &length.where_self(&nearer, &before));
            put(&mut at, &wrong, &(origin + change * BACKWARD));

            let mut moved = is_wrong;
            let outside = distance.index_select(0, &place).gt(self.epsilon);
            if self.broken == Broken::Dropped && any(&outside.logical_not()) {
                let left = positions(&outside);
                if left.numel() == 0 {
                    break;
                }
                let tensors = [&mut place, &mut clean, &mut y, &mut at, &mut moved];
                let view = known.iter_mut().flat_map(|view| [&mut view.gap, &mut view.slope]);
                for tensor in tensors.into_iter().chain(&mut target).chain(view) {
                    *tensor = tensor.index_select(0, &left);
                }
            }
            let moved = positions(&moved);
            if let (Some(view), Some(target)) = (&mut known, &target)
                && moved.numel() > 0
            {
                let of = |tensor: &Tensor| tensor.index_select(0, &moved);
                let View { gap, slope, .. } = towards(model, &of(&at), &of(&y), &of(target))?;
                put(&mut view.gap, &moved, &gap);
                put(&mut view.slope, &moved, &slope);
            }
        }
        Ok((found, distance))
    }

    /// A random point at half the radius.
    fn start(&self, images: &Tensor, generator: &mut Generator) -> Result<Tensor, TchError> {
        let noise = noise(self.norm, images, generator)?;
        let moved = images + &noise * self.epsilon / per_image(&length(&noise, self.norm)) * 0.5;
        moved.f_clamp(0.0, 1.0)
    }

    /// The next point: between the steps from here and from the clean image, each a little beyond the boundary as it looks from here.
    fn step(&self, at: &Tensor, clean: &Tensor, View { gap, slope, .. }: &View) -> Tensor {
        let n = at.size()[0];
        let offset = -gap
            + (slope * at).reshape([n, -1]).sum_dim_intlist(Some(&[-1i64][..]), false, Kind::Float);
        let normal = rows(slope);
        let both = |tensor: &Tensor| Tensor::cat(&[tensor, tensor], 0);
        let points = Tensor::cat(&[rows(at), rows(clean)], 0);
        let steps = hyperplane::step(&points, &both(&normal), &both(&offset), self.norm);
        let lengths = length(&steps, self.norm).clamp_min(1e-8);
        let (here, there) = (lengths.narrow(0, 0, n), lengths.narrow(0, n, n));
        let weight = per_image(&(&here / (&here + there)).clamp_min(0.0).clamp_max(LARGEST_WEIGHT));
        let from_here = at + steps.narrow(0, 0, n).view_as(at) * OVERSHOOT;
        let from_clean = clean + steps.narrow(0, n, n).view_as(at) * OVERSHOOT;
        (from_here * (1f64 - &weight) + from_clean * weight).clamp(0.0, 1.0)
    }
}

/// What the model says at a point.
#[derive(Debug)]
struct View {
    /// Its label.
    label: Tensor,
    /// How far another label's logit is above the right one's.
    gap: Tensor,
    /// The gradient of that.
    slope: Tensor,
}

/// The view towards the target's boundary.
fn towards(
    model: &dyn Classifier,
    at: &Tensor,
    y: &Tensor,
    target: &Tensor,
) -> Result<View, Error> {
    let at = at.detach().set_requires_grad(true);
    let logits = model.logits(&at)?;
    let entry = |label: &Tensor| logits.gather(1, &label.unsqueeze(1), false).squeeze_dim(1);
    let gap = -(entry(y) - entry(target));
    let slope = Tensor::run_backward(&[gap.sum(None)], &[&at], false, false).remove(0);
    Ok(View { label: top(&logits.detach()), gap: gap.detach(), slope })
}

/// The view towards the boundary that is nearest if the logits are linear.
fn nearest(model: &dyn Classifier, at: &Tensor, y: &Tensor, norm: Norm) -> Result<View, Error> {
    let at = at.detach().set_requires_grad(true);
    let logits = model.logits(&at)?;
    let [n, classes] = logits.size()[..] else { unreachable!("logits are rows") };
    let gradients: Vec<_> = (0..classes)
        .map(|k| {
            let last = k + 1 == classes;
            Tensor::run_backward(&[logits.select(1, k).sum(None)], &[&at], !last, false).remove(0)
        })
        .collect();
    let logits = logits.detach();
    let gradients = Tensor::stack(&gradients, 1);
    let size = gradients.size();
    let of = |label: &Tensor| {
        let place =
            label.reshape([-1, 1, 1, 1, 1]).expand([n, 1, size[2], size[3], size[4]], false);
        gradients.gather(1, &place, false)
    };
    let label = y.unsqueeze(1);
    let gaps = &logits - logits.gather(1, &label, false);
    let gaps = gaps.scatter_value(1, &label, FAR);
    let slopes = &gradients - of(y);
    let flat = slopes.reshape([n, classes, -1]);
    let over_pixels = Some(&[-1i64][..]);
    // The dual norm.
    let steepness = match norm {
        Norm::Linf => flat.abs().sum_dim_intlist(over_pixels, false, Kind::Float),
        Norm::L2 => flat.square().sum_dim_intlist(over_pixels, false, Kind::Float).sqrt(),
        Norm::L1 => flat.abs().max_dim(2, false).0,
    };
    let k = (gaps.abs() / (steepness + 1e-12)).min_dim(1, false).1;
    let gap = gaps.gather(1, &k.unsqueeze(1), false).squeeze_dim(1);
    Ok(View { label: top(&logits), gap, slope: of(&k).squeeze_dim(1) - of(y).squeeze_dim(1) })
}
