//! The self-consistent accuracy where the posterior and the model both decide between two half-planes.

use crate::law::{Class, Component, Law};
use crate::model::Model;
use crate::plane::Body;
use crate::quadrature::{Estimate, Piece, integrate};
use crate::tolerance;

/// `{z : normal . z + offset >= 0}`, where the first of two classes is the answer: the log-odds are at least 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct HalfPlane {
    pub normal: [f64; 2],
    pub offset: f64,
}

impl HalfPlane {
    /// Of the posterior of two normal classes with one covariance.
    pub fn of_law(law: &Law) -> Option<Self> {
        let Law::GaussianMixture(mixture) = law;
        let [first, second] = mixture.classes() else { return None };
        let ([a], [b]) = (first.components(), second.components()) else { return None };
        if a.covariance() != b.covariance() {
            return None;
        }
        let mean = |c: &Component| [0, 1].map(|i| c.mean()[i].to_f64());
        let entry = |i, j| a.covariance().entry(i, j).to_f64();
        let [v, c, w] = [entry(0, 0), entry(0, 1), entry(1, 1)];
        let determinant = v * w - c * c;
        let ([a, b], log) = ([mean(a), mean(b)], |class: &Class| class.prior().to_f64().ln());
        let gap = [a[0] - b[0], a[1] - b[1]];
        let normal =
            [(w * gap[0] - c * gap[1]) / determinant, (v * gap[1] - c * gap[0]) / determinant];
        let middle = [0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])];
        let offset = log(first) - log(second) - dot(normal, middle);
        Some(Self { normal, offset })
    }

    /// Of a linear model, or of the posterior that a model is.
    pub fn of_model(model: &Model) -> Option<Self> {
        match model {
            Model::Bayes(bayes) => Self::of_law(bayes.law()),
            Model::Linear(linear) => {
                let ([a, b], [c, d]) = (linear.weights(), linear.bias()) else { return None };
                let gap = |i: usize| a[i].to_f64() - b[i].to_f64();
                Some(Self { normal: [gap(0), gap(1)], offset: c.to_f64() - d.to_f64() })
            }
            _ => None,
        }
    }

    /// The log-odds at the mean of a component.
    pub fn value_at(&self, component: &Component) -> f64 {
        let mean = [0, 1].map(|i| component.mean()[i].to_f64());
        dot(self.normal, mean) + self.offset
    }

    /// The covariance of two log-odds under a component.
    pub fn covariance(&self, other: &Self, component: &Component) -> f64 {
        let entry = |i, j| component.covariance().entry(i, j).to_f64();
        let image = |i| dot([entry(i, 0), entry(i, 1)], other.normal);
        dot(self.normal, [image(0), image(1)])
    }

    /// The standard deviation of the log-odds under a component.
    pub fn deviation(&self, component: &Component) -> f64 {
        self.covariance(self, component).sqrt()
    }
}

fn dot(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

/// `P(argmax Q(u) = argmax P(u) for all u in z + body)`, z drawn from the law; `None` where P or Q has another shape than two half-planes.
///
/// The half-planes agree on two opposite cones. A convex body that lies in both together lies in one of them, so that the probability is a sum of
/// those of two quadrants for each component.
pub(super) fn probability(law: &Law, model: &Model, body: &Body) -> Option<Estimate> {
    let (data, model) = (HalfPlane::of_law(law)?, HalfPlane::of_model(model)?);
    let Law::GaussianMixture(mixture) = law;
    let mut total = Estimate::exact(0.0);
    for class in mixture.classes() {
        for component in class.components() {
            let scale = |half: &HalfPlane| half.deviation(component);
            let correlation = data.covariance(&model, component) / (scale(&data) * scale(&model));
            // How many standard deviations inside of the boundary the mean is, and how many the body reaches.
            let inside = |half: &HalfPlane| half.value_at(component) / scale(half);
            let reach = |half: &HalfPlane| body.support(&half.normal) / scale(half);
            for sign in [1.0, -1.0] {
                let margin = |half: &HalfPlane| sign * inside(half) - reach(half);
                let mass = class.prior().to_f64() * component.weight().to_f64();
                total = total + quadrant(margin(&data), margin(&model), correlation) * mass;
            }
        }
    }
    Some(total)
}

/// `P(X >= -a, Y >= -b)` for standard normal X and Y with this correlation.
fn quadrant(a: f64, b: f64, correlation: f64) -> Estimate {
    let rest = (1.0 - correlation * correlation).max(0.0).sqrt();
    let far = tolerance::REACH;
    let from = (-a).max(-far);
    if from >= far {
        return Estimate { value: 0.0, error: tolerance::TAIL };
    }
    let normal = |t: f64| 0.5 * libm::erfc(-t * std::f64::consts::FRAC_1_SQRT_2);
    let density = |x: f64| (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
    let given = |x: f64| {
        let along = b + correlation * x;
        if rest > 0.0 { normal(along / rest) } else { f64::from(u8::from(along >= 0.0)) }
    };
    // Where the second condition switches, fast if the correlation is strong.
    let switch = -b / correlation;
    let mut cuts = vec![from];
    cuts.extend(
        [switch - 8.0 * rest, switch, switch + 8.0 * rest]
            .into_iter()
            .filter(|x| *x > from && *x < far),
    );
    cuts.push(far);
    let pieces = cuts.windows(2).map(|pair| Piece { from: pair[0], to: pair[1], branch: () });
    let mut found = integrate(pieces, |(), x| density(x) * given(x), |(), _| 0.0);
    found.error += tolerance::TAIL;
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sheppard: `P(X >= 0, Y >= 0) = 1/4 + arcsin(rho) / (2 pi)`.
    #[test]
    fn quadrants_have_their_probability() {
        for correlation in [-1.0, -0.999, -0.3, 0.0, 0.5, 1.0 - 1e-9, 1.0_f64] {
            let expected = 0.25 + correlation.asin() / std::f64::consts::TAU;
            let found = quadrant(0.0, 0.0, correlation);
            assert!(
                (found.value - expected).abs() <= found.error.max(1e-15),
                "{correlation}: {found:?}"
            );
            assert!(found.error < 1e-13);
        }
        // Independent: a product.
        let normal = |t: f64| 0.5 * libm::erfc(-t * std::f64::consts::FRAC_1_SQRT_2);
        assert!((quadrant(0.7, -1.2, 0.0).value - normal(0.7) * normal(-1.2)).abs() < 1e-15);
        // The same number twice: the smaller margin decides.
        assert!((quadrant(0.7, -1.2, 1.0).value - normal(-1.2)).abs() < 1e-15);
    }
}
