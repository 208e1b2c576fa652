//! The directions that a law and a model name: those of which one can say, before anything is verified, that they matter.

use super::matrices;
use crate::exact::Exact;
use crate::law::{Class, Component, Covariance, GaussianMixture, Law};
use crate::model::Model;

/// In more dimensions than this, rationals that are no doubles would take seconds; whether there are some is seen by so many entries.
const LARGE: usize = 50_000;
const LOOK: usize = 64;

/// A row whose entries are computed where they are looked at.
pub(super) struct Direction<'a>(Box<dyn Fn(usize) -> Exact + 'a>);

type Directions<'a> = Box<dyn Iterator<Item = Direction<'a>> + 'a>;

impl<'a> Direction<'a> {
    fn of(entry: impl Fn(usize) -> Exact + 'a) -> Self {
        Self(Box::new(entry))
    }

    /// All d entries; nothing where they are many and long.
    pub fn entries(&self, d: usize) -> Option<Vec<Exact>> {
        let is_short = |i| (self.0)(i).as_double().is_some();
        (d <= LARGE || (0..LOOK).all(is_short)).then(|| (0..d).map(&self.0).collect())
    }
}

/// The components of all classes.
pub(super) fn all(mixture: &GaussianMixture) -> impl Iterator<Item = &Component> {
    mixture.classes().iter().flat_map(Class::components)
}

/// Whether the coordinates are independent.
pub(super) fn is_diagonal(covariance: &Covariance) -> bool {
    matches!(covariance, Covariance::Diagonal(_) | Covariance::Isotropic(_))
}

/// Differences of the rows from the first one.
fn differences(rows: &[Vec<Exact>]) -> impl Iterator<Item = Direction<'_>> {
    rows[1..].iter().map(move |row| Direction::of(move |i| &row[i] - &rows[0][i]))
}

/// Directions that a model depends on; some may be 0, or follow from others.
pub(super) fn of_model(model: &Model) -> Directions<'_> {
    match model {
        Model::Linear(linear) => Box::new(differences(linear.weights())),
        Model::Quadratic(quadratic) => {
            let matrices = quadratic.matrices();
            let symmetric = move |k: usize, i: usize| {
                let twice = move |of: usize, j: usize| &matrices[of][i][j] + &matrices[of][j][i];
                Direction::of(move |j| &twice(k, j) - &twice(0, j))
            };
            let curved = (1..matrices.len())
                .flat_map(move |k| (0..matrices[k].len()).map(move |i| symmetric(k, i)));
            Box::new(differences(quadratic.weights()).chain(curved))
        }
        Model::Mlp(mlp) => {
            let rows = mlp.layers()[0].weights();
            Box::new(rows.iter().map(|row| Direction::of(|i| row[i].clone())))
        }
        Model::Bayes(bayes) => {
            let Law::GaussianMixture(mixture) = bayes.law();
            of_law(mixture)
        }
        Model::Constant(_) | Model::Piecewise(_) => Box::new(std::iter::empty()),
    }
}

/// Directions that the posterior of a mixture depends on, where they can be named.
pub(super) fn of_law(mixture: &GaussianMixture) -> Directions<'_> {
    let first = mixture.classes()[0].components().first().expect("a class has a component");
    let d = mixture.dimension();
    if all(mixture).all(|c| c.covariance() == first.covariance()) {
        let others = all(mixture).filter(move |c| c.mean() != first.mean());
        return Box::new(others.filter_map(move |other| {
            let gap = |i: usize| &other.mean()[i] - &first.mean()[i];
            Some(match first.covariance() {
                Covariance::Isotropic(_) => Direction::of(gap),
                Covariance::Diagonal(variances) => Direction::of(move |i| {
                    gap(i).checked_div(&variances[i]).expect("a variance is positive")
                }),
                covariance => {
                    let solution = matrices::solve(covariance, (0..d).map(gap).collect())?;
                    Direction::of(move |i| solution[i].clone())
                }
            })
        }));
    }
    let unit = |i: usize| move |j: usize| Exact::integer(i64::from(i == j));
    if all(mixture).all(|c| is_diagonal(c.covariance())) {
        let variance = |c: &Component, i: usize| c.covariance().variance(i).into_owned();
        let differs = move |i: &usize| {
            all(mixture)
                .any(|c| c.mean()[*i] != first.mean()[*i] || variance(c, *i) != variance(first, *i))
        };
        return Box::new((0..d).filter(differs).map(move |i| Direction::of(unit(i))));
    }
    // What the difference of two log densities is made of: Sigma_k^-1 m_k - Sigma_0^-1 m_0, and the rows of Sigma_k^-1 - Sigma_0^-1.
    let apart = move |other: &Component, v: [Vec<Exact>; 2]| {
        let [v, w] = v;
        let v = matrices::solve(other.covariance(), v)?;
        let w = matrices::solve(first.covariance(), w)?;
        Some(Direction::of(move |i| &v[i] - &w[i]))
    };
    Box::new(all(mixture).skip(1).flat_map(move |other| {
        let means = [other, first].map(|c| c.mean().to_vec());
        let straight = std::iter::once_with(move || apart(other, means));
        let curved =
            (0..d).map(move |i| apart(other, [0, 1].map(|_| (0..d).map(unit(i)).collect())));
        straight.chain(curved).flatten()
    }))
}
