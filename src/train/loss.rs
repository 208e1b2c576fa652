//! What a step of training descends: an objective on a batch of images, its attack, and adversarial weight perturbation around it.

use std::fmt;

use tch::{Tensor, no_grad, no_grad_guard};

use super::attack::Attack;
use super::network::{BatchNorm, Named, Network};
use super::recorder::Recorder;
use crate::error::Error;
use crate::exact::Exact;
use crate::objective::Objective;
use crate::real::Batch;
use crate::simplex::Simplex;

/// What keeps the direction of a vanishing gradient finite.
const TINY: f64 = 1e-20;

/// Adversarial weight perturbation (Wu, Xia and Wang 2020): the gradient is taken at weights w + v, with v one step of ascent, in every layer l
/// of length `|v_l| = gamma |w_l|`.
///
/// Weights of convolutions and affine layers are moved, biases and batch normalisations are not. The ascent uses batch statistics, untracked.
/// After the gradient the weights are again what they were, to the last bit; so weight decay sees w and not w + v.
#[derive(Clone, Debug, PartialEq)]
pub struct Awp {
    gamma: Exact,
}

impl Awp {
    /// The perturbation of relative size `gamma >= 0`.
    ///
    /// # Errors
    /// [`Error::Negative`].
    pub fn new(gamma: Exact) -> Result<Self, Error> {
        if gamma.is_negative() {
            return Err(Error::Negative { what: "gamma", found: gamma });
        }
        Ok(Self { gamma })
    }

    /// The relative size.
    #[must_use]
    pub fn gamma(&self) -> &Exact {
        &self.gamma
    }

    /// Moves the weights up the gradient of `total`, to where they stay while the result lives.
    fn perturb(&self, network: &Network, total: &Tensor) -> Result<Moved, Error> {
        let moves = |named: &&Named| !named.is_batch_norm() && named.tensor().dim() > 1;
        let weights: Vec<Tensor> = network
            .parameters()
            .filter(moves)
            .map(|named| named.tensor().shallow_clone())
            .collect();
        let gradients = Tensor::f_run_backward(&[total], &weights, false, false)?;
        let _guard = no_grad_guard();
        let mut moved = Moved(Vec::with_capacity(weights.len()));
        for (mut weight, gradient) in weights.into_iter().zip(gradients) {
            let before = super::copy(&weight)?;
            let length = before.f_norm()?.f_div(&gradient.f_norm()?.f_add_scalar(TINY)?)?;
            let step = gradient.f_mul(&length)?.f_mul_scalar(self.gamma.to_f64())?;
            moved.0.push((weight.shallow_clone(), before));
            let _ = weight.f_add_(&step)?;
        }
        Ok(moved)
    }
}

/// Weights away from where they belong, and what they were: dropping this puts them back.
struct Moved(Vec<(Tensor, Tensor)>);

impl Drop for Moved {
    fn drop(&mut self) {
        let _guard = no_grad_guard();
        for (weight, before) in &mut self.0 {
            // Two tensors of one shape, type and device: it cannot fail.
            let _ = weight.f_copy_(before);
        }
    }
}

/// An objective on batches: with the attack that finds x', and the perturbation of weights where one is wanted.
///
/// ```
/// use score_workbench::perturbation::{Ball, Norm};
/// use score_workbench::train::{Architecture, Attack, BatchNorm, Loss, Network, Normalisation, Start};
/// use tch::{Device, Kind, Tensor};
/// let network = Network::new(Architecture::SmallCnn, 10, &Normalisation::none(1), Device::Cpu)?;
/// let ball = Ball::new(Norm::Linf, "0.1".parse()?)?;
/// let attack = Attack::new(ball, Start::Uniform, "0.025".parse()?, 2, 1, BatchNorm::Batch)?;
/// let loss = Loss::new("trades(squared-error, squared-error, 4)".parse()?, Some(attack), None)?;
/// let images = Tensor::rand([2, 1, 28, 28], (Kind::Float, Device::Cpu));
/// let value = loss.backward(&network, &images, &Tensor::from_slice(&[3_i64, 7]), BatchNorm::Track { momentum: 0.1 })?;
/// assert!(value.total.double_value(&[]) > 0.0);
/// assert!(network.parameters().all(|named| named.tensor().grad().defined()));
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    objective: Objective,
    attack: Option<Attack>,
    awp: Option<Awp>,
}

