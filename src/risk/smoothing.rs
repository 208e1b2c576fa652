//! The risk of a model under noise, and how it changes with the noise's variance (Theorem 5).

use super::largest::{Deep, Derivatives, Largest};
use super::line::{Line, Which};
use super::mean::{Cells, range};
use super::mesh::{Probe, Sample};
use crate::error::Error;
use crate::exact::Exact;
use crate::law::LineLaw;
use crate::quadrature::Estimate;
use crate::real::{Jet, Real, Traced};
use crate::simplex::{Dense, Simplex};
use crate::tolerance;

/// A number with its first two derivatives by the noise's variance.
type Broadened = Jet<f64, 3>;

/// A model under a law that is smoothed by Gaussian noise of variance sigma: `p_d^sigma(x, y) = p_d(., y) * N(0, sigma)`.
///
/// Its risk is the negative log-likelihood `R_G(theta; sigma) = E_{p_d^sigma(x, y)}[ -ln p_theta(y|x) ]`, in nats.
///
/// ```
/// use score_workbench::{law::Law, model::Model, risk::Line};
/// let line = Line::new(&Law::resolve("toy")?, &Model::resolve("toy-linear")?)?;
/// let smoothed = line.smoothed(&"1/4".parse()?)?;
/// let [semantic, derivative] = [smoothed.semantic_slope(), smoothed.derivatives()[1]];
/// assert!((semantic.value - 0.0631087810880).abs() < 1e-13);
/// assert!((semantic.value - derivative.value).abs() <= semantic.error + derivative.error);
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Smoothed {
    line: Line,
    law: LineLaw<Broadened>,
    cells: Cells,
    rest: f64,
}

impl Line {
    /// The model under the law smoothed by noise of this variance, not standard deviation.
    ///
    /// # Errors
    /// [`Error::Negative`] for a variance below 0.
    pub fn smoothed(&self, variance: &Exact) -> Result<Smoothed, Error> {
        let (law, model) = self.source();
        let line = Self::new(&law.smoothed(variance)?, model)?;
        let line = line.shaken_like(self);
        let law = law.smoothed_line(&Jet::variable(variance.to_f64()))?;
        let sizes = |x: f64| {
            let terms = terms(&line, x, x).into_iter();
            terms.map(|t| t.joint.weigh(&(t.loss.abs() + t.slope.abs() * t.score.abs()))).sum()
        };
        // The derivatives by the variance bring in squares of x over the variance.
        let (interval, rest) = range(&line, |x| {
            let taylor = losses(&line, &law, x, x);
            taylor.iter().map(|sum| sum.value.abs()).fold(sizes(x), f64::max)
        });
        let sample = |x: f64| {
            let (logits, scale) = line.probe_logits(Which::Model, x);
            let (data, other) = line.probe_logits(Which::Data, x);
            let (q, p) = (Simplex::from_logits(&logits), Simplex::from_logits(&data));
            let channels = [p.probabilities().entries(), q.log_probabilities().entries()].concat();
            Sample::new(x, scale.max(other), &channels)
        };
        let cells = Cells::new(&line, interval, &sample, &[]);
        Ok(Smoothed { line, law, cells, rest })
    }

    /// Whether some `p_theta(y|x)` is 0, so that the negative log-likelihood and KL are infinite.
    #[must_use]
    pub fn excludes_a_label(&self) -> bool {
        self.source().1.excludes_a_class()
    }

    /// A bound of `|d^2/dsigma^2 R_G(theta; sigma)|` for every sigma >= 0, and the kinks of `ln p_theta`, at which it is none.
    ///
    /// By the heat equation twice, `R_G'' = -(1/4) sum_y integral of p_xx (ln p_theta(y|.))''`; with L the largest `|(ln p_theta(y|.))''|`
    /// and components of mass m and variance v this is at most `phi(1) L sum m / v`, since `integral |N_xx| = 4 phi(1) / v`. The estimate
    /// of L assumes that the mesh has seen every feature; smoothing by `variance` is how far it looks.
    ///
    /// # Errors
    /// None for a line that exists.
    pub fn smoothed_curvature(&self, variance: f64) -> Result<(Estimate, Vec<f64>), Error> {
        // Nine standard deviations of the noise beyond the law's own reach.
        let derivatives = Derivatives::new(self, tolerance::REACH * variance.sqrt())?;
        let log = |k: usize| {
            let derivatives = &derivatives;
            move |x: f64| -> Deep {
                let [_, q] = derivatives.labels(x);
                q.log_probabilities().entries()[k]
            }
        };
        let of = |k: usize| derivatives.largest::<2>(log(k));
        let Largest { value, kinks } = (1..self.classes()).fold(of(0), |all, k| all.or(of(k)));
        let narrow: f64 = self.line_law().components().map(|c| c.mass() / c.variance()).sum();
        let phi_1 = (-0.5_f64).exp() / std::f64::consts::TAU.sqrt();
        Ok((value * (phi_1 * narrow), kinks))
    }
}

