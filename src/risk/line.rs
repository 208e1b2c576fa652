//! The risks of a law and a model in one dimension.

use super::infinite::Growth;
use super::integrand::Integrand;
use super::mesh::Probe;
use super::support::Support;
use super::{Risk, Risks};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::exact::Exact;
use crate::law::{Law, LineLaw};
use crate::line::Landmark;
use crate::model::{LineModel, Model};
use crate::quadrature::Estimate;
use crate::real::{Jet, Real, Row, Softmax, Traced};
use crate::simplex::{Dense, Simplex};
use crate::tolerance;

/// A law and a model on the real line, ready to be integrated.
///
/// ```
/// use score_workbench::{divergence::Divergence, law::Law, model::Model, risk::Line};
/// let line = Line::new(&Law::resolve("toy")?, &Model::resolve("toy-linear")?)?;
/// let score = line.score(Divergence::Kl, 1.0)?;
/// assert!((score.value - 0.26635403384658).abs() < 1e-13);
/// assert!(score.error < 1e-13);
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Line {
    law: Law,
    model: Model,
    value: Pair<f64>,
    probe: Pair<Probe>,
    support: Support,
    landmarks: Vec<Landmark>,
    growth: Growth,
    classes: usize,
    shake: f64,
}

/// A law and a model in one backend.
#[derive(Clone, Debug)]
pub(crate) struct Pair<R> {
    pub law: LineLaw<R>,
    pub model: LineModel<R>,
}

/// Which of the two label distributions over the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// The data's posterior P.
    Data,
    /// The model Q.
    Model,
}

impl<R: Real> Pair<R> {
    /// The law and the model, compiled for the backend of `like`.
    pub fn new(law: &Law, model: &Model, like: &R) -> Result<Self, Error> {
        Ok(Self { law: law.line(like)?, model: model.line(like)? })
    }

    pub fn logits(&self, which: Which, x: &R) -> Dense<R> {
        match which {
            Which::Data => self.law.log_joint(x),
            Which::Model => self.model.logits(x),
        }
    }

    pub fn labels(&self, which: Which, x: &R) -> Simplex<Dense<R>> {
        Simplex::from_logits(&self.logits(which, x))
    }
}

impl Line {
    /// Prepares a law and a model.
    ///
    /// # Errors
    /// Where their numbers of classes differ, or one of them is not one-dimensional.
    pub fn new(law: &Law, model: &Model) -> Result<Self, Error> {
        if law.classes() != model.classes() {
            return Err(Error::ClassesDiffer { law: law.classes(), model: model.classes() });
        }
        let value = Pair::new(law, model, &0.0)?;
        let probe = Pair::new(law, model, &Jet::fixed(Traced::new(0.0)))?;
        let mut landmarks = value.law.landmarks();
        landmarks.extend(value.model.landmarks());
        let support = Support::new(&value.law);
        let (growth, classes) = (Growth::new(law, model), law.classes());
        let (law, model) = (law.clone(), model.clone());
        let shake = tolerance::SHAKE;
        Ok(Self { law, model, value, probe, support, landmarks, growth, classes, shake })
    }

    /// The same, with logits and places off by a relative `by` besides the rounding of their evaluation.
    pub(crate) fn blurred(self, by: f64) -> Self {
        Self { shake: self.shake + by, ..self }
    }

    /// The same, with the errors of another line's logits.
    pub(super) fn shaken_like(self, other: &Self) -> Self {
        Self { shake: other.shake, ..self }
    }

    /// The relative error of a logit.
    pub(super) fn shake(&self) -> f64 {
        self.shake
    }

    /// The number of classes, K.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The input density `p_d(x)`.
    #[must_use]
    pub fn density(&self, x: f64) -> f64 {
        self.data(x).0
    }

    /// The posterior `P(x)`.
    #[must_use]
    pub fn posterior(&self, x: f64) -> Simplex<Dense<f64>> {
        self.value.labels(Which::Data, &x)
    }

