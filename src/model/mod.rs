//! Models `Q(x) = (p_theta(y|x))_y`: maps from inputs in `R^d` to label distributions, each the
//! softmax of K logits.

mod bayes;
mod constant;
mod linear;
mod mlp;
mod piecewise;
mod quadratic;

pub use bayes::Bayes;
pub use constant::Constant;
pub use linear::Linear;
pub(crate) use mlp::MlpOn;
pub use mlp::{Activation, Layer, Mlp};
pub use piecewise::Piecewise;
pub use quadratic::Quadratic;

use constant::LineConstant;
use linear::LineLinear;
use piecewise::LinePiecewise;
use quadratic::LineQuadratic;

use crate::error::Error;
use crate::exact::Exact;
use crate::law::LineLaw;
use crate::line::{Envelope, Landmark, Side, Tail};
use crate::real::{Interval, Real};
use crate::simplex::Dense;

/// A model of the posterior.
///
/// ```
/// use score_workbench::exact::Exact;
/// use score_workbench::model::{Linear, Model};
/// let rows = [-1, 0].map(|w| vec![Exact::integer(w)]).to_vec();
/// let bias = [1, 0].map(Exact::integer).to_vec();
/// let toy = Model::Linear(Linear::new(rows, bias)?);
/// assert_eq!(toy.line(&0.0)?.logits(&0.25).entries(), [0.75, 0.0]);
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Model {
    /// `softmax(W x + b)`.
    Linear(Linear),
    /// `softmax_k(x' A_k x + w_k . x + b_k)`.
    Quadratic(Quadratic),
    /// The posterior of a law.
    Bayes(Bayes),
    /// The softmax of a fully connected network.
    Mlp(Mlp),
    /// The same label distribution everywhere.
    Constant(Constant),
    /// The softmax of logits that are linear between knots; on the line.
    Piecewise(Piecewise),
}

impl Model {
    /// The number of classes, K.
    #[must_use]
    pub fn classes(&self) -> usize {
        match self {
            Self::Linear(model) => model.classes(),
            Self::Quadratic(model) => model.classes(),
            Self::Bayes(model) => model.law().classes(),
            Self::Mlp(model) => model.classes(),
            Self::Constant(model) => model.classes(),
            Self::Piecewise(model) => model.classes(),
        }
    }

    /// The dimension of the inputs, d; `None` for a model that takes inputs of any dimension.
    #[must_use]
    pub fn dimension(&self) -> Option<usize> {
        match self {
            Self::Linear(model) => Some(model.dimension()),
            Self::Quadratic(model) => Some(model.dimension()),
            Self::Bayes(model) => Some(model.law().dimension()),
            Self::Mlp(model) => Some(model.dimension()),
            Self::Constant(_) => None,
            Self::Piecewise(_) => Some(1),
        }
    }

    /// What was changed about the model when it was made, for people to read.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        match self {
            Self::Bayes(model) => model.law().notes(),
            Self::Constant(model) => model.notes(),
            Self::Linear(_) | Self::Quadratic(_) | Self::Mlp(_) | Self::Piecewise(_) => &[],
        }
    }

    /// The leading growth of each logit, for a model in dimension 1. A logit that is -inf everywhere counts as one that does not grow.
    #[must_use]
    pub fn tail(&self, side: Side) -> Vec<Tail> {
        match self {
            Self::Linear(model) => model.tail(),
            Self::Quadratic(model) => model.tail(),
            Self::Bayes(model) => model.law().tail(side),
            Self::Mlp(model) => model.tail(side),
            Self::Constant(model) => model.tail(),
            Self::Piecewise(model) => model.tail(),
        }
    }

    /// Whether the label distribution is the same everywhere.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        match self {
            Self::Constant(_) => true,
            Self::Linear(model) => model.weights().windows(2).all(|pair| pair[0] == pair[1]),
            Self::Bayes(model) => model.law().is_flat(),
            Self::Quadratic(_) | Self::Mlp(_) | Self::Piecewise(_) => false,
        }
    }

    /// Whether some class has the probability 0 everywhere.
    #[must_use]
    pub fn excludes_a_class(&self) -> bool {
        match self {
            Self::Constant(model) => model.probabilities().iter().any(Exact::is_zero),
            Self::Linear(_)
            | Self::Quadratic(_)
            | Self::Bayes(_)
            | Self::Mlp(_)
            | Self::Piecewise(_) => false,
        }
    }

    /// Bounds of each logit on the rays from `base` outward, for a model in dimension 1.
    pub(crate) fn envelope(&self, base: Interval, side: Side) -> Vec<Envelope> {
        match self {
            Self::Linear(model) => model.envelope(base, side),
            Self::Quadratic(model) => model.envelope(base, side),
            Self::Bayes(model) => model.law().envelope(base, side),
            Self::Mlp(model) => model.envelope(base),
            Self::Constant(model) => model.envelope(),
            Self::Piecewise(model) => model.envelope(),
        }
    }

    /// The model in dimension 1, compiled for the backend of `like`.
    ///
    /// # Errors
    /// [`Error::NotOnTheLine`] in other dimensions.
    pub fn line<R: Real>(&self, like: &R) -> Result<LineModel<R>, Error> {
        if let Some(found) = self.dimension().filter(|d| *d != 1) {
            return Err(Error::NotOnTheLine { what: "model", found });
        }
        Ok(LineModel(match self {
            Self::Linear(model) => Form::Linear(model.line(like)),
            Self::Quadratic(model) => Form::Quadratic(model.line(like)),
            Self::Bayes(model) => Form::Bayes(model.law().line(like)?),
            Self::Mlp(model) => Form::Mlp(model.compiled(like)),
            Self::Constant(model) => Form::Constant(model.line(like)),
            Self::Piecewise(model) => Form::Piecewise(model.line(like)),
        }))
    }
}

