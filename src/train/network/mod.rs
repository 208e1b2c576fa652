//! Networks: images in `[0, 1]` to logits.
//!
//! | name | input | after |
//! |---|---|---|
//! | `small-cnn` | 1 x 28 x 28 | two convolutions and two affine layers with relu (Wong and Kolter 2018) |
//! | `preact-resnet-18` | 3 x 32 x 32 | He et al. 2016, with relu |
//! | `preact-resnet-18-silu` | 3 x 32 x 32 | the form of Rebuffi et al. 2021, with silu |
//! | `wrn-D-W` | 3 x 32 x 32 | Zagoruyko and Komodakis 2016 in the form of Gowal et al. 2020, with silu; SCORE's are `wrn-28-10` and `wrn-70-16` |
//!
//! Tensors are named as in the published checkpoints, so that those load ([`Network::load`]), and are drawn as PyTorch draws them:
//! the same seed gives the same weights.

mod files;
mod layer;
mod residual;
mod small;

use std::fmt;
use std::str::FromStr;

use tch::{Device, Kind, Tensor, no_grad};

use super::compute::{Layout, Precision};
use crate::error::Error;
use crate::names;
use layer::Builder;
use residual::Residual;
use small::Small;

/// What a network looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// Two convolutions and two affine layers for grey images of 28 x 28.
    SmallCnn,
    /// A pre-activation residual network with 18 layers and relu: 11.2 million parameters.
    PreActResNet18,
    /// The same with silu, and 3 x 3 shortcuts on what a block gets: 12.6 million parameters.
    PreActResNet18Silu,
    /// A wide residual network with silu.
    Wrn {
        /// The number of layers, 6 n + 4.
        depth: u16,
        /// How many times wider than 16, 32, 64 channels its groups are.
        width: u16,
    },
}

impl Architecture {
    /// Channels, height and width of the images.
    #[must_use]
    pub fn input(self) -> [i64; 3] {
        match self {
            Self::SmallCnn => [1, 28, 28],
            _ => [3, 32, 32],
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::SmallCnn => f.pad("small-cnn"),
            Self::PreActResNet18 => f.pad("preact-resnet-18"),
            Self::PreActResNet18Silu => f.pad("preact-resnet-18-silu"),
            Self::Wrn { depth, width } => f.pad(&format!("wrn-{depth}-{width}")),
        }
    }
}

impl FromStr for Architecture {
    type Err = Error;

    /// # Errors
    /// [`Error::Unknown`] with the names that exist, [`Error::NotWide`] for a depth or a width that does not.
    fn from_str(name: &str) -> Result<Self, Error> {
        for fixed in [Self::SmallCnn, Self::PreActResNet18, Self::PreActResNet18Silu] {
            if name == fixed.to_string() {
                return Ok(fixed);
            }
        }
        let size = name.strip_prefix("wrn-").and_then(|size| size.split_once('-'));
        let numbers = size.and_then(|(d, w)| Some((d.parse().ok()?, w.parse().ok()?)));
        let Some((depth, width)) = numbers else {
            let allowed = [
                "small-cnn",
                "preact-resnet-18",
                "preact-resnet-18-silu",
                "wrn-28-10",
                "wrn-70-16",
            ];
            return Err(names::unknown("architecture", name, allowed));
        };
        residual::blocks(depth, width)?;
        Ok(Self::Wrn { depth, width })
    }
}

/// What the batch normalisation of a network does in a pass.
///
/// Statistics of a batch are its mean and its variance over examples and positions; what is tracked is the unbiased variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BatchNorm {
    /// The tracked statistics are used: for evaluation.
    Evaluate,
    /// The batch's statistics are used, and not tracked.
    Batch,
    /// The batch's statistics are used, and tracked: `tracked = (1 - momentum) tracked + momentum batch`. PyTorch's default is 0.1.
    Track {
        /// The weight of the batch.
        momentum: f64,
    },
}

/// What images go through first: `(x - mean) / std`, channel by channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Normalisation {
    mean: Vec<f64>,
    std: Vec<f64>,
}

impl Normalisation {
    /// The normalisation with these means and standard deviations.
    ///
    /// # Errors
    /// [`Error::Shape`] for lists of different lengths, [`Error::NotFinite`] for a number that is not, or a deviation of 0.
    pub fn new(mean: &[f64], std: &[f64]) -> Result<Self, Error> {
        if mean.len() != std.len() {
            let (found, expected) = (std.len(), mean.len());
            return Err(Error::Shape { what: "std", found, expected, reference: "mean" });
        }
        let divisors = std.iter().map(|s| s.recip());
        match mean.iter().copied().chain(divisors).find(|number| !number.is_finite()) {
            Some(found) => Err(Error::NotFinite { found }),
            None => Ok(Self { mean: mean.to_vec(), std: std.to_vec() }),
        }
    }

