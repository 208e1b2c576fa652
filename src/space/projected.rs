//! Laws and models as functions of a few directions, in doubles.

use super::directions::{self, columns, components, doubles, offset};
use crate::error::Error;
use crate::exact::Exact;
use crate::law::{Class, Component, Covariance, GaussianMixture, Law};
use crate::model::{Bayes, Constant, Layer, Linear, Mlp, Model, Quadratic};
use crate::perturbation::inner;

/// The law of z = U (x - m), m being the mean of the law's first component, and the model as a function of z, where U has these orthonormal rows
/// and both depend on z only.
pub(super) fn problem(
    mixture: &GaussianMixture,
    model: &Model,
    rows: &[Vec<f64>],
) -> Result<(Law, Model), Error> {
    let origin = doubles(components(mixture)[0].mean());
    let law = law(mixture, &origin, rows)?;
    let model = self::model(model, mixture, &law, &origin, rows)?;
    Ok((law, model))
}

/// The law of z for a given origin.
pub(super) fn law(
    mixture: &GaussianMixture,
    origin: &[f64],
    rows: &[Vec<f64>],
) -> Result<Law, Error> {
    // Covariances that are equal stay so, and cost one projection.
    let mut known: Vec<(&Covariance, Covariance)> = Vec::new();
    let covariance = |own: &'_ Covariance| -> Result<Covariance, Error> { projected(own, rows) };
    let mut classes = Vec::new();
    for class in mixture.classes() {
        let mut list = Vec::new();
        for component in class.components() {
            let own = component.covariance();
            let image = if let Some(known) = known.iter().find(|known| known.0 == own) {
                known.1.clone()
            } else {
                let image = covariance(own)?;
                known.push((own, image.clone()));
                image
            };
            let gap = offset(component.mean(), origin);
            let mean = rows.iter().map(|row| number(inner(row, &gap)));
            let mean = mean.collect::<Result<_, _>>()?;
            list.push(Component::new(component.weight().clone(), mean, image)?);
        }
        classes.push(Class::new(class.prior().clone(), list)?);
    }
    Ok(Law::GaussianMixture(GaussianMixture::new(classes)?))
}

fn number(x: f64) -> Result<Exact, Error> {
    Exact::from_f64(x).ok_or(Error::NotFinite { found: x })
}

fn numbers(row: impl Iterator<Item = f64>) -> Result<Vec<Exact>, Error> {
    row.map(number).collect()
}

/// `U Sigma U'`.
fn projected(covariance: &Covariance, rows: &[Vec<f64>]) -> Result<Covariance, Error> {
    let weighted = |variances: &[Exact], i: usize, j: usize| {
        let image: Vec<f64> = variances.iter().zip(&rows[j]).map(|(v, u)| v.to_f64() * u).collect();
        inner(&rows[i], &image)
    };
    let r = rows.len();
    let mut entries = vec![vec![0.0; r]; r];
    for i in 0..r {
        for j in i..r {
            let entry = match covariance {
                Covariance::Isotropic(variance) => variance.to_f64() * inner(&rows[i], &rows[j]),
                Covariance::Diagonal(variances) => weighted(variances, i, j),
                Covariance::LowRank { diagonal, factor } => {
                    let common = columns(factor);
                    let common = common.iter().map(|c| inner(c, &rows[i]) * inner(c, &rows[j]));
                    weighted(diagonal, i, j) + common.sum::<f64>()
                }
                Covariance::Full(matrix) => {
                    let image: Vec<f64> =
                        matrix.iter().map(|row| inner(&doubles(row), &rows[j])).collect();
                    inner(&rows[i], &image)
                }
            };
            (entries[i][j], entries[j][i]) = (entry, entry);
        }
    }
    match entries.as_slice() {
        [only] => Ok(Covariance::Isotropic(number(only[0])?)),
        _ => Ok(Covariance::Full(
            entries.into_iter().map(|row| numbers(row.into_iter())).collect::<Result<_, _>>()?,
        )),
    }
}

/// The model as a function of z. Logits are taken relative to the first one where only differences depend on z.
pub(super) fn model(
    model: &Model,
    mixture: &GaussianMixture,
    own: &Law,
    origin: &[f64],
    rows: &[Vec<f64>],
) -> Result<Model, Error> {
    let along = |w: &[f64]| numbers(rows.iter().map(|row| inner(row, w)));
    Ok(match model {
        Model::Constant(constant) => {
            Model::Constant(Constant::new(constant.probabilities().to_vec())?)
        }
        Model::Piecewise(_) => {
            return Err(Error::NotOnTheLine { what: "law", found: origin.len() });
        }
        Model::Bayes(bayes) => {
            let Law::GaussianMixture(other) = bayes.law();
            let law = if other == mixture { own.clone() } else { law(other, origin, rows)? };
            Model::Bayes(Bayes::new(law))
        }
        Model::Linear(linear) => {
            let base = doubles(&linear.weights()[0]);
            let (mut weights, mut bias) = (Vec::new(), Vec::new());
            for (row, b) in linear.weights().iter().zip(linear.bias()) {
                let w = offset(row, &base);
                weights.push(along(&w)?);
                bias.push(number(b.to_f64() + inner(&w, origin))?);
            }
            Model::Linear(Linear::new(weights, bias)?)
        }
        Model::Quadratic(quadratic) => {
            let (mut matrices, mut weights, mut bias) = (Vec::new(), Vec::new(), Vec::new());
            let base = doubles(&quadratic.weights()[0]);
            for k in 0..quadratic.classes() {
                let form = directions::form(quadratic, k);
                let image = |row: &Vec<f64>| form.iter().map(|f| inner(f, row)).collect::<Vec<_>>();
                let images: Vec<Vec<f64>> = rows.iter().map(image).collect();
                let matrix =
                    rows.iter().map(|row| numbers(images.iter().map(|image| inner(row, image))));
                matrices.push(matrix.collect::<Result<_, _>>()?);
                weights.push(along(&directions::slope(quadratic, k, &form, origin))?);
                let w = offset(&quadratic.weights()[k], &base);
                let constant = inner(&w, origin) + inner(&image(&origin.to_vec()), origin);
                bias.push(number(quadratic.bias()[k].to_f64() + constant)?);
            }
            Model::Quadratic(Quadratic::new(matrices, weights, bias)?)
        }
        Model::Mlp(mlp) => {
            let (mut weights, mut bias) = (Vec::new(), Vec::new());
            let first = &mlp.layers()[0];
            for (row, b) in first.weights().iter().zip(first.bias()) {
                let w = doubles(row);
                weights.push(along(&w)?);
                bias.push(number(b.to_f64() + inner(&w, origin))?);
            }
            let first = Layer::new(weights, bias)?;
            let layers = std::iter::once(first).chain(mlp.layers()[1..].iter().cloned());
            Model::Mlp(Mlp::new(mlp.activation(), layers.collect())?)
        }
    })
}
