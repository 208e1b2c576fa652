//! Theorem 4.

use super::inequality::Inequalities;
use super::{Check, Claim, Instance, Proof, Scope};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::exact::Exact;
use crate::quadrature::Estimate;
use crate::risk::{Expansion, Risk, Smoothness};
use crate::space::PlaneExpansion;

/// `R_SCORE^l1` grows from `R_Standard^l1` at the rate at which the model's slopes miss the data's: adversarial training with a small radius
/// matches semantic gradients.
///
/// What is decided is an inequality that holds at every radius, not only in the limit, with the largest slope G and curvature M of the
/// differences `d_y`. It is evaluated at the instance's radius and at ever smaller ones, where it pins the coefficient down; the quotient
/// `(R_SCORE - R_Standard) / eps` and the order in which the remainder falls are among the terms. For more than two classes the paper's
/// form of the coefficient needs the signs of `d_y` to be one against the rest; where they are not, both forms are shown beside the limit.
///
/// Two hypotheses, dropped. Without differentiability the remainder is no longer bounded by curvatures; here `p_d` is 1/2 everywhere
/// and the model is `sigmoid(x / 100)` for x > 0 and 1/2 for x < 0, nearly straight on both sides of its kink:
///
/// ```
/// use score_workbench::claims::{Claim, Problem, Verdict};
/// use score_workbench::divergence::Divergence::L1;
/// use score_workbench::{law::Law, model::Model};
/// use score_workbench::model::{Activation, Layer, Mlp};
/// use score_workbench::perturbation::{Ball, Norm};
///
/// let numbers = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>();
/// let hidden = Layer::new(vec![numbers(&["1"])], numbers(&["0"]))?;
/// let output = Layer::new(vec![numbers(&["1/100"]), numbers(&["0"])], numbers(&["0", "0"]))?;
/// let kinked = Model::Mlp(Mlp::new(Activation::Relu, vec![hidden, output])?);
/// let problem = Problem::new(("twins", &Law::resolve("twins")?), ("kinked", &kinked), Norm::Linf)?;
/// let instance = problem.instance(L1, Ball::new(Norm::Linf, "1/4".parse()?)?);
/// let check = Claim::named("theorem-4")?.check(&instance)?;
/// assert_eq!(check.verdict, Verdict::NotApplicable);
/// assert!(check.slack.unwrap().value() < 0.0, "the inequality fails");
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
///
/// Without the condition on the signs the paper's form is not the limit:
///
/// ```
/// # use score_workbench::{law::Law, model::Model, risk::Line};
/// # use score_workbench::divergence::Divergence::L1;
/// let line = Line::new(&Law::resolve("four-classes")?, &Model::resolve("four-linear")?)?;
/// let expansion = line.expansion();
/// let quotient = |eps: f64| -> Result<f64, score_workbench::error::Error> {
///     Ok((line.score(L1, eps)?.value - line.standard(L1)?.value) / eps)
/// };
/// let limit = 2.0 * quotient(1e-5)? - quotient(2e-5)?;
/// assert!((limit - expansion.signs.value).abs() < 1e-6);
/// assert!((limit - expansion.paper.value).abs() > 1e-2);
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
pub static CLAIM: Claim = Claim {
    name: "theorem-4",
    title: "Theorem 4: to first order SCORE adds the gap between the semantic gradients",
    statement: "R_SCORE^l1(eps) = R_Standard^l1 + c eps + o(eps), c = E |sum_y s_y d_y'| with d_y = p_d(y|.) - p_theta(y|.) and signs s_y; \
                c = 2 E |d_Y'|, Y = argmax p_d (the paper's form), where the signs are one against the rest at Y. \
                At every eps, |R_SCORE - R_Standard - c eps| <= M eps^2 for two classes, \
                <= K M eps^2 / 2 + 2 K G eps P(some |d_y| < G eps + M eps^2 / 2) for K, with |d_y'| <= G, |d_y''| <= M",
    tex: r"R^{\ell_1}_{\text{SCORE}}(\varepsilon) = R^{\ell_1}_{\text{Standard}} + \varepsilon\, \mathbb{E}_x \Bigl\lVert \sum_y s_y \bigl(\nabla p_d(y|x) - \nabla p_\theta(y|x)\bigr) \Bigr\rVert_q + o(\varepsilon),\quad s_y = \operatorname{sign}\bigl(p_d(y|x) - p_\theta(y|x)\bigr)",
    hypotheses: &[
        "p_d(y|.) and p_theta(y|.) are differentiable with Lipschitz derivatives",
        "for the limit with three classes or more: p_d(y|x) != p_theta(y|x) almost everywhere",
        "for the paper's form of c: the signs are one against the rest at argmax p_d",
    ],
    dropped: "at a kink of the model the remainder exceeds M eps^2; where the signs are not one against the rest, as for three classes, \
              the paper's form of c is not the limit",
    reference: "Pang et al., ICML 2022, Theorem 4; the sign form and the bounds of the remainder are extensions",
    proof: Some(Proof {
        theorems: &[
            "theorem_4.theorem_4",
            "theorem_4.theorem_4_two_labels",
            "theorem_4.theorem_4_signs",
            "theorem_4.slope_one_against_rest",
            "theorem_4.dual_one_against_rest",
            "theorem_4_ties.theorem_4_probability",
            "theorem_4_ties.mean_tie_vanishes",
            "theorem_4_ties.theorem_4_paper",
            "theorem_4_three_labels.twice_the_paper_form",
            "theorem_4_three_labels.paper_form_fails",
            "theorem_4_three_labels.law_distribution",
            "theorem_4_three_labels.model_distribution",
            "theorem_4_three_labels.is_derive_slope",
        ],
        terms: "bounded first and second derivatives; the limit where ties have probability zero, the paper's form of it where almost \
                surely one label's difference alone is positive; a three-label law on which it is half the limit",
    }),
    scope: Scope::Only(Divergence::L1),
    check,
};

