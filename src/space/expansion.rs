//! Theorem 4's coefficient and remainder in the plane, for two classes whose log-odds are affine.

use std::cell::Cell;

use smallvec::SmallVec;

use super::agreement::HalfPlane;
use crate::law::{Component, Law};
use crate::model::Model;
use crate::plane::{Body, Shape};
use crate::quadrature::{Estimate, Piece, integrate_to};
use crate::real::Real;
use crate::tolerance;

/// What `R_SCORE^l1` does to first order in the radius.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlaneExpansion {
    /// `2 E ||grad g||_q`, g being the difference of the first label's probabilities.
    pub coefficient: Estimate,
    /// M with `|g(x + h) - g(x) - grad g(x) . h| <= (M / 2) ||h||_p^2`.
    pub curvature: f64,
}

/// The largest absolute second derivative of the logistic function, `1 / (6 sqrt 3)`, rounded up.
const BEND: f64 = 0.096_225_044_864_937_7;

/// How many cells cover [`tolerance::REACH`] standard deviations to begin with.
const CELLS: i32 = 5;

/// For log-odds `a . z + a_0` and `b . z + b_0` the gradient of g is `w(h) a - w(b) b` with the logistic's slope w, so that its dual norm is the
/// support function of the image of the unit ball; and along any direction the second derivatives of the two logistic functions are bounded
/// by their largest.
pub(super) fn expansion(law: &Law, model: &Model, unit: &Body) -> Option<PlaneExpansion> {
    let (data, model) = (HalfPlane::of_law(law)?, HalfPlane::of_model(model)?);
    let Law::GaussianMixture(mixture) = law;
    let curvature =
        BEND * (unit.support(&data.normal).powi(2) + unit.support(&model.normal).powi(2));
    let normals = [data.normal, model.normal];
    let mut coefficient = Estimate::exact(0.0);
    for class in mixture.classes() {
        for component in class.components() {
            let mass = class.prior().to_f64() * component.weight().to_f64();
            let slopes = Slopes::new(component, &data, &model);
            coefficient = coefficient + slopes.mean_support(normals, unit) * (2.0 * mass);
        }
    }
    Some(PlaneExpansion { coefficient, curvature })
}

/// The slopes `u = w(h)` and `v = w(b)` of two logistic functions over one component: with standard normal s and t,
/// `h = first + own s` and `b = second + along s + across t`.
struct Slopes {
    first: f64,
    own: f64,
    second: f64,
    along: f64,
    across: f64,
}

impl Slopes {
    fn new(component: &Component, data: &HalfPlane, model: &HalfPlane) -> Self {
        let [first, second] = [data, model].map(|half| half.value_at(component));
        let [own, other] = [data, model].map(|half| half.deviation(component));
        let along = data.covariance(model, component) / own;
        let across = (other * other - along * along).max(0.0).sqrt();
        Self { first, own, second, along, across }
    }

    /// The mean of the support function of `u a - v b`.
    ///
    /// A polygon that is symmetric about the origin is a sum of segments, half its edges: its support function is half the sum of `|e . g|` over those,
    /// each of which has one kink, at a known ratio of the slopes.
    fn mean_support(&self, [a, b]: [[f64; 2]; 2], body: &Body) -> Estimate {
        let Shape::Polygon(vertices) = body.shape() else {
            let support = |u, v| body.support(&[0, 1].map(|i| u * a[i] - v * b[i]));
            return self.mean(support, None);
        };
        let mut total = Estimate::exact(0.0);
        let (mut of_u, mut of_v) = (0.0, 0.0);
        for edge in vertices.windows(2).take(vertices.len() / 2) {
            let along = |g: [f64; 2]| {
                0.5 * ((edge[1][0] - edge[0][0]) * g[0] + (edge[1][1] - edge[0][1]) * g[1])
            };
            let (p, q) = (along(a), along(b));
            if p * q > 0.0 {
                let (p, q) = (p.abs(), q.abs());
                let scale = p.max(q);
                let (p, q) = (p / scale, q / scale);
                total = total + self.mean(|u, v| (p * u - q * v).abs(), Some(p / q)) * scale;
            } else {
                of_u += p.abs();
                of_v += q.abs();
            }
        }
        if of_u + of_v > 0.0 {
            total = total + self.mean(|u, v| of_u * u + of_v * v, None);
        }
        total
    }

