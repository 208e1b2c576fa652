//! The report: one HTML page that needs nothing else, and the data and figures beside it.
//!
//! | step | module |
//! |---|---|
//! | compute tables of numbers | `data` |
//! | say which table is drawn how | `figures` |
//! | draw: SVG, for light and dark backgrounds | `plot` |
//! | risks in both tiers | `tiers` |
//! | the laws on which the trade-off was found | `literature` |
//! | formulas as MathML | `math` |
//! | the page | `page` |
//! | write each file so that nobody meets half of it | `files` |
//! | results for programs: JSON and CSV | [`export`], [`refutation`] |

mod data;
#[cfg(feature = "train")]
mod evaluation;
pub mod export;
mod figures;
pub mod files;
mod literature;
mod math;
mod page;
mod plot;
pub mod refutation;
mod reproduction;
mod tiers;
#[cfg(feature = "train")]
mod training;

use std::path::{Path, PathBuf};

use maud::{Markup, html};
use rayon::prelude::*;

use crate::catalogue::{self, Published};
use crate::claims::{Finding, Problem, Proofs, Suite};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::exact::Exact;
use crate::law::Law;
use crate::perturbation::Norm;
use crate::quadrature::Estimate;
use crate::quantity::Quantity;
use crate::risk::Risk;
use crate::score_matching::Study;
use data::Table;
use export::OptimumRow;
use math::inline;
use page::{Section, Shown};
use plot::Figure;

#[cfg(feature = "train")]
pub use evaluation::{Evaluated, evaluation};
pub use reproduction::reproduction;
#[cfg(feature = "train")]
pub use training::training;

/// Writes the report of a suite and what was found: `index.html`, `figures/*.svg` and `data/*.csv` in `folder`, which is made where
/// it is missing. Returns the path of `index.html`.
///
/// The first problem of the suite is shown in full, the others folded; the curves against epsilon are drawn for every problem of its
/// law. The figures are those of the largest radius of the suite, for l1 and kl where the suite has them. Classifiers of the literature, if there are any, get a
/// section of their own.
///
/// # Errors
/// [`Error::Unwritable`]; and where a risk of a figure cannot be computed.
pub fn write(
    folder: &Path,
    suite: &Suite,
    findings: &[Finding],
    published: &'static [Published],
) -> Result<PathBuf, Error> {
    let zero = Exact::integer(0);
    let epsilon = suite.epsilons.iter().max().unwrap_or(&zero);
    let divergences = shown(&suite.divergences);
    let problems: Vec<(usize, &Problem)> = suite.problems.iter().enumerate().collect();
    let sections = problems.par_iter().map(|(i, problem)| {
        let prefix = format!("{}-{}-{}-", i + 1, slug(problem.law()), slug(problem.model()));
        // 120 integrals for each divergence: only the problems of the first law are worth that.
        let against_epsilon = problem.law() == suite.problems[0].law();
        let drawings = drawings(problem, &divergences, epsilon, against_epsilon)?;
        let figures = drawings.iter().map(|drawing| {
            let written = drawing.write(folder, ("figures", "data"), &prefix)?;
            Ok(Shown {
                element: written.element,
                caption: drawing.caption.clone(),
                figure: format!("{prefix}{}.svg", drawing.name),
                data: drawing
                    .tables
                    .iter()
                    .map(|(name, _)| format!("{prefix}{name}.csv"))
                    .collect(),
            })
        });
        let figures = figures.collect::<Result<_, Error>>()?;
        Ok(Section {
            problem,
            figures,
            epsilon,
            risks: risks(problem, &suite.divergences, epsilon)?,
            accuracies: match problem.accuracies(epsilon) {
                Err(Error::NotOneDirection { .. }) => None,
                found => Some(found?),
            },
        })
    });
    let sections = sections.collect::<Result<Vec<_>, Error>>()?;
    let witnesses = catalogue::witnesses().par_iter().filter_map(|witness| {
        witness.comparison().transpose().map(|comparison| Ok((witness, comparison?)))
    });
    let witnesses = witnesses.collect::<Result<Vec<_>, Error>>()?;
    let tiers =
        if suite.proofs == Proofs::None { Vec::new() } else { tiers::rows(suite, epsilon)? };
    if !tiers.is_empty() {
        files::write(&folder.join("data"), page::TIERS, tiers::csv(&tiers))?;
    }
    let literature = literature::rows(published)?;
    if !literature.is_empty() {
        files::write(&folder.join("data"), literature::FILE, literature::csv(&literature))?;
    }
    let page = page::page(suite, findings, &sections, &witnesses, &tiers, &literature);
    files::write(folder, "index.html", page)
}

