//! Theorem 1 for divergences with a relaxed triangle inequality.

use super::{Check, Claim, Instance, Proof, Scope, theorem_1};
use crate::divergence::{Divergence, Triangle};
use crate::error::Error;
use crate::quantity::Increasing;
use crate::real::Real;
use crate::risk::Risk;

/// The proof of Theorem 1 with the constant carried along. For the squared error, its square root l2 is a metric besides, and Jensen's
/// inequality bounds `R_Madry^l2` by the square root of what training drives down.
pub static CLAIM: Claim = Claim {
    name: "theorem-1-relaxed",
    title: "Theorem 1 with a relaxed triangle inequality, and what training with the squared error bounds",
    statement: "R_SCORE <= c0 (R_Madry + C), R_Madry <= c0 (R_SCORE + C), C <= c0 (R_Madry + R_SCORE); \
                for squared-error c0 = 2, and |R_SCORE^l2 - C^l2| <= R_Madry^l2 <= sqrt(R_Madry^squared-error)",
    tex: r"R_{\text{SCORE}} \le c_0\,(R_{\text{Madry}} + C),\quad R_{\text{Madry}} \le c_0\,(R_{\text{SCORE}} + C),\quad C \le c_0\,(R_{\text{Madry}} + R_{\text{SCORE}})",
    hypotheses: &["D is symmetric", "D(a, c) <= c0 (D(a, b) + D(b, c))"],
    dropped: "with c0 = 1 it fails for the squared error, and with any c0 for kl, reverse-kl and chi-squared",
    reference: "extension of Pang et al., ICML 2022, Theorem 1",
    proof: Some(Proof {
        theorems: &[
            "theorem_1_relaxed.theorem_1_relaxed",
            "metrics.squared_error_relaxed_triangle",
            "corollary_1.l2_risks_le_squared_error",
        ],
        terms: "as Theorem 1, with c0 >= 0",
    }),
    scope: Scope::Any,
    check,
};

fn check(instance: &Instance) -> Result<Check, Error> {
    let divergence = instance.divergence();
    match divergence.facts().triangle {
        Triangle::Metric => Ok(theorem_1::bounds(instance, 1)?.check()),
        Triangle::Relaxed(c0) => {
            let mut claim = theorem_1::bounds(instance, c0)?;
            if divergence == Divergence::SquaredError {
                let l2 = |risk| instance.risk_of(risk, Divergence::L2);
                let (madry, score, variation) =
                    (l2(Risk::Madry)?, l2(Risk::Score)?, l2(Risk::Variation)?);
                let root = instance.risk(Risk::Madry)?.map(&SquareRoot);
                claim.term("R_Madry^l2", madry);
                claim.at_most_sum("R_SCORE^l2 <= C^l2 + R_Madry^l2", score, 1, &[variation, madry]);
                claim.at_most_sum("C^l2 <= R_SCORE^l2 + R_Madry^l2", variation, 1, &[score, madry]);
                claim.at_most("R_Madry^l2 <= sqrt(R_Madry)", madry, root);
            }
            Ok(claim.check())
        }
        Triangle::None => {
            let reason = format!(
                "{divergence} has no triangle inequality with any constant; c0 = 2 is tried"
            );
            Ok(theorem_1::bounds(instance, 2)?.without_hypothesis(&reason))
        }
    }
}

/// The square root of what is at least 0.
struct SquareRoot;

impl Increasing for SquareRoot {
    fn at<R: Real>(&self, t: &R) -> R {
        t.max(&t.int(0)).sqrt()
    }
}
