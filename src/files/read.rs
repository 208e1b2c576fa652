//! From documents to laws and models.

use super::document::Cursor;
use super::{resolve, tensors};
use crate::catalogue::LAWS;
use crate::error::Error;
use crate::exact::Exact;
use crate::law::{Class, Component, Covariance, GaussianMixture, Law};
use crate::model::{Bayes, Constant, Layer, Linear, Mlp, Model, Piecewise, Quadratic};
use crate::names;

/// Reads a law.
pub(super) fn law(at: &Cursor) -> Result<Law, Error> {
    let kind = at.require("kind")?;
    match kind.text("a string")? {
        "gaussian-mixture" => gaussian_mixture(at),
        found => Err(kind.error(names::unknown("kind of law", found, ["gaussian-mixture"]))),
    }
}

fn gaussian_mixture(at: &Cursor) -> Result<Law, Error> {
    at.allow(&["kind", "classes"])?;
    let classes = at.require("classes")?;
    let list = classes.items()?.iter().map(class).collect::<Result<_, _>>()?;
    let mixture = GaussianMixture::new(list).map_err(|error| classes.error(error))?;
    Ok(Law::GaussianMixture(mixture))
}

fn class(at: &Cursor) -> Result<Class, Error> {
    at.allow(&["prior", "components"])?;
    let prior = at.require("prior")?.number()?;
    let components = at.require("components")?;
    let list = components.items()?.iter().map(component).collect::<Result<_, _>>()?;
    Class::new(prior, list).map_err(|error| match error {
        Error::SumNotOne { .. } => components.error(error),
        _ => at.blame(error),
    })
}

fn component(at: &Cursor) -> Result<Component, Error> {
    at.allow(&["weight", "mean", "covariance", "variances", "variance"])?;
    let weight = at.get("weight").map_or(Ok(Exact::integer(1)), |weight| weight.number())?;
    let mean = at.require("mean")?.numbers()?;
    let covariance = match at.require_one(&["covariance", "variances", "variance"])? {
        ("covariance", parts) if parts.get("factor").is_some() => low_rank(&parts, mean.len())?,
        ("covariance", rows) => Covariance::Full(rows.matrix()?),
        ("variances", entries) => Covariance::Diagonal(entries.numbers()?),
        (_, variance) => Covariance::Isotropic(variance.number()?),
    };
    Component::new(weight, mean, covariance).map_err(|error| at.blame(error))
}

/// `{ diagonal, factor }`, the diagonal being d numbers or one for all coordinates.
fn low_rank(at: &Cursor, d: usize) -> Result<Covariance, Error> {
    at.allow(&["diagonal", "factor"])?;
    let factor = at.require("factor")?.matrix()?;
    let diagonal = at.require("diagonal")?;
    let diagonal =
        if diagonal.is_number() { vec![diagonal.number()?; d] } else { diagonal.numbers()? };
    Ok(Covariance::LowRank { diagonal, factor })
}

/// Reads a model.
pub(super) fn model(at: &Cursor) -> Result<Model, Error> {
    let kind = at.require("kind")?;
    match kind.text("a string")? {
        "linear" => linear(at),
        "quadratic" => quadratic(at),
        "bayes" => bayes(at),
        "mlp" => mlp(at),
        "constant" => constant(at),
        "piecewise" => piecewise(at),
        found => {
            let allowed = ["linear", "quadratic", "bayes", "mlp", "constant", "piecewise"];
            Err(kind.error(names::unknown("kind of model", found, allowed)))
        }
    }
}

fn linear(at: &Cursor) -> Result<Model, Error> {
    at.allow(&["kind", "weights", "bias"])?;
    let weights = at.require("weights")?.matrix()?;
    let bias = at.require("bias")?.numbers()?;
    Linear::new(weights, bias).map(Model::Linear).map_err(|error| at.blame(error))
}

fn quadratic(at: &Cursor) -> Result<Model, Error> {
    at.allow(&["kind", "matrices", "weights", "bias"])?;
    let matrices = at.require("matrices")?.items()?;
    let matrices = matrices.iter().map(Cursor::matrix).collect::<Result<_, _>>()?;
    let weights = at.require("weights")?.matrix()?;
    let bias = at.require("bias")?.numbers()?;
    Quadratic::new(matrices, weights, bias).map(Model::Quadratic).map_err(|error| at.blame(error))
}

fn bayes(at: &Cursor) -> Result<Model, Error> {
    at.allow(&["kind", "law"])?;
    let reference = at.require("law")?;
    let law = if reference.is_table() {
        law(&reference)?
    } else {
        // A law refers to nothing, so references cannot go in circles.
        resolve("law", LAWS, reference.text("a string or a table")?, at.folder(), law)
            .map_err(|error| reference.error(error))?
    };
    Ok(Model::Bayes(Bayes::new(law)))
}

fn mlp(at: &Cursor) -> Result<Model, Error> {
    at.allow(&["kind", "activation", "layers", "file"])?;
    let activation = at.require("activation")?;
    let activation =
        activation.text("a string")?.parse().map_err(|error| activation.error(error))?;
    let layers = match at.require_one(&["layers", "file"])? {
        ("layers", layers) => layers.items()?.iter().map(layer).collect::<Result<_, _>>()?,
        (_, file) => {
            let path = at.folder().join(file.text("a string")?);
            tensors::layers(&path).map_err(|error| file.error(error))?
        }
    };
    Mlp::new(activation, layers).map(Model::Mlp).map_err(|error| at.blame(error))
}

fn layer(at: &Cursor) -> Result<Layer, Error> {
    at.allow(&["weights", "bias"])?;
    let weights = at.require("weights")?.matrix()?;
    let bias = at.require("bias")?.numbers()?;
    Layer::new(weights, bias).map_err(|error| at.blame(error))
}

fn constant(at: &Cursor) -> Result<Model, Error> {
    at.allow(&["kind", "probabilities"])?;
    let probabilities = at.require("probabilities")?.numbers()?;
    Constant::new(probabilities).map(Model::Constant).map_err(|error| at.blame(error))
}

fn piecewise(at: &Cursor) -> Result<Model, Error> {
    at.allow(&["kind", "knots", "logits"])?;
    let knots = at.require("knots")?.numbers()?;
    let logits = at.require("logits")?.matrix()?;
    Piecewise::new(knots, logits).map(Model::Piecewise).map_err(|error| at.blame(error))
}