/// Writes the figures of one instance: an SVG file for each, and its data as CSV, in `folder`, which is made where it is missing.
/// Returns the paths of what was written.
///
/// # Errors
/// As [`write()`]; [`Error::NotOnTheLine`] for a problem in more dimensions.
pub fn figures(
    folder: &Path,
    problem: &Problem,
    divergence: Divergence,
    epsilon: &Exact,
) -> Result<Vec<PathBuf>, Error> {
    let dimension = problem.reduction().dimension();
    if dimension > 1 {
        return Err(Error::NotOnTheLine { what: "problem", found: dimension });
    }
    let drawings = drawings(problem, &[divergence], epsilon, true)?;
    let written = drawings.iter().map(|drawing| Ok(drawing.write(folder, ("", ""), "")?.paths));
    Ok(written.collect::<Result<Vec<_>, Error>>()?.concat())
}

/// Writes the figure of a study of sampled gradients, `gradient.svg`, and its data, `gradient.csv`, in `folder`, which is made where it is
/// missing. Returns the paths of what was written.
///
/// # Errors
/// [`Error::Unwritable`].
pub fn gradient(folder: &Path, name: &str, study: &Study) -> Result<Vec<PathBuf>, Error> {
    let table = data::gradient_errors(study);
    let drawing = Drawing {
        name: "gradient".into(),
        figure: figures::gradient_errors(name, &table),
        tables: vec![("gradient".into(), table)],
        caption: html! {},
    };
    Ok(drawing.write(folder, ("", ""), "")?.paths)
}

/// Writes the most robust model of a law as TOML, the figure of it beside the law's posterior as SVG, and the figure's data as CSV, into
/// `folder`, which is made where it is missing. Returns the paths of what was written.
///
/// # Errors
/// [`Error::Unwritable`].
pub fn optimum(
    folder: &Path,
    (name, law): (&str, &Law),
    row: &OptimumRow,
) -> Result<Vec<PathBuf>, Error> {
    let OptimumRow { divergence, epsilon, optimum } = row;
    let radius = epsilon.to_f64();
    let stem =
        format!("{}-{divergence}-{}", slug(name), epsilon.to_string().replace(['.', '/'], "-"));
    let model = files::write(folder, &format!("{stem}.toml"), optimum.model().to_toml())?;
    let problem = Problem::new((name, law), ("optimal", optimum.model()), Norm::default())?;
    let table = data::curves(problem.line()?, data::view(problem.line()?, radius));
    let drawing = Drawing {
        name: stem.clone(),
        figure: figures::optimum(&format!("law {name}"), &table, *divergence, radius),
        tables: vec![(stem, table)],
        caption: html! {},
    };
    let written = drawing.write(folder, ("", ""), "")?;
    Ok([vec![model], written.paths].concat())
}

/// A figure, the tables that it is drawn from, and what to say of it.
struct Drawing {
    name: String,
    figure: Figure,
    tables: Vec<(String, Table)>,
    caption: Markup,
}

/// What [`Drawing::write`] has written.
struct Written {
    element: String,
    paths: Vec<PathBuf>,
}

impl Drawing {
    /// Writes the figure and its tables, each into its own folder within `folder`.
    fn write(
        &self,
        folder: &Path,
        (figures, data): (&str, &str),
        prefix: &str,
    ) -> Result<Written, Error> {
        let name = format!("{prefix}{}.svg", self.name);
        let figures = folder.join(figures);
        let element = self.figure.element().map_err(|error| Error::Unwritable {
            path: figures.join(&name).display().to_string(),
            reason: error.to_string(),
        })?;
        let mut paths = vec![files::write(&figures, &name, plot::document(&element))?];
        for (name, table) in &self.tables {
            let name = format!("{prefix}{name}.csv");
            paths.push(files::write(&folder.join(data), &name, table.csv())?);
        }
        Ok(Written { element, paths })
    }
}

/// The divergences that figures are made for: l1 and kl, the metric of the theorems and what is trained with, where they are
/// asked for; else the first that is.
fn shown(asked: &[Divergence]) -> Vec<Divergence> {
    let mut both = vec![Divergence::L1, Divergence::Kl];
    both.retain(|divergence| asked.contains(divergence));
    if both.is_empty() { asked.iter().copied().take(1).collect() } else { both }
}

