//! Rounds of restarts, and the state on disk.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::restart::{self, Best, Ended};
use super::{Family, Goal, Space, is_violation};
use crate::claims::Claim;
use crate::divergence::Divergence;
use crate::error::Error;
use crate::report::files;

/// The name of the file that a search is continued from.
const STATE: &str = "search.json";

/// When a search stops, besides when every goal has a violation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// The time at which it stops; a restart that is not done then is dropped.
    pub deadline: Option<Instant>,
    /// After so many rounds.
    pub rounds: Option<u64>,
}

/// A search for violations of the inequalities of a claim.
///
/// It goes in rounds. In each, every goal that has no violation yet gets one restart in each family of models; three rounds
/// in four look at two classes, every fourth at three and four by turns. A restart's random numbers come from the
/// seed, the goal and its place in this order, so that what a number of rounds finds depends on the seed alone, and neither on the
/// number of threads nor on how often the search was interrupted.
#[derive(Debug)]
pub struct Search {
    claim: &'static Claim,
    goals: Vec<Goal>,
    seed: u64,
    done: BTreeMap<Unit, Option<Best>>,
}

/// The best that a search found for a goal.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The space that the instance is from.
    pub space: Space,
    /// The values of the instance.
    pub values: Vec<f64>,
    /// The tightness there.
    pub tightness: f64,
}

/// A restart: the round, the goal and the family of models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Unit {
    round: u64,
    goal: usize,
    slot: usize,
}

impl Unit {
    fn space(self) -> Result<Space, Error> {
        // A risk with more classes costs ten times as much.
        let classes = match self.round % 8 {
            3 => 3,
            7 => 4,
            _ => 2,
        };
        Space::new(classes, Family::ALL[self.slot])
    }
}

/// The state as it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    claim: String,
    seed: u64,
    goals: Vec<(String, String)>,
    restarts: Vec<Record>,
}

/// A restart as it is written; without values where no instance told anything.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    round: u64,
    goal: usize,
    slot: usize,
    tightness: Option<f64>,
    values: Vec<f64>,
}

impl Search {
    /// A search that has not begun.
    ///
    /// # Errors
    /// As [`Goal::of`].
    pub fn new(
        claim: &'static Claim,
        divergences: &[Divergence],
        seed: u64,
    ) -> Result<Self, Error> {
        Ok(Self { claim, goals: Goal::of(claim, divergences)?, seed, done: BTreeMap::new() })
    }

    /// What is searched for.
    #[must_use]
    pub fn goals(&self) -> &[Goal] {
        &self.goals
    }

    /// How many restarts are done.
    #[must_use]
    pub fn restarts(&self) -> usize {
        self.done.len()
    }

    /// How many of them are for the goal of this index.
    #[must_use]
    pub fn restarts_for(&self, goal: usize) -> usize {
        self.done.keys().filter(|unit| unit.goal == goal).count()
    }

