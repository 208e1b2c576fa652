//! Theorem 4's coefficient and remainder in the plane, for two classes whose log-odds are affine.

use std::cell::Cell;

use super::agreement::HalfPlane;
use crate::law::{Component, Law};
use crate::model::Model;
use crate::plane::Body;
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
    let mut coefficient = Estimate::exact(0.0);
    for class in mixture.classes() {
        for component in class.components() {
            let mass = class.prior().to_f64() * component.weight().to_f64();
            coefficient = coefficient + mean_slope(component, &data, &model, unit) * (2.0 * mass);
        }
    }
    Some(PlaneExpansion { coefficient, curvature })
}

/// The mean of the support function of the gradient over one component.
fn mean_slope(component: &Component, data: &HalfPlane, model: &HalfPlane, unit: &Body) -> Estimate {
    let [first, second] = [data, model].map(|half| half.value_at(component));
    let [own, other] = [data, model].map(|half| half.deviation(component));
    let along = data.covariance(model, component) / own;
    let across = (other * other - along * along).max(0.0).sqrt();
    let density = |t: f64| (-0.5 * t * t).exp() / std::f64::consts::TAU.sqrt();
    let slope = |t: f64| Real::logistic(&t) * Real::logistic(&-t);
    let reach = tolerance::REACH;
    let cells = || {
        let ends = move |i: i32| reach * f64::from(i) / f64::from(CELLS);
        (-CELLS..CELLS).map(move |i| Piece { from: ends(i), to: ends(i + 1), branch: () })
    };
    let worst = Cell::new(0.0_f64);
    let inner = |s: f64| {
        let (h, middle) = (slope(first + own * s), second + along * s);
        let at = |t: f64| {
            let b = slope(middle + across * t);
            let gradient = [0, 1].map(|i| h * data.normal[i] - b * model.normal[i]);
            density(t) * unit.support_at(gradient)
        };
        let found = integrate_to(cells(), |(), t| at(t), |(), _| 0.0, 0.1 * tolerance::EQUAL);
        worst.set(worst.get().max(found.error));
        found.value
    };
    let mut mean =
        integrate_to(cells(), |(), s| density(s) * inner(s), |(), _| 0.0, 0.1 * tolerance::EQUAL);
    // The support is at most that of both gradients, each at most a quarter of its normal's; beyond the cells is 1e-18 of the mass.
    let most = 0.25 * (unit.support(&data.normal) + unit.support(&model.normal));
    mean.error += worst.get() + tolerance::TAIL * (1.0 + most);
    mean
}
