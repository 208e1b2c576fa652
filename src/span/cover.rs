//! The supremum over `z + B` from above: boxes that cover the body, each with an enclosure of the function.
//!
//! On a box with the centre c and half the sides s, `f <= f(c) + sum_i |G_i| s_i`, G enclosing the slopes; and f lies in its own enclosure. The box that
//! promises most is halved. A box that does not meet the body is left out.

use super::Wide;
use super::image::Image;
use super::supremum::{Supremum, lifted};
use crate::perturbation::Norm;
use crate::real::Interval;
use crate::risk::{Risk, Which};
use crate::simplex::{Dense, Simplex};

/// How many boxes are looked at.
const BOXES: usize = 200;

/// A bound this close to what is attained, relative to it, is close enough.
const CLOSE: f64 = 1e-3;

/// A box around `z + centre`.
struct Cell {
    centre: Vec<f64>,
    sides: Vec<f64>,
    most: f64,
    /// The side along which it is to be halved.
    widest: usize,
}

impl Supremum<'_> {
    /// A bound from above of the supremum around z, which is `attained` at least.
    pub fn above(&self, image: &Image, z: &[f64], p: &Simplex<Dense<f64>>, attained: f64) -> f64 {
        let enough = attained * (1.0 + CLOSE);
        let p_wide = lifted(p, |c| Wide::fixed(Interval::point(c)));
        let bound =
            |centre: Vec<f64>, sides: Vec<f64>| self.cell(image, z, (p, &p_wide), centre, sides);
        let mut cells = vec![bound(vec![0.0; z.len()], image.sides.clone())];
        for _ in 0..BOXES {
            let most = |a: &(usize, &Cell), b: &(usize, &Cell)| a.1.most.total_cmp(&b.1.most);
            let Some((at, cell)) = cells.iter().enumerate().max_by(most) else { return attained };
            if cell.most <= enough {
                break;
            }
            let Cell { centre, mut sides, widest, .. } = cells.swap_remove(at);
            sides[widest] *= 0.5;
            for sign in [1.0, -1.0] {
                let mut centre = centre.clone();
                centre[widest] += sign * sides[widest];
                if meets(image, &centre, &sides) {
                    cells.push(bound(centre, sides.clone()));
                }
            }
        }
        cells.iter().map(|cell| cell.most).fold(attained, f64::max)
    }

    fn cell(
        &self,
        image: &Image,
        z: &[f64],
        (p, p_wide): (&Simplex<Dense<f64>>, &Simplex<Dense<Wide>>),
        centre: Vec<f64>,
        sides: Vec<f64>,
    ) -> Cell {
        let u: Vec<f64> = z.iter().zip(&centre).map(|(z, c)| z + c).collect();
        let mut range = Interval::ENTIRE;
        let mut slopes = Vec::new();
        for i in 0..u.len() {
            let coordinate = |j: usize| {
                let side = Interval::new(u[j] - sides[j], u[j] + sides[j]);
                let slope = if i == j { Interval::ONE } else { Interval::ZERO };
                Wide::from_coefficients([side, slope])
            };
            let line: Vec<Wide> = (0..u.len()).map(coordinate).collect();
            let q = self.span.wide.labels(self.risk.second(), &line);
            let value = if self.risk == Risk::Score {
                self.divergence.eval(&self.span.wide.labels(Which::Data, &line), &q)
            } else {
                self.divergence.eval(p_wide, &q)
            };
            range = *value.value();
            slopes.push(value.coefficients()[1]);
        }
        let gains: Vec<f64> = slopes.iter().zip(&sides).map(|(g, s)| g.magnitude() * s).collect();
        let middle = self.value(&u, p);
        let mut most = middle + gains.iter().sum::<f64>();
        if centre.iter().all(|c| *c == 0.0) {
            // The whole body: along the middle slopes it reaches less far than its box.
            let middles: Vec<f64> = slopes.iter().map(|g| g.midpoint()).collect();
            let rest: f64 = slopes.iter().zip(&sides).map(|(g, s)| 0.5 * g.width() * s).sum();
            most = most.min(middle + image.support_above(&middles) + rest);
        }
        if most.is_nan() {
            most = f64::INFINITY;
        }
        most = most.min(range.upper());
        if let Some(diameter) = self.divergence.facts().diameter {
            most = most.min(diameter);
        }
        let finite = gains.iter().all(|gain| gain.is_finite());
        let by = if finite { &gains } else { &sides };
        let widest = (0..by.len()).max_by(|&i, &j| by[i].total_cmp(&by[j])).unwrap_or(0);
        Cell { centre, sides, most, widest }
    }
}

/// Whether a box may meet the body, by the direction towards its centre.
fn meets(image: &Image, centre: &[f64], sides: &[f64]) -> bool {
    let reach: f64 = centre.iter().zip(sides).map(|(c, s)| c.abs() * s).sum();
    let length = Norm::L2.length(centre);
    length * length - reach <= image.support_above(centre)
}