    /// The normalisation that changes nothing.
    #[must_use]
    pub fn none(channels: usize) -> Self {
        Self { mean: vec![0.0; channels], std: vec![1.0; channels] }
    }

    /// That of CIFAR-10, with the digits that SCORE's networks use.
    #[must_use]
    pub fn cifar_10() -> Self {
        Self { mean: vec![0.4914, 0.4822, 0.4465], std: vec![0.2471, 0.2435, 0.2616] }
    }

    /// That of CIFAR-100, with the digits that SCORE's networks use.
    #[must_use]
    pub fn cifar_100() -> Self {
        Self { mean: vec![0.5071, 0.4865, 0.4409], std: vec![0.2673, 0.2564, 0.2762] }
    }

    /// The means.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The standard deviations.
    #[must_use]
    pub fn std(&self) -> &[f64] {
        &self.std
    }
}

/// What a tensor of a network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The weight or bias of a convolution or an affine layer; trained.
    Layer,
    /// The weight or bias of a batch normalisation; trained.
    BatchNorm,
    /// A tracked mean or variance; not trained.
    Statistic,
}

/// A tensor of a network with its name.
#[derive(Debug)]
pub struct Named {
    name: String,
    tensor: Tensor,
    role: Role,
}

impl Named {
    /// Its name, as in the published checkpoints.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tensor itself, which the network computes with: what is written into it in place is the network's.
    pub fn tensor(&self) -> &Tensor {
        &self.tensor
    }

    /// What it is.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whether it is the weight or bias of a batch normalisation.
    #[must_use]
    pub fn is_batch_norm(&self) -> bool {
        self.role == Role::BatchNorm
    }
}

#[derive(Debug)]
enum Body {
    Small(Small),
    Residual(Residual),
}

/// A network on a device, with weights in single precision.
#[derive(Debug)]
pub struct Network {
    precision: Precision,
    layout: Layout,
    architecture: Architecture,
    classes: u16,
    normalisation: Normalisation,
    device: Device,
    mean: Tensor,
    std: Tensor,
    body: Body,
    tensors: Vec<Named>,
}

impl Network {
    /// A new network, its weights drawn as PyTorch draws them, from the generator that `tch::manual_seed` seeds.
    ///
    /// Weights and biases of a layer with n inputs are uniform on `[-1/sqrt n, 1/sqrt n]`; a batch normalisation starts as the identity.
    ///
    /// # Errors
    /// [`Error::TooFewClasses`], [`Error::NotWide`], [`Error::Shape`] for a normalisation of another number of channels, [`Error::Torch`].
    pub fn new(
        architecture: Architecture,
        classes: u16,
        normalisation: &Normalisation,
        device: Device,
    ) -> Result<Self, Error> {
        Self::build(architecture, classes, normalisation, Builder::drawing(device))
    }

    /// A second network with the same tensors, which share nothing with these.
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn duplicate(&self) -> Result<Self, Error> {
        self.build_again(Builder::copying(self.device, &self.tensors))
    }

    /// A second network on the same tensors, for another thread: what changes one changes the other.
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn share(&self) -> Result<Self, Error> {
        self.build_again(Builder::sharing(self.device, &self.tensors))
    }

    fn build_again(&self, builder: Builder) -> Result<Self, Error> {
        let again = Self::build(self.architecture, self.classes, &self.normalisation, builder)?;
        // Tensors lie in memory as these do.
        Ok(Self { precision: self.precision, layout: self.layout, ..again })
    }

    /// Sets how exactly convolutions compute. A new network does in single precision.
    pub fn set_precision(&mut self, precision: Precision) {
        self.precision = precision;
    }

    /// Lays the weights of convolutions, and from now on images, in this order; before gradients, and before anything else holds the weights. A new
    /// network has its channels first.
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn set_layout(&mut self, layout: Layout) -> Result<(), Error> {
        for named in self.tensors.iter().filter(|named| named.tensor.dim() == 4) {
            let laid = no_grad(|| layout.apply(&named.tensor))?;
            named.tensor.shallow_clone().f_set_data(&laid)?;
        }
        self.layout = layout;
        Ok(())
    }

