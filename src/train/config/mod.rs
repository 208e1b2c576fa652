//! What a training does, as one TOML file says it.
//!
//! Everything is checked before anything starts: keys that do not exist, values that no key takes, parts that do not fit together. An error says
//! the file, the line, the key, what was found and what is allowed.
//!
//! | table | keys |
//! |---|---|
//! | | `seed`, `epochs`, `batch`, `threads`, `objective` |
//! | `[data]` | `set`, `folder`, `validation`, `train`, `test`, `counted`, `crop`, `flip` |
//! | `[data.generated]` | `file`, `fraction` |
//! | `[network]` | `architecture`, `normalisation`, `tracking`, `first-tracking` |
//! | `[ball]` | `norm`, `epsilon` |
//! | `[attack]` | `steps`, `step`, `start`, `deviation`, `restarts`, `batch-norm` |
//! | `[awp]` | `gamma`, `from` |
//! | `[optimiser]` | `lr`, `momentum`, `nesterov`, `decay`, `undecayed`, `clip` |
//! | `[schedule]` | `kind`, `per` and what the kind has |
//! | `[average]` | `decay`, `warmup` |
//! | `[evaluation]` | `every`, `steps`, `step`, `restarts`, `batch` |
//! | `[compute]` | `precision`, `layout`, `deterministic`, `graph` |
//! | `[checkpoint]` | `every` |

mod read;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::files::document::Document;
use crate::objective::Objective;
use crate::perturbation::Ball;
use crate::train::attack::Attack;
use crate::train::compute::Compute;
use crate::train::data::augment::Augment;
use crate::train::data::{Part, Source, unreadable};
use crate::train::network::{Architecture, Normalisation};
use crate::train::optimiser::Sgd;
use crate::train::schedule::Schedule;
use crate::train::{Awp, Loss};

/// A training: what is trained, on what, how, and how it is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// What all random numbers depend on.
    pub(super) seed: u64,
    /// How often the images are seen.
    pub(super) epochs: usize,
    /// How many images a step sees.
    pub(super) batch: usize,
    /// How many threads a CPU uses; libtorch's choice where it is not said. Results depend on it in their last digits.
    pub(super) threads: Option<i32>,
    pub(super) data: Data,
    pub(super) network: Net,
    pub(super) ball: Ball,
    pub(super) objective: Objective,
    /// The attack of an objective with an attacked input.
    pub(super) attack: Option<Attack>,
    /// Adversarial weight perturbation, and the epoch from which on.
    pub(super) awp: Option<(Awp, usize)>,
    pub(super) optimiser: Sgd,
    /// Parts of the names of parameters that do not decay.
    pub(super) undecayed: Vec<String>,
    pub(super) schedule: Schedule,
    pub(super) per: Per,
    pub(super) average: Option<Averaging>,
    pub(super) evaluation: Evaluation,
    pub(super) compute: Compute,
    /// After how many steps within an epoch a checkpoint is written; one is written after every epoch in any case.
    pub(super) checkpoint_every: Option<usize>,
}

/// Which images.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Data {
    pub source: Source,
    pub folder: PathBuf,
    /// How many of the first training images are kept for validation.
    pub validation: usize,
    /// How many of the others are trained on, where not all.
    pub train: Option<usize>,
    /// How many of the first test images are used in the end, where not all.
    pub test: Option<usize>,
    /// How many images an epoch counts, where not as many as are trained on.
    pub counted: Option<usize>,
    pub augment: Augment,
    /// A file of generated images, and their share of a batch.
    pub generated: Option<(PathBuf, f64)>,
}

/// Which network.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Net {
    pub architecture: Architecture,
    pub normalisation: Normalisation,
    /// The weight of a batch in the tracked statistics; that of the first step.
    pub tracking: [f64; 2],
}

/// What a schedule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Per {
    Epoch,
    Step,
}

/// The average of the parameters: its decay, and the share of the steps before it begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Averaging {
    pub decay: f64,
    pub warmup: f64,
}

/// How a training is looked at.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Evaluation {
    /// After how many epochs the validation images are looked at; after the last one in any case.
    pub every: usize,
    pub attack: Attack,
    pub batch: usize,
}

