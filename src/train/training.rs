//! The loop: epochs of steps, looked at on images that are kept for it, in files that a killed process leaves whole.
//!
//! | file | |
//! |---|---|
//! | `checkpoint.safetensors` | where a training is, and all that it goes on from |
//! | `best.safetensors` | the network of the best epoch on the images for validation; averaged if the training averages |
//! | `last.safetensors` | that of the last epoch |
//! | `metrics.jsonl`, `events.out.tfevents.score` | an epoch a line, for programs and for TensorBoard |
//! | `result.json` | what the best network does on the test images: written once, in the end |
//!
//! A step is a function of the checkpoint and of its place: seed, epoch, step and purpose are the key of its random numbers. So a training that was
//! killed anywhere and continued ends, on a CPU with the same number of threads, with the same networks to the last bit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor, no_grad};

use super::average::{Average, Rule};
use super::compute::{Layout, Precision, prepare_to_measure};
use super::config::{self, Config, Per};
use super::data::batches::{Batch, Batches};
use super::data::{Dataset, Images, Part, floats, generated};
use super::evaluate::{Evaluation, evaluate};
use super::loss::{Loss, Value};
use super::metrics::{Line, Log, now};
use super::network::{BatchNorm, Named, Network, Normalisation};
use super::optimiser::Optimiser;
use super::random::{Place, Purpose};
use super::recorder::Recorder;
use super::store::{self, Claim};
use crate::error::Error;

/// Where a training is.
pub const CHECKPOINT: &str = "checkpoint.safetensors";
/// The best network.
pub const BEST: &str = "best.safetensors";
/// The last network.
pub const LAST: &str = "last.safetensors";
/// What came of it.
pub const RESULT: &str = "result.json";

/// After how many steps the sums of an epoch are looked at. Looking makes a GPU wait.
const LOOK: usize = 10;

/// What a training tells of itself meanwhile.
pub trait Watch {
    /// Something is done in another way than it might have been; in words.
    fn note(&mut self, text: &str);
    /// A few steps are done.
    fn step(&mut self, at: &Progress);
    /// So many images of so many are evaluated.
    fn evaluating(&mut self, done: usize, of: usize);
    /// An epoch is done.
    fn epoch(&mut self, line: &Line);
}

/// How far a training is, in the middle of an epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The epoch, from 1.
    pub epoch: usize,
    /// Steps done in it.
    pub step: usize,
    /// Steps that it has.
    pub steps: usize,
    /// The mean loss in it so far.
    pub loss: f64,
    /// The accuracies in it so far, as in [`Line::train`].
    pub train: [Option<f64>; 2],
    /// Images trained on a second since the process began.
    pub images_per_second: f64,
}

/// What came of a training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The objective by its name.
    pub objective: String,
    /// What was descended, as maths.
    pub formula: String,
    /// The data set.
    pub data: String,
    /// The architecture.
    pub architecture: String,
    /// The norm of the ball.
    pub norm: String,
    /// Its radius, as it was written.
    pub epsilon: String,
    /// Steps of the attack that it was evaluated with, and the size of each.
    pub attack: (u32, String),
    /// The seed.
    pub seed: u64,
    /// How many images it was trained on.
    pub images: usize,
    /// The epochs.
    pub epochs: usize,
    /// The best of them on the images for validation, and what it did there.
    pub best: Best,
    /// What that network does on the test images.
    pub test: Evaluation,
}

impl Outcome {
    /// What results must share to be compared: data, network, ball, attack.
    #[must_use]
    pub fn setting(&self) -> String {
        let Self { data, architecture, norm, epsilon, attack: (steps, step), test, .. } = self;
        let images = test.accuracy[0].of;
        format!(
            "{data}, {images} test images, {architecture}, {norm} epsilon {epsilon}, attack with {steps} steps of {step}"
        )
    }
}

/// The best epoch so far.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// The epoch, from 1.
    pub epoch: usize,
    /// What its network does on the images for validation.
    pub validation: Evaluation,
}

/// What a checkpoint says besides its tensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Position {
    /// The settings.
    settings: BTreeMap<String, String>,
    /// The checksum of the images.
    images: u32,
    /// The epoch that is next, from 0.
    epoch: usize,
    /// The step in it that is next, from 0.
    step: usize,
    /// How many steps there have been in all.
    steps_done: usize,
    best: Option<Best>,
}

