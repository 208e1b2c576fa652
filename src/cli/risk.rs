//! `score risk`: the four risks of a model under a law.

use clap::Args;
use rayon::prelude::*;
use score_workbench::claims::Problem;
use score_workbench::divergence::Divergence;
use score_workbench::enclosure::Effort;
use score_workbench::error::Error;
use score_workbench::exact::Exact;
use score_workbench::perturbation::Norm;
use score_workbench::quantity::Quantity;
use score_workbench::report::export::{AccuracyRow, RiskRow, RiskTable};
use score_workbench::risk::{Accuracies, Risk};

use super::arguments::{Divergences, Epsilons, Format, Pair, Sampling, Width};
use super::exit::{Exit, Failure};
use super::output::{self, ALL_DIGITS, Table};

/// Compute the standard, Madry's and SCORE's risk and the law's own variation C
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    pair: Pair,
    /// Divergences, separated by commas, or all
    #[arg(long, value_name = "D,..|all", default_value = "kl")]
    divergence: Divergences,
    /// Norm of the perturbations: linf, l2 or l1; on the line they are the same
    #[arg(long, value_name = "N", default_value_t)]
    norm: Norm,
    /// Radii of the perturbations, separated by commas, in the units of x: 1/4,1,8/255
    #[arg(long, value_name = "E,..", allow_hyphen_values = true)]
    epsilon: Epsilons,
    /// Prove each risk: print bounds that contain it, found by interval arithmetic
    #[arg(long)]
    rigorous: bool,
    /// How far apart the bounds may be
    #[arg(long, value_name = "W", default_value = "1e-9", requires = "rigorous")]
    width: Width,
    /// Also the clean, the robust and the self-consistent robust accuracy of argmax `p_theta` for each radius, estimated
    #[arg(long)]
    accuracies: bool,
    #[command(flatten)]
    sampling: Sampling,
    /// text, json or csv
    #[arg(long, value_name = "F", default_value = "text")]
    format: Format,
}

/// The width that enclosures in dimension 2 are asked for at least: a hundred times less takes a hundred times as many cells.
const IN_THE_PLANE: f64 = 1e-3;

const EXAMPLES: &str = "\
Examples:
  score risk --law toy --model toy-linear --epsilon 1 --accuracies
  score risk --law toy --model toy-linear --divergence all --epsilon 1/4,1
  score risk --law toy --model toy-linear --divergence l1,kl --epsilon 1 --rigorous --width 1e-6
  score risk --law three-classes --model three-silu --divergence l1,kl --epsilon 8/255 --format json";

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let problem = arguments.pair.problem(arguments.norm, arguments.sampling.draws()?)?;
    let asked: Vec<(Divergence, &Exact)> = (arguments.divergence.0.iter())
        .flat_map(|divergence| arguments.epsilon.0.iter().map(|epsilon| (*divergence, epsilon)))
        .collect();
    let each: Vec<_> =
        asked.iter().flat_map(|asked| Risk::ALL.map(|risk| (risk, *asked))).collect();
    let bar = output::progress(each.len(), "risks");
    let found = each.into_par_iter().map(|(risk, (divergence, epsilon))| {
        let known = known(arguments, &problem, risk, divergence, epsilon);
        bar.inc(1);
        known
    });
    let found = found.collect::<Result<Vec<_>, Error>>();
    bar.finish_and_clear();
    let found = found.map_err(Failure::argument(arguments.pair.to_string()))?;
    let (values, notes): (Vec<Quantity>, Vec<Option<String>>) = found.into_iter().unzip();
    let rows = asked.iter().zip(values.as_chunks().0);
    let rows: Vec<RiskRow> = rows
        .map(|((divergence, epsilon), risks)| RiskRow {
            divergence: *divergence,
            epsilon: (*epsilon).clone(),
            risks: *risks,
        })
        .collect();
    notes.iter().flatten().for_each(|note| output::note(note));
    arguments.sampling.note(rows.iter().flat_map(|row| row.risks));
    let epsilons = arguments.epsilon.0.iter().filter(|_| arguments.accuracies);
    let accuracies = epsilons.map(|epsilon| {
        let accuracies = problem.accuracies(epsilon)?;
        Ok(AccuracyRow { epsilon: epsilon.clone(), accuracies })
    });
    let accuracies = accuracies.collect::<Result<_, Error>>();
    let table = RiskTable {
        law: problem.law().into(),
        model: problem.model().into(),
        norm: arguments.norm,
        dimensions: (problem.reduction().dimension(), problem.reduction().directions()),
        rows,
        accuracies: accuracies.map_err(Failure::argument(arguments.pair.to_string()))?,
    };
    output::write(&match arguments.format {
        Format::Text => text(&table),
        Format::Json => table.json(),
        Format::Csv => table.csv(),
    })?;
    Ok(Exit::Holds)
}

/// One risk as it was asked for, and what has to be said of it.
fn known(
    arguments: &Arguments,
    problem: &Problem,
    risk: Risk,
    divergence: Divergence,
    epsilon: &Exact,
) -> Result<(Quantity, Option<String>), Error> {
    if !arguments.rigorous {
        return Ok((problem.known(risk, divergence, epsilon)?, None));
    }
    let effort = match problem.directions(risk) {
        2 => Effort::in_the_plane(arguments.width.0.max(IN_THE_PLANE)),
        _ => Effort::to(arguments.width.0),
    };
    let found = match problem.enclosure(risk, divergence, epsilon, effort) {
        Ok(found) => found,
        Err(why @ Error::NotEnclosed { .. }) => {
            let known = problem.known(risk, divergence, epsilon)?;
            let grade = if known.sample().is_some() { "sampled" } else { "estimated" };
            return Ok((known, Some(format!("{} is {grade}: {why}", risk.symbol()))));
        }
        Err(error) => return Err(error),
    };
    let note = found.shortfall.map(|shortfall| {
        let (width, risk) = (found.interval.width(), risk.symbol());
        format!(
            "{risk} ({divergence}, epsilon {epsilon}) is enclosed to {width:.1e} only: {shortfall}"
        )
    });
    Ok((found.interval.into(), note))
}

fn text(results: &RiskTable) -> String {
    let mut table = Table::new(["divergence", "epsilon", "risk", "value"]);
    for RiskRow { divergence, epsilon, risks } in &results.rows {
        for (risk, value) in Risk::ALL.into_iter().zip(risks) {
            let (divergence, epsilon) = match risk {
                Risk::Standard => (divergence.to_string(), epsilon.to_string()),
                _ => Default::default(),
            };
            let value = output::quantity(*value, ALL_DIGITS);
            table.row([divergence, epsilon, risk.symbol().into(), value].map(Into::into));
        }
    }
    let RiskTable { law, model, norm, dimensions, .. } = results;
    let reduced = output::reduced(*dimensions);
    let risks = output::heading(&format!("law {law}, model {model}, norm {norm}{reduced}"))
        + &table.render();
    if results.accuracies.is_empty() {
        return risks;
    }
    let mut table = Table::new(["epsilon", "accuracy", "value"]);
    for AccuracyRow { epsilon, accuracies } in &results.accuracies {
        for (name, value) in Accuracies::NAMES.into_iter().zip(accuracies.all()) {
            let epsilon =
                if name == Accuracies::NAMES[0] { epsilon.to_string() } else { String::new() };
            let value = output::estimate(value, ALL_DIGITS);
            table.row([epsilon, name.into(), value].map(Into::into));
        }
    }
    risks + "\n" + &table.render()
}
