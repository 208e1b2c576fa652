//! The weights of a network in safetensors files.
//!
//! PyTorch's checkpoints are converted by one line of Python. Here for SCORE's `weights-best.pt`, of which the averaged network is wanted; it takes the files
//! of RobustBench and of SCORE's folder `without_DDPM` too, which call that part `state_dict`, or have no other:
//!
//! ```text
//! python3 -c "import torch, safetensors.torch as s; w = torch.load('weights-best.pt', map_location='cpu'); w = w.get('model_state_dict', w.get('state_dict', w)); s.save_file({k: v.clone().contiguous() for k, v in w.items()}, 'weights.safetensors')"
//! ```
//!
//! The names may have a prefix (`module.0.`, `module.`, `model.`, ..), the same for all of them. `tests/parity/published.py` runs this line.

use std::collections::BTreeMap;
use std::path::Path;

use tch::{Tensor, no_grad};

use super::Network;
use crate::error::{Differences, Error};

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
        let (mut wrong, mut pairs) = (Differences::default(), vec![]);
        for named in self.tensors() {
            match given.remove(&format!("{prefix}{}", named.name)) {
                None => wrong.missing.push(named.name.clone()),
                Some(tensor) if tensor.size() == named.tensor.size() => pairs.push((named, tensor)),
                Some(tensor) => {
                    wrong.misshapen.push((named.name.clone(), tensor.size(), named.tensor.size()));
                }
            }
        }
        wrong.extra = given.into_keys().collect();
        if wrong != Differences::default() {
            let network = format!("{} with {} classes", self.architecture, self.classes);
            return Err(Error::NotItsWeights { network, differences: Box::new(wrong) });
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
