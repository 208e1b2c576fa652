//! The gradient of the KL form by x: the model gradient and the data gradient (section 4 of the theory).

use super::Risk;
use super::line::{Line, Which};
use super::mean::{Cells, range};
use super::mesh::{Mesh, Probe, Sample};
use crate::divergence::Divergence;
use crate::divergence::entropy::kl;
use crate::error::Error;
use crate::quadrature::Estimate;
use crate::real::Real;
use crate::simplex::Simplex;

/// `d/dx KL(P(x), Q(x))` at one x, in nats per unit of x.
///
/// ```text
/// E_{y ~ P(x)}[ -d/dx ln p_theta(y|x)  +  ln( p_d(y|x) / p_theta(y|x) ) d/dx ln p_d(y|x) ]
///                model gradient            data gradient
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gradient {
    /// The derivative of the divergence itself, by jets.
    pub total: f64,
    /// `E_{y ~ P(x)}[ -d/dx ln p_theta(y|x) ]`
    pub model: f64,
    /// `E_{y ~ P(x)}[ ln( p_d(y|x) / p_theta(y|x) ) d/dx ln p_d(y|x) ]`
    pub data: f64,
    /// The sum of the absolute values of what is summed in them, which may cancel.
    pub size: f64,
    /// About how much of any of them is rounding.
    pub noise: f64,
}

/// Means over x of the gradient and of its parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradientMeans {
    /// `E d/dx KL(P(x), Q(x))`, by jets.
    pub total: Estimate,
    /// `-E[ KL(P(x), Q(x)) d/dx ln p_d(x) ]`, the same after an integration by parts.
    pub by_parts: Estimate,
    /// The mean of the absolute values of what is summed in them: rounding is relative to this.
    pub size: Estimate,
    /// The mean of the model gradient.
    pub model: Estimate,
    /// The mean of the data gradient.
    pub data: Estimate,
}

/// What one label adds to the gradient at some x.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LabelGradient {
    /// `p_d(y|x)`
    pub weight: f64,
    /// `ln( p_d(y|x) / p_theta(y|x) )`
    pub log_ratio: f64,
    /// `d/dx ln p_d(y|x)`
    pub score: f64,
    /// `d/dx ln p_theta(y|x)`
    pub slope: f64,
}

impl Line {
    /// The gradient's parts at x, label by label.
    pub(crate) fn label_gradients(&self, x: f64) -> Vec<LabelGradient> {
        let [p, q] = [Which::Data, Which::Model].map(|which| self.probe_labels(which, x));
        let (weights, ln_p, ln_q) = (
            p.probabilities().entries(),
            p.log_probabilities().entries(),
            q.log_probabilities().entries(),
        );
        let of = |k: usize| LabelGradient {
            weight: value(&weights[k]),
            log_ratio: value(&ln_p[k]) - value(&ln_q[k]),
            score: slope(&ln_p[k]),
            slope: slope(&ln_q[k]),
        };
        (0..weights.len()).map(of).collect()
    }

    /// `E_x f(x)` for functions that are as smooth as P and Q, with the error of their quadrature; `f` decides how far the line is looked at.
    pub(crate) fn means<F: Fn(f64) -> f64>(&self, functions: &[F]) -> Vec<Estimate> {
        let near =
            |x: f64| self.density(x) * functions.iter().map(|f| f(x).abs()).fold(0.0, f64::max);
        let (interval, rest) = range(self, near);
        let cells = Cells::new(self, interval, &|x| self.sample_kl(x), &[]);
        let mean = |f: &F| {
            let noise = |x: f64| {
                let moved = |by: f64| (f(x * (1.0 + by)) - f(x)).abs();
                self.density(x) * (moved(self.shake()) + moved(-self.shake()))
            };
            let mean = cells.integral(|x| self.density(x) * f(x), noise);
            Estimate { value: mean.value, error: mean.error + rest }
        };
        functions.iter().map(mean).collect()
    }

    /// The gradient and its two parts at x; at a kink of the model those of one side.
    ///
    /// ```
    /// use score_workbench::{law::Law, model::Model, risk::Line};
    /// let line = Line::new(&Law::resolve("toy")?, &Model::resolve("toy-linear")?)?;
    /// let gradient = line.gradient(0.5);
    /// assert!((gradient.total - gradient.model - gradient.data).abs() < 1e-15);
    /// # Ok::<(), score_workbench::error::Error>(())
    /// ```
    #[must_use]
    pub fn gradient(&self, x: f64) -> Gradient {
        self.gradient_near(x, x)
    }

