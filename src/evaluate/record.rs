//! An evaluation on disk: what it is of, how far it has come, what it has found. A killed one goes on from its last batch and ends with the same flags.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tch::{Device, Kind, Tensor};

use super::{Cascade, Found, Progress, Workers};
use crate::error::Error;
use crate::train::data::Dataset;
use crate::train::store;

/// The file that a resumed evaluation goes on from.
pub const STATE: &str = "state.json";
/// The file with everything that was found.
pub const RESULT: &str = "result.json";

/// What an evaluation is of. Two with the same have the same flags, up to the rounding of other processors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Subject {
    /// The file with the weights, and the SHA-256 of its bytes.
    pub model: [String; 2],
    /// The name of the data set, and the SHA-256 of the pixels and labels that are used.
    pub data: [String; 2],
    /// How many images.
    pub images: usize,
    /// The norm.
    pub norm: String,
    /// The radius.
    pub epsilon: String,
    /// The version of AutoAttack, or the attacks.
    pub attack: String,
    /// Images at once.
    pub batch: usize,
    /// The seed.
    pub seed: i64,
    /// Iterations of APGD and FAB.
    pub iterations: usize,
    /// Queries of Square.
    pub queries: usize,
    /// Runs of attacks that do not aim, if not the version's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restarts: Option<usize>,
    /// Labels that attacks aim at, if not the version's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targets: Option<u32>,
    /// The oddities of the reference implementation that are put right.
    #[serde(default)]
    pub fixes: Vec<String>,
    /// Whether broken points are attacked to the end.
    pub keeps_broken: bool,
}

impl Subject {
    /// The evaluation of the weights in `model` on these images.
    ///
    /// # Errors
    /// [`Error::Unreadable`].
    pub fn new(
        model: &Path,
        (name, data): (&str, &Dataset),
        cascade: &Cascade,
    ) -> Result<Self, Error> {
        let path = model.display().to_string();
        let weights = fs::read(model)
            .map_err(|error| Error::Unreadable { path: path.clone(), reason: error.to_string() })?;
        let images = Sha256::new().chain_update(data.pixels()).chain_update(data.labels());
        Ok(Self {
            model: [path, hex(Sha256::digest(weights).as_slice())],
            data: [name.to_owned(), hex(images.finalize().as_slice())],
            images: data.len(),
            norm: cascade.ball.norm().to_string(),
            epsilon: cascade.ball.epsilon().to_string(),
            attack: cascade.version.to_string(),
            batch: cascade.batch,
            seed: cascade.seed,
            iterations: cascade.iterations,
            queries: cascade.queries,
            restarts: cascade.restarts,
            targets: cascade.targets,
            fixes: cascade.quirks.names(),
            keeps_broken: cascade.broken == super::attack::Broken::Kept,
        })
    }