    /// The model's label distribution `Q(x)`.
    #[must_use]
    pub fn model(&self, x: f64) -> Simplex<Dense<f64>> {
        self.value.labels(Which::Model, &x)
    }

    /// The interval that holds all but a negligible part of the mass.
    #[must_use]
    pub fn hull(&self) -> (f64, f64) {
        self.support.hull()
    }

    /// `R_Standard^D`.
    ///
    /// # Errors
    /// [`Error::Overflow`] where the integrand leaves the range of doubles.
    pub fn standard(&self, divergence: Divergence) -> Result<Estimate, Error> {
        self.risk(Risk::Standard, divergence, 0.0)
    }

    /// `R_Madry^D`; `epsilon` in the units of x.
    ///
    /// # Errors
    /// For an `epsilon` that is negative or not finite; and as [`standard`](Self::standard).
    pub fn madry(&self, divergence: Divergence, epsilon: f64) -> Result<Estimate, Error> {
        self.risk(Risk::Madry, divergence, epsilon)
    }

    /// `R_SCORE^D`; `epsilon` in the units of x.
    ///
    /// # Errors
    /// As [`madry`](Self::madry).
    pub fn score(&self, divergence: Divergence, epsilon: f64) -> Result<Estimate, Error> {
        self.risk(Risk::Score, divergence, epsilon)
    }

    /// `C^D`; `epsilon` in the units of x.
    ///
    /// # Errors
    /// As [`madry`](Self::madry).
    pub fn variation(&self, divergence: Divergence, epsilon: f64) -> Result<Estimate, Error> {
        self.risk(Risk::Variation, divergence, epsilon)
    }

    /// All four risks.
    ///
    /// # Errors
    /// As [`madry`](Self::madry).
    pub fn risks(&self, divergence: Divergence, epsilon: f64) -> Result<Risks, Error> {
        Ok(Risks {
            standard: self.standard(divergence)?,
            madry: self.madry(divergence, epsilon)?,
            score: self.score(divergence, epsilon)?,
            variation: self.variation(divergence, epsilon)?,
        })
    }

    /// One of the risks.
    ///
    /// # Errors
    /// As [`madry`](Self::madry).
    pub fn risk(
        &self,
        risk: Risk,
        divergence: Divergence,
        epsilon: f64,
    ) -> Result<Estimate, Error> {
        if !(epsilon >= 0.0 && epsilon.is_finite()) {
            return Err(Error::Epsilon { found: epsilon });
        }
        if risk == Risk::Variation && epsilon == 0.0 {
            return Ok(Estimate::exact(0.0));
        }
        if !self.reaches(epsilon) {
            return Err(Error::Overflow { risk, divergence });
        }
        let exact = Exact::from_f64(epsilon).ok_or(Error::Epsilon { found: epsilon })?;
        if self.growth.is_infinite(risk, divergence, &exact) {
            return Ok(Estimate::exact(f64::INFINITY));
        }
        let estimate = self.integrand(risk, divergence, epsilon).integral();
        if estimate.value.is_finite() && estimate.error.is_finite() {
            Ok(estimate)
        } else {
            Err(Error::Overflow { risk, divergence })
        }
    }