/// What a file with a network says besides its tensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// The architecture.
    pub architecture: String,
    /// The number of classes.
    pub classes: u16,
    /// The means of the normalisation, and the standard deviations.
    pub normalisation: [Vec<f64>; 2],
    /// The data set that it was trained on.
    pub data: String,
    /// The objective.
    pub objective: String,
    /// The norm and the radius of the ball that it was trained for.
    pub ball: (String, String),
    /// The epoch, from 1.
    pub epoch: usize,
}

/// The network that a training has written ([`BEST`] or [`LAST`]).
///
/// # Errors
/// [`Error::Unreadable`], [`Error::NotACheckpoint`] for a file that does not say what network it is, [`Error::NotItsWeights`].
pub fn open(path: &Path, device: Device) -> Result<Network, Error> {
    let (tensors, about): (_, About) = store::read(path)?;
    let [mean, std] = &about.normalisation;
    let normalisation = Normalisation::new(mean, std)?;
    let network = Network::new(about.architecture.parse()?, about.classes, &normalisation, device)?;
    network.assign(tensors)?;
    Ok(network)
}

/// Trains as the settings say, into `folder`; `resume` continues what is there.
///
/// # Errors
/// [`Error::NotFree`] where a training is in the folder that is not to be continued, or was begun with other settings or images; [`Error::NotACheckpoint`];
/// what is wrong with the data; [`Error::Diverged`]; [`Error::Unwritable`]; [`Error::Torch`].
pub fn train(
    config: &Config,
    folder: &Path,
    resume: bool,
    device: Device,
    watch: &mut impl Watch,
) -> Result<Outcome, Error> {
    let _claim = Claim::new(folder)?;
    let there = folder.join(CHECKPOINT);
    let not_free = |reason: &str| Error::NotFree {
        path: folder.display().to_string(),
        what: "a training",
        reason: reason.into(),
    };
    if there.exists() && !resume {
        return Err(not_free(""));
    }
    if there.exists()
        && let Some(outcome) = finished(config, folder)?
    {
        return Ok(outcome);
    }
    if let Some(threads) = config.threads {
        tch::set_num_threads(threads);
    }
    let data = Data::read(config, device)?;
    let mut training = Training::new(config, folder, &data, device)?;
    if there.exists() {
        training.restore(&there, not_free)?;
    }
    if training.position.epoch < config.epochs {
        let mut log = Log::open(folder, training.position.steps_done)?;
        while training.position.epoch < config.epochs {
            training.epoch(&data, &mut log, watch)?;
        }
    }
    training.finish(data, device, watch)
}

/// What came of the training in a folder, if it is these settings' and done.
fn finished(config: &Config, folder: &Path) -> Result<Option<Outcome>, Error> {
    let (_, position): (_, Position) = store::read(&folder.join(CHECKPOINT))?;
    let done = position.settings == config.settings() && position.epoch == config.epochs;
    let text = std::fs::read(folder.join(RESULT)).ok();
    // One that cannot be read is written again.
    Ok(text.filter(|_| done).and_then(|text| serde_json::from_slice(&text).ok()))
}

/// The images of a training.
struct Data {
    train: Images,
    generated: Option<Images>,
    validation: Images,
    batches: Batches,
    /// Of all of them.
    checksum: u32,
}

impl Data {
    fn read(config: &Config, device: Device) -> Result<Self, Error> {
        let settings = &config.data;
        let all = settings.source.read(&settings.folder, Part::Train)?;
        let wanted = settings.validation + settings.train.unwrap_or(1);
        enough(settings, "its training images", &all, wanted)?;
        let (validation, mut train) = all.split(settings.validation)?;
        if let Some(first) = settings.train {
            train = train.split(first)?.0;
        }
        let mut checksum = train.checksum(validation.checksum(0));
        let counted = settings.counted.unwrap_or(train.len());
        let (generated, batches) = match &settings.generated {
            None => (None, Batches::new(train.len(), counted, config.batch)?),
            Some((file, fraction)) => {
                let images = generated(file, settings.source.shape(), settings.source.classes())?;
                checksum = images.checksum(checksum);
                let share = (images.len(), *fraction);
                let batches = Batches::with_generated(train.len(), counted, config.batch, share)?;
                (Some(images.on(device)?), batches)
            }
        };
        Ok(Self {
            train: train.on(device)?,
            generated,
            validation: validation.on(device)?,
            batches,
            checksum,
        })
    }
}