/// The loss of a batch.
#[derive(Debug)]
pub struct Value {
    /// The mean over the examples, a tensor without axes.
    pub total: Tensor,
    /// The mean of the term with x alone, where there is one; without gradient.
    pub clean: Option<Tensor>,
    /// The mean of the term with x', where there is one, before its clip and its weight; without gradient.
    pub robust: Option<Tensor>,
    /// The logits of x where they were computed; without gradient.
    pub clean_logits: Option<Tensor>,
    /// The logits of x' where they were computed; without gradient.
    pub attacked_logits: Option<Tensor>,
}

impl Loss {
    /// The loss of these parts.
    ///
    /// # Errors
    /// [`Error::NoAttack`] for an objective with x' and no attack to find it.
    pub fn new(
        objective: Objective,
        attack: Option<Attack>,
        awp: Option<Awp>,
    ) -> Result<Self, Error> {
        if objective.is_adversarial() && attack.is_none() {
            return Err(Error::NoAttack { objective: objective.to_string() });
        }
        Ok(Self { objective, attack, awp })
    }

    /// The objective.
    #[must_use]
    pub fn objective(&self) -> &Objective {
        &self.objective
    }

    /// The attack.
    #[must_use]
    pub fn attack(&self) -> Option<&Attack> {
        self.attack.as_ref()
    }

    /// The perturbation of the weights.
    #[must_use]
    pub fn awp(&self) -> Option<&Awp> {
        self.awp.as_ref()
    }

    /// What the attack that finds x' starts from, drawn from libtorch's generator ([`Attack::draw`]); nothing for an objective without x'.
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn draw(&self, images: &Tensor) -> Result<Vec<Tensor>, Error> {
        let attack = self.attack.as_ref().filter(|_| self.objective.is_adversarial());
        attack.map_or_else(|| Ok(vec![]), |attack| attack.draw(images))
    }

    /// x': the images at which the attack leaves the term that has x', with Q(x) held fixed; `None` for an objective without that term.
    ///
    /// # Errors
    /// [`Error::Batch`] for images or labels of another shape or type, [`Error::Torch`].
    pub fn attacked(
        &self,
        network: &Network,
        images: &Tensor,
        labels: &Tensor,
    ) -> Result<Option<Tensor>, Error> {
        network.check(images)?;
        let drawn = self.draw(images)?;
        self.attacked_by(&mut Recorder::off(), network, images, labels, &drawn)
    }

    /// The same from what [`draw`](Self::draw) has drawn, with a recorder, which has to be used for this network and this loss alone.
    ///
    /// # Errors
    /// As [`attacked`](Self::attacked).
    pub fn attacked_by(
        &self,
        recorder: &mut Recorder,
        network: &Network,
        images: &Tensor,
        labels: &Tensor,
        drawn: &[Tensor],
    ) -> Result<Option<Tensor>, Error> {
        let (true, Some(attack)) = (self.objective.is_adversarial(), &self.attack) else {
            return Ok(None);
        };
        network.check(images)?;
        let inputs: Vec<&Tensor> = [images, labels].into_iter().chain(drawn).collect();
        let ascent = |inputs: &[&Tensor]| self.ascent(attack, network, inputs);
        recorder.call(&inputs, ascent).map(Some)
    }

    /// What the attack makes of images, labels and what it has drawn.
    fn ascent(
        &self,
        attack: &Attack,
        network: &Network,
        inputs: &[&Tensor],
    ) -> Result<Tensor, Error> {
        let [images, labels, drawn @ ..] = inputs else {
            return Err(Error::Empty { what: "images" });
        };
        let t = self.target(network, images, labels)?;
        let clean = if self.objective.has_clean() {
            let logits = no_grad(|| network.logits(images, attack.batch_norm()))?;
            Some(Simplex::from_logits(&Batch::new(logits)?))
        } else {
            None
        };
        let value = |logits: &Tensor| {
            let q = Simplex::from_logits(&Batch::new(logits.shallow_clone())?);
            let term = self.objective.robust_term(&t, clean.as_ref().unwrap_or(&q), &q);
            term.map_or_else(
                || Err(Error::Empty { what: "term with x'" }),
                |term| Ok(term.into_tensor()),
            )
        };
        attack.run(network, images, drawn, value)
    }

    /// The label distributions, smoothed.
    fn target(
        &self,
        network: &Network,
        images: &Tensor,
        labels: &Tensor,
    ) -> Result<Simplex<Batch<2>>, Error> {
        network.check(images)?;
        if labels.size() != images.size()[..1] {
            let expected = format!("one label for each of {} images", images.size()[0]);
            let (found, kind) = (labels.size(), format!("{:?}", labels.f_kind()?));
            return Err(Error::Batch { what: "labels", found, kind, expected });
        }
        let t = Simplex::from_labels(labels, network.classes(), images)?;
        Ok(self.objective.target(&t, network.classes().into()))
    }

