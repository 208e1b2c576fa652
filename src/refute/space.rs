//! Where a search looks: laws, models and radii with a few numbers each, and the box of doubles that they come from.

use std::fmt;
use std::str::FromStr;

use crate::claims::Problem;
use crate::error::Error;
use crate::exact::Exact;
use crate::law::{Class, Component, Covariance, GaussianMixture, Law};
use crate::model::{Bayes, Linear, Model, Quadratic};
use crate::names;
use crate::perturbation::{Ball, Norm};

/// What kind of model a search looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `softmax` of straight logits, the last one 0.
    Linear,
    /// `softmax` of parabolas, the last one 0.
    Quadratic,
    /// The posterior of another law.
    Bayes,
}

impl Family {
    /// All of them, in the order of the search.
    pub const ALL: [Self; 3] = [Self::Linear, Self::Quadratic, Self::Bayes];

    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Quadratic => "quadratic",
            Self::Bayes => "bayes",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Family {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|family| family.name() == name);
        found.ok_or_else(|| names::unknown("kind of model", name, Self::ALL.map(Self::name)))
    }
}

/// The instances of one shape: K classes, each normal, and a model of one family.
///
/// An instance is a list of numbers, its *values*: the radius, the priors of all classes but the last, the means and variances
/// of all classes but the first, and those of the model. The first class is N(0, 1), which is no restriction: shifting and
/// scaling x maps laws, models and radii of a shape onto each other and changes no risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    classes: usize,
    family: Family,
}

/// A law, a model and a radius, exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The law.
    pub law: Law,
    /// The model.
    pub model: Model,
    /// The radius, in the units of x.
    pub epsilon: Exact,
}

/// Which values a number of an instance may take in a search. Within these bounds risks are cheap and moderate; a tie or a
/// violation that exists only in a limit shows as one that is nearly reached at a bound.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Range {
    /// Evenly between two bounds.
    Even(f64, f64),
    /// Evenly in the logarithm.
    Log(f64, f64),
}

const EPSILON: Range = Range::Log(0.0625, 4.0);
/// What share of the probability that is left a class takes.
const SHARE: Range = Range::Even(0.02, 0.98);
const MEAN: Range = Range::Even(-6.0, 6.0);
const VARIANCE: Range = Range::Log(0.0625, 16.0);
const SLOPE: Range = Range::Even(-4.0, 4.0);
const BIAS: Range = Range::Even(-4.0, 4.0);
const CURVATURE: Range = Range::Even(-1.0, 1.0);

impl Range {
    /// The value at a place between 0 and 1.
    fn at(self, place: f64) -> f64 {
        let between = |a: f64, b: f64| a + place * (b - a);
        match self {
            Self::Even(low, high) => between(low, high),
            Self::Log(low, high) => between(low.ln(), high.ln()).exp().clamp(low, high),
        }
    }
}

impl Space {
    /// The instances with so many classes and this family of models.
    ///
    /// # Errors
    /// [`Error::TooFewClasses`].
    pub fn new(classes: usize, family: Family) -> Result<Self, Error> {
        if classes < 2 {
            return Err(Error::TooFewClasses { found: classes });
        }
        Ok(Self { classes, family })
    }

    /// The number of classes, K.
    #[must_use]
    pub fn classes(self) -> usize {
        self.classes
    }

    /// The family of the models.
    #[must_use]
    pub fn family(self) -> Family {
        self.family
    }

    /// How many numbers an instance has.
    #[must_use]
    pub fn dimension(self) -> usize {
        let k = self.classes;
        let of_model = match self.family {
            Family::Linear => 2 * (k - 1),
            Family::Quadratic => 3 * (k - 1),
            Family::Bayes => (k - 1) + 2 * k,
        };
        1 + 3 * (k - 1) + of_model
    }

    /// The values at a point of the unit cube; a point outside counts as the nearest one inside.
    ///
    /// # Panics
    /// When the point has another dimension.
    #[must_use]
    pub fn values(self, point: &[f64]) -> Vec<f64> {
        assert_eq!(point.len(), self.dimension(), "a point of the space");
        let k = self.classes;
        let mut places = point.iter().map(|place| place.clamp(0.0, 1.0));
        let mut take = |range: Range, count: usize| -> Vec<f64> {
            places.by_ref().take(count).map(|place| range.at(place)).collect()
        };
        let mut values = take(EPSILON, 1);
        values.extend(shares(&take(SHARE, k - 1)));
        values.extend(take(MEAN, k - 1));
        values.extend(take(VARIANCE, k - 1));
        match self.family {
            Family::Linear => {
                values.extend(take(SLOPE, k - 1));
                values.extend(take(BIAS, k - 1));
            }
            Family::Quadratic => {
                values.extend(take(CURVATURE, k - 1));
                values.extend(take(SLOPE, k - 1));
                values.extend(take(BIAS, k - 1));
            }
            Family::Bayes => {
                values.extend(shares(&take(SHARE, k - 1)));
                values.extend(take(MEAN, k));
                values.extend(take(VARIANCE, k));
            }
        }
        values
    }

