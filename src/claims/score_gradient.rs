//! The gradient of the KL form.

use super::inequality::Inequalities;
use super::{Check, Claim, Instance, Proof, Scope};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::quadrature::Estimate;
use crate::risk::GradientMeans;

/// The gradient that the inner maximisation of SCORE climbs, as a model gradient, which backpropagation has, and a data gradient, which is a
/// difference of scores and has to be known or estimated.
///
/// The decomposition is compared with jets of the divergence at every point of a mesh that follows it, and in the mean over x; there an
/// integration by parts, which knows neither, gives the same. `score gradient` measures what estimating the data gradient costs.
///
/// A hypothesis, dropped: without `p_theta(y|x) > 0` the divergence is infinite and has no gradient.
///
/// ```
/// use score_workbench::claims::{Claim, Problem, Verdict};
/// use score_workbench::divergence::Divergence::Kl;
/// use score_workbench::{law::Law, model::{Constant, Model}};
/// use score_workbench::perturbation::{Ball, Norm};
///
/// let certain = Model::Constant(Constant::new(vec!["1".parse()?, "0".parse()?])?);
/// let problem = Problem::new(("toy", &Law::resolve("toy")?), ("certain", &certain), Norm::Linf)?;
/// let instance = problem.instance(Kl, Ball::new(Norm::Linf, "1".parse()?)?);
/// let check = Claim::named("score-gradient")?.check(&instance)?;
/// assert_eq!((check.verdict, check.slack), (Verdict::NotApplicable, None));
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
///
/// The sum over y has to be that over `p_d(y|x)`: with the model's probabilities as weights the parts do not add up.
///
/// ```
/// # use score_workbench::{law::Law, model::Model, risk::Line};
/// let line = Line::new(&Law::resolve("toy")?, &Model::resolve("toy-linear")?)?;
/// let (x, h) = (0.5, 1e-5);
/// let under_the_model = |f: &dyn Fn(usize) -> f64| -> f64 {
///     (0..2).map(|y| line.model(x).probabilities().entries()[y] * f(y)).sum()
/// };
/// let ln = |x: f64, y: usize| [line.posterior(x), line.model(x)].map(|p| p.log_probabilities().entries()[y]);
/// let wrong = under_the_model(&|y| {
///     let slope = |i: usize| (ln(x + h, y)[i] - ln(x - h, y)[i]) / (2.0 * h);
///     -slope(1) + (ln(x, y)[0] - ln(x, y)[1]) * slope(0)
/// });
/// assert!((wrong - line.gradient(x).total).abs() > 1e-2);
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
pub static CLAIM: Claim = Claim {
    name: "score-gradient",
    title: "The gradient of the KL form is a model gradient and a data gradient",
    statement: "(KL(P(x), Q(x)))' = E_{y ~ P(x)}[-(ln p_theta(y|x))' + ln(p_d(y|x) / p_theta(y|x)) (ln p_d(y|x))'], \
                at every x and in the mean, where it is -E[KL(P(x), Q(x)) (ln p_d(x))']",
    tex: r"\nabla_x \mathrm{KL}\bigl(P(x), Q(x)\bigr) = \mathbb{E}_{y \sim P(x)}\Bigl[ -\nabla_x \ln p_\theta(y|x) + \ln \tfrac{p_d(y|x)}{p_\theta(y|x)}\, \nabla_x \ln p_d(y|x) \Bigr]",
    hypotheses: &["p_d(y|x) > 0 and p_theta(y|x) > 0, both differentiable at x"],
    dropped: "where p_theta(y|x) = 0 < p_d(y|x) the divergence is infinite; at a kink of the model each side has a gradient of its own",
    reference: "Pang et al., ICML 2022, section 3.2 (model and data gradients)",
    proof: Some(Proof {
        theorems: &["score_gradient.score_gradient"],
        terms: "one direction at a time, in any real vector space; at a point, not in the mean",
    }),
    scope: Scope::Only(Divergence::Kl),
    check,
};

fn check(instance: &Instance) -> Result<Check, Error> {
    let mut claim = Inequalities::default();
    let line = match instance.problem().line() {
        Ok(line) => line,
        Err(error) => return Ok(Check::off_the_line(&error)),
    };
    if line.excludes_a_label() {
        return Ok(claim.without_hypothesis("p_theta(y|x) = 0 for some label: KL is infinite"));
    }
    let GradientMeans { total, by_parts, size, model, data } = line.gradient_means()?;
    claim.term("E of the gradient", total);
    claim.term("E of the model gradient", model);
    claim.term("E of the data gradient", data);
    claim.term("E of the absolute terms", size);
    claim.equal("E of the gradient = E of both parts", model + data, total);
    claim.equal("E of the gradient = -E[KL (ln p_d)']", by_parts, total);
    let gradients = line.gradients();
    let excess = |g: &crate::risk::Gradient| (g.total - g.model - g.data).abs() / g.noise;
    let worst = gradients.iter().max_by(|a, b| excess(&a.1).total_cmp(&excess(&b.1)));
    if let Some((x, gradient)) = worst {
        let exact = |value| Estimate { value, error: gradient.noise };
        claim.term("the worst x of all that are compared", Estimate::exact(*x));
        let parts = Estimate::exact(gradient.model + gradient.data);
        claim.equal("the gradient = both parts, at the worst x", parts, exact(gradient.total));
    }
    Ok(claim.check())
}
