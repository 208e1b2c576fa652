//! The error of a sampled SCORE gradient.

use std::cell::RefCell;
use std::collections::HashMap;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use super::fit::{Features, Method, Normal, Score};
use crate::error::Error;
use crate::exact::Exact;
use crate::quadrature::Estimate;
use crate::risk::{LabelGradient, Line};

/// What to sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The sizes of the data sets.
    pub sizes: Vec<usize>,
    /// How many data sets of each size are drawn; at least 2.
    pub sets: usize,
    /// The variance of the noise of denoising score matching; above 0.
    pub noise: Exact,
    /// The seed. Each data set has a stream of its own, so that nothing depends on the order in which they are drawn.
    pub seed: u64,
}

/// A mean over data sets with its standard error: a sampled number, no more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampled {
    /// The mean.
    pub mean: f64,
    /// The standard deviation of the mean.
    pub standard_error: f64,
}

/// What one method makes of data sets of one size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// The size of the data sets.
    pub samples: usize,
    /// How the scores were fitted.
    pub method: Method,
    /// `E (g - G)^2` over x, one label and a data set.
    pub error: Sampled,
    /// The same with the labels averaged out, `E (E_y g - G)^2`: what is due to the score alone, 0 for the exact one.
    pub averaged: Sampled,
    /// The part of `averaged` that is variance over data sets. The rest stays however many data sets there are: what the model of the score
    /// cannot express, and for denoising the noise's own effect on the score.
    pub variance: Sampled,
}

/// How far a sampled gradient is from the gradient that it stands for.
///
/// At x the gradient of `KL(P(x), Q(x))` is `G(x)`. One label `y ~ P(x)` samples it, as
/// `g = -(ln p_theta(y|x))' + ln( p_d(y|x) / p_theta(y|x) ) s(x, y)` with the score `s(x, y) = (ln p_d(y|x))'`, or with one that was fitted
/// to a data set: the score of the class minus the score of all. The logarithm is exact in either case, so that what is measured
/// is the score. Means over x and y are integrals, computed; only the data sets are random.
///
/// ```
/// use score_workbench::score_matching::{Plan, Study};
/// use score_workbench::{law::Law, model::Model, risk::Line};
/// let line = Line::new(&Law::resolve("toy")?, &Model::resolve("toy-linear")?)?;
/// let plan = Plan { sizes: vec![100, 1000], sets: 50, noise: "1/4".parse()?, seed: 0 };
/// let study = Study::new(&line, &plan)?;
/// // Implicit score matching: with 100 samples the noise of the score exceeds the gradient; with 1000 it is the smaller one.
/// let [few, many] = [&study.rows[0], &study.rows[2]];
/// assert!(few.variance.mean - 2.0 * few.variance.standard_error > study.signal.value);
/// assert!(many.variance.mean + 2.0 * many.variance.standard_error < study.signal.value);
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Study {
    /// `E G(x)^2`: the size of the gradient itself.
    pub signal: Estimate,
    /// `E (g - G)^2` with the exact score: the noise of the label alone.
    pub exact: Estimate,
    /// What fitted scores make of it: for each size, each method.
    pub rows: Vec<Row>,
}

