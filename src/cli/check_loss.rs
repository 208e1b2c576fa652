//! `score check-loss`: which laws a loss obeys, and what it equals.

use std::fmt::Write;
use std::path::Path;

use clap::Args;
use score_workbench::claims::Verdict;
use score_workbench::error::Error;
#[cfg(feature = "train")]
use score_workbench::testing::loss::{Broken, Module};
use score_workbench::testing::loss::{
    Entry, Finding, Input, Kind, Loss, Process, Profile, Reduction, Report, Scale, Stance, Suite,
};
use serde_json::{Value, json};

use super::arguments::{Budget, Count, Format, unknown};
use super::exit::{Exit, Failure};
use super::output::{self, Table};

/// Check which laws a loss obeys, and find what it equals
///
/// The loss is a command that speaks a line protocol on its standard input and output (see
/// docs/check-loss.md); a wrapper in Python takes ten lines. Each law is tried on random batches,
/// which shrink to short decimals where it fails. A law that the loss claims, or every loss has to
/// obey, and that fails is an error of the loss; what nothing is said about is reported only. The
/// same seed gives the same cases.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Command that starts the loss, with its arguments, or a TorchScript file (.pt)
    #[arg(
        value_name = "COMMAND",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    command: Vec<String>,
    /// Law that the loss is to obey, beside those that it claims itself: symmetric, `triangle = 2`, `equals = kl`
    #[arg(long, value_name = "LAW")]
    claim: Vec<String>,
    /// Law that the loss is not to obey: a counterexample has to be found
    #[arg(long, value_name = "LAW")]
    deny: Vec<String>,
    /// Law that is to be reported only
    #[arg(long, value_name = "LAW")]
    open: Vec<String>,
    /// Cases for each law
    #[arg(long, value_name = "N", default_value = "256", allow_hyphen_values = true)]
    cases: Count,
    /// Seed of the random numbers
    #[arg(long, value_name = "N", default_value = "0", allow_hyphen_values = true)]
    seed: Count,
    /// Time for all laws, in seconds or minutes: 60s, 2m
    #[arg(long, value_name = "T", default_value = "2m", allow_hyphen_values = true)]
    budget: Budget,
    /// Time for one answer, the first one included
    #[arg(long, value_name = "T", default_value = "60s", allow_hyphen_values = true)]
    timeout: Budget,
    /// What a TorchScript module is, where its file does not say: target=distributions, gradient=false
    #[cfg(feature = "train")]
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Speak the line protocol for a TorchScript file
    #[cfg(feature = "train")]
    #[arg(long, hide = true)]
    serve: bool,
    /// text or json
    #[arg(long, value_name = "F", default_value = "text")]
    format: Format,
}

const EXAMPLES: &str = "\
Exit codes: 0 all that is claimed holds, 1 a claim is refuted, 2 error (of the loss too), 3 undecided.

Examples:
  score check-loss python3 my_loss.py
  score check-loss --claim symmetric --deny triangle --seed 7 python3 my_divergence.py
  score check-loss --claim 'equals = trades(kl, kl, 6)' --format json ./my_loss
  score check-loss --claim proper my_loss.pt      # a scripted or traced module, with libtorch (feature train)";

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    if arguments.format == Format::Csv {
        return Err(Failure::argument("--format")(unknown("format", "csv", &["text", "json"])));
    }
    let file = module(arguments)?;
    #[cfg(feature = "train")]
    if let (true, Some(file)) = (arguments.serve, file) {
        Module::serve(file.as_ref(), &arguments.set).map_err(Failure::Output)?;
        return Ok(Exit::Holds);
    }
    #[cfg(not(feature = "train"))]
    let _ = file;
    let cases = usize::try_from(arguments.cases.0).unwrap_or(usize::MAX);
    if cases == 0 {
        let cause = Error::TooFew { what: "cases", found: 0, least: 1 };
        return Err(Failure::argument("--cases")(cause));
    }
    let mut suite = Suite::default().seed(arguments.seed.0).cases(cases).budget(arguments.budget.0);
    // What does not exist is refused before anything is started.
    let none = Profile::divergence("", Input::Probabilities);
    for law in &arguments.claim {
        if !law.trim_start().starts_with("equals") {
            none.clone().say(law, Stance::Claimed).map_err(Failure::argument("--claim"))?;
        }
        suite = suite.claim(law);
    }
    for law in &arguments.deny {
        none.clone().say(law, Stance::Denied).map_err(Failure::argument("--deny"))?;
        suite = suite.deny(law);
    }
    for law in &arguments.open {
        none.clone().say(law, Stance::Open).map_err(Failure::argument("--open"))?;
        suite = suite.leave_open(law);
    }
    let spinner = output::spinner("checking");
    let report = checked(arguments, &suite);
    spinner.finish_and_clear();
    let report = report?;
    output::write(&match arguments.format {
        Format::Json => serde_json::to_string_pretty(&json(&report)).unwrap_or_default() + "\n",
        _ => text(&report),
    })?;
    Ok(match report.verdict() {
        Verdict::Holds | Verdict::NotApplicable => Exit::Holds,
        Verdict::Refuted => Exit::Refuted,
        Verdict::Undecided => Exit::Undecided,
    })
}

