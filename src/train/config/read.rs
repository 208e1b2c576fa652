//! From the document to the settings.

use std::path::PathBuf;
use std::str::FromStr;

use super::{Averaging, Config, Data, Evaluation, Net, Per};
use crate::error::Error;
use crate::exact::Exact;
use crate::files::document::Cursor;
use crate::names;
use crate::objective::Objective;
use crate::perturbation::{Ball, Norm};
use crate::simplex::Simplex;
use crate::train::Awp;
use crate::train::attack::{self, Attack, Start};
use crate::train::compute::Compute;
use crate::train::data::Source;
use crate::train::data::augment::Augment;
use crate::train::network::{BatchNorm, Normalisation};
use crate::train::optimiser::Sgd;
use crate::train::schedule::{ONE_CYCLE_MOMENTUM, Schedule};

/// The largest count that any key takes.
const MANY: usize = 1_000_000_000;

pub(super) fn config(at: &Cursor) -> Result<Config, Error> {
    at.allow(&[
        "seed",
        "epochs",
        "batch",
        "threads",
        "data",
        "network",
        "ball",
        "objective",
        "attack",
        "awp",
        "optimiser",
        "schedule",
        "average",
        "evaluation",
        "compute",
        "checkpoint",
    ])?;
    let epochs = count(&at.require("epochs")?, "the number of epochs", 1, MANY)?;
    let batch = count(&at.require("batch")?, "the size of a batch", 1, MANY)?;
    let data = data(&at.require("data")?, batch)?;
    let network = network(&at.require("network")?, data.source)?;
    let ball = ball(&at.require("ball")?)?;
    let (objective, attack) = objective(at, &ball)?;
    let awp = at.get("awp").map(|awp| perturbation(&awp, epochs)).transpose()?;
    let (optimiser, undecayed) = optimiser(&at.require("optimiser")?)?;
    let (schedule, per) = schedule(&at.require("schedule")?, epochs)?;
    let checkpoint_every = match at.get("checkpoint") {
        Some(checkpoint) => {
            checkpoint.allow(&["every"])?;
            Some(count(&checkpoint.require("every")?, "the number of steps", 1, MANY)?)
        }
        None => None,
    };
    Ok(Config {
        seed: at.get("seed").map_or(Ok(0), |seed| count(&seed, "the seed", 0, MANY))? as u64,
        epochs,
        batch,
        threads: at
            .get("threads")
            .map(|threads| count(&threads, "the number of threads", 1, 1024))
            .transpose()?
            .map(|threads| i32::try_from(threads).unwrap_or(1)),
        evaluation: evaluation(&at.require("evaluation")?, &ball)?,
        compute: at.get("compute").map_or_else(|| Ok(Compute::default()), |at| compute(&at))?,
        average: at.get("average").map(|average| averaging(&average)).transpose()?,
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
        checkpoint_every,
    })
}

fn data(at: &Cursor, batch: usize) -> Result<Data, Error> {
    at.allow(&[
        "set",
        "folder",
        "validation",
        "train",
        "test",
        "counted",
        "crop",
        "flip",
        "generated",
    ])?;
    let set = at.require("set")?;
    let source: Source = set.text("a string")?.parse().map_err(|error| set.error(error))?;
    let folder = match (at.get("folder"), source.installed()) {
        (Some(folder), _) => at.folder().join(folder.text("a string")?),
        (None, Some(installed)) => installed,
        (None, None) => PathBuf::from(at.require("folder")?.text("a string")?),
    };
    let [all, tests] = source.sizes();
    let validation = at.require("validation")?;
    let validation = count(&validation, "the number of images for validation", 1, all - 1)?;
    let left = all - validation;
    let optional =
        |key, what, most| at.get(key).map(|value| count(&value, what, 1, most)).transpose();
    let generated = at.get("generated").map(|generated| {
        generated.allow(&["file", "fraction"])?;
        let file = at.folder().join(generated.require("file")?.text("a string")?);
        let fraction =
            real(&generated.require("fraction")?, "the fraction", "from 0 to below 1", |x| {
                (0.0..1.0).contains(&x)
            })?;
        Ok::<_, Error>((file, fraction))
    });
    let generated = generated.transpose()?;
    let train = optional("train", "the number of images to train on", left)?;
    // With generated images an epoch may count more than there are real ones.
    let most = if generated.is_some() { MANY } else { train.unwrap_or(left) };
    let counted = optional("counted", "the number of images that an epoch counts", most)?;
    if let (None, true) = (&generated, batch > train.unwrap_or(left)) {
        let allowed =
            format!("from 1 to {}, the number of images to train on", train.unwrap_or(left));
        return Err(at.error(not_allowed("the size of a batch", &batch, allowed)));
    }
    let [_, rows, _] = source.shape();
    Ok(Data {
        folder,
        validation,
        train,
        test: optional("test", "the number of test images", tests)?,
        counted,
        augment: Augment {
            padding: at
                .get("crop")
                .map_or(Ok(0), |crop| count(&crop, "the padding of a crop", 0, rows))?,
            flip: at.get("flip").map_or(Ok(false), |flip| flip.boolean())?,
        },
        generated,
        source,
    })
}

