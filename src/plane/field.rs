//! The functions under a supremum, and their values on lines and arcs.

use super::body::Vector;
use super::compiled::Compiled;
use super::problem::Plane;
use crate::divergence::Divergence;
use crate::real::{Jet, Real, Row};
use crate::risk::Which;
use crate::simplex::{Dense, Simplex};

/// Value, slope and half the curvature along a curve.
pub(super) type Along = Jet<f64, 3>;
/// Value and slope.
pub(super) type Slope = Jet<f64, 2>;

/// A function of u under a supremum.
#[derive(Clone, Debug)]
pub(super) enum Under {
    /// `D(P(u), Q(u))`: SCORE.
    Same(Divergence),
    /// The logit difference of two classes, or its negative.
    Difference(Which, f64),
    /// `D(p, Q(u))` for one p: Madry and C.
    From(Divergence, Which, Simplex<Dense<f64>>),
}

/// Law and model on doubles and along curves.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    pub plane: &'a Plane,
    along: Compiled<Along>,
    slope: Compiled<Slope>,
}

impl<'a> Field<'a> {
    pub fn new(plane: &'a Plane) -> Self {
        Self {
            plane,
            along: plane.compiled(&Along::fixed(0.0)),
            slope: plane.compiled(&Slope::fixed(0.0)),
        }
    }

    pub fn value(&self, under: &Under, u: Vector) -> f64 {
        evaluate(under, &self.plane.value, &u, |p| *p)
    }

    /// Along a curve through the plane.
    pub fn along(&self, under: &Under, u: &[Along; 2]) -> Along {
        evaluate(under, &self.along, u, |p| Along::fixed(*p))
    }

    /// Value and slope at a point of a curve.
    pub fn slope(&self, under: &Under, u: Vector, direction: Vector) -> [f64; 2] {
        let coordinate = |i: usize| Slope::from_coefficients([u[i], direction[i]]);
        let curve = [coordinate(0), coordinate(1)];
        *evaluate(under, &self.slope, &curve, |p| Slope::fixed(*p)).coefficients()
    }

    /// Along the line through u in a direction.
    pub fn towards(&self, under: &Under, u: Vector, direction: Vector) -> Along {
        let coordinate = |i: usize| Along::from_coefficients([u[i], direction[i], 0.0]);
        self.along(under, &[coordinate(0), coordinate(1)])
    }

    /// How fast the logits drift apart in a direction.
    pub fn spread(&self, which: Which, u: Vector, direction: Vector) -> f64 {
        let coordinate = |i: usize| Along::from_coefficients([u[i], direction[i], 0.0]);
        let logits = self.along.logits(which, &[coordinate(0), coordinate(1)]);
        let slopes = logits.entries().iter().map(|logit| logit.coefficients()[1]);
        let (low, high) = slopes
            .filter(|slope| slope.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), s| (low.min(s), high.max(s)));
        high - low
    }
}

fn evaluate<R: Real>(
    under: &Under,
    compiled: &Compiled<R>,
    u: &[R; 2],
    lift: impl Fn(&f64) -> R,
) -> R {
    match under {
        Under::Same(divergence) => {
            let [p, q] = [Which::Data, Which::Model].map(|which| compiled.labels(which, u));
            divergence.eval(&p, &q)
        }
        Under::Difference(which, sign) => {
            let logits = compiled.logits(*which, u);
            let difference = logits.entries()[0].clone() - logits.entries()[1].clone();
            if *sign < 0.0 { -difference } else { difference }
        }
        Under::From(divergence, which, p) => {
            let row =
                |row: &Dense<f64>| Row::from_fn(row.entries().len(), |k| lift(&row.entries()[k]));
            let p = Simplex::from_parts(row(p.probabilities()), row(p.log_probabilities()));
            divergence.eval(&p, &compiled.labels(*which, u))
        }
    }
}