    fn build(
        architecture: Architecture,
        classes: u16,
        normalisation: &Normalisation,
        mut builder: Builder,
    ) -> Result<Self, Error> {
        if classes < 2 {
            return Err(Error::TooFewClasses { found: classes.into() });
        }
        let [channels, ..] = architecture.input();
        let (found, expected) = (normalisation.mean.len(), usize::try_from(channels).unwrap_or(0));
        if found != expected {
            let reference = "the channels of the images";
            return Err(Error::Shape { what: "the normalisation", found, expected, reference });
        }
        let device = builder.device();
        let k = i64::from(classes);
        let body = match architecture {
            Architecture::SmallCnn => Body::Small(Small::new(&mut builder, k)?),
            Architecture::PreActResNet18 => Body::Residual(Residual::preact(&mut builder, k)?),
            Architecture::PreActResNet18Silu => {
                Body::Residual(Residual::preact_silu(&mut builder, k)?)
            }
            Architecture::Wrn { depth, width } => {
                Body::Residual(Residual::wide(&mut builder, k, depth, width)?)
            }
        };
        let channel = |numbers: &[f64]| -> Result<Tensor, Error> {
            let tensor = Tensor::f_from_slice(numbers)?.f_to_kind(Kind::Float)?;
            Ok(tensor.f_view([1, -1, 1, 1])?.f_to_device(device)?)
        };
        Ok(Self {
            precision: Precision::default(),
            layout: Layout::ChannelsFirst,
            mean: channel(&normalisation.mean)?,
            std: channel(&normalisation.std)?,
            architecture,
            classes,
            normalisation: normalisation.clone(),
            device,
            body,
            tensors: builder.finish(),
        })
    }

    /// The logits `[N, K]`, in single precision, of images `[N, C, H, W]` with entries in `[0, 1]`.
    ///
    /// # Errors
    /// [`Error::Batch`] for images of another shape or type, [`Error::Torch`].
    pub fn logits(&self, images: &Tensor, batch_norm: BatchNorm) -> Result<Tensor, Error> {
        self.check(images)?;
        let x = images.f_sub(&self.mean)?.f_div(&self.std)?.f_to_kind(self.precision.kind())?;
        let x = self.layout.apply(&x)?;
        Ok(match &self.body {
            Body::Small(small) => small.logits(&x)?,
            Body::Residual(residual) => residual.logits(&x, batch_norm)?,
        })
    }

    /// Whether these are images that the network takes.
    pub(super) fn check(&self, images: &Tensor) -> Result<(), Error> {
        let (found, kind) = (images.size(), images.f_kind()?);
        let [c, h, w] = self.architecture.input();
        if found.len() == 4 && found[0] > 0 && found[1..] == [c, h, w] && kind == Kind::Float {
            return Ok(());
        }
        Err(Error::Batch {
            what: "images",
            found,
            kind: format!("{kind:?}"),
            expected: format!("[N, {c}, {h}, {w}] with N > 0 and type Float"),
        })
    }

    /// What it looks like.
    #[must_use]
    pub fn architecture(&self) -> Architecture {
        self.architecture
    }

    /// The number of classes, K.
    #[must_use]
    pub fn classes(&self) -> u16 {
        self.classes
    }

    /// What images go through first.
    #[must_use]
    pub fn normalisation(&self) -> &Normalisation {
        &self.normalisation
    }

    /// Where it computes.
    #[must_use]
    pub fn device(&self) -> Device {
        self.device
    }

    /// Every tensor, in the order in which PyTorch lists those of a module.
    #[must_use]
    pub fn tensors(&self) -> &[Named] {
        &self.tensors
    }

    /// The tensors that are trained.
    pub fn parameters(&self) -> impl Iterator<Item = &Named> {
        self.tensors.iter().filter(|named| named.role != Role::Statistic)
    }

    /// The tensors that are tracked: means and variances of batch normalisations.
    pub fn buffers(&self) -> impl Iterator<Item = &Named> {
        self.tensors.iter().filter(|named| named.role == Role::Statistic)
    }

    /// Takes the parameters out of graphs while the result lives: for passes whose gradient by the images alone is wanted, which then need
    /// not keep what gradients by weights take.
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn frozen(&self) -> Result<Frozen, Error> {
        let mut frozen = Frozen(Vec::new());
        for named in self.parameters().filter(|named| named.tensor.requires_grad()) {
            frozen.0.push(named.tensor.f_set_requires_grad(false)?);
        }
        Ok(frozen)
    }

    /// Forgets the gradients that a backward pass has left in the parameters.
    pub fn zero_gradients(&self) {
        no_grad(|| self.parameters().for_each(|named| named.tensor.shallow_clone().zero_grad()));
    }
}

/// Parameters without gradient: dropping this puts them back.
#[derive(Debug)]
pub struct Frozen(Vec<Tensor>);

impl Drop for Frozen {
    fn drop(&mut self) {
        for tensor in &self.0 {
            // Tensors of the network, which are leaves: it cannot fail.
            let _ = tensor.f_set_requires_grad(true);
        }
    }
}

#[cfg(test)]
mod tests;
