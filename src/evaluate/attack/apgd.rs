//! APGD: projected gradient ascent with momentum, whose step halves where it no longer helps.

use score_torch_shim::Generator;
use tch::{Kind, Reduction, Tensor};

use super::images::{self, direction, into_l1_ball, length, per_image, rows};
use super::order::ascending;
use super::{
    Broken, Classifier, Quirk, Quirks, any, count, labels, noise, positions, put, ranked, top,
};
use crate::error::Error;
use crate::perturbation::Norm;

/// What APGD climbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The cross-entropy of the label.
    CrossEntropy,
    /// The difference of logits ratio, `-(z_y - max_{i != y} z_i) / (z_(1) - z_(3))`, which no scaling of the logits changes.
    Dlr,
    /// The same towards one other label at a time, `-(z_y - z_t) / (z_(1) - (z_(3) + z_(4)) / 2)`: the second, third, .. of the clean image, this many.
    Targeted {
        /// How many labels.
        targets: i64,
    },
}

/// The attack: 100 iterations a run, as many runs as restarts or targets, each on what is left.
#[derive(Clone, Debug)]
pub struct Apgd {
    /// The norm.
    pub norm: Norm,
    /// The radius.
    pub epsilon: f64,
    /// Iterations of a run.
    pub iterations: usize,
    /// Runs from other starts; for [`Goal::Targeted`] one for each target.
    pub restarts: usize,
    /// What is climbed.
    pub goal: Goal,
    /// Gradients that are averaged where the model is random.
    pub samples: usize,
    /// Begin with three times the radius, then two (l1).
    pub larger_radii: bool,
    /// What becomes of broken points.
    pub broken: Broken,
    /// What is done otherwise than in the reference implementation.
    pub quirks: Quirks,
}

/// What APGD found.
#[derive(Debug)]
pub struct Attacked {
    /// The images; where nothing was found, the clean ones.
    pub images: Tensor,
    /// The largest number of points, over the runs on a DLR loss, whose gradient was 0 at the start.
    pub without_gradient: i64,
}

/// Reduction of the step: fewer than this share of the iterations since the last look have raised the loss.
const RISING: f64 = 0.75;
/// Weight of the gradient's step against the momentum's.
const NEW: f64 = 0.75;
/// Keeps a ratio of logits finite.
const TINY: f64 = 1e-12;

impl Apgd {
    /// Attacks images `[N, C, H, W]` with labels `[N]`.
    ///
    /// # Errors
    /// What the model returns.
    pub fn attack(
        &self,
        model: &dyn Classifier,
        images: &Tensor,
        y: &Tensor,
        seed: i64,
    ) -> Result<Attacked, Error> {
        let mut correct = labels(model, images)?.eq_tensor(y);
        let mut found = Attacked { images: images.copy(), without_gradient: 0 };
        let mut generator = Generator::new(seed)?;
        let targets = match self.goal {
            Goal::Targeted { targets } => (1..=targets).map(Some).collect(),
            Goal::CrossEntropy | Goal::Dlr => vec![None; self.restarts],
        };
        for target in targets {
            let left = positions(&correct);
            if left.numel() == 0 {
                break;
            }
            let (x, y) = (images.index_select(0, &left), y.index_select(0, &left));
            let rank = target.map(|rank| ranked(model, &x, rank)).transpose()?;
            let loss = |logits: &Tensor, at: &Tensor| {
                let y = y.index_select(0, at);
                match (&rank, self.goal) {
                    (Some(target), _) => targeted_dlr(logits, &y, &target.index_select(0, at)),
                    (None, Goal::CrossEntropy) => cross_entropy(logits, &y),
                    (None, _) => dlr(logits, &y),
                }
            };
            let objective = |images: &Tensor, at: &Tensor| {
                let logits = model.logits(images)?;
                let loss = loss(&logits, at);
                Ok((logits, loss))
            };
            let climb = self.climb(&x, &y, &objective, &mut generator)?;
            if self.goal != Goal::CrossEntropy {
                found.without_gradient = found.without_gradient.max(climb.without_gradient);
            }
            let broken = positions(&climb.broken);
            let place = left.index_select(0, &broken);
            put(&mut found.images, &place, &climb.adversarial.index_select(0, &broken));
            let _ = correct.index_fill_(0, &place, 0);
        }
        Ok(found)
    }

