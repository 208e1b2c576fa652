//! Training: Adam, as the paper does, then L-BFGS.

use argmin::core::{CostFunction, Error as ArgminError, Executor, Gradient, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;

use crate::divergence::Divergence;

use super::network::Network;
use super::objective::{Data, Objective};

/// How long a network is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Steps of Adam.
    pub adam: usize,
    /// Iterations of L-BFGS after them.
    pub lbfgs: u64,
}

impl Budget {
    /// How many steps there are in all.
    #[must_use]
    pub fn steps(self) -> usize {
        self.adam.saturating_add(usize::try_from(self.lbfgs).unwrap_or(usize::MAX))
    }
}

/// Adam (Kingma and Ba 2015) with its usual moments, and a rate that falls to a hundredth along half a cosine.
const RATE: f64 = 3e-3;
const MOMENTS: [f64; 2] = [0.9, 0.999];
const TINY: f64 = 1e-8;
/// How many points of a trajectory are kept of Adam's steps.
const POINTS: usize = 100;
/// The number of steps whose curvature L-BFGS remembers.
const MEMORY: usize = 20;

/// A trained network, and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// The network.
    pub network: Network,
    /// After how many steps, and the standard, Madry's and SCORE's risk then, on the grid.
    pub trajectory: Vec<(usize, [f64; 3])>,
}

/// Trains the network of a seed on an objective. Without randomness but the seed's: the same for the same arguments, bit by bit.
pub fn train(
    data: &Data,
    objective: Objective,
    divergence: Divergence,
    seed: u64,
    budget: Budget,
    step_done: impl Fn(),
) -> Trained {
    let mut trajectory = Vec::new();
    let record = |steps: usize, network: &Network| {
        (steps, data.risks(divergence, &network.forward(data.nodes()).log_odds))
    };
    let mut parameters = Network::random(seed).parameters().to_vec();
    let mut moments = vec![[0.0; 2]; parameters.len()];
    let every = (budget.adam / POINTS).max(1);
    for step in 0..budget.adam {
        let network = Network::new(parameters.clone());
        if step.is_multiple_of(every) {
            trajectory.push(record(step, &network));
        }
        let (_, gradient) = data.at(objective, divergence, &network);
        let done = step as f64 / budget.adam as f64;
        let rate = RATE * (0.01 + 0.99 * 0.5 * (1.0 + (std::f64::consts::PI * done).cos()));
        let power = i32::try_from(step + 1).unwrap_or(i32::MAX);
        let unbias = MOMENTS.map(|decay| 1.0 - decay.powi(power));
        for ((parameter, moments), g) in parameters.iter_mut().zip(&mut moments).zip(&gradient) {
            for (moment, (decay, value)) in
                moments.iter_mut().zip(MOMENTS.into_iter().zip([*g, g * g]))
            {
                *moment = decay * *moment + (1.0 - decay) * value;
            }
            *parameter -=
                rate * (moments[0] / unbias[0]) / ((moments[1] / unbias[1]).sqrt() + TINY);
        }
        step_done();
    }
    let adam = Network::new(parameters);
    trajectory.push(record(budget.adam, &adam));
    let network = refine(data, objective, divergence, adam, budget.lbfgs);
    if budget.lbfgs > 0 {
        trajectory.push(record(budget.steps(), &network));
    }
    Trained { network, trajectory }
}

/// L-BFGS from a network. The objectives have kinks, where a line search may fail: then the best network so far is the result.
fn refine(
    data: &Data,
    objective: Objective,
    divergence: Divergence,
    network: Network,
    iterations: u64,
) -> Network {
    if iterations == 0 {
        return network;
    }
    let problem = Problem { data, objective, divergence };
    let before = data.at(objective, divergence, &network).0;
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), MEMORY);
    let start = network.parameters().to_vec();
    let run = Executor::new(problem, solver)
        .configure(|state| state.param(start).max_iters(iterations))
        .run();
    match run.ok().and_then(|result| result.state().get_best_param().cloned()) {
        Some(best) => {
            let best = Network::new(best);
            if data.at(objective, divergence, &best).0 < before { best } else { network }
        }
        None => network,
    }
}

struct Problem<'a> {
    data: &'a Data,
    objective: Objective,
    divergence: Divergence,
}

impl CostFunction for Problem<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, parameters: &Vec<f64>) -> Result<f64, ArgminError> {
        let network = Network::new(parameters.clone());
        let log_odds = network.forward(self.data.nodes()).log_odds;
        Ok(self.data.objective(self.objective, self.divergence, &log_odds).value)
    }
}

impl Gradient for Problem<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, parameters: &Vec<f64>) -> Result<Vec<f64>, ArgminError> {
        Ok(self.data.at(self.objective, self.divergence, &Network::new(parameters.clone())).1)
    }
}
