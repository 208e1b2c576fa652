//! Label distributions that are softmaxes of affine functions: those of a linear or constant model, and of normal components that share a covariance.
//!
//! Only differences of logits count. Between two normal components with one covariance the difference is affine, though neither logit is: over a box
//! what they have in common can change by far more than what they differ by. So logits are taken less that of the term that is largest in the middle of
//! the box, and the difference of each pair of terms is compiled from exact numbers.

use super::body::Vector;
use super::bounds::Over;
use super::problem::Plane;
use crate::exact::Exact;
use crate::law::{GaussianMixture, Law};
use crate::model::Model;
use crate::real::{Interval, Real, Row};
use crate::risk::Which;
use crate::simplex::Dense;

/// `value + slope . x`
#[derive(Clone, Copy, Debug)]
pub(super) struct Affine {
    value: Interval,
    pub slope: [Interval; 2],
}

/// `ln weight + offset + slope . x`
struct Term {
    class: usize,
    weight: Exact,
    offset: Exact,
    slope: [Exact; 2],
}

/// The differences of affine functions.
#[derive(Clone, Debug)]
pub(super) struct Tilts {
    /// Each class has those from one number to the next one.
    starts: Vec<usize>,
    /// About the functions themselves, as `value + slope . x`.
    about: Vec<(f64, Vector)>,
    /// For each function what every other one is more than that.
    ahead: Vec<Vec<Affine>>,
}

/// More terms than this have too many pairs.
const TERMS: usize = 32;

impl Tilts {
    /// Those of a law or a model, if it has them.
    pub fn new(plane: &Plane, which: Which) -> Option<Self> {
        let terms = match (which, plane.model().model()) {
            (Which::Data, _) => of_mixture(plane.law().mixture())?,
            (Which::Model, Model::Bayes(bayes)) => {
                let Law::GaussianMixture(mixture) = bayes.law();
                of_mixture(mixture)?
            }
            (Which::Model, Model::Linear(linear)) => (0..linear.classes())
                .map(|k| {
                    let w = &linear.weights()[k];
                    let slope = [0, 1].map(|i| w[i].clone());
                    let offset = linear.bias()[k].clone();
                    Term { class: k, weight: Exact::integer(1), offset, slope }
                })
                .collect(),
            (Which::Model, Model::Constant(constant))
                if !plane.model().model().excludes_a_class() =>
            {
                let term = |(class, p): (usize, &Exact)| {
                    let zero = Exact::integer(0);
                    let slope = [zero.clone(), zero.clone()];
                    Term { class, weight: p.clone(), offset: zero, slope }
                };
                constant.probabilities().iter().enumerate().map(term).collect()
            }
            _ => return None,
        };
        if terms.len() > TERMS {
            return None;
        }
        let classes = terms.last().map_or(0, |term| term.class + 1);
        let start = |k| terms.partition_point(|term| term.class < k);
        let like = Interval::ZERO;
        let ahead = |of: &Term, from: &Term| {
            let constant = |c: &Exact| like.constant(c);
            let odds = of.weight.checked_div(&from.weight).expect("weights are positive");
            let offset = constant(&(&of.offset - &from.offset));
            let value =
                if odds == Exact::integer(1) { offset } else { constant(&odds).ln() + offset };
            Affine { value, slope: [0, 1].map(|i| constant(&(&of.slope[i] - &from.slope[i]))) }
        };
        let about = |term: &Term| {
            (
                term.weight.to_f64().ln() + term.offset.to_f64(),
                [0, 1].map(|i| term.slope[i].to_f64()),
            )
        };
        Some(Self {
            starts: (0..=classes).map(start).collect(),
            about: terms.iter().map(about).collect(),
            ahead: terms
                .iter()
                .map(|from| terms.iter().map(|of| ahead(of, from)).collect())
                .collect(),
        })
    }

    /// The difference of the logits of two classes, where that is affine.
    pub fn difference(&self) -> Option<Affine> {
        (self.starts == [0, 1, 2]).then(|| self.ahead[1][0])
    }

    /// The logits over a box, less what all of them have in common there.
    pub fn logits<const N: usize>(&self, x: &[Over<N>; 2]) -> Dense<Over<N>> {
        let middle = [0, 1].map(|i| x[i].value().midpoint());
        let height =
            |(value, slope): &(f64, Vector)| value + slope[0] * middle[0] + slope[1] * middle[1];
        let heights = self.about.iter().map(height).enumerate();
        let highest = heights.max_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |found| found.0);
        let ahead = &self.ahead[highest];
        let logit = |k: usize| match &ahead[self.starts[k]..self.starts[k + 1]] {
            [one] => one.at(x),
            terms => Over::softmax(&Row::from_fn(terms.len(), |j| terms[j].at(x))).log_total,
        };
        Dense::new(Row::from_fn(self.starts.len() - 1, logit))
    }
}

impl Affine {
    pub fn at<const N: usize>(&self, x: &[Over<N>; 2]) -> Over<N> {
        let term = |i: usize| Over::fixed(self.slope[i]) * x[i];
        Over::fixed(self.value) + term(0) + term(1)
    }
}

