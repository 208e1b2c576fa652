//! Constant models: `Q(x) = q` everywhere.

use crate::error::Error;
use crate::exact::{Exact, normalised};
use crate::line::{Envelope, Parabola, Tail};
use crate::real::{Interval, Real, Row};
use crate::simplex::Dense;

/// The same label distribution everywhere, in every dimension. Its logits are `ln q_k`, -inf where
/// `q_k = 0`.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    probabilities: Vec<Exact>,
    notes: Vec<String>,
}

impl Constant {
    /// The model with these probabilities, at least two, each >= 0, with sum 1; if the sum is 1
    /// only to 1e-12, they are renormalised, and [`notes`](Self::notes) says so.
    ///
    /// # Errors
    /// [`Error::TooFewClasses`], [`Error::Negative`], [`Error::SumNotOne`].
    pub fn new(probabilities: Vec<Exact>) -> Result<Self, Error> {
        if probabilities.len() < 2 {
            return Err(Error::TooFewClasses { found: probabilities.len() });
        }
        if let Some(found) = probabilities.iter().find(|p| p.is_negative()) {
            return Err(Error::Negative { what: "probabilities", found: found.clone() });
        }
        let (probabilities, note) = normalised("probabilities", probabilities)?;
        Ok(Self { probabilities, notes: note.into_iter().collect() })
    }

    /// The number of classes, K.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.probabilities.len()
    }

    /// The probabilities, of length K.
    #[must_use]
    pub fn probabilities(&self) -> &[Exact] {
        &self.probabilities
    }

    /// What was changed when the model was made (a renormalisation), for people to read.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    pub(super) fn tail(&self) -> Vec<Tail> {
        self.probabilities.iter().map(|_| Tail::bounded()).collect()
    }

    pub(super) fn envelope(&self) -> Vec<Envelope> {
        let logit = |p: &Exact| Parabola::constant(Interval::ZERO.constant(p).ln());
        self.probabilities.iter().map(logit).map(Envelope::exactly).collect()
    }

    pub(super) fn line<R: Real>(&self, like: &R) -> LineConstant<R> {
        LineConstant(self.probabilities.iter().map(|p| like.constant(p).ln()).collect())
    }
}

#[derive(Clone, Debug)]
pub(super) struct LineConstant<R>(Row<R>);

impl<R: Real> LineConstant<R> {
    pub fn logits(&self) -> Dense<R> {
        Dense::new(self.0.clone())
    }
}
