//! One restart: a particle swarm over the box, then Nelder and Mead's simplex from the best place it found.

use std::cell::{Cell, RefCell};
use std::time::Instant;

use argmin::core::{CostFunction, Executor, PopulationState};
use argmin::solver::neldermead::NelderMead;
use argmin::solver::particleswarm::{Particle, ParticleSwarm};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

use super::{Goal, Space, exact, tightness};
use crate::error::Error;

/// How many particles a swarm has, and how often they move.
const PARTICLES: usize = 20;
const MOVES: u64 = 30;
/// How often the simplex moves; each time costs an evaluation or two.
const STEPS: u64 = 150;
/// The edges of the first simplex, in the unit cube.
const EDGE: f64 = 0.05;
/// A violation this clear needs no better one.
const CLEAR: f64 = -0.2;
/// The value of a place that tells nothing; above every tightness there is, but finite, so that a simplex can reckon with it.
const WORTHLESS: f64 = 1e3;

/// The best that a restart found.
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    /// The tightness there.
    pub tightness: f64,
    /// The values of the instance.
    pub values: Vec<f64>,
}

/// How a restart ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// It ran to its end; `None` where no instance told anything.
    Whole(Option<Best>),
    /// The time was up before.
    Cut,
}

/// Runs a restart. The same seed gives the same result, unless it is cut.
///
/// # Errors
/// Where the claim cannot be checked for another reason than that a risk leaves the range of doubles.
pub fn run(
    goal: &Goal,
    space: Space,
    seed: u64,
    deadline: Option<Instant>,
) -> Result<Ended, Error> {
    let shared = Shared::default();
    let objective = || Objective { goal, space, deadline, shared: &shared };
    let cube = (vec![0.0; space.dimension()], vec![1.0; space.dimension()]);
    let random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let swarm = ParticleSwarm::new(cube, PARTICLES).with_rng_generator(random);
    let configure = |state: PopulationState<Particle<Vec<f64>, f64>, f64>| {
        state.max_iters(MOVES).target_cost(CLEAR)
    };
    let result = Executor::new(objective(), swarm).configure(configure).timer(false).run();
    let place = result.ok().and_then(|result| result.state.best_individual.map(|p| p.position));
    if let Some(place) = place
        && shared.best.borrow().as_ref().is_some_and(|best| best.tightness > CLEAR)
    {
        let simplex = NelderMead::new(simplex(place));
        let executor = Executor::new(objective(), simplex);
        let configured = executor.configure(|state| state.max_iters(STEPS).target_cost(CLEAR));
        // Whatever the simplex says of itself, the best of all evaluations is kept beside it.
        let _ = configured.timer(false).run();
    }
    match (shared.error.into_inner(), shared.cut.get()) {
        (Some(error), _) => Err(error),
        (None, true) => Ok(Ended::Cut),
        (None, false) => Ok(Ended::Whole(shared.best.into_inner())),
    }
}

/// The place and, for each axis, a step along it towards the farther side.
fn simplex(place: Vec<f64>) -> Vec<Vec<f64>> {
    let step = |axis: usize| {
        let mut corner = place.clone();
        corner[axis] += if corner[axis] > 0.5 { -EDGE } else { EDGE };
        corner
    };
    let steps: Vec<_> = (0..place.len()).map(step).collect();
    [vec![place], steps].concat()
}

/// What the evaluations of a restart have in common; argmin's own record would forget what is between its iterations.
#[derive(Debug, Default)]
struct Shared {
    best: RefCell<Option<Best>>,
    error: RefCell<Option<Error>>,
    cut: Cell<bool>,
}

/// The tightness of the goal over the unit cube.
struct Objective<'a> {
    goal: &'a Goal,
    space: Space,
    deadline: Option<Instant>,
    shared: &'a Shared,
}

impl Objective<'_> {
    fn tightness(&self, values: &[f64]) -> Result<Option<f64>, Error> {
        let candidate = self.space.candidate(&exact(values))?;
        match self.goal.comparison(&candidate) {
            Ok(comparison) => Ok(comparison.as_ref().and_then(tightness)),
            // A risk that is no double is no violation.
            Err(Error::Overflow { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl CostFunction for Objective<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    /// Never fails, since the simplex would panic; what went wrong is left beside it.
    fn cost(&self, point: &Vec<f64>) -> Result<f64, argmin::core::Error> {
        let shared = self.shared;
        let late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        shared.cut.set(shared.cut.get() || late);
        if shared.cut.get() || shared.error.borrow().is_some() {
            return Ok(WORTHLESS);
        }
        let values = self.space.values(point);
        let found = match self.tightness(&values) {
            Ok(found) => found,
            Err(error) => {
                *shared.error.borrow_mut() = Some(error);
                None
            }
        };
        let Some(tightness) = found else { return Ok(WORTHLESS) };
        let mut best = shared.best.borrow_mut();
        if best.as_ref().is_none_or(|best| tightness < best.tightness) {
            *best = Some(Best { tightness, values });
        }
        Ok(tightness)
    }
}
