//! Perturbation sets: the balls `B(x) = {x' : ||x' - x||_p <= eps}`.

use std::fmt;
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
}

#[cfg(test)]
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
    fn a_radius_is_not_negative() {
        let epsilon: Exact = "-1e-3".parse().unwrap();
        let message = Ball::new(Norm::L1, epsilon).unwrap_err().to_string();
        assert_eq!(message, "found -0.001; epsilon must be >= 0");
        assert!(Ball::new(Norm::L1, Exact::integer(0)).is_ok());
    }
}
