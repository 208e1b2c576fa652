//! Where the functions turn whose monotone pieces decide a supremum over a window, for two classes.

use super::line::{Line, Which};
use super::mesh::{Mesh, Sample};
use super::monotone::Monotone;
use super::root::root;
use crate::divergence::Divergence;
use crate::real::Real;
use crate::simplex::Simplex;

/// A function on the line, of a law and a model with two classes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Curve {
    /// `ln P_1 - ln P_0`.
    DataOdds,
    /// `ln Q_1 - ln Q_0`.
    ModelOdds,
    /// `Q_1 - P_1`.
    Gap,
    /// `D(P, Q)`.
    Divergence(Divergence),
}

impl Line {
    /// The points between `from` and `to` at which a curve turns from rising to falling or back, ascending; to about 1e-14 relative to
    /// `1 + |x|`, as far as rounding lets the sign of the slope be seen.
    ///
    /// # Panics
    /// With more than two classes.
    #[must_use]
    pub fn turning_points(&self, curve: Curve, from: f64, to: f64) -> Vec<f64> {
        assert_eq!(self.classes(), 2, "curves are those of two classes");
        let sample = |x| self.sample_curve(curve, x);
        let mesh = Mesh::new(&self.seeds(from, to), &sample);
        let shape = Monotone::new(&mesh, &sample);
        let slope = |x| sample(x).channels[0].slope;
        let polished = |x: f64| {
            let (reach, width) = (1e-7 * (1.0 + x.abs()), 1e-14 * (1.0 + x.abs()));
            let (a, b) = (x - reach, x + reach);
            let ends = ((a, slope(a)), (b, slope(b)));
            if ends.0.1 * ends.1.1 < 0.0 { root(slope, ends.0, ends.1, width) } else { x }
        };
        let inner = shape.nodes().iter().map(|node| node.x).filter(|&x| x > from && x < to);
        inner.map(polished).collect()
    }

    fn sample_curve(&self, curve: Curve, x: f64) -> Sample {
        let (h, h_scale) = self.probe_logits(Which::Data, x);
        let (m, m_scale) = self.probe_logits(Which::Model, x);
        let odds = |logits: &[_]| {
            let [first, second]: &[super::mesh::Probe; 2] = logits.try_into().expect("two classes");
            *second - *first
        };
        let scale = h_scale.max(m_scale);
        match curve {
            Curve::DataOdds => Sample::new(x, h_scale, [&odds(h.entries())]),
            Curve::ModelOdds => Sample::new(x, m_scale, [&odds(m.entries())]),
            Curve::Gap => {
                let gap = odds(m.entries()).logistic() - odds(h.entries()).logistic();
                Sample::new(x, scale, [&gap])
            }
            Curve::Divergence(divergence) => {
                let (p, q) = (Simplex::from_logits(&h), Simplex::from_logits(&m));
                Sample::new(x, scale, [&divergence.eval(&p, &q)])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::Law;
    use crate::model::Model;

    #[test]
    fn the_curves_of_the_toy_turn_where_they_do() {
        let (law, model) = (Law::resolve("toy").unwrap(), Model::resolve("toy-linear").unwrap());
        let line = Line::new(&law, &model).unwrap();
        let near = |curve, expected: &[f64]| {
            let found = line.turning_points(curve, -16.0, 16.0);
            assert_eq!(found.len(), expected.len(), "{curve:?}: {found:?}");
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-12, "{curve:?}: {found} is not {expected}");
            }
        };
        // The log-odds are 5/4 x - 3/8 x^2 + constant; the maxima of the other two were found to 24 decimals by other means.
        near(Curve::DataOdds, &[5.0 / 3.0]);
        near(Curve::ModelOdds, &[]);
        let first = |curve, expected: f64| {
            let found = line.turning_points(curve, -16.0, 16.0)[0];
            assert!((found - expected).abs() < 1e-12, "{curve:?}: {found} is not {expected}");
        };
        first(Curve::Gap, -0.8744306645602761);
        first(Curve::Divergence(Divergence::Kl), -1.6256917612172856);
    }
}
