//! One direction: the law and the model on the line, and the interval that a ball becomes, whose half-width is rational unless the norm is l2; then it
//! lies between two rationals.

use super::products::{inner, root_below};
use super::span::{Projection, Span};
use crate::exact::Exact;
use crate::law::Law;
use crate::model::Model;
use crate::perturbation::{Ball, Norm};

/// A problem on the line, with the lengths of its direction.
#[derive(Clone, Debug)]
pub(in crate::space) struct ExactLine {
    pub law: Law,
    pub model: Model,
    /// Whether anything depends on it at all.
    pub matters: bool,
    /// `||u||_1`, `||u||_2^2` and `||u||_inf`.
    lengths: [Exact; 3],
}

impl ExactLine {
    /// The law and the model as functions of one direction, if they are that exactly and its numbers are not too long.
    pub fn new(law: &Law, model: &Model) -> Option<Self> {
        let Law::GaussianMixture(mixture) = law;
        let mut span = Span::new(mixture, model, 1)?;
        let matters = span.directions() == 1;
        if !matters {
            // Where nothing does, any direction shows it.
            let d = mixture.dimension();
            span.add((0..d).map(|i| Exact::integer(i64::from(i == 0))).collect())?;
        }
        let Projection { rows, law, model } = span.project(mixture, model)?;
        let sizes: Vec<Exact> = rows[0].iter().map(Exact::abs).collect();
        let sum = inner(sizes.iter(), std::iter::repeat(&Exact::integer(1)))?;
        let square = inner(sizes.iter(), sizes.iter())?;
        let lengths = [sum, square, sizes.into_iter().max()?];
        Some(Self { law: Law::GaussianMixture(law), model, matters, lengths })
    }

    /// Half the width of the interval that a ball becomes: the largest rational of moderate length below it, and whether it is that.
    pub fn radius(&self, ball: &Ball) -> (Exact, bool) {
        let [sum, square, largest] = &self.lengths;
        match ball.norm() {
            Norm::Linf => (ball.epsilon() * sum, true),
            Norm::L1 => (ball.epsilon() * largest, true),
            Norm::L2 => {
                let (root, exact) = root_below(square);
                (ball.epsilon() * &root, exact)
            }
        }
    }

    /// `||u||_2^2`: by how much noise of variance 1 in every coordinate moves z.
    pub fn square(&self) -> &Exact {
        &self.lengths[1]
    }
}
