//! From laws and models to documents; every number as the exact string that reads back to it.

use crate::exact::Exact;
use crate::law::{Class, Component, Covariance, GaussianMixture, Law};
use crate::model::{Layer, Model};

/// A law as a document.
pub(super) fn law(law: &Law) -> String {
    match law {
        Law::GaussianMixture(mixture) => gaussian_mixture(mixture, "classes"),
    }
}

/// A mixture whose classes are the array of tables `key`.
fn gaussian_mixture(mixture: &GaussianMixture, key: &str) -> String {
    let class = |class: &Class| {
        let (prior, components) = (number(class.prior()), lines(class.components(), component));
        format!("\n[[{key}]]\nprior = {prior}\ncomponents = {components}\n")
    };
    let classes: String = mixture.classes().iter().map(class).collect();
    format!("kind = \"gaussian-mixture\"\n{classes}")
}

fn component(component: &Component) -> String {
    let covariance = match component.covariance() {
        Covariance::Full(rows) => format!("covariance = {}", matrix(rows)),
        Covariance::Diagonal(variances) => format!("variances = {}", row(variances)),
        Covariance::Isotropic(variance) => format!("variance = {}", number(variance)),
        Covariance::LowRank { diagonal, factor } => {
            format!("covariance = {{ diagonal = {}, factor = {} }}", row(diagonal), matrix(factor))
        }
    };
    let (weight, mean) = (number(component.weight()), row(component.mean()));
    format!("{{ weight = {weight}, mean = {mean}, {covariance} }}")
}

/// A model as a document.
pub(super) fn model(model: &Model) -> String {
    match model {
        Model::Linear(linear) => {
            let (weights, bias) = (matrix(linear.weights()), row(linear.bias()));
            format!("kind = \"linear\"\nweights = {weights}\nbias = {bias}\n")
        }
        Model::Quadratic(quadratic) => {
            let matrices = list(quadratic.matrices().iter().map(|rows| matrix(rows)));
            let (weights, bias) = (matrix(quadratic.weights()), row(quadratic.bias()));
            format!(
                "kind = \"quadratic\"\nmatrices = {matrices}\nweights = {weights}\nbias = {bias}\n"
            )
        }
        Model::Bayes(bayes) => {
            let Law::GaussianMixture(mixture) = bayes.law();
            format!("kind = \"bayes\"\n\n[law]\n{}", gaussian_mixture(mixture, "law.classes"))
        }
        Model::Mlp(mlp) => {
            let (activation, layers) = (mlp.activation(), lines(mlp.layers(), layer));
            format!("kind = \"mlp\"\nactivation = \"{activation}\"\nlayers = {layers}\n")
        }
        Model::Constant(constant) => {
            format!("kind = \"constant\"\nprobabilities = {}\n", row(constant.probabilities()))
        }
        Model::Piecewise(piecewise) => {
            let rows = lines(piecewise.logits(), |logits| row(logits));
            format!("kind = \"piecewise\"\nknots = {}\nlogits = {rows}\n", row(piecewise.knots()))
        }
    }
}

fn layer(layer: &Layer) -> String {
    format!("{{ weights = {}, bias = {} }}", matrix(layer.weights()), row(layer.bias()))
}

fn number(number: &Exact) -> String {
    format!("\"{number}\"")
}

fn row(numbers: &[Exact]) -> String {
    list(numbers.iter().map(number))
}

fn matrix(rows: &[Vec<Exact>]) -> String {
    list(rows.iter().map(|entries| row(entries)))
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// An array with each item on a line of its own.
fn lines<T>(items: &[T], item: impl Fn(&T) -> String) -> String {
    let items: Vec<String> = items.iter().map(item).collect();
    format!("[\n    {},\n]", items.join(",\n    "))
}
