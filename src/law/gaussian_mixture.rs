//! Gaussian mixtures: `p_d(x, y = k) = prior_k sum_j weight_kj N(x; mean_kj, covariance_kj)`.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::error::Error;
use crate::exact::{Exact, normalised};
use crate::linalg;
use crate::line::{Envelope, Landmark, Parabola, Polynomial, Side, Tail, pairs};
use crate::real::{Interval, Real, Row};
use crate::simplex::Dense;

/// The covariance of a component, as it was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Covariance {
    /// A d x d matrix by rows; symmetric and positive definite.
    Full(Vec<Vec<Exact>>),
    /// The d variances of independent coordinates.
    Diagonal(Vec<Exact>),
    /// One variance for every coordinate: `variance I`.
    Isotropic(Exact),
    /// `diag(diagonal) + factor factor'` with d positive numbers and a factor of shape d x r by rows: independent noise around r common
    /// causes. In many dimensions it takes d (r + 1) numbers, not d^2, and no d x d matrix is ever made of it.
    LowRank {
        /// The d variances of the noise.
        diagonal: Vec<Exact>,
        /// What each of the r causes does to the d coordinates: d rows of length r.
        factor: Vec<Vec<Exact>>,
    },
}

impl Covariance {
    /// The variance of coordinate `i`.
    ///
    /// # Panics
    /// When there is no such coordinate.
    #[must_use]
    pub fn variance(&self, i: usize) -> Cow<'_, Exact> {
        self.entry(i, i)
    }

    /// The covariance of the coordinates `i` and `j`.
    ///
    /// # Panics
    /// When there is no such coordinate.
    #[must_use]
    pub fn entry(&self, i: usize, j: usize) -> Cow<'_, Exact> {
        let diagonal = |variance| {
            if i == j { Cow::Borrowed(variance) } else { Cow::Owned(Exact::integer(0)) }
        };
        match self {
            Self::Full(rows) => Cow::Borrowed(&rows[i][j]),
            Self::Diagonal(variances) => diagonal(&variances[i]),
            Self::Isotropic(variance) => diagonal(variance),
            Self::LowRank { diagonal: noise, factor } => {
                let causes: Vec<Exact> =
                    factor[i].iter().zip(&factor[j]).map(|(a, b)| a * b).collect();
                let common = causes.iter().sum::<Exact>();
                Cow::Owned(if i == j { &noise[i] + &common } else { common })
            }
        }
    }

    /// The covariance plus `variance I`.
    fn plus(&self, variance: &Exact) -> Self {
        match self {
            Self::Isotropic(own) => Self::Isotropic(own + variance),
            Self::Diagonal(own) => Self::Diagonal(own.iter().map(|own| own + variance).collect()),
            Self::LowRank { diagonal, factor } => Self::LowRank {
                diagonal: diagonal.iter().map(|own| own + variance).collect(),
                factor: factor.clone(),
            },
            Self::Full(rows) => {
                let entry = |i: usize, j: usize| {
                    if i == j { &rows[i][j] + variance } else { rows[i][j].clone() }
                };
                let row = |i: usize| (0..rows.len()).map(|j| entry(i, j)).collect();
                Self::Full((0..rows.len()).map(row).collect())
            }
        }
    }

    /// Checks that this is a covariance in dimension `d`.
    fn check(&self, d: usize) -> Result<(), Error> {
        let fits = |what, found| {
            let error = Error::Shape { what, found, expected: d, reference: "the mean" };
            if found == d { Ok(()) } else { Err(error) }
        };
        let positive = |what, variance: &Exact| {
            let error = Error::NotPositive { what, found: variance.clone() };
            if variance.is_positive() { Ok(()) } else { Err(error) }
        };
        match self {
            Self::Isotropic(variance) => positive("variance", variance),
            Self::Diagonal(variances) => {
                fits("variances", variances.len())?;
                variances.iter().try_for_each(|variance| positive("variances", variance))
            }
            Self::LowRank { diagonal, factor } => {
                fits("diagonal", diagonal.len())?;
                fits("factor", factor.len())?;
                let (r, reference) = (factor[0].len(), "the first row");
                if let Some(row) = factor.iter().find(|row| row.len() != r) {
                    let found = row.len();
                    return Err(Error::Shape { what: "factor", found, expected: r, reference });
                }
                diagonal.iter().try_for_each(|variance| positive("diagonal", variance))
            }
            Self::Full(rows) => {
                fits("covariance", rows.len())?;
                rows.iter().try_for_each(|row| fits("covariance", row.len()))?;
                for (i, j) in (0..d).flat_map(|i| (i + 1..d).map(move |j| (i, j))) {
                    if rows[i][j] != rows[j][i] {
                        let found = Box::new([rows[i][j].clone(), rows[j][i].clone()]);
                        return Err(Error::NotSymmetric { row: i, column: j, found });
                    }
                }
                let doubles: Vec<Vec<f64>> =
                    rows.iter().map(|row| row.iter().map(Exact::to_f64).collect()).collect();
                if linalg::is_positive_definite(&doubles) {
                    Ok(())
                } else {
                    Err(Error::NotPositiveDefinite { found: doubles })
                }
            }
        }
    }
}

