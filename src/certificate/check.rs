//! Checking a certificate. Nothing is searched for, nothing is adapted: every cell is enclosed anew, and the sums are compared.

use super::{
    ASSUMPTIONS, Bounds, Document, Entry, FORMAT, Shown, Total, VERSION, bounds, second, write,
};
use crate::claims::{Check, Claim, Key, Problem, Whose};
use crate::divergence::Divergence;
use crate::enclosure::{Flaw, Integrand, Partition, total};
use crate::error::Error;
use crate::exact::Exact;
use crate::law::Law;
use crate::model::Model;
use crate::perturbation::{Ball, Norm};
use crate::real::Interval;
use crate::risk::{Growth, Risk};

/// Why a certificate shows nothing.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Rejection {
    /// It is no certificate: not JSON, or not of this form.
    #[error("it is no certificate of version {VERSION}: {0}")]
    Form(String),
    /// The instance, the claim or a name in it means nothing.
    #[error(transparent)]
    Meaning(#[from] Error),
    /// What it takes for granted is not what this program takes for granted.
    #[error("the assumptions are not those of this format")]
    Assumptions,
    /// A letter that names no trend, or a curve where there is none.
    #[error("{risk}: the windows are described by letters that mean nothing")]
    Letters {
        /// Of which risk.
        risk: String,
    },
    /// A partition shows nothing.
    #[error("{risk}: {flaw}")]
    Partition {
        /// Of which risk.
        risk: String,
        /// Why.
        flaw: Flaw,
    },
    /// A number is not what it is found to be.
    #[error("{what}: the certificate says {stated}, and {found} is found")]
    Different {
        /// What it is.
        what: String,
        /// What is in the certificate.
        stated: String,
        /// What was computed.
        found: String,
    },
}

/// Checks a certificate, and returns the claim with what it shows.
///
/// # Errors
/// Why it shows nothing.
pub fn check(text: &str) -> Result<(&'static Claim, Check), Rejection> {
    let document: Document =
        serde_json::from_str(text).map_err(|error| Rejection::Form(error.to_string()))?;
    if document.format != FORMAT || document.version != VERSION {
        return Err(Rejection::Form(format!("{} {}", document.format, document.version)));
    }
    if document.assumptions != ASSUMPTIONS {
        return Err(Rejection::Assumptions);
    }
    let claim = Claim::named(&document.claim)?;
    let divergence: Divergence = document.divergence.parse()?;
    let norm: Norm = document.norm.parse()?;
    let ball = Ball::new(norm, document.epsilon.parse()?)?;
    let law = Law::from_json(&document.law, "law")?;
    let model = Model::from_json(&document.model, "model")?;
    // The sums first: they cost nothing, and most of what can be wrong shows there.
    for entry in &document.risks {
        sums(entry)?;
    }
    let shown = document.risks.iter().map(|entry| risk(entry, &law, &model));
    let shown = shown.collect::<Result<Vec<_>, Rejection>>()?;
    let problem = Problem::new(("law", &law), ("model", &model), norm)?;
    let found = claim.check(&problem.instance(divergence, ball).given_these(shown))?;
    same("the verdict", &document.verdict.as_str(), &found.verdict.name())?;
    same("the slack", &document.slack, &write::slack(claim, &found)?)?;
    same(
        "the inequalities",
        &document.comparisons,
        &write::comparisons(claim, &found.comparisons)?,
    )?;
    Ok((claim, found))
}

/// That the parts of an entry add up to its enclosure.
fn sums(entry: &Entry) -> Result<(), Rejection> {
    let (Some(shown), Total::Within(stated)) = (&entry.shown, &entry.enclosure) else {
        return Ok(());
    };
    let interval = |[lower, upper]: Bounds| Interval::new(lower, upper);
    let parts = shown.parts.iter().copied().map(interval);
    let tails = shown.tails.map(|rest| Interval::new(0.0, rest));
    let found = bounds(total(parts.chain(tails)));
    same(&format!("{}, the sum of the parts", name(entry)), stated, &found)
}

/// The enclosure of an entry, after each cell has been enclosed anew.
fn risk(entry: &Entry, law: &Law, model: &Model) -> Result<(Key, Interval), Rejection> {
    let model = &*second(entry.of, law, model);
    let kind = Risk::named(&entry.risk)?;
    let divergence: Divergence = entry.divergence.parse()?;
    let epsilon: Exact = entry.epsilon.parse()?;
    let key = (entry.of, kind, divergence, epsilon.clone());
    match (&entry.enclosure, &entry.shown) {
        (Total::Infinite, None) => {
            let infinite = Growth::new(law, model).is_infinite(kind, divergence, &epsilon);
            same(&format!("{}, infinite", name(entry)), &true, &infinite)?;
            Ok((key, Interval::point(f64::INFINITY)))
        }
        (Total::Within(stated), Some(shown)) => {
            let integrand = Integrand::new((law, model), kind, divergence, &epsilon)?;
            cells(entry, shown, &integrand)?;
            Ok((key, Interval::new(stated[0], stated[1])))
        }
        _ => Err(Rejection::Form(format!("{} is shown by nothing", name(entry)))),
    }
}

/// That each cell has the enclosure that is stated, and so have the tails.
fn cells(entry: &Entry, shown: &Shown, integrand: &Integrand) -> Result<(), Rejection> {
    let windows = shown.windows.windows().ok_or(Rejection::Letters { risk: name(entry) })?;
    let partition = Partition { cells: shown.cells.clone(), windows };
    let number = shown.cells.len().saturating_sub(1);
    same(&format!("{}, the number of cells", name(entry)), &shown.parts.len(), &number)?;
    let mut stated = shown.parts.iter().enumerate();
    let tails = partition.visit(integrand, |part| match stated.next() {
        Some((n, stated)) => same(&format!("{}, cell {n}", name(entry)), stated, &bounds(part))
            .map_err(Wrong::Different),
        None => Ok(()),
    });
    let tails = tails.map_err(|wrong: Wrong| wrong.of(entry))?;
    same(&format!("{}, the tails", name(entry)), &shown.tails, &tails.map(Interval::upper))
}

/// What can be wrong with a cell.
enum Wrong {
    Flaw(Flaw),
    Different(Rejection),
}

impl From<Flaw> for Wrong {
    fn from(flaw: Flaw) -> Self {
        Self::Flaw(flaw)
    }
}

impl Wrong {
    fn of(self, entry: &Entry) -> Rejection {
        match self {
            Self::Flaw(flaw) => Rejection::Partition { risk: name(entry), flaw },
            Self::Different(rejection) => rejection,
        }
    }
}

fn name(entry: &Entry) -> String {
    let Entry { of, risk, divergence, epsilon, .. } = entry;
    let of = match of {
        Whose::Model => "the model",
        Whose::Data => "the data's posterior",
    };
    format!("risk {risk} of {of} for {divergence} and epsilon {epsilon}")
}

fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    stated: &T,
    found: &T,
) -> Result<(), Rejection> {
    if stated == found {
        return Ok(());
    }
    let [stated, found] = [stated, found].map(|value| format!("{value:?}"));
    Err(Rejection::Different { what: what.into(), stated, found })
}