    /// The loss of images, of what became of them under attack, and of labels `[N]` in `0..K`, type Int64.
    ///
    /// The network runs on x first, then on x', as far as the objective has them; statistics that are tracked are updated by each pass.
    ///
    /// # Errors
    /// [`Error::Batch`] for images or labels of another shape or type, [`Error::NoAttack`] where x' is needed and missing, [`Error::Torch`].
    pub fn value(
        &self,
        network: &Network,
        images: &Tensor,
        attacked: Option<&Tensor>,
        labels: &Tensor,
        batch_norm: BatchNorm,
    ) -> Result<Value, Error> {
        let t = self.target(network, images, labels)?;
        if let Some(attacked) = attacked.filter(|attacked| attacked.size() != images.size()) {
            let (found, kind) = (attacked.size(), format!("{:?}", attacked.f_kind()?));
            let expected = format!("the images' shape {:?}", images.size());
            return Err(Error::Batch { what: "attacked images", found, kind, expected });
        }
        let clean_logits = if self.objective.has_clean() {
            Some(network.logits(images, batch_norm)?)
        } else {
            None
        };
        let attacked_logits = match (self.objective.is_adversarial(), attacked) {
            (false, _) => None,
            (true, Some(attacked)) => Some(network.logits(attacked, batch_norm)?),
            (true, None) => {
                return Err(Error::NoAttack { objective: self.objective.to_string() });
            }
        };
        let of = |logits: &Option<Tensor>| {
            let logits = logits.as_ref().map(Tensor::shallow_clone);
            logits
                .map(|logits| Ok::<_, Error>(Simplex::from_logits(&Batch::new(logits)?)))
                .transpose()
        };
        let (clean, robust) = (of(&clean_logits)?, of(&attacked_logits)?);
        let (Some(q), Some(q_attacked)) =
            (clean.as_ref().or(robust.as_ref()), robust.as_ref().or(clean.as_ref()))
        else {
            return Err(Error::Empty { what: "term of the objective" });
        };
        let total = self.objective.eval_target(&t, q, q_attacked).into_tensor().f_mean(None)?;
        let mean = |term: Option<Batch<1>>| {
            term.map(|term| Ok::<_, Error>(term.into_tensor().f_detach()?.f_mean(None)?))
                .transpose()
        };
        let _guard = no_grad_guard();
        Ok(Value {
            total,
            clean: mean(self.objective.clean_term(&t, q))?,
            robust: mean(self.objective.robust_term(&t, q, q_attacked))?,
            clean_logits: clean_logits.map(|logits| logits.detach()),
            attacked_logits: attacked_logits.map(|logits| logits.detach()),
        })
    }

    /// Adds the gradient of the loss to the parameters' gradients (forget those of the step before first,
    /// [`zero_gradients`](Network::zero_gradients)): attack, perturbation of the weights, passes over x and x', gradient.
    ///
    /// # Errors
    /// As [`value`](Self::value).
    pub fn backward(
        &self,
        network: &Network,
        images: &Tensor,
        labels: &Tensor,
        batch_norm: BatchNorm,
    ) -> Result<Value, Error> {
        let attacked = self.attacked(network, images, labels)?;
        self.backward_from(network, images, attacked.as_ref(), labels, batch_norm)
    }

    /// The same with x' that have been found ([`attacked`](Self::attacked)).
    ///
    /// # Errors
    /// As [`value`](Self::value).
    pub fn backward_from(
        &self,
        network: &Network,
        images: &Tensor,
        attacked: Option<&Tensor>,
        labels: &Tensor,
        batch_norm: BatchNorm,
    ) -> Result<Value, Error> {
        let moved = match &self.awp {
            None => None,
            Some(awp) => {
                let value = self.value(network, images, attacked, labels, BatchNorm::Batch)?;
                Some(awp.perturb(network, &value.total)?)
            }
        };
        let value = self.value(network, images, attacked, labels, batch_norm)?;
        value.total.f_backward()?;
        drop(moved);
        Ok(Value { total: value.total.f_detach()?, ..value })
    }
}

/// The maths: the objective, where x' lies, and how far the weights are moved.
impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "mean of {}", self.objective.formula())?;
        if let (true, Some(attack)) = (self.objective.is_adversarial(), &self.attack) {
            write!(f, ", x' = {attack}")?;
        }
        match &self.awp {
            Some(awp) => write!(f, ", at weights w + v with |v| = {} |w| in each layer", awp.gamma),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
