//! What a claim is checked on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::divergence::Divergence;
use crate::enclosure::{Effort, Enclosure};
use crate::error::Error;
use crate::exact::Exact;
use crate::law::Law;
use crate::model::{Bayes, Model};
use crate::perturbation::{Ball, Norm};
use crate::quadrature::Estimate;
use crate::quantity::Quantity;
use crate::real::Interval;
use crate::risk::{Accuracies, Line, Risk};
use crate::space::{PlaneExpansion, Projected, Reduction};
use crate::span::Draws;
use crate::tolerance;

/// A law and a model with their names, in any dimension; risks are computed once and remembered.
#[derive(Debug)]
pub struct Problem {
    names: [String; 2],
    norm: Norm,
    /// The law with the model, and with the data's own posterior taken as one, each in the directions that matter.
    projected: [Projected; 2],
    known: Mutex<Memory>,
}

/// How the risks are computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tier {
    /// In floating point, with an estimate of the error.
    Estimated,
    /// In intervals that are at most about this wide, relative to risks that are known not to be 0.
    Enclosed {
        /// The width.
        width: f64,
        /// Whether risks along two directions are enclosed too.
        plane: bool,
    },
    /// In the enclosures that the instance was given, as a certificate states them; nothing is computed.
    Given,
}

/// Which model, which risk, which divergence, which epsilon.
pub(crate) type Key = (Whose, Risk, Divergence, Exact);

/// Whose label distribution is the second argument of the divergence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Whose {
    /// The model's.
    Model,
    /// The data's own posterior, taken as a model.
    Data,
}

/// What was computed, for whoever asks the same again.
#[derive(Debug, Default)]
struct Memory {
    /// Estimated, or sampled.
    estimates: HashMap<Key, Quantity>,
    /// To the width whose bits are given.
    enclosures: HashMap<(Key, u64), Enclosure>,
    /// A number for each risk that was asked for.
    identities: HashMap<Key, usize>,
}

/// The enclosures that an instance has asked for, the tightest of each risk, with the width that was asked for.
type Told = HashMap<Key, (f64, Enclosure)>;

