//! The paradox of the robust error as it was.

use super::{Check, Claim, Evidence, Instance, Proof, Scope, Term, Tier, Verdict};
use crate::divergence::Divergence;
use crate::enclosure::{self, Effort};
use crate::error::Error;
use crate::exact::Exact;
use crate::model::{Bayes, Model};
use crate::optimal;
use crate::quadrature::Estimate;
use crate::quantity::Quantity;
use crate::risk::{Line, Risk};
use crate::space::Projected;
use crate::tolerance;

/// An existence statement: one model settles it. Tried are the posteriors of the law smoothed by Gaussian noise of a few variances, which
/// answer for a neighbourhood of x rather than for x; and where none of them does it, with two classes, the optimum itself.
///
/// Where enclosures are asked for, the risk of the model that was found and C are enclosed until they lie apart.
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
        theorems: &[
            "paradox.paradox",
            "convexity.madry_at_convex",
            "convexity.R_madry_convex",
            "convexity.R_madry_KL_convex",
        ],
        terms: "a law of two inputs and two labels; the slides' toy is checked here; and for any law R_Madry^kl is convex in Q, by which \
                the most robust model is found and its risk bounded below",
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
    let own = match instance.problem().own() {
        Ok(own) => own,
        Err(error) => return Ok(Check::off_the_line(&error)),
    };
    // As instance.own_risk, whatever divergence the instance names.
    let variation = instance.problem().risk(Risk::Variation, KL, instance.epsilon())?;
    let outcome = |verdict, slack, witness: Option<&Witness>, note: String| {
        let mut terms = vec![term("C", variation)];
        if let Some(witness) = witness {
            terms.push(term("R_Madry(Q)", witness.risk));
            terms
                .extend(witness.lower.map(|lower| term("R_Madry of every model, at least", lower)));
        }
        let (slack, evidence) = (slack, Evidence::Estimated);
        // What holds for some model has no inequality that an instance could violate.
        let (comparisons, note) = (Vec::new(), Some(note));
        Ok(Check { verdict, evidence, slack, terms, comparisons, note })
    };
    if variation.value <= variation.error {
        let note = "the law does not vary in the balls: C = 0".to_owned();
        return outcome(Verdict::NotApplicable, None, None, note);
    }
    let Some(witness) = witness(instance, own, variation)? else {
        let note = "no model was tried whose risk is a double".to_owned();
        return outcome(Verdict::Undecided, None, None, note);
    };
    let slack = Some((variation - witness.risk).into());
    if is_below(witness.risk, variation) {
        let note = format!("Q is {}", witness.name);
        let check = outcome(Verdict::Holds, slack, Some(&witness), note)?;
        Ok(proved(instance, own, &witness)?.map_or(check.clone(), |[variation, risk]| Check {
            evidence: Evidence::Enclosed,
            slack: Some(variation - risk),
            terms: vec![term("C", variation), term("R_Madry(Q)", risk)],
            ..check
        }))
    } else {
        let note = "no model that was tried is more robust than the posterior".to_owned();
        // Without the optimum to try, nothing is claimed, and nothing violated.
        if own.reduction().law().classes() == 2 {
            outcome(Verdict::Undecided, slack, Some(&witness), note)
        } else {
            outcome(Verdict::NotApplicable, None, Some(&witness), note)
        }
    }
}

/// C and `R_Madry(Q)` in enclosures that show which is the larger, if the instance asks for enclosures and they do.
fn proved(
    instance: &Instance,
    own: &Projected,
    witness: &Witness,
) -> Result<Option<[Quantity; 2]>, Error> {
    let Tier::Enclosed { mut width, .. } = instance.tier() else { return Ok(None) };
    let radius = own.reduction().radius(instance.ball());
    if !(own.encloses(instance.ball()) && radius.is_exact()) {
        return Ok(None);
    }
    let line = Line::new(own.reduction().law(), &witness.model)?;
    let asked = (Risk::Madry, KL, radius.below());
    while width >= tolerance::TIGHTEST {
        let variation = instance.enclosed_to(width).risk_of(Risk::Variation, KL)?;
        let risk = enclosure::risk(&line, asked, Effort::to(width))?.interval;
        let risk = Quantity::from(risk);
        if (risk - variation).is_negative() == Some(true) {
            return Ok(Some([variation, risk]));
        }
        width *= tolerance::TIGHTER;
    }
    Ok(None)
}

fn term(name: &str, value: impl Into<Quantity>) -> Term {
    Term { name: name.to_owned(), value: value.into() }
}

/// Strictly, errors included.
fn is_below(risk: Estimate, variation: Estimate) -> bool {
    risk.value + risk.error < variation.value - variation.error
}

/// A model that was tried.
struct Witness {
    name: String,
    model: Model,
    risk: Estimate,
    lower: Option<Estimate>,
}

/// The first model that is more robust than the posterior, else the most robust of those that were tried.
fn witness(
    instance: &Instance,
    own: &Projected,
    variation: Estimate,
) -> Result<Option<Witness>, Error> {
    // A model of the direction that the posterior depends on.
    let law = own.reduction().law();
    let radius = own.reduction().radius(instance.ball());
    let epsilon = radius.below();
    let square = epsilon * epsilon;
    let mut best: Option<Witness> = None;
    for noise in NOISE {
        let variance = &square * &noise.parse::<Exact>()?;
        let model = Model::Bayes(Bayes::new(law.smoothed(&variance)?));
        let risk = match Line::new(law, &model)?.madry(KL, epsilon.to_f64()) {
            Err(Error::Overflow { .. }) => continue,
            risk => risk?,
        };
        if best.as_ref().is_none_or(|best| risk.value < best.risk.value) {
            let name = format!("the posterior of the law smoothed by N(0, {variance})");
            best = Some(Witness { name, model, risk, lower: None });
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
            best = Some(Witness { name, model: optimum.model().clone(), risk, lower });
        }
        if is_below(risk, variation) {
            break;
        }
    }
    Ok(best)
}