/// Whether there are as many images as are wanted: fewer may lie in the files than are published.
fn enough(
    settings: &config::Data,
    place: &str,
    found: &Dataset,
    wanted: usize,
) -> Result<(), Error> {
    if found.len() >= wanted {
        return Ok(());
    }
    let reason = format!("found {}; the settings need {wanted}", found.len());
    Err(Error::Data { path: settings.folder.display().to_string(), place: place.into(), reason })
}

struct Training<'a> {
    config: &'a Config,
    folder: PathBuf,
    steps: usize,
    network: Network,
    optimiser: Optimiser,
    average: Option<Average>,
    recorder: Recorder,
    position: Position,
    /// Of the epoch: the loss and the hits on x and on x', each times the number of images; the number of images.
    sums: Tensor,
    began: Instant,
    trained_on: usize,
}

impl<'a> Training<'a> {
    fn new(config: &'a Config, folder: &Path, data: &Data, device: Device) -> Result<Self, Error> {
        let place = Place { seed: config.seed, epoch: 0, step: 0 };
        let network = place.drawing(Purpose::Initialise, || fresh(config, device))?;
        let steps = data.batches.steps();
        let average = config.average.map(|average| {
            let warmup = average.warmup * (config.epochs * steps) as f64;
            Average::new(Rule { decay: average.decay, warmup }, &parameters(&network))
        });
        Ok(Self {
            config,
            folder: folder.into(),
            steps,
            optimiser: Optimiser::new(config.optimiser, parameters(&network), &config.undecayed)?,
            average: average.transpose()?,
            recorder: if config.compute.graph { Recorder::new() } else { Recorder::off() },
            position: Position {
                settings: config.settings(),
                images: data.checksum,
                epoch: 0,
                step: 0,
                steps_done: 0,
                best: None,
            },
            sums: Tensor::f_zeros([4], (Kind::Double, device))?,
            network,
            began: Instant::now(),
            trained_on: 0,
        })
    }

    /// The rest of an epoch, what comes after it, and a checkpoint.
    fn epoch(&mut self, data: &Data, log: &mut Log, watch: &mut impl Watch) -> Result<(), Error> {
        let Config { seed, epochs, .. } = *self.config;
        let epoch = self.position.epoch;
        let loss = self.config.loss(epoch)?;
        self.config.compute.prepare(self.network.device())?;
        self.network.set_precision(self.config.compute.precision);
        let (began, mut images) = (Instant::now(), 0);
        let mut rates = [0.0; 2];
        for (step, batch) in
            data.batches.epoch(seed, epoch).iter().enumerate().skip(self.position.step)
        {
            rates = self.rates(epoch, step);
            let count = self.step(data, batch, &loss, Place { seed, epoch, step }, rates)?;
            images += count;
            self.trained_on += count;
            if let Some(note) = self.recorder.note() {
                watch.note(&note);
            }
            if (step + 1).is_multiple_of(LOOK) || step + 1 == self.steps {
                let [loss, clean, robust] = self.means(&loss)?;
                let train = [clean, robust];
                let images_per_second = self.trained_on as f64 / self.began.elapsed().as_secs_f64();
                let loss = loss.filter(|loss| loss.is_finite());
                let loss = loss.ok_or(Error::Diverged { epoch: epoch + 1, step: step + 1 })?;
                let (epoch, step, steps) = (epoch + 1, step + 1, self.steps);
                watch.step(&Progress { epoch, step, steps, loss, train, images_per_second });
            }
            if let Some(every) = self.config.checkpoint_every
                && (step + 1).is_multiple_of(every)
                && step + 1 < self.steps
            {
                self.checkpoint()?;
            }
        }
        let images_per_second = images as f64 / began.elapsed().as_secs_f64().max(1e-9);
        let [loss, clean, robust] = self.means(&loss)?;
        if !self.is_finite()? {
            return Err(Error::Diverged { epoch: epoch + 1, step: self.steps });
        }
        let last = epoch + 1 == epochs;
        let validation = if last || (epoch + 1).is_multiple_of(self.config.evaluation.every) {
            Some(self.validate(&data.validation, watch)?)
        } else {
            None
        };
        let line = Line {
            epoch: epoch + 1,
            step: self.position.steps_done,
            lr: rates[0],
            momentum: rates[1],
            loss: loss.unwrap_or(f64::NAN),
            train: [clean, robust],
            validation,
            images_per_second,
            time: now(),
        };
        log.add(&line)?;
        if let Some(validation) = validation {
            self.compare(Best { epoch: epoch + 1, validation })?;
        }
        if last {
            self.save(LAST, epoch + 1)?;
        }
        self.position.epoch += 1;
        self.position.step = 0;
        let _ = self.sums.f_zero_()?;
        self.checkpoint()?;
        watch.epoch(&line);
        Ok(())
    }