fn network(at: &Cursor, source: Source) -> Result<Net, Error> {
    at.allow(&["architecture", "normalisation", "tracking", "first-tracking"])?;
    let name = at.require("architecture")?;
    let architecture: crate::train::network::Architecture =
        name.text("a string")?.parse().map_err(|error| name.error(error))?;
    let shape = source.shape().map(|side| i64::try_from(side).unwrap_or(i64::MAX));
    if architecture.input() != shape {
        let allowed = format!("one for images of {:?}, which {source} has", source.shape());
        return Err(name.error(not_allowed("the architecture", &architecture, allowed)));
    }
    let [channels, ..] = source.shape();
    let normalisation = match at.get("normalisation") {
        None => Normalisation::none(channels),
        Some(table) if table.is_table() => {
            table.allow(&["mean", "std"])?;
            let numbers = |key| -> Result<Vec<f64>, Error> {
                Ok(table.require(key)?.numbers()?.iter().map(Exact::to_f64).collect())
            };
            let (mean, std) = (numbers("mean")?, numbers("std")?);
            if mean.len() != channels {
                let error = Error::Shape {
                    what: "mean",
                    found: mean.len(),
                    expected: channels,
                    reference: "the channels of the images",
                };
                return Err(table.error(error));
            }
            Normalisation::new(&mean, &std).map_err(|error| table.error(error))?
        }
        Some(name) => match name.text("a name, or a table with mean and std")? {
            "none" => Normalisation::none(channels),
            "cifar-10" if channels == 3 => Normalisation::cifar_10(),
            "cifar-100" if channels == 3 => Normalisation::cifar_100(),
            found => {
                let allowed: &[&str] =
                    if channels == 3 { &["none", "cifar-10", "cifar-100"] } else { &["none"] };
                return Err(name.error(names::unknown(
                    "normalisation",
                    found,
                    allowed.iter().copied(),
                )));
            }
        },
    };
    let weight = |key, otherwise| {
        at.get(key).map_or(Ok(otherwise), |value| {
            real(&value, "the weight of a batch", "above 0, to 1", |x| x > 0.0 && x <= 1.0)
        })
    };
    let tracking = weight("tracking", 0.1)?;
    Ok(Net {
        architecture,
        normalisation,
        tracking: [tracking, weight("first-tracking", tracking)?],
    })
}

fn ball(at: &Cursor) -> Result<Ball, Error> {
    at.allow(&["norm", "epsilon"])?;
    let norm = match at.get("norm") {
        Some(norm) => norm
            .text("a string")?
            .parse()
            .and_then(attack::attackable)
            .map_err(|error| norm.error(error))?,
        None => Norm::default(),
    };
    let epsilon = at.require("epsilon")?;
    Ball::new(norm, epsilon.number()?).map_err(|error| epsilon.error(error))
}

/// The objective, and the attack where it asks for one.
fn objective(at: &Cursor, ball: &Ball) -> Result<(Objective, Option<Attack>), Error> {
    let name = at.require("objective")?;
    let objective: Objective = name.text("a string")?.parse().map_err(|error| name.error(error))?;
    let label = Simplex::from_probabilities(&[1.0, 0.0])?;
    let undecided = Simplex::from_probabilities(&[0.5, 0.5])?;
    if !objective.eval(&label, &undecided, &undecided, 2).is_finite() {
        let allowed = "finite for sure labels; with smoothed(s, others) it is".to_owned();
        return Err(name.error(not_allowed("the objective", &objective, allowed)));
    }
    let attack = match (objective.is_adversarial(), at.get("attack")) {
        (true, _) => Some(attack(&at.require("attack")?, ball)?),
        (false, None) => None,
        (false, Some(attack)) => {
            let allowed = format!("left out, since {objective} attacks nothing");
            return Err(attack.error(not_allowed("[attack]", &"a table", allowed)));
        }
    };
    Ok((objective, attack))
}

/// Adversarial weight perturbation.
fn perturbation(at: &Cursor, epochs: usize) -> Result<(Awp, usize), Error> {
    at.allow(&["gamma", "from"])?;
    let gamma = at.require("gamma")?;
    let awp = Awp::new(gamma.number()?).map_err(|error| gamma.error(error))?;
    let from =
        at.get("from").map_or(Ok(0), |from| count(&from, "the first epoch", 0, epochs - 1))?;
    Ok((awp, from))
}

