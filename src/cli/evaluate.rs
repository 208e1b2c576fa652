//! `score evaluate`: how robust a trained model is.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::evaluate::attack::{Broken, Classifier, Quirk, Quirks};
use score_workbench::evaluate::posterior::Posterior;
use score_workbench::evaluate::record::{Record, Subject};
use score_workbench::evaluate::risks::{Corollary, Risks, Search, Truth, corollary_1, risks};
use score_workbench::evaluate::{
    Attack, Cascade, Done, Found, Progress, Version, Warning, Workers, warnings,
};
use score_workbench::law::Law;
use score_workbench::perturbation::{Ball, Norm};
use score_workbench::report;
use score_workbench::train::compute::{device, prepare_to_measure};
use score_workbench::train::data::{Part, Source};
use score_workbench::train::evaluate::{Mean, Proportion};
use score_workbench::train::network::{Architecture, BatchNorm, Network, Normalisation};
use score_workbench::train::training;
use serde::Serialize;
use tch::{Device, Tensor};

use super::arguments::{Divergences, Epsilon};
use super::exit::{Exit, Failure};
use super::output::{self, Table};

/// Attack a trained model, as AutoAttack does, and estimate its risks
///
/// The robust accuracy after each attack of the cascade, with the reference implementation's parameters, order and random numbers: the same flags.
/// State is written after every batch; an evaluation that was killed goes on with --resume. All numbers are sampled evidence: an attack that
/// finds nothing proves nothing.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The weights (safetensors), as score train writes them; others need --architecture
    #[arg(value_name = "CHECKPOINT")]
    checkpoint: PathBuf,
    /// The data set: mnist, fashion-mnist, cifar-10, cifar-100; its test images are attacked
    #[arg(long, value_name = "NAME")]
    data: Source,
    /// Where its files are, if not where a system package puts them
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// The first N test images only
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    images: Option<u32>,
    /// The norm of the balls
    #[arg(long, value_name = "NORM", default_value = "linf")]
    norm: Norm,
    /// Their radius, pixels being in [0, 1]
    #[arg(long, value_name = "E")]
    epsilon: Epsilon,
    /// standard, plus, rand, or attacks with commas between them: apgd-ce, apgd-dlr, apgd-t, fab, fab-t, square, pgd-40-ce, pgd-40-cw, ..
    #[arg(long, value_name = "NAME", default_value = "standard")]
    attack: Version,
    /// Images attacked at once
    #[arg(long, value_name = "N", default_value_t = 250, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// The seed, with which every batch of every attack begins
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: i64,
    /// Iterations of APGD and FAB
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    iterations: u32,
    /// Queries of Square
    #[arg(long, value_name = "N", default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..))]
    queries: u32,
    /// Runs of APGD and FAB where they do not aim at a label, in place of the version's (5 for what the reference implementation does with a list of attacks)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    restarts: Option<u32>,
    /// Labels that targeted attacks aim at, in place of the version's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    targets: Option<u32>,
    /// Oddities of the reference implementation that are put right: first-look, edge, same-noise, momentum (README); other numbers than published ones
    #[arg(long, value_name = "NAME,..", value_delimiter = ',')]
    fix: Vec<Quirk>,
    /// Attack broken images to the end too, as the reference implementation does: the same images, not only the same flags
    #[arg(long)]
    keep_broken: bool,
    /// The architecture of weights that do not say it: small-cnn, preact-resnet-18, preact-resnet-18-silu, wrn-28-10, ..
    #[arg(long, value_name = "NAME")]
    architecture: Option<Architecture>,
    /// Also estimate the risks for these divergences (or all), by APGD on each
    #[arg(long, value_name = "D,..")]
    risks: Option<Divergences>,
    /// Models whose mean probabilities stand in for P; then SCORE's risk and C are estimated too, and Corollary 1 is held against them
    #[arg(long, value_name = "CHECKPOINT,..", value_delimiter = ',', requires = "risks")]
    reference: Vec<PathBuf>,
    /// A law on the pixels whose posterior stands in for P: a TOML file
    #[arg(long, value_name = "LAW", requires = "risks", conflicts_with = "reference")]
    law: Option<String>,
    /// Where to write state, result and adversarial images
    #[arg(long, value_name = "DIR", default_value = "evaluation")]
    out: PathBuf,
    /// Continue what is there
    #[arg(long)]
    resume: bool,
    /// Write a page about the result, evaluation.html, into this folder
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// Threads that a CPU computes with, if not all
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    threads: Option<i32>,
    /// Batches attacked side by side on a CPU, which share its threads; if it is not said, one a thread for small-cnn, 1 for larger networks
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    workers: Option<u32>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

