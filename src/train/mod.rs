//! Training image models with libtorch (feature `train`).
//!
//! What is trained is written elsewhere: the objectives are expressions over the divergences that the theorems are checked on, run on tensors
//! ([`crate::real`]). Here are data, networks, attacks, optimisation and the loop; no formula.
//!
//! Random numbers come from libtorch's generator for the CPU, which `tch::manual_seed` seeds, also where a GPU computes: the same seed gives
//! the same weights and the same attacks as PyTorch. A training seeds it wherever it draws, and draws alone: trainings side by side in one
//! process do not disturb each other. What libtorch says of something it cannot do becomes [`Error::Torch`].

pub mod attack;
pub mod average;
pub mod compute;
pub mod config;
pub mod data;
pub mod evaluate;
mod events;
pub mod loss;
pub mod metrics;
pub mod network;
pub mod optimiser;
pub(crate) mod random;
pub mod recorder;
pub mod schedule;
pub(crate) mod store;
pub mod training;

use tch::{TchError, Tensor};

use crate::error::Error;

pub use attack::{Attack, Start};
pub use compute::{Layout, Precision};
pub use loss::{Awp, Loss};
pub use network::{Architecture, BatchNorm, Network, Normalisation};

/// The same numbers in a tensor of their own, without gradient.
fn copy(tensor: &Tensor) -> Result<Tensor, TchError> {
    let mut copy = tensor.f_detach()?.f_empty_like()?;
    copy.f_copy_(&tensor.f_detach()?)?;
    Ok(copy)
}

impl From<TchError> for Error {
    fn from(error: TchError) -> Self {
        let text = match error {
            TchError::Torch(text) => text,
            other => other.to_string(),
        };
        // libtorch adds where in its own source the error arose.
        let reason = text.split("\nException raised from").next().unwrap_or_default().trim();
        Self::Torch { reason: reason.into() }
    }
}