/// What a lock guards; a thread that panicked has left nothing half-written.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Problem {
    /// The problem of this law and model, each with the name that reports give it.
    ///
    /// # Errors
    /// As [`Projected::new`].
    pub fn new(
        (law_name, law): (&str, &Law),
        (model_name, model): (&str, &Model),
        norm: Norm,
    ) -> Result<Self, Error> {
        Self::of_each((law_name, law), (model_name, model), norm, Projected::new)
    }

    /// The same, with a sample of that many draws for risks that depend on more directions than are integrated over.
    ///
    /// # Errors
    /// As [`Projected::sampled`].
    pub fn sampled(
        law: (&str, &Law),
        model: (&str, &Model),
        norm: Norm,
        draws: Draws,
    ) -> Result<Self, Error> {
        Self::of_each(law, model, norm, |law, model| Projected::sampled(law, model, draws))
    }

    fn of_each(
        (law_name, law): (&str, &Law),
        (model_name, model): (&str, &Model),
        norm: Norm,
        project: impl Fn(&Law, &Model) -> Result<Projected, Error>,
    ) -> Result<Self, Error> {
        let itself = Model::Bayes(Bayes::new(law.clone()));
        Ok(Self {
            names: [law_name.to_owned(), model_name.to_owned()],
            norm,
            projected: [project(law, model)?, project(law, &itself)?],
            known: Mutex::default(),
        })
    }

    /// The name of the law.
    #[must_use]
    pub fn law(&self) -> &str {
        &self.names[0]
    }

    /// The name of the model.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.names[1]
    }

    /// What became of the dimensions of x.
    #[must_use]
    pub fn reduction(&self) -> &Reduction {
        self.projected[0].reduction()
    }

    /// The law as far as its own posterior depends on x, on the line, with that posterior as the model: where one direction is enough for it.
    ///
    /// # Errors
    /// [`Error::NotOneDirection`].
    pub fn own(&self) -> Result<&Projected, Error> {
        self.projected[1].line().map(|_| &self.projected[1])
    }

    /// The norm of the balls.
    #[must_use]
    pub fn norm(&self) -> Norm {
        self.norm
    }

    /// The law and the model as functions of the one direction that matters.
    ///
    /// # Errors
    /// [`Error::NotOneDirection`] where more than one does.
    pub fn line(&self) -> Result<&Line, Error> {
        self.projected[0].line()
    }

    /// The ball of this radius in the problem's norm.
    fn ball(&self, epsilon: &Exact) -> Result<Ball, Error> {
        Ball::new(self.norm, epsilon.clone())
    }

    /// The radius in the units of [`line`](Self::line): half the width of the interval that the ball becomes.
    ///
    /// # Errors
    /// [`Error::NotOneDirection`], and [`Error::Negative`] for a radius below 0.
    pub fn radius(&self, epsilon: &Exact) -> Result<Exact, Error> {
        self.projected[0].line()?;
        Ok(self.reduction().radius(&self.ball(epsilon)?).below().clone())
    }

    /// The law with the model, and with its own posterior taken as one, in the directions that matter.
    pub(crate) fn projections(&self) -> &[Projected; 2] {
        &self.projected
    }

    /// As [`Projected::expansion`], in the problem's norm.
    pub(super) fn expansion(&self) -> Result<PlaneExpansion, Error> {
        self.projected[0].expansion(&self.ball(&Exact::integer(1))?)
    }

    /// The clean, the robust and the self-consistent accuracy.
    ///
    /// # Errors
    /// As [`Projected::accuracies`].
    pub fn accuracies(&self, epsilon: &Exact) -> Result<Accuracies, Error> {
        self.projected[0].accuracies(&self.ball(epsilon)?)
    }

    /// How many directions of x a risk depends on: C on those of the law alone.
    #[must_use]
    pub fn directions(&self, risk: Risk) -> usize {
        self.of(self.whose(risk)).reduction().directions()
    }

    /// Whether a risk can be enclosed: not where directions are known to rounding error only.
    #[must_use]
    pub fn encloses(&self, risk: Risk, epsilon: &Exact) -> bool {
        self.ball(epsilon).is_ok_and(|ball| self.of(self.whose(risk)).encloses(&ball))
    }

    /// The instance with this divergence and this ball, its risks estimated.
    pub fn instance(&self, divergence: Divergence, ball: Ball) -> Instance<'_> {
        Instance { problem: self, divergence, ball, tier: Tier::Estimated, told: Arc::default() }
    }

    /// A risk of the model, estimated.
    ///
    /// # Errors
    /// As [`Projected::risk`].
    pub fn risk(
        &self,
        risk: Risk,
        divergence: Divergence,
        epsilon: f64,
    ) -> Result<Estimate, Error> {
        let epsilon = Exact::from_f64(epsilon).ok_or(Error::Epsilon { found: epsilon })?;
        let key = (self.whose(risk), risk, divergence, epsilon);
        if self.of(key.0).is_sampled() {
            let directions = self.of(key.0).reduction().directions();
            return Err(Error::OnlySampled { directions });
        }
        self.estimate(key).map(Quantity::estimate)
    }

    /// A risk of the model, with what is known of it: estimated, or sampled.
    ///
    /// # Errors
    /// As [`Projected::quantity`].
    pub fn known(
        &self,
        risk: Risk,
        divergence: Divergence,
        epsilon: &Exact,
    ) -> Result<Quantity, Error> {
        self.estimate((self.whose(risk), risk, divergence, epsilon.clone()))
    }

    /// A risk of the model, enclosed, with what shows it.
    ///
    /// # Errors
    /// As [`Projected::enclosure`].
    pub fn enclosure(
        &self,
        risk: Risk,
        divergence: Divergence,
        epsilon: &Exact,
        effort: Effort,
    ) -> Result<Enclosure, Error> {
        self.enclose(&(self.whose(risk), risk, divergence, epsilon.clone()), effort)
    }

    fn of(&self, whose: Whose) -> &Projected {
        &self.projected[usize::from(whose == Whose::Data)]
    }

    /// Where a risk of the model is computed. C is a matter of the law alone, which may depend on fewer directions than the model does.
    fn whose(&self, risk: Risk) -> Whose {
        let is_reduced = self.reduction().dimension() > 1;
        if risk == Risk::Variation && is_reduced { Whose::Data } else { Whose::Model }
    }

    fn estimate(&self, key: Key) -> Result<Quantity, Error> {
        if let Some(known) = self.memory().estimates.get(&key) {
            return Ok(*known);
        }
        let (whose, risk, divergence, epsilon) = &key;
        let estimate = self.of(*whose).quantity(*risk, *divergence, &self.ball(epsilon)?)?;
        self.memory().estimates.insert(key, estimate);
        Ok(estimate)
    }

    fn enclose(&self, key: &Key, effort: Effort) -> Result<Enclosure, Error> {
        let (whose, risk, divergence, epsilon) = key;
        self.of(*whose).enclosure(*risk, *divergence, &self.ball(epsilon)?, effort)
    }

    /// Enclosed to `width` where the cells allow it.
    fn enclosed(&self, key: &Key, width: f64) -> Result<Enclosure, Error> {
        let question = (key.clone(), width.to_bits());
        if let Some(known) = self.memory().enclosures.get(&question) {
            return Ok(known.clone());
        }
        let is_line = self.of(key.0).line().is_ok();
        let cells = if is_line { tolerance::ENCLOSURE_CELLS } else { tolerance::PLANE_CLAIM_CELLS };
        let found = self.enclose(key, Effort { cells, ..Effort::to(width) })?;
        self.memory().enclosures.insert(question, found.clone());
        Ok(found)
    }

    /// A risk that is known to be 0, or that is another risk by definition: without a window all are the standard risk; for Q = P the
    /// suprema are of D(P, P); a model that is the same everywhere has one value in the window, and so has such a law.
    fn reduced(&self, (whose, risk, divergence, epsilon): Key) -> Option<Key> {
        let reduction = self.of(whose).reduction();
        let (law, model) = (reduction.law(), reduction.model());
        let is_itself = matches!(model, Model::Bayes(bayes) if bayes.law() == law);
        let epsilon = if risk == Risk::Standard { Exact::integer(0) } else { epsilon };
        let risk = match risk {
            Risk::Variation if epsilon.is_zero() || law.is_flat() => return None,
            Risk::Standard | Risk::Score if is_itself => return None,
            Risk::Variation => return Some((self.whose(risk), risk, divergence, epsilon)),
            Risk::Madry if is_itself => {
                let whose = self.whose(Risk::Variation);
                return Some((whose, Risk::Variation, divergence, epsilon));
            }
            _ if epsilon.is_zero() => Risk::Standard,
            Risk::Madry if model.is_flat() => Risk::Standard,
            Risk::Madry if law.is_flat() => Risk::Score,
            other => other,
        };
        let epsilon = if risk == Risk::Standard { Exact::integer(0) } else { epsilon };
        Some((whose, risk, divergence, epsilon))
    }

    /// The number of a risk among those that were asked for.
    fn identity(&self, key: Key) -> usize {
        let identities = &mut self.memory().identities;
        let next = identities.len();
        *identities.entry(key).or_insert(next)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        locked(&self.known)
    }
}

