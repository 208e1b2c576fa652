//! Risks along three directions: three nested integrals of density times supremum.

use rayon::prelude::*;

use super::Span;
use super::forms::Normal;
use super::supremum::{Supremum, Surroundings};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::perturbation::Ball;
use crate::plane::cuts;
use crate::plane::nested::{Accuracy, Branch, Found, integrate};
use crate::quadrature::Estimate;
use crate::real::{Real, Row};
use crate::risk::{Risk, Which};
use crate::simplex::Simplex;
use crate::tolerance;

/// Density times supremum, ready to be integrated.
struct Integrand<'a> {
    span: &'a Span,
    supremum: Supremum<'a>,
    /// How far out the components are followed, in standard deviations.
    reach: f64,
    /// The order of magnitude of the risk.
    total: f64,
}

impl Span {
    /// A risk along three directions, estimated.
    ///
    /// # Errors
    /// As [`Ball::image`]; [`Error::Overflow`] where the integrand leaves the range of doubles, [`Error::NoTail`] where it does not fall far out.
    ///
    /// # Panics
    /// For another number of directions.
    pub fn estimate(
        &self,
        (risk, divergence): (Risk, Divergence),
        ball: &Ball,
    ) -> Result<Estimate, Error> {
        assert_eq!(self.directions(), 3, "three integrals are nested");
        if risk == Risk::Variation && ball.epsilon().is_zero() {
            return Ok(Estimate::exact(0.0));
        }
        if self.excludes(risk, divergence) {
            return Ok(Estimate::exact(f64::INFINITY));
        }
        let surroundings = Surroundings::new(self, risk, ball)?;
        let supremum = Supremum::new(self, (risk, divergence), &surroundings);
        let total = self.rough(&supremum).max(tolerance::PLANE_FLOOR);
        let reach = tolerance::PLANE_REACH;
        let estimate = Integrand { span: self, supremum, reach, total }.integral()?;
        if estimate.value.is_finite() && estimate.error.is_finite() {
            Ok(estimate)
        } else {
            Err(Error::Overflow { risk, divergence })
        }
    }
}

impl Integrand<'_> {
    /// Density, supremum and formula at z.
    fn at(&self, z: &[f64]) -> Found {
        let logits = self.span.value.logits(Which::Data, z);
        let total = f64::softmax(&Row::from(logits.entries().to_vec())).log_total;
        let density = (total + self.span.normals[0].log_density(z)).exp();
        if density == 0.0 {
            return Found { value: 0.0, error: 0.0, branch: Branch::default() };
        }
        let (value, branch) = self.supremum.with_branch(z, &Simplex::from_logits(&logits));
        Found { value: density * value, error: 0.0, branch }
    }

    /// What is beyond the ellipsoids, about: their complement times twice the largest of what is seen on them.
    fn rest(&self) -> f64 {
        let (root, half) =
            (self.reach * std::f64::consts::FRAC_1_SQRT_2, 0.5 * self.reach * self.reach);
        // Of a chi distribution with three degrees of freedom.
        let beyond =
            libm::erfc(root) + (2.0 / std::f64::consts::PI).sqrt() * self.reach * (-half).exp();
        let steps = [-1.0, 0.0, 1.0];
        let directions = steps.iter().flat_map(|a| steps.iter().map(move |b| (*a, *b)));
        let directions: Vec<[f64; 3]> = directions
            .flat_map(|(a, b)| steps.map(|c| [a, b, c]))
            .filter(|y| *y != [0.0; 3])
            .collect();
        let largest = |normal: &Normal| {
            let values = directions.iter().map(|y| {
                let length = y.iter().map(|c| c * c).sum::<f64>().sqrt();
                let z = normal.spread(&y.map(|c| c * self.reach / length));
                let p = self.span.value.labels(Which::Data, &z);
                self.supremum.at(&z, &p)
            });
            values.fold(0.0, f64::max)
        };
        let part = |normal: &Normal| 2.0 * normal.mass * beyond * largest(normal);
        self.span.normals.iter().map(part).sum()
    }

    fn integral(mut self) -> Result<Estimate, Error> {
        let mut rest = self.rest();
        while rest.is_nan() || rest > tolerance::SOLID_REST * self.total {
            self.reach += 0.5;
            rest = self.rest();
            if !rest.is_finite() || self.reach > tolerance::FARTHEST {
                let Supremum { risk, divergence, .. } = self.supremum;
                return Err(Error::NoTail { risk, divergence });
            }
        }
        let ridges: Vec<(f64, f64, f64)> =
            self.span.normals.iter().map(|n| (n.mean[0], n.root[0][0], self.reach)).collect();
        let outer = cuts(&ridges);
        let width = outer[outer.len() - 1] - outer[0];
        let [share, ..] = tolerance::SOLID;
        let accuracy = Accuracy {
            enough: share * self.total / (outer.len() - 1) as f64,
            change: tolerance::NESTED_CHANGE.0,
            cells: tolerance::NESTED_CELLS.0,
        };
        let slice = |s: f64| self.slice(s, width);
        let parts: Vec<Found> =
            outer.par_windows(2).map(|cell| integrate(cell, slice, accuracy)).collect();
        let (value, error) =
            parts.iter().fold((0.0, rest), |(v, e), part| (v + part.value, e + part.error));
        Ok(Estimate { value, error })
    }

    /// The integral over the plane at an outer coordinate.
    fn slice(&self, s: f64, width: f64) -> Found {
        let inside = self.span.normals.iter().filter_map(|n| {
            let y = (s - n.mean[0]) / n.root[0][0];
            let left = self.reach * self.reach - y * y;
            (left > 0.0).then(|| (n.mean[1] + n.root[1][0] * y, n.root[1][1], left.sqrt()))
        });
        let ridges: Vec<(f64, f64, f64)> = inside.collect();
        if ridges.is_empty() {
            return Found { value: 0.0, error: 0.0, branch: Branch::default() };
        }
        let middle = cuts(&ridges);
        let height = middle[middle.len() - 1] - middle[0];
        let [_, share, _] = tolerance::SOLID;
        let accuracy = Accuracy {
            enough: share * self.total / width,
            change: tolerance::NESTED_CHANGE.1,
            cells: tolerance::NESTED_CELLS.1,
        };
        integrate(&middle, |t| self.line([s, t], width * height), accuracy)
    }

    /// The integral over the line at two coordinates.
    fn line(&self, [s, t]: [f64; 2], area: f64) -> Found {
        let inside = self.span.normals.iter().filter_map(|n| {
            let y = (s - n.mean[0]) / n.root[0][0];
            let x = (t - n.mean[1] - n.root[1][0] * y) / n.root[1][1];
            let left = self.reach * self.reach - y * y - x * x;
            let mean = n.mean[2] + n.root[2][0] * y + n.root[2][1] * x;
            (left > 0.0).then(|| (mean, n.root[2][2], left.sqrt()))
        });
        let ridges: Vec<(f64, f64, f64)> = inside.collect();
        if ridges.is_empty() {
            return Found { value: 0.0, error: 0.0, branch: Branch::default() };
        }
        let [.., share] = tolerance::SOLID;
        let accuracy = Accuracy {
            enough: share * self.total / area,
            change: tolerance::NESTED_CHANGE.1,
            cells: tolerance::NESTED_CELLS.1,
        };
        integrate(&cuts(&ridges), |w| self.at(&[s, t, w]), accuracy)
    }
}