impl Study {
    /// Draws the data sets, fits the scores and compares.
    ///
    /// # Errors
    /// [`Error::Empty`] for a plan without sizes, [`Error::TooFew`] for sizes of 0 or fewer than two data sets, [`Error::NotPositive`] for a
    /// noise that is not above 0, [`Error::Infinite`] where a label has `p_theta(y|x) = 0`.
    pub fn new(line: &Line, plan: &Plan) -> Result<Self, Error> {
        if plan.sizes.is_empty() {
            return Err(Error::Empty { what: "sample sizes" });
        }
        for (what, found, least) in
            plan.sizes.iter().map(|&n| ("samples", n, 1)).chain([("data sets", plan.sets, 2)])
        {
            if found < least {
                return Err(Error::TooFew { what, found, least });
            }
        }
        if !plan.noise.is_positive() {
            return Err(Error::NotPositive { what: "noise", found: plan.noise.clone() });
        }
        if line.excludes_a_label() {
            return Err(Error::Infinite { what: "KL(P(x), Q(x))" });
        }
        let features = Features::new(line.line_law());
        let gradient = |x: f64| line.gradient(x).total;
        let label_noise = |x: f64| {
            let total = gradient(x);
            let terms = line.label_gradients(x);
            terms.iter().map(|t| t.weight * (t.log_ratio * t.score - t.slope - total).powi(2)).sum()
        };
        let of_x: [&dyn Fn(f64) -> f64; 2] = [&|x| gradient(x).powi(2), &label_noise];
        let means = line.means(&of_x);
        let of_label = |k: usize| {
            Quadratic::new(line, |x| {
                let term = line.label_gradients(x)[k];
                let values = features.values(x).map(|value| term.log_ratio * value);
                Miss { weight: term.weight, of: values.to_vec(), target: term.slope + gradient(x) }
            })
        };
        let labels: Vec<Quadratic> = (0..line.classes()).map(of_label).collect();
        let averaged = Quadratic::new(line, |x| {
            let terms = line.label_gradients(x);
            let of_term = |term: &LabelGradient| {
                features.values(x).map(|value| term.weight * term.log_ratio * value)
            };
            let of = terms.iter().flat_map(of_term).collect();
            Miss { weight: 1.0, of, target: line.gradient(x).data }
        });
        let mut rows = Vec::new();
        for (i, &samples) in plan.sizes.iter().enumerate() {
            let first = i * plan.sets;
            let sets = (first..first + plan.sets).into_par_iter();
            let fits: Vec<[Vec<Score>; 2]> =
                sets.map(|set| fit(line, features, plan, samples, set as u64)).collect();
            for (j, method) in Method::ALL.into_iter().enumerate() {
                let scores: Vec<&Vec<Score>> = fits.iter().map(|fit| &fit[j]).collect();
                rows.push(row(&labels, &averaged, samples, method, &scores));
            }
        }
        Ok(Self { signal: means[0], exact: means[1], rows })
    }
}

/// Draws one data set, and fits to it the score of each class minus that of all, by either method.
fn fit(
    line: &Line,
    features: Features,
    plan: &Plan,
    samples: usize,
    stream: u64,
) -> [Vec<Score>; 2] {
    let mut generator = ChaCha8Rng::seed_from_u64(plan.seed);
    generator.set_stream(stream);
    let law = line.line_law();
    let deviation = plan.noise.to_f64().sqrt();
    // The classes, then all of them together.
    let mut fits = [(); 2].map(|()| vec![Normal::new(); line.classes() + 1]);
    for _ in 0..samples {
        let (x, y) = law.sample(&mut generator);
        let z: f64 = StandardNormal.sample(&mut generator);
        for k in [y, line.classes()] {
            fits[0][k].implicit(&features, x);
            fits[1][k].denoising(&features, x, deviation, z);
        }
    }
    fits.map(|fits| {
        let mut scores: Vec<Score> = fits.iter().map(Normal::solve).collect();
        let all = scores.pop().expect("one score more than classes");
        let minus = |score: &Score| std::array::from_fn(|j| score[j] - all[j]);
        scores.iter().map(minus).collect()
    })
}

/// A miss at some x, `w . of - target`, that is linear in weights w, and how much its square counts.
struct Miss {
    weight: f64,
    of: Vec<f64>,
    target: f64,
}

/// The mean of the square of a miss as a function of the weights: `w' A w - 2 b . w + c`.
struct Quadratic {
    /// A, then b as a last row and column, then c in the corner.
    moments: Vec<Vec<f64>>,
}

impl Quadratic {
    fn new(line: &Line, miss: impl Fn(f64) -> Miss) -> Self {
        // The moments ask for the same x again and again.
        let known: RefCell<HashMap<u64, Vec<f64>>> = RefCell::default();
        let at = |x: f64, (i, j): (usize, usize)| {
            let mut known = known.borrow_mut();
            let terms = known.entry(x.to_bits()).or_insert_with(|| {
                let Miss { weight, of, target } = miss(x);
                [of.as_slice(), &[target, weight]].concat()
            });
            terms[i] * terms[j] * terms[terms.len() - 1]
        };
        let count = miss(0.0).of.len() + 1;
        let pairs: Vec<(usize, usize)> =
            (0..count).flat_map(|i| (0..=i).map(move |j| (i, j))).collect();
        let functions: Vec<_> = pairs.iter().map(|&pair| move |x: f64| at(x, pair)).collect();
        let mut moments = vec![vec![0.0; count]; count];
        for ((i, j), mean) in pairs.into_iter().zip(line.means(&functions)) {
            (moments[i][j], moments[j][i]) = (mean.value, mean.value);
        }
        Self { moments }
    }

    /// `w' A w`
    fn square(&self, w: &[f64]) -> f64 {
        let row = |(row, wi): (&Vec<f64>, &f64)| -> f64 {
            wi * row.iter().zip(w).map(|(a, wj)| a * wj).sum::<f64>()
        };
        self.moments.iter().zip(w).map(row).sum()
    }