/// One weighted normal distribution of a class.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    weight: Exact,
    mean: Vec<Exact>,
    covariance: Covariance,
}

impl Component {
    /// The component with this weight within its class, mean (length d) and covariance.
    ///
    /// # Errors
    /// [`Error::NotPositive`] for a weight or variance that is not above 0, [`Error::Empty`] for a
    /// mean of length 0, [`Error::Shape`], [`Error::NotSymmetric`] and
    /// [`Error::NotPositiveDefinite`] for a covariance that is none.
    pub fn new(weight: Exact, mean: Vec<Exact>, covariance: Covariance) -> Result<Self, Error> {
        if !weight.is_positive() {
            return Err(Error::NotPositive { what: "weight", found: weight });
        }
        if mean.is_empty() {
            return Err(Error::Empty { what: "mean" });
        }
        covariance.check(mean.len())?;
        Ok(Self { weight, mean, covariance })
    }

    /// The weight within the class.
    #[must_use]
    pub fn weight(&self) -> &Exact {
        &self.weight
    }

    /// The mean, of length d.
    #[must_use]
    pub fn mean(&self) -> &[Exact] {
        &self.mean
    }

    /// The covariance.
    #[must_use]
    pub fn covariance(&self) -> &Covariance {
        &self.covariance
    }
}

/// One class: its prior and its components.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    prior: Exact,
    components: Vec<Component>,
    notes: Vec<String>,
}

impl Class {
    /// The class with this prior and these components.
    ///
    /// # Errors
    /// [`Error::NotPositive`] for a prior that is not above 0, [`Error::Empty`] without components,
    /// [`Error::Shape`] for components of different dimensions, [`Error::SumNotOne`] for weights
    /// that do not sum to 1.
    pub fn new(prior: Exact, mut components: Vec<Component>) -> Result<Self, Error> {
        if !prior.is_positive() {
            return Err(Error::NotPositive { what: "prior", found: prior });
        }
        let Some(first) = components.first() else {
            return Err(Error::Empty { what: "components" });
        };
        same_dimension(first.mean.len(), &components)?;
        let weights = components.iter().map(|component| component.weight.clone()).collect();
        let (weights, note) = normalised("weights", weights)?;
        for (component, weight) in components.iter_mut().zip(weights) {
            component.weight = weight;
        }
        Ok(Self { prior, components, notes: note.into_iter().collect() })
    }

    /// The prior, `p_d(y)`.
    #[must_use]
    pub fn prior(&self) -> &Exact {
        &self.prior
    }

