//! Risks in many dimensions, by the few directions that matter.
//!
//! If the posterior P and the model Q depend on x in `R^d` through `z = U x` only, U having r rows, then a risk in `R^d` is the risk of the law of
//! z: z is a Gaussian mixture again, `N(U mu, U Sigma U')`, P and Q are functions of z, and as x' runs through the ball around x, `U x'` runs
//! through z plus the image of the ball: an interval of half-width `eps ||u||_q` (r = 1), a zonotope, an ellipse or a polygon (r = 2).
//! Nothing is approximated by that.
//!
//! | of | directions |
//! |---|---|
//! | a law with a shared covariance | `Sigma^-1 (mu_i - mu_0)` |
//! | a law with different covariances | the range of `Sigma_i^-1 - Sigma_0^-1`, and `Sigma_i^-1 mu_i - Sigma_0^-1 mu_0` |
//! | a linear model | `W_k - W_0` |
//! | a quadratic model | the range of `A_k - A_0`, and `w_k - w_0` |
//! | a Bayes model | those of its law |
//! | a network | the rows of the first layer |
//!
//! With K classes, a shared covariance and a linear model there are 2 (K - 1) at most, whatever d is. Along one direction a problem is one on the line, along
//! two one in the plane ([`crate::plane`]), along three it takes three nested integrals, and along more a random sample answers where one is asked for
//! ([`Projected::sampled`], [`crate::span`]). C is a matter of the law, which mostly depends on fewer directions; and of Madry's risk the supremum
//! is over the directions that the model by itself depends on. Covariances that are
//! isotropic, diagonal or of low rank beside a diagonal are never written as d x d matrices.
//!
//! A single direction is first looked for in exact numbers (`exact`): then the problem on the line is the given one, to the last bit, and
//! what is proved of it is proved. Otherwise directions are singular vectors in doubles (`directions`), what that costs is measured, counts as
//! an error of the logits, and no verdict is called enclosed. Two directions are looked for in exact numbers where an enclosure of a risk is asked for (`exact::plane`).
//!
//! ```
//! use score_workbench::{divergence::Divergence, law::Law, model::Model, perturbation::{Ball, Norm}};
//! use score_workbench::space::Reduction;
//!
//! let law = Law::from_toml(r#"
//!     kind = "gaussian-mixture"
//!     classes = [
//!         { prior = "1/2", components = [{ mean = [1, 2, 0], variance = 1 }] },
//!         { prior = "1/2", components = [{ mean = [-1, -2, 0], variance = 1 }] },
//!     ]
//! "#, "law")?;
//! let model = Model::from_toml("kind = 'linear'\nweights = [[1, 2, 0], [0, 0, 0]]\nbias = [0, 0]", "model")?;
//! let reduction = Reduction::new(&law, &model)?;
//! assert_eq!((reduction.dimension(), reduction.directions(), reduction.is_exact()), (3, 1, true));
//! // The ball of linf is the interval of half-width eps ||u||_1 = 3 eps along u, which has the length 5^(1/2): here in units of half of it.
//! let radius = reduction.radius(&Ball::new(Norm::Linf, "1/10".parse()?)?);
//! assert_eq!(radius.below().to_string(), "0.15");
//! # Ok::<(), score_workbench::error::Error>(())
//! ```

mod agreement;
mod directions;
mod exact;
mod expansion;
mod projected;
mod risks;

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::error::Error;
use crate::exact::Exact;
use crate::law::Law;
use crate::model::Model;
use crate::perturbation::Ball;
use crate::plane::Body;
use crate::tolerance;

pub(crate) use expansion::PlaneExpansion;
pub use risks::Projected;

use directions::Basis;
use exact::ExactLine;

/// A law and a model in many dimensions as a law and a model of the directions that matter.
#[derive(Clone, Debug)]
pub struct Reduction {
    dimension: usize,
    directions: usize,
    law: Law,
    model: Model,
    along: Along,
}

/// What z is.
#[derive(Clone, Debug)]
enum Along {
    /// x itself.
    Itself,
    /// One direction, in exact numbers.
    Exact(Box<ExactLine>),
    /// These rows times x less a constant, in doubles, with this relative error of the logits.
    Rows { rows: Vec<Vec<f64>>, blur: f64 },
}

/// Half the width of the interval that a ball becomes.
#[derive(Clone, Debug, PartialEq)]
pub struct Radius {
    below: Exact,
    is_exact: bool,
}

impl Radius {
    /// The half-width, or a rational just below it.
    #[must_use]
    pub fn below(&self) -> &Exact {
        &self.below
    }

    /// The half-width, or a rational just above it.
    #[must_use]
    pub fn above(&self) -> Exact {
        if self.is_exact {
            return self.below.clone();
        }
        // What is below is within 2^-190, relative.
        let power = BigRational::new(BigInt::from(1), BigInt::from(1) << 180);
        &self.below + &(&self.below * &Exact::new(power))
    }

    /// Whether the two are the same.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.is_exact
    }
}

