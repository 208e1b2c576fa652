//! Models on the line.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::law::law;
use super::number::{decimal, magnitude, shares};
use crate::exact::Exact;
use crate::model::{Activation, Bayes, Constant, Layer, Linear, Mlp, Model, Piecewise, Quadratic};

/// Models on the line of every kind with this many classes, at least 2.
pub fn model(classes: usize) -> impl Strategy<Value = Model> + Clone {
    prop_oneof![
        linear(classes).prop_map(Model::Linear),
        quadratic(classes).prop_map(Model::Quadratic),
        bayes(classes).prop_map(Model::Bayes),
        select(Activation::ALL.to_vec())
            .prop_flat_map(move |activation| mlp(activation, classes))
            .prop_map(Model::Mlp),
        constant(classes).prop_map(Model::Constant),
        piecewise(classes).prop_map(Model::Piecewise),
    ]
}

/// Linear models with slopes and biases in `[-5, 5]`, and now and then slopes that make logits of 1e4.
pub fn linear(classes: usize) -> impl Strategy<Value = Linear> + Clone {
    let weight = prop_oneof![9 => decimal(5), 1 => decimal(1000)];
    (rows(weight, classes, 1), vec(decimal(5), classes))
        .prop_map(|(weights, bias)| Linear::new(weights, bias).expect("shapes that fit"))
}

/// Quadratic models: curvatures in `[-1, 1]`, slopes and biases in `[-5, 5]`.
pub fn quadratic(classes: usize) -> impl Strategy<Value = Quadratic> + Clone {
    let parts =
        (rows(decimal(1), classes, 1), rows(decimal(5), classes, 1), vec(decimal(5), classes));
    parts.prop_map(|(curvatures, weights, bias)| {
        let matrices = curvatures.into_iter().map(|row| vec![row]).collect();
        Quadratic::new(matrices, weights, bias).expect("shapes that fit")
    })
}

/// Posteriors of random laws.
pub fn bayes(classes: usize) -> impl Strategy<Value = Bayes> + Clone {
    law(classes).prop_map(Bayes::new)
}

/// Networks with this activation and one or two hidden layers of one to four units; weights and biases in `[-3, 3]`.
pub fn mlp(activation: Activation, classes: usize) -> impl Strategy<Value = Mlp> + Clone {
    vec(1..=4_usize, 1..=2).prop_flat_map(move |hidden| {
        let inputs = [&[1], hidden.as_slice()].concat();
        let outputs = [hidden.as_slice(), &[classes]].concat();
        let layers: Vec<_> = inputs.into_iter().zip(outputs).map(|(i, o)| layer(i, o)).collect();
        layers.prop_map(move |layers| Mlp::new(activation, layers).expect("shapes that fit"))
    })
}

/// Constant models; probabilities of exactly 0, and of 1e-12, among them.
pub fn constant(classes: usize) -> impl Strategy<Value = Constant> + Clone {
    let zero = Just(Exact::integer(0));
    let part = prop_oneof![6 => magnitude(0..=1), 2 => zero, 1 => magnitude(-12..=0)];
    (vec(part, classes), 0..classes).prop_map(|(mut parts, some)| {
        if parts.iter().all(Exact::is_zero) {
            parts[some] = Exact::integer(1);
        }
        Constant::new(shares(&parts)).expect("shares of a positive sum")
    })
}

/// Piecewise models with one to six knots from -5 on; gaps from 0.01 to 10, logits in `[-5, 5]`.
pub fn piecewise(classes: usize) -> impl Strategy<Value = Piecewise> + Clone {
    let knot = (magnitude(-2..=0), vec(decimal(5), classes));
    vec(knot, 1..=6).prop_map(|rows| {
        let mut at = Exact::integer(-5);
        let (gaps, logits): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let knots = gaps.iter().map(|gap| {
            at = &at + gap;
            at.clone()
        });
        Piecewise::new(knots.collect(), logits).expect("gaps above 0")
    })
}

fn layer(inputs: usize, outputs: usize) -> impl Strategy<Value = Layer> + Clone {
    (rows(decimal(3), outputs, inputs), vec(decimal(3), outputs))
        .prop_map(|(weights, bias)| Layer::new(weights, bias).expect("shapes that fit"))
}

fn rows(
    entry: impl Strategy<Value = Exact> + Clone,
    height: usize,
    width: usize,
) -> impl Strategy<Value = Vec<Vec<Exact>>> + Clone {
    vec(vec(entry, width), height)
}