/// A law, a model, a divergence and a ball; and how its risks are computed.
#[derive(Clone, Debug)]
pub struct Instance<'a> {
    problem: &'a Problem,
    divergence: Divergence,
    ball: Ball,
    tier: Tier,
    /// Of this instance and of all that come from it: what it answers depends on what it was asked, and not on what other threads ask.
    told: Arc<Mutex<Told>>,
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

    /// How its risks are computed.
    #[must_use]
    pub fn tier(&self) -> Tier {
        self.tier
    }

    /// The same instance with enclosed risks.
    #[must_use]
    pub fn enclosed_to(&self, width: f64) -> Self {
        Self { tier: Tier::Enclosed { width, plane: false }, ..self.clone() }
    }

    /// The same instance with enclosed risks, also those along two directions.
    #[must_use]
    pub fn enclosed_in_the_plane_to(&self, width: f64) -> Self {
        Self { tier: Tier::Enclosed { width, plane: true }, ..self.clone() }
    }

    /// The same instance with estimated risks.
    #[must_use]
    pub fn estimated(&self) -> Self {
        Self { tier: Tier::Estimated, ..self.clone() }
    }

    /// The same instance with the enclosures that it has asked for.
    pub(crate) fn given(&self) -> Self {
        Self { tier: Tier::Given, ..self.clone() }
    }

    /// The same instance with enclosures of risks that were shown elsewhere.
    pub(crate) fn given_these(&self, shown: impl IntoIterator<Item = (Key, Interval)>) -> Self {
        let given = |interval| Enclosure { interval, partition: None, shortfall: None };
        let told = shown.into_iter().map(|(key, interval)| (key, (0.0, given(interval)))).collect();
        Self { tier: Tier::Given, told: Arc::new(Mutex::new(told)), ..self.clone() }
    }

    /// The enclosures that it has asked for, the tightest of each risk.
    pub(crate) fn enclosures(&self) -> Vec<(Key, Enclosure)> {
        let told = locked(&self.told).clone().into_iter();
        let mut told: Vec<_> = told.map(|(key, (_, enclosure))| (key, enclosure)).collect();
        told.sort_by(|a, b| a.0.cmp(&b.0));
        told
    }

    /// The same instance with half the radius.
    pub(super) fn halved(&self) -> Result<Self, Error> {
        let half = Exact::integer(2);
        let half = self.ball.epsilon().checked_div(&half).unwrap_or_else(|| Exact::integer(0));
        Ok(Self { ball: Ball::new(self.ball.norm(), half)?, ..self.clone() })
    }

    /// A risk of the model under the instance's own divergence and radius.
    pub(super) fn risk(&self, risk: Risk) -> Result<Quantity, Error> {
        self.risk_of(risk, self.divergence)
    }

    /// A risk of the model under another divergence.
    pub(super) fn risk_of(&self, risk: Risk, divergence: Divergence) -> Result<Quantity, Error> {
        let key = (Whose::Model, risk, divergence, self.ball.epsilon().clone());
        match self.problem.reduced(key) {
            Some(key) => self.quantity(key),
            None => Ok(Quantity::zero()),
        }
    }

    /// A risk of the data's own posterior, taken as the model: computed, whatever is known of it.
    pub(super) fn own_risk(&self, risk: Risk) -> Result<Quantity, Error> {
        let key = (Whose::Data, risk, self.divergence, self.ball.epsilon().clone());
        self.quantity(key)
    }

    fn quantity(&self, key: Key) -> Result<Quantity, Error> {
        let quantity = match self.tier {
            Tier::Estimated => self.problem.estimate(key.clone())?,
            Tier::Enclosed { width, plane } => {
                let of = self.problem.of(key.0);
                let is_line = of.line().is_ok();
                if (is_line || plane) && of.encloses(&self.problem.ball(&key.3)?) {
                    // On the line it costs nothing to be tighter than a plane needs.
                    let width = if is_line { width.min(tolerance::WIDEST) } else { width };
                    self.enclosed(&key, width)?.into()
                } else {
                    self.problem.estimate(key.clone())?
                }
            }
            Tier::Given => {
                let given = locked(&self.told).get(&key).map(|given| given.1.interval);
                given.ok_or(Error::NotShown { risk: key.1, divergence: key.2 })?.into()
            }
        };
        Ok(quantity.identified(self.problem.identity(key)))
    }

    /// Enclosed to `width` where the cells allow it; on the line relative to risks that the instance knows not to be 0.
    fn enclosed(&self, key: &Key, width: f64) -> Result<Interval, Error> {
        let is_line = self.problem.of(key.0).line().is_ok();
        let known = locked(&self.told).get(key).map(|(width, found)| {
            // In the plane, what all cells were spent on gets no tighter.
            let is_final = !is_line && found.shortfall.is_some();
            (if is_final { 0.0 } else { *width }, found.interval)
        });
        let positive = known.filter(|known| is_line && known.1.lower() > 0.0);
        let size = positive.map_or(1.0, |(_, interval)| interval.midpoint());
        if let Some((_, interval)) =
            known.filter(|known| known.0 <= width || known.1.width() <= width * size)
        {
            return Ok(interval);
        }
        let found = self.problem.enclosed(key, width * size)?;
        let interval = found.interval;
        locked(&self.told).insert(key.clone(), (width, found));
        Ok(interval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_does_not_depend_on_what_other_instances_asked() {
        let (law, model) = (Law::resolve("toy").unwrap(), Model::resolve("toy-linear").unwrap());
        let problem = || Problem::new(("toy", &law), ("toy-linear", &model), Norm::Linf).unwrap();
        let madry = |problem: &Problem, widths: &[f64]| {
            let ball = Ball::new(Norm::Linf, Exact::integer(1)).unwrap();
            let instance = problem.instance(Divergence::L1, ball);
            let ask = |width: &f64| instance.enclosed_to(*width).risk(Risk::Madry).unwrap();
            widths.iter().map(ask).reduce(|_, last| last).unwrap().enclosure().unwrap()
        };
        let first = madry(&problem(), &[1e-4]);
        let crowded = problem();
        let tight = madry(&crowded, &[1e-8]);
        assert!(tight.width() < first.width());
        assert_eq!(madry(&crowded, &[1e-4]), first);
        // An instance does not ask twice for what it knows.
        assert_eq!(madry(&crowded, &[1e-8, 1e-4]), tight);
    }
}
