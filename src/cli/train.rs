//! `score train`: image models, trained with the checked objectives.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use score_workbench::error::Error;
use score_workbench::report;
use score_workbench::train::compute::device;
use score_workbench::train::config::Config;
use score_workbench::train::evaluate::{Mean, Proportion};
use score_workbench::train::metrics::Line;
use score_workbench::train::training::{Outcome, Progress, RESULT, Watch, train};

use super::exit::{Exit, Failure};
use super::output::{self, Table};

/// Train image models on the objectives that the theorems are checked on
///
/// A file says what is trained, on what and how; recipes/ has those of the paper. Several files are
/// trained one after the other, and their test results are one table. The networks are written as
/// safetensors, the course of the training as JSON lines and for TensorBoard. A training that was
/// interrupted, however hard, goes on with --resume and ends as if it had not been.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// What to train
    #[arg(value_name = "CONFIG.toml", required = true)]
    configs: Vec<PathBuf>,
    /// Where to write: a folder for each file, by its name
    #[arg(long, value_name = "DIR", default_value = "runs")]
    out: PathBuf,
    /// Continue what is there
    #[arg(long)]
    resume: bool,
    /// Write a page about the results, training.html, into this folder
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  score train recipes/fashion-mnist/score.toml
  score train recipes/fashion-mnist/*.toml --out runs --resume --report report";

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    // Every file is read before anything starts.
    let mut trainings = Vec::new();
    for path in &arguments.configs {
        let name = path.file_stem().map_or("training".into(), |stem| stem.to_string_lossy());
        if trainings.iter().any(|(other, _)| *other == name) {
            let what = "file of the same name; each needs a folder of its own";
            let cause = Error::TooFew { what, found: 0, least: 1 };
            return Err(Failure::Argument { argument: path.display().to_string(), cause });
        }
        trainings.push((name.into_owned(), Config::open(path)?));
    }
    let device = device();
    let mut outcomes = Vec::new();
    for (name, config) in &trainings {
        if !arguments.out.join(name).join(RESULT).exists() {
            config.find_files()?;
        }
    }
    for (name, config) in &trainings {
        let folder = arguments.out.join(name);
        let mut bar = Meter::new(name, config.epochs(), config.formula()?);
        let outcome = train(config, &folder, arguments.resume, device, &mut bar);
        bar.bar.finish_and_clear();
        outcomes.push((name.clone(), outcome?));
        output::note(&format!("wrote {}", folder.display()));
    }
    output::write(&text(&outcomes))?;
    if let Some(folder) = &arguments.report {
        let path = report::training(folder, &outcomes)?;
        output::note(&format!("wrote {}", path.display()));
    }
    Ok(Exit::Holds)
}

/// A bar over all steps, with what is known so far.
struct Meter {
    bar: ProgressBar,
    name: String,
    epochs: usize,
    /// What is trained, as maths.
    formula: String,
}

impl Meter {
    fn new(name: &str, epochs: usize, formula: String) -> Self {
        let bar = ProgressBar::new(0);
        let style = "{prefix} {wide_bar} {pos}/{len} {elapsed}, {eta} left  {msg}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        bar.set_prefix(name.to_owned());
        Self { bar, name: name.to_owned(), epochs, formula }
    }
}

fn percent(share: Option<f64>) -> String {
    share.map_or("-".into(), |share| format!("{:.1} %", 100.0 * share))
}

impl Watch for Meter {
    fn note(&mut self, text: &str) {
        self.bar.suspend(|| output::note(text));
    }

    fn step(&mut self, at: &Progress) {
        let steps = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let position = steps((at.epoch - 1) * at.steps + at.step);
        if self.bar.length() == Some(0) {
            self.bar.set_length(steps(self.epochs * at.steps));
            // What an earlier process has done says nothing about the time that is left.
            self.bar.set_position(position);
            self.bar.reset_eta();
            let text = format!("{}: descending the {}", self.name, self.formula);
            self.bar.suspend(|| output::remark(&text));
        }
        self.bar.set_position(position);
        let [clean, robust] = at.train.map(percent);
        self.bar.set_message(format!(
            "epoch {}/{}, loss {:.4}, clean {clean}, robust {robust}, {:.0} images/s",
            at.epoch, self.epochs, at.loss, at.images_per_second
        ));
    }

    fn evaluating(&mut self, done: usize, of: usize) {
        self.bar.set_message(format!("looking at {done}/{of} images"));
    }

    fn epoch(&mut self, line: &Line) {
        let found = line.validation.map_or(String::new(), |found| {
            let [clean, robust] = found.accuracy.map(|accuracy| percent(Some(accuracy.value())));
            format!(", validation: clean {clean}, robust {robust}")
        });
        let text = format!(
            "{}: epoch {}/{}: loss {:.4}{found}, {:.0} images/s",
            self.name, line.epoch, self.epochs, line.loss, line.images_per_second
        );
        self.bar.suspend(|| output::remark(&text));
    }
}

fn text(outcomes: &[(String, Outcome)]) -> String {
    let mut text = String::new();
    let mut rest = outcomes;
    while let Some((_, first)) = rest.first() {
        // One table for results that are comparable.
        let same = rest.iter().take_while(|(_, outcome)| outcome.setting() == first.setting());
        let (now, later) = rest.split_at(same.count());
        text += &output::heading(&format!("{}; 95 % intervals, sampled", first.setting()));
        text += &table(now);
        rest = later;
    }
    text
}

fn table(outcomes: &[(String, Outcome)]) -> String {
    let headings = [
        "trained on",
        "clean accuracy",
        "robust accuracy",
        "squared error",
        "robust squared error",
        "kl",
        "robust kl",
    ];
    let mut table = Table::new(headings);
    for (name, outcome) in outcomes {
        let test = &outcome.test;
        let [clean, robust] = test.accuracy.map(proportion);
        let [squared, robust_squared] = test.squared_error.map(mean);
        let [kl, robust_kl] = test.kl.map(mean);
        let cells = [name.clone(), clean, robust, squared, robust_squared, kl, robust_kl];
        table.row(cells.map(Into::into));
    }
    table.render()
}

fn proportion(proportion: Proportion) -> String {
    let [low, high] = proportion.interval();
    format!("{:.1} % [{:.1}, {:.1}]", 100.0 * proportion.value(), 100.0 * low, 100.0 * high)
}

fn mean(mean: Mean) -> String {
    let half = (mean.interval()[1] - mean.interval()[0]) / 2.0;
    format!("{:.4} +- {half:.4}", mean.mean)
}