    /// The same but for where the weights lie.
    fn is_same(&self, other: &Self) -> bool {
        let bare = |subject: &Self| Self {
            model: [String::new(), subject.model[1].clone()],
            ..subject.clone()
        };
        bare(self) == bare(other)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[derive(Serialize, Deserialize)]
struct State {
    subject: Subject,
    progress: Progress,
}

/// A folder with an evaluation.
#[derive(Debug)]
pub struct Record {
    folder: PathBuf,
    subject: Subject,
    progress: Progress,
    _claim: store::Claim,
}

impl Record {
    /// Opens the folder: a new one, or with `resume` one in which the same evaluation has begun.
    ///
    /// # Errors
    /// [`Error::NotFree`] where there is an evaluation already that is not to be continued, or another one; [`Error::NotACheckpoint`] for a state that
    /// cannot be read; [`Error::Unwritable`].
    pub fn open(folder: &Path, subject: Subject, resume: bool) -> Result<Self, Error> {
        let claim = store::Claim::new(folder)?;
        let path = folder.join(STATE);
        let mut progress = Progress::default();
        if path.exists() {
            let not_free = |reason: &str| Error::NotFree {
                path: folder.display().to_string(),
                what: "an evaluation",
                reason: reason.into(),
            };
            if !resume {
                return Err(not_free(""));
            }
            let bad =
                |reason: String| store::not_a_checkpoint(&path.display().to_string(), &reason);
            let text = fs::read_to_string(&path).map_err(|error| bad(error.to_string()))?;
            let state: State =
                serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
            if !state.subject.is_same(&subject) {
                return Err(not_free(", of another model, other images or other attacks"));
            }
            progress = state.progress;
        }
        Ok(Self { folder: folder.into(), subject, progress, _claim: claim })
    }

    /// Runs the cascade from where the record is to the end; `report` hears of every batch.
    ///
    /// # Errors
    /// What the model returns, and [`Error::Unwritable`].
    pub fn run(
        &mut self,
        cascade: &Cascade,
        workers: &mut Workers,
        images: &Tensor,
        y: &Tensor,
        mut report: impl FnMut(&Progress, Option<&Found>),
    ) -> Result<&Progress, Error> {
        let (folder, subject) = (&self.folder, &self.subject);
        let mut write = |progress: &Progress, found: Option<&Found>| {
            // The images first: a state that knows of a batch finds its images there.
            if let Some(found) = found
                && found.places.numel() > 0
            {
                let batch = progress.current.as_ref().map_or(0, |current| current.through);
                let name = format!("adversarial-{}-{batch}.safetensors", found.attack);
                let tensors = [
                    ("places".to_owned(), found.places.to_kind(Kind::Int64)),
                    ("images".to_owned(), found.images.shallow_clone()),
                ];
                store::write(folder, &name, &store::bytes(&tensors, &found.attack)?)?;
            }
            let state = State { subject: subject.clone(), progress: progress.clone() };
            store::write(
                folder,
                STATE,
                &serde_json::to_vec(&state).map_err(|error| Error::Unwritable {
                    path: folder.display().to_string(),
                    reason: error.to_string(),
                })?,
            )?;
            report(progress, found);
            Ok(())
        };
        self.progress = cascade.run(workers, images, y, self.progress.clone(), &mut write)?;
        Ok(&self.progress)
    }

    /// The adversarial images that were found, with their places among the images `[M]`.
    ///
    /// # Errors
    /// [`Error::NotACheckpoint`].
    pub fn adversarial(&self) -> Result<(Vec<i64>, Vec<Tensor>), Error> {
        let (mut places, mut images) = (vec![], vec![]);
        let entries = fs::read_dir(&self.folder).map_err(|error| Error::Unreadable {
            path: self.folder.display().to_string(),
            reason: error.to_string(),
        })?;
        let mut names: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        names.sort();
        for path in names {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            if !name.is_some_and(|name| name.starts_with("adversarial-")) {
                continue;
            }
            let (tensors, _): (Vec<(String, Tensor)>, super::Attack) = store::read(&path)?;
            let tensor = |name: &str| {
                tensors.iter().find(|(other, _)| other == name).map(|(_, tensor)| tensor)
            };
            if let (Some(there), Some(found)) = (tensor("places"), tensor("images")) {
                places.extend(Vec::<i64>::try_from(there)?);
                images.extend((0..found.size()[0]).map(|i| found.get(i).to_device(Device::Cpu)));
            }
        }
        Ok((places, images))
    }

    /// What it is of.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Writes `result.json`.
    ///
    /// # Errors
    /// [`Error::Unwritable`].
    pub fn finish(&self, result: &impl Serialize) -> Result<PathBuf, Error> {
        let text = serde_json::to_string_pretty(result).map_err(|error| Error::Unwritable {
            path: self.folder.join(RESULT).display().to_string(),
            reason: error.to_string(),
        })?;
        store::write(&self.folder, RESULT, (text + "\n").as_bytes())
    }
}