    /// A step; how many images it saw. A GPU is given its work and not waited for.
    fn step(
        &mut self,
        data: &Data,
        batch: &Batch,
        loss: &Loss,
        place: Place,
        rates: [f64; 2],
    ) -> Result<usize, Error> {
        let (mut pixels, mut labels) = data.train.take(&batch.real)?;
        if let Some(generated) = &data.generated {
            let (more, their_labels) = generated.take(&batch.generated)?;
            pixels = Tensor::f_cat(&[pixels, more], 0)?;
            labels = Tensor::f_cat(&[labels, their_labels], 0)?;
        }
        let pixels = floats(&self.config.data.augment.apply(&pixels, place)?)?;
        let drawn = place.drawing(Purpose::Attack, || loss.draw(&pixels))?;
        self.network.zero_gradients();
        let network = &self.network;
        let attacked = loss.attacked_by(&mut self.recorder, network, &pixels, &labels, &drawn)?;
        let value =
            loss.backward_from(network, &pixels, attacked.as_ref(), &labels, self.tracking())?;
        self.optimiser.step(rates)?;
        self.position.steps_done += 1;
        self.position.step = place.step + 1;
        if let Some(average) = &mut self.average {
            average.update(&parameters(&self.network), self.position.steps_done)?;
        }
        let count = batch.real.len() + batch.generated.len();
        self.add(&value, &labels, count)?;
        Ok(count)
    }

    /// Whether the network is made of numbers still: the loss of a step tells of the steps before it only.
    fn is_finite(&self) -> Result<bool, Error> {
        let sum = |named: &Named| named.tensor().f_detach()?.f_sum(Kind::Double);
        let sums = self.network.tensors().iter().map(sum).collect::<Result<Vec<_>, _>>()?;
        Ok(Tensor::f_stack(&sums, 0)?.f_sum(Kind::Double)?.f_double_value(&[])?.is_finite())
    }

    /// What batch normalisation does in the passes of the next step.
    fn tracking(&self) -> BatchNorm {
        let [usual, first] = self.config.network.tracking;
        BatchNorm::Track { momentum: if self.position.steps_done == 0 { first } else { usual } }
    }

    /// Rate and momentum of a step.
    fn rates(&self, epoch: usize, step: usize) -> [f64; 2] {
        let (t, total) = match self.config.per {
            Per::Epoch => (epoch, self.config.epochs),
            Per::Step => (epoch * self.steps + step, self.config.epochs * self.steps),
        };
        let sgd = self.config.optimiser;
        self.config.schedule.at(t, total, sgd.lr, sgd.momentum)
    }

    /// Adds a step to the sums of the epoch.
    fn add(&mut self, value: &Value, labels: &Tensor, images: usize) -> Result<(), Error> {
        let hits = |logits: &Option<Tensor>| match logits {
            Some(logits) => logits.f_argmax(-1, false)?.f_eq_tensor(labels)?.f_sum(Kind::Double),
            None => Tensor::f_zeros([0_i64; 0].as_slice(), (Kind::Double, labels.device())),
        };
        let count = images as f64;
        let added = no_grad(|| {
            let loss = value.total.f_to_kind(Kind::Double)?.f_mul_scalar(count)?;
            let number = loss.f_full_like(count)?;
            let step = [loss, hits(&value.clean_logits)?, hits(&value.attacked_logits)?, number];
            self.sums.f_add_(&Tensor::f_stack(&step, 0)?).map(|_| ())
        });
        Ok(added?)
    }

