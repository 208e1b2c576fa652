//! A small model of a score, fitted by score matching.

use std::fmt;

use crate::law::LineLaw;
use crate::linalg;

/// How many features a score has.
const FEATURES: usize = 6;
/// Where the bends are, in standard deviations from the law's mean.
const BENDS: [f64; 4] = [-1.5, -0.5, 0.5, 1.5];
/// The penalty on the square of the weights, which makes the fit to few or equal samples unique.
const RIDGE: f64 = 1e-4;

/// The features that scores are made of: with `z = (x - m) / s` for the mean m and standard deviation s of the law's inputs, 1, z and four
/// functions `tanh(z - t)`. A score is linear in them, so that both kinds of score matching have one minimum, in closed form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features {
    mean: f64,
    deviation: f64,
}

impl Features {
    /// The features on the scale of a law.
    #[must_use]
    pub fn new(law: &LineLaw<f64>) -> Self {
        let mean: f64 = law.components().map(|c| c.mass() * c.mean()).sum();
        let second: f64 =
            law.components().map(|c| c.mass() * (c.variance() + (c.mean() - mean).powi(2))).sum();
        Self { mean, deviation: second.sqrt() }
    }

    /// How many there are.
    #[must_use]
    pub const fn count() -> usize {
        FEATURES
    }

    /// Their values at x.
    #[must_use]
    pub fn values(&self, x: f64) -> [f64; FEATURES] {
        let z = (x - self.mean) / self.deviation;
        let [a, b, c, d] = BENDS.map(|bend| (z - bend).tanh());
        [1.0, z, a, b, c, d]
    }

    /// Their derivatives at x.
    #[must_use]
    pub fn slopes(&self, x: f64) -> [f64; FEATURES] {
        let z = (x - self.mean) / self.deviation;
        let [a, b, c, d] = BENDS.map(|bend| (z - bend).cosh().powi(-2));
        [0.0, 1.0, a, b, c, d].map(|slope| slope / self.deviation)
    }
}

/// How a score is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Implicit score matching (Hyvarinen 2005): the minimum of the mean of `s(x)^2 / 2 + s'(x)`, which is that of the distance to the
    /// score up to a constant.
    Implicit,
    /// Denoising score matching (Vincent 2011): with noise z of some variance the regression of `-z / variance` on `x + z`. Its target is
    /// the score of the law with the noise.
    Denoising,
}

impl Method {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Implicit, Self::Denoising];

    /// The name in files and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Implicit => "implicit",
            Self::Denoising => "denoising",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The weights of the features in a score.
pub type Score = [f64; FEATURES];

/// The normal equations of a least-squares fit, as samples come in: the mean of `features features'` and of what they are regressed on.
#[derive(Clone, Debug)]
pub(super) struct Normal {
    matrix: [[f64; FEATURES]; FEATURES],
    right: Score,
    count: usize,
}

impl Normal {
    pub fn new() -> Self {
        Self { matrix: [[0.0; FEATURES]; FEATURES], right: [0.0; FEATURES], count: 0 }
    }

    /// A sample for implicit score matching: the minimum of `(w f)^2 / 2 + w f'`.
    pub fn implicit(&mut self, features: &Features, x: f64) {
        self.add(&features.values(x), &features.slopes(x).map(|slope| -slope));
    }

    /// A sample for denoising score matching, the noise being `deviation` times a standard normal `z`.
    pub fn denoising(&mut self, features: &Features, x: f64, deviation: f64, z: f64) {
        let values = features.values(x + deviation * z);
        self.add(&values, &values.map(|value| -value * z / deviation));
    }

    fn add(&mut self, values: &Score, right: &Score) {
        for (row, a) in self.matrix.iter_mut().zip(values) {
            for (entry, b) in row.iter_mut().zip(values) {
                *entry += a * b;
            }
        }
        for (sum, term) in self.right.iter_mut().zip(right) {
            *sum += term;
        }
        self.count += 1;
    }

    /// The score that fits best; without samples it is 0.
    pub fn solve(&self) -> Score {
        if self.count == 0 {
            return [0.0; FEATURES];
        }
        let count = self.count as f64;
        let entry =
            |i: usize, j: usize| self.matrix[i][j] / count + if i == j { RIDGE } else { 0.0 };
        let row = |i: usize| (0..FEATURES).map(|j| entry(i, j)).collect();
        let rows: Vec<Vec<f64>> = (0..FEATURES).map(row).collect();
        let right = self.right.map(|sum| sum / count);
        let weights = linalg::solve_positive_definite(&rows, &right);
        let weights = weights.expect("a sum of squares and a ridge is positive definite");
        std::array::from_fn(|j| weights[j])
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
    use rand_distr::{Distribution, StandardNormal};

    use super::*;
    use crate::law::Law;

    #[test]
    fn slopes_are_those_of_the_values() {
        let features = Features::new(&Law::resolve("toy").unwrap().line(&0.0).unwrap());
        for x in [-4.0, -1.0, 0.0, 0.7, 3.0] {
            let h = 1e-5;
            let (above, below) = (features.values(x + h), features.values(x - h));
            for ((a, b), slope) in above.iter().zip(below).zip(features.slopes(x)) {
                assert!(((a - b) / (2.0 * h) - slope).abs() < 1e-9);
            }
        }
    }

    /// On samples of N(1, 4) both fits approach the score -(x - 1) / 4; the denoising one that of N(1, 4 + noise).
    #[test]
    fn both_methods_find_the_score_of_a_normal_distribution() {
        let law = Law::resolve("toy").unwrap().line(&0.0).unwrap();
        let features = Features::new(&law);
        let mut generator = ChaCha8Rng::seed_from_u64(7);
        let (mut implicit, mut denoising) = (Normal::new(), Normal::new());
        let noise = 0.5_f64;
        for _ in 0..40_000 {
            let [a, b]: [f64; 2] = std::array::from_fn(|_| StandardNormal.sample(&mut generator));
            let x = 1.0 + 2.0 * a;
            implicit.implicit(&features, x);
            denoising.denoising(&features, x, noise.sqrt(), b);
        }
        let at = |score: Score, x: f64| -> f64 {
            score.iter().zip(features.values(x)).map(|(w, f)| w * f).sum()
        };
        let (implicit, denoising) = (implicit.solve(), denoising.solve());
        for x in [-2.0, 0.0, 1.0, 3.0] {
            assert!((at(implicit, x) + (x - 1.0) / 4.0).abs() < 0.05);
            assert!((at(denoising, x) + (x - 1.0) / 4.5).abs() < 0.05);
        }
        assert_eq!(Normal::new().solve(), [0.0; FEATURES]);
    }
}