    /// Takes over what an earlier run left in a folder, if there is anything.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::NotAState`] for a file that is none, or of another search.
    pub fn resume(&mut self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(STATE);
        let name = path.display().to_string();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::Unreadable { path: name, reason: error.to_string() }),
        };
        let other = |reason: String| Error::NotAState { path: name.clone(), reason };
        let state: State = serde_json::from_str(&text).map_err(|error| other(error.to_string()))?;
        let own = self.state();
        if state.claim != own.claim {
            return Err(other(format!("found claim {}, not {}", state.claim, own.claim)));
        }
        if state.seed != own.seed {
            return Err(other(format!("found seed {}, not {}", state.seed, own.seed)));
        }
        if state.goals != own.goals {
            return Err(other("found other divergences or inequalities".into()));
        }
        for Record { round, goal, slot, tightness, values } in state.restarts {
            let unit = Unit { round, goal, slot };
            let fits = goal < self.goals.len()
                && slot < Family::ALL.len()
                && tightness.is_none_or(f64::is_finite)
                && values.iter().all(|value| value.is_finite())
                && (tightness.is_none() || values.len() == unit.space()?.dimension());
            if !fits {
                return Err(other(format!("found a restart of round {round} that is none")));
            }
            self.done.insert(unit, tightness.map(|tightness| Best { tightness, values }));
        }
        Ok(())
    }

    /// Searches until every goal has a violation or a limit is reached. Writes the state to `folder` after each restart, and calls
    /// `progress` with the number of restarts that are done.
    ///
    /// # Errors
    /// [`Error::Unwritable`]; and where the claim cannot be checked for another reason than that a risk leaves the range of
    /// doubles.
    pub fn run(
        &mut self,
        limits: Limits,
        folder: Option<&Path>,
        progress: impl Fn(usize) + Sync,
    ) -> Result<(), Error> {
        for round in 0..limits.rounds.unwrap_or(u64::MAX) {
            let missing = self.missing(round);
            if missing.is_none() {
                break;
            }
            let missing = missing.unwrap_or_default();
            let (goals, seed) = (self.goals.clone(), self.seed);
            let shared = Mutex::new(&mut *self);
            // A bridge hands the restarts out in their order; a parallel iterator would begin in several places at once.
            let whole = missing.into_iter().par_bridge().map(|unit| {
                let goal = &goals[unit.goal];
                let ended = restart::run(
                    goal,
                    unit.space()?,
                    random_seed(seed, goal, unit),
                    limits.deadline,
                )?;
                let Ended::Whole(best) = ended else { return Ok(false) };
                // A thread that panicked between two restarts has left nothing half-written.
                let mut search = shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                search.done.insert(unit, best);
                if let Some(folder) = folder {
                    search.save(folder)?;
                }
                progress(search.done.len());
                Ok(true)
            });
            let whole = whole.collect::<Result<Vec<bool>, Error>>()?;
            if whole.contains(&false) {
                break;
            }
        }
        Ok(())
    }

    /// The restarts of a round that are not done; `None` where every goal has a violation from an earlier round.
    fn missing(&self, round: u64) -> Option<Vec<Unit>> {
        let violated = |goal: usize| {
            let earlier = self.done.range(..Unit { round, goal: 0, slot: 0 });
            let mut own = earlier.filter(|(unit, _)| unit.goal == goal);
            own.any(|(_, best)| best.as_ref().is_some_and(|best| is_violation(best.tightness)))
        };
        let open: Vec<usize> = (0..self.goals.len()).filter(|goal| !violated(*goal)).collect();
        // Family by family, so that where the time ends early every goal has had its turn.
        let slots = 0..Family::ALL.len();
        let of = |slot| open.iter().map(move |&goal| Unit { round, goal, slot });
        let units = slots.flat_map(of);
        let missing = units.filter(|unit| !self.done.contains_key(unit)).collect();
        (!open.is_empty()).then_some(missing)
    }

    /// The best that was found for a goal: of violations, one in the smallest space and there the clearest; else what comes
    /// closest.
    #[must_use]
    pub fn best(&self, goal: usize) -> Option<Found> {
        let own = self.done.iter().filter(|(unit, _)| unit.goal == goal);
        let found = own.filter_map(|(unit, best)| {
            let Best { tightness, values } = best.clone()?;
            Some(Found { space: unit.space().ok()?, values, tightness })
        });
        let size = |found: &Found| found.space.dimension();
        let rank =
            |found: &Found| if is_violation(found.tightness) { (0, size(found)) } else { (1, 0) };
        found.min_by(|a, b| rank(a).cmp(&rank(b)).then(a.tightness.total_cmp(&b.tightness)))
    }

    fn state(&self) -> State {
        let goal = |goal: &Goal| (goal.divergence().to_string(), goal.inequality().to_owned());
        let restarts = self.done.iter().map(|(&Unit { round, goal, slot }, best)| Record {
            round,
            goal,
            slot,
            tightness: best.as_ref().map(|best| best.tightness),
            values: best.as_ref().map_or(Vec::new(), |best| best.values.clone()),
        });
        State {
            claim: self.claim.name.into(),
            seed: self.seed,
            goals: self.goals.iter().map(goal).collect(),
            restarts: restarts.collect(),
        }
    }

    fn save(&self, folder: &Path) -> Result<(), Error> {
        // Only maps whose keys are no strings cannot be written, and there are none.
        let text = serde_json::to_string(&self.state()).unwrap_or_default();
        files::write(folder, STATE, &(text + "\n")).map(|_| ())
    }
}

/// The seed of a restart: FNV-1a over what it depends on, so that a goal's restarts are the same whatever else is searched for.
fn random_seed(seed: u64, goal: &Goal, unit: Unit) -> u64 {
    let text = format!(
        "{seed}/{}/{}/{}/{}/{}",
        goal.claim().name,
        goal.divergence(),
        goal.inequality(),
        unit.round,
        unit.slot
    );
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