const EXAMPLES: &str = "\
Examples:
  score evaluate runs/score/best.safetensors --data fashion-mnist --epsilon 0.1
  score evaluate wrn.safetensors --architecture wrn-28-10 --data cifar-10 --folder cifar --epsilon 8/255 --attack pgd-40-cw
  score evaluate a.safetensors --data fashion-mnist --epsilon 0.1 --images 256 --attack apgd-ce --risks all --reference b.safetensors,c.safetensors";

/// Everything that was found, as `result.json` has it.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Outcome<'a> {
    #[serde(flatten)]
    subject: &'a Subject,
    evidence: &'static str,
    clean_accuracy: f64,
    robust_accuracy: f64,
    /// The 95 % interval of the robust accuracy under these attacks, for images like these.
    robust_interval: [f64; 2],
    attacks: Vec<Through<'a>>,
    clean: &'a [bool],
    warnings: &'a [Warning],
    #[serde(skip_serializing_if = "Option::is_none")]
    risks: Option<&'a [Risks]>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    corollary_1: &'a [Corollary],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Through<'a> {
    attack: Attack,
    robust_accuracy: f64,
    seconds: f64,
    robust: &'a [bool],
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let cascade = cascade(arguments)?;
    let device = device();
    prepare_to_measure(device)?;
    if let Some(threads) = arguments.threads {
        tch::set_num_threads(threads);
    }
    let source = arguments.data;
    let folder = arguments.folder.clone().or_else(|| source.installed());
    let folder = folder.ok_or_else(|| Failure::Argument {
        argument: "--folder".into(),
        cause: Error::Empty { what: "folder with the files of the data set" },
    })?;
    let mut data = source.read(&folder, Part::Test)?;
    if let Some(first) = arguments.images {
        data = data.split(first as usize)?.0;
    }
    let architecture = arguments.architecture;
    let network = network(&arguments.checkpoint, architecture, source, device)?;
    let (found, expected) = (usize::from(network.classes()), source.classes());
    if found != expected {
        let what = "the classes of the network";
        return Err(Error::Shape { what, found, expected, reference: "the data set" }.into());
    }
    let references =
        arguments.reference.iter().map(|path| self::network(path, architecture, source, device));
    let references = references.collect::<Result<Vec<_>, Failure>>()?;
    let law = arguments.law.as_deref().map(|law| posterior(law, source, device)).transpose()?;

    // No gradient by the weights is wanted.
    let _frozen = network.frozen()?;
    let subject = Subject::new(&arguments.checkpoint, (source.name(), &data), &cascade)?;
    let images = data.on(device)?;
    let (x, y) = images.range(0, images.len())?;
    let model = |images: &Tensor| network.logits(images, BatchNorm::Evaluate);
    // What stands in for P is wanted at the end only; that it takes these images is better known now.
    let first = x.narrow(0, 0, 1);
    for network in &references {
        let _ = network.logits(&first, BatchNorm::Evaluate)?;
    }
    if let Some(law) = &law {
        let _ = law.logits(&first).map_err(Failure::argument("--law"))?;
    }
    let mut doubts = warnings::before(&cascade, &model, &x, &y)?;
    for doubt in &doubts {
        output::note(&doubt.to_string());
    }
    let mut record = Record::open(&arguments.out, subject, arguments.resume)?;
    let progress = attack(arguments, &cascade, &network, &mut record, (&x, &y))?;
    for doubt in warnings::after(&progress) {
        output::note(&doubt.to_string());
        doubts.push(doubt);
    }

    let found = match &arguments.risks {
        Some(divergences) => {
            let stand_ins = (&references[..], law.as_ref());
            Some(estimate(&divergences.0, &cascade, stand_ins, &model, (&x, &y))?)
        }
        None => None,
    };
    let corollary = found.as_deref().map(corollary_1).unwrap_or_default();
    let clean = progress.clean.as_deref().unwrap_or_default();
    let [clean_accuracy, robust_accuracy] = [clean, &progress.robust].map(share);
    let outcome = Outcome {
        subject: record.subject(),
        evidence: "sampled",
        clean_accuracy: clean_accuracy.value(),
        robust_accuracy: robust_accuracy.value(),
        robust_interval: robust_accuracy.interval(),
        attacks: progress.done.iter().map(through).collect(),
        clean,
        warnings: &doubts,
        risks: found.as_deref(),
        corollary_1: &corollary,
    };
    let path = record.finish(&outcome)?;
    output::note(&format!("wrote {}", path.display()));
    match arguments.format {
        Format::Text => output::write(&text(&outcome, &progress))?,
        Format::Json => {
            let json = serde_json::to_string_pretty(&outcome)
                .map_err(|error| Failure::Output(error.into()))?;
            output::write(&(json + "\n"))?;
        }
    }
    if let Some(folder) = &arguments.report {
        let adversarial = record.adversarial()?;
        let about = report::Evaluated {
            subject: record.subject(),
            progress: &progress,
            doubts: &doubts,
            risks: found.as_deref().unwrap_or_default(),
            corollary: &corollary,
        };
        let path = report::evaluation(folder, &about, &x, &adversarial)?;
        output::note(&format!("wrote {}", path.display()));
    }
    Ok(Exit::Holds)
}