    /// One run, in l1 with its larger radii before it.
    fn climb(
        &self,
        x: &Tensor,
        y: &Tensor,
        objective: Objective,
        generator: &mut Generator,
    ) -> Result<Ascent, Error> {
        if !self.larger_radii {
            let (radius, iterations, broken) = (self.epsilon, self.iterations, self.broken);
            return self.run(x, y, objective, radius, iterations, None, broken, generator);
        }
        let stages = self.stages();
        let mut start = x + noise(Norm::L1, x, generator)?;
        start = &start + into_l1_ball(x, &(&start - x), stages[0].0);
        for (radius, iterations) in &stages[..stages.len() - 1] {
            start = &start + into_l1_ball(x, &(&start - x), *radius);
            // Points that a larger ball breaks are not broken.
            let broken = Broken::Kept;
            start = self
                .run(x, y, objective, *radius, *iterations, Some(start), broken, generator)?
                .best;
        }
        let (radius, iterations) = stages[stages.len() - 1];
        start = &start + into_l1_ball(x, &(&start - x), radius);
        self.run(x, y, objective, radius, iterations, Some(start), self.broken, generator)
    }

    /// Radii and iterations: three times the radius and twice for three tenths each, then the radius itself.
    fn stages(&self) -> [(f64, usize); 3] {
        let part = (3 * self.iterations).div_ceil(10);
        [(3.0, part), (2.0, part), (1.0, self.iterations - 2 * part)]
            .map(|(times, iterations)| (times * self.epsilon, iterations))
    }

    /// One run of the ascent on any loss of each image, from a random start or a given one.
    ///
    /// `objective` takes images and their positions in `x`, and gives logits and the loss of each.
    ///
    /// # Errors
    /// What `objective` returns.
    #[allow(clippy::too_many_arguments)]
    pub fn run(
        &self,
        x: &Tensor,
        y: &Tensor,
        objective: Objective,
        epsilon: f64,
        iterations: usize,
        start: Option<Tensor>,
        broken: Broken,
        generator: &mut Generator,
    ) -> Result<Ascent, Error> {
        let mut walk = Walk::begin(self, x, y, objective, epsilon, start, generator)?;
        let mut ascent = Ascent {
            best: walk.best.copy(),
            adversarial: walk.at.copy(),
            broken: walk.correct.logical_not(),
            loss: walk.best_loss.copy(),
            without_gradient: count(
                &rows(&walk.gradient)
                    .abs()
                    .sum_dim_intlist(Some(&[-1i64][..]), false, Kind::Float)
                    .eq(0.0),
            ),
        };
        let mut looks = Looks::new(self.norm, iterations);
        for i in 0..iterations {
            if broken == Broken::Dropped && any(&walk.correct.logical_not()) {
                ascent.take(&walk);
                let left = positions(&walk.correct);
                walk.keep(&left);
                if left.numel() == 0 {
                    break;
                }
            }
            walk.step(i);
            walk.evaluate(self.samples, objective)?;
            let wrong = positions(&walk.wrong);
            put(
                &mut ascent.adversarial,
                &walk.place.index_select(0, &wrong),
                &walk.at.index_select(0, &wrong),
            );
            let _ = ascent.broken.index_fill_(0, &walk.place.index_select(0, &wrong), 1);
            walk.remember();
            if let Some(since) = looks.due() {
                walk.adapt(i, since);
            }
        }
        ascent.take(&walk);
        Ok(ascent)
    }
}

/// Images and their positions in the batch, to logits and the loss of each.
pub type Objective<'a> = &'a dyn Fn(&Tensor, &Tensor) -> Result<(Tensor, Tensor), Error>;