/// The attack of the training.
fn attack(at: &Cursor, ball: &Ball) -> Result<Attack, Error> {
    at.allow(&["steps", "step", "start", "deviation", "restarts", "batch-norm"])?;
    let start = match at.get("start") {
        None => Start::Uniform,
        Some(start) => match start.text("a string")? {
            "image" => Start::Image,
            "uniform" => Start::Uniform,
            "normal" => Start::Normal(at.require("deviation")?.number()?),
            found => {
                return Err(start.error(names::unknown(
                    "start",
                    found,
                    ["image", "uniform", "normal"],
                )));
            }
        },
    };
    if let (Some(deviation), false) = (at.get("deviation"), matches!(start, Start::Normal(_))) {
        let allowed = "left out unless start = \"normal\"".to_owned();
        return Err(deviation.error(not_allowed("deviation", &"a value", allowed)));
    }
    let batch_norm = match at.get("batch-norm") {
        None => BatchNorm::Batch,
        Some(mode) => match mode.text("a string")? {
            "evaluate" => BatchNorm::Evaluate,
            "batch" => BatchNorm::Batch,
            found => {
                return Err(mode.error(names::unknown("batch-norm", found, ["evaluate", "batch"])));
            }
        },
    };
    projected(at, ball, start, batch_norm)
}

/// The keys that every attack has.
fn projected(
    at: &Cursor,
    ball: &Ball,
    start: Start,
    batch_norm: BatchNorm,
) -> Result<Attack, Error> {
    let small = |value: &Cursor, what| {
        Ok::<_, Error>(u32::try_from(count(value, what, 1, 1_000_000)?).unwrap_or(u32::MAX))
    };
    let steps = small(&at.require("steps")?, "the number of steps")?;
    let restarts =
        at.get("restarts").map_or(Ok(1), |restarts| small(&restarts, "the number of restarts"))?;
    let step = at.require("step")?;
    let attack = Attack::new(ball.clone(), start, step.number()?, steps, restarts, batch_norm);
    attack.map_err(|error| step.error(error))
}

fn optimiser(at: &Cursor) -> Result<(Sgd, Vec<String>), Error> {
    at.allow(&["lr", "momentum", "nesterov", "decay", "undecayed", "clip"])?;
    let above = |x: f64| x > 0.0 && x.is_finite();
    let momentum = at.get("momentum").map_or(Ok(0.9), |momentum| {
        real(&momentum, "the momentum", "from 0 to below 1", |x| (0.0..1.0).contains(&x))
    })?;
    let sgd = Sgd {
        lr: real(&at.require("lr")?, "the rate", "above 0", above)?,
        momentum,
        nesterov: at.get("nesterov").map_or(Ok(false), |nesterov| nesterov.boolean())?,
        decay: at.get("decay").map_or(Ok(0.0), |decay| {
            real(&decay, "the decay", "at least 0", |x| x >= 0.0 && x.is_finite())
        })?,
        clip: at
            .get("clip")
            .map(|clip| real(&clip, "the largest norm", "above 0", above))
            .transpose()?,
    };
    let undecayed = match at.get("undecayed") {
        None => vec![],
        Some(list) => {
            let text = |item: &Cursor| Ok::<_, Error>(item.text("a part of a name")?.to_owned());
            list.items()?.iter().map(text).collect::<Result<_, _>>()?
        }
    };
    Ok((sgd, undecayed))
}