/// A model in dimension 1 with its constants compiled for one backend: what the integrands
/// evaluate.
#[derive(Clone, Debug)]
pub struct LineModel<R>(Form<R>);

#[derive(Clone, Debug)]
enum Form<R> {
    Linear(LineLinear<R>),
    Quadratic(LineQuadratic<R>),
    Bayes(LineLaw<R>),
    Mlp(MlpOn<R>),
    Constant(LineConstant<R>),
    Piecewise(LinePiecewise<R>),
}

impl<R: Real> LineModel<R> {
    /// The logits at `x`, one per class; their softmax is `Q(x)`. A logit is -inf where a
    /// probability is 0.
    pub fn logits(&self, x: &R) -> Dense<R> {
        match &self.0 {
            Form::Linear(model) => model.logits(x),
            Form::Quadratic(model) => model.logits(x),
            Form::Bayes(law) => law.log_joint(x),
            Form::Mlp(model) => model.logits(std::slice::from_ref(x)),
            Form::Constant(model) => model.logits(),
            Form::Piecewise(model) => model.logits(x),
        }
    }
}

impl LineModel<f64> {
    /// Where the logits of two classes cross, and what else each kind of model knows about where it
    /// changes.
    #[must_use]
    pub fn landmarks(&self) -> Vec<Landmark> {
        match &self.0 {
            Form::Linear(model) => model.landmarks(),
            Form::Quadratic(model) => model.landmarks(),
            Form::Bayes(law) => law.landmarks(),
            Form::Mlp(model) => model.landmarks(),
            Form::Constant(_) => Vec::new(),
            Form::Piecewise(model) => model.landmarks(),
        }
    }
}

/// Checks a K x d matrix by rows and a bias of length K, K >= 2, d >= 1.
fn check_affine(weights: &[Vec<Exact>], bias: &[Exact]) -> Result<(), Error> {
    if weights.len() < 2 {
        return Err(Error::TooFewClasses { found: weights.len() });
    }
    if weights[0].is_empty() {
        return Err(Error::Empty { what: "weights" });
    }
    check_rows("weights", weights, weights[0].len(), "the first row")?;
    check_length("bias", bias.len(), weights.len(), "the rows of the weights")
}

fn check_rows(
    what: &'static str,
    rows: &[Vec<Exact>],
    expected: usize,
    reference: &'static str,
) -> Result<(), Error> {
    rows.iter().try_for_each(|row| check_length(what, row.len(), expected, reference))
}

fn check_length(
    what: &'static str,
    found: usize,
    expected: usize,
    reference: &'static str,
) -> Result<(), Error> {
    if found == expected { Ok(()) } else { Err(Error::Shape { what, found, expected, reference }) }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "values that are exact are compared exactly")]
mod tests {
    use super::*;
    use crate::real::{Jet, Traced};
    use crate::simplex::Simplex;

    fn row(entries: &[&str]) -> Vec<Exact> {
        entries.iter().map(|entry| entry.parse().unwrap()).collect()
    }

    fn column(entries: &[&str]) -> Vec<Vec<Exact>> {
        entries.iter().map(|entry| row(&[entry])).collect()
    }

