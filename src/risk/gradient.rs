//! The gradient of the KL form by x: the model gradient and the data gradient (section 4 of the theory).

use super::Risk;
use super::line::{Line, Which};
use super::mean::{Cells, range};
use super::mesh::{Mesh, Probe, Sample};
use crate::divergence::Divergence;
use crate::divergence::entropy::kl;
use crate::error::Error;
use crate::quadrature::Estimate;
use crate::tolerance;

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
    /// The mean of the model gradient.
    pub model: Estimate,
    /// The mean of the data gradient.
    pub data: Estimate,
}

impl Line {
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
        let [p, q] = [Which::Data, Which::Model].map(|which| self.probe_labels(which, x));
        let total = kl(&p, &q);
        let (p_k, ln_p, ln_q) = (
            p.probabilities().entries(),
            p.log_probabilities().entries(),
            q.log_probabilities().entries(),
        );
        let (mut model, mut data, mut size, mut ratios) = (0.0, 0.0, 0.0, 0.0);
        for k in 0..p_k.len() {
            let (weight, score) = (value(&p_k[k]), slope(&ln_p[k]));
            // 0 times an infinite logarithm or slope is 0 here as everywhere.
            if weight > 0.0 {
                let log_ratio = value(&ln_p[k]) - value(&ln_q[k]);
                model -= weight * slope(&ln_q[k]);
                data += weight * log_ratio * score;
                ratios += weight * log_ratio.abs();
                size += weight * (slope(&ln_q[k]).abs() + (1.0 + log_ratio.abs()) * score.abs());
            }
        }
        // Logits round on their own scale, and so do their slopes before the mean slope is taken from them.
        let (mut scale, mut steep) = (1.0_f64, 0.0);
        for which in [Which::Data, Which::Model] {
            let (logits, largest) = self.probe_logits(which, x);
            scale = scale.max(1.0 + largest);
            steep += logits.entries().iter().map(|h| slope(h).abs()).fold(0.0, f64::max);
        }
        let noise = tolerance::SHAKE * (scale * size + (1.0 + ratios) * steep);
        Gradient { total: slope(&total), model, data, noise }
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
        let by_parts = |x: f64| {
            let (joint, _) = self.probe_logits(Which::Data, x);
            let p = self.posterior(x);
            let scores = joint.entries().iter().zip(p.probabilities().entries());
            let score: f64 = scores.map(|(h, p)| if *p > 0.0 { p * slope(h) } else { 0.0 }).sum();
            -score * kl(&p, &self.model(x))
        };
        let near = |x: f64| {
            let Gradient { total, model, data, noise } = self.gradient(x);
            let sizes = [total, model, data, noise, by_parts(x)].into_iter();
            self.density(x) * sizes.map(f64::abs).fold(0.0, f64::max)
        };
        let (interval, rest) = range(self, near);
        let cells = Cells::new(self, interval, &|x| self.sample_kl(x), &[]);
        let mean = |f: &dyn Fn(f64) -> f64| {
            let density = |x: f64| self.density(x);
            let noise = |x: f64| {
                let moved = |by: f64| (f(x * (1.0 + by)) - f(x)).abs();
                let moved = moved(tolerance::SHAKE) + moved(-tolerance::SHAKE);
                density(x) * (moved + self.gradient(x).noise + tolerance::SHAKE * f(x).abs())
            };
            let mut mean = cells.integral(|x| density(x) * f(x), noise);
            mean.error += rest;
            mean
        };
        let means = GradientMeans {
            total: mean(&|x| self.gradient(x).total),
            by_parts: mean(&by_parts),
            model: mean(&|x| self.gradient(x).model),
            data: mean(&|x| self.gradient(x).data),
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