/// What a run found, for each point.
#[derive(Debug)]
pub struct Ascent {
    /// The image of largest loss. For points that were dropped, up to then.
    pub best: Tensor,
    /// Its loss.
    pub loss: Tensor,
    /// The last image that was misclassified.
    pub adversarial: Tensor,
    /// Whether there was one.
    pub broken: Tensor,
    /// How many gradients were 0 at the start.
    pub without_gradient: i64,
}

impl Ascent {
    /// The best images of the points that are still attacked.
    fn take(&mut self, walk: &Walk) {
        put(&mut self.best, &walk.place, &walk.best);
        put(&mut self.loss, &walk.place, &walk.best_loss);
    }
}

/// When the step is looked at: after 22 iterations of 100, then in intervals that shrink by 3 down to 6. In l1 after every 4 of 100.
struct Looks {
    interval: usize,
    shrink: usize,
    least: usize,
    since: usize,
}

impl Looks {
    fn new(norm: Norm, iterations: usize) -> Self {
        let part = |percent: usize| (percent * iterations / 100).max(1);
        let (interval, shrink) = if norm == Norm::L1 { (part(4), 0) } else { (part(22), part(3)) };
        Self { interval, shrink, least: part(6).min(interval), since: 0 }
    }

    /// The iterations since the last look, where one is due.
    fn due(&mut self) -> Option<usize> {
        self.since += 1;
        if self.since < self.interval {
            return None;
        }
        let since = self.since;
        self.interval = self.interval.saturating_sub(self.shrink).max(self.least);
        self.since = 0;
        Some(since)
    }
}

/// The points of one run that are still attacked. Every tensor has one row a point.
struct Walk<'a> {
    norm: Norm,
    epsilon: f64,
    quirks: &'a Quirks,
    /// Where each point stands in the batch.
    place: Tensor,
    x: Tensor,
    y: Tensor,
    /// The least and the largest value of each pixel (linf).
    least: Tensor,
    most: Tensor,
    /// The iterate, and the one before it.
    at: Tensor,
    before: Tensor,
    loss: Tensor,
    gradient: Tensor,
    /// The iterate of largest loss.
    best: Tensor,
    best_loss: Tensor,
    best_gradient: Tensor,
    /// Whether every iterate so far was classified correctly, and whether this one is not.
    correct: Tensor,
    wrong: Tensor,
    /// The size of a step, `[N, 1, 1, 1]`.
    step: Tensor,
    /// The loss of each iterate, the start's first.
    losses: Vec<Tensor>,
    /// At the last look: the largest loss, and whether the step was halved (linf and l2).
    last_best: Tensor,
    reduced: Tensor,
    /// How many pixels differ from the clean image, at the last look; the share of pixels that a step moves (l1).
    changed: Tensor,
    share: Tensor,
}

