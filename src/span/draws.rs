//! Risks from a random sample: means of independent draws, with confidence intervals.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal, StandardUniform};
use rayon::prelude::*;

use super::Span;
use super::supremum::{Supremum, Surroundings};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::perturbation::Ball;
use crate::risk::{Risk, Which};
use crate::tolerance;

/// How many draws, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws {
    count: u64,
    seed: u64,
}

impl Draws {
    /// So many draws, of which a seed fixes every one on every machine.
    ///
    /// # Errors
    /// [`Error::TooFewDraws`] below [`tolerance::FEWEST_DRAWS`].
    pub fn new(count: u64, seed: u64) -> Result<Self, Error> {
        if count < tolerance::FEWEST_DRAWS {
            return Err(Error::TooFewDraws { found: count });
        }
        Ok(Self { count, seed })
    }

    /// How many.
    #[must_use]
    pub fn count(self) -> u64 {
        self.count
    }

    /// The seed.
    #[must_use]
    pub fn seed(self) -> u64 {
        self.seed
    }
}

/// What an interval rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Interval {
    /// The empirical Bernstein inequality: it holds for every number of draws.
    Bernstein,
    /// The central limit theorem: it holds as the number of draws grows.
    Normal,
}

impl Interval {
    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bernstein => "empirical-bernstein",
            Self::Normal => "normal",
        }
    }
}

/// A number that a random sample tells of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    /// The mean of the draws; where the supremum is searched, of the values that were found.
    pub value: f64,
    /// The lower end of the confidence interval.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
    /// The probability that the interval does not contain the number is at most this.
    pub doubt: f64,
    /// How many draws.
    pub draws: u64,
    /// What the interval rests on.
    pub interval: Interval,
}

impl Drawn {
    /// The larger of the distances between the value and the ends.
    #[must_use]
    pub fn error(&self) -> f64 {
        if self.lower == self.upper {
            return 0.0;
        }
        (self.upper - self.value).max(self.value - self.lower)
    }
}

/// So many draws share a stream of random numbers, and are made by one thread.
const CHUNK: u64 = 256;

/// Of so many draws one is bounded from above, where the supremum is searched.
const STRIDE: u64 = 16;

/// Count, mean, sum of squared deviations and largest value.
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
    largest: f64,
}

impl Moments {
    fn add(&mut self, x: f64) {
        *self = self.with(Self { count: 1.0, mean: x, squares: 0.0, largest: x });
    }

    /// Of both together (Chan, Golub and LeVeque).
    fn with(self, other: Self) -> Self {
        let count = self.count + other.count;
        if other.count == 0.0 {
            return self;
        }
        let gap = other.mean - self.mean;
        Self {
            count,
            mean: self.mean + gap * (other.count / count),
            squares: self.squares + other.squares + gap * gap * (self.count * other.count / count),
            largest: self.largest.max(other.largest),
        }
    }

    fn variance(&self) -> f64 {
        self.squares / (self.count - 1.0)
    }

    /// How far above or below their mean the expectation is, with at most this probability of being farther, on either side by itself.
    fn reach(&self, diameter: Option<f64>, doubt: f64) -> f64 {
        let n = self.count;
        if let Some(diameter) = diameter {
            let depth = (2.0 / doubt).ln();
            return (2.0 * self.variance() * depth / n).sqrt()
                + 7.0 * diameter * depth / (3.0 * (n - 1.0));
        }
        // No draw may carry much of the variance (Lindeberg's condition, as far as a sample shows it).
        let share = (self.largest - self.mean).powi(2) / self.squares;
        if self.squares > 0.0 && share > tolerance::LARGEST_SHARE {
            return f64::INFINITY;
        }
        quantile(doubt) * (self.variance() / n).sqrt()
    }
}

/// The t that a standard normal number exceeds with this probability.
fn quantile(doubt: f64) -> f64 {
    let (mut low, mut high) = (0.0, 40.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        let beyond = 0.5 * libm::erfc(middle * std::f64::consts::FRAC_1_SQRT_2);
        if beyond > doubt { low = middle } else { high = middle }
    }
    high
}

