//! The divergences that certificates know, as functions of the log-odds of their arguments.

use super::not_certifiable;
use super::odds::kl;
use crate::divergence::Divergence;
use crate::error::Error;
use crate::real::Real;
use crate::risk::Curve;

/// A divergence between distributions of two labels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    divergence: Divergence,
    coq: &'static str,
    text: &'static str,
}

impl Measure {
    pub fn new(divergence: Divergence) -> Result<Self, Error> {
        let (coq, text) = match divergence {
            Divergence::Kl => ("two_kl", "kl two"),
            Divergence::L1 => ("two_l1", "l1 two"),
            Divergence::TotalVariation => ("two_total_variation", "total_variation two"),
            Divergence::L2 => ("two_l2", "l2 two"),
            Divergence::Linf => ("two_linf", "linf two"),
            Divergence::SquaredError => ("two_squared_error", "squared_error two"),
            _ => return Err(not_certifiable(format!("the divergence {divergence}"))),
        };
        Ok(Self { divergence, coq, text })
    }

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        self.divergence.name()
    }

    /// The record in `proofs/two_labels.v`.
    pub fn coq(self) -> &'static str {
        self.coq
    }

    /// The divergence in `proofs/divergences.v`.
    pub fn divergence(self) -> &'static str {
        self.text
    }

    /// What it grows by with the log-odds of the second argument.
    pub fn growth(self) -> f64 {
        if self.divergence == Divergence::Kl { 1.0 } else { 0.0 }
    }

    /// What has to be monotone in pieces for SCORE.
    pub fn curve(self) -> Curve {
        match self.divergence {
            Divergence::Kl => Curve::Divergence(Divergence::Kl),
            _ => Curve::Gap,
        }
    }

    /// Its values.
    pub fn level(self, h: f64, m: f64) -> f64 {
        match self.divergence {
            Divergence::Kl => kl(h, m),
            _ => m.logistic() - h.logistic(),
        }
    }

    /// The divergence, from the level.
    pub fn height(self, level: f64) -> f64 {
        match self.divergence {
            Divergence::L1 => 2.0 * level.abs(),
            Divergence::L2 => std::f64::consts::SQRT_2 * level.abs(),
            Divergence::SquaredError => 2.0 * level * level,
            Divergence::Kl => level,
            _ => level.abs(),
        }
    }

    /// The divergence, from the log-odds of both arguments.
    pub fn odds(self, h: f64, m: f64) -> f64 {
        self.height(self.level(h, m))
    }
}
