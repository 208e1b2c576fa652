//! Layers, and where their tensors come from.

use tch::{Device, Kind, TchError, Tensor};

use super::{BatchNorm, Named, Role};
use crate::train::copy;

/// What is added to the variance of a batch.
const EPSILON: f64 = 1e-5;

/// Makes the tensors of a network one after the other.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    device: Device,
    from: Source<'a>,
    tensors: Vec<Named>,
}

/// Where tensors come from; given ones stand in the order in which they are asked for.
#[derive(Clone, Copy, Debug)]
enum Source<'a> {
    Drawing,
    Copying(&'a [Named]),
    Sharing(&'a [Named]),
}

/// What a new tensor holds.
#[derive(Clone, Copy, Debug)]
enum Start {
    /// Independent uniform entries on `[-bound, bound]`.
    Uniform(f64),
    /// The same entry everywhere.
    Fixed(f64),
}

impl<'a> Builder<'a> {
    pub fn drawing(device: Device) -> Self {
        Self { device, from: Source::Drawing, tensors: Vec::new() }
    }

    pub fn copying(device: Device, from: &'a [Named]) -> Self {
        Self { device, from: Source::Copying(from), tensors: Vec::new() }
    }

    pub fn sharing(device: Device, from: &'a [Named]) -> Self {
        Self { device, from: Source::Sharing(from), tensors: Vec::new() }
    }

    pub fn device(&self) -> Device {
        self.device
    }

    pub fn finish(self) -> Vec<Named> {
        self.tensors
    }

    fn tensor(
        &mut self,
        name: String,
        role: Role,
        shape: &[i64],
        start: Start,
    ) -> Result<Tensor, TchError> {
        let _guard = tch::no_grad_guard();
        let tensor = match (self.from, start) {
            (Source::Sharing(from), _) => from[self.tensors.len()].tensor.shallow_clone(),
            (Source::Copying(from), _) => copy(&from[self.tensors.len()].tensor)?,
            // Drawn where PyTorch draws them, so that a seed means the same on every device.
            (Source::Drawing, Start::Uniform(bound)) => {
                Tensor::f_empty(shape, (Kind::Float, Device::Cpu))?
                    .f_uniform_(-bound, bound)?
                    .f_to_device(self.device)?
            }
            (Source::Drawing, Start::Fixed(value)) => {
                Tensor::f_full(shape, value, (Kind::Float, self.device))?
            }
        };
        // One that is shared has it set or not already.
        let tensor = match self.from {
            Source::Sharing(_) => tensor,
            _ => tensor.f_set_requires_grad(role != Role::Statistic)?,
        };
        self.tensors.push(Named { name, tensor: tensor.shallow_clone(), role });
        Ok(tensor)
    }

    /// A convolution without bias from `from` to `to` channels with a square kernel, padded to keep the size, over the stride.
    pub fn conv(
        &mut self,
        name: &str,
        [from, to]: [i64; 2],
        kernel: i64,
        stride: i64,
        padding: Padding,
    ) -> Result<Conv, TchError> {
        let start = Start::Uniform(bound(from * kernel * kernel));
        let weight =
            self.tensor(format!("{name}.weight"), Role::Layer, &[to, from, kernel, kernel], start)?;
        Ok(Conv { weight, bias: None, stride, padding })
    }

    /// The same with a bias.
    pub fn conv_with_bias(
        &mut self,
        name: &str,
        [from, to]: [i64; 2],
        kernel: i64,
        stride: i64,
        padding: Padding,
    ) -> Result<Conv, TchError> {
        let conv = self.conv(name, [from, to], kernel, stride, padding)?;
        let start = Start::Uniform(bound(from * kernel * kernel));
        let bias = self.tensor(format!("{name}.bias"), Role::Layer, &[to], start)?;
        Ok(Conv { bias: Some(bias), ..conv })
    }

    pub fn affine(&mut self, name: &str, [from, to]: [i64; 2]) -> Result<Affine, TchError> {
        let start = Start::Uniform(bound(from));
        Ok(Affine {
            weight: self.tensor(format!("{name}.weight"), Role::Layer, &[to, from], start)?,
            bias: self.tensor(format!("{name}.bias"), Role::Layer, &[to], start)?,
        })
    }

    pub fn norm(&mut self, name: &str, channels: i64) -> Result<Norm, TchError> {
        let mut tensor = |part: &str, role, value| {
            self.tensor(format!("{name}.{part}"), role, &[channels], Start::Fixed(value))
        };
        Ok(Norm {
            weight: tensor("weight", Role::BatchNorm, 1.0)?,
            bias: tensor("bias", Role::BatchNorm, 0.0)?,
            mean: tensor("running_mean", Role::Statistic, 0.0)?,
            variance: tensor("running_var", Role::Statistic, 1.0)?,
        })
    }
}

/// `sqrt 3` times the standard deviation `sqrt(2 / (1 + 5)) / sqrt(inputs)` of Kaiming's initialisation with slope `sqrt 5`, rounded as
/// PyTorch rounds it.
#[allow(clippy::cast_precision_loss)]
fn bound(inputs: i64) -> f64 {
    let gain = (2.0_f64 / (1.0 + 5.0_f64.sqrt().powi(2))).sqrt();
    3.0_f64.sqrt() * (gain / (inputs as f64).sqrt())
}

/// What is put around an image before a convolution.
#[derive(Clone, Copy, Debug)]
pub(super) enum Padding {
    /// As many zeros on every side.
    Around(i64),
    /// One zero to the right and below only: what keeps even sizes even under a stride of 2.
    After,
}

#[derive(Debug)]
pub(super) struct Conv {
    weight: Tensor,
    bias: Option<Tensor>,
    stride: i64,
    padding: Padding,
}

impl Conv {
    pub fn apply(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let convolve = |x: &Tensor, padding: i64| {
            let stride = [self.stride, self.stride];
            // In the type of what comes in, whatever that of the weights is.
            let own = |weight: &Tensor| weight.f_to_kind(x.f_kind()?);
            let bias = self.bias.as_ref().map(own).transpose()?;
            x.f_conv2d(&own(&self.weight)?, bias, stride, [padding, padding], [1, 1], 1)
        };
        match self.padding {
            Padding::Around(padding) => convolve(x, padding),
            Padding::After => convolve(&x.f_constant_pad_nd([0, 1, 0, 1])?, 0),
        }
    }
}

#[derive(Debug)]
pub(super) struct Affine {
    weight: Tensor,
    bias: Tensor,
}

impl Affine {
    pub fn apply(&self, x: &Tensor) -> Result<Tensor, TchError> {
        x.f_to_kind(self.weight.f_kind()?)?.f_linear(&self.weight, Some(&self.bias))
    }
}

#[derive(Debug)]
pub(super) struct Norm {
    weight: Tensor,
    bias: Tensor,
    mean: Tensor,
    variance: Tensor,
}

impl Norm {
    pub fn apply(&self, x: &Tensor, mode: BatchNorm) -> Result<Tensor, TchError> {
        let (tracked, batch, momentum) = match mode {
            BatchNorm::Evaluate => (true, false, 0.0),
            BatchNorm::Batch => (false, true, 0.0),
            BatchNorm::Track { momentum } => (true, true, momentum),
        };
        let statistic = |tensor| tracked.then_some(tensor);
        x.f_batch_norm(
            Some(&self.weight),
            Some(&self.bias),
            statistic(&self.mean),
            statistic(&self.variance),
            batch,
            momentum,
            EPSILON,
            true,
        )
    }
}
