//! Label distributions, pairs of them, and logits.

use proptest::collection::vec;
use proptest::prelude::*;

use super::number::{decimal, magnitude};
use crate::exact::Exact;
use crate::simplex::{Dense, Simplex};

/// A label distribution over doubles.
pub type Labels = Simplex<Dense<f64>>;

/// Any label distribution over `classes` labels, at least 2: half of them in the interior, the others on or near the boundary.
pub fn label_distribution(classes: usize) -> impl Strategy<Value = Labels> + Clone {
    weights(classes).prop_map(|weights| normalised(&weights))
}

/// Label distributions with every probability above 1/1000 of the largest.
pub fn interior(classes: usize) -> impl Strategy<Value = Labels> + Clone {
    inner_weights(classes).prop_map(|weights| normalised(&weights))
}

/// Label distributions with no probability 0, but some as small as 1e-300.
pub fn near_boundary(classes: usize) -> impl Strategy<Value = Labels> + Clone {
    outer_weights(classes).prop_map(|weights| normalised(&weights))
}

/// Label distributions with at least one probability of exactly 0, corners among them.
pub fn on_boundary(classes: usize) -> impl Strategy<Value = Labels> + Clone {
    zero_weights(classes).prop_map(|weights| normalised(&weights))
}

/// Two label distributions: independent, equal, or nearly equal.
pub fn label_pair(classes: usize) -> impl Strategy<Value = (Labels, Labels)> + Clone {
    prop_oneof![
        4 => (label_distribution(classes), label_distribution(classes)),
        1 => equal_pair(classes),
        2 => near_pair(classes),
    ]
}

/// A label distribution twice.
pub fn equal_pair(classes: usize) -> impl Strategy<Value = (Labels, Labels)> + Clone {
    label_distribution(classes).prop_map(|p| (p.clone(), p))
}

/// Two label distributions whose probabilities differ by a relative 1e-1 to 1e-15.
pub fn near_pair(classes: usize) -> impl Strategy<Value = (Labels, Labels)> + Clone {
    (weights(classes), vec(-9..=9_i32, classes), 2..=15_i32).prop_map(|(weights, steps, digits)| {
        let step = 10_f64.powi(-digits);
        let moved = |(weight, by): (&f64, &i32)| weight * (1.0 + f64::from(*by) * step);
        let near: Vec<f64> = weights.iter().zip(&steps).map(moved).collect();
        (normalised(&weights), normalised(&near))
    })
}

/// Any row of `classes` logits.
pub fn logits(classes: usize) -> impl Strategy<Value = Dense<f64>> + Clone {
    prop_oneof![
        3 => moderate_logits(classes),
        1 => extreme_logits(classes),
        1 => tied_logits(classes),
    ]
}

/// Logits in `[-10, 10]`.
pub fn moderate_logits(classes: usize) -> impl Strategy<Value = Dense<f64>> + Clone {
    vec(decimal(10), classes).prop_map(|row| dense(&row))
}

/// Logits up to 1e4 in magnitude, moderate ones beside them.
pub fn extreme_logits(classes: usize) -> impl Strategy<Value = Dense<f64>> + Clone {
    let entry = prop_oneof![decimal(10_000), decimal(10)];
    vec(entry, classes).prop_map(|row| dense(&row))
}

/// Equal logits, up to 1e4 in magnitude.
pub fn tied_logits(classes: usize) -> impl Strategy<Value = Dense<f64>> + Clone {
    decimal(10_000).prop_map(move |logit| dense(&vec![logit; classes]))
}

fn dense(row: &[Exact]) -> Dense<f64> {
    Dense::new(row.iter().map(Exact::to_f64).collect::<Vec<f64>>())
}

/// Unnormalised probabilities of every kind.
fn weights(classes: usize) -> impl Strategy<Value = Vec<f64>> + Clone {
    prop_oneof![
        2 => inner_weights(classes),
        1 => outer_weights(classes),
        1 => zero_weights(classes),
    ]
}

fn inner_weights(classes: usize) -> impl Strategy<Value = Vec<f64>> + Clone {
    vec((1..=1000_u32).prop_map(f64::from), classes)
}

fn outer_weights(classes: usize) -> impl Strategy<Value = Vec<f64>> + Clone {
    let entry = prop_oneof![magnitude(-12..=0), magnitude(-300..=0)];
    vec(entry.prop_map(|weight| weight.to_f64()), classes)
}

fn zero_weights(classes: usize) -> impl Strategy<Value = Vec<f64>> + Clone {
    (vec(0..=9_u32, classes), 0..classes, 1..classes).prop_map(move |(mut row, zero, after)| {
        row[zero] = 0;
        // At least one of the others is not 0.
        let kept = (zero + after) % classes;
        row[kept] = row[kept].max(1);
        row.into_iter().map(f64::from).collect()
    })
}

fn normalised(weights: &[f64]) -> Labels {
    let total: f64 = weights.iter().sum();
    let p: Vec<f64> = weights.iter().map(|weight| weight / total).collect();
    Simplex::from_probabilities(&p).expect("shares of a positive sum")
}
