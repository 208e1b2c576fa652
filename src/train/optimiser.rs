//! Stochastic gradient descent with momentum, in groups of parameters.

use score_torch_shim::Step;
use tch::Tensor;

use crate::error::Error;

/// What a step does to a parameter w with gradient g and buffer v, as PyTorch's `SGD`:
///
/// ```text
/// g <- g + decay w
/// v <- momentum v + g          (v = g in the first step)
/// w <- w - lr (g + momentum v) with Nesterov, w - lr v without
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    /// The rate, where no schedule moves it.
    pub lr: f64,
    /// How much of the buffer stays.
    pub momentum: f64,
    /// Whether the step looks ahead (Sutskever et al. 2013).
    pub nesterov: bool,
    /// The decay of parameters that do decay.
    pub decay: f64,
    /// The largest norm that the gradient of all parameters together may have; longer ones are shortened to it.
    pub clip: Option<f64>,
}

/// A parameter with what the optimiser keeps of it.
#[derive(Debug)]
struct Slot {
    name: String,
    value: Tensor,
    /// Zero before the first step: then `momentum v + g` is g.
    buffer: Tensor,
    decays: bool,
}

/// The parameters of a network, with a buffer for each.
#[derive(Debug)]
pub struct Optimiser {
    sgd: Sgd,
    slots: Vec<Slot>,
    fused: bool,
}

impl Optimiser {
    /// An optimiser of these parameters; those whose name contains one of `undecayed` do not decay.
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn new(
        sgd: Sgd,
        parameters: Vec<(String, Tensor)>,
        undecayed: &[String],
    ) -> Result<Self, Error> {
        let slot = |(name, value): (String, Tensor)| {
            let buffer = value.f_zeros_like().and_then(|zeros| zeros.f_detach());
            let buffer = buffer?;
            let decays = !undecayed.iter().any(|part| name.contains(part.as_str()));
            Ok(Slot { name, value, buffer, decays })
        };
        let slots = parameters.into_iter().map(slot).collect::<Result<Vec<_>, Error>>()?;
        let fused = slots.iter().any(|slot| slot.value.device().is_cuda());
        Ok(Self { sgd, slots, fused })
    }

    /// The same with steps in few kernels, or in several for each parameter; the last digits differ. A new one does what is faster on its device.
    #[must_use]
    pub fn fused(self, fused: bool) -> Self {
        Self { fused, ..self }
    }

    /// What it does.
    #[must_use]
    pub fn sgd(&self) -> Sgd {
        self.sgd
    }

    /// The names of the parameters, and whether each decays.
    pub fn groups(&self) -> impl Iterator<Item = (&str, bool)> {
        self.slots.iter().map(|slot| (slot.name.as_str(), slot.decays))
    }

    /// The buffers by the names of their parameters.
    pub fn buffers(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.slots.iter().map(|slot| (slot.name.as_str(), &slot.buffer))
    }

    /// Forgets the gradients.
    pub fn zero_grad(&mut self) {
        for slot in &mut self.slots {
            slot.value.zero_grad();
        }
    }

    /// A step along the gradients that the parameters hold; a parameter without one stays.
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn step(&mut self, [lr, momentum]: [f64; 2]) -> Result<(), Error> {
        Ok(tch::no_grad(|| self.stepped(lr, momentum))?)
    }

    fn stepped(&mut self, lr: f64, momentum: f64) -> Result<(), tch::TchError> {
        let gradients = self.slots.iter().map(|slot| {
            let gradient = slot.value.f_grad()?;
            Ok(gradient.defined().then_some(gradient))
        });
        let gradients = gradients.collect::<Result<Vec<_>, tch::TchError>>()?;
        if let Some(most) = self.sgd.clip {
            shorten(gradients.iter().flatten(), most)?;
        }
        if self.fused {
            return self.stepped_at_once(&gradients, lr, momentum);
        }
        for (slot, gradient) in self.slots.iter_mut().zip(gradients) {
            let Some(gradient) = gradient else { continue };
            let gradient = if slot.decays && self.sgd.decay != 0.0 {
                gradient.f_add(&slot.value.f_mul_scalar(self.sgd.decay)?)?
            } else {
                gradient
            };
            let _ = slot.buffer.f_mul_scalar_(momentum)?.f_add_(&gradient)?;
            let step = if self.sgd.nesterov {
                gradient.f_add(&slot.buffer.f_mul_scalar(momentum)?)?
            } else {
                slot.buffer.shallow_clone()
            };
            let _ = slot.value.f_sub_(&step.f_mul_scalar(lr)?)?;
        }
        Ok(())
    }

    /// The parameters that decay, and then the others.
    fn stepped_at_once(
        &self,
        gradients: &[Option<Tensor>],
        lr: f64,
        momentum: f64,
    ) -> Result<(), tch::TchError> {
        for decays in [true, false] {
            let (mut values, mut slopes, mut buffers) = (vec![], vec![], vec![]);
            let slots = self.slots.iter().zip(gradients).filter(|(slot, _)| slot.decays == decays);
            for (slot, gradient) in slots {
                let Some(gradient) = gradient else { continue };
                values.push(slot.value.shallow_clone());
                slopes.push(gradient.shallow_clone());
                buffers.push(slot.buffer.shallow_clone());
            }
            let decay = if decays { self.sgd.decay } else { 0.0 };
            let step = Step { decay, momentum, lr, nesterov: self.sgd.nesterov };
            step.take(&values, &slopes, &buffers)?;
        }
        Ok(())
    }
}

/// Shortens a gradient to norm `most`, as PyTorch's `clip_grad_norm_`; the factor stays on the device.
fn shorten<'a>(
    gradients: impl Iterator<Item = &'a Tensor> + Clone,
    most: f64,
) -> Result<(), tch::TchError> {
    let norms = gradients.clone().map(Tensor::f_norm).collect::<Result<Vec<_>, _>>()?;
    if norms.is_empty() {
        return Ok(());
    }
    let norm = Tensor::f_stack(&norms, 0)?.f_norm()?;
    let factor = norm.f_add_scalar(1e-6)?.f_reciprocal()?.f_mul_scalar(most)?.f_clamp_max(1.0)?;
    for gradient in gradients {
        let _ = gradient.shallow_clone().f_mul_(&factor.f_to_kind(gradient.f_kind()?)?)?;
    }
    Ok(())
}