    /// The components, at least one.
    #[must_use]
    pub fn components(&self) -> &[Component] {
        &self.components
    }
}

fn same_dimension<'a>(
    expected: usize,
    components: impl IntoIterator<Item = &'a Component>,
) -> Result<(), Error> {
    for component in components {
        let found = component.mean.len();
        if found != expected {
            let reference = "the other components";
            return Err(Error::Shape { what: "mean", found, expected, reference });
        }
    }
    Ok(())
}

/// A law whose classes are mixtures of normal distributions.
#[derive(Clone, Debug, PartialEq)]
pub struct GaussianMixture {
    classes: Vec<Class>,
    notes: Vec<String>,
}

impl GaussianMixture {
    /// The mixture with these classes, at least two. Priors that sum to 1 within 1e-12 but not
    /// exactly are renormalised, and [`notes`](Self::notes) says so.
    ///
    /// # Errors
    /// [`Error::TooFewClasses`], [`Error::Shape`] for classes of different dimensions,
    /// [`Error::SumNotOne`] for priors that do not sum to 1.
    pub fn new(mut classes: Vec<Class>) -> Result<Self, Error> {
        if classes.len() < 2 {
            return Err(Error::TooFewClasses { found: classes.len() });
        }
        let dimension = classes[0].components[0].mean.len();
        same_dimension(dimension, classes.iter().flat_map(|class| &class.components))?;
        let priors = classes.iter().map(|class| class.prior.clone()).collect();
        let (priors, note) = normalised("priors", priors)?;
        for (class, prior) in classes.iter_mut().zip(priors) {
            class.prior = prior;
        }
        let of_classes = classes.iter().enumerate().flat_map(|(k, class)| {
            class.notes.iter().map(move |note| format!("in class {k} {note}"))
        });
        let notes = note.into_iter().chain(of_classes).collect();
        Ok(Self { classes, notes })
    }

    /// The classes, at least two.
    #[must_use]
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// The dimension of the inputs, d.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.classes[0].components[0].mean.len()
    }

    /// What was changed when the mixture was made (renormalisations), for people to read.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The law of `x + z` with the labels of x and independent noise z from N(0, variance I): each component with `variance` added to its
    /// covariance.
    ///
    /// # Errors
    /// [`Error::Negative`] for a variance below 0.
    pub fn smoothed(&self, variance: &Exact) -> Result<Self, Error> {
        if variance.is_negative() {
            return Err(Error::Negative { what: "variance", found: variance.clone() });
        }
        let mut mixture = self.clone();
        for component in mixture.classes.iter_mut().flat_map(|class| &mut class.components) {
            component.covariance = component.covariance.plus(variance);
        }
        Ok(mixture)
    }

    /// The mixture in dimension 1, smoothed by noise of a variance that is a number of the backend: with a jet in the variance, what is
    /// computed from it are derivatives by the variance.
    ///
    /// # Errors
    /// As [`line`](Self::line).
    pub fn smoothed_line<R: Real>(&self, variance: &R) -> Result<LineLaw<R>, Error> {
        let mut line = self.line(variance)?;
        let (one, two) = (variance.int(1), variance.int(2));
        for (class, compiled) in self.classes.iter().zip(&mut line.classes) {
            for (component, compiled) in class.components.iter().zip(compiled) {
                let own = variance.constant(&component.covariance.variance(0));
                // 1 / (2 (v + s)), and the peak falls by the root of 1 + s / v.
                let total = own.clone() + variance.clone();
                compiled.half_precision = one.clone() / (two.clone() * total);
                let broadened = (variance.clone() / own).ln_1p();
                compiled.ln_peak = compiled.ln_peak.clone() - broadened / two.clone();
            }
        }
        Ok(line)
    }

    /// The mixture in dimension 1, compiled for the backend of `like`.
    ///
    /// # Errors
    /// [`Error::NotOnTheLine`] in other dimensions.
    pub fn line<R: Real>(&self, like: &R) -> Result<LineLaw<R>, Error> {
        if self.dimension() != 1 {
            return Err(Error::NotOnTheLine { what: "law", found: self.dimension() });
        }
        let class = |class: &Class| {
            class.components.iter().map(|c| c.on_line(&class.prior, like)).collect()
        };
        Ok(LineLaw { classes: self.classes.iter().map(class).collect() })
    }
}

