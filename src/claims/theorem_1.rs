//! Theorem 1.

use super::inequality::Inequalities;
use super::{Check, Claim, Instance, Proof, Scope};
use crate::error::Error;
use crate::quantity::Quantity;
use crate::risk::Risk;

/// The triangle inequality pointwise through P(x), Q(u) and P(u), then the supremum over the window, then the expectation; the
/// part `C - R_Madry <= R_SCORE` also uses symmetry.
pub static CLAIM: Claim = Claim {
    name: "theorem-1",
    title: "Theorem 1: SCORE and Madry differ by at most the law's own variation",
    statement: "|R_Madry - C| <= R_SCORE <= R_Madry + C",
    tex: r"\bigl|R^D_{\text{Madry}} - C^D\bigr| \le R^D_{\text{SCORE}} \le R^D_{\text{Madry}} + C^D",
    hypotheses: &["D is a metric on label distributions"],
    dropped: "for kl, which is no metric, both inequalities fail on some laws",
    reference: "Pang et al., ICML 2022, Theorem 1",
    proof: Some(Proof {
        theorems: &[
            "theorem_1.theorem_1",
            "theorem_1.theorem_1_sums",
            "theorem_1_metrics.theorem_1_metric",
            "continuous_risks.theorem_1_continuous",
            "continuous_risks.suprema_measurable",
            "metrics.metric_l1",
            "metrics.metric_total_variation",
            "metrics.metric_l2",
            "metrics.metric_linf",
            "metrics.metric_hellinger",
            "jensen_shannon.metric_jensen_shannon",
            "kl_counterexample.theorem_1_false_for_kl",
            "not_metrics.kl_not_metric",
            "not_metrics.reverse_kl_not_metric",
            "not_metrics.chi_squared_not_metric",
            "not_metrics.squared_error_not_metric",
        ],
        terms: "any measure, any nonempty perturbation sets, extended reals; measurable suprema, and finite R_Madry and C for the absolute \
                value; for the metrics here neither is needed where P and Q are continuous and the sets balls of any norm, in any dimension",
    }),
    scope: Scope::Any,
    check,
};

fn check(instance: &Instance) -> Result<Check, Error> {
    let claim = bounds(instance, 1)?;
    let divergence = instance.divergence();
    Ok(if divergence.is_metric() {
        claim.check()
    } else {
        claim.without_hypothesis(&format!("{divergence} is not a metric"))
    })
}

/// Each of `R_SCORE`, `R_Madry` and C is at most `c0` times the sum of the other two.
pub(super) fn bounds(instance: &Instance, c0: i32) -> Result<Inequalities, Error> {
    let mut claim = Inequalities::default();
    let sides = [Risk::Score, Risk::Madry, Risk::Variation];
    let mut values = [Quantity::zero(); 3];
    for (risk, value) in sides.into_iter().zip(&mut values) {
        *value = instance.risk(risk)?;
        claim.term(risk.symbol(), *value);
    }
    for (i, risk) in sides.into_iter().enumerate() {
        let (j, k) = ((i + 1) % 3, (i + 2) % 3);
        let sum = format!("{} + {}", sides[j].symbol(), sides[k].symbol());
        let larger = if c0 == 1 { sum } else { format!("{c0} ({sum})") };
        let name = format!("{} <= {larger}", risk.symbol());
        claim.at_most_sum(&name, values[i], c0, &[values[j], values[k]]);
    }
    Ok(claim)
}