/// The radii at which the remainder is looked at, relative to the instance's.
const SHARES: [f64; 5] = [1.0, 1.0 / 16.0, 1.0 / 256.0, 1.0 / 4096.0, 1.0 / 65536.0];

fn check(instance: &Instance) -> Result<Check, Error> {
    let mut claim = Inequalities::default();
    let problem = instance.problem();
    let Ok(line) = problem.line() else {
        return in_the_plane(instance);
    };
    // Along the one direction that matters a ball of radius 1 is an interval of this half-width.
    let unit = problem.radius(&Exact::integer(1))?.to_f64();
    let risk = |risk, epsilon| problem.risk(risk, Divergence::L1, epsilon);
    let Expansion { signs, paper, mixed } = line.expansion();
    let (signs, paper) = (signs * unit, paper * unit);
    let Smoothness { slope, curvature, kinks } = line.smoothness(instance.epsilon() * unit)?;
    let (slope, curvature) = (slope * unit, curvature * (unit * unit));
    let standard = risk(Risk::Standard, 0.0)?;
    claim.term("R_Standard^l1", standard);
    claim.term("c", signs);
    claim.term("c, the paper's form", paper);
    claim.term("P(the signs are not one against the rest)", mixed);
    claim.term("G", slope);
    claim.term("M", curvature);
    let classes = line.classes() as f64;
    let mut remainders = Vec::new();
    for share in SHARES {
        let epsilon = share * instance.epsilon();
        let score = risk(Risk::Score, epsilon)?;
        let remainder = score - standard - signs * epsilon;
        let square = curvature * (epsilon * epsilon);
        let bound = if line.classes() == 2 {
            square
        } else {
            let radius = slope.value * epsilon + 0.5 * square.value;
            let rate = line.near_ties(radius).map_increasing(|p| p.min(1.0)) * slope.value;
            square * (0.5 * classes) + rate * (2.0 * classes * epsilon)
        };
        let at = if share == 1.0 { "eps".to_owned() } else { format!("eps/{}", share.recip()) };
        if epsilon > 0.0 {
            let quotient = (score - standard) * epsilon.recip();
            claim.term(&format!("(R_SCORE - R_Standard)/eps at {at}"), quotient);
        }
        let size = Estimate { value: remainder.value.abs(), ..remainder };
        claim.at_most(&format!("|R_SCORE - R_Standard - c eps| <= remainder at {at}"), size, bound);
        remainders.push((epsilon, size));
        if epsilon == 0.0 {
            break;
        }
    }
    if let Some(order) = order(&remainders) {
        claim.term("order of the remainder", order);
    }
    if !kinks.is_empty() {
        return Ok(claim.without_hypothesis(&format!(
            "p_d - p_theta is not differentiable at {} points",
            kinks.len()
        )));
    }
    let mut check = claim.check();
    if mixed.value > mixed.error && (signs.value - paper.value).abs() > signs.error + paper.error {
        check.note = Some(format!(
            "the limit is c = {:.6}; the paper's form, {:.6}, is not: with probability {:.4} the signs are not one against the rest",
            signs.value, paper.value, mixed.value
        ));
    }
    Ok(check)
}

/// The radii for two directions, whose risks have fewer digits to lose.
const FEWER: [f64; 3] = [1.0, 1.0 / 4.0, 1.0 / 16.0];

/// The same of two directions, for two classes whose log-odds are affine: there the coefficient is an integral in the plane and M is known.
fn in_the_plane(instance: &Instance) -> Result<Check, Error> {
    let mut claim = Inequalities::default();
    let problem = instance.problem();
    let PlaneExpansion { coefficient, curvature } = match problem.expansion() {
        Ok(expansion) => expansion,
        Err(error) => return Ok(Check::off_the_line(&error)),
    };
    let standard = problem.risk(Risk::Standard, Divergence::L1, 0.0)?;
    claim.term("R_Standard^l1", standard);
    claim.term("c", coefficient);
    claim.term("M", Estimate::exact(curvature));
    for share in FEWER {
        let epsilon = share * instance.epsilon();
        let score = problem.risk(Risk::Score, Divergence::L1, epsilon)?;
        let remainder = score - standard - coefficient * epsilon;
        let size = Estimate { value: remainder.value.abs(), ..remainder };
        let bound = Estimate::exact(curvature * epsilon * epsilon);
        let at = if share == 1.0 { "eps".to_owned() } else { format!("eps/{}", share.recip()) };
        if epsilon > 0.0 {
            let quotient = (score - standard) * epsilon.recip();
            claim.term(&format!("(R_SCORE - R_Standard)/eps at {at}"), quotient);
        }
        claim.at_most(&format!("|R_SCORE - R_Standard - c eps| <= remainder at {at}"), size, bound);
        if epsilon == 0.0 {
            break;
        }
    }
    Ok(claim.check())
}

/// The power of eps with which the remainder falls between the two smallest radii at which it stands out of its error.
fn order(remainders: &[(f64, Estimate)]) -> Option<Estimate> {
    let clear: Vec<_> =
        remainders.iter().filter(|(_, size)| size.value > 10.0 * size.error).collect();
    let [.., (large, larger), (small, smaller)] = clear.as_slice() else { return None };
    let steps = (large / small).ln();
    let relative = larger.error / larger.value + smaller.error / smaller.value;
    let value = (larger.value / smaller.value).ln() / steps;
    Some(Estimate { value, error: relative / steps })
}