/// The TorchScript file that the loss is in, where it is in one.
fn module(arguments: &Arguments) -> Result<Option<&String>, Failure> {
    let is_module =
        |file: &str| Path::new(file).extension().is_some_and(|extension| extension == "pt");
    let module = match arguments.command.as_slice() {
        [file] if is_module(file) => Some(file),
        [file, found, ..] if is_module(file) => {
            return Err(Failure::AfterModule { file: file.clone(), found: found.clone() });
        }
        _ => None,
    };
    #[cfg(not(feature = "train"))]
    if let Some(file) = module {
        return Err(Failure::TorchScript { file: file.clone() });
    }
    #[cfg(feature = "train")]
    if module.is_none() && !arguments.set.is_empty() {
        return Err(Failure::NoModule);
    }
    Ok(module)
}

/// The command that speaks the line protocol for the loss: for a module another process of this program, so that nothing that a module
/// does to its process happens to this one.
fn command(arguments: &Arguments) -> Result<Vec<String>, Failure> {
    #[cfg(feature = "train")]
    if let Some(file) = module(arguments)? {
        let program = std::env::current_exe().map_err(Failure::Output)?.display().to_string();
        let said = arguments.set.iter().map(|said| format!("--set={said}"));
        let start = [program, "check-loss".into(), "--serve".into()];
        return Ok(start.into_iter().chain(said).chain([file.clone()]).collect());
    }
    Ok(arguments.command.clone())
}

fn checked(arguments: &Arguments, suite: &Suite) -> Result<Report, Failure> {
    #[cfg(feature = "train")]
    let named = |broken: Broken| match module(arguments) {
        Ok(Some(file)) => Failure::Module { file: file.clone(), broken: Box::new(broken) },
        _ => Failure::Loss(broken),
    };
    #[cfg(not(feature = "train"))]
    let named = Failure::Loss;
    let mut loss = Process::start(&command(arguments)?, arguments.timeout.0).map_err(named)?;
    suite.applied(loss.profile().clone()).map_err(Failure::argument("--claim"))?;
    let mut report = suite.check(&mut loss);
    report.broken.take().map_or(Ok(report), |broken| Err(named(broken)))
}

/// What the loss is, in its own words.
fn description(profile: &Profile) -> String {
    let kind = match profile.kind() {
        Kind::Divergence => format!("divergence of {}", profile.inputs()),
        Kind::Objective { targets, attacked } => {
            let attacked = if attacked { ", attacked ones" } else { "" };
            format!("objective of {}{attacked} and {targets}", profile.inputs())
        }
    };
    let reduction = match profile.reduces_by() {
        Reduction::None => "a number for each example".to_owned(),
        reduction => format!("{reduction} over the batch"),
    };
    let gradient = if profile.has_gradient() { ", with gradients" } else { "" };
    let (least, most) = (profile.class_counts().start(), profile.class_counts().end());
    let classes = if least == most { least.to_string() } else { format!("{least} to {most}") };
    format!(
        "{}: {kind}, {}, {reduction}{gradient}, {classes} classes",
        profile.name(),
        profile.arithmetic()
    )
}

fn note(finding: &Finding) -> String {
    let mut parts = vec![];
    if let (Some(constant), Some(measured)) = (finding.law.constant, finding.measured) {
        parts.push(format!("{}{}", constant.measured, output::digits(measured, 4)));
    }
    if finding.stance == Stance::Denied && finding.verdict == Verdict::Holds {
        parts.push("no counterexample was found".into());
    }
    parts.extend(finding.note.clone());
    parts.join("; ")
}

