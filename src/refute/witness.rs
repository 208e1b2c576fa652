//! What a search ends with: an instance for each goal, as files and in words.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::simplify::{rounded, simplified};
use super::{Candidate, Found, Goal, Search, Violation, is_violation, prove, tightness};
use crate::claims::Comparison;
use crate::error::Error;
use crate::exact::Exact;
use crate::law::{GaussianMixture, Law};
use crate::model::Model;
use crate::perturbation::Norm;
use crate::quantity::Quantity;
use crate::report::files;
use crate::tolerance;

/// What became of a goal.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The goal.
    pub goal: Goal,
    /// How many restarts were made for it.
    pub restarts: usize,
    /// The instance that violates it, or comes closest; `None` where no instance told anything: where both sides are 0, or one is
    /// infinite, on all of them.
    pub instance: Option<Instance>,
}

/// An instance that a search ended with, in short decimals.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The law, the model and the radius.
    pub candidate: Candidate,
    /// The inequality there.
    pub comparison: Comparison,
    /// Its [`tightness`].
    pub tightness: f64,
    /// The violation; `None` where the inequality holds, or where the violation is too small to be certain.
    pub violation: Option<Violation>,
}

/// A simplified witness is violated by this, relative to the larger side, or by half of what was found.
const ENOUGH: f64 = -0.1;
/// A rounded instance is as close as what was found up to this share.
const ROUNDED: f64 = 0.02;

impl Outcome {
    /// Simplifies what a search found for its goal of this index, and proves it where it is a violation.
    ///
    /// # Errors
    /// As [`prove`].
    ///
    /// # Panics
    /// When there is no such goal.
    pub fn new(search: &Search, goal: usize) -> Result<Self, Error> {
        let (found, restarts) = (search.best(goal), search.restarts_for(goal));
        let goal = search.goals()[goal].clone();
        let instance = found.map(|found| Instance::new(&goal, &found)).transpose()?.flatten();
        Ok(Self { goal, restarts, instance })
    }

    /// The violation, where there is one.
    #[must_use]
    pub fn violation(&self) -> Option<Violation> {
        self.instance.as_ref().and_then(|instance| instance.violation)
    }

    /// The verdict in files: `violated` or `not-violated`. The evidence says how well a violation is founded.
    #[must_use]
    pub fn verdict(&self) -> &'static str {
        if self.violation().is_some() { "violated" } else { "not-violated" }
    }

    /// Writes the instance to `folder/name`: `law.toml` and `model.toml`, which `score verify` takes, and `instance.toml`, which says
    /// what is violated or nearly so. Returns the folder, or `None` where there is no instance.
    ///
    /// # Errors
    /// [`Error::Unwritable`].
    pub fn write(&self, folder: &Path, name: &str) -> Result<Option<PathBuf>, Error> {
        let Some(instance) = &self.instance else { return Ok(None) };
        let folder = folder.join(name);
        files::write(&folder, "law.toml", instance.candidate.law.to_toml())?;
        files::write(&folder, "model.toml", instance.candidate.model.to_toml())?;
        files::write(&folder, "instance.toml", self.toml(instance))?;
        Ok(Some(folder))
    }

    fn toml(&self, instance: &Instance) -> String {
        let Instance { candidate, violation, .. } = instance;
        let mut text = format!(
            "claim = \"{}\"\ninequality = \"{}\"\ndivergence = \"{}\"\nnorm = \"{}\"\nepsilon = \"{}\"\n\
             law = \"law.toml\"\nmodel = \"model.toml\"\nverdict = \"{}\"\nevidence = \"{}\"\n",
            self.goal.claim().name,
            self.goal.inequality(),
            self.goal.divergence(),
            Norm::default(),
            candidate.epsilon,
            self.verdict(),
            super::evidence(*violation),
        );
        let slack = instance.slack();
        let (names, numbers) = match slack.enclosure() {
            Some(bounds) => (["lower", "upper"], [bounds.lower(), bounds.upper()]),
            None => (["value", "error"], [slack.value(), slack.error()]),
        };
        let [first, second] = names;
        let _ =
            writeln!(text, "slack = {{ {first} = {:?}, {second} = {:?} }}", numbers[0], numbers[1]);
        text
    }
}

impl Instance {
    /// Whether the inequality holds with equality as far as a search can tell, without a violation.
    #[must_use]
    pub fn is_tight(&self) -> bool {
        self.violation.is_none() && self.tightness < tolerance::TIGHT
    }

    /// The slack: enclosed where a violation is proved, else estimated.
    #[must_use]
    pub fn slack(&self) -> Quantity {
        self.violation.map_or(self.comparison.slack, |violation| violation.slack)
    }

    /// The slack relative to the larger side.
    #[must_use]
    pub fn relative(&self) -> f64 {
        let [left, right] = self.comparison.sides;
        self.comparison.slack.value() / left.abs().max(right.abs())
    }

