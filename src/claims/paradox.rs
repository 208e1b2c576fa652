//! The paradox of the robust error as it was.

use super::{Check, Claim, Evidence, Instance, Proof, Scope, Term, Verdict};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::exact::Exact;
use crate::law::Law;
use crate::model::{Bayes, Model};
use crate::optimal;
use crate::quadrature::Estimate;
use crate::quantity::Quantity;
use crate::risk::{Line, Risk};

/// An existence statement: one model settles it. Tried are the posteriors of the law smoothed by Gaussian noise of a few variances, which
/// answer for a neighbourhood of x rather than for x; and where none of them does it, with two classes, the optimum itself.
///
/// Where `C = 0` the posterior is optimal and the claim does not apply; nor does it where no model was found and the optimum cannot be
/// computed. Where that was tried in vain the claim is undecided, never refuted: the bounds of the optimum are no proof that it equals C.
pub static CLAIM: Claim = Claim {
    name: "paradox",
    title: "The paradox: the law's own posterior is not the most robust model",
    statement: "some Q has R_Madry^kl(Q) < R_Madry^kl(P) = C^kl, although P is the accurate model: R_Standard(P) = R_SCORE(P) = 0",
    tex: r"\exists Q:\quad R^{\text{KL}}_{\text{Madry}}(Q) < R^{\text{KL}}_{\text{Madry}}(P) = C^{\text{KL}}",
    hypotheses: &[
        "C^kl > 0",
        "two classes, for the optimum to be tried; with more, only some models are",
    ],
    dropped: "where the law does not vary in the balls, R_Madry(P) = 0 is the smallest there is",
    reference: "Pang et al., ICML 2022, and the slides' toy demo; other laws: extension. `score optimal` has other divergences",
    proof: Some(Proof {
        theorems: &["paradox.paradox"],
        terms: "a law of two inputs and two labels; the slides' toy is checked here",
    }),
    scope: Scope::Only(KL),
    check,
};

const KL: Divergence = Divergence::Kl;

/// The variances of the noise, in units of `eps^2`; for a uniform law on the ball it is 1/3.
const NOISE: [&str; 5] = ["1/3", "1", "1/12", "1/48", "4"];

/// How close to the optimum a witness has to come where the smoothed posteriors were none: first roughly, then as close as it takes.
const GAPS: [f64; 2] = [5e-2, 1e-3];

fn check(instance: &Instance) -> Result<Check, Error> {
    // As instance.own_risk, whatever divergence the instance names.
    let variation = instance.problem().risk(Risk::Variation, KL, instance.epsilon())?;
    let mut terms = vec![term("C", variation)];
    let mut outcome =
        |verdict, slack: Option<Estimate>, witness: Option<&Witness>, note: Option<String>| {
            if let Some(witness) = witness {
                terms.push(term("R_Madry(Q)", witness.risk));
                terms.extend(
                    witness.lower.map(|lower| term("R_Madry of every model, at least", lower)),
                );
            }
            let terms = std::mem::take(&mut terms);
            let (slack, evidence) = (slack.map(Quantity::from), Evidence::Estimated);
            // What holds for some model has no inequality that an instance could violate.
            Ok(Check { verdict, evidence, slack, terms, comparisons: Vec::new(), note })
        };
    if variation.value <= variation.error {
        let note = "the law does not vary in the balls: C = 0".to_owned();
        return outcome(Verdict::NotApplicable, None, None, Some(note));
    }
    let Some(witness) = witness(instance, variation)? else {
        let note = "no model was tried whose risk is a double".to_owned();
        return outcome(Verdict::Undecided, None, None, Some(note));
    };
    let slack = variation - witness.risk;
    if is_below(witness.risk, variation) {
        outcome(Verdict::Holds, Some(slack), Some(&witness), Some(format!("Q is {}", witness.name)))
    } else {
        let note = "no model that was tried is more robust than the posterior".to_owned();
        // Without the optimum to try, nothing is claimed, and nothing violated.
        if instance.problem().parts().0.classes() == 2 {
            outcome(Verdict::Undecided, Some(slack), Some(&witness), Some(note))
        } else {
            outcome(Verdict::NotApplicable, None, Some(&witness), Some(note))
        }
    }
}

fn term(name: &str, value: Estimate) -> Term {
    Term { name: name.to_owned(), value: value.into() }
}

/// Strictly, errors included.
fn is_below(risk: Estimate, variation: Estimate) -> bool {
    risk.value + risk.error < variation.value - variation.error
}

/// A model that was tried.
struct Witness {
    name: String,
    risk: Estimate,
    lower: Option<Estimate>,
}

/// The first model that is more robust than the posterior, else the most robust of those that were tried.
fn witness(instance: &Instance, variation: Estimate) -> Result<Option<Witness>, Error> {
    let (law, epsilon) = (instance.problem().parts().0, instance.ball().epsilon());
    let square = epsilon * epsilon;
    let mut best: Option<Witness> = None;
    for noise in NOISE {
        let variance = &square * &noise.parse::<Exact>()?;
        let risk = match smoothed_risk(law, &variance, instance) {
            Err(Error::Overflow { .. }) => continue,
            risk => risk?,
        };
        if best.as_ref().is_none_or(|best| risk.value < best.risk.value) {
            let name = format!("the posterior of the law smoothed by N(0, {variance})");
            best = Some(Witness { name, risk, lower: None });
        }
        if is_below(risk, variation) {
            return Ok(best);
        }
    }
    if law.classes() != 2 {
        return Ok(best);
    }
    for gap in GAPS {
        let optimum = match optimal::madry(law, KL, epsilon, gap) {
            Err(Error::TooFine { .. } | Error::Overflow { .. }) => return Ok(best),
            optimum => optimum?,
        };
        let (risk, lower) = (optimum.upper(), Some(optimum.lower()));
        if best.as_ref().is_none_or(|best| risk.value < best.risk.value) {
            let name = format!("piecewise with {} knots", optimum.knots());
            best = Some(Witness { name, risk, lower });
        }
        if is_below(risk, variation) {
            break;
        }
    }
    Ok(best)
}

fn smoothed_risk(law: &Law, variance: &Exact, instance: &Instance) -> Result<Estimate, Error> {
    let model = Model::Bayes(Bayes::new(law.smoothed(variance)?));
    Line::new(law, &model)?.madry(KL, instance.epsilon())
}
