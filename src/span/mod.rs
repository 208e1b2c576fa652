//! The risks of a law and a model in the span of r directions: by nested integrals for r = 3, from a random sample for any r.
//!
//! What is left of many dimensions when more than two directions matter ([`crate::space`]). With z = U x in `R^r`, U having orthonormal rows, the law of z is
//! a Gaussian mixture, and the ball becomes a convex body B in `R^r`, of which only the support function is ever needed.
//!
//! | what | how | module |
//! |---|---|---|
//! | the integral over the density | three nested adaptive integrals | `nested` |
//! | | the mean of independent draws, with a confidence interval | `draws` |
//! | the supremum over `z + B` | of Madry's risk, where the model by itself depends on two directions: over its own body in the plane | `supremum` |
//! | | else by ascent from many places: what is found is attained, and so a bound from below | `supremum` |
//! | its bound from above | boxes over which the function is enclosed, halved where it may be largest | `cover` |
//!
//! # What a sample says
//!
//! Draw i depends on the seed and on i alone, so a result depends neither on threads nor on how many other risks are asked for. For a divergence with a
//! finite diameter the interval is that of the empirical Bernstein inequality (Maurer and Pontil, "Empirical Bernstein bounds and sample variance
//! penalization", COLT 2009, Theorem 4), which holds for every number of draws. The other integrands have no bound; theirs is the central limit theorem's,
//! which holds as the number of draws grows, and it is called [`Interval::Normal`]. Where one draw carries much of the variance, or moments may be
//! infinite, there is no interval: it ends at infinity.
//!
//! Where the supremum is searched, the lower end of the interval is about the values that were found, and the upper end about those plus the mean gap to
//! the bound from above, which is taken on a part of the draws. So the interval is about the risk itself, however bad the search is. The boxes lie along the
//! coordinates of z: where what matters lies across them the upper end is far above what was found. In the plane that a model sees, and along three
//! directions, a search is believed as it is in [`crate::plane`].

mod cover;
mod draws;
mod forms;
mod image;
mod nested;
mod supremum;

use crate::divergence::Divergence;
use crate::error::Error;
use crate::law::Law;
use crate::model::Model;
use crate::perturbation::Ball;
use crate::plane::Plane;
use crate::real::{Jet, Traced};
use crate::risk::{Risk, Which};

pub use draws::{Drawn, Draws, Interval};

use forms::{Compiled, Normal};
use image::Image;

/// Values and slopes.
type Slope = Jet<f64, 2>;
/// The same over boxes.
type Wide = Jet<crate::real::Interval, 2>;

/// A law and a model in `R^r`, and what the ball of x becomes there.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    model: Model,
    normals: Vec<Normal>,
    value: Compiled<f64>,
    slope: Compiled<Slope>,
    wide: Compiled<Wide>,
    traced: Compiled<Traced>,
    /// The directions z is made of, in `R^d`.
    rows: Vec<Vec<f64>>,
    own: Option<Own>,
}

/// The one or two directions that a model by itself depends on, as a problem in the plane.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    /// The problem.
    pub plane: Plane,
    /// The two directions in `R^d`.
    pub rows: [Vec<f64>; 2],
    /// The same as functions of z.
    pub map: [Vec<f64>; 2],
}

impl Span {
    /// The law and the model of z = U x, U having these orthonormal rows.
    ///
    /// # Errors
    /// [`Error::Singular`] for a covariance that is none in doubles.
    pub fn new(
        law: &Law,
        model: &Model,
        rows: Vec<Vec<f64>>,
        own: Option<Own>,
    ) -> Result<Self, Error> {
        let Law::GaussianMixture(mixture) = law;
        let normals = Normal::of(mixture)?;
        let value = Compiled::new(mixture, &normals, model)?;
        Ok(Self {
            slope: value.lifted(model, &Slope::fixed(0.0)),
            wide: value.lifted(model, &Wide::fixed(crate::real::Interval::ZERO)),
            traced: value.lifted(model, &Traced::new(0.0)),
            value,
            model: model.clone(),
            normals,
            rows,
            own,
        })
    }

    /// How many directions there are, r.
    fn directions(&self) -> usize {
        self.rows.len()
    }

    fn image(&self, ball: &Ball) -> Image {
        Image::new(ball, &self.rows)
    }

    /// Whether a risk is infinite because the model excludes a label.
    fn excludes(&self, risk: Risk, divergence: Divergence) -> bool {
        let infinite = matches!(divergence, Divergence::Kl | Divergence::ChiSquared);
        infinite && risk.second() == Which::Model && self.model.excludes_a_class()
    }

    /// Whether all moments of a risk's integrand are finite: divergences without a diameter grow like the gap of the logits, chi-squared like its
    /// exponential, of which a normal law has all moments where the gap grows like |z|.
    fn has_moments(&self, risk: Risk, divergence: Divergence) -> bool {
        divergence != Divergence::ChiSquared || self.value.is_at_most_linear(risk.second())
    }

    /// What the ball becomes where the risk asks for less than all directions.
    fn reduced<'a>(&'a self, risk: Risk, ball: &Ball) -> Option<&'a Own> {
        let is_point = ball.epsilon().is_zero();
        self.own.as_ref().filter(|_| risk == Risk::Madry && !is_point)
    }
}
