//! Self-consistency: the most accurate model is the most robust one.

use super::inequality::Inequalities;
use super::{Check, Claim, Instance, Proof, Scope};
use crate::error::Error;
use crate::quantity::Quantity;
use crate::risk::Risk;

/// `D(a, a) = 0` under the supremum; and with Q = P the Madry integrand is that of C.
pub static CLAIM: Claim = Claim {
    name: "self-consistency",
    title: "The data's own posterior has SCORE risk zero, and its Madry risk is C",
    statement: "R_SCORE(P) = 0, R_Madry(P) = C",
    tex: r"R_{\text{SCORE}}(P) = 0,\qquad R_{\text{Madry}}(P) = C",
    hypotheses: &["D(a, a) = 0"],
    dropped: "the converse, R_SCORE = 0 only for Q = P, needs a D that separates points and continuous P and Q",
    reference: "Pang et al., ICML 2022, section 3",
    proof: Some(Proof {
        theorems: &[
            "self_consistency.R_score_of_law",
            "self_consistency.R_score_eq0",
            "self_consistency.R_score_eq0_identifies",
            "order.R_madry_of_law",
        ],
        terms: "both directions, almost everywhere; measurable suprema, no continuity",
    }),
    scope: Scope::Any,
    check,
};

fn check(instance: &Instance) -> Result<Check, Error> {
    let mut claim = Inequalities::default();
    let (score, madry) = (instance.own_risk(Risk::Score)?, instance.own_risk(Risk::Madry)?);
    let variation = instance.risk(Risk::Variation)?;
    claim.term("R_SCORE(P)", score);
    claim.term("R_Madry(P)", madry);
    claim.term("C", variation);
    claim.equal("R_SCORE(P) = 0", score, Quantity::zero());
    claim.equal("R_Madry(P) = C", madry, variation);
    Ok(claim.check())
}