    fn network(activation: Activation) -> Model {
        let first = Layer::new(column(&["1.5", "-0.5", "2"]), row(&["0.3", "1", "-2"])).unwrap();
        let middle = vec![row(&["1", "-1", "0.5"]), row(&["-0.25", "2", "1"])];
        let middle = Layer::new(middle, row(&["0.1", "-0.2"])).unwrap();
        let last = vec![row(&["1", "-2"]), row(&["0.5", "0.5"]), row(&["0", "1"])];
        let last = Layer::new(last, row(&["0", "1/3", "-1"])).unwrap();
        Model::Mlp(Mlp::new(activation, vec![first, middle, last]).unwrap())
    }

    fn quadratic() -> Model {
        let matrices = column(&["0.5", "-1", "0"]).into_iter().map(|row| vec![row]).collect();
        let weights = column(&["1", "0", "-2"]);
        Model::Quadratic(Quadratic::new(matrices, weights, row(&["0", "1", "3"])).unwrap())
    }

    fn piecewise() -> Model {
        let knots = row(&["-2", "-1/3", "0.5", "3"]);
        let logits = [["1", "0", "2"], ["-1", "0.5", "0"], ["2", "2", "-1"], ["0", "1", "1/3"]];
        let logits = logits.iter().map(|entries| row(entries)).collect();
        Model::Piecewise(Piecewise::new(knots, logits).unwrap())
    }

    fn every_kind() -> Vec<Model> {
        let linear = Linear::new(column(&["-1", "0.1", "0.8"]), row(&["0", "0.3", "-0.2"]));
        let constant = Constant::new(row(&["1/2", "1/2", "0"]));
        let mut models =
            vec![Model::Linear(linear.unwrap()), quadratic(), Model::Constant(constant.unwrap())];
        models.push(piecewise());
        models.extend(Activation::ALL.map(network));
        models
    }

