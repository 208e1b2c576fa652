//! Files that a killed process leaves whole: tensors with what belongs to them, and logs.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tch::{Device, Kind, Tensor};

use super::random::size;
use crate::error::Error;

/// The key of the metadata. One key, since several would be written in any order.
const KEY: &str = "score";

/// The error for what cannot be written.
pub(crate) fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::Unwritable { path: path.display().to_string(), reason: error.to_string() }
}

/// Writes a file so that after any interruption, of power too, there is the old one or the new one.
pub(crate) fn write(folder: &Path, name: &str, contents: &[u8]) -> Result<PathBuf, Error> {
    let path = folder.join(name);
    let draft = folder.join(format!(".{name}.draft"));
    let written = File::create(&draft).and_then(|mut file| {
        file.write_all(contents)?;
        file.sync_all()?;
        fs::rename(&draft, &path)?;
        File::open(folder)?.sync_all()
    });
    if let Err(error) = written {
        // A full disk is no place for half a file.
        let _ = fs::remove_file(&draft);
        return Err(unwritable(&path, &error));
    }
    Ok(path)
}

/// The right to write into a folder, which ends with the process.
#[derive(Debug)]
pub(crate) struct Claim {
    _file: File,
}

impl Claim {
    /// Makes the folder where it is missing, and claims it.
    pub fn new(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(".lock");
        let made = fs::create_dir_all(folder).and_then(|()| File::create(&path));
        let file = made.map_err(|error| unwritable(folder, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::Unwritable {
                path: folder.display().to_string(),
                reason: "another process writes into this folder".into(),
            }),
            Err(TryLockError::Error(error)) => Err(unwritable(&path, &error)),
        }
    }
}

/// Tensors and what is said of them, as a safetensors file: the same bytes for the same contents.
pub(crate) fn bytes(
    tensors: &[(String, Tensor)],
    about: &impl Serialize,
) -> Result<Vec<u8>, Error> {
    let mut contents = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        let tensor = tensor.f_detach()?.f_to_device(Device::Cpu)?.f_contiguous()?;
        let kind = tensor.f_kind()?;
        let dtype = match kind {
            Kind::Float => Dtype::F32,
            Kind::Double => Dtype::F64,
            Kind::Int64 => Dtype::I64,
            other => return Err(not_a_checkpoint("", &format!("{name} is of type {other:?}"))),
        };
        let mut bytes = vec![0; tensor.numel() * kind.elt_size_in_bytes()];
        tensor.f_copy_data_u8(&mut bytes, tensor.numel())?;
        let shape =
            tensor.size().iter().map(|n| usize::try_from(*n).unwrap_or(0)).collect::<Vec<_>>();
        contents.push((name, dtype, shape, bytes));
    }
    let views = contents.iter().map(|(name, dtype, shape, bytes)| {
        let view = TensorView::new(*dtype, shape.clone(), bytes);
        view.map(|view| (name.as_str(), view)).map_err(|error| not_a_checkpoint("", &error))
    });
    let views = views.collect::<Result<Vec<_>, Error>>()?;
    let about = serde_json::to_string(about).map_err(|error| not_a_checkpoint("", &error))?;
    let metadata = HashMap::from([(KEY.to_owned(), about)]);
    safetensors::serialize(views, Some(metadata)).map_err(|error| not_a_checkpoint("", &error))
}

/// Reads what [`bytes`] has written.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<(Vec<(String, Tensor)>, T), Error> {
    let name = path.display().to_string();
    let bytes = fs::read(path)
        .map_err(|error| Error::Unreadable { path: name.clone(), reason: error.to_string() })?;
    let bad = |reason: &dyn ToString| not_a_checkpoint(&name, &reason.to_string());
    let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|error| bad(&error))?;
    let about = header.metadata().as_ref().and_then(|metadata| metadata.get(KEY));
    let about = about.ok_or_else(|| bad(&"it does not say what it is"))?;
    let about = serde_json::from_str(about).map_err(|error| bad(&error))?;
    let file = SafeTensors::deserialize(&bytes).map_err(|error| bad(&error))?;
    let tensors = file.tensors().into_iter().map(|(name, view)| {
        let kind = match view.dtype() {
            Dtype::F32 => Kind::Float,
            Dtype::F64 => Kind::Double,
            Dtype::I64 => Kind::Int64,
            other => return Err(bad(&format!("{name} is of type {other:?}"))),
        };
        let shape: Vec<i64> = view.shape().iter().map(|n| size(*n)).collect();
        Ok((name, Tensor::f_from_data_size(view.data(), &shape, kind)?))
    });
    Ok((tensors.collect::<Result<_, Error>>()?, about))
}

/// The error for a file that a training cannot be continued from.
pub(crate) fn not_a_checkpoint(path: &str, reason: &impl ToString) -> Error {
    Error::NotACheckpoint { path: path.into(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_come_back_and_files_depend_on_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let tensors = vec![
            ("b".to_owned(), Tensor::from_slice(&[1.5_f32, -0.0, f32::MIN_POSITIVE]).view([3, 1])),
            ("a".to_owned(), Tensor::from_slice(&[0.1_f64]).view([0_i64; 0].as_slice())),
        ];
        let first = bytes(&tensors, &"it").unwrap();
        for _ in 0..5 {
            assert_eq!(bytes(&tensors, &"it").unwrap(), first);
        }
        write(folder.path(), "some", &first).unwrap();
        let (mut back, about): (_, String) = read(&folder.path().join("some")).unwrap();
        assert_eq!(about, "it");
        back.sort_by(|a, b| b.0.cmp(&a.0));
        for ((name, tensor), (expected_name, expected)) in back.iter().zip(&tensors) {
            assert_eq!(name, expected_name);
            assert_eq!(tensor.size(), expected.size());
            assert_eq!(tensor.kind(), expected.kind());
            assert!(tensor.equal(expected));
        }
        assert!(
            fs::read_dir(folder.path()).unwrap().all(|entry| entry.unwrap().file_name() == "some")
        );
    }

    #[test]
    fn a_file_that_is_cut_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let whole = bytes(&[("a".to_owned(), Tensor::from_slice(&[1.0_f32; 40]))], &1).unwrap();
        for length in [0, 5, 30, whole.len() - 1] {
            write(folder.path(), "cut", &whole[..length]).unwrap();
            let error = read::<u32>(&folder.path().join("cut")).unwrap_err();
            assert!(matches!(error, Error::NotACheckpoint { .. }), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("some");
        fs::create_dir(&taken).unwrap();
        let error = write(folder.path(), "some", b"it").unwrap_err().to_string();
        assert!(error.contains("some"), "{error}");
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
        assert!(left.len() == 1 && left[0].path() == taken, "{left:?}");
    }

    #[test]
    fn a_folder_is_claimed_once() {
        let folder = tempfile::tempdir().unwrap();
        let claim = Claim::new(folder.path()).unwrap();
        assert!(Claim::new(folder.path()).unwrap_err().to_string().contains("another process"));
        drop(claim);
        assert!(Claim::new(folder.path()).is_ok());
    }
}