impl GaussianMixture {
    /// The leading growth of `ln p_d(x, y = k)` for each class: that of the component that dominates there, the widest, and of several
    /// the one whose mean is farthest out.
    pub(super) fn tail(&self, side: Side) -> Vec<Tail> {
        let of_component = |component: &Component| {
            let half_precision = component.half_precision();
            let linear = &(&Exact::integer(2) * &half_precision) * &component.mean[0];
            Tail { quadratic: -&half_precision, linear }
        };
        let of_class = |class: &Class| {
            let tails: Vec<Tail> = class.components.iter().map(of_component).collect();
            Tail::largest(&tails, side)
        };
        self.classes.iter().map(of_class).collect()
    }

    /// Each log density is a parabola; a class of n components is at least each of them, and at most ln n more than the largest.
    pub(super) fn envelope(&self, base: Interval, side: Side) -> Vec<Envelope> {
        let sign = Interval::point(side.sign());
        let two = Interval::point(2.0);
        let of_component = |class: &Class, component: &Component| {
            let line = component.on_line(&class.prior, &Interval::ZERO);
            Parabola {
                value: line.log_density(&base),
                slope: -(sign * two * line.half_precision * (base - line.mean)),
                curvature: -&component.half_precision(),
            }
        };
        let of_class = |class: &Class| {
            let lower: Vec<_> = class.components.iter().map(|c| of_component(class, c)).collect();
            let more = Parabola::constant(Interval::point(lower.len() as f64).ln());
            Envelope { upper: lower.iter().map(|p| p.plus(&more)).collect(), lower }
        };
        self.classes.iter().map(of_class).collect()
    }
}

impl Component {
    /// One over twice the variance, in dimension 1.
    fn half_precision(&self) -> Exact {
        Exact::new((&*self.covariance.variance(0) * &Exact::integer(2)).ratio().recip())
    }

    /// The component in dimension 1, compiled for the backend of `like`, in a class with this prior.
    fn on_line<R: Real>(&self, prior: &Exact, like: &R) -> LineComponent<R> {
        let mass = like.constant(&(prior * &self.weight));
        let ln_variance = like.constant(&self.covariance.variance(0)).ln();
        LineComponent {
            mean: like.constant(&self.mean[0]),
            half_precision: like.constant(&self.half_precision()),
            ln_peak: mass.ln() - (ln_variance + ln_two_pi(like)) / like.int(2),
            mass,
        }
    }
}

/// `ln(2 pi)`, which is irrational: the nearest double and the double nearest to the rest.
///
/// Their sum is within 1e-33 of the truth, so it rounds correctly on doubles; and since no double
/// lies between the two, the outward rounding of the sum on intervals of doubles contains the
/// truth. A backend of more than 100 bits has to get an enclosure of its own here.
pub(crate) fn ln_two_pi<R: Real>(like: &R) -> R {
    const NEAREST: f64 = 1.837_877_066_409_345_6;
    const REST: f64 = -7.756_588_316_134_483e-17;
    let part = |x| like.constant(&Exact::from_f64(x).expect("a finite double"));
    part(NEAREST) + part(REST)
}

/// A weighted normal density on the line: `mass N(x; mean, 1 / (2 half_precision))`.
#[derive(Clone, Debug)]
pub struct LineComponent<R> {
    mass: R,
    mean: R,
    half_precision: R,
    ln_peak: R,
}