impl Config {
    /// Reads a training from the file at `path`; paths in it are relative to its folder.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::NotUtf8`], and [`Error::At`] for what is wrong inside the file.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path)
            .map_err(|error| Error::Unreadable { path: name.clone(), reason: error.to_string() })?;
        let text = std::str::from_utf8(&bytes).map_err(|error| Error::NotUtf8 {
            path: name.clone(),
            position: error.valid_up_to(),
        })?;
        Self::from_toml(text, &name, path.parent().unwrap_or(Path::new("")))
    }

    /// Reads a training from the TOML document `text`; `name` is what errors call it, paths in it are relative to `folder`.
    ///
    /// # Errors
    /// [`Error::At`].
    pub fn from_toml(text: &str, name: &str, folder: &Path) -> Result<Self, Error> {
        read::config(&Document::toml(text, name, folder)?.root())
    }

    /// How many epochs it has.
    #[must_use]
    pub fn epochs(&self) -> usize {
        self.epochs
    }

    /// The ball of the attacks.
    #[must_use]
    pub fn ball(&self) -> &Ball {
        &self.ball
    }

    /// The data set.
    #[must_use]
    pub fn source(&self) -> Source {
        self.data.source
    }

    /// The network's architecture.
    #[must_use]
    pub fn architecture(&self) -> Architecture {
        self.network.architecture
    }

    /// What is trained on.
    #[must_use]
    pub fn objective(&self) -> &Objective {
        &self.objective
    }

    /// The attack that it is evaluated with.
    #[must_use]
    pub fn attack(&self) -> &Attack {
        &self.evaluation.attack
    }

    /// What an epoch descends, from 0: weights are perturbed from some epoch on.
    ///
    /// # Errors
    /// [`Error::NoAttack`], which a configuration that was read has.
    pub fn loss(&self, epoch: usize) -> Result<Loss, Error> {
        let awp = self.awp.as_ref().filter(|(_, from)| epoch >= *from).map(|(awp, _)| awp.clone());
        Loss::new(self.objective.clone(), self.attack.clone(), awp)
    }

    /// What is trained, as maths; at its last epoch.
    ///
    /// # Errors
    /// As [`Config::loss`].
    pub fn formula(&self) -> Result<String, Error> {
        Ok(self.loss(self.epochs - 1)?.to_string())
    }

    /// Whether the files are there that it reads.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for the first that is not.
    pub fn find_files(&self) -> Result<(), Error> {
        let data = &self.data;
        let parts = [Part::Train, Part::Test].map(|part| data.source.files(&data.folder, part));
        let generated = data.generated.iter().map(|(file, _)| file.clone());
        for path in parts.into_iter().flatten().chain(generated) {
            File::open(&path).map_err(|error| unreadable(&path, &error))?;
        }
        Ok(())
    }

    /// All that the outcome depends on, by key or table, for telling what differs between two; without the places of files, which may be called
    /// from elsewhere.
    pub(super) fn settings(&self) -> BTreeMap<String, String> {
        // Without `..`, so that nothing that is added is forgotten here; when checkpoints are written changes nothing.
        let Self {
            seed,
            epochs,
            batch,
            threads,
            data,
            network,
            ball,
            objective,
            attack,
            awp,
            optimiser,
            undecayed,
            schedule,
            per,
            average,
            evaluation,
            compute,
            checkpoint_every: _,
        } = self;
        let Data { source, validation, train, test, counted, augment, generated, folder: _ } = data;
        let generated = generated.as_ref().map(|(file, fraction)| (file.file_name(), fraction));
        let settings: [(&str, &dyn fmt::Debug); 15] = [
            ("seed", seed),
            ("epochs", epochs),
            ("batch", batch),
            ("threads", threads),
            ("objective", objective),
            ("[data]", &(source, validation, train, test, counted, augment, generated)),
            ("[network]", network),
            ("[ball]", ball),
            ("[attack]", attack),
            ("[awp]", awp),
            ("[optimiser]", &(optimiser, undecayed)),
            ("[schedule]", &(schedule, per)),
            ("[average]", average),
            ("[evaluation]", evaluation),
            ("[compute]", compute),
        ];
        settings.into_iter().map(|(key, value)| (key.to_owned(), format!("{value:?}"))).collect()
    }
}