/// The terms of a mixture whose components share a covariance S: `ln w + m' S^-1 x - m' S^-1 m / 2`.
fn of_mixture(mixture: &GaussianMixture) -> Option<Vec<Term>> {
    let classes = mixture.classes();
    let covariance = classes.first()?.components().first()?.covariance();
    let [v, cross, w] = [(0, 0), (0, 1), (1, 1)].map(|(i, j)| covariance.entry(i, j));
    let determinant = &(&*v * &*w) - &(&*cross * &*cross);
    let mut terms = Vec::new();
    for (class, of) in classes.iter().enumerate() {
        for component in of.components() {
            if component.covariance() != covariance {
                return None;
            }
            let m = component.mean();
            let adjugate =
                [&(&*w * &m[0]) - &(&*cross * &m[1]), &(&*v * &m[1]) - &(&*cross * &m[0])];
            let [a, b] = adjugate.map(|entry| entry.checked_div(&determinant));
            let slope = [a?, b?];
            let square = &(&slope[0] * &m[0]) + &(&slope[1] * &m[1]);
            let offset = square.checked_div(&Exact::integer(-2))?;
            terms.push(Term { class, weight: of.prior() * component.weight(), offset, slope });
        }
    }
    Some(terms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plane::{PlaneLaw, PlaneModel};
    use crate::simplex::Simplex;

    const ONE: [[f64; 2]; 2] = [[2.25, 0.5], [0.5, 1.0]];
    const OTHER: [[f64; 2]; 2] = [[1.0, 0.0], [0.0, 1.0]];

    fn plane(last: [[f64; 2]; 2]) -> Plane {
        let law = PlaneLaw::from_doubles(&[
            (0.5, &[(0.75, [4.0, 3.0], ONE), (0.25, [-4.0, 3.0], ONE)]),
            (0.5, &[(0.5, [-4.0, -3.0], ONE), (0.5, [4.0, -3.0], last)]),
        ]);
        let model = PlaneModel::affine(&[[1.0, -2.0], [0.5, 0.25]], &[0.25, 0.0]);
        Plane::new(law.unwrap(), model.unwrap()).unwrap()
    }

    #[test]
    fn they_contain_the_label_distributions() {
        let plane = plane(ONE);
        for which in [Which::Data, Which::Model] {
            let tilts = Tilts::new(&plane, which).unwrap();
            for (i, j) in (-6..6).flat_map(|i| (-6..6).map(move |j| (i, j))) {
                let low = [f64::from(i), f64::from(j)];
                let x = low.map(|low| Over::<1>::fixed(Interval::new(low, low + 0.5)));
                let found = Simplex::from_logits(&tilts.logits(&x));
                for part in [0.0, 0.125, 0.5] {
                    let truth = plane.value.labels(which, &low.map(|low| low + part));
                    for k in 0..2 {
                        let value = *found.log_probabilities().entries()[k].value();
                        let truth = truth.log_probabilities().entries()[k];
                        let slack = Interval::new(-1e-12, 1e-12);
                        assert!((value + slack).contains(truth), "{low:?} {value:?} {truth}");
                    }
                }
            }
        }
    }

    /// Along the line between two components only what they have in common changes: nothing is lost to it.
    #[test]
    fn what_terms_have_in_common_does_not_widen() {
        let law = PlaneLaw::from_doubles(&[
            (0.5, &[(1.0, [1.0, 0.0], OTHER)]),
            (0.5, &[(1.0, [-1.0, 0.0], OTHER)]),
        ]);
        let model = PlaneModel::affine(&[[1.0, 0.0], [0.0, 0.0]], &[0.0, 0.0]).unwrap();
        let plane = Plane::new(law.unwrap(), model).unwrap();
        let x = [Interval::ZERO, Interval::new(2.0, 8.0)].map(Over::<1>::fixed);
        let tilts = Tilts::new(&plane, Which::Data).unwrap();
        let found = Simplex::from_logits(&tilts.logits(&x)).probabilities().entries()[0];
        assert!(found.value().contains(0.5) && found.value().width() < 1e-15, "{found:?}");
        assert!(tilts.difference().is_some());
    }

    #[test]
    fn a_constant_has_odds_without_a_slope() {
        let half = Exact::integer(1).checked_div(&Exact::integer(2)).unwrap();
        for (p, has) in [([half.clone(), half], true), ([1, 0].map(Exact::integer), false)] {
            let constant = crate::model::Constant::new(p.to_vec()).unwrap();
            let plane = Plane::new(plane(ONE).law().clone(), PlaneModel::constant(constant));
            let tilts = Tilts::new(&plane.unwrap(), Which::Model);
            let affine = tilts.and_then(|tilts| tilts.difference());
            assert_eq!(affine.is_some(), has);
            assert!(affine.is_none_or(|affine| affine.slope == [Interval::ZERO; 2]));
        }
    }

    #[test]
    fn two_covariances_have_none() {
        assert!(Tilts::new(&plane(OTHER), Which::Data).is_none());
        assert!(Tilts::new(&plane(ONE), Which::Data).unwrap().difference().is_none());
    }
}