impl<'a> Walk<'a> {
    fn begin(
        attack: &'a Apgd,
        x: &Tensor,
        y: &Tensor,
        objective: Objective,
        epsilon: f64,
        start: Option<Tensor>,
        generator: &mut Generator,
    ) -> Result<Self, Error> {
        let (norm, n) = (attack.norm, x.size()[0]);
        // Drawn where a start is given too: the reference implementation does, and later numbers depend on it.
        let noise = noise(norm, x, generator)?;
        let pixels = x.numel() as f64 / n as f64;
        let options = (Kind::Float, x.device());
        let is_given = start.is_some();
        let at = match (start, norm) {
            (Some(start), _) => start,
            (None, Norm::L1) => x + &noise + into_l1_ball(x, &noise, epsilon),
            (None, _) => x + direction(&noise, norm) * epsilon,
        };
        let at = at.clamp(0.0, 1.0);
        let changed =
            if is_given { count_changed(&at, x) } else { Tensor::full([n], pixels, options) };
        let share =
            if is_given { &changed / pixels / 1.5 } else { Tensor::full([n], 0.2, options) };
        let mut walk = Self {
            norm,
            epsilon,
            quirks: &attack.quirks,
            least: (x - epsilon).clamp_min(0.0),
            most: (x + epsilon).clamp_max(1.0),
            place: Tensor::arange(n, (Kind::Int64, x.device())),
            x: x.copy(),
            y: y.copy(),
            before: at.shallow_clone(),
            best: at.copy(),
            at,
            loss: Tensor::zeros([n], options),
            gradient: Tensor::zeros([n], options),
            best_loss: Tensor::zeros([n], options),
            best_gradient: Tensor::zeros([n], options),
            correct: Tensor::ones([n], (Kind::Bool, x.device())),
            wrong: Tensor::zeros([n], (Kind::Bool, x.device())),
            step: Tensor::full([n, 1, 1, 1], first_step(norm) * epsilon, options),
            losses: Vec::new(),
            last_best: Tensor::zeros([n], options),
            reduced: Tensor::ones([n], options),
            changed,
            share,
        };
        walk.evaluate(attack.samples, objective)?;
        walk.best_loss = walk.loss.copy();
        walk.last_best = walk.loss.copy();
        walk.best_gradient = walk.gradient.copy();
        // The loss at the start reads 0: the reference implementation looks for it at the other end of a table that is not filled yet.
        walk.losses.push(if attack.quirks.fixes(Quirk::FirstLook) {
            walk.loss.copy()
        } else {
            walk.loss.zeros_like()
        });
        Ok(walk)
    }

    /// Loss and gradient of the iterate, and whether it is misclassified.
    fn evaluate(&mut self, samples: usize, objective: Objective) -> Result<(), Error> {
        for sample in 0..samples {
            let at = self.at.detach().set_requires_grad(true);
            let (logits, loss) = objective(&at, &self.place)?;
            let gradient = Tensor::run_backward(&[loss.sum(None)], &[&at], false, false).remove(0);
            self.gradient = if sample == 0 { gradient } else { &self.gradient + gradient };
            self.loss = loss.detach();
            self.wrong = top(&logits.detach()).ne_tensor(&self.y);
        }
        if samples > 1 {
            self.gradient = &self.gradient / samples as f64;
        }
        self.correct = self.correct.logical_and(&self.wrong.logical_not());
        Ok(())
    }

    /// The next iterate.
    fn step(&mut self, i: usize) {
        let momentum = &self.at - &self.before;
        let ascended = &self.at + self.uphill();
        let next = if self.norm == Norm::L1 {
            let change = ascended - &self.x;
            &self.x + &change + into_l1_ball(&self.x, &change, self.epsilon)
        } else {
            let new = if i > 0 { NEW } else { 1.0 };
            let ascended = self.project(&ascended);
            self.project(&(&self.at + (ascended - &self.at) * new + momentum * (1.0 - new)))
        };
        self.before = std::mem::replace(&mut self.at, next);
    }

    /// A step uphill, in the way that is the steepest in the norm (in l1 along several pixels).
    fn uphill(&self) -> Tensor {
        match self.norm {
            Norm::Linf => &self.step * self.gradient.sign(),
            Norm::L2 => &self.step * direction(&self.gradient, Norm::L2),
            Norm::L1 => {
                let sizes = rows(&self.gradient.abs());
                let sizes = sizes.gather(1, &ascending(&sizes), false);
                let pixels = sizes.size()[1];
                let place = ((1f64 - &self.share) * pixels as f64)
                    .clamp(0.0, (pixels - 1) as f64)
                    .to_kind(Kind::Int64);
                let least = per_image(&sizes.gather(1, &place.unsqueeze(1), false));
                let kept = self.gradient.abs().ge_tensor(&least).to_kind(Kind::Float);
                let signs = (&self.gradient * kept).sign();
                &self.step * &signs / (per_image(&length(&signs, Norm::L1)) + 1e-10)
            }
        }
    }

