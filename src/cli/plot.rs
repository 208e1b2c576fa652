//! `score plot`: the figures of one instance, and their data.

use std::path::PathBuf;

use clap::Args;
use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::perturbation::Norm;
use score_workbench::report;
use score_workbench::risk::Risk;

use super::arguments::{Epsilon, Pair};
use super::exit::{Exit, Failure};
use super::output;

/// Draw the curves, the integrands and the risks of a model under a law
///
/// Writes each figure as SVG and its data as CSV, and prints the paths of what was written.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    pair: Pair,
    /// Divergence
    #[arg(long, value_name = "D", default_value = "kl")]
    divergence: Divergence,
    /// Norm of the perturbations: linf, l2 or l1; on the line they are the same
    #[arg(long, value_name = "N", default_value_t)]
    norm: Norm,
    /// Radius of the perturbations, in the units of x
    #[arg(long, value_name = "E", allow_hyphen_values = true)]
    epsilon: Epsilon,
    /// Folder for the files; made where it is missing
    #[arg(long, value_name = "DIR", default_value = "figures")]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  score plot --law toy --model toy-linear --epsilon 1
  score plot --law toy --model toy-relu --divergence l1 --epsilon 1/4 --out figures/relu";

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let problem = arguments.pair.problem(arguments.norm, None)?;
    let Arguments { out, divergence, epsilon, .. } = arguments;
    // A risk that is no double would leave a figure empty without a word.
    for risk in Risk::ALL {
        problem
            .risk(risk, *divergence, epsilon.0.to_f64())
            .map_err(Failure::argument(arguments.pair.to_string()))?;
    }
    let bar = output::spinner("drawing");
    let written = report::figures(out, &problem, *divergence, &epsilon.0);
    bar.finish_and_clear();
    let paths = written.map_err(|error| match error {
        Error::Unwritable { .. } => error.into(),
        _ => Failure::argument(arguments.pair.to_string())(error),
    })?;
    let lines = paths.iter().map(|path| path.display().to_string() + "\n");
    output::write(&lines.collect::<String>())?;
    Ok(Exit::Holds)
}
