//! `score reproduce`: the paper's toy demonstration.

use std::path::PathBuf;

use clap::Args;
use rayon::prelude::*;
use score_workbench::error::Error;
use score_workbench::report;
use score_workbench::reproduce::{self, BUDGET, Budget, Experiment, Outcome, RISKS, SEED};
use score_workbench::risk::Risk;

use super::arguments::unknown;
use super::exit::{Exit, Failure};
use super::output::{self, Table};

/// Train the slides' network on each objective, and say what came of it
///
/// A tanh network 1-100-100-2 on the law `toy`, epsilon = 1, with Adam and then L-BFGS. The objectives are integrals; the risks of the
/// trained networks are computed to rounding error. With --report a training that is complete there is not repeated.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// One training such as score-kl, or all: {standard,pgd-at,trades,score}-{kl,l1,l2,linf,squared-error,jensen-shannon}
    #[arg(value_name = "NAME|all", default_value = "all")]
    name: String,
    /// Folder for the report, the networks and their data; made where it is missing
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// Steps of Adam
    #[arg(long, value_name = "N", default_value_t = BUDGET.adam)]
    adam: usize,
    /// Iterations of L-BFGS after them
    #[arg(long, value_name = "N", default_value_t = BUDGET.lbfgs)]
    lbfgs: u64,
}

const EXAMPLES: &str = "\
Examples:
  score reproduce score-kl
  score reproduce all --report demonstration";

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let experiments = if arguments.name == "all" {
        Experiment::all()
    } else {
        let named = arguments.name.parse().map_err(|error| match error {
            Error::Unknown { what, found, allowed } => {
                let allowed: Vec<&str> =
                    allowed.iter().map(String::as_str).chain(["all"]).collect();
                unknown(what, &found, &allowed)
            }
            error => error,
        });
        vec![named.map_err(Failure::argument("NAME"))?]
    };
    let budget = Budget { adam: arguments.adam, lbfgs: arguments.lbfgs };
    let bar = output::progress(experiments.len() * budget.adam, "steps");
    let outcomes = experiments.into_par_iter().map(|experiment| {
        if let Some(folder) = &arguments.report
            && let Some(outcome) = reproduce::resume(folder, experiment, budget)
        {
            bar.inc(u64::try_from(budget.adam).unwrap_or(u64::MAX));
            return Ok(outcome);
        }
        let outcome = experiment.run(SEED, budget, || bar.inc(1))?;
        if let Some(folder) = &arguments.report {
            reproduce::save(folder, &outcome)?;
        }
        Ok(outcome)
    });
    let outcomes = outcomes.collect::<Result<Vec<_>, Error>>();
    bar.finish_and_clear();
    let outcomes = outcomes?;
    output::write(&text(&outcomes))?;
    if let Some(folder) = &arguments.report {
        let path = report::reproduction(folder, &outcomes)?;
        output::note(&format!("wrote {}", path.display()));
    }
    Ok(Exit::Holds)
}

fn text(outcomes: &[Outcome]) -> String {
    let [standard, madry, score] = RISKS.map(Risk::symbol);
    let mut table = Table::new(["trained on", standard, madry, score, "l1 to posterior"]);
    for outcome in outcomes {
        let [standard, madry, score] = outcome.risks.map(|risk| output::estimate(risk, 4));
        let name = outcome.experiment.to_string();
        let distance = output::estimate(outcome.distance, 4);
        table.row([name, standard, madry, score, distance].map(Into::into));
    }
    output::heading("law toy, epsilon 1, network 1-100-100-2") + &table.render()
}
