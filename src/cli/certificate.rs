//! `score certificate`: results that can be checked without this program.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use score_workbench::certificate::coq;
use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::exact::Exact;
use score_workbench::report::files;
use score_workbench::risk::Risk;

use super::arguments::{Epsilon, Pair, unknown};
use super::exit::{Exit, Failure};
use super::output;

/// Write certificates: results that can be checked without this program
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Write(Write),
}

/// Write one risk as a theorem for Coq
///
/// The file states that the risk is within a stated distance of a stated number, and proves it; check it with
/// `coqc -Q proofs Score FILE` after `make -C proofs build`. Covered are laws with two classes on the line, linear, quadratic
/// and bayes models, and the divergences kl, l1, total-variation, l2, linf and squared-error.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
struct Write {
    /// For Coq, to be checked against the folder proofs/; the only kind in this version
    #[arg(long, required = true)]
    coq: bool,
    #[command(flatten)]
    pair: Pair,
    /// Risk: standard, madry, score or variation
    #[arg(long, value_name = "R", value_parser = risk)]
    risk: Risk,
    /// Divergence
    #[arg(long, value_name = "D", default_value = "kl")]
    divergence: Divergence,
    /// Radius of the perturbations, in the units of x; the standard risk does not depend on it
    #[arg(long, value_name = "E", allow_hyphen_values = true)]
    epsilon: Epsilon,
    /// How far the stated number may be from the risk
    #[arg(long, value_name = "W", default_value = "1e-6", allow_hyphen_values = true)]
    width: Exact,
    /// File to write; standard output where it is missing
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  score certificate write --coq --law toy --model toy-linear --risk score --epsilon 1 --out toy_score.v
  score certificate write --coq --law two-modes --model toy-bayes --risk madry --divergence l1 --epsilon 1/2";

fn risk(name: &str) -> Result<Risk, Error> {
    let found = Risk::ALL.into_iter().find(|risk| risk.name() == name);
    found.ok_or_else(|| unknown("risk", name, &Risk::ALL.map(Risk::name)))
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Write(arguments) => write(arguments),
    }
}

fn write(arguments: &Write) -> Result<Exit, Failure> {
    let Write { pair, risk, divergence, epsilon, width, out, .. } = arguments;
    let (law, model) = pair.resolve()?;
    let text = coq::theorem(&law, &model, *risk, *divergence, &epsilon.0, width)
        .map_err(Failure::argument(pair.to_string()))?;
    output::write(&match out {
        Some(path) => save(path, &text)?,
        None => text,
    })?;
    Ok(Exit::Holds)
}

/// Writes the file, and returns what to say about it.
fn save(path: &Path, text: &str) -> Result<String, Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let name = path.file_name().and_then(|name| name.to_str());
    let Some(name) = name else {
        let reason = "no name of a file".to_owned();
        return Err(Error::Unwritable { path: path.display().to_string(), reason }.into());
    };
    let path = files::write(folder.unwrap_or_else(|| Path::new(".")), name, text)?;
    Ok(path.display().to_string() + "\n")
}