    /// The mean of a function of the slopes, which may have a kink where v is u times a ratio.
    fn mean(&self, f: impl Fn(f64, f64) -> f64, kink: Option<f64>) -> Estimate {
        let Self { first, own, second, along, across } = *self;
        let density = |t: f64| (-0.5 * t * t).exp() / std::f64::consts::TAU.sqrt();
        let slope = |x: f64| Real::logistic(&x) * Real::logistic(&-x);
        let enough = 0.1 * tolerance::EQUAL;
        let worst = Cell::new(0.0_f64);
        let inner = |s: f64| {
            let (u, middle) = (slope(first + own * s), second + along * s);
            let ends = kink.and_then(|ratio| argument(ratio * u));
            let at = |t: f64| density(t) * f(u, slope(middle + across * t));
            let found =
                integrate_to(cells(ends, middle, across), |(), t| at(t), |(), _| 0.0, enough);
            worst.set(worst.get().max(found.error));
            found.value
        };
        // Beyond these v is never so large: the inner integral loses its kink.
        let ends = kink.and_then(|ratio| argument(STEEPEST / ratio));
        let outer = cells(ends, first, own);
        let mut mean = integrate_to(outer, |(), s| density(s) * inner(s), |(), _| 0.0, enough);
        // Both slopes are at most a quarter; beyond the cells is 1e-18 of the mass.
        mean.error += worst.get() + tolerance::TAIL * (1.0 + f(STEEPEST, 0.0) + f(0.0, STEEPEST));
        mean
    }
}

/// The largest slope of the logistic function.
const STEEPEST: f64 = 0.25;

/// Where the logistic function has this slope: here, and at the negative.
fn argument(slope: f64) -> Option<f64> {
    (slope > 0.0 && slope < STEEPEST).then(|| 2.0 * (1.0 - 4.0 * slope).sqrt().atanh())
}

/// Cells of a standard normal variable z, cut where `middle + deviation z` is a number or its negative.
fn cells(cuts: Option<f64>, middle: f64, deviation: f64) -> impl Iterator<Item = Piece<()>> {
    let reach = tolerance::REACH;
    let even = (-CELLS..=CELLS).map(|i| reach * f64::from(i) / f64::from(CELLS));
    let mut ends: SmallVec<[f64; 16]> = even.collect();
    let places = cuts.into_iter().flat_map(|x| [-x, x]).map(|x| (x - middle) / deviation);
    ends.extend(places.filter(|z| z.abs() < reach));
    ends.sort_by(f64::total_cmp);
    (1..ends.len()).map(move |i| Piece { from: ends[i - 1], to: ends[i], branch: () })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOPES: Slopes = Slopes { first: 0.5, own: 1.5, second: -0.25, along: 0.75, across: 0.5 };
    const NORMALS: [[f64; 2]; 2] = [[1.0, 0.5], [1.5, -0.25]];

    /// By the trapezoidal rule, for a support function with kinks.
    fn summed(body: &Body) -> f64 {
        let step = 1.0 / 64.0;
        let slope = |x: f64| (2.0 + 2.0 * x.cosh()).recip();
        let weight = |t: f64| step * (-0.5 * t * t).exp() / std::f64::consts::TAU.sqrt();
        let places = || (-512..=512).map(|i| step * f64::from(i));
        let [a, b] = NORMALS;
        let line = |s: f64| {
            let (u, middle) = (slope(0.5 + 1.5 * s), -0.25 + 0.75 * s);
            let at = |t: f64| {
                let v = slope(middle + 0.5 * t);
                weight(t) * body.support(&[0, 1].map(|i| u * a[i] - v * b[i]))
            };
            places().map(at).sum::<f64>()
        };
        places().map(|s| weight(s) * line(s)).sum()
    }

    #[test]
    fn a_polygon_is_the_sum_of_its_edges() {
        let hexagon = [[1.0, -0.5], [1.25, 0.5], [0.25, 1.0]];
        let mirrored = hexagon.map(|[x, y]| [-x, -y]);
        for body in [
            Body::polygon(hexagon.into_iter().chain(mirrored).collect()).unwrap(),
            Body::segment([0.5, 1.0]).unwrap(),
            Body::ellipse([[1.0, 0.25], [0.0, 0.5]]).unwrap(),
        ] {
            let (found, truth) = (SLOPES.mean_support(NORMALS, &body), summed(&body));
            assert!((found.value - truth).abs() < 1e-5 * truth, "{body:?}: {found:?} {truth}");
            assert!(found.error < 1e-9, "{found:?}");
        }
        assert_eq!(SLOPES.mean_support(NORMALS, &Body::point()).value, 0.0);
    }

    /// Each of the many kinks is cut at: all digits are there, and the disc is near.
    #[test]
    fn many_edges_are_almost_a_disc() {
        let n = 1000;
        let vertex = |i| {
            let angle = std::f64::consts::PI * f64::from(i) / f64::from(n);
            [angle.cos(), angle.sin()]
        };
        let half: Vec<_> = (0..n).map(vertex).collect();
        let mirrored = half.iter().map(|[x, y]| [-x, -y]);
        let polygon = Body::polygon(half.iter().copied().chain(mirrored).collect()).unwrap();
        let disc = Body::ellipse([[1.0, 0.0], [0.0, 1.0]]).unwrap();
        let [many, smooth] = [polygon, disc].map(|body| SLOPES.mean_support(NORMALS, &body));
        // The support of the polygon is at least cos(pi / 2000) of the disc's.
        let short = 1.0 - many.value / smooth.value;
        assert!(short > 0.0 && short < 1.3e-6, "{short}");
        assert!(many.error < 1e-9 && smooth.error < 1e-9, "{many:?} {smooth:?}");
    }
}
