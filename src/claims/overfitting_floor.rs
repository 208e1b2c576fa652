//! The floor under the robust risk of a self-consistent model.

use super::inequality::Inequalities;
use super::{Check, Claim, Instance, Proof, Scope};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::quantity::Increasing;
use crate::real::Real;
use crate::risk::Risk;

/// Corollary 1, solved for `R_Madry`: with `g = max(0, C^l1 - R_SCORE^l1)`, `R_Madry^kl >= g^2 / 2` (Pinsker) and
/// `R_Madry^kl >= -ln(1 - g^2 / 4)` (Bretagnolle-Huber). At `R_SCORE^l1 = 0` the right sides are the floors.
pub static CLAIM: Claim = Claim {
    name: "overfitting-floor",
    title: "A Madry risk below its floor rules out self-consistency",
    statement: "R_Madry^kl >= (C^l1 - R_SCORE^l1)^2 / 2 and >= -ln(1 - (C^l1 - R_SCORE^l1)^2 / 4) \
                where R_SCORE^l1 <= C^l1; so R_SCORE^l1 = 0 needs R_Madry^kl >= (C^l1)^2 / 2",
    tex: r"R^{\text{KL}}_{\text{Madry}} \ge \tfrac12\bigl(C^{\ell_1} - R^{\ell_1}_{\text{SCORE}}\bigr)_+^2,\qquad R^{\text{KL}}_{\text{Madry}} \ge -\ln\Bigl(1 - \tfrac14\bigl(C^{\ell_1} - R^{\ell_1}_{\text{SCORE}}\bigr)_+^2\Bigr)",
    hypotheses: &[],
    dropped: "it is Corollary 1 for l1, and needs what that needs; for other divergences the floor changes with the bound by KL",
    reference: "Pang et al., ICML 2022, section 3 (robust overfitting); Bretagnolle-Huber form: extension",
    proof: Some(Proof {
        theorems: &[
            "overfitting_floor.R_score_lower_bound",
            "overfitting_floor.overfitting_floor",
            "overfitting_floor.overfitting_floor_exp",
        ],
        terms: "as Corollary 1",
    }),
    scope: Scope::Only(Divergence::L1),
    check,
};

fn check(instance: &Instance) -> Result<Check, Error> {
    let mut claim = Inequalities::default();
    let l1 = |risk| instance.risk_of(risk, Divergence::L1);
    let (score, variation) = (l1(Risk::Score)?, l1(Risk::Variation)?);
    let madry = instance.risk_of(Risk::Madry, Divergence::Kl)?;
    claim.term("R_SCORE^l1", score);
    claim.term("C^l1", variation);
    claim.term("R_Madry^kl", madry);
    claim.term("floor (pinsker)", variation.map(&Floor::Pinsker));
    claim.term("floor (bretagnolle-huber)", variation.map(&Floor::BretagnolleHuber));
    let gap = variation - score;
    claim.at_most("(C - R_SCORE)_+^2 / 2 <= R_Madry", gap.map(&Floor::Pinsker), madry);
    let bretagnolle_huber = gap.map(&Floor::BretagnolleHuber);
    claim.at_most("-ln(1 - (C - R_SCORE)_+^2 / 4) <= R_Madry", bretagnolle_huber, madry);
    let mut check = claim.check();
    let floor = variation.map(&Floor::BretagnolleHuber);
    if (madry - floor).is_negative() == Some(true) {
        check.note = Some(format!(
            "R_Madry^kl = {:.6} is below the floor {:.6}: this model is overfitted to R_Madry and cannot be self-consistent",
            madry.value(),
            floor.value(),
        ));
    }
    Ok(check)
}

/// What `R_Madry^kl` is at least where C exceeds `R_SCORE` by g, both of l1.
#[derive(Clone, Copy)]
enum Floor {
    /// `g_+^2 / 2`
    Pinsker,
    /// `-ln(1 - g_+^2 / 4)`
    BretagnolleHuber,
}

impl Increasing for Floor {
    fn at<R: Real>(&self, g: &R) -> R {
        let square = g.max(&g.int(0)).square();
        match self {
            Self::Pinsker => square / g.int(2),
            Self::BretagnolleHuber => -(-(square / g.int(4))).ln_1p(),
        }
    }
}
