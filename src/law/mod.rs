//! Data laws `p_d(x, y)`: priors `p_d(y)` and class-conditional densities `p_d(x|y)`.

mod gaussian_mixture;
mod sample;

pub(crate) use gaussian_mixture::ln_two_pi;
pub use gaussian_mixture::{Class, Component, Covariance, GaussianMixture, LineComponent, LineLaw};

use crate::error::Error;
use crate::exact::Exact;
use crate::line::{Envelope, Side, Tail};
use crate::real::{Interval, Real};

/// A data law: a joint distribution of inputs `x` in `R^d` and labels `y` in `0..K`.
///
/// ```
/// use score_workbench::law::{Class, Component, Covariance, GaussianMixture, Law};
/// use score_workbench::exact::Exact;
/// let normal = |mean, variance| {
///     let covariance = Covariance::Isotropic(Exact::integer(variance));
///     Component::new(Exact::integer(1), vec![Exact::integer(mean)], covariance)
/// };
/// let toy = Law::GaussianMixture(GaussianMixture::new(vec![
///     Class::new("5/6".parse()?, vec![normal(-1, 4)?])?,
///     Class::new("1/6".parse()?, vec![normal(1, 1)?])?,
/// ])?);
/// let log_joint = toy.line(&0.0)?.log_joint(&1.0);
/// // ln( 1/6 N(1; 1, 1) ) at the mean of the second class
/// let expected = -(6.0 * (2.0 * std::f64::consts::PI).sqrt()).ln();
/// assert!((log_joint.entries()[1] - expected).abs() < 1e-15);
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    /// A finite mixture of normal distributions per class.
    GaussianMixture(GaussianMixture),
}

impl Law {
    /// The number of classes, K.
    #[must_use]
    pub fn classes(&self) -> usize {
        match self {
            Self::GaussianMixture(mixture) => mixture.classes().len(),
        }
    }

    /// The dimension of the inputs, d.
    #[must_use]
    pub fn dimension(&self) -> usize {
        match self {
            Self::GaussianMixture(mixture) => mixture.dimension(),
        }
    }

    /// The prior of class `k`, `p_d(y = k)`.
    ///
    /// # Panics
    /// When `k >= classes()`.
    #[must_use]
    pub fn prior(&self, k: usize) -> &Exact {
        match self {
            Self::GaussianMixture(mixture) => mixture.classes()[k].prior(),
        }
    }

    /// Whether the posterior is the same everywhere because all classes have the same density.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        match self {
            Self::GaussianMixture(mixture) => mixture
                .classes()
                .windows(2)
                .all(|pair| pair[0].components() == pair[1].components()),
        }
    }

    /// What was changed about the law when it was made, for people to read.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        match self {
            Self::GaussianMixture(mixture) => mixture.notes(),
        }
    }

    /// The leading growth of `ln p_d(x, y = k)` for each class, for a law in dimension 1.
    #[must_use]
    pub fn tail(&self, side: Side) -> Vec<Tail> {
        match self {
            Self::GaussianMixture(mixture) => mixture.tail(side),
        }
    }

    /// Bounds of `ln p_d(x, y = k)` for each class on the rays from `base` outward, for a law in dimension 1.
    pub(crate) fn envelope(&self, base: Interval, side: Side) -> Vec<Envelope> {
        match self {
            Self::GaussianMixture(mixture) => mixture.envelope(base, side),
        }
    }

    /// The law of `x + z` with the labels of x and independent noise z from N(0, variance I), as randomized smoothing adds it. The
    /// variance is not the standard deviation.
    ///
    /// ```
    /// use score_workbench::law::Law;
    /// let smoothed = Law::resolve("toy")?.smoothed(&"1/2".parse()?)?;
    /// let Law::GaussianMixture(mixture) = &smoothed;
    /// let variance = mixture.classes()[0].components()[0].covariance().variance(0);
    /// assert_eq!(variance.to_string(), "4.5");
    /// # Ok::<(), score_workbench::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Negative`] for a variance below 0.
    pub fn smoothed(&self, variance: &Exact) -> Result<Self, Error> {
        match self {
            Self::GaussianMixture(mixture) => mixture.smoothed(variance).map(Self::GaussianMixture),
        }
    }

    /// The law in dimension 1, smoothed by noise of a variance that is a number of the backend, such as a jet.
    ///
    /// # Errors
    /// [`Error::NotOnTheLine`] in other dimensions.
    pub fn smoothed_line<R: Real>(&self, variance: &R) -> Result<LineLaw<R>, Error> {
        match self {
            Self::GaussianMixture(mixture) => mixture.smoothed_line(variance),
        }
    }

    /// The law in dimension 1, compiled for the backend of `like`.
    ///
    /// # Errors
    /// [`Error::NotOnTheLine`] in other dimensions.
    pub fn line<R: Real>(&self, like: &R) -> Result<LineLaw<R>, Error> {
        match self {
            Self::GaussianMixture(mixture) => mixture.line(like),
        }
    }
}