/// How far the curves against epsilon reach, in multiples of the radius that the other figures show.
const REACH: f64 = 3.0;
/// How many steps they take.
const STEPS: u32 = 40;

fn drawings(
    problem: &Problem,
    divergences: &[Divergence],
    epsilon: &Exact,
    against_epsilon: bool,
) -> Result<Vec<Drawing>, Error> {
    let name = format!("{}, {}", problem.law(), problem.model());
    let epsilon = epsilon.to_f64();
    if !epsilon.is_finite() {
        return Err(Error::Epsilon { found: epsilon });
    }
    // The pictures are of the line that x is on; of a projection they would show something else.
    if problem.reduction().dimension() > 1 {
        return Ok(Vec::new());
    }
    let line = problem.line()?;
    let view = data::view(line, epsilon);
    let curves = data::curves(line, view);
    let mut drawings = vec![Drawing {
        name: "curves".into(),
        figure: figures::curves(&name, &curves, line.classes()),
        tables: vec![("curves".into(), curves)],
        caption: html! { "The posterior of the data and the model. The grey shape is the input density, not to scale, here and below." },
    }];
    for &divergence in divergences {
        let integrands = data::integrands(line, divergence, epsilon, view);
        drawings.push(Drawing {
            name: format!("integrands-{divergence}"),
            figure: figures::integrands(&name, &integrands, divergence, epsilon),
            tables: vec![
                (format!("integrands-{divergence}"), integrands.values),
                (format!("pieces-score-{divergence}"), integrands.score),
                (format!("pieces-madry-{divergence}"), integrands.madry),
            ],
            caption: html! {
                "The divergence at x, and its suprema over the ball: what each risk averages over "
                (inline("p_d(x)")) ". The strips say where in the window the supremum is taken; thin rules mark where that changes. "
                "Between them the integrands are analytic, and each piece is integrated to rounding error."
            },
        });
    }
    if against_epsilon {
        drawings.push(against(problem, &name, divergences, epsilon)?);
    }
    Ok(drawings)
}

fn against(
    problem: &Problem,
    name: &str,
    divergences: &[Divergence],
    epsilon: f64,
) -> Result<Drawing, Error> {
    let reach = REACH * if epsilon > 0.0 { epsilon } else { 1.0 };
    let steps: Vec<f64> = (0..=STEPS).map(|i| reach * f64::from(i) / f64::from(STEPS)).collect();
    let tables = divergences
        .iter()
        .map(|&divergence| Ok((divergence, data::risks(problem, divergence, &steps)?)));
    let tables = tables.collect::<Result<Vec<_>, Error>>()?;
    let drawn: Vec<_> = tables.iter().map(|(divergence, table)| (*divergence, table)).collect();
    Ok(Drawing {
        name: "risks".into(),
        figure: figures::risks(name, &drawn),
        tables: tables
            .into_iter()
            .map(|(divergence, table)| (format!("risks-{divergence}"), table))
            .collect(),
        caption: html! {
            "The risks against the radius. Theorem 1: for a metric, " (inline(r"R_{\text{SCORE}}"))
            " stays in the shaded band. For a divergence that is none the band is drawn all the same, and promises nothing."
        },
    })
}

/// All four risks for each divergence, NaN where an integrand leaves the range of doubles.
fn risks(
    problem: &Problem,
    divergences: &[Divergence],
    epsilon: &Exact,
) -> Result<Vec<(Divergence, [Quantity; 4])>, Error> {
    let rows = divergences.iter().map(|&divergence| {
        let mut risks = [Quantity::zero(); 4];
        for (risk, value) in Risk::ALL.into_iter().zip(&mut risks) {
            *value = match problem.known(risk, divergence, epsilon) {
                Err(Error::Overflow { .. }) => Estimate { value: f64::NAN, error: f64::NAN }.into(),
                known => known?,
            };
        }
        Ok((divergence, risks))
    });
    rows.collect()
}

/// A name as part of the name of a file.
fn slug(name: &str) -> String {
    let stem = Path::new(name).file_stem().map_or(name.into(), |stem| stem.to_string_lossy());
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' };
    stem.chars().map(safe).collect()
}

#[cfg(test)]
mod tests;