    /// The point of the ball that is nearest (linf) or towards this one (l2), cut off at the box.
    fn project(&self, images: &Tensor) -> Tensor {
        if self.norm == Norm::Linf {
            return images.maximum(&self.least).minimum(&self.most);
        }
        let change = images - &self.x;
        let length = per_image(&length(&change, Norm::L2));
        (&self.x + change / (&length + images::TINY) * length.clamp_max(self.epsilon))
            .clamp(0.0, 1.0)
    }

    /// Keeps the iterate where its loss is the largest so far.
    fn remember(&mut self) {
        let larger = positions(&self.loss.gt_tensor(&self.best_loss));
        put(&mut self.best, &larger, &self.at.index_select(0, &larger));
        put(&mut self.best_gradient, &larger, &self.gradient.index_select(0, &larger));
        put(&mut self.best_loss, &larger, &self.loss.index_select(0, &larger));
        self.losses.push(self.loss.shallow_clone());
    }

    /// The look at the step after iteration `i`, the last one having been `since` iterations ago.
    fn adapt(&mut self, i: usize, since: usize) {
        let restart =
            if self.norm == Norm::L1 { self.adapt_share() } else { self.adapt_step(i, since) };
        let restart = per_image(&restart);
        self.at = self.best.where_self(&restart, &self.at);
        self.gradient = self.best_gradient.where_self(&restart, &self.gradient);
        if self.norm != Norm::L1 && self.quirks.fixes(Quirk::Momentum) {
            self.before = self.at.where_self(&restart, &self.before);
        }
    }

    /// Halves the step where few iterations have raised the loss, or where the largest loss is the same as at the last look, when the step
    /// was not halved. Gives where.
    fn adapt_step(&mut self, i: usize, since: usize) -> Tensor {
        let mut rises = self.loss.zeros_like();
        for pair in self.losses[i + 1 - since..=i + 1].windows(2) {
            rises += pair[1].gt_tensor(&pair[0]).to_kind(Kind::Float);
        }
        let stale =
            (1f64 - &self.reduced) * self.last_best.ge_tensor(&self.best_loss).to_kind(Kind::Float);
        let halved = rises.le(since as f64 * RISING).to_kind(Kind::Float).maximum(&stale);
        let restart = halved.gt(0.0);
        self.reduced = halved;
        self.last_best = self.best_loss.copy();
        self.step = (&self.step / 2.0).where_self(&per_image(&restart), &self.step);
        restart
    }

    /// Lets as many pixels move as the best image has changed, over 1.5. Gives where these became fewer: there the step starts again, elsewhere it shrinks.
    fn adapt_share(&mut self) -> Tensor {
        let pixels = self.x.numel() as f64 / self.x.size()[0] as f64;
        let full = first_step(Norm::L1) * self.epsilon;
        let changed = count_changed(&self.best, &self.x);
        let sparser = (&changed / &self.changed).lt(0.95);
        self.share = &changed / pixels / 1.5;
        let shrunk = &self.step / 1.5;
        self.step = self
            .step
            .full_like(full)
            .where_self(&per_image(&sparser), &shrunk)
            .clamp(full / 10.0, full);
        self.changed = changed;
        sparser
    }

    /// Leaves out all points but these.
    fn keep(&mut self, left: &Tensor) {
        let Self {
            place,
            x,
            y,
            least,
            most,
            at,
            before,
            loss,
            gradient,
            best,
            best_loss,
            best_gradient,
            ..
        } = self;
        let images = [x, least, most, at, before, gradient, best, best_gradient];
        for tensor in [place, y, loss, best_loss].into_iter().chain(images) {
            *tensor = tensor.index_select(0, left);
        }
        let Self { correct, wrong, step, last_best, reduced, changed, share, losses, .. } = self;
        for tensor in
            [correct, wrong, step, last_best, reduced, changed, share].into_iter().chain(losses)
        {
            *tensor = tensor.index_select(0, left);
        }
    }
}

