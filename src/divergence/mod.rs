//! Divergences D(a, b) between label distributions: the formulas, and what is known about each.
//!
//! The data's distribution is always the first argument. Every formula is one function over [`Classes`], so the text that a
//! theorem was checked on is the text that trains a model. [`Divergence`] names them for the command line and the
//! claims; [`Divergence::facts`] is the table of what the claims may use.
//!
//! A family lives in a file:
//!
//! | file | divergences |
//! |---|---|
//! | [`norm`] | l1, total-variation, l2, linf, squared-error |
//! | [`entropy`] | kl, reverse-kl, jensen-shannon |
//! | [`hellinger`] | hellinger |
//! | [`chi_squared`] | chi-squared |

pub mod chi_squared;
pub mod entropy;
pub mod hellinger;
pub mod norm;

use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::names;
use crate::quantity::Increasing;
use crate::real::Real;
use crate::simplex::{Classes, Simplex};

/// The divergences of the workbench.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Divergence {
    /// [`entropy::kl`]
    Kl,
    /// [`entropy::reverse_kl`]
    ReverseKl,
    /// [`norm::l1`]
    L1,
    /// [`norm::total_variation`]
    TotalVariation,
    /// [`norm::l2`]
    L2,
    /// [`norm::linf`]
    Linf,
    /// [`hellinger::hellinger`]
    Hellinger,
    /// [`entropy::jensen_shannon`]
    JensenShannon,
    /// [`norm::squared_error`]
    SquaredError,
    /// [`chi_squared::chi_squared`]
    ChiSquared,
}

/// What is known about a divergence, with its source.
#[derive(Debug)]
pub struct Facts {
    /// The name in files and on the command line.
    pub name: &'static str,
    /// The formula in plain text.
    pub formula: &'static str,
    /// The formula in LaTeX.
    pub tex: &'static str,
    /// Its symmetry and triangle inequality.
    pub triangle: Triangle,
    /// Upper bounds by t = KL(a, b), the sharpest for small t first.
    pub bounds: &'static [Bound],
    /// Whether it is convex in its second argument.
    pub convexity: Convexity,
    /// Its supremum over all pairs of label distributions; `None` where it is infinite.
    pub diameter: Option<f64>,
    /// Where the formula and its facts come from.
    pub source: &'static str,
}

/// Whether `b -> D(a, b)` is convex for every a. Then Madry's risk is convex in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convexity {
    /// Convex, and smooth in the interior of the simplex.
    Smooth,
    /// A norm of `a - b`: convex, with a kink at `b = a`.
    Norm,
    /// Not convex for some a.
    None,
}

/// Which triangle inequality a divergence satisfies on label distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Triangle {
    /// A metric: symmetric, zero only for equal arguments, `D(a, c) <= D(a, b) + D(b, c)`.
    Metric,
    /// Symmetric, and `D(a, c) <= c0 (D(a, b) + D(b, c))` with this c0.
    Relaxed(i32),
    /// None with any constant.
    None,
}

/// An upper bound of a divergence by t = KL(a, b): concave and increasing in t, which is what Corollary 1 needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The inequality it rests on.
    pub inequality: Inequality,
    /// The bound is `scale` times the inequality's own form, see [`Scale`].
    pub scale: Scale,
}

/// The inequality between a divergence and the relative entropy that a [`Bound`] rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inequality {
    /// `sqrt(s t)`: Pinsker's inequality and its consequences.
    Pinsker,
    /// `sqrt(s (1 - e^-t))`: the Bretagnolle-Huber inequality and its consequences.
    BretagnolleHuber,
    /// `s t`: the square of Pinsker's inequality.
    PinskerSquared,
    /// `s (1 - e^-t)`: the square of the Bretagnolle-Huber inequality.
    BretagnolleHuberSquared,
}

/// The rational `s` in a [`Bound`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale(pub i32, pub i32);

