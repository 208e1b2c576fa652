//! How a training computes: where, how exactly, and in what order numbers lie in memory.

use std::fmt;
use std::str::FromStr;

use score_torch_shim::{Switches, load_cuda};
use tch::{Device, Kind, TchError, Tensor};

use crate::error::Error;
use crate::names;

/// How exactly convolutions compute. Everything else is in single precision: weights and their steps, statistics and what they are computed
/// with, the affine layers, logits, losses and attacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// In single precision.
    #[default]
    Single,
    /// A GPU rounds the factors of products to 11 bits; on a CPU the same as single.
    Tf32,
    /// Inputs and weights are rounded to bfloat16, 8 bits, and so is what lies between convolutions.
    Bf16,
}

impl Precision {
    const ALL: [Self; 3] = [Self::Single, Self::Tf32, Self::Bf16];

    fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Tf32 => "tf32",
            Self::Bf16 => "bf16",
        }
    }

    /// The type of what lies between convolutions.
    pub(super) fn kind(self) -> Kind {
        if self == Self::Bf16 { Kind::BFloat16 } else { Kind::Float }
    }
}

/// In what order the numbers of images, and of weights of convolutions, lie in memory. It changes the last digits of what is computed, and the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Channel after channel.
    ChannelsFirst,
    /// Position after position, each with all its channels: what the matrix units of GPUs are made for.
    ChannelsLast,
}

impl Layout {
    const ALL: [Self; 2] = [Self::ChannelsFirst, Self::ChannelsLast];

    fn name(self) -> &'static str {
        match self {
            Self::ChannelsFirst => "channels-first",
            Self::ChannelsLast => "channels-last",
        }
    }

    /// The layout that suits a device.
    #[must_use]
    pub fn of(device: Device) -> Self {
        if device.is_cuda() { Self::ChannelsLast } else { Self::ChannelsFirst }
    }

    /// The numbers of a tensor `[N, C, H, W]` in this order.
    pub(super) fn apply(self, x: &Tensor) -> Result<Tensor, TchError> {
        match self {
            Self::ChannelsFirst => x.f_contiguous(),
            Self::ChannelsLast => {
                x.f_permute([0, 2, 3, 1])?.f_contiguous()?.f_permute([0, 3, 1, 2])
            }
        }
    }
}

/// `single`, `tf32`, `bf16`.
impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

/// `channels-first`, `channels-last`.
impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Precision {
    type Err = Error;

    /// # Errors
    /// [`Error::Unknown`] with the names that exist.
    fn from_str(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|it| it.name() == name);
        found.ok_or_else(|| names::unknown("precision", name, Self::ALL.map(Self::name)))
    }
}

impl FromStr for Layout {
    type Err = Error;

    /// # Errors
    /// [`Error::Unknown`] with the names that exist.
    fn from_str(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|it| it.name() == name);
        found.ok_or_else(|| names::unknown("layout", name, Self::ALL.map(Self::name)))
    }
}

/// How a training computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compute {
    /// How exactly convolutions do.
    pub precision: Precision,
    /// The layout, where it is not the device's own.
    pub layout: Option<Layout>,
    /// Whether a GPU uses those algorithms only that always give the same bits.
    pub deterministic: bool,
    /// Whether a GPU repeats the attack from a recording ([`Recorder`](super::recorder::Recorder)).
    pub graph: bool,
}

impl Default for Compute {
    fn default() -> Self {
        let (precision, layout) = (Precision::Single, None);
        Self { precision, layout, deterministic: false, graph: true }
    }
}

impl Compute {
    /// Sets libtorch's switches for a training on this device. They are the process's.
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn prepare(self, device: Device) -> Result<(), Error> {
        let Self { precision, deterministic, .. } = self;
        let tf32 = precision == Precision::Tf32;
        switch(device, Switches { benchmark: !deterministic, deterministic, tf32 })
    }
}

/// Sets libtorch's switches for measuring what a network does: single precision, and the same bits every time.
///
/// # Errors
/// [`Error::Torch`].
pub fn prepare_to_measure(device: Device) -> Result<(), Error> {
    switch(device, Switches { benchmark: false, deterministic: true, tf32: false })
}

fn switch(device: Device, switches: Switches) -> Result<(), Error> {
    // Some of them would change what a CPU does.
    if device.is_cuda() { Ok(switches.set()?) } else { Ok(()) }
}

/// The GPU, where libtorch has CUDA and finds one; else the CPU. Call it before anything else that has to do with libtorch: the executable is
/// linked with what every libtorch has, and loads what only those for GPUs have.
#[must_use]
pub fn device() -> Device {
    // Where it cannot be loaded there is none.
    let _ = load_cuda();
    Device::cuda_if_available()
}

/// The tensor, from the host's memory, on a device. A GPU fetches it when it comes to it: the host does not wait.
pub(super) fn upload(tensor: &Tensor, device: Device) -> Result<Tensor, TchError> {
    if !device.is_cuda() {
        return tensor.f_to_device(device);
    }
    // Only memory that the system does not move can be fetched later; libtorch keeps it until then.
    tensor.f_internal_pin_memory(device)?.f_internal_to_copy((tensor.f_kind()?, device), true)
}
