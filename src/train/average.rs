//! The moving average of a network's parameters.

use score_torch_shim::lerp;
use tch::Tensor;

use crate::error::Error;

/// The rule of an average w' of parameters w, where s = 1, 2, .. counts the steps:
///
/// ```text
/// s < warm-up:  w' <- w
/// else:         w' <- r w' + (1 - r) w,   r = min(decay, (1 + d) / (10 + d)),   d = s - warm-up
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// The largest weight of what has been averaged so far.
    pub decay: f64,
    /// How many steps pass before anything is averaged; need not be whole.
    pub warmup: f64,
}

impl Rule {
    /// The weight of what has been averaged so far, after step `step` (from 1).
    ///
    /// ```
    /// let rule = score_workbench::train::average::Rule { decay: 0.995, warmup: 980.0 };
    /// assert_eq!([979, 980, 990, 2770].map(|step| rule.weight(step)), [0.0, 0.1, 0.55, 0.995]);
    /// ```
    #[must_use]
    pub fn weight(self, step: usize) -> f64 {
        let since = step as f64 - self.warmup;
        if since < 0.0 { 0.0 } else { self.decay.min((1.0 + since) / (10.0 + since)) }
    }
}

/// The averages by the names of their parameters. Buffers, the statistics of normalisation, are not averaged: the average goes with the live ones.
#[derive(Debug)]
pub struct Average {
    rule: Rule,
    values: Vec<(String, Tensor)>,
    fused: bool,
}

impl Average {
    /// The average of parameters that have not been trained yet: a copy.
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn new(rule: Rule, parameters: &[(String, Tensor)]) -> Result<Self, Error> {
        let copy = |(name, value): &(String, Tensor)| Ok((name.clone(), value.f_detach()?.copy()));
        let values = parameters.iter().map(copy).collect::<Result<Vec<_>, tch::TchError>>()?;
        let fused = values.iter().any(|(_, value)| value.device().is_cuda());
        Ok(Self { rule, values, fused })
    }

    /// The same in few kernels, or in several for each parameter; the last digits differ. A new one does what is faster on its device.
    #[must_use]
    pub fn fused(self, fused: bool) -> Self {
        Self { fused, ..self }
    }

    /// The averages.
    pub fn values(&self) -> &[(String, Tensor)] {
        &self.values
    }

    /// Takes in the parameters, in the order that the average was made with, after step `step` (from 1).
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn update(&mut self, parameters: &[(String, Tensor)], step: usize) -> Result<(), Error> {
        let weight = self.rule.weight(step);
        if self.fused {
            let own = |list: &[(String, Tensor)]| -> Vec<Tensor> {
                list.iter().map(|(_, value)| value.shallow_clone()).collect()
            };
            let (averages, values) = (own(&self.values), own(parameters));
            return Ok(tch::no_grad(|| lerp(&averages, &values, 1.0 - weight))?);
        }
        let updated = tch::no_grad(|| {
            self.values.iter_mut().zip(parameters).try_for_each(|((_, average), (_, value))| {
                if weight == 0.0 {
                    average.f_copy_(value)
                } else {
                    average
                        .f_mul_scalar_(weight)?
                        .f_add_(&value.f_mul_scalar(1.0 - weight)?)
                        .map(|_| ())
                }
            })
        });
        Ok(updated?)
    }
}