/// The cascade that was asked for.
fn cascade(arguments: &Arguments) -> Result<Cascade, Error> {
    let ball = Ball::new(arguments.norm, arguments.epsilon.0.clone())?;
    let cascade = Cascade {
        batch: arguments.batch as usize,
        seed: arguments.seed,
        iterations: arguments.iterations as usize,
        queries: arguments.queries as usize,
        restarts: arguments.restarts.map(|restarts| restarts as usize),
        targets: arguments.targets,
        broken: if arguments.keep_broken { Broken::Kept } else { Broken::Dropped },
        quirks: Quirks::fixed(&arguments.fix),
        ..Cascade::new(ball, arguments.attack.clone())
    };
    cascade.check()?;
    Ok(cascade)
}

/// Runs the cascade to its end, and shows how far it is.
fn attack(
    arguments: &Arguments,
    cascade: &Cascade,
    network: &Network,
    record: &mut Record,
    (x, y): (&Tensor, &Tensor),
) -> Result<Progress, Error> {
    let model = |images: &Tensor| network.logits(images, BatchNorm::Evaluate);
    let mut others = workers(arguments, network, x.size()[0])?;
    let mut workers =
        if others.is_empty() { Workers::One(&model) } else { Workers::Many(&mut others) };
    let mut bar = Bar::new();
    let progress =
        record.run(cascade, &mut workers, x, y, |progress, found| bar.show(progress, found))?;
    bar.0.finish_and_clear();
    Ok(progress.clone())
}

/// The networks that attack batches side by side, where it is more than one.
fn workers(
    arguments: &Arguments,
    network: &Network,
    images: i64,
) -> Result<Vec<Box<dyn Classifier + Send>>, Error> {
    if network.device() != Device::Cpu {
        return Ok(vec![]);
    }
    // An operation of a small network is over before several threads have met for it.
    let threads = u32::try_from(tch::get_num_threads()).unwrap_or(1);
    let is_small = network.architecture() == Architecture::SmallCnn;
    let wanted = arguments.workers.unwrap_or(if is_small { threads } else { 1 });
    let batches = u32::try_from(images).unwrap_or(u32::MAX).div_ceil(arguments.batch);
    let count = wanted.min(batches);
    if count < 2 {
        return Ok(vec![]);
    }
    let worker = |_| -> Result<Box<dyn Classifier + Send>, Error> {
        let network = network.share()?;
        Ok(Box::new(move |images: &Tensor| network.logits(images, BatchNorm::Evaluate)))
    };
    (0..count).map(worker).collect()
}

fn through(done: &Done) -> Through<'_> {
    Through {
        attack: done.attack,
        robust_accuracy: share(&done.robust).value(),
        seconds: done.seconds,
        robust: &done.robust,
    }
}

/// The risks, against the labels, the mean of the references, or a law's posterior.
fn estimate(
    divergences: &[Divergence],
    cascade: &Cascade,
    (references, law): (&[Network], Option<&Posterior>),
    model: &dyn Classifier,
    (x, y): (&Tensor, &Tensor),
) -> Result<Vec<Risks>, Error> {
    let search = Search {
        ball: cascade.ball.clone(),
        iterations: cascade.iterations,
        batch: cascade.batch,
        seed: cascade.seed,
    };
    let logits: Vec<_> = references
        .iter()
        .map(|network| move |images: &Tensor| network.logits(images, BatchNorm::Evaluate))
        .collect();
    let models = logits.iter().map(|logits| logits as &dyn Classifier);
    let models: Vec<_> = models.chain(law.map(|law| law as _)).collect();
    let truth = if models.is_empty() { Truth::Labels } else { Truth::Models(&models) };
    // Corollary 1 is about Madry's risk for KL, whatever was asked for.
    let mut divergences = divergences.to_vec();
    if !models.is_empty() && !divergences.contains(&Divergence::Kl) {
        divergences.push(Divergence::Kl);
    }
    risks(&search, &divergences, model, &truth, x, y)
}