impl Span {
    /// A risk from a sample.
    ///
    /// # Errors
    /// As [`Ball::image`]; [`Error::Overflow`] where a draw is not finite.
    pub fn drawn(
        &self,
        (risk, divergence): (Risk, Divergence),
        ball: &Ball,
        draws: Draws,
    ) -> Result<Drawn, Error> {
        let diameter = divergence.facts().diameter;
        let interval = if diameter.is_some() { Interval::Bernstein } else { Interval::Normal };
        let exactly = |value| Drawn {
            value,
            lower: value,
            upper: value,
            doubt: 0.0,
            draws: draws.count,
            interval,
        };
        if risk == Risk::Variation && ball.epsilon().is_zero() {
            return Ok(exactly(0.0));
        }
        if self.excludes(risk, divergence) {
            return Ok(exactly(f64::INFINITY));
        }
        let surroundings = Surroundings::new(self, risk, ball)?;
        let supremum = Supremum::new(self, (risk, divergence), &surroundings);
        let chunks = draws.count.div_ceil(CHUNK);
        let chunks: Vec<[Moments; 2]> =
            (0..chunks).into_par_iter().map(|chunk| self.chunk(&supremum, draws, chunk)).collect();
        // In the order of the draws, so that threads change no bit.
        let sum = |i: usize| chunks.iter().fold(Moments::default(), |sum, of| sum.with(of[i]));
        let [found, gaps] = [sum(0), sum(1)];
        if !found.mean.is_finite() || !found.squares.is_finite() {
            return Err(Error::Overflow { risk, divergence });
        }
        let doubt = tolerance::DOUBT;
        let (mut lower, mut upper);
        if gaps.count == 0.0 {
            let reach = found.reach(diameter, 0.5 * doubt);
            (lower, upper) = (found.mean - reach, found.mean + reach);
        } else {
            let reach = found.reach(diameter, doubt / 3.0);
            lower = found.mean - reach;
            upper = found.mean + reach + gaps.mean + gaps.reach(diameter, doubt / 3.0);
        }
        if !self.has_moments(risk, divergence) {
            (lower, upper) = (0.0, f64::INFINITY);
        }
        // A risk is at least 0, and at most the diameter.
        lower = if lower.is_finite() { lower.max(0.0) } else { 0.0 };
        if upper.is_nan() {
            upper = f64::INFINITY;
        }
        upper = upper.min(diameter.unwrap_or(f64::INFINITY));
        Ok(Drawn { value: found.mean, lower, upper, doubt, draws: draws.count, interval })
    }

    /// The order of magnitude of a risk.
    pub(super) fn rough(&self, supremum: &Supremum) -> f64 {
        let mut generator = ChaCha8Rng::seed_from_u64(0);
        let mut found = Moments::default();
        for _ in 0..2 * CHUNK {
            let z = self.draw(&mut generator);
            found.add(supremum.at(&z, &self.value.labels(Which::Data, &z)));
        }
        found.mean
    }

    /// The draws of a chunk: what was found, and how far below the bound from above that is.
    fn chunk(&self, supremum: &Supremum, draws: Draws, chunk: u64) -> [Moments; 2] {
        let mut generator = ChaCha8Rng::seed_from_u64(draws.seed);
        generator.set_stream(chunk);
        let [mut found, mut gaps] = [Moments::default(); 2];
        for index in chunk * CHUNK..((chunk + 1) * CHUNK).min(draws.count) {
            let z = self.draw(&mut generator);
            let p = self.value.labels(Which::Data, &z);
            let attained = supremum.at(&z, &p);
            found.add(attained);
            if let Some(image) = supremum.searched()
                && index % STRIDE == 0
            {
                gaps.add(supremum.above(image, &z, &p, attained) - attained);
            }
        }
        [found, gaps]
    }

    /// A draw of z.
    fn draw(&self, generator: &mut ChaCha8Rng) -> Vec<f64> {
        let mut rest: f64 = StandardUniform.sample(generator);
        // Rounding may leave a little beyond the last component, which is then the one.
        let mut drawn = &self.normals[0];
        for normal in &self.normals {
            drawn = normal;
            rest -= normal.mass;
            if rest < 0.0 {
                break;
            }
        }
        let y: Vec<f64> =
            (0..self.directions()).map(|_| StandardNormal.sample(generator)).collect();
        drawn.spread(&y)
    }
}
