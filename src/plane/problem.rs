//! Laws and models whose inputs are in the plane.

use super::body::exact;
use super::compiled::{Compiled, LawOn, ModelOn};
use crate::error::Error;
use crate::exact::Exact;
use crate::law::{Class, Component, Covariance, GaussianMixture, Law};
use crate::model::{Constant, Linear, Mlp, Model, Quadratic};
use crate::real::Real;

/// A data law in the plane: per class a prior and a mixture of normal distributions.
///
/// ```
/// use score_workbench::plane::PlaneLaw;
/// let identity = [[1.0, 0.0], [0.0, 1.0]];
/// let law = PlaneLaw::from_doubles(&[
///     (0.5, &[(1.0, [1.0, 0.0], identity)]),
///     (0.5, &[(1.0, [-1.0, 0.0], identity)]),
/// ])?;
/// assert_eq!(law.classes(), 2);
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PlaneLaw(GaussianMixture);

/// A weighted normal component as doubles: its weight within the class, mean and covariance.
pub type Normal = (f64, [f64; 2], [[f64; 2]; 2]);

impl PlaneLaw {
    /// The law, with its numbers exactly as they were written.
    ///
    /// # Errors
    /// [`Error::NotInThePlane`] in other dimensions than 2.
    pub fn new(mixture: GaussianMixture) -> Result<Self, Error> {
        in_the_plane("law", mixture.dimension())?;
        Ok(Self(mixture))
    }

    /// The law with these priors and components; the doubles are taken as exact.
    ///
    /// # Errors
    /// [`Error::NotFinite`], and as [`GaussianMixture::new`], [`Class::new`] and [`Component::new`].
    pub fn from_doubles(classes: &[(f64, &[Normal])]) -> Result<Self, Error> {
        let component = |(weight, mean, covariance): &Normal| {
            let rows = covariance.iter().map(|row| numbers(row)).collect::<Result<_, _>>()?;
            Component::new(number(*weight)?, numbers(mean)?, Covariance::Full(rows))
        };
        let class = |(prior, components): &(f64, &[Normal])| {
            let components = components.iter().map(component).collect::<Result<_, _>>()?;
            Class::new(number(*prior)?, components)
        };
        Self::new(GaussianMixture::new(classes.iter().map(class).collect::<Result<_, _>>()?)?)
    }

    /// The number of classes, K.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.0.classes().len()
    }

    /// The mixture.
    #[must_use]
    pub fn mixture(&self) -> &GaussianMixture {
        &self.0
    }
}

/// A model whose inputs are in the plane.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaneModel(Model);

impl PlaneModel {
    /// The model, with its numbers exactly as they were written.
    ///
    /// # Errors
    /// [`Error::NotInThePlane`] in other dimensions than 2.
    pub fn new(model: Model) -> Result<Self, Error> {
        in_the_plane("model", model.dimension().unwrap_or(2))?;
        Ok(Self(model))
    }

    /// `softmax(W x + b)`, a row of weights and a bias for each class; the doubles are taken as exact.
    ///
    /// # Errors
    /// [`Error::NotFinite`], and as [`Linear::new`].
    pub fn affine(weights: &[[f64; 2]], bias: &[f64]) -> Result<Self, Error> {
        let weights = weights.iter().map(|row| numbers(row)).collect::<Result<_, _>>()?;
        Ok(Self(Model::Linear(Linear::new(weights, numbers(bias)?)?)))
    }

    /// `softmax_k(x' A_k x + w_k . x + b_k)`; the doubles are taken as exact.
    ///
    /// # Errors
    /// [`Error::NotFinite`], and as [`Quadratic::new`].
    pub fn quadratic(
        matrices: &[[[f64; 2]; 2]],
        weights: &[[f64; 2]],
        bias: &[f64],
    ) -> Result<Self, Error> {
        let matrix = |rows: &[[f64; 2]; 2]| rows.iter().map(|row| numbers(row)).collect();
        let matrices = matrices.iter().map(matrix).collect::<Result<_, _>>()?;
        let weights = weights.iter().map(|row| numbers(row)).collect::<Result<_, _>>()?;
        Ok(Self(Model::Quadratic(Quadratic::new(matrices, weights, numbers(bias)?)?)))
    }

    /// The posterior of a law.
    #[must_use]
    pub fn posterior(law: &PlaneLaw) -> Self {
        Self(Model::Bayes(crate::model::Bayes::new(Law::GaussianMixture(law.0.clone()))))
    }

    /// A network with two inputs.
    ///
    /// # Errors
    /// [`Error::NotInThePlane`] for another number of inputs.
    pub fn network(network: Mlp) -> Result<Self, Error> {
        Self::new(Model::Mlp(network))
    }

    /// The same label distribution everywhere.
    #[must_use]
    pub fn constant(constant: Constant) -> Self {
        Self(Model::Constant(constant))
    }

    /// The number of classes, K.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.0.classes()
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.0
    }
}

/// A law and a model in the plane, ready to be integrated.
#[derive(Clone, Debug)]
pub struct Plane {
    law: PlaneLaw,
    model: PlaneModel,
    pub(super) value: Compiled<f64>,
}

impl Plane {
    /// Prepares a law and a model.
    ///
    /// # Errors
    /// [`Error::ClassesDiffer`].
    pub fn new(law: PlaneLaw, model: PlaneModel) -> Result<Self, Error> {
        if law.classes() != model.classes() {
            return Err(Error::ClassesDiffer { law: law.classes(), model: model.classes() });
        }
        let value = Compiled { law: LawOn::new(&law.0, &0.0), model: ModelOn::new(&model.0, &0.0) };
        Ok(Self { law, model, value })
    }

    /// The number of classes, K.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.law.classes()
    }

    /// The law.
    #[must_use]
    pub fn law(&self) -> &PlaneLaw {
        &self.law
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &PlaneModel {
        &self.model
    }

    /// Law and model in another backend.
    pub(super) fn compiled<R: Real>(&self, like: &R) -> Compiled<R> {
        Compiled { law: LawOn::new(&self.law.0, like), model: ModelOn::new(&self.model.0, like) }
    }
}

fn in_the_plane(what: &'static str, found: usize) -> Result<(), Error> {
    if found == 2 { Ok(()) } else { Err(Error::NotInThePlane { what, found }) }
}

fn number(c: f64) -> Result<Exact, Error> {
    if c.is_finite() { Ok(exact(c)) } else { Err(Error::NotFinite { found: c }) }
}

fn numbers(row: &[f64]) -> Result<Vec<Exact>, Error> {
    row.iter().map(|c| number(*c)).collect()
}