/// What the integrands of one label are made of.
struct Term {
    /// `p_d^sigma(x, y)` and its logarithm
    joint: f64,
    log: f64,
    /// `d/dx ln p_d^sigma(x, y)`, which is that of `p_d^sigma(x|y)`
    score: f64,
    /// `-ln p_theta(y|x)`
    loss: f64,
    /// `d/dx ln p_theta(y|x)`
    slope: f64,
}

/// The law at x and the model at u, which is x but for rounding.
fn terms(line: &Line, x: f64, u: f64) -> Vec<Term> {
    let (joint, _) = line.probe_logits(Which::Data, x);
    let q = line.probe_labels(Which::Model, u);
    let pairs = joint.entries().iter().zip(q.log_probabilities().entries());
    let term = |(h, b): (&Probe, &Probe)| {
        let [log, score] = h.coefficients().map(Traced::value);
        let [minus_loss, slope] = b.coefficients().map(Traced::value);
        Term { joint: log.exp(), log, score, loss: -minus_loss, slope }
    };
    pairs.map(term).collect()
}

/// `-sum_y p_d^sigma(x, y) ln p_theta(y|x)` with its Taylor coefficients in sigma; and of each coefficient what its terms amount to, each
/// times the size of the logits that it is made of.
fn losses(line: &Line, law: &LineLaw<Broadened>, x: f64, u: f64) -> [Sum; 3] {
    let joint: Dense<Broadened> = law.log_joint(&Jet::fixed(x));
    let (logits, scale) = line.probe_logits(Which::Model, u);
    let q = Simplex::from_logits(&logits);
    let mut sums = [Sum::default(); 3];
    for (h, log) in joint.entries().iter().zip(q.log_probabilities().entries()) {
        let log = log.value().value();
        for (sum, density) in sums.iter_mut().zip(h.exp().coefficients()) {
            let rounded = (1.0 + h.value().abs()) * log.abs() + 1.0 + scale;
            sum.value -= density.weigh(&log);
            sum.size += density.weigh(&log).abs();
            sum.rounded += density.abs().weigh(&rounded);
        }
    }
    sums
}

/// A sum, the sum of the absolute values of its terms, and the size of what rounds in it.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    value: f64,
    size: f64,
    rounded: f64,
}

impl Smoothed {
    /// `R_G(theta; sigma)` and its first two derivatives by sigma, by jets in sigma under the integral.
    #[must_use]
    pub fn derivatives(&self) -> [Estimate; 3] {
        let taylor = |n: usize| self.integral(|x, u| losses(&self.line, &self.law, x, u)[n]);
        [taylor(0), taylor(1), taylor(2) * 2.0]
    }

    /// The integral of the absolute values of the terms of the first derivative: what cancels in it, beside which it can be known to rounding
    /// only. Large where a component is narrow and the model changes much across it.
    #[must_use]
    pub fn cancelling(&self) -> Estimate {
        self.integral(|x, u| {
            let Sum { size, rounded, .. } = losses(&self.line, &self.law, x, u)[1];
            Sum { value: size, size, rounded }
        })
    }

    /// Theorem 5's form of the first derivative: `(1/2) E[ d/dx ln p_theta(y|x) d/dx ln p_d^sigma(x|y) ]` over `p_d^sigma(x, y)`.
    #[must_use]
    pub fn semantic_slope(&self) -> Estimate {
        let sum = |x: f64, u: f64| {
            let terms = terms(&self.line, x, u);
            let steep = terms.iter().map(|t| t.slope.abs()).fold(0.0, f64::max);
            terms.iter().fold(Sum::default(), |sum, t| {
                let term = t.joint.weigh(&(t.slope * t.score));
                let rounded = ((1.0 + t.log.abs()) * t.slope.abs() + steep) * t.score.abs();
                Sum {
                    value: sum.value + term,
                    size: sum.size + term.abs(),
                    rounded: sum.rounded + t.joint.weigh(&rounded),
                }
            })
        };
        self.integral(sum) * 0.5
    }

    /// The integral of a sum, given the law at its first argument and the model at its second. It rounds with the logits of the law on their
    /// own scale; those of the model may round on a larger one, which moving x shows.
    fn integral(&self, f: impl Fn(f64, f64) -> Sum) -> Estimate {
        let noise = |x: f64| {
            let Sum { value, rounded, .. } = f(x, x);
            let moved = |by: f64| (f(x, x * (1.0 + by)).value - value).abs();
            moved(self.line.shake()) + moved(-self.line.shake()) + self.line.shake() * rounded
        };
        let mut estimate = self.cells.integral(|x| f(x, x).value, noise);
        estimate.error += self.rest;
        estimate
    }
}