    /// The integrand of a risk, resolved into pieces. For `epsilon = 0` every risk is the standard one, and C is that of Q = P.
    #[must_use]
    pub fn integrand(&self, risk: Risk, divergence: Divergence, epsilon: f64) -> Integrand<'_> {
        Integrand::new(self, risk, divergence, epsilon)
    }

    /// Whether a risk is infinite.
    pub(crate) fn is_infinite(&self, risk: Risk, divergence: Divergence, epsilon: &Exact) -> bool {
        self.growth.is_infinite(risk, divergence, epsilon)
    }

    /// The law and the model as they were given.
    #[must_use]
    pub fn source(&self) -> (&Law, &Model) {
        (&self.law, &self.model)
    }

    /// The law and the model in another backend.
    pub(super) fn compiled<R: Real>(&self, like: &R) -> Result<Pair<R>, Error> {
        Pair::new(&self.law, &self.model, like)
    }

    /// The law on the line.
    pub(crate) fn line_law(&self) -> &LineLaw<f64> {
        &self.value.law
    }

    pub(super) fn support(&self) -> &Support {
        &self.support
    }

    /// `p_d(x)` and `P(x)`, which share their work.
    pub(super) fn data(&self, x: f64) -> (f64, Simplex<Dense<f64>>) {
        let Softmax { p, ln_p, log_total } = f64::softmax(self.value.law.log_joint(&x).entries());
        (log_total.exp(), Simplex::from_parts(p, ln_p))
    }

    pub(super) fn labels(&self, which: Which, x: f64) -> Simplex<Dense<f64>> {
        self.value.labels(which, &x)
    }

    /// The label distribution with x and the logits off by a relative `by`, the logits up for even classes and down for odd ones.
    pub(super) fn shaken(&self, which: Which, x: f64, by: f64) -> Simplex<Dense<f64>> {
        let logits = self.value.logits(which, &(x * (1.0 + by)));
        let entries = logits.entries();
        let off = |k: usize| entries[k] * (1.0 + if k.is_multiple_of(2) { by } else { -by });
        Simplex::from_logits(&Dense::new(Row::from_fn(entries.len(), off)))
    }

    pub(super) fn logits(&self, which: Which, x: f64) -> Dense<f64> {
        self.value.logits(which, &x)
    }

    pub(super) fn probe_labels(&self, which: Which, x: f64) -> Simplex<Dense<Probe>> {
        self.probe.labels(which, &Jet::variable(Traced::new(x)))
    }

    /// The logits, and the size of the largest of them.
    pub(super) fn probe_logits(&self, which: Which, x: f64) -> (Dense<Probe>, f64) {
        let logits = self.probe.logits(which, &Jet::variable(Traced::new(x)));
        let sizes = logits.entries().iter().map(|logit| logit.value().value().abs());
        let scale = sizes.filter(|size| size.is_finite()).fold(0.0, f64::max);
        (logits, scale)
    }

    /// Where to begin sampling functions on `[from, to]`: around every landmark on its own scale, no closer than half the scale of
    /// either, and outward from the outermost in doubling steps.
    pub(super) fn seeds(&self, from: f64, to: f64) -> Vec<f64> {
        const AROUND: [f64; 7] = [-4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0];
        let around = |l: &Landmark| AROUND.map(|steps| (l.at + steps * l.scale, l.scale));
        let mut seeds: Vec<(f64, f64)> = self.landmarks.iter().flat_map(around).collect();
        let (low, high) = self.support.hull();
        let mut step = high - low;
        seeds.extend([(low, step), (high, step)]);
        while low - step > from || high + step < to {
            seeds.extend([(low - step, step), (high + step, step)]);
            step *= 2.0;
        }
        seeds.retain(|seed| seed.0 > from && seed.0 < to);
        seeds.sort_by(|a, b| a.0.total_cmp(&b.0));
        seeds.dedup_by(|b, a| b.0 - a.0 < 0.5 * a.1.min(b.1));
        let inside = seeds.into_iter().map(|seed| seed.0);
        [from].into_iter().chain(inside).chain([to]).collect()
    }

    /// Whether label distributions can be computed as far out as the windows reach: not where logits overflow.
    fn reaches(&self, epsilon: f64) -> bool {
        let (from, to) = self.support.hull();
        [from - epsilon, to + epsilon].into_iter().all(|x| {
            [Which::Data, Which::Model].into_iter().all(|which| {
                let labels = self.labels(which, x);
                labels.probabilities().entries().iter().all(|p| p.is_finite())
            })
        })
    }
}