fn text(report: &Report) -> String {
    let mut text = output::heading(&description(&report.profile));
    let mut table = Table::new(["law", "said", "verdict", "cases", "note"]);
    let applicable = |finding: &&Finding| finding.verdict != Verdict::NotApplicable;
    for finding in report.findings.iter().filter(applicable) {
        table.row([
            finding.law.name.into(),
            finding.stance.name().into(),
            finding.verdict.into(),
            finding.cases.to_string().into(),
            note(finding).into(),
        ]);
    }
    text += &table.render();
    for finding in &report.findings {
        if let (Some(counterexample), true) =
            (&finding.counterexample, finding.stance != Stance::Denied)
        {
            let _ = write!(
                text,
                "\n{} ({}): {}\n{counterexample}",
                finding.law.name, finding.stance, finding.law.statement
            );
        }
    }
    text + "\n" + &identified(report) + &summary(report)
}

fn identified(report: &Report) -> String {
    let found = &report.identified;
    let sample = format!("{} examples, sampled", found.cases);
    let note = found.note.as_ref().map_or(String::new(), |note| format!("; {note}"));
    match found.text(&report.profile) {
        None if found.cases == 0 => format!("not compared with the catalogue{note}\n"),
        None => format!("equals no entry of the catalogue ({sample}{note})\n"),
        Some(text) => {
            let others: Vec<String> =
                found.entries[1..].iter().map(|(entry, scale)| scale.times(entry)).collect();
            let others = match others.as_slice() {
                [] => String::new(),
                others => format!("\n  which is the same as {}", others.join(", ")),
            };
            let formula = found.entries[0].0.formula();
            format!("equals {text} to within rounding ({sample}{note})\n  {formula}{others}\n")
        }
    }
}

fn summary(report: &Report) -> String {
    let count = |verdict: Verdict| {
        report.findings.iter().filter(|finding| finding.answer() == verdict).count()
    };
    let open = report
        .findings
        .iter()
        .filter(|f| f.stance == Stance::Open && f.verdict != Verdict::NotApplicable);
    format!(
        "what was said of {} laws: {} hold, {} refuted, {} undecided; {} left open (seed {})\n",
        count(Verdict::Holds) + count(Verdict::Refuted) + count(Verdict::Undecided),
        count(Verdict::Holds),
        count(Verdict::Refuted),
        count(Verdict::Undecided),
        open.count(),
        report.seed,
    )
}

fn json(report: &Report) -> Value {
    let profile = &report.profile;
    let (kind, target, attacked) = match profile.kind() {
        Kind::Divergence => ("divergence", Value::Null, Value::Null),
        Kind::Objective { targets, attacked } => {
            ("objective", targets.name().into(), attacked.into())
        }
    };
    let laws: Vec<Value> = report.findings.iter().map(finding).collect();
    let entry = |(entry, scale): &(Entry, Scale)| {
        let (factor, over_classes) = match scale {
            Scale::Constant(factor) => (factor, false),
            Scale::PerClass(factor) => (factor, true),
        };
        json!({
            "entry": entry.to_string(),
            "formula": entry.formula(),
            "factor": factor,
            "mean-over-classes": over_classes,
        })
    };
    let count = |verdict: Verdict| report.findings.iter().filter(|f| f.answer() == verdict).count();
    json!({
        "loss": {
            "name": profile.name(),
            "kind": kind,
            "input": profile.inputs().name(),
            "target": target,
            "attacked": attacked,
            "reduction": profile.reduces_by().name(),
            "dtype": profile.arithmetic().name(),
            "classes": [profile.class_counts().start(), profile.class_counts().end()],
            "gradient": profile.has_gradient(),
        },
        "seed": report.seed,
        "cases": report.cases,
        "laws": laws,
        "equals": {
            "entries": report.identified.entries.iter().map(entry).collect::<Vec<_>>(),
            "evidence": "sampled",
            "cases": report.identified.cases,
            "classes": report.identified.classes,
            "note": report.identified.note,
        },
        "summary": {
            "holds": count(Verdict::Holds),
            "refuted": count(Verdict::Refuted),
            "undecided": count(Verdict::Undecided),
        },
    })
}

fn finding(finding: &Finding) -> Value {
    let counterexample = finding.counterexample.as_ref().map(|counterexample| {
        let inputs: Vec<Value> = counterexample
            .inputs
            .iter()
            .map(|(name, value)| {
                json!({ "name": name, "value": serde_json::from_str::<Value>(value).unwrap_or(json!(value)) })
            })
            .collect();
        json!({ "inputs": inputs, "found": counterexample.found })
    });
    json!({
        "law": finding.law.name,
        "statement": finding.law.statement,
        "said": finding.stance.name(),
        "constant": finding.constant,
        "verdict": finding.verdict.name(),
        "answer": finding.answer().name(),
        "evidence": finding.evidence().name(),
        "cases": finding.cases,
        "silent": finding.silent,
        "measured": finding.measured,
        "counterexample": counterexample,
        "note": finding.note,
    })
}