impl<R: Real> LineComponent<R> {
    /// `ln( mass N(x; mean, variance) )`.
    fn log_density(&self, x: &R) -> R {
        let offset = (x.clone() - self.mean.clone()).square();
        self.ln_peak.clone() - self.half_precision.clone() * offset
    }
}

impl LineComponent<f64> {
    /// The probability of the component's class, of the component and of an x in `[from, to]`; the ends may be infinite.
    #[must_use]
    pub fn probability(&self, from: f64, to: f64) -> f64 {
        let scale = (2.0 * self.variance()).sqrt();
        let standard = |x: f64| (x - self.mean) / scale;
        let (a, b) = (standard(from), standard(to));
        // On the side of the nearer tail, where nothing cancels.
        let both =
            if a > 0.0 { libm::erfc(a) - libm::erfc(b) } else { libm::erfc(-b) - libm::erfc(-a) };
        0.5 * self.mass * both.max(0.0)
    }

    /// The prior of the class times the weight within the class; over all components these sum to
    /// 1.
    #[must_use]
    pub fn mass(&self) -> f64 {
        self.mass
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The variance.
    #[must_use]
    pub fn variance(&self) -> f64 {
        0.5 / self.half_precision
    }

    /// The standard deviation.
    #[must_use]
    pub fn standard_deviation(&self) -> f64 {
        self.variance().sqrt()
    }

    /// Where the log density is equal to that of `other`.
    fn crossings(&self, other: &Self) -> impl Iterator<Item = Landmark> {
        // In t = x - mean, so that a narrow component far from 0 keeps its digits.
        let distance = other.mean - self.mean;
        let difference = Polynomial {
            a: other.half_precision - self.half_precision,
            b: -2.0 * other.half_precision * distance,
            c: other.half_precision * distance * distance + (self.ln_peak - other.ln_peak),
        };
        let mean = self.mean;
        difference.crossings().filter_map(move |t| Landmark::checked(mean + t.at, t.scale))
    }
}

/// A law in dimension 1 with its constants compiled for one backend: what the integrands evaluate.
#[derive(Clone, Debug)]
pub struct LineLaw<R> {
    classes: Row<SmallVec<[LineComponent<R>; 1]>>,
}

impl<R: Real> LineLaw<R> {
    /// `ln p_d(x, y = k)` for every class k, in nats per unit of x. Its softmax is the posterior
    /// `P(x)`, and its log-sum-exp is `ln p_d(x)`.
    pub fn log_joint(&self, x: &R) -> Dense<R> {
        Dense::new(self.classes.map(|class| match class.as_slice() {
            [component] => component.log_density(x),
            components => {
                let terms = Row::from_fn(components.len(), |j| components[j].log_density(x));
                R::softmax(&terms).log_total
            }
        }))
    }
}

impl LineLaw<f64> {
    /// The components of class `k`.
    ///
    /// # Panics
    /// When there is no such class.
    #[must_use]
    pub fn class(&self, k: usize) -> &[LineComponent<f64>] {
        &self.classes[k]
    }

    /// The components of every class, class by class.
    pub fn classes(&self) -> impl Iterator<Item = &[LineComponent<f64>]> {
        self.classes.iter().map(SmallVec::as_slice)
    }

    /// Every component of every class.
    pub fn components(&self) -> impl Iterator<Item = &LineComponent<f64>> {
        self.classes.iter().flatten()
    }

    /// The means of the components with their standard deviations, and the crossings of the
    /// weighted log densities of any two components.
    #[must_use]
    pub fn landmarks(&self) -> Vec<Landmark> {
        let components: Vec<_> = self.components().collect();
        let peaks = components.iter().filter_map(|component| {
            Landmark::checked(component.mean, component.standard_deviation())
        });
        peaks.chain(pairs(&components).flat_map(|(a, b)| a.crossings(b))).collect()
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "values that are exact are compared exactly")]
mod tests {
    use super::*;
    use crate::real::Jet;

