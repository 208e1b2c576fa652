//! What a network does on labelled images: accuracies and risks, with and without an attack.
//!
//! All of it is *sampled*: the images are a sample of the law that nobody knows, and intervals speak of that. An attack finds some x' in the ball and
//! not the worst one, so that what is said under attack is too good by an amount that is not known.

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor, no_grad};

use super::attack::Attack;
use super::data::Images;
use super::network::{BatchNorm, Network};
use super::random::{Place, Purpose};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::objective::{Discrepancy, cross_entropy};
use crate::real::Batch;
use crate::simplex::Simplex;

/// The standard normal quantile of a two-sided interval of 95 %.
const QUANTILE: f64 = 1.959964;

/// The divergences whose risks are measured.
pub const DIVERGENCES: [Divergence; 2] = [Divergence::SquaredError, Divergence::Kl];

/// How many of how many.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proportion {
    /// How many.
    pub count: usize,
    /// Of how many.
    pub of: usize,
}

impl Proportion {
    /// The share.
    #[must_use]
    pub fn value(self) -> f64 {
        self.count as f64 / self.of as f64
    }

    /// Wilson's interval for the probability behind it, 95 %.
    ///
    /// ```
    /// use score_workbench::train::evaluate::Proportion;
    /// let [low, high] = Proportion { count: 81, of: 263 }.interval();
    /// assert!((low - 0.2553).abs() < 5e-5 && (high - 0.3662).abs() < 5e-5); // Newcombe 1998
    /// ```
    #[must_use]
    pub fn interval(self) -> [f64; 2] {
        let (n, p, z) = (self.of as f64, self.value(), QUANTILE * QUANTILE);
        let centre = p + z / (2.0 * n);
        let spread = QUANTILE * (p * (1.0 - p) / n + z / (4.0 * n * n)).sqrt();
        [-1.0, 1.0].map(|sign| ((centre + sign * spread) / (1.0 + z / n)).clamp(0.0, 1.0))
    }
}

/// The mean over images, with its standard error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    /// The mean.
    pub mean: f64,
    /// The standard deviation over images, divided by the root of their number.
    pub standard_error: f64,
}

impl Mean {
    /// Of `n` numbers with this sum and this sum of squares.
    pub(crate) fn of(n: usize, [sum, squares]: [f64; 2]) -> Self {
        let count = n as f64;
        let mean = sum / count;
        let variance = (squares / count - mean * mean).max(0.0) * count / (count - 1.0).max(1.0);
        Self { mean, standard_error: (variance / count).sqrt() }
    }

    /// The normal interval, 95 %.
    #[must_use]
    pub fn interval(self) -> [f64; 2] {
        [-1.0, 1.0].map(|sign| self.mean + sign * QUANTILE * self.standard_error)
    }
}

/// What a network does on labelled images. Pairs are: on the images, on what the attack makes of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// How often the likeliest class is the label.
    pub accuracy: [Proportion; 2],
    /// The mean of `sum_k (e_k - q_k)^2`, e the label's one-hot distribution.
    pub squared_error: [Mean; 2],
    /// The mean of `-ln q_y`, which is `KL(e_y, Q)`, in nats.
    pub kl: [Mean; 2],
}

impl Evaluation {
    /// The risk for one of [`DIVERGENCES`]; `None` for another divergence.
    #[must_use]
    pub fn risk(&self, divergence: Divergence) -> Option<[Mean; 2]> {
        match divergence {
            Divergence::SquaredError => Some(self.squared_error),
            Divergence::Kl => Some(self.kl),
            _ => None,
        }
    }
}

/// Evaluates a network on images, batch by batch, with the attack on cross-entropy. Each batch's random numbers depend on the seed, `round` and the
/// batch only. `done` is called with the number of images that are done.
///
/// # Errors
/// [`Error::Empty`] without images, [`Error::Torch`], [`Error::Batch`].
pub fn evaluate(
    network: &Network,
    images: &Images,
    attack: &Attack,
    batch: usize,
    (seed, round): (u64, usize),
    mut done: impl FnMut(usize),
) -> Result<Evaluation, Error> {
    if images.is_empty() {
        return Err(Error::Empty { what: "images" });
    }
    let n = images.len();
    let mut correct = [0_usize; 2];
    let mut sums = [[[0.0; 2]; 2]; DIVERGENCES.len()];
    for (step, from) in (0..n).step_by(batch.max(1)).enumerate() {
        let to = n.min(from + batch.max(1));
        let (clean, labels) = images.range(from, to)?;
        let t = Simplex::from_labels(&labels, network.classes(), &clean)?;
        let place = Place { seed, epoch: round, step };
        let drawn = place.drawing(Purpose::Evaluate, || attack.draw(&clean))?;
        let loss = |logits: &Tensor| {
            let q = Simplex::from_logits(&Batch::new(logits.shallow_clone())?);
            Ok(cross_entropy(&t, &q).into_tensor())
        };
        let attacked = attack.run(network, &clean, &drawn, loss)?;
        let _guard = tch::no_grad_guard();
        for (i, images) in [&clean, &attacked].into_iter().enumerate() {
            let logits = network.logits(images, BatchNorm::Evaluate)?;
            correct[i] += hits(&logits, &labels)?;
            let q = Simplex::from_logits(&Batch::new(logits)?);
            for (sum, divergence) in sums.iter_mut().zip(DIVERGENCES) {
                let values = Discrepancy::Divergence(divergence).eval(&t, &q).into_tensor();
                let values = values.f_to_kind(Kind::Double)?;
                sum[i][0] += values.f_sum(None)?.f_double_value(&[])?;
                sum[i][1] += values.f_square()?.f_sum(None)?.f_double_value(&[])?;
            }
        }
        done(to);
    }
    let [squared_error, kl] = sums.map(|pair| pair.map(|sums| Mean::of(n, sums)));
    Ok(Evaluation { accuracy: correct.map(|count| Proportion { count, of: n }), squared_error, kl })
}