    /// The mean loss of the epoch so far, and the accuracies on x and on x' as far as the objective computes their logits.
    fn means(&self, loss: &Loss) -> Result<[Option<f64>; 3], Error> {
        let mut sums = [0.0; 4];
        self.sums.f_to_device(Device::Cpu)?.f_copy_data(&mut sums, 4)?;
        let [total, clean, robust, images] = sums;
        let objective = loss.objective();
        let mean = |sum: f64, there: bool| there.then_some(sum / images);
        Ok([
            mean(total, true),
            mean(clean, objective.has_clean()),
            mean(robust, objective.is_adversarial()),
        ])
    }

    /// The images for validation, with the average if there is one.
    fn validate(&mut self, images: &Images, watch: &mut impl Watch) -> Result<Evaluation, Error> {
        let Config { seed, evaluation, .. } = self.config;
        self.measure()?;
        let own = self.exchange(None)?;
        let place = (*seed, self.position.epoch);
        let found =
            evaluate(&self.network, images, &evaluation.attack, evaluation.batch, place, |done| {
                watch.evaluating(done, images.len());
            });
        self.exchange(own)?;
        found
    }

    /// Makes the network compute as one that is judged.
    fn measure(&mut self) -> Result<(), Error> {
        self.network.set_precision(Precision::Single);
        prepare_to_measure(self.network.device())
    }

    /// Puts the average into the network and returns what was there, if there is an average; or puts that back.
    fn exchange(&self, own: Option<Vec<Tensor>>) -> Result<Option<Vec<Tensor>>, Error> {
        let Some(average) = &self.average else { return Ok(None) };
        let parameters = parameters(&self.network);
        let (kept, values) = match own {
            None => {
                let kept = parameters.iter().map(|(_, value)| value.detach().copy()).collect();
                let values =
                    average.values().iter().map(|(_, value)| value.shallow_clone()).collect();
                (Some(kept), values)
            }
            Some(own) => (None, own),
        };
        no_grad(|| {
            parameters
                .into_iter()
                .zip(&values)
                .try_for_each(|((_, mut to), from): (_, &Tensor)| to.f_copy_(from))
        })?;
        Ok(kept)
    }

    /// Keeps the network if it is the best so far: by its accuracy under attack, where it is trained against one, else without; of equals the last.
    fn compare(&mut self, found: Best) -> Result<(), Error> {
        let which = usize::from(self.config.objective.is_adversarial());
        let hits = |best: &Best| best.validation.accuracy[which].count;
        if self.position.best.as_ref().is_none_or(|best| hits(&found) >= hits(best)) {
            self.save(BEST, found.epoch)?;
            self.position.best = Some(found);
        }
        Ok(())
    }

    /// Writes the network, averaged if there is an average.
    fn save(&self, name: &str, epoch: usize) -> Result<(), Error> {
        let own = self.exchange(None)?;
        let bytes = store::bytes(&tensors(&self.network), &self.about(epoch));
        self.exchange(own)?;
        store::write(&self.folder, name, &bytes?).map(|_| ())
    }

    fn about(&self, epoch: usize) -> About {
        let Config { ball, objective, data, network, .. } = self.config;
        About {
            architecture: network.architecture.to_string(),
            classes: self.network.classes(),
            normalisation: [network.normalisation.mean(), network.normalisation.std()]
                .map(<[f64]>::to_vec),
            data: data.source.name().into(),
            objective: objective.to_string(),
            ball: (ball.norm().name().into(), ball.epsilon().to_string()),
            epoch,
        }
    }

    /// Every tensor that the training goes on from; the tensors are its own.
    fn state(&self) -> Vec<(String, Tensor)> {
        let mut all = prefixed("network", tensors(&self.network));
        let buffers = self.optimiser.buffers();
        let buffers = buffers.map(|(name, buffer)| (name.to_owned(), buffer.shallow_clone()));
        all.extend(prefixed("momentum", buffers.collect()));
        if let Some(average) = &self.average {
            let values = average.values().iter();
            let values = values.map(|(name, value)| (name.clone(), value.shallow_clone()));
            all.extend(prefixed("average", values.collect()));
        }
        all.push(("sums".into(), self.sums.shallow_clone()));
        all
    }

    /// Writes where the training is.
    fn checkpoint(&self) -> Result<(), Error> {
        let bytes = store::bytes(&self.state(), &self.position)?;
        store::write(&self.folder, CHECKPOINT, &bytes).map(|_| ())
    }