/// The posterior of a law on images of this data set.
fn posterior(name: &str, source: Source, device: Device) -> Result<Posterior, Failure> {
    let law = Law::resolve(name).map_err(Failure::argument("--law"))?;
    for note in law.notes() {
        output::note(&format!("{name}: {note}"));
    }
    let (found, expected) = (law.classes(), source.classes());
    if found != expected {
        let cause = Error::Shape {
            what: "the classes of the law",
            found,
            expected,
            reference: "the data set",
        };
        return Err(Failure::argument("--law")(cause));
    }
    Posterior::new(&law, device).map_err(Failure::argument("--law"))
}

/// The network of a file that says what it is, or of weights with an architecture.
fn network(
    path: &Path,
    architecture: Option<Architecture>,
    source: Source,
    device: Device,
) -> Result<Network, Failure> {
    let Some(architecture) = architecture else {
        return Ok(training::open(path, device)?);
    };
    let normalisation = match source {
        Source::Cifar10 => Normalisation::cifar_10(),
        Source::Cifar100 => Normalisation::cifar_100(),
        Source::Mnist | Source::FashionMnist => Normalisation::none(1),
    };
    let classes = u16::try_from(source.classes()).unwrap_or(u16::MAX);
    let network = Network::new(architecture, classes, &normalisation, device)?;
    network.load(path)?;
    Ok(network)
}

fn share(flags: &[bool]) -> Proportion {
    Proportion { count: flags.iter().filter(|flag| **flag).count(), of: flags.len() }
}

/// The images of the attack that is under way.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template(
            "{prefix:8} {wide_bar} {pos}/{len} {elapsed}, {eta} left  {msg}",
        ) {
            bar.set_style(style);
        }
        Self(bar)
    }

    fn show(&mut self, progress: &Progress, found: Option<&Found>) {
        let robust = share(&progress.robust);
        self.0.set_message(format!("robust {:.2} %", 100.0 * robust.value()));
        match (&progress.current, progress.done.last()) {
            (Some(current), _) => {
                let name = current.attack.to_string();
                if self.0.prefix() != name {
                    self.0.set_prefix(name);
                    self.0.reset();
                }
                self.0.set_length(current.images.len() as u64);
                self.0.set_position(current.through as u64);
            }
            (None, Some(done)) if found.is_none() => {
                let text = format!(
                    "{}: {:.2} % robust, {:.1} s",
                    done.attack,
                    100.0 * robust.value(),
                    done.seconds
                );
                self.0.suspend(|| output::remark(&text));
            }
            _ => {}
        }
    }
}

fn text(outcome: &Outcome, progress: &Progress) -> String {
    let Subject { model, data, images, norm, epsilon, .. } = outcome.subject;
    let heading = format!(
        "{}: {} {images} test images, {norm} epsilon {epsilon}, sampled",
        model[0], data[0]
    );
    let mut text = output::heading(&heading);
    let mut table = Table::new(["after", "accuracy", "broken", "seconds"]);
    let mut before = share(outcome.clean);
    let percent = |share: Proportion| {
        let [low, high] = share.interval();
        format!("{:.2} % [{:.2}, {:.2}]", 100.0 * share.value(), 100.0 * low, 100.0 * high)
    };
    table.row(["no attack".into(), percent(before), String::new(), String::new()].map(Into::into));
    for done in &progress.done {
        let now = share(&done.robust);
        let row = [
            done.attack.to_string(),
            percent(now),
            (before.count - now.count).to_string(),
            format!("{:.1}", done.seconds),
        ];
        table.row(row.map(Into::into));
        before = now;
    }
    text += &table.render();
    if let Some(risks) = outcome.risks {
        text += &output::heading(
            "Risks, means over the images; suprema are what APGD found, from below",
        );
        let mut table = Table::new(["divergence", "R_Standard", "R_Madry", "R_SCORE", "C"]);
        for Risks { divergence, standard, madry, score, variation } in risks {
            let [standard, madry, score, variation] =
                [*standard, *madry, *score, *variation].map(mean);
            table.row([divergence.to_string(), standard, madry, score, variation].map(Into::into));
        }
        text += &table.render();
    }
    if !outcome.corollary_1.is_empty() {
        text += &output::heading("Corollary 1 on these numbers: B(R_Madry^kl) - |R_SCORE - C|");
        let mut table = Table::new(["divergence", "bound", "slack", ""]);
        for Corollary { divergence, bound, slack } in outcome.corollary_1 {
            let verdict = if *slack >= 0.0 { "agrees" } else { "an attack fell short" };
            let row =
                [divergence.to_string(), bound.clone(), output::digits(*slack, 4), verdict.into()];
            table.row(row.map(Into::into));
        }
        text += &table.render();
    }
    text
}

fn mean(mean: Option<Mean>) -> String {
    mean.map_or(String::new(), |mean| {
        let [low, high] = mean.interval();
        format!("{:.4} +- {:.4}", mean.mean, (high - low) / 2.0)
    })
}
