//! Linear models: `Q(x) = softmax(W x + b)`.

use super::check_affine;
use crate::error::Error;
use crate::exact::Exact;
use crate::line::{Envelope, Landmark, Parabola, Polynomial, Side, Tail, pairs};
use crate::real::{Interval, Real, Row};
use crate::simplex::Dense;

/// `softmax(W x + b)` with `W` of shape K x d and `b` of length K.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    weights: Vec<Vec<Exact>>,
    bias: Vec<Exact>,
}

impl Linear {
    /// The model with these weights by rows and this bias.
    ///
    /// # Errors
    /// [`Error::TooFewClasses`], [`Error::Empty`] for rows of length 0, [`Error::Shape`] for rows
    /// that differ in length and for a bias that does not fit.
    pub fn new(weights: Vec<Vec<Exact>>, bias: Vec<Exact>) -> Result<Self, Error> {
        check_affine(&weights, &bias)?;
        Ok(Self { weights, bias })
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

    /// The weights `W`, K rows of length d.
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
        let tail = |row: &Vec<Exact>| Tail { linear: row[0].clone(), ..Tail::bounded() };
        self.weights.iter().map(tail).collect()
    }

    pub(super) fn envelope(&self, base: Interval, side: Side) -> Vec<Envelope> {
        let zero = Exact::integer(0);
        let logit = |(row, bias)| Parabola::polynomial([&zero, row, bias], base, side);
        let slopes = self.weights.iter().map(|row| &row[0]);
        slopes.zip(&self.bias).map(logit).map(Envelope::exactly).collect()
    }

    pub(super) fn line<R: Real>(&self, like: &R) -> LineLinear<R> {
        let constants =
            |(row, bias): (&Vec<Exact>, _)| (like.constant(&row[0]), like.constant(bias));
        LineLinear(self.weights.iter().zip(&self.bias).map(constants).collect())
    }
}

/// Slope and bias of each class.
#[derive(Clone, Debug)]
pub(super) struct LineLinear<R>(Row<(R, R)>);

impl<R: Real> LineLinear<R> {
    pub fn logits(&self, x: &R) -> Dense<R> {
        Dense::new(self.0.map(|(slope, bias)| slope.clone() * x.clone() + bias.clone()))
    }
}

impl LineLinear<f64> {
    pub fn landmarks(&self) -> Vec<Landmark> {
        let difference = |(p, q): (&(f64, f64), &(f64, f64))| {
            Polynomial { a: 0.0, b: p.0 - q.0, c: p.1 - q.1 }.crossings()
        };
        pairs(&self.0).flat_map(difference).collect()
    }
}
