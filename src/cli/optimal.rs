//! `score optimal`: the most robust model, with bounds.

use std::path::PathBuf;

use clap::Args;
use rayon::prelude::*;
use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::exact::Exact;
use score_workbench::law::Law;
use score_workbench::optimal;
use score_workbench::report;
use score_workbench::report::export::{OptimumRow, OptimumTable};
use score_workbench::risk::Risk;

use super::arguments::{Divergences, Epsilons, Format};
use super::exit::{Exit, Failure};
use super::output::{self, ALL_DIGITS, Table};

/// Find the model with the smallest Madry risk under a law, with a certified gap
///
/// The upper bound is the risk of the model that was found; the lower bound holds for every model, by duality. Both are integrals
/// with an error estimate. The minimiser of the standard and of SCORE's risk is the law's own posterior, with risk 0. Ends with exit
/// code 3 where the gap that was asked for is not reached.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Data law with two classes: a name of the catalogue, or the path of a TOML file
    #[arg(long, value_name = "L")]
    law: String,
    /// The risk to minimise: madry
    #[arg(long, value_name = "R", default_value = "madry", value_parser = madry)]
    risk: Risk,
    /// Divergences that are convex in their second argument, separated by commas
    #[arg(long, value_name = "D,..", default_value = "kl")]
    divergence: Divergences,
    /// Radii of the perturbations, separated by commas, in the units of x: 1/4,1,8/255
    #[arg(long, value_name = "E,..", allow_hyphen_values = true)]
    epsilon: Epsilons,
    /// How far from optimal the model may be, relative to its risk
    #[arg(long, value_name = "G", default_value = "1e-3")]
    gap: Exact,
    /// Folder for each model as TOML, its figure as SVG and the figure's data as CSV; made where it is missing
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// text, json or csv
    #[arg(long, value_name = "F", default_value = "text")]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  score optimal --law toy --epsilon 1
  score optimal --law toy --divergence l1,kl --epsilon 1/2,1 --gap 1e-4 --format json
  score optimal --law law.toml --divergence squared-error --epsilon 1 --out optimal";

/// The one risk whose minimiser is not known beforehand.
fn madry(name: &str) -> Result<Risk, Error> {
    if name == Risk::Madry.name() {
        return Ok(Risk::Madry);
    }
    Err(Error::Unknown {
        what: "risk to minimise",
        found: name.into(),
        allowed: vec![
            "madry (the law's own posterior minimises the standard and SCORE's risk)".into(),
        ],
    })
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let law = Law::resolve(&arguments.law).map_err(Failure::argument("--law"))?;
    for note in law.notes() {
        output::note(&format!("{}: {note}", arguments.law));
    }
    let gap = arguments.gap.to_f64();
    if !arguments.gap.is_positive() {
        let cause = Error::NotPositive { what: "gap", found: arguments.gap.clone() };
        return Err(Failure::Argument { argument: "--gap".into(), cause });
    }
    let asked: Vec<(Divergence, &Exact)> = (arguments.divergence.0.iter())
        .flat_map(|divergence| arguments.epsilon.0.iter().map(|epsilon| (*divergence, epsilon)))
        .collect();
    let bar = output::progress(asked.len(), "optima");
    let rows = asked.into_par_iter().map(|(divergence, epsilon)| {
        let optimum = optimal::madry(&law, divergence, epsilon, gap);
        bar.inc(1);
        let optimum = optimum
            .map_err(|cause| Failure::Argument { argument: place(&cause, arguments), cause })?;
        Ok(OptimumRow { divergence, epsilon: epsilon.clone(), optimum })
    });
    let rows = rows.collect::<Result<Vec<_>, Failure>>();
    bar.finish_and_clear();
    let table = OptimumTable { law: arguments.law.clone(), rows: rows? };
    if let Some(folder) = &arguments.out {
        for row in &table.rows {
            for path in report::optimum(folder, (&table.law, &law), row)? {
                output::note(&format!("wrote {}", path.display()));
            }
        }
    }
    output::write(&match arguments.format {
        Format::Text => text(&table),
        Format::Json => table.json(),
        Format::Csv => table.csv(),
    })?;
    let reached = |row: &OptimumRow| row.optimum.relative_gap() <= gap;
    Ok(if table.rows.iter().all(reached) { Exit::Holds } else { Exit::Undecided })
}

/// The argument that an error is about.
fn place(cause: &Error, arguments: &Arguments) -> String {
    match cause {
        Error::NotConvex { .. } => "--divergence".into(),
        Error::TooFine { .. } => "--epsilon".into(),
        _ => format!("--law {}", arguments.law),
    }
}

fn text(results: &OptimumTable) -> String {
    let mut table = Table::new(["divergence", "epsilon", "", "value"]);
    for OptimumRow { divergence, epsilon, optimum } in &results.rows {
        let rows = [
            ("R_Madry of the model", optimum.upper()),
            ("R_Madry of every model, at least", optimum.lower()),
            ("C, R_Madry of the posterior", optimum.variation()),
        ];
        for (i, (name, value)) in rows.into_iter().enumerate() {
            let (divergence, epsilon) = if i == 0 {
                (divergence.to_string(), epsilon.to_string())
            } else {
                Default::default()
            };
            let value = output::estimate(value, ALL_DIGITS);
            table.row([divergence, epsilon, name.into(), value].map(Into::into));
        }
        let gap = format!("{:.1e} relative, {} knots", optimum.relative_gap(), optimum.knots());
        table.row(["".into(), "".into(), "gap".into(), gap.into()]);
    }
    output::heading(&format!("law {}, the smallest R_Madry", results.law)) + &table.render()
}
