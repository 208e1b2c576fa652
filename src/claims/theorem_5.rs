//! Theorem 5.

use super::inequality::Inequalities;
use super::{Check, Claim, Instance, Proof, Scope};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::exact::Exact;
use crate::quadrature::Estimate;

/// The derivative of the smoothed risk by the noise's variance is an inner product of semantic gradients: randomized smoothing aligns the
/// model's with the data's.
///
/// The instance's radius stands for the variance sigma (not the standard deviation; in units of x squared). The formula is compared with
/// the derivative of the risk by jets in sigma, at 0 and at sigma; and the first-order expansion at 0 with its remainder, at sigma and at
/// smaller variances, which compares both with values of the risk alone. The remainder is bounded by the heat equation, used twice.
///
/// A hypothesis, dropped: the risk has to be finite. A model that excludes a label has none:
///
/// ```
/// use score_workbench::claims::{Claim, Problem, Verdict};
/// use score_workbench::divergence::Divergence::Kl;
/// use score_workbench::{law::Law, model::{Constant, Model}};
/// use score_workbench::perturbation::{Ball, Norm};
///
/// let certain = Model::Constant(Constant::new(vec!["1".parse()?, "0".parse()?])?);
/// let problem = Problem::new(("toy", &Law::resolve("toy")?), ("certain", &certain), Norm::Linf)?;
/// let instance = problem.instance(Kl, Ball::new(Norm::Linf, "1/4".parse()?)?);
/// let check = Claim::named("theorem-5")?.check(&instance)?;
/// assert_eq!(check.verdict, Verdict::NotApplicable);
/// assert_eq!(check.terms[0].value.value(), f64::INFINITY); // R_G(0)
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
///
/// At a kink of the model the formula stands, as it needs one derivative; the bound of the remainder needs two, and fails. Here the model is
/// `sigmoid(x / 100)` for x > 0 and 1/2 for x < 0, so that all that bends is the kink:
///
/// ```
/// # use score_workbench::claims::{Claim, Problem, Verdict};
/// # use score_workbench::divergence::Divergence::Kl;
/// # use score_workbench::{law::Law, model::Model};
/// use score_workbench::model::{Activation, Layer, Mlp};
/// # use score_workbench::perturbation::{Ball, Norm};
/// let numbers = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>();
/// let hidden = Layer::new(vec![numbers(&["1"])], numbers(&["0"]))?;
/// let output = Layer::new(vec![numbers(&["1/100"]), numbers(&["0"])], numbers(&["0", "0"]))?;
/// let kinked = Model::Mlp(Mlp::new(Activation::Relu, vec![hidden, output])?);
/// let problem = Problem::new(("symmetric", &Law::resolve("symmetric")?), ("kinked", &kinked), Norm::Linf)?;
/// let instance = problem.instance(Kl, Ball::new(Norm::Linf, "1/4".parse()?)?);
/// let check = Claim::named("theorem-5")?.check(&instance)?;
/// assert_eq!(check.verdict, Verdict::NotApplicable);
/// assert!(check.slack.unwrap().value() < 0.0, "the bound of the remainder fails");
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
pub static CLAIM: Claim = Claim {
    name: "theorem-5",
    title: "Theorem 5: the smoothed risk grows with the noise's variance by an inner product of semantic gradients",
    statement: "d/dsigma R_G = (1/2) E[(ln p_theta(y|x))' (ln p_d^sigma(x|y))'] for the negative log-likelihood R_G under noise of variance \
                sigma (sigma = eps here); |R_G(sigma) - R_G(0) - sigma R_G'(0)| <= (sigma^2 / 2) phi(1) L sum m/v with \
                |(ln p_theta(y|.))''| <= L and components of mass m and variance v",
    tex: r"\frac{d}{d\sigma} R_G(\theta; \sigma) = \tfrac12\, \mathbb{E}_{p_d^\sigma(x, y)}\bigl[ \nabla_x \ln p_\theta(y|x) \cdot \nabla_x \ln p_d^\sigma(x|y) \bigr],\quad R_G(\theta; \sigma) = R_G(\theta; 0) + \sigma R_G'(\theta; 0) + o(\sigma)",
    hypotheses: &[
        "the loss is the negative log-likelihood (KL), in one dimension",
        "p_theta(y|x) > 0, and ln p_theta(y|.) grows with its derivative at most like a power of x",
        "for the remainder: ln p_theta(y|.) has a Lipschitz derivative",
    ],
    dropped: "a model with p_theta(y|x) = 0 has no finite risk to differentiate; at a kink of ln p_theta the remainder exceeds its bound",
    reference: "Pang et al., ICML 2022, Theorem 5; the bound of the remainder is an extension",
    proof: Some(Proof {
        theorems: &[
            "theorem_5.theorem_5",
            "theorem_5.theorem_5_labels",
            "theorem_5.theorem_5_window",
            "theorem_5_mixtures.theorem_5_mixtures",
            "theorem_5_mixtures.theorem_5_expansion",
            "theorem_5_mixtures.theorem_5_softmax",
            "theorem_5_mixtures.theorem_5_toy",
            "theorem_5_mixtures.smooth_is_convolution",
            "theorem_5_remainder.theorem_5_remainder",
            "theorem_5_remainder.theorem_5_remainder_linear",
            "theorem_5_remainder.theorem_5_toy_remainder",
        ],
        terms: "one dimension; for Gaussian mixtures and ln p_theta of at most exponential growth nothing is left open, sigma = 0 included; for \
                other laws the tail conditions are hypotheses; the remainder's bound for ln p_theta twice continuously differentiable",
    }),
    scope: Scope::Only(Divergence::Kl),
    check,
};

