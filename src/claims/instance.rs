//! What a claim is checked on.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::divergence::Divergence;
use crate::error::Error;
use crate::law::Law;
use crate::model::{Bayes, Model};
use crate::perturbation::{Ball, Norm};
use crate::quadrature::Estimate;
use crate::risk::{Line, Risk};

/// A law and a model with their names; risks are computed once and remembered.
#[derive(Debug)]
pub struct Problem {
    law: String,
    model: String,
    norm: Norm,
    data: Law,
    line: Line,
    /// The law with its own posterior as the model.
    itself: Line,
    known: Mutex<HashMap<Key, Estimate>>,
}

/// Which line, which risk, which divergence, which epsilon.
type Key = (bool, Risk, Divergence, u64);

impl Problem {
    /// The problem of this law and model, each with the name that reports give it.
    ///
    /// # Errors
    /// As [`Line::new`].
    pub fn new(
        (law_name, law): (&str, &Law),
        (model_name, model): (&str, &Model),
        norm: Norm,
    ) -> Result<Self, Error> {
        Ok(Self {
            law: law_name.to_owned(),
            model: model_name.to_owned(),
            norm,
            data: law.clone(),
            line: Line::new(law, model)?,
            itself: Line::new(law, &Model::Bayes(Bayes::new(law.clone())))?,
            known: Mutex::default(),
        })
    }

    /// The name of the law.
    #[must_use]
    pub fn law(&self) -> &str {
        &self.law
    }

    /// The name of the model.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The norm of the balls.
    #[must_use]
    pub fn norm(&self) -> Norm {
        self.norm
    }

    /// The law itself.
    #[must_use]
    pub fn data(&self) -> &Law {
        &self.data
    }

    /// The law and the model on the line.
    #[must_use]
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// The instance with this divergence and this ball.
    pub fn instance(&self, divergence: Divergence, ball: Ball) -> Instance<'_> {
        Instance { problem: self, divergence, ball }
    }

    /// A risk of the model.
    ///
    /// # Errors
    /// As [`Line::risk`].
    pub fn risk(
        &self,
        risk: Risk,
        divergence: Divergence,
        epsilon: f64,
    ) -> Result<Estimate, Error> {
        self.remember(false, risk, divergence, epsilon)
    }

    fn remember(
        &self,
        itself: bool,
        risk: Risk,
        divergence: Divergence,
        epsilon: f64,
    ) -> Result<Estimate, Error> {
        let epsilon = if risk == Risk::Standard { 0.0 } else { epsilon };
        let key = (itself, risk, divergence, epsilon.to_bits());
        if let Some(known) = self.cache().get(&key) {
            return Ok(*known);
        }
        let line = if itself { &self.itself } else { &self.line };
        let estimate = line.risk(risk, divergence, epsilon)?;
        self.cache().insert(key, estimate);
        Ok(estimate)
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Estimate>> {
        // A thread that panicked between two calls has left nothing half-written.
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A law, a model, a divergence and a ball.
#[derive(Clone, Debug)]
pub struct Instance<'a> {
    problem: &'a Problem,
    divergence: Divergence,
    ball: Ball,
}

impl Instance<'_> {
    /// The law and the model.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        self.problem
    }

    /// The divergence.
    #[must_use]
    pub fn divergence(&self) -> Divergence {
        self.divergence
    }

    /// The perturbation ball.
    #[must_use]
    pub fn ball(&self) -> &Ball {
        &self.ball
    }

    /// The radius, in the units of x.
    #[must_use]
    pub fn epsilon(&self) -> f64 {
        self.ball.epsilon().to_f64()
    }

    /// A risk of the model under the instance's own divergence and radius.
    pub(super) fn risk(&self, risk: Risk) -> Result<Estimate, Error> {
        self.problem.risk(risk, self.divergence, self.epsilon())
    }

    /// A risk of the data's own posterior, taken as the model.
    pub(super) fn own_risk(&self, risk: Risk) -> Result<Estimate, Error> {
        self.problem.remember(true, risk, self.divergence, self.epsilon())
    }
}