    #[test]
    fn a_network_is_the_composition_of_its_layers() {
        let x = 0.7_f64;
        let h = [1.5 * x + 0.3, -0.5 * x + 1.0, 2.0 * x - 2.0].map(f64::tanh);
        let g = [h[0] - h[1] + 0.5 * h[2] + 0.1, -0.25 * h[0] + 2.0 * h[1] + h[2] - 0.2];
        let g = g.map(f64::tanh);
        let expected = [g[0] - 2.0 * g[1], 0.5 * (g[0] + g[1]) + 1.0 / 3.0, g[1] - 1.0];
        let found = network(Activation::Tanh).line(&0.0).unwrap().logits(&x);
        for (found, expected) in found.entries().iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15);
        }
    }

    #[test]
    fn a_piecewise_model_interpolates_its_logits() {
        let model = piecewise().line(&0.0).unwrap();
        let at = |x: f64| model.logits(&x).entries().to_vec();
        assert_eq!(at(-2.0), [1.0, 0.0, 2.0]);
        assert_eq!((at(-7.0), at(9.0)), (at(-2.0), at(3.0)));
        for (found, expected) in at(1.75).into_iter().zip([1.0, 1.5, -1.0 / 3.0]) {
            assert!((found - expected).abs() < 1e-15);
        }
        // Every knot is a change of the fingerprint, and nothing else is.
        let traced = piecewise().line(&Traced::new(0.0)).unwrap();
        let path = |x: f64| traced.logits(&Traced::new(x)).entries()[1].path();
        let knots = [-2.0, -1.0 / 3.0, 0.5, 3.0];
        for x in knots {
            assert_ne!(path(x - 1e-9), path(x + 1e-9), "{x}");
        }
        for pair in knots.windows(2) {
            assert_eq!(path(pair[0] + 1e-9), path(pair[1] - 1e-9));
        }
        let paths: std::collections::BTreeSet<u64> = [-3.0, -1.0, 0.0, 1.0, 4.0].map(path).into();
        assert_eq!(paths.len(), 5);
    }

    #[test]
    fn activations_are_their_formulas() {
        for t in [-3.0_f64, -0.5, 0.0, 0.25, 4.0] {
            let logistic = 1.0 / (1.0 + (-t).exp());
            let expected =
                [t.tanh(), t * logistic, (1.0 + t.exp()).ln(), logistic, f64::max(t, 0.0)];
            for (activation, expected) in Activation::ALL.into_iter().zip(expected) {
                assert!((activation.apply(&t) - expected).abs() < 1e-15, "{activation} at {t}");
            }
        }
    }

    #[test]
    fn tails_are_the_leading_growth() {
        for model in every_kind() {
            let line = model.line(&0.0).unwrap();
            for side in [Side::Left, Side::Right] {
                let x = 1e4 * side.sign();
                for (value, tail) in line.logits(&x).entries().iter().zip(&model.tail(side)) {
                    let rest = value - tail.quadratic.to_f64() * x * x - tail.linear.to_f64() * x;
                    assert!(rest.abs() < 20.0 || *value == f64::NEG_INFINITY, "{model:?}: {rest}");
                }
            }
        }
    }

    #[test]
    fn jets_of_logits_agree_with_differences() {
        for model in every_kind() {
            let (x, h) = (0.4, 1e-5);
            let values = model.line(&0.0).unwrap();
            let jets = model.line(&Jet::<f64, 2>::fixed(0.0)).unwrap().logits(&Jet::variable(x));
            let (above, below) = (values.logits(&(x + h)), values.logits(&(x - h)));
            for (k, jet) in jets.entries().iter().enumerate() {
                let difference = (above.entries()[k] - below.entries()[k]) / (2.0 * h);
                let agrees = (jet.derivative(1) - difference).abs() < 1e-8;
                assert!(agrees || *jet.value() == f64::NEG_INFINITY, "{model:?}");
                assert!(jet.derivative(1).is_finite());
            }
        }
    }

    #[test]
    fn a_probability_of_zero_is_one() {
        let model = Model::Constant(Constant::new(row(&["1", "0"])).unwrap());
        let jets = model.line(&Jet::<f64, 3>::fixed(0.0)).unwrap().logits(&Jet::variable(2.0));
        let q = Simplex::from_logits(&jets);
        assert_eq!(*q.probabilities().entries()[1].coefficients(), [0.0; 3]);
        assert_eq!(*q.log_probabilities().entries()[1].value(), f64::NEG_INFINITY);
    }

    #[test]
    fn landmarks_are_where_logits_cross() {
        for model in every_kind() {
            let line = model.line(&0.0).unwrap();
            let landmarks = line.landmarks();
            let crossings = landmarks.iter().filter(|landmark| {
                let logits = line.logits(&landmark.at);
                crate::line::pairs(logits.entries()).any(|(a, b)| (a - b).abs() < 1e-12)
            });
            let expected = match model {
                // Of three parabolas two pairs cross twice, and one not at all; three vertices.
                Model::Quadratic(_) => (4, 7),
                Model::Linear(_) => (3, 3),
                Model::Mlp(_) => (crossings.clone().count(), 3),
                Model::Piecewise(_) => (crossings.clone().count(), 4),
                _ => (0, 0),
            };
            assert_eq!((crossings.count(), landmarks.len()), expected, "{model:?}");
        }
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        let shape =
            |what, found, expected, reference| Error::Shape { what, found, expected, reference };
        assert_eq!(
            Linear::new(column(&["1", "2"]), row(&["1"])),
            Err(shape("bias", 1, 2, "the rows of the weights"))
        );
        assert_eq!(
            Linear::new(column(&["1"]), row(&["1"])),
            Err(Error::TooFewClasses { found: 1 })
        );
        assert_eq!(
            Linear::new(vec![vec![], vec![]], row(&["1", "1"])),
            Err(Error::Empty { what: "weights" })
        );
        let layer = |rows: &[&str]| Layer::new(column(rows), row(rows)).unwrap();
        assert_eq!(
            Mlp::new(Activation::Relu, vec![layer(&["1", "2", "3"]), layer(&["1", "2"])]),
            Err(shape("inputs", 1, 3, "the outputs of the layer before"))
        );
        assert_eq!(
            Quadratic::new(vec![column(&["1"])], column(&["1", "2"]), row(&["1", "2"])),
            Err(shape("matrices", 1, 2, "the rows of the weights"))
        );
        let unequal = Piecewise::new(row(&["0", "1"]), vec![row(&["0", "1"])]);
        assert_eq!(unequal, Err(shape("logits", 1, 2, "the knots")));
        let back = Piecewise::new(row(&["1", "1"]), vec![row(&["0", "1"]), row(&["0", "1"])]);
        let message = back.unwrap_err().to_string();
        assert_eq!(message, "found knots 1 before 1; they must ascend");
        let found = "-0.5".parse().unwrap();
        assert_eq!(
            Constant::new(row(&["1.5", "-0.5"])),
            Err(Error::Negative { what: "probabilities", found })
        );
        let plane = Linear::new(vec![row(&["1", "2"]), row(&["0", "1"])], row(&["0", "0"]));
        assert_eq!(
            Model::Linear(plane.unwrap()).line(&0.0).unwrap_err(),
            Error::NotOnTheLine { what: "model", found: 2 }
        );
    }
}
