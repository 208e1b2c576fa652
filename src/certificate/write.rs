//! Making a certificate.

use super::{
    ASSUMPTIONS, Described, Document, Entry, FORMAT, Inequality, Shown, Total, VERSION, bounds,
    second,
};
use crate::claims::{Check, Claim, Comparison, Evidence, Key, Problem, Verdict};
use crate::divergence::Divergence;
use crate::enclosure::{Enclosure, Integrand};
use crate::error::Error;
use crate::law::Law;
use crate::model::Model;
use crate::perturbation::Ball;
use crate::quantity::Quantity;
use crate::real::Interval;
use crate::tolerance;

/// The certificate of what is found about a claim on an instance, as JSON.
///
/// # Errors
/// [`Error::NotOnTheLine`] in other dimensions than 1; where the claim cannot be checked on the instance, where its enclosures do not decide it ([`Error::NotDecided`]), or where it speaks
/// of more than enclosed risks ([`Error::NotCertified`]).
pub fn write(
    claim: &'static Claim,
    (law, model): (&Law, &Model),
    divergence: Divergence,
    ball: &Ball,
) -> Result<String, Error> {
    if law.dimension() != 1 {
        return Err(Error::NotOnTheLine { what: "law", found: law.dimension() });
    }
    let problem = Problem::new(("law", law), ("model", model), ball.norm())?;
    let instance = problem.instance(divergence, ball.clone());
    let decided = claim.check(&instance.enclosed_to(tolerance::WIDEST))?;
    if decided.verdict == Verdict::Undecided {
        return Err(Error::NotDecided { claim: claim.name });
    }
    // What a reader will find: the claim on the enclosures as they are now.
    let check = claim.check(&instance.given())?;
    let entries = instance
        .enclosures()
        .into_iter()
        .map(|(key, enclosure)| entry(law, model, &key, &enclosure));
    let document = Document {
        format: FORMAT.into(),
        version: VERSION,
        claim: claim.name.into(),
        divergence: divergence.name().into(),
        norm: ball.norm().name().into(),
        epsilon: ball.epsilon().to_string(),
        law: json(&law.to_toml())?,
        model: json(&model.to_toml())?,
        assumptions: ASSUMPTIONS.map(Into::into).to_vec(),
        verdict: check.verdict.name().into(),
        slack: slack(claim, &check)?,
        comparisons: comparisons(claim, &check.comparisons)?,
        risks: entries.collect::<Result<_, Error>>()?,
    };
    serde_json::to_string(&document)
        .map(|text| text + "\n")
        .map_err(|_| Error::NotCertified { claim: claim.name })
}

/// The bounds of the smallest slack.
pub(super) fn slack(claim: &'static Claim, check: &Check) -> Result<super::Bounds, Error> {
    // Also where there is nothing to compare, as where C = 0 by an estimate.
    if check.evidence != Evidence::Enclosed {
        return Err(Error::NotCertified { claim: claim.name });
    }
    enclosed(claim, check.slack.unwrap_or(Quantity::zero()))
}

/// The inequalities with the bounds of their slacks.
pub(super) fn comparisons(
    claim: &'static Claim,
    comparisons: &[Comparison],
) -> Result<Vec<Inequality>, Error> {
    let inequality = |comparison: &Comparison| {
        Ok(Inequality { name: comparison.name.clone(), slack: enclosed(claim, comparison.slack)? })
    };
    comparisons.iter().map(inequality).collect()
}

/// Finite bounds: JSON has no infinity, and a slack that is infinite is at least the largest double.
fn enclosed(claim: &'static Claim, slack: Quantity) -> Result<super::Bounds, Error> {
    let bounds = slack.enclosure().ok_or(Error::NotCertified { claim: claim.name })?;
    Ok([bounds.lower().clamp(f64::MIN, f64::MAX), bounds.upper().clamp(f64::MIN, f64::MAX)])
}

fn entry(law: &Law, model: &Model, key: &Key, enclosure: &Enclosure) -> Result<Entry, Error> {
    let (whose, risk, divergence, epsilon) = key;
    let model = &*second(*whose, law, model);
    let shown = match &enclosure.partition {
        None => None,
        Some(partition) => {
            let integrand = Integrand::new((law, model), *risk, *divergence, epsilon)?;
            let (parts, tails) = partition
                .parts(&integrand)
                .map_err(|flaw| Error::Certificate { reason: flaw.to_string() })?;
            Some(Shown {
                cells: partition.cells.clone(),
                parts: parts.into_iter().map(bounds).collect(),
                tails: tails.map(Interval::upper),
                windows: Described::of(&partition.windows),
            })
        }
    };
    let total = match enclosure.interval.lower() {
        f64::INFINITY => Total::Infinite,
        _ => Total::Within(bounds(enclosure.interval)),
    };
    Ok(Entry {
        of: *whose,
        risk: risk.name().into(),
        divergence: divergence.name().into(),
        epsilon: epsilon.to_string(),
        enclosure: total,
        shown,
    })
}

/// A law or a model as JSON, its numbers as exact texts.
fn json(toml: &str) -> Result<serde_json::Value, Error> {
    toml::from_str(toml).map_err(|error| Error::Certificate { reason: error.to_string() })
}