/// The first step, in radii.
fn first_step(norm: Norm) -> f64 {
    if norm == Norm::L1 { 1.0 } else { 2.0 }
}

/// How many pixels of each image differ.
fn count_changed(a: &Tensor, b: &Tensor) -> Tensor {
    rows(&(a - b)).ne(0.0).sum_dim_intlist(Some(&[-1i64][..]), false, Kind::Float)
}

/// The cross-entropy of each row of logits, in nats.
pub(in crate::evaluate) fn cross_entropy(logits: &Tensor, y: &Tensor) -> Tensor {
    logits.cross_entropy_loss::<Tensor>(y, None, Reduction::None, -100, 0.0)
}

fn entry(logits: &Tensor, label: &Tensor) -> Tensor {
    logits.gather(1, &label.unsqueeze(1), false).squeeze_dim(1)
}

/// The k-th largest logit of each row, k = 1 for the largest.
fn largest(sorted: &Tensor, k: i64) -> Tensor {
    sorted.select(1, sorted.size()[1] - k)
}

/// [`Goal::Dlr`].
fn dlr(logits: &Tensor, y: &Tensor) -> Tensor {
    let (sorted, order) = logits.sort(1, false);
    let is_top = largest(&order, 1).eq_tensor(y).to_kind(Kind::Float);
    -(entry(logits, y) - largest(&sorted, 2) * &is_top - largest(&sorted, 1) * (1f64 - &is_top))
        / (largest(&sorted, 1) - largest(&sorted, 3) + TINY)
}

/// [`Goal::Targeted`].
fn targeted_dlr(logits: &Tensor, y: &Tensor, target: &Tensor) -> Tensor {
    let sorted = logits.sort(1, false).0;
    let spread = largest(&sorted, 1) - (largest(&sorted, 3) + largest(&sorted, 4)) * 0.5 + TINY;
    -(entry(logits, y) - entry(logits, target)) / spread
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Device;

    /// The best images on a loss that the first step, which is a long one, makes smaller. Up to 9 iterations each is followed by a look.
    fn best(fixes: &[Quirk], iterations: usize) -> Tensor {
        tch::set_num_threads(1);
        let mut generator = Generator::new(0).unwrap();
        let attack = Apgd {
            norm: Norm::Linf,
            epsilon: 0.2,
            iterations,
            restarts: 1,
            goal: Goal::CrossEntropy,
            samples: 1,
            larger_radii: false,
            broken: Broken::Kept,
            quirks: Quirks::fixed(fixes),
        };
        let options = (Kind::Float, Device::Cpu);
        let x = Tensor::full([2, 1, 3, 3], 0.5, options);
        let y = Tensor::zeros([2], (Kind::Int64, Device::Cpu));
        let peak = &x + Tensor::linspace(-0.05, 0.05, 18, options).view([2, 1, 3, 3]);
        let objective = |images: &Tensor, place: &Tensor| {
            let far = rows(&(images - peak.index_select(0, place))).square();
            let loss = far.sum_dim_intlist(Some(&[-1i64][..]), false, Kind::Float).neg() + 9.0;
            Ok((Tensor::stack(&[&loss, &loss.neg()], 1), loss))
        };
        let broken = Broken::Kept;
        let found =
            attack.run(&x, &y, &objective, 0.2, iterations, None, broken, &mut generator).unwrap();
        found.best
    }

    #[test]
    fn fixes_change_what_they_should() {
        let plain = best(&[], 4);
        assert!(best(&[], 4).equal(&plain));
        // The first loss is positive, and smaller than the one at the start: a rise for one and none for the other.
        assert!(!best(&[Quirk::FirstLook], 4).equal(&plain));
        // Nobody has looked yet before the first step is over.
        assert!(best(&[Quirk::FirstLook], 1).equal(&best(&[], 1)));
        // A return to a point that was left some steps ago.
        assert!(!best(&[Quirk::Momentum], 30).equal(&best(&[], 30)));
    }
}
