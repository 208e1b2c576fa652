//! Corollary 1.

use super::inequality::Inequalities;
use super::{Check, Claim, Instance, Proof, Scope};
use crate::divergence::{Divergence, Triangle};
use crate::error::Error;
use crate::risk::Risk;

/// Theorem 1, then a bound B of the divergence by the relative entropy: pointwise, through the supremum because B is increasing,
/// through the expectation because B is concave (Jensen). With a relaxed triangle inequality its constant is carried along.
pub static CLAIM: Claim = Claim {
    name: "corollary-1",
    title: "Corollary 1: the KL form of Madry's risk bounds SCORE's distance from C",
    statement: "|R_SCORE^D - C^D| <= B(R_Madry^kl), for D = l1: sqrt(2 R_Madry^kl) (Pinsker) and \
                2 sqrt(1 - exp(-R_Madry^kl)) (Bretagnolle-Huber)",
    tex: r"\bigl|R^{D}_{\text{SCORE}} - C^{D}\bigr| \le B_D\bigl(R^{\text{KL}}_{\text{Madry}}\bigr),\quad B_{\ell_1}(t) = \min\bigl\{\sqrt{2t},\ 2\sqrt{1 - e^{-t}}\bigr\}",
    hypotheses: &[
        "D is a metric, or satisfies a relaxed triangle inequality",
        "D(a, b) <= B(KL(a, b)) with a concave increasing B",
    ],
    dropped: "without a bound by KL (chi-squared, reverse-kl) R_SCORE can be infinite while R_Madry^kl is finite",
    reference: "Pang et al., ICML 2022, Corollary 1 (l1, Pinsker); the other rows are extensions",
    proof: Some(Proof {
        theorems: &[
            "corollary_1.corollary_1",
            "corollary_1.corollary_1_l1",
            "corollary_1.corollary_1_l1_exp",
            "corollary_1.corollary_1_total_variation",
            "corollary_1.corollary_1_total_variation_exp",
            "corollary_1.corollary_1_l2",
            "corollary_1.corollary_1_linf",
            "corollary_1.corollary_1_hellinger",
            "corollary_1.corollary_1_jensen_shannon",
            "corollary_1.squared_error_risks_le_KL",
            "continuous_risks.corollary_1_continuous",
            "continuous_risks.corollary_1_l1_continuous",
            "pinsker.pinsker",
            "bretagnolle_huber.bretagnolle_huber",
            "kl_bounds.l1_le_kl",
            "kl_bounds.l1_le_exp",
            "kl_bounds.total_variation_le_kl",
            "kl_bounds.total_variation_le_exp",
            "kl_bounds.l2_le_kl",
            "kl_bounds.linf_le_kl",
            "kl_bounds.hellinger_le_kl",
            "kl_bounds.jensen_shannon_le_kl",
            "kl_bounds.squared_error_le_kl",
        ],
        terms: "probability measure, measurable suprema (proved for continuous P and Q and balls of any norm), finite R_Madry^kl; the \
                Bretagnolle-Huber form for l1 and total variation, for squared error R_SCORE <= 2 (R_Madry^kl + C)",
    }),
    scope: Scope::Any,
    check,
};

fn check(instance: &Instance) -> Result<Check, Error> {
    let mut claim = Inequalities::default();
    let divergence = instance.divergence();
    let (score, variation) = (instance.risk(Risk::Score)?, instance.risk(Risk::Variation)?);
    let madry = instance.risk_of(Risk::Madry, Divergence::Kl)?;
    claim.term("R_SCORE", score);
    claim.term("C", variation);
    claim.term("R_Madry^kl", madry);
    let c0 = match divergence.facts().triangle {
        Triangle::Metric => 1,
        Triangle::Relaxed(c0) => c0,
        Triangle::None => {
            return Ok(
                claim.without_hypothesis(&format!("{divergence} has no triangle inequality"))
            );
        }
    };
    for bound in divergence.facts().bounds {
        let name = bound.inequality.name();
        let value = madry.map(bound);
        claim.term(&format!("B ({name})"), value);
        let times = if c0 == 1 { String::new() } else { format!("{c0} ") };
        let upper = format!("R_SCORE <= {times}(C + B) ({name})");
        claim.at_most_sum(&upper, score, c0, &[variation, value]);
        let lower = format!("C <= {times}(R_SCORE + B) ({name})");
        claim.at_most_sum(&lower, variation, c0, &[score, value]);
    }
    Ok(claim.check())
}