    fn exact(text: &str) -> Exact {
        text.parse().unwrap()
    }

    fn normal(weight: &str, mean: &str, variance: &str) -> Component {
        let covariance = Covariance::Isotropic(exact(variance));
        Component::new(exact(weight), vec![exact(mean)], covariance).unwrap()
    }

    /// Weight, mean and variance.
    type Parameters = (&'static str, &'static str, &'static str);

    fn mixture(classes: &[(&str, &[Parameters])]) -> GaussianMixture {
        let class = |(prior, components): &(&str, &[Parameters])| {
            let components = components.iter().map(|(w, m, v)| normal(w, m, v)).collect();
            Class::new(exact(prior), components).unwrap()
        };
        GaussianMixture::new(classes.iter().map(class).collect()).unwrap()
    }

    fn two_modes() -> GaussianMixture {
        mixture(&[
            ("5/6", &[("1", "-1", "4")]),
            ("1/6", &[("1/4", "1", "1"), ("1/2", "3", "2"), ("1/4", "5", "2")]),
        ])
    }

    fn density(x: f64, mean: f64, variance: f64) -> f64 {
        (-(x - mean).powi(2) / (2.0 * variance)).exp() / (std::f64::consts::TAU * variance).sqrt()
    }

    #[test]
    fn log_joint_is_the_logarithm_of_the_weighted_densities() {
        let law = two_modes().line(&0.0).unwrap();
        for x in [-7.0, -1.0, 0.0, 0.3, 2.5, 9.0] {
            let expected = [
                5.0 / 6.0 * density(x, -1.0, 4.0),
                (density(x, 1.0, 1.0) + 2.0 * density(x, 3.0, 2.0) + density(x, 5.0, 2.0)) / 24.0,
            ];
            for (found, expected) in law.log_joint(&x).entries().iter().zip(expected) {
                assert!((found - expected.ln()).abs() < 1e-14 * (1.0 + expected.ln().abs()));
            }
        }
    }

    #[test]
    fn log_joint_has_the_derivative_of_a_normal_density() {
        let law = two_modes().line(&Jet::<f64, 3>::fixed(0.0)).unwrap();
        let jet = law.log_joint(&Jet::variable(2.0)).entries()[0];
        assert!((jet.derivative(1) + 3.0 / 4.0).abs() < 1e-15);
        assert!((jet.derivative(2) + 1.0 / 4.0).abs() < 1e-15);
    }

    #[test]
    fn landmarks_are_the_peaks_and_the_crossings() {
        // The needle crosses its wide neighbour within a few hundredths of its mean.
        let law = mixture(&[("1/2", &[("1", "3", "1e-4")]), ("1/2", &[("1", "0", "100")])]);
        let law = law.line(&0.0).unwrap();
        let landmarks = law.landmarks();
        assert_eq!(landmarks.len(), 4);
        assert_eq!((landmarks[0].at, landmarks[1].at), (3.0, 0.0));
        assert!((landmarks[0].scale - 0.01).abs() < 1e-15 && landmarks[1].scale == 10.0);
        for landmark in &landmarks[2..] {
            let gap = |x: f64| {
                let h = law.log_joint(&x);
                h.entries()[0] - h.entries()[1]
            };
            assert!(gap(landmark.at).abs() < 1e-11);
            let h = 1e-3 * landmark.scale;
            let slope = (gap(landmark.at + h) - gap(landmark.at - h)) / (2.0 * h);
            assert!((slope.abs() * landmark.scale - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn equal_components_do_not_cross() {
        let twins = mixture(&[("1/2", &[("1", "0", "1")]), ("1/2", &[("1", "0", "1")])]);
        assert_eq!(twins.line(&0.0).unwrap().landmarks().len(), 2);
    }

    #[test]
    fn tail_is_the_leading_growth() {
        let mixture = two_modes();
        let law = mixture.line(&0.0).unwrap();
        for side in [Side::Left, Side::Right] {
            let x = 1e3 * side.sign();
            for (value, tail) in law.log_joint(&x).entries().iter().zip(&mixture.tail(side)) {
                let rest = value - tail.quadratic.to_f64() * x * x - tail.linear.to_f64() * x;
                assert!(rest.abs() < 20.0, "{side:?}: {rest}");
            }
        }
        let slopes = |side| mixture.tail(side)[1].linear.clone();
        assert_eq!((slopes(Side::Left), slopes(Side::Right)), (exact("1.5"), exact("2.5")));
    }

    #[test]
    fn masses_sum_to_one() {
        let law = two_modes().line(&0.0).unwrap();
        let mass: f64 = law.components().map(LineComponent::mass).sum();
        assert!((mass - 1.0).abs() < 1e-15);
        let moments: Vec<_> =
            law.components().map(|c| (c.mean(), c.standard_deviation())).collect();
        assert_eq!(moments[..2], [(-1.0, 2.0), (1.0, 1.0)]);
    }

    #[test]
    fn what_is_no_mixture_is_refused() {
        let (one, zero) = (exact("1"), exact("0"));
        let component =
            |w: &Exact, covariance| Component::new(w.clone(), vec![zero.clone(); 2], covariance);
        let isotropic = || Covariance::Isotropic(one.clone());
        let found = zero.clone();
        assert_eq!(
            component(&zero, isotropic()),
            Err(Error::NotPositive { what: "weight", found })
        );
        let shape = |what, found| Error::Shape { what, found, expected: 2, reference: "the mean" };
        assert_eq!(
            component(&one, Covariance::Diagonal(vec![one.clone()])),
            Err(shape("variances", 1))
        );
        let full = |entries: [[&str; 2]; 2]| {
            Covariance::Full(entries.map(|r| r.map(exact).to_vec()).to_vec())
        };
        assert!(component(&one, full([["2", "1"], ["1", "2"]])).is_ok());
        assert_eq!(
            component(&one, full([["2", "1"], ["0", "2"]])),
            Err(Error::NotSymmetric {
                row: 0,
                column: 1,
                found: Box::new([one.clone(), zero.clone()])
            })
        );
        assert_eq!(
            component(&one, full([["1", "2"], ["2", "1"]])),
            Err(Error::NotPositiveDefinite { found: vec![vec![1.0, 2.0], vec![2.0, 1.0]] })
        );
        let class =
            |prior| Class::new(exact(prior), vec![component(&one, isotropic()).unwrap()]).unwrap();
        assert_eq!(GaussianMixture::new(vec![class("1")]), Err(Error::TooFewClasses { found: 1 }));
        assert_eq!(
            GaussianMixture::new(vec![class("0.5"), class("0.4")]),
            Err(Error::SumNotOne { what: "priors", found: exact("0.9") })
        );
        let plane = GaussianMixture::new(vec![class("0.5"), class("0.5")]).unwrap();
        assert_eq!(plane.line(&0.0).unwrap_err(), Error::NotOnTheLine { what: "law", found: 2 });
    }

    #[test]
    fn renormalisation_is_noted() {
        let class = |prior| Class::new(exact(prior), vec![normal("1", "0", "1")]).unwrap();
        let third = || class("0.3333333333333");
        let law = GaussianMixture::new(vec![third(), third(), third()]).unwrap();
        assert_eq!(law.classes()[0].prior(), &exact("1/3"));
        assert_eq!(law.notes().len(), 1);
        let components = vec![normal("0.4999999999999", "0", "1"), normal("0.5", "1", "1")];
        let classes = vec![class("1/2"), Class::new(exact("1/2"), components).unwrap()];
        let notes = GaussianMixture::new(classes).unwrap().notes().to_vec();
        assert!(notes.len() == 1 && notes[0].contains("class 1"), "{notes:?}");
    }
}