    /// The gradient from the law at x and the model at u, which is x but for rounding.
    fn gradient_near(&self, x: f64, u: f64) -> Gradient {
        let (joint, _) = self.probe_logits(Which::Data, x);
        let (logits, scale) = self.probe_logits(Which::Model, u);
        let (p, q) = (Simplex::from_logits(&joint), Simplex::from_logits(&logits));
        let total = kl(&p, &q);
        let (weights, ln_p, ln_q) = (
            p.probabilities().entries(),
            p.log_probabilities().entries(),
            q.log_probabilities().entries(),
        );
        // Logits round on their own scale, and so do their slopes before the mean slope is taken from them.
        let mean = |f: &dyn Fn(usize) -> f64| -> f64 {
            (0..weights.len()).map(|k| value(&weights[k]).weigh(&f(k))).sum()
        };
        let log_ratio = |k: usize| value(&ln_p[k]) - value(&ln_q[k]);
        let joint = joint.entries();
        let level = mean(&|k| value(&joint[k]).abs());
        let steep = mean(&|k| slope(&joint[k]).abs())
            + logits.entries().iter().map(|b| slope(b).abs()).fold(0.0, f64::max);
        let size =
            |k: usize| slope(&ln_q[k]).abs() + (1.0 + log_ratio(k).abs()) * slope(&ln_p[k]).abs();
        // The weights round with the law's logits, the logarithms with the model's.
        let rounded = mean(&|k| {
            (1.0 + value(&joint[k]).abs() + level) * size(k) + scale * slope(&ln_p[k]).abs()
        }) + (1.0 + mean(&|k| log_ratio(k).abs())) * steep;
        Gradient {
            total: slope(&total),
            model: -mean(&|k| slope(&ln_q[k])),
            data: mean(&|k| log_ratio(k) * slope(&ln_p[k])),
            size: mean(&size),
            // Below the smallest normal double rounding is absolute.
            noise: self.shake() * rounded + f64::MIN_POSITIVE,
        }
    }

    /// The gradients at the points of a mesh that follows `KL(P(x), Q(x))` over the law's mass.
    #[must_use]
    pub fn gradients(&self) -> Vec<(f64, Gradient)> {
        let (from, to) = self.hull();
        let mesh = Mesh::new(&self.seeds(from, to), &|x| self.sample_kl(x));
        mesh.samples().iter().map(|sample| (sample.x, self.gradient(sample.x))).collect()
    }

    /// The means of the gradient and of its parts.
    ///
    /// # Errors
    /// [`Error::Overflow`] where one of them is no double.
    pub fn gradient_means(&self) -> Result<GradientMeans, Error> {
        // With the law at x and the model at u.
        let by_parts = |x: f64, u: f64| {
            let (joint, _) = self.probe_logits(Which::Data, x);
            let p = Simplex::from_logits(&joint);
            let scores = joint.entries().iter().zip(p.probabilities().entries());
            let score: f64 = scores.map(|(h, p)| value(p).weigh(&slope(h))).sum();
            -score * kl(&self.posterior(x), &self.model(u))
        };
        let near = |x: f64| self.density(x) * self.gradient(x).size.max(by_parts(x, x).abs());
        let (interval, rest) = range(self, near);
        let cells = Cells::new(self, interval, &|x| self.sample_kl(x), &[]);
        let mean = |f: &dyn Fn(f64, f64) -> f64| {
            let noise = |x: f64| {
                let moved = |by: f64| (f(x, x * (1.0 + by)) - f(x, x)).abs();
                let moved = moved(self.shake()) + moved(-self.shake());
                self.density(x) * (moved + self.gradient(x).noise)
            };
            let mut mean = cells.integral(|x| self.density(x) * f(x, x), noise);
            mean.error += rest;
            mean
        };
        let means = GradientMeans {
            total: mean(&|x, u| self.gradient_near(x, u).total),
            by_parts: mean(&by_parts),
            size: mean(&|x, u| self.gradient_near(x, u).size),
            model: mean(&|x, u| self.gradient_near(x, u).model),
            data: mean(&|x, u| self.gradient_near(x, u).data),
        };
        let all = [means.total, means.by_parts, means.model, means.data];
        if all.iter().all(|mean| mean.value.is_finite() && mean.error.is_finite()) {
            Ok(means)
        } else {
            Err(Error::Overflow { risk: Risk::Standard, divergence: Divergence::Kl })
        }
    }

    fn sample_kl(&self, x: f64) -> Sample {
        let [p, q] = [Which::Data, Which::Model].map(|which| self.probe_labels(which, x));
        let scale = self.probe_logits(Which::Data, x).1.max(self.probe_logits(Which::Model, x).1);
        let channels = [&[kl(&p, &q)], p.probabilities().entries(), q.probabilities().entries()];
        Sample::new(x, scale, &channels.concat())
    }
}

fn value(probe: &Probe) -> f64 {
    probe.value().value()
}

fn slope(probe: &Probe) -> f64 {
    probe.coefficients()[1].value()
}