impl Reduction {
    /// Finds the directions, and projects.
    ///
    /// # Errors
    /// [`Error::DimensionsDiffer`] and [`Error::ClassesDiffer`] for a law and a model that do not fit; [`Error::TooManyDirections`] where more
    /// than three matter; [`Error::TooManyDimensions`] for full covariances and quadratic forms in more than [`tolerance::DENSE`] dimensions.
    pub fn new(law: &Law, model: &Model) -> Result<Self, Error> {
        Self::at_most(law, model, tolerance::DIRECTIONS)
    }

    /// The same for up to `most` directions.
    fn at_most(law: &Law, model: &Model, most: usize) -> Result<Self, Error> {
        let dimension = law.dimension();
        if let Some(found) = model.dimension().filter(|found| *found != dimension) {
            return Err(Error::DimensionsDiffer { law: dimension, model: found });
        }
        if law.classes() != model.classes() {
            return Err(Error::ClassesDiffer { law: law.classes(), model: model.classes() });
        }
        let itself = |directions| Self {
            dimension,
            directions,
            law: law.clone(),
            model: model.clone(),
            along: Along::Itself,
        };
        if dimension == 1 {
            return Ok(itself(1));
        }
        if let Some(line) = ExactLine::new(law, model) {
            let directions = usize::from(line.matters);
            let (law, model) = (line.law.clone(), line.model.clone());
            return Ok(Self {
                dimension,
                directions,
                law,
                model,
                along: Along::Exact(Box::new(line)),
            });
        }
        let Law::GaussianMixture(mixture) = law;
        let Basis { rows, blur } = Basis::new(mixture, model, most)?;
        let directions = rows.len();
        if directions == dimension && directions <= 2 {
            return Ok(itself(directions));
        }
        if directions > most {
            return Err(Error::TooManyDirections { found: directions, most });
        }
        // Where nothing matters, any direction shows it.
        let rows = if rows.is_empty() { vec![directions::unit(dimension, 0)] } else { rows };
        let (law, model) = projected::problem(mixture, model, &rows)?;
        Ok(Self { dimension, directions, law, model, along: Along::Rows { rows, blur } })
    }

    /// The problem along given rows.
    fn along(rows: Vec<Vec<f64>>, blur: f64, law: Law, model: Model) -> Self {
        let (dimension, directions) = (rows[0].len(), rows.len());
        Self { dimension, directions, law, model, along: Along::Rows { rows, blur } }
    }

    /// The dimension of x, d.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// How many directions matter, r.
    #[must_use]
    pub fn directions(&self) -> usize {
        self.directions
    }

    /// The law of z.
    #[must_use]
    pub fn law(&self) -> &Law {
        &self.law
    }

    /// The model as a function of z.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Whether the reduced problem is the given one without any rounding.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        !matches!(self.along, Along::Rows { .. })
    }

    /// The relative error of a logit as a function of z, beyond that of evaluating it.
    #[must_use]
    pub fn blur(&self) -> f64 {
        match &self.along {
            Along::Itself | Along::Exact(_) => 0.0,
            Along::Rows { blur, .. } => *blur,
        }
    }

    /// Half the width of the interval that the ball becomes, for problems of one direction.
    ///
    /// # Panics
    /// For more directions.
    #[must_use]
    pub fn radius(&self, ball: &Ball) -> Radius {
        assert!(self.directions <= 1, "an interval is the image under one direction");
        let (below, is_exact) = match &self.along {
            Along::Itself => (ball.epsilon().clone(), true),
            Along::Exact(line) => line.radius(ball),
            Along::Rows { rows, .. } => {
                let width = rows.first().map_or(0.0, |row| ball.support(row));
                (Exact::from_f64(width).unwrap_or_else(|| ball.epsilon().clone()), true)
            }
        };
        Radius { below, is_exact }
    }

    /// The square of the length of the direction: noise of variance 1 in every coordinate of x is noise of this variance in z, for problems of
    /// one direction.
    #[must_use]
    pub fn square(&self) -> Exact {
        match &self.along {
            Along::Exact(line) => line.square().clone(),
            Along::Itself | Along::Rows { .. } => Exact::integer(1),
        }
    }

    /// The body that the ball becomes, for problems of two directions.
    ///
    /// # Errors
    /// As [`Ball::image`].
    pub fn body(&self, ball: &Ball) -> Result<Body, Error> {
        match &self.along {
            Along::Rows { rows, .. } if rows.len() == 2 => ball.image([&rows[0], &rows[1]]),
            _ => ball.image([&[1.0, 0.0], &[0.0, 1.0]]),
        }
    }

    /// The directions, where they were found in doubles.
    fn rows(&self) -> Option<&[Vec<f64>]> {
        match &self.along {
            Along::Rows { rows, .. } => Some(rows),
            Along::Itself | Along::Exact(_) => None,
        }
    }

    /// The reduction in a line for people: `784 dimensions, 2 directions`.
    #[must_use]
    pub fn describe(&self) -> String {
        let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        format!("{}, {}", count(self.dimension, "dimension"), count(self.directions, "direction"))
    }
}
