//! The weights of a network in safetensors files.
//!
//! PyTorch's checkpoints are converted by one line of Python, here for SCORE's `weights-best.pt`:
//!
//! ```text
//! python3 -c "import torch, safetensors.torch as s; w = torch.load('weights-best.pt', map_location='cpu')['model_state_dict']; s.save_file({k: v.clone() for k, v in w.items()}, 'weights.safetensors')"
//! ```
//!
//! The names may have a prefix (`module.0.`, `module.`, `model.`, ..), the same for all of them.

use std::collections::BTreeMap;
use std::path::Path;

use tch::{Tensor, no_grad};

use super::Network;
use crate::error::Error;

/// What counts the batches that a normalisation of PyTorch's has seen; nothing depends on it here.
const COUNTER: &str = "num_batches_tracked";

impl Network {
    /// Takes the weights and the tracked statistics from a safetensors file, of any floating-point type.
    ///
    /// # Errors
    /// [`Error::At`] with the file: [`Error::NotItsWeights`] for tensors that are missing, unknown or of another shape, [`Error::Torch`] for
    /// what is no such file.
    pub fn load(&self, path: &Path) -> Result<(), Error> {
        let at = |cause| Error::At {
            file: path.display().to_string(),
            line: None,
            key: String::new(),
            cause: Box::new(cause),
        };
        let tensors = Tensor::read_safetensors(path).map_err(|error| at(error.into()))?;
        self.assign(tensors).map_err(at)
    }

    /// Takes the weights and the tracked statistics from tensors with these names, which may all have the same prefix.
    ///
    /// # Errors
    /// [`Error::NotItsWeights`]; then nothing has changed. [`Error::Torch`].
    pub fn assign(&self, tensors: impl IntoIterator<Item = (String, Tensor)>) -> Result<(), Error> {
        let mut given: BTreeMap<String, Tensor> =
            tensors.into_iter().filter(|(name, _)| !name.ends_with(COUNTER)).collect();
        let prefix = self.prefix(&given);
        let (mut missing, mut misshapen, mut pairs) = (vec![], vec![], vec![]);
        for named in self.tensors() {
            match given.remove(&format!("{prefix}{}", named.name)) {
                None => missing.push(named.name.clone()),
                Some(tensor) if tensor.size() == named.tensor.size() => pairs.push((named, tensor)),
                Some(tensor) => {
                    misshapen.push((named.name.clone(), tensor.size(), named.tensor.size()));
                }
            }
        }
        let extra: Vec<String> = given.into_keys().collect();
        if !(missing.is_empty() && extra.is_empty() && misshapen.is_empty()) {
            let network = format!("{} with {} classes", self.architecture, self.classes);
            return Err(Error::NotItsWeights { network, missing, extra, misshapen });
        }
        no_grad(|| {
            pairs.into_iter().try_for_each(|(to, from)| to.tensor.shallow_clone().f_copy_(&from))
        })?;
        Ok(())
    }

    /// What stands before the name of the last tensor, which ends no other tensor's name; nothing where it is not there.
    fn prefix(&self, given: &BTreeMap<String, Tensor>) -> String {
        let last = self.tensors().last().map_or("", |named| &named.name);
        let before = |name: &String| {
            let prefix = name.strip_suffix(last)?;
            (prefix.is_empty() || prefix.ends_with('.')).then(|| prefix.to_owned())
        };
        given.keys().filter_map(before).min_by_key(String::len).unwrap_or_default()
    }

    /// Writes the weights and the tracked statistics to a safetensors file.
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let contiguous = |named: &super::Named| {
            Ok::<_, Error>((named.name.clone(), named.tensor.f_detach()?.f_contiguous()?))
        };
        let tensors = self.tensors().iter().map(contiguous).collect::<Result<Vec<_>, _>>()?;
        Ok(Tensor::write_safetensors(&tensors, path)?)
    }
}
