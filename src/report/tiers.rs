//! Both tiers side by side: risks that are estimated and enclosed.

use std::borrow::Cow;

use rayon::prelude::*;

use super::data;
use super::export::{double, line};
use crate::claims::Suite;
use crate::divergence::Divergence;
use crate::enclosure::{Effort, Shortfall};
use crate::error::Error;
use crate::exact::Exact;
use crate::quadrature::Estimate;
use crate::real::Interval;
use crate::risk::Risk;

/// The width that enclosures are asked for.
pub const WIDTH: f64 = 1e-6;

/// The most cells for one; what takes more is shown as wide as it is.
const CELLS: usize = 2000;

/// The divergences whose risks are shown in both tiers, where the suite has them.
const DIVERGENCES: [Divergence; 3] = [Divergence::Kl, Divergence::L1, Divergence::SquaredError];

/// A risk of a problem, estimated and enclosed.
#[derive(Clone, Debug)]
pub struct Row {
    /// The name of the law.
    pub law: String,
    /// The name of the model.
    pub model: String,
    /// The divergence.
    pub divergence: Divergence,
    /// The radius.
    pub epsilon: Exact,
    /// Which risk.
    pub risk: Risk,
    /// The estimate; NaN where the integrand leaves the range of doubles.
    pub estimate: Estimate,
    /// The enclosure.
    pub interval: Interval,
    /// Why it is wider than [`WIDTH`], if it is.
    pub shortfall: Option<Shortfall>,
}

impl Row {
    /// The width of the enclosure; 0 for infinity itself.
    pub fn width(&self) -> f64 {
        self.interval.width()
    }

    /// Whether the estimate, give or take its error, meets the enclosure; nothing to compare where there is no estimate.
    pub fn agrees(&self) -> Option<bool> {
        let Estimate { value, error } = self.estimate;
        let meets =
            value + error >= self.interval.lower() && value - error <= self.interval.upper();
        (!value.is_nan()).then_some(meets || value == self.interval.lower())
    }
}

/// All four risks of every problem of a suite at this radius.
///
/// # Errors
/// As [`Problem::risk`](crate::claims::Problem::risk).
pub fn rows(suite: &Suite, epsilon: &Exact) -> Result<Vec<Row>, Error> {
    let divergences = DIVERGENCES.into_iter().filter(|d| suite.divergences.contains(d));
    let divergences: Vec<Divergence> = divergences.collect();
    let asked: Vec<_> = (suite.problems.iter())
        .flat_map(|problem| divergences.iter().map(move |divergence| (problem, *divergence)))
        .flat_map(|(problem, divergence)| Risk::ALL.map(|risk| (problem, divergence, risk)))
        .filter(|(problem, _, risk)| problem.encloses(*risk, epsilon))
        .collect();
    let rows = asked.into_par_iter().map(|(problem, divergence, risk)| {
        let effort = Effort { cells: CELLS, ..Effort::to(WIDTH) };
        let found = problem.enclosure(risk, divergence, epsilon, effort)?;
        Ok(Row {
            law: problem.law().into(),
            model: problem.model().into(),
            divergence,
            epsilon: epsilon.clone(),
            risk,
            estimate: data::risk(problem, risk, divergence, epsilon.to_f64())?,
            interval: found.interval,
            shortfall: found.shortfall,
        })
    });
    rows.collect()
}

/// A header, then one line a risk.
pub fn csv(rows: &[Row]) -> String {
    let header = [
        "law",
        "model",
        "divergence",
        "epsilon",
        "risk",
        "estimate",
        "error",
        "lower",
        "upper",
        "width",
        "shortfall",
    ];
    let mut csv = line(&header.map(Cow::from));
    for row in rows {
        csv += &line(&[
            (&row.law).into(),
            (&row.model).into(),
            row.divergence.name().into(),
            double(row.epsilon.to_f64()),
            row.risk.name().into(),
            double(row.estimate.value),
            double(row.estimate.error),
            double(row.interval.lower()),
            double(row.interval.upper()),
            double(row.width()),
            row.shortfall.map_or("".into(), |shortfall| shortfall.to_string().into()),
        ]);
    }
    csv
}
