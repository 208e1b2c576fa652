//! Instances: what a risk or a claim is evaluated on.

use std::ops::RangeInclusive;

use proptest::prelude::*;
use proptest::sample::select;

use super::{law, model};
use crate::claims::Problem;
use crate::divergence::Divergence;
use crate::error::Error;
use crate::exact::Exact;
use crate::law::Law;
use crate::model::Model;
use crate::perturbation::{Ball, Norm};
use crate::risk::Line;

/// A law and a model on the line with the same classes, a divergence and a radius.
#[derive(Clone, Debug)]
pub struct Case {
    /// The law.
    pub law: Law,
    /// The model.
    pub model: Model,
    /// The divergence.
    pub divergence: Divergence,
    /// The radius, at least 0.
    pub epsilon: Exact,
}

impl Case {
    /// The law and the model, ready for their risks.
    ///
    /// # Errors
    /// As [`Line::new`]; none for a case that [`case`] made.
    pub fn line(&self) -> Result<Line, Error> {
        Line::new(&self.law, &self.model)
    }

    /// The law and the model, ready for the claims.
    ///
    /// # Errors
    /// As [`Problem::new`]; none for a case that [`case`] made.
    pub fn problem(&self) -> Result<Problem, Error> {
        Problem::new(("random law", &self.law), ("random model", &self.model), Norm::default())
    }

    /// The ball; on the line all norms agree.
    ///
    /// # Errors
    /// As [`Ball::new`]; none for a case that [`case`] made.
    pub fn ball(&self) -> Result<Ball, Error> {
        Ball::new(Norm::default(), self.epsilon.clone())
    }
}

/// Cases with a number of classes in this range, which begins at 2 or above.
pub fn case(classes: RangeInclusive<usize>) -> impl Strategy<Value = Case> + Clone {
    classes.prop_flat_map(|classes| {
        (law(classes), model(classes), divergence(), epsilon())
            .prop_map(|(law, model, divergence, epsilon)| Case { law, model, divergence, epsilon })
    })
}

/// Cases whose risks are cheap also with many classes: laws with one component per class and variances from 1/10 to 10, linear,
/// quadratic or constant models, radii up to 3.
pub fn calm_case(classes: RangeInclusive<usize>) -> impl Strategy<Value = Case> + Clone {
    classes.prop_flat_map(|classes| {
        let radius = super::decimal(3).prop_map(|epsilon| epsilon.abs());
        let model = prop_oneof![
            super::linear(classes).prop_map(Model::Linear),
            super::quadratic(classes).prop_map(Model::Quadratic),
            super::constant(classes).prop_map(Model::Constant),
        ];
        (law::calm_law(classes), model, divergence(), radius)
            .prop_map(|(law, model, divergence, epsilon)| Case { law, model, divergence, epsilon })
    })
}

/// Any divergence.
pub fn divergence() -> impl Strategy<Value = Divergence> + Clone {
    select(Divergence::ALL.to_vec())
}

/// Radii: 0, decimals up to 3, as small as 1e-6, and 1000, beyond the span of every law that [`law`] makes.
pub fn epsilon() -> impl Strategy<Value = Exact> + Clone {
    prop_oneof![
        1 => Just(Exact::integer(0)),
        6 => super::decimal(3).prop_map(|epsilon| epsilon.abs()),
        1 => super::magnitude(-6..=-3),
        1 => Just(Exact::integer(1000)),
    ]
}
