//! Label distributions, and the class axis that formulas sum over.
//!
//! A label distribution is a point of the probability simplex, `p_k >= 0`, `sum_k p_k = 1`. Formulas see it as a
//! [`Simplex`] over some [`Classes`]: one number per class for the scalar backends ([`Dense`]), a whole `[N, K]` tensor for a
//! tensor backend, whose sums are `[N]`.

use crate::error::Error;
use crate::exact::Exact;
use crate::real::{Interval, Prob, Real, Row, Softmax};
use crate::tolerance;

/// The class axis: one entry per class, and sums over the classes.
pub trait Classes: Clone {
    /// One per class; on a tensor backend the whole `[N, K]`.
    type Entry: Real;
    /// One per example; on a tensor backend `[N]`, a type of its own so that shapes cannot mix.
    type Total: Real;

    /// Applies `f` class by class to several rows at once.
    #[must_use]
    fn combine<const M: usize>(
        rows: [&Self; M],
        f: impl Fn([&Self::Entry; M]) -> Self::Entry,
    ) -> Self;
    /// The sum over the classes.
    #[must_use]
    fn sum(&self) -> Self::Total;
    /// The largest entry.
    #[must_use]
    fn max(&self) -> Self::Total;
    /// Softmax over the classes: probabilities and their logarithms.
    #[must_use]
    fn softmax(&self) -> (Self, Self);
}

/// One scalar per class.
#[derive(Clone, Debug)]
pub struct Dense<R>(Row<R>);

impl<R: Real> Dense<R> {
    /// The row with these entries, which must not be empty.
    ///
    /// # Panics
    /// When `entries` is empty.
    pub fn new(entries: impl Into<Row<R>>) -> Self {
        let row = entries.into();
        assert!(!row.is_empty(), "a row has at least one class");
        Self(row)
    }

    /// The entries in the order of the classes.
    #[must_use]
    pub fn entries(&self) -> &[R] {
        &self.0
    }
}

impl<R: Real> Classes for Dense<R> {
    type Entry = R;
    type Total = R;

    fn combine<const M: usize>(rows: [&Self; M], f: impl Fn([&R; M]) -> R) -> Self {
        let rows = rows.map(|row| &*row.0);
        Self(Row::from_fn(rows[0].len(), |k| f(rows.map(|row| &row[k]))))
    }
    fn sum(&self) -> R {
        self.0[1..].iter().fold(self.0[0].clone(), |sum, entry| sum + entry.clone())
    }
    fn max(&self) -> R {
        self.0[1..].iter().fold(self.0[0].clone(), |largest, entry| largest.max(entry))
    }
    fn softmax(&self) -> (Self, Self) {
        let Softmax { p, ln_p, .. } = R::softmax(&self.0);
        (Self(p), Self(ln_p))
    }
}

/// A label distribution: probabilities and their logarithms.
///
/// ```
/// use score_workbench::simplex::{Dense, Simplex};
/// let q = Simplex::from_logits(&Dense::new([1.0, 0.0]));
/// assert!((q.probabilities().entries()[0] - 0.7310585786300049).abs() < 1e-15);
/// assert!(Simplex::from_probabilities(&[0.5, 0.6]).is_err());
/// ```
#[derive(Clone, Debug)]
pub struct Simplex<C> {
    p: C,
    ln_p: C,
}

impl<C: Classes> Simplex<C> {
    /// `softmax(logits)`.
    pub fn from_logits(logits: &C) -> Self {
        let (p, ln_p) = logits.softmax();
        Self { p, ln_p }
    }

    /// The distribution with these probabilities and logarithms.
    pub(crate) fn from_classes(p: C, ln_p: C) -> Self {
        Self { p, ln_p }
    }

    /// The probabilities.
    pub fn probabilities(&self) -> &C {
        &self.p
    }

    /// The natural logarithms of the probabilities.
    pub fn log_probabilities(&self) -> &C {
        &self.ln_p
    }

    /// Applies `f` to the two probabilities of each class.
    pub fn zip(&self, other: &Self, f: impl Fn(Prob<C::Entry>, Prob<C::Entry>) -> C::Entry) -> C {
        C::combine([&self.p, &self.ln_p, &other.p, &other.ln_p], |[a, ln_a, b, ln_b]| {
            f(Prob { p: a, ln: ln_a }, Prob { p: b, ln: ln_b })
        })
    }

    /// `shift + scale p_k` for each class: smoothed labels, for numbers that keep the sum 1.
    #[must_use]
    pub fn affine(&self, shift: &Exact, scale: &Exact) -> Self {
        let p = C::combine([&self.p], |[p]| p.constant(shift) + p.constant(scale) * p.clone());
        let ln_p = C::combine([&p], |[p]| p.ln());
        Self { p, ln_p }
    }

    /// The midpoint `(p + q) / 2`.
    #[must_use]
    pub fn midpoint(&self, other: &Self) -> Self {
        Self {
            p: C::combine([&self.p, &other.p], |[a, b]| (a.clone() + b.clone()) / a.int(2)),
            ln_p: C::combine([&self.ln_p, &other.ln_p], |[a, b]| a.ln_mean_exp(b)),
        }
    }
}

impl<R: Real> Simplex<Dense<R>> {
    /// The distribution with these probabilities and logarithms; for backends and laws that have computed both.
    pub(crate) fn from_parts(p: Row<R>, ln_p: Row<R>) -> Self {
        Self::from_classes(Dense(p), Dense(ln_p))
    }
}

impl Simplex<Dense<Interval>> {
    /// The smallest enclosure that contains both.
    pub(crate) fn hull(&self, other: &Self) -> Self {
        let row =
            |a: &Dense<Interval>, b: &Dense<Interval>| Dense::combine([a, b], |[a, b]| a.hull(*b));
        Self { p: row(&self.p, &other.p), ln_p: row(&self.ln_p, &other.ln_p) }
    }
}

impl Simplex<Dense<f64>> {
    /// The distribution with these probabilities, which must be at least 0 and sum to 1.
    ///
    /// # Errors
    /// [`Error::NotADistribution`] where they are not.
    pub fn from_probabilities(p: &[f64]) -> Result<Self, Error> {
        let sum: f64 = p.iter().sum();
        let valid =
            p.len() >= 2 && p.iter().all(|p| *p >= 0.0) && (sum - 1.0).abs() <= tolerance::SUM;
        if !valid {
            return Err(Error::NotADistribution { found: p.to_vec() });
        }
        let p = Row::from(p.to_vec());
        let ln_p = p.map(Real::ln);
        Ok(Self::from_parts(p, ln_p))
    }
}
