//! Laws on the line.

use std::ops::RangeInclusive;

use proptest::collection::vec;
use proptest::prelude::*;

use super::number::{decimal, magnitude, shares};
use crate::exact::Exact;
use crate::law::{Class, Component, Covariance, GaussianMixture, Law};

/// Laws on the line with this many classes, at least 2.
pub fn law(classes: usize) -> impl Strategy<Value = Law> + Clone {
    gaussian_mixture(classes).prop_map(Law::GaussianMixture)
}

/// Gaussian mixtures on the line with `classes` classes of one to three components: priors from about 1e-12 to nearly 1, means in
/// `[-10, 10]`, variances in `[1e-4, 100)`, weights within a class from about 1e-3.
pub fn gaussian_mixture(classes: usize) -> impl Strategy<Value = GaussianMixture> + Clone {
    let prior = prop_oneof![4 => magnitude(-1..=0), 1 => magnitude(-12..=0)];
    (vec(prior, classes), vec(vec(normal(-4..=1), 1..=3), classes)).prop_map(mixture)
}

/// Laws with one component of moderate variance per class.
pub(super) fn calm_law(classes: usize) -> impl Strategy<Value = Law> + Clone {
    (vec(magnitude(-1..=0), classes), vec(vec(normal(-1..=0), 1), classes))
        .prop_map(|parts| Law::GaussianMixture(mixture(parts)))
}

fn mixture((priors, components): (Vec<Exact>, Vec<Vec<Normal>>)) -> GaussianMixture {
    let classes = shares(&priors).into_iter().zip(&components);
    let classes = classes.map(|(prior, components)| class(prior, components));
    GaussianMixture::new(classes.collect()).expect("priors that sum to 1")
}

/// A component before its weight is known.
#[derive(Clone, Debug)]
struct Normal {
    weight: Exact,
    mean: Exact,
    variance: Exact,
}

fn normal(variances: RangeInclusive<i32>) -> impl Strategy<Value = Normal> + Clone {
    (magnitude(-2..=0), decimal(10), magnitude(variances))
        .prop_map(|(weight, mean, variance)| Normal { weight, mean, variance })
}

fn class(prior: Exact, normals: &[Normal]) -> Class {
    let weights: Vec<Exact> = normals.iter().map(|normal| normal.weight.clone()).collect();
    let components = normals.iter().zip(shares(&weights)).map(|(normal, weight)| {
        let covariance = Covariance::Isotropic(normal.variance.clone());
        Component::new(weight, vec![normal.mean.clone()], covariance).expect("a variance above 0")
    });
    Class::new(prior, components.collect()).expect("weights that sum to 1")
}