    /// Goes back to where a checkpoint was written.
    fn restore(&mut self, path: &Path, other: impl Fn(&str) -> Error) -> Result<(), Error> {
        let (given, position): (Vec<(String, Tensor)>, Position) = store::read(path)?;
        let own = &self.position.settings;
        let differing =
            own.iter().filter(|(key, value)| position.settings.get(*key) != Some(value));
        let differing: Vec<&str> = differing.map(|(key, _)| key.as_str()).collect();
        if !differing.is_empty() {
            let keys = differing.join(", ");
            return Err(other(&format!(", which was begun with other settings ({keys})")));
        }
        if position.images != self.position.images {
            return Err(other(", which was begun with other images"));
        }
        let bad = |reason: String| store::not_a_checkpoint(&path.display().to_string(), &reason);
        let mut given: BTreeMap<String, Tensor> = given.into_iter().collect();
        for (name, mut to) in self.state() {
            let from = given.remove(&name).ok_or_else(|| bad(format!("{name} is missing")))?;
            if from.size() != to.size() || from.f_kind()? != to.f_kind()? {
                return Err(bad(format!(
                    "{name} has shape {:?}; {:?} is needed",
                    from.size(),
                    to.size()
                )));
            }
            no_grad(|| to.f_copy_(&from))?;
        }
        if let Some(name) = given.keys().next() {
            return Err(bad(format!("{name} belongs to nothing")));
        }
        self.position = position;
        Ok(())
    }

    /// Looks at the test images with the best network.
    fn finish(
        mut self,
        data: Data,
        device: Device,
        watch: &mut impl Watch,
    ) -> Result<Outcome, Error> {
        self.measure()?;
        let config = self.config;
        let path = self.folder.join(BEST);
        let missing =
            || store::not_a_checkpoint(&path.display().to_string(), &"no epoch was validated");
        let best = self.position.best.ok_or_else(missing)?;
        let (tensors, _): (_, About) = store::read(&path)?;
        self.network.assign(tensors)?;
        let images = data.train.len();
        drop(data);
        let mut test = config.data.source.read(&config.data.folder, Part::Test)?;
        if let Some(first) = config.data.test {
            enough(&config.data, "its test images", &test, first)?;
            test = test.split(first)?.0;
        }
        let test = test.on(device)?;
        let settings = &config.evaluation;
        let place = (config.seed, config.epochs);
        let found =
            evaluate(&self.network, &test, &settings.attack, settings.batch, place, |done| {
                watch.evaluating(done, test.len());
            })?;
        let outcome = Outcome {
            objective: config.objective.to_string(),
            formula: config.formula()?,
            data: config.data.source.name().into(),
            architecture: config.network.architecture.to_string(),
            norm: config.ball.norm().name().into(),
            epsilon: config.ball.epsilon().to_string(),
            attack: (settings.attack.steps(), settings.attack.step().to_string()),
            seed: config.seed,
            images,
            epochs: config.epochs,
            best,
            test: found,
        };
        let text = serde_json::to_string_pretty(&outcome).unwrap_or_default() + "\n";
        store::write(&self.folder, RESULT, text.as_bytes())?;
        Ok(outcome)
    }
}

/// The network of the settings, untrained.
fn fresh(config: &Config, device: Device) -> Result<Network, Error> {
    let classes = u16::try_from(config.data.source.classes()).unwrap_or(u16::MAX);
    let settings = &config.network;
    let mut network =
        Network::new(settings.architecture, classes, &settings.normalisation, device)?;
    network.set_layout(config.compute.layout.unwrap_or(Layout::of(device)))?;
    Ok(network)
}

/// The parameters by their names; the tensors are the network's own.
fn parameters(network: &Network) -> Vec<(String, Tensor)> {
    network
        .parameters()
        .map(|named| (named.name().to_owned(), named.tensor().shallow_clone()))
        .collect()
}

/// Every tensor by its name; the tensors are the network's own.
fn tensors(network: &Network) -> Vec<(String, Tensor)> {
    network
        .tensors()
        .iter()
        .map(|named| (named.name().to_owned(), named.tensor().shallow_clone()))
        .collect()
}

fn prefixed(prefix: &str, tensors: Vec<(String, Tensor)>) -> Vec<(String, Tensor)> {
    tensors.into_iter().map(|(name, tensor)| (format!("{prefix}.{name}"), tensor)).collect()
}
