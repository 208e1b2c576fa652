//! The risks of the theory for a trained model, on labelled images or against a reference distribution. Everything here is sampled evidence.
//!
//! Labels are one draw of P for each image, so that against them only the standard and Madry's risk are defined: the means of `D(e_y, Q(x))` and
//! `sup D(e_y, Q(x'))`, e the one-hot distribution. With a stand-in for P, which other trained models give (the mean of their probabilities), SCORE's
//! risk and C are means too, and Corollary 1 can be held against the numbers: `|R_SCORE - C| <= B(R_Madry^kl)`.
//!
//! Every supremum is the largest value that APGD finds on the divergence itself, so it is a lower bound. Then neither side of the inequality is
//! proved, and a failure would say that one attack was weaker than another, not that the corollary is false.

use score_torch_shim::Generator;
use serde::Serialize;
use tch::{Device, Tensor, no_grad};

use super::attack::{Apgd, Broken, Classifier, Goal, Quirks};
use crate::divergence::{Divergence, Triangle};
use crate::error::Error;
use crate::perturbation::Ball;
use crate::real::Batch;
use crate::risk::Risk;
use crate::simplex::Simplex;
use crate::train::evaluate::Mean;
use crate::train::random::size;

/// Whose distribution is the first argument of the divergences.
pub enum Truth<'a> {
    /// One-hot distributions of the labels.
    Labels,
    /// The mean of these models' probabilities.
    Models(&'a [&'a dyn Classifier]),
}

impl std::fmt::Debug for Truth<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Self::Labels => f.write_str("Labels"),
            Self::Models(models) => write!(f, "Models({})", models.len()),
        }
    }
}

/// The risks for one divergence, with the standard errors of means over images.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Risks {
    /// The divergence.
    #[serde(serialize_with = "by_name")]
    pub divergence: Divergence,
    /// `R_Standard`. Exact on the images, up to rounding. `None` where the divergence from a one-hot distribution is infinite.
    pub standard: Option<Mean>,
    /// `R_Madry`, from below.
    pub madry: Option<Mean>,
    /// `R_SCORE`, from below; with a stand-in for P only.
    pub score: Option<Mean>,
    /// C, from below; with a stand-in for P only.
    pub variation: Option<Mean>,
}

/// One inequality of Corollary 1 on such numbers.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Corollary {
    /// The divergence.
    #[serde(serialize_with = "by_name")]
    pub divergence: Divergence,
    /// The bound's name.
    pub bound: String,
    /// `B(R_Madry^kl) - |R_SCORE - C|`, with c0 where the triangle inequality is a relaxed one: the smaller of its two inequalities' slacks.
    pub slack: f64,
}

// The signature is serde's.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn by_name<S: serde::Serializer>(
    divergence: &Divergence,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(divergence)
}

/// The attack that looks for suprema.
#[derive(Clone, Debug)]
pub struct Search {
    /// The ball.
    pub ball: Ball,
    /// Iterations of APGD.
    pub iterations: usize,
    /// Images at once.
    pub batch: usize,
    /// The seed; every batch of every supremum has the same noise.
    pub seed: i64,
}

/// The risks of `model` for these divergences on images `[N, C, H, W]` with labels `[N]`.
///
/// # Errors
/// What the models return.
pub fn risks(
    search: &Search,
    divergences: &[Divergence],
    model: &dyn Classifier,
    truth: &Truth,
    images: &Tensor,
    y: &Tensor,
) -> Result<Vec<Risks>, Error> {
    divergences
        .iter()
        .map(|&divergence| {
            let of = |risk| search.risk(risk, divergence, model, truth, images, y);
            Ok(Risks {
                divergence,
                standard: of(Risk::Standard)?,
                madry: of(Risk::Madry)?,
                score: of(Risk::Score)?,
                variation: of(Risk::Variation)?,
            })
        })
        .collect()
}

/// Corollary 1 on these numbers, for every divergence that it speaks of; nothing where `R_Madry^kl` or a risk is not there.
#[must_use]
pub fn corollary_1(risks: &[Risks]) -> Vec<Corollary> {
    let kl = risks.iter().find(|risks| risks.divergence == Divergence::Kl);
    let Some(madry) = kl.and_then(|kl| kl.madry) else { return vec![] };
    let mut found = vec![];
    for Risks { divergence, score, variation, .. } in risks {
        let (Some(score), Some(variation)) = (score, variation) else { continue };
        let facts = divergence.facts();
        let c0 = match facts.triangle {
            Triangle::Metric => 1.0,
            Triangle::Relaxed(c0) => f64::from(c0),
            Triangle::None => continue,
        };
        for bound in facts.bounds {
            let b = bound.at(&madry.mean);
            let slack = |a: f64, c: f64| c0 * (c + b) - a;
            let slack = slack(score.mean, variation.mean).min(slack(variation.mean, score.mean));
            found.push(Corollary {
                divergence: *divergence,
                bound: bound.inequality.name().into(),
                slack,
            });
        }
    }
    found
}