impl Bound {
    /// The bound at `t = KL(a, b) >= 0`, in nats.
    #[must_use]
    pub fn at<R: Real>(self, t: &R) -> R {
        let Scale(numerator, denominator) = self.scale;
        let scaled = |value: R| t.int(numerator) * value / t.int(denominator);
        let saturating = || -(-t.clone()).exp_m1();
        match self.inequality {
            Inequality::Pinsker => scaled(t.clone()).sqrt(),
            Inequality::BretagnolleHuber => scaled(saturating()).sqrt(),
            Inequality::PinskerSquared => scaled(t.clone()),
            Inequality::BretagnolleHuberSquared => scaled(saturating()),
        }
    }
}

impl Increasing for Bound {
    /// At what is at least 0, rounding aside.
    fn at<R: Real>(&self, t: &R) -> R {
        Self::at(*self, &t.max(&t.int(0)))
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (argument, root) = match self.inequality {
            Inequality::Pinsker => ("t", true),
            Inequality::BretagnolleHuber => ("(1 - e^-t)", true),
            Inequality::PinskerSquared => ("t", false),
            Inequality::BretagnolleHuberSquared => ("(1 - e^-t)", false),
        };
        let scaled = match self.scale {
            Scale(1, 1) => argument.to_owned(),
            Scale(s, 1) => format!("{s} {argument}"),
            Scale(1, s) => format!("{argument}/{s}"),
            Scale(s, r) => format!("{s}/{r} {argument}"),
        };
        if root { write!(f, "sqrt({scaled})") } else { f.write_str(&scaled) }
    }
}

impl Inequality {
    /// The name in reports, after the authors.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pinsker | Self::PinskerSquared => "pinsker",
            Self::BretagnolleHuber | Self::BretagnolleHuberSquared => "bretagnolle-huber",
        }
    }
}

impl Divergence {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 10] = [
        Self::Kl,
        Self::ReverseKl,
        Self::L1,
        Self::TotalVariation,
        Self::L2,
        Self::Linf,
        Self::Hellinger,
        Self::JensenShannon,
        Self::SquaredError,
        Self::ChiSquared,
    ];

    /// What is known about it.
    #[must_use]
    pub fn facts(self) -> &'static Facts {
        match self {
            Self::Kl => &entropy::KL,
            Self::ReverseKl => &entropy::REVERSE_KL,
            Self::L1 => &norm::L1,
            Self::TotalVariation => &norm::TOTAL_VARIATION,
            Self::L2 => &norm::L2,
            Self::Linf => &norm::LINF,
            Self::Hellinger => &hellinger::HELLINGER,
            Self::JensenShannon => &entropy::JENSEN_SHANNON,
            Self::SquaredError => &norm::SQUARED_ERROR,
            Self::ChiSquared => &chi_squared::CHI_SQUARED,
        }
    }

    /// Its name in files and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// Whether it is a metric on label distributions.
    #[must_use]
    pub fn is_metric(self) -> bool {
        self.facts().triangle == Triangle::Metric
    }

    /// `D(p, q)`.
    ///
    /// ```
    /// use score_workbench::{divergence::Divergence, simplex::Simplex};
    /// let p = Simplex::from_probabilities(&[0.5, 0.5])?;
    /// let q = Simplex::from_probabilities(&[0.25, 0.75])?;
    /// assert_eq!(Divergence::L1.eval(&p, &q), 0.5);
    /// assert!((Divergence::Kl.eval(&p, &q) - 0.14384103622589045).abs() < 1e-15);
    /// # Ok::<(), score_workbench::error::Error>(())
    /// ```
    pub fn eval<C: Classes>(self, p: &Simplex<C>, q: &Simplex<C>) -> C::Total {
        match self {
            Self::Kl => entropy::kl(p, q),
            Self::ReverseKl => entropy::reverse_kl(p, q),
            Self::L1 => norm::l1(p, q),
            Self::TotalVariation => norm::total_variation(p, q),
            Self::L2 => norm::l2(p, q),
            Self::Linf => norm::linf(p, q),
            Self::Hellinger => hellinger::hellinger(p, q),
            Self::JensenShannon => entropy::jensen_shannon(p, q),
            Self::SquaredError => norm::squared_error(p, q),
            Self::ChiSquared => chi_squared::chi_squared(p, q),
        }
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Divergence {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|divergence| divergence.name() == name)
            .ok_or_else(|| names::unknown("divergence", name, Self::ALL.map(Self::name)))
    }
}
