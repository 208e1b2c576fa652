//! Perturbation sets: the balls `B(x) = {x' : ||x' - x||_p <= eps}`, in any dimension.

mod image;

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::error::Error;
use crate::exact::Exact;
use crate::names;

/// The norm of a perturbation ball.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Norm {
    /// `max_i |x_i|`.
    #[default]
    Linf,
    /// `(sum_i x_i^2)^(1/2)`.
    L2,
    /// `sum_i |x_i|`.
    L1,
}

impl Norm {
    /// Every norm, the default first.
    pub const ALL: [Self; 3] = [Self::Linf, Self::L2, Self::L1];

    /// The name on the command line and in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Linf => "linf",
            Self::L2 => "l2",
            Self::L1 => "l1",
        }
    }

    /// The dual norm: `||g||_q` with 1/p + 1/q = 1 is the largest `g . x` over the unit ball.
    #[must_use]
    pub fn dual(self) -> Self {
        match self {
            Self::Linf => Self::L1,
            Self::L2 => Self::L2,
            Self::L1 => Self::Linf,
        }
    }

    /// The length of a vector, to rounding error.
    ///
    /// ```
    /// use score_workbench::perturbation::Norm;
    /// assert_eq!(Norm::ALL.map(|norm| norm.length(&[3.0, -4.0])), [4.0, 5.0, 7.0]);
    /// ```
    #[must_use]
    pub fn length(self, x: &[f64]) -> f64 {
        match self {
            Self::Linf => x.iter().fold(0.0, |largest, x| x.abs().max(largest)),
            // Relative to the largest entry, whose square might overflow.
            Self::L2 => match Self::Linf.length(x) {
                0.0 => 0.0,
                scale => scale * sum(x, |x| (x / scale) * (x / scale)).sqrt(),
            },
            Self::L1 => sum(x, f64::abs),
        }
    }
}

/// How many terms are added one after the other: a sum's rounding error grows with their number, and above it with its logarithm.
const BLOCK: usize = 16;

fn sum(x: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    by_halves(x.len(), &|at| x[at].iter().map(|&x| term(x)).sum())
}

/// The inner product, to rounding error.
pub(crate) fn inner(a: &[f64], b: &[f64]) -> f64 {
    by_halves(a.len().min(b.len()), &|at: Range<usize>| {
        a[at.clone()].iter().zip(&b[at]).map(|(a, b)| a * b).sum()
    })
}

/// A sum of so many terms from the sums of blocks of them.
fn by_halves(terms: usize, block: &impl Fn(Range<usize>) -> f64) -> f64 {
    fn sum(at: Range<usize>, block: &impl Fn(Range<usize>) -> f64) -> f64 {
        if at.len() <= BLOCK {
            return block(at);
        }
        let middle = at.start + (at.len() / 2).next_multiple_of(BLOCK);
        sum(at.start..middle, block) + sum(middle..at.end, block)
    }
    sum(0..terms, block)
}

impl fmt::Display for Norm {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Norm {
    type Err = Error;

    /// # Errors
    /// [`Error::Unknown`] with the names that exist.
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|norm| norm.name() == name)
            .ok_or_else(|| names::unknown("norm", name, Self::ALL.map(Self::name)))
    }
}

/// The closed ball of radius `eps` in a norm.
///
/// On the line the three norms are the absolute value, and every ball is the interval
/// `[x - eps, x + eps]`.
///
/// ```
/// use score_workbench::perturbation::{Ball, Norm};
/// let ball = Ball::new(Norm::Linf, "8/255".parse()?)?;
/// assert_eq!(ball.epsilon().to_string(), "8/255");
/// assert!(Ball::new(Norm::L2, "-1".parse()?).is_err());
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Ball {
    norm: Norm,
    epsilon: Exact,
}

impl Ball {
    /// The ball of radius `epsilon >= 0`.
    ///
    /// # Errors
    /// [`Error::Negative`].
    pub fn new(norm: Norm, epsilon: Exact) -> Result<Self, Error> {
        if epsilon.is_negative() {
            return Err(Error::Negative { what: "epsilon", found: epsilon });
        }
        Ok(Self { norm, epsilon })
    }

    /// The norm.
    #[must_use]
    pub fn norm(&self) -> Norm {
        self.norm
    }

    /// The radius; on the line the half-width of the interval.
    #[must_use]
    pub fn epsilon(&self) -> &Exact {
        &self.epsilon
    }

    /// The support function: the largest `g . x` over the ball, `eps ||g||_q`. It is half the width of the image of the ball under
    /// `x -> g . x`, which is an interval around 0.
    #[must_use]
    pub fn support(&self, g: &[f64]) -> f64 {
        self.epsilon.to_f64() * self.norm.dual().length(g)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "values that are exact are compared exactly")]
mod tests {
    use super::*;

    #[test]
    fn norms_are_read_by_name() {
        assert_eq!(Norm::default(), Norm::Linf);
        for norm in Norm::ALL {
            assert_eq!(norm.to_string().parse(), Ok(norm));
        }
        let message = "lnf".parse::<Norm>().unwrap_err().to_string();
        assert_eq!(message, "unknown norm `lnf` (did you mean `linf`?); allowed: linf, l2, l1");
    }

    #[test]
    fn lengths_neither_overflow_nor_drift() {
        let huge = 2f64.powi(600);
        assert_eq!(Norm::L2.length(&[3.0 * huge, -4.0 * huge]), 5.0 * huge);
        assert_eq!(Norm::L2.length(&[0.0; 3]), 0.0);
        let tenths = vec![0.1; 1_000_000];
        assert!((Norm::L1.length(&tenths) - 1e5).abs() < 1e-10);
        assert!((Norm::L2.length(&tenths) - 100.0).abs() < 1e-13);
    }

    #[test]
    fn a_radius_is_not_negative() {
        let epsilon: Exact = "-1e-3".parse().unwrap();
        let message = Ball::new(Norm::L1, epsilon).unwrap_err().to_string();
        assert_eq!(message, "found -0.001; epsilon must be >= 0");
        assert!(Ball::new(Norm::L1, Exact::integer(0)).is_ok());
    }
}