    /// The instance of these values.
    ///
    /// # Errors
    /// Those of laws, models and balls, for values that make none: a prior or a variance that is not above 0, priors that leave
    /// nothing for the last class, a negative radius.
    ///
    /// # Panics
    /// When there are more or fewer values than [`dimension`](Self::dimension).
    pub fn candidate(self, values: &[Exact]) -> Result<Candidate, Error> {
        assert_eq!(values.len(), self.dimension(), "the values of an instance");
        let k = self.classes;
        let mut rest = values;
        let mut take = |count: usize| {
            let (first, others) = rest.split_at(count);
            rest = others;
            first.to_vec()
        };
        let epsilon = take(1).remove(0);
        let priors = take(k - 1);
        let means = [vec![Exact::integer(0)], take(k - 1)].concat();
        let variances = [vec![Exact::integer(1)], take(k - 1)].concat();
        let law = law(priors, means, variances)?;
        let mut with_last = |count: usize| [take(count), vec![Exact::integer(0)]].concat();
        let column = |entries: Vec<Exact>| entries.into_iter().map(|entry| vec![entry]).collect();
        let model = match self.family {
            Family::Linear => {
                let slopes = column(with_last(k - 1));
                Model::Linear(Linear::new(slopes, with_last(k - 1))?)
            }
            Family::Quadratic => {
                let curvatures = with_last(k - 1).into_iter().map(|a| vec![vec![a]]).collect();
                let slopes = column(with_last(k - 1));
                Model::Quadratic(Quadratic::new(curvatures, slopes, with_last(k - 1))?)
            }
            Family::Bayes => Model::Bayes(Bayes::new(self::law(take(k - 1), take(k), take(k))?)),
        };
        Ok(Candidate { law, model, epsilon })
    }
}

impl Candidate {
    /// The law and the model on the line, and the ball.
    ///
    /// # Errors
    /// As [`Problem::new`] and [`Ball::new`].
    pub fn problem(&self) -> Result<(Problem, Ball), Error> {
        let norm = Norm::default();
        let problem = Problem::new(("law", &self.law), ("model", &self.model), norm)?;
        Ok((problem, Ball::new(norm, self.epsilon.clone())?))
    }
}

/// From the share that each class takes of what the classes before it left, the probabilities of all classes but the last.
fn shares(taken: &[f64]) -> Vec<f64> {
    let mut left = 1.0;
    let probability = |share: &f64| {
        let probability = left * share;
        left -= probability;
        probability
    };
    taken.iter().map(probability).collect()
}

/// The law of normal classes with these priors; that of the last class is what is left.
fn law(priors: Vec<Exact>, means: Vec<Exact>, variances: Vec<Exact>) -> Result<Law, Error> {
    let last = &Exact::integer(1) - &priors.iter().sum();
    let priors = priors.into_iter().chain([last]);
    let class = |((prior, mean), variance): ((Exact, Exact), Exact)| {
        let covariance = Covariance::Isotropic(variance);
        Class::new(prior, vec![Component::new(Exact::integer(1), vec![mean], covariance)?])
    };
    let classes = priors.zip(means).zip(variances).map(class).collect::<Result<_, Error>>()?;
    Ok(Law::GaussianMixture(GaussianMixture::new(classes)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spaces() -> impl Iterator<Item = Space> {
        let of = |classes| Family::ALL.map(|family| Space::new(classes, family).unwrap());
        (2..5).flat_map(of)
    }

    fn exact(values: &[f64]) -> Vec<Exact> {
        values.iter().map(|value| Exact::from_f64(*value).unwrap()).collect()
    }

    #[test]
    fn every_point_of_the_cube_is_an_instance() {
        for space in spaces() {
            for place in [-1.0, 0.0, 0.3, 1.0, 2.0] {
                let values = space.values(&vec![place; space.dimension()]);
                assert_eq!(values.len(), space.dimension());
                let Candidate { law, model, epsilon } = space.candidate(&exact(&values)).unwrap();
                assert_eq!((law.classes(), model.classes()), (space.classes(), space.classes()));
                assert!((0.0625..=4.0).contains(&epsilon.to_f64()));
                assert!(law.notes().is_empty(), "{:?}", law.notes());
            }
        }
    }

    #[test]
    fn values_find_their_places() {
        let numbers = |texts: &[&str]| texts.iter().map(|t| t.parse().unwrap()).collect::<Vec<_>>();
        let space = Space::new(2, Family::Quadratic).unwrap();
        let values = numbers(&["1/2", "0.3", "2", "4", "0.1", "-1", "3"]);
        let candidate = space.candidate(&values).unwrap();
        let law = "kind = \"gaussian-mixture\"\n\
                   [[classes]]\nprior = 0.3\ncomponents = [{ mean = [0], variance = 1 }]\n\
                   [[classes]]\nprior = 0.7\ncomponents = [{ mean = [2], variance = 4 }]\n";
        let model = "kind = \"quadratic\"\nmatrices = [[[0.1]], [[0]]]\nweights = [[-1], [0]]\n\
                     bias = [3, 0]\n";
        assert_eq!(candidate.law, Law::from_toml(law, "law").unwrap());
        assert_eq!(candidate.model, Model::from_toml(model, "model").unwrap());
        assert_eq!(candidate.epsilon.to_string(), "0.5");
        for (place, bad) in [(0, "-1"), (1, "1"), (1, "0"), (3, "0")] {
            let mut values = values.clone();
            values[place] = bad.parse().unwrap();
            let found = space.candidate(&values).and_then(|candidate| candidate.problem());
            assert!(found.is_err(), "value {place} = {bad}");
        }
    }
}
