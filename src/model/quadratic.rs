//! Quadratic models: `Q(x) = softmax_k(x' A_k x + w_k . x + b_k)`, the form of the posterior
//! between normal distributions.

use super::{check_affine, check_length, check_rows};
use crate::error::Error;
use crate::exact::Exact;
use crate::line::{Envelope, Landmark, Parabola, Polynomial, Side, Tail, pairs};
use crate::real::{Interval, Real, Row};
use crate::simplex::Dense;

/// `softmax` over k of `x' A_k x + w_k . x + b_k`, with K matrices `A_k` of shape d x d, weights of
/// shape K x d and a bias of length K.
#[derive(Clone, Debug, PartialEq)]
pub struct Quadratic {
    matrices: Vec<Vec<Vec<Exact>>>,
    weights: Vec<Vec<Exact>>,
    bias: Vec<Exact>,
}

impl Quadratic {
    /// The model with these matrices by rows (they need not be symmetric), weights by rows, and
    /// bias.
    ///
    /// # Errors
    /// [`Error::TooFewClasses`], [`Error::Empty`] for rows of length 0, [`Error::Shape`] for sizes
    /// that do not fit.
    pub fn new(
        matrices: Vec<Vec<Vec<Exact>>>,
        weights: Vec<Vec<Exact>>,
        bias: Vec<Exact>,
    ) -> Result<Self, Error> {
        check_affine(&weights, &bias)?;
        check_length("matrices", matrices.len(), weights.len(), "the rows of the weights")?;
        let d = weights[0].len();
        for matrix in &matrices {
            check_length("matrices", matrix.len(), d, "the columns of the weights")?;
            check_rows("matrices", matrix, d, "the columns of the weights")?;
        }
        Ok(Self { matrices, weights, bias })
    }

    /// The number of classes, K.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.bias.len()
    }

    /// The dimension of the inputs, d.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.weights[0].len()
    }

    /// The matrices `A_k`, each by rows.
    #[must_use]
    pub fn matrices(&self) -> &[Vec<Vec<Exact>>] {
        &self.matrices
    }

    /// The weights `w_k`.
    #[must_use]
    pub fn weights(&self) -> &[Vec<Exact>] {
        &self.weights
    }

    /// The bias `b`, of length K.
    #[must_use]
    pub fn bias(&self) -> &[Exact] {
        &self.bias
    }

    pub(super) fn tail(&self) -> Vec<Tail> {
        let tail = |k: usize| Tail {
            quadratic: self.matrices[k][0][0].clone(),
            linear: self.weights[k][0].clone(),
        };
        (0..self.classes()).map(tail).collect()
    }

    pub(super) fn envelope(&self, base: Interval, side: Side) -> Vec<Envelope> {
        let logit = |k: usize| {
            let coefficients = [&self.matrices[k][0][0], &self.weights[k][0], &self.bias[k]];
            Envelope::exactly(Parabola::polynomial(coefficients, base, side))
        };
        (0..self.classes()).map(logit).collect()
    }

    pub(super) fn line<R: Real>(&self, like: &R) -> LineQuadratic<R> {
        let constants = |k: usize| {
            [&self.matrices[k][0][0], &self.weights[k][0], &self.bias[k]].map(|c| like.constant(c))
        };
        LineQuadratic((0..self.classes()).map(constants).collect())
    }
}

/// The coefficients `[A, w, b]` of each class.
#[derive(Clone, Debug)]
pub(super) struct LineQuadratic<R>(Row<[R; 3]>);

impl<R: Real> LineQuadratic<R> {
    pub fn logits(&self, x: &R) -> Dense<R> {
        Dense::new(
            self.0.map(|[a, b, c]| (a.clone() * x.clone() + b.clone()) * x.clone() + c.clone()),
        )
    }
}

impl LineQuadratic<f64> {
    pub fn landmarks(&self) -> Vec<Landmark> {
        let differences = pairs(&self.0).map(|(p, q)| Polynomial {
            a: p[0] - q[0],
            b: p[1] - q[1],
            c: p[2] - q[2],
        });
        differences.flat_map(|p| p.crossings().chain(p.vertex())).collect()
    }
}
