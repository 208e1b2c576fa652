//! The order of the risks.

use super::inequality::Inequalities;
use super::{Check, Claim, Instance, Proof, Scope};
use crate::error::Error;
use crate::risk::Risk;

/// x is in its own window, so that a supremum over the window is at least the value at x; and a larger window has a larger
/// supremum.
pub static CLAIM: Claim = Claim {
    name: "order",
    title: "The standard risk is the smallest, and every risk grows with epsilon",
    statement: "R_Standard <= R_Madry, R_Standard <= R_SCORE; R_Madry, R_SCORE and C do not decrease in eps",
    tex: r"R_{\text{Standard}} \le R_{\text{Madry}}(\varepsilon),\quad R_{\text{Standard}} \le R_{\text{SCORE}}(\varepsilon),\quad R(\varepsilon') \le R(\varepsilon)\ \text{for}\ \varepsilon' \le \varepsilon",
    hypotheses: &["x is in B(x)", "the perturbation sets grow with eps"],
    dropped: "with perturbation sets that exclude x itself R_Madry and R_SCORE can fall below R_Standard",
    reference: "Pang et al., ICML 2022, section 3: immediate from the definitions",
    proof: Some(Proof {
        theorems: &[
            "order.R_standard_le_R_madry",
            "order.R_standard_le_R_score",
            "order.R_madry_le",
            "order.R_score_le",
            "order.C_le",
        ],
        terms: "D >= 0 and measurable integrands; any nested perturbation sets in place of balls",
    }),
    scope: Scope::Any,
    check,
};

fn check(instance: &Instance) -> Result<Check, Error> {
    let mut claim = Inequalities::default();
    let standard = instance.risk(Risk::Standard)?;
    claim.term("R_Standard", standard);
    for risk in [Risk::Madry, Risk::Score] {
        let value = instance.risk(risk)?;
        claim.term(risk.symbol(), value);
        claim.at_most(&format!("R_Standard <= {}", risk.symbol()), standard, value);
    }
    for risk in [Risk::Madry, Risk::Score, Risk::Variation] {
        let smaller = instance.halved()?.risk(risk)?;
        let name = format!("{0}(eps/2) <= {0}(eps)", risk.symbol());
        claim.at_most(&name, smaller, instance.risk(risk)?);
    }
    Ok(claim.check())
}