    fn at(&self, w: &[f64]) -> f64 {
        let last = &self.moments[w.len()];
        let linear: f64 = last.iter().zip(w).map(|(b, w)| b * w).sum();
        self.square(w) - 2.0 * linear + last[w.len()]
    }
}

/// The errors of the scores that one method has fitted to each of several data sets.
fn row(
    labels: &[Quadratic],
    averaged: &Quadratic,
    samples: usize,
    method: Method,
    scores: &[&Vec<Score>],
) -> Row {
    let count = scores.len() as f64;
    let all: Vec<Vec<f64>> = scores.iter().map(|set| set.concat()).collect();
    let mean: Vec<f64> =
        (0..all[0].len()).map(|j| all.iter().map(|w| w[j]).sum::<f64>() / count).collect();
    let over = |of: &dyn Fn(&[f64]) -> f64| {
        Sampled::new(&all.iter().map(|weights| of(weights)).collect::<Vec<f64>>())
    };
    let of_label = Features::count();
    Row {
        samples,
        method,
        error: over(&|w| labels.iter().zip(w.chunks(of_label)).map(|(e, w)| e.at(w)).sum()),
        averaged: over(&|w| averaged.at(w)),
        variance: over(&|w| {
            let apart: Vec<f64> = w.iter().zip(&mean).map(|(w, mean)| w - mean).collect();
            // The mean is that of the same sets, which takes away one of them.
            averaged.square(&apart) * count / (count - 1.0)
        }),
    }
}

impl Sampled {
    fn new(values: &[f64]) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let spread: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self { mean, standard_error: (spread / (count - 1.0) / count).sqrt() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::Law;
    use crate::model::Model;

    fn line(law: &str, model: &str) -> Line {
        Line::new(&Law::resolve(law).unwrap(), &Model::resolve(model).unwrap()).unwrap()
    }

    fn plan(seed: u64) -> Plan {
        Plan { sizes: vec![50, 500], sets: 20, noise: "1/4".parse().unwrap(), seed }
    }

    #[test]
    fn the_seed_decides() {
        let line = line("toy", "toy-linear");
        let study = |seed| Study::new(&line, &plan(seed)).unwrap();
        assert_eq!(study(1), study(1));
        assert_ne!(study(1), study(2));
    }

    /// The quadratic form in the weights is the mean of the squares, by a sum over x.
    #[test]
    fn errors_are_means_of_squares() {
        let line = line("three-classes", "three-linear");
        let weights = [0.3, -0.2, 0.7];
        let miss = |x: f64| Miss {
            weight: 1.0 + x.tanh(),
            of: vec![1.0, x, line.gradient(x).model],
            target: line.gradient(x).total,
        };
        let found = Quadratic::new(&line, miss).at(&weights);
        let step = 1e-3;
        let at = |i: i32| {
            let x = -12.0 + step * f64::from(i);
            let Miss { weight, of, target } = miss(x);
            let missed: f64 = of.iter().zip(weights).map(|(of, w)| w * of).sum::<f64>() - target;
            step * line.density(x) * weight * missed * missed
        };
        let sum: f64 = (0..28_000).map(at).sum();
        assert!((found - sum).abs() < 1e-9 * sum, "{found}, {sum}");
    }

    #[test]
    fn the_posterior_needs_no_score() {
        // With Q = P every log ratio is 0, so that no score enters; the noise is that of the model gradient alone.
        let study = Study::new(&line("toy", "toy-bayes"), &plan(3)).unwrap();
        assert!(study.signal.value < 1e-28);
        for row in study.rows {
            assert!((row.error.mean - study.exact.value).abs() < 1e-12, "{row:?}");
            assert!(row.averaged.mean.abs() < 1e-20, "{row:?}");
        }
    }

    #[test]
    fn a_plan_that_is_none_is_refused() {
        let line = line("toy", "toy-linear");
        let message = |plan: Plan| Study::new(&line, &plan).unwrap_err().to_string();
        assert_eq!(
            message(Plan { sizes: vec![], ..plan(0) }),
            "found no sample sizes; at least one is needed"
        );
        assert_eq!(
            message(Plan { sizes: vec![10, 0], ..plan(0) }),
            "found 0 samples; at least 1 needed"
        );
        assert_eq!(message(Plan { sets: 1, ..plan(0) }), "found 1 data sets; at least 2 needed");
        let still = Plan { noise: Exact::integer(0), ..plan(0) };
        assert_eq!(message(still), "found 0; noise must be > 0");
    }
}
