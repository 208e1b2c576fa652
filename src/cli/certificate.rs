//! `score certificate`: results that can be checked without trusting the search that found them.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use score_workbench::certificate::{self, Rejection, coq};
use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::exact::Exact;
use score_workbench::perturbation::{Ball, Norm};
use score_workbench::report::files;
use score_workbench::risk::Risk;

use super::arguments::{ClaimName, Epsilon, Pair};
use super::exit::{Exit, Failure};
use super::output;

/// Write a certificate of a claim on an instance, or check one
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Write(Box<Write>),
    Check(Check),
}

/// Write what shows a verdict, as JSON; or one risk as a theorem for Coq
///
/// With `--claim` the claim is decided on the instance, and the file has what shows it, cell by cell, for `score certificate check`. With
/// `--coq` the file states that a risk is within a stated distance of a stated number, and proves it; check it with
/// `coqc -Q proofs Score FILE` after `make -C proofs build`. Covered are laws with two classes on the line, linear, quadratic
/// and bayes models, and the divergences kl, l1, total-variation, l2, linf and squared-error.
#[derive(Args, Debug)]
struct Write {
    /// The file to write; standard output where it is missing
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// The claim
    #[arg(long, value_name = "CLAIM", required_unless_present = "coq")]
    claim: Option<ClaimName>,
    /// For Coq, to be checked against the folder proofs/
    #[arg(long, conflicts_with = "claim", requires = "risk")]
    coq: bool,
    #[command(flatten)]
    pair: Pair,
    /// With --coq, the risk: standard, madry, score or variation
    #[arg(long, value_name = "R", value_parser = Risk::named, requires = "coq")]
    risk: Option<Risk>,
    /// Divergence
    #[arg(long, value_name = "D", default_value = "kl")]
    divergence: Divergence,
    /// Norm of the perturbations: linf, l2 or l1; on the line they are the same
    #[arg(long, value_name = "N", default_value_t)]
    norm: Norm,
    /// Radius of the perturbations, in the units of x; the standard risk does not depend on it
    #[arg(long, value_name = "E", allow_hyphen_values = true)]
    epsilon: Epsilon,
    /// With --coq, how far the stated number may be from the risk
    #[arg(long, value_name = "W", default_value = "1e-6", allow_hyphen_values = true)]
    width: Exact,
}

/// Check a certificate: enclose every cell anew, add up, evaluate the claim
#[derive(Args, Debug)]
struct Check {
    /// The file to check
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

const EXAMPLES: &str = "\
Exit codes: 0 the certificate is written, or it shows what it says, 1 it does not, 2 error.

Examples:
  score certificate write toy.json --claim theorem-1 --law toy --model toy-linear --epsilon 1
  score certificate check toy.json
  score certificate write toy.v --coq --law toy --model toy-linear --risk score --epsilon 1";

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Write(arguments) => write(arguments),
        Command::Check(arguments) => check(&arguments.file),
    }
}

fn write(arguments: &Write) -> Result<Exit, Failure> {
    let Write { pair, divergence, epsilon, width, file, .. } = arguments;
    let (law, model) = pair.resolve()?;
    let spinner = output::spinner("enclosing");
    let text = match (arguments.claim, arguments.risk) {
        (Some(claim), _) => {
            let ball = Ball::new(arguments.norm, epsilon.0.clone())?;
            certificate::write(claim.0, (&law, &model), *divergence, &ball)
        }
        (None, risk) => {
            let risk = risk.unwrap_or(Risk::Standard);
            coq::theorem(&law, &model, risk, *divergence, &epsilon.0, width)
        }
    };
    spinner.finish_and_clear();
    let text = text.map_err(Failure::argument(pair.to_string()))?;
    output::write(&match file {
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
    files::write(folder.unwrap_or_else(|| Path::new(".")), name, text)?;
    Ok(path.display().to_string() + "\n")
}

fn check(file: &Path) -> Result<Exit, Failure> {
    let unreadable = |error: std::io::Error| Error::Unreadable {
        path: file.display().to_string(),
        reason: error.to_string(),
    };
    let text = fs::read_to_string(file).map_err(unreadable)?;
    match certificate::check(&text) {
        Ok((claim, found)) => {
            let slack = found.slack.map_or(String::new(), |slack| {
                format!(", slack {}", output::quantity(slack, output::ALL_DIGITS))
            });
            let verdict = found.verdict;
            output::write(&format!("valid: {} {verdict}{slack}\n", claim.name))?;
            Ok(Exit::Holds)
        }
        Err(Rejection::Form(reason)) => {
            Err(Failure::NoCertificate { file: file.display().to_string(), reason })
        }
        Err(rejection) => {
            output::write(&format!("rejected: {rejection}\n"))?;
            Ok(Exit::Refuted)
        }
    }
}