    fn new(goal: &Goal, found: &Found) -> Result<Option<Self>, Error> {
        let of = |values: &[Exact]| {
            let candidate = found.space.candidate(values).ok()?;
            // At 0 every claim is a tie, which is as simple as it is trivial.
            if !candidate.epsilon.is_positive() {
                return None;
            }
            let comparison = goal.comparison(&candidate).ok()??;
            let tightness = tightness(&comparison)?;
            Some((candidate, comparison, tightness))
        };
        let within = |limit: f64| {
            move |values: &[Exact]| of(values).is_some_and(|(_, _, tightness)| tightness <= limit)
        };
        let violated = is_violation(found.tightness);
        let values = if violated {
            simplified(&found.values, within(ENOUGH.max(0.5 * found.tightness)))
        } else if found.tightness < tolerance::TIGHT {
            simplified(&found.values, within(tolerance::TIGHT))
        } else {
            rounded(&found.values, within(found.tightness * (1.0 + ROUNDED)))
        };
        let Some((candidate, comparison, tightness)) = of(&values) else { return Ok(None) };
        let violation = if violated { prove(goal, &candidate)? } else { None };
        Ok(Some(Self { candidate, comparison, tightness, violation }))
    }
}

/// A law on the line in one line: `0.5 N(0, 1), 0.5 N(2, 4)`, a term a class, variances second.
#[must_use]
pub fn describe_law(law: &Law) -> String {
    let Law::GaussianMixture(mixture) = law;
    describe_mixture(mixture)
}

fn describe_mixture(mixture: &GaussianMixture) -> String {
    let classes = mixture.classes().iter().map(|class| {
        let components = class.components();
        let normal = |i: usize| {
            let component = &components[i];
            let mean = component.mean().iter().map(Exact::to_string).collect::<Vec<_>>().join(" ");
            let normal = format!("N({mean}, {})", component.covariance().variance(0));
            if components.len() == 1 { normal } else { format!("{} {normal}", component.weight()) }
        };
        let normals = (0..components.len()).map(normal).collect::<Vec<_>>().join(" + ");
        let normals = if components.len() == 1 { normals } else { format!("({normals})") };
        format!("{} {normals}", class.prior())
    });
    classes.collect::<Vec<_>>().join(", ")
}

/// A model on the line in one line: `softmax(2 x - 1, 0)`, or `the posterior of` a law.
#[must_use]
pub fn describe_model(model: &Model) -> String {
    match model {
        Model::Linear(linear) => {
            let logit =
                |(row, bias): (&Vec<Exact>, &Exact)| polynomial(&[(&row[0], "x"), (bias, "")]);
            let logits: Vec<_> = linear.weights().iter().zip(linear.bias()).map(logit).collect();
            format!("softmax({})", logits.join(", "))
        }
        Model::Quadratic(quadratic) => {
            let logit = |k: usize| {
                let (a, w) = (&quadratic.matrices()[k][0][0], &quadratic.weights()[k][0]);
                polynomial(&[(a, "x^2"), (w, "x"), (&quadratic.bias()[k], "")])
            };
            let logits: Vec<_> = (0..quadratic.classes()).map(logit).collect();
            format!("softmax({})", logits.join(", "))
        }
        Model::Bayes(bayes) => format!("the posterior of {}", describe_law(bayes.law())),
        Model::Constant(constant) => {
            let shown: Vec<_> = constant.probabilities().iter().map(Exact::to_string).collect();
            format!("constant ({})", shown.join(", "))
        }
        Model::Mlp(mlp) => format!("a {} network", mlp.activation()),
        Model::Piecewise(piecewise) => {
            format!("piecewise with {} knots", piecewise.knots().len())
        }
    }
}

/// The terms that are not 0, each a coefficient and a power of x.
fn polynomial(terms: &[(&Exact, &str)]) -> String {
    let mut text = String::new();
    for (coefficient, power) in terms.iter().filter(|(coefficient, _)| !coefficient.is_zero()) {
        text += match (text.is_empty(), coefficient.is_negative()) {
            (true, false) => "",
            (true, true) => "-",
            (false, false) => " + ",
            (false, true) => " - ",
        };
        let size = coefficient.abs();
        let factor = if size == Exact::integer(1) { String::new() } else { format!("{size} ") };
        text += &if power.is_empty() { size.to_string() } else { factor + power };
    }
    if text.is_empty() { "0".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_in_words() {
        let law = |name| describe_law(&Law::resolve(name).unwrap());
        let model = |name| describe_model(&Model::resolve(name).unwrap());
        assert_eq!(law("toy"), "5/6 N(-1, 4), 1/6 N(1, 1)");
        assert_eq!(law("two-modes"), "5/6 N(-1, 4), 1/6 (0.5 N(1, 1) + 0.5 N(3, 2))");
        assert_eq!(model("toy-linear"), "softmax(-x + 1, 0)");
        assert_eq!(model("toy-bayes"), "the posterior of 5/6 N(-1, 4), 1/6 N(1, 1)");
        assert_eq!(model("coin"), "constant (0.5, 0.5)");
        assert_eq!(model("toy-tanh"), "a tanh network");
        let [a, w, b] = ["-0.5", "2", "-3"].map(|text| text.parse().unwrap());
        assert_eq!(polynomial(&[(&a, "x^2"), (&w, "x"), (&b, "")]), "-0.5 x^2 + 2 x - 3");
    }
}