/// For how many examples the likeliest class is the label.
fn hits(logits: &Tensor, labels: &Tensor) -> Result<usize, Error> {
    let hits = no_grad(|| {
        logits.f_argmax(-1, false)?.f_eq_tensor(labels)?.f_sum(Kind::Int64)?.f_int64_value(&[])
    })?;
    Ok(usize::try_from(hits).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::perturbation::{Ball, Norm};
    use crate::train::attack::Start;
    use crate::train::data::Dataset;
    use crate::train::network::{Architecture, Normalisation};
    use crate::train::random::seeded;

    fn ball(epsilon: &str) -> Ball {
        Ball::new(Norm::Linf, epsilon.parse().unwrap()).unwrap()
    }

    fn attack(epsilon: &str, steps: u32) -> Attack {
        let step = "0.05".parse().unwrap();
        Attack::new(ball(epsilon), Start::Uniform, step, steps, 1, BatchNorm::Evaluate).unwrap()
    }

    #[test]
    fn means_and_their_errors_are_those_of_the_numbers() {
        tch::set_num_threads(1);
        let network = seeded(1, || {
            Network::new(Architecture::SmallCnn, 10, &Normalisation::none(1), Device::Cpu).unwrap()
        });
        let n = 23_usize;
        let pixels = (0..n * 784).map(|i| u8::try_from(i * i % 256).unwrap()).collect();
        let labels: Vec<u8> = (0..n).map(|i| u8::try_from(i % 10).unwrap()).collect();
        let images =
            Dataset::new(pixels, labels.clone(), [1, 28, 28], 10).unwrap().on(Device::Cpu).unwrap();
        let found = evaluate(&network, &images, &attack("0.1", 3), 10, (1, 0), |_| ()).unwrap();
        // The same from the logits of all images at once.
        let (clean, _) = images.range(0, n).unwrap();
        let logits = no_grad(|| network.logits(&clean, BatchNorm::Evaluate)).unwrap();
        let p = logits.softmax(-1, Kind::Double);
        let q = |i: usize, k: usize| {
            p.double_value(&[i64::try_from(i).unwrap(), i64::try_from(k).unwrap()])
        };
        let kl: Vec<f64> =
            labels.iter().enumerate().map(|(i, y)| -q(i, usize::from(*y)).ln()).collect();
        let mean = kl.iter().sum::<f64>() / n as f64;
        let variance = kl.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1) as f64;
        assert!((found.kl[0].mean - mean).abs() < 1e-6);
        assert!((found.kl[0].standard_error - (variance / n as f64).sqrt()).abs() < 1e-6);
        let squared = labels.iter().enumerate().map(|(i, y)| {
            (0..10)
                .map(|k| (f64::from(u8::from(k == usize::from(*y))) - q(i, k)).powi(2))
                .sum::<f64>()
        });
        assert!((found.squared_error[0].mean - squared.sum::<f64>() / n as f64).abs() < 1e-6);
        let right = (0..n).filter(|i| {
            let best = (0..10).max_by(|a, b| q(*i, *a).total_cmp(&q(*i, *b))).unwrap();
            best == usize::from(labels[*i])
        });
        assert_eq!(found.accuracy[0], Proportion { count: right.count(), of: n });
        // The attack raises the risk, and with no room it changes nothing.
        assert!(found.kl[1].mean > found.kl[0].mean);
        let still = evaluate(&network, &images, &attack("0", 2), 10, (1, 0), |_| ()).unwrap();
        assert_eq!(still.accuracy[0], still.accuracy[1]);
        assert_eq!(still.kl[0], still.kl[1]);
    }

    #[test]
    fn intervals_of_extreme_shares_stay_shares() {
        let [low, high] = Proportion { count: 0, of: 10 }.interval();
        assert!(low == 0.0 && (high - 0.2775).abs() < 5e-5, "{low} {high}");
        let [low, high] = Proportion { count: 10, of: 10 }.interval();
        assert!((low - 0.7225).abs() < 5e-5 && high > 1.0 - 1e-12);
    }
}