/// The variances at which the expansion is compared with the risk, as divisors of the instance's.
const DIVISORS: [i64; 3] = [1, 16, 256];

fn check(instance: &Instance) -> Result<Check, Error> {
    let mut claim = Inequalities::default();
    let line = match instance.problem().line() {
        Ok(line) => line,
        Err(error) => return Ok(Check::off_the_line(&error)),
    };
    let sigma = instance.ball().epsilon();
    // Noise of variance sigma in every coordinate of x is noise of variance sigma |u|^2 along u.
    let unit = instance.problem().reduction().square();
    let (by_unit, by_square) = (unit.to_f64(), unit.to_f64() * unit.to_f64());
    if line.excludes_a_label() {
        claim.term("R_G(0)", Estimate::exact(f64::INFINITY));
        return Ok(claim.without_hypothesis("p_theta(y|x) = 0 for some label: R_G is infinite"));
    }
    let clean = line.smoothed(&Exact::integer(0))?;
    let [risk, derivative, second] = clean.derivatives();
    let (derivative, second) = (derivative * by_unit, second * by_square);
    let semantic = clean.semantic_slope() * by_unit;
    claim.term("R_G(0)", risk);
    claim.term("dR_G/dsigma at 0", derivative);
    claim.term("d^2R_G/dsigma^2 at 0", second);
    claim.term("what cancels in dR_G/dsigma at 0", clean.cancelling() * by_unit);
    claim.equal("(1/2) E[..] = dR_G/dsigma at 0", semantic, derivative);
    let (curvature, kinks) = line.smoothed_curvature((sigma * &unit).to_f64())?;
    let curvature = curvature * by_square;
    claim.term("phi(1) L sum m/v", curvature);
    for divisor in DIVISORS {
        let at = if divisor == 1 { "sigma".to_owned() } else { format!("sigma/{divisor}") };
        let share = sigma.checked_div(&Exact::integer(divisor)).unwrap_or_else(|| sigma.clone());
        let smoothed = line.smoothed(&(&share * &unit))?;
        let share = share.to_f64();
        let [noisy, derivative, _] = smoothed.derivatives();
        let derivative = derivative * by_unit;
        claim.term(&format!("R_G({at})"), noisy);
        if divisor == 1 {
            claim.term("dR_G/dsigma at sigma", derivative);
            claim.equal(
                "(1/2) E[..] = dR_G/dsigma at sigma",
                smoothed.semantic_slope() * by_unit,
                derivative,
            );
        }
        let remainder = noisy - risk - semantic * share;
        let size = Estimate { value: remainder.value.abs(), ..remainder };
        let bound = curvature * (0.5 * share * share);
        claim.at_most(
            &format!("|R_G({at}) - R_G(0) - {at} dR_G/dsigma(0)| <= remainder"),
            size,
            bound,
        );
    }
    Ok(if kinks.is_empty() {
        claim.check()
    } else {
        let count = kinks.len();
        claim.without_hypothesis(&format!("ln p_theta has kinks at {count} points"))
    })
}
