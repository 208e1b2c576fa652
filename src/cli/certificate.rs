//! `score certificate`: results that can be checked without trusting the search that found them.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use score_workbench::certificate::{self, Rejection};
use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::perturbation::{Ball, Norm};
use score_workbench::report::files;

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
    Write(Write),
    Check(Check),
}

/// Decide a claim on an instance and write what shows it, as JSON
#[derive(Args, Debug)]
struct Write {
    /// The file to write
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The claim
    #[arg(long, value_name = "CLAIM")]
    claim: ClaimName,
    #[command(flatten)]
    pair: Pair,
    /// Divergence
    #[arg(long, value_name = "D", default_value = "l1")]
    divergence: Divergence,
    /// Norm of the perturbations: linf, l2 or l1; on the line they are the same
    #[arg(long, value_name = "N", default_value_t)]
    norm: Norm,
    /// Radius of the perturbations, in the units of x
    #[arg(long, value_name = "E", allow_hyphen_values = true)]
    epsilon: Epsilon,
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
  score certificate check toy.json";

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Write(arguments) => write(arguments),
        Command::Check(arguments) => check(&arguments.file),
    }
}

fn write(arguments: &Write) -> Result<Exit, Failure> {
    let problem = arguments.pair.problem(arguments.norm)?;
    let ball = Ball::new(arguments.norm, arguments.epsilon.0.clone())?;
    let spinner = output::spinner("enclosing");
    let claim = arguments.claim.0;
    let text = certificate::write(claim, problem.parts(), arguments.divergence, &ball);
    spinner.finish_and_clear();
    let text = text.map_err(Failure::argument(arguments.pair.to_string()))?;
    let file = &arguments.file;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let name = file.file_name().and_then(|name| name.to_str());
    let unwritable = || Error::Unwritable {
        path: file.display().to_string(),
        reason: "it is no name of a file".into(),
    };
    let path = files::write(folder.unwrap_or(Path::new(".")), name.ok_or_else(unwritable)?, &text)?;
    output::remark(&format!("certificate: {}", path.display()));
    Ok(Exit::Holds)
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