impl Search {
    fn risk(
        &self,
        risk: Risk,
        divergence: Divergence,
        model: &dyn Classifier,
        truth: &Truth,
        images: &Tensor,
        y: &Tensor,
    ) -> Result<Option<Mean>, Error> {
        let defined = match truth {
            Truth::Models(_) => true,
            // Labels have no distribution at other points; the logarithms of what they exclude are infinite.
            Truth::Labels => {
                matches!(risk, Risk::Standard | Risk::Madry) && divergence != Divergence::ReverseKl
            }
        };
        if !defined {
            return Ok(None);
        }
        let n = images.size()[0];
        let mut values = Vec::new();
        for from in (0..n).step_by(self.batch) {
            let count = size(self.batch).min(n - from);
            let (x, y) = (images.narrow(0, from, count), y.narrow(0, from, count));
            let values_here = self.largest(risk, divergence, model, truth, &x, &y)?;
            values.extend(Vec::<f64>::try_from(
                values_here.to_kind(tch::Kind::Double).to_device(Device::Cpu),
            )?);
        }
        let sums = values.iter().fold([0.0; 2], |[sum, squares], v| [sum + v, squares + v * v]);
        Ok(Some(Mean::of(values.len(), sums)))
    }

    /// For each image of a batch the integrand of the risk: the divergence at x, or the largest one that is found in the ball.
    fn largest(
        &self,
        risk: Risk,
        divergence: Divergence,
        model: &dyn Classifier,
        truth: &Truth,
        x: &Tensor,
        y: &Tensor,
    ) -> Result<Tensor, Error> {
        let clean = no_grad(|| model.logits(x))?;
        let classes = clean.size()[1];
        let logits = Batch::<2>::new(clean.shallow_clone())?;
        let of = |images: &Tensor, rows: &Tensor| -> Result<Simplex<Batch<2>>, Error> {
            match truth {
                Truth::Labels => {
                    let classes = u16::try_from(classes).unwrap_or(u16::MAX);
                    Simplex::from_labels(&y.index_select(0, rows), classes, logits.tensor())
                }
                Truth::Models(models) => mean(models, images),
            }
        };
        let objective = |images: &Tensor, rows: &Tensor| {
            let logits = model.logits(images)?;
            let q = Simplex::from_logits(&Batch::new(logits.shallow_clone())?);
            let (p, q) = match risk {
                Risk::Standard | Risk::Madry => {
                    (no_grad(|| of(&x.index_select(0, rows), rows))?, q)
                }
                Risk::Score => (of(images, rows)?, q),
                Risk::Variation => {
                    (no_grad(|| of(&x.index_select(0, rows), rows))?, of(images, rows)?)
                }
            };
            Ok((logits, divergence.eval(&p, &q).into_tensor()))
        };
        let all = Tensor::arange(x.size()[0], (tch::Kind::Int64, x.device()));
        let at_x = no_grad(|| objective(x, &all))?.1;
        if risk == Risk::Standard {
            return Ok(at_x);
        }
        let apgd = Apgd {
            norm: self.ball.norm(),
            epsilon: self.ball.epsilon().to_f64(),
            iterations: self.iterations,
            restarts: 1,
            goal: Goal::CrossEntropy,
            samples: 1,
            larger_radii: false,
            broken: Broken::Kept,
            quirks: Quirks::default(),
        };
        let mut generator = Generator::new(self.seed)?;
        let (radius, iterations, broken) = (apgd.epsilon, apgd.iterations, Broken::Kept);
        let found = apgd.run(x, y, &objective, radius, iterations, None, broken, &mut generator)?;
        Ok(found.loss.maximum(&at_x))
    }
}

/// The mean of the models' distributions, through their logarithms.
fn mean(models: &[&dyn Classifier], images: &Tensor) -> Result<Simplex<Batch<2>>, Error> {
    let logarithms = models.iter().map(|model| Ok(model.logits(images)?.log_softmax(1, None)));
    let logarithms = logarithms.collect::<Result<Vec<_>, Error>>()?;
    // Up to a constant of each row, which the softmax takes away.
    let sum = Tensor::stack(&logarithms, 0).logsumexp(&[0i64][..], false);
    Ok(Simplex::from_logits(&Batch::new(sum)?))
}