fn schedule(at: &Cursor, epochs: usize) -> Result<(Schedule, Per), Error> {
    let kind = at.require("kind")?;
    let share =
        |key| real(&at.require(key)?, "the share", "from 0 to 1", |x| (0.0..=1.0).contains(&x));
    let (keys, schedule): (&[&str], _) = match kind.text("a string")? {
        "constant" => (&[], Schedule::Constant),
        "cosine" => (&[], Schedule::Cosine),
        "one-cycle" => {
            let cycled = at.get("cycle-momentum").map_or(Ok(true), |cycle| cycle.boolean())?;
            let momentum = cycled.then_some(ONE_CYCLE_MOMENTUM);
            (
                &["warmup", "cycle-momentum"],
                Schedule::OneCycle { warmup: share("warmup")?, momentum },
            )
        }
        "step" => {
            let milestones = at.require("milestones")?;
            let list = milestones.items()?;
            let list = list.iter().map(|item| count(item, "a milestone", 1, MANY));
            let list = list.collect::<Result<Vec<_>, _>>()?;
            let factor = at.require("factor")?;
            let factor = real(&factor, "the factor", "above 0, to 1", |x| x > 0.0 && x <= 1.0)?;
            (&["milestones", "factor"], Schedule::Step { milestones: list, factor })
        }
        "piecewise" => {
            let points = at.require("points")?;
            let list = points.matrix()?;
            let ascending = list.windows(2).all(|pair| {
                pair[0].first().map(Exact::to_f64) < pair[1].first().map(Exact::to_f64)
            });
            let pairs = list.iter().all(|point| point.len() == 2 && point[1].to_f64() >= 0.0);
            if list.is_empty() || !ascending || !pairs {
                let allowed = "pairs of a position, ascending, and a factor of at least 0";
                return Err(points.error(not_allowed("points", &"other arrays", allowed.into())));
            }
            let list = list.iter().map(|point| (point[0].to_f64(), point[1].to_f64())).collect();
            (&["points"], Schedule::Piecewise { points: list })
        }
        found => {
            let allowed = ["constant", "cosine", "one-cycle", "step", "piecewise"];
            return Err(kind.error(names::unknown("schedule", found, allowed)));
        }
    };
    at.allow(&[&["kind", "per"], keys].concat())?;
    let per = match at.get("per") {
        None => Per::Epoch,
        Some(per) => match per.text("a string")? {
            "epoch" => Per::Epoch,
            "step" => Per::Step,
            found => {
                return Err(per.error(names::unknown(
                    "count of a schedule",
                    found,
                    ["epoch", "step"],
                )));
            }
        },
    };
    if let (Schedule::Step { milestones, .. }, Per::Epoch) = (&schedule, per)
        && let Some(late) = milestones.iter().find(|milestone| **milestone >= epochs)
    {
        let allowed = format!("below the number of epochs, {epochs}");
        return Err(at.require("milestones")?.error(not_allowed("a milestone", late, allowed)));
    }
    Ok((schedule, per))
}

fn averaging(at: &Cursor) -> Result<Averaging, Error> {
    at.allow(&["decay", "warmup"])?;
    let decay =
        real(&at.require("decay")?, "the decay", "from 0 to below 1", |x| (0.0..1.0).contains(&x))?;
    let warmup = at.get("warmup").map_or(Ok(0.0), |warmup| {
        real(&warmup, "the warm-up", "a share of the training, from 0 to 1", |x| {
            (0.0..=1.0).contains(&x)
        })
    })?;
    Ok(Averaging { decay, warmup })
}

fn evaluation(at: &Cursor, ball: &Ball) -> Result<Evaluation, Error> {
    at.allow(&["every", "steps", "step", "restarts", "batch"])?;
    Ok(Evaluation {
        every: at
            .get("every")
            .map_or(Ok(1), |every| count(&every, "the number of epochs", 1, MANY))?,
        attack: projected(at, ball, Start::Uniform, BatchNorm::Evaluate)?,
        batch: at
            .get("batch")
            .map_or(Ok(500), |batch| count(&batch, "the size of a batch", 1, MANY))?,
    })
}

fn compute(at: &Cursor) -> Result<Compute, Error> {
    at.allow(&["precision", "layout", "deterministic", "graph"])?;
    let otherwise = Compute::default();
    let flag = |key, otherwise| at.get(key).map_or(Ok(otherwise), |flag| flag.boolean());
    Ok(Compute {
        precision: named(at, "precision")?.unwrap_or(otherwise.precision),
        layout: named(at, "layout")?,
        deterministic: flag("deterministic", otherwise.deterministic)?,
        graph: flag("graph", otherwise.graph)?,
    })
}

/// What a name stands for, if the key is there.
fn named<T: FromStr<Err = Error>>(at: &Cursor, key: &str) -> Result<Option<T>, Error> {
    let name = at.get(key);
    name.map(|name| name.text("a string")?.parse().map_err(|error| name.error(error))).transpose()
}

fn not_allowed(what: &'static str, found: &impl ToString, allowed: String) -> Error {
    Error::NotAllowed { what, found: found.to_string(), allowed }
}

/// A whole number from `least` to `most`.
fn count(at: &Cursor, what: &'static str, least: usize, most: usize) -> Result<usize, Error> {
    let number = at.number()?;
    let ratio = number.ratio();
    let whole = ratio.is_integer().then(|| usize::try_from(ratio.numer())).and_then(Result::ok);
    match whole {
        Some(count) if (least..=most).contains(&count) => Ok(count),
        _ => Err(at.error(not_allowed(
            what,
            &number,
            format!("a whole number from {least} to {most}"),
        ))),
    }
}

/// A number that passes `test`.
fn real(
    at: &Cursor,
    what: &'static str,
    allowed: &str,
    test: impl Fn(f64) -> bool,
) -> Result<f64, Error> {
    let number = at.number()?;
    let value = number.to_f64();
    if test(value) { Ok(value) } else { Err(at.error(not_allowed(what, &number, allowed.into()))) }
}
