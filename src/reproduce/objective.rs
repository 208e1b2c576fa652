//! The objectives that the network is trained on, as integrals over the law, with their gradients.

use crate::divergence::Divergence;
use crate::error::Error;
use crate::law::Law;
use crate::real::{Jet, Real, Softmax};
use crate::risk::Risk;
use crate::simplex::{Dense, Simplex};

use super::network::Network;

type Dual = Jet<f64, 2>;

/// What a network is trained to make small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// `R_Standard`: accuracy alone.
    Standard,
    /// `R_Madry`: PGD-AT with an exact inner maximum, under the true probabilities of the labels.
    Madry,
    /// `R_SCORE`.
    Score,
    /// `E D(P(x), Q(x)) + sup D(Q(x), Q(u))`: TRADES with beta = 1 and D in both places.
    Trades,
}

impl Objective {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 4] = [Self::Standard, Self::Madry, Self::Trades, Self::Score];

    /// The name in files and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Madry => "pgd-at",
            Self::Score => "score",
            Self::Trades => "trades",
        }
    }

    /// What a person would call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Madry => "PGD-AT",
            Self::Score => "SCORE",
            Self::Trades => "TRADES",
        }
    }
}

/// How many nodes of the quadrature there are to a radius.
const STEPS: usize = 16;
/// How many standard deviations of every component the nodes hold: all but 2e-7 of the mass.
const REACH: f64 = 5.2;

/// A law with two classes on a grid: the trapezoidal rule, which for smooth functions under Gaussian densities converges faster than any
/// power of the spacing, and windows that begin and end at nodes.
///
/// The maximum over the nodes of a window stands for the supremum. That is good enough to train on; the risks that are quoted of a trained
/// network are those of [`Line`](crate::risk::Line).
#[derive(Debug)]
pub struct Data {
    nodes: Vec<f64>,
    masses: Vec<f64>,
    labels: Vec<Simplex<Dense<f64>>>,
    duals: Vec<Simplex<Dense<Dual>>>,
}

/// An objective at a network.
#[derive(Debug)]
pub struct Evaluation {
    /// Its value.
    pub value: f64,
    /// Its derivatives by the log odds at the nodes.
    pub slopes: Vec<f64>,
}

impl Data {
    /// The grid of a law with two classes for a radius above 0.
    ///
    /// # Errors
    /// [`Error::NotTwoClasses`]; and where the law is not on the line.
    pub fn new(law: &Law, epsilon: f64) -> Result<Self, Error> {
        if law.classes() != 2 {
            return Err(Error::NotTwoClasses { found: law.classes() });
        }
        let line = law.line(&0.0)?;
        let ends = line.components().map(|c| (c.mean(), REACH * c.standard_deviation()));
        let (from, to) = ends
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(from, to), (mean, reach)| {
                (f64::min(from, mean - reach), f64::max(to, mean + reach))
            });
        let step = epsilon / STEPS as f64;
        let count = ((to - from + 2.0 * epsilon) / step).ceil();
        let steps = std::iter::successors(Some(0.0), |i| Some(i + 1.0)).take_while(|i| *i <= count);
        let nodes: Vec<f64> = steps.map(|i| from - epsilon + step * i).collect();
        let last = nodes.len() - STEPS;
        let data = nodes.iter().enumerate().map(|(i, x)| {
            let Softmax { p, ln_p, log_total } = f64::softmax(line.log_joint(x).entries());
            // The outermost nodes are in windows only.
            let inside = (STEPS..last).contains(&i);
            (if inside { step * log_total.exp() } else { 0.0 }, Simplex::from_parts(p, ln_p))
        });
        let (masses, labels): (Vec<f64>, Vec<Simplex<Dense<f64>>>) = data.unzip();
        let fixed = |p: &Simplex<Dense<f64>>| {
            let lift = |row: &Dense<f64>| row.entries().iter().map(|&x| Dual::fixed(x)).collect();
            Simplex::from_parts(lift(p.probabilities()), lift(p.log_probabilities()))
        };
        let duals = labels.iter().map(fixed).collect();
        Ok(Self { nodes, masses, labels, duals })
    }

    /// The nodes, ascending.
    pub fn nodes(&self) -> &[f64] {
        &self.nodes
    }

    /// An objective and its derivatives; through a maximum the derivative is that at the maximiser (Danskin).
    pub fn objective(
        &self,
        objective: Objective,
        divergence: Divergence,
        log_odds: &[f64],
    ) -> Evaluation {
        let models: Vec<_> = log_odds.iter().map(|&h| model(h)).collect();
        let mut evaluation = Evaluation { value: 0.0, slopes: vec![0.0; log_odds.len()] };
        // D of two distributions of which the second, and perhaps the first, depend on the network.
        let second = |i: usize, u: usize| {
            let q =
                Simplex::from_logits(&Dense::new([Dual::variable(log_odds[u]), Dual::fixed(0.0)]));
            divergence.eval(&self.duals[i], &q)
        };
        let both = |x: usize, u: usize| {
            let dual = |h: Dual| Simplex::from_logits(&Dense::new([h, Dual::fixed(0.0)]));
            let (fixed, variable) =
                (|i: usize| Dual::fixed(log_odds[i]), |i: usize| Dual::variable(log_odds[i]));
            let by_first = divergence.eval(&dual(variable(x)), &dual(fixed(u)));
            let by_second = divergence.eval(&dual(fixed(x)), &dual(variable(u)));
            (*by_first.value(), by_first.derivative(1), by_second.derivative(1))
        };
        for (x, &mass) in self.masses.iter().enumerate().filter(|(_, mass)| **mass > 0.0) {
            let window = x - STEPS..=x + STEPS;
            let mut add = |place: usize, slope: f64| evaluation.slopes[place] += mass * slope;
            let mut term = |p: usize, u: usize| {
                let jet = second(p, u);
                add(u, jet.derivative(1));
                *jet.value()
            };
            let value = match objective {
                Objective::Standard => term(x, x),
                Objective::Madry => {
                    let u = largest(window, |u| divergence.eval(&self.labels[x], &models[u]));
                    term(x, u)
                }
                Objective::Score => {
                    let u = largest(window, |u| divergence.eval(&self.labels[u], &models[u]));
                    term(u, u)
                }
                Objective::Trades => {
                    let first = term(x, x);
                    let u = largest(window, |u| divergence.eval(&models[x], &models[u]));
                    let (value, by_first, by_second) = both(x, u);
                    add(x, by_first);
                    add(u, by_second);
                    first + value
                }
            };
            evaluation.value += mass * value;
        }
        evaluation
    }

    /// The standard, Madry's and SCORE's risk on the grid.
    pub fn risks(&self, divergence: Divergence, log_odds: &[f64]) -> [f64; 3] {
        let models: Vec<_> = log_odds.iter().map(|&h| model(h)).collect();
        let pointwise: Vec<f64> =
            self.labels.iter().zip(&models).map(|(p, q)| divergence.eval(p, q)).collect();
        let mut risks = [0.0; 3];
        for (x, &mass) in self.masses.iter().enumerate().filter(|(_, mass)| **mass > 0.0) {
            let window = x - STEPS..=x + STEPS;
            let madry = window.clone().map(|u| divergence.eval(&self.labels[x], &models[u]));
            risks[0] += mass * pointwise[x];
            risks[1] += mass * madry.fold(0.0, f64::max);
            risks[2] += mass * pointwise[window].iter().copied().fold(0.0, f64::max);
        }
        risks
    }

    /// An objective of a network, and its gradient by the parameters.
    pub fn at(
        &self,
        objective: Objective,
        divergence: Divergence,
        network: &Network,
    ) -> (f64, Vec<f64>) {
        let pass = network.forward(&self.nodes);
        let Evaluation { value, slopes } = self.objective(objective, divergence, &pass.log_odds);
        (value, network.backward(&pass, &slopes))
    }
}

/// The risks of a trajectory, in the order in which they are recorded.
pub const RISKS: [Risk; 3] = [Risk::Standard, Risk::Madry, Risk::Score];

fn model(log_odds: f64) -> Simplex<Dense<f64>> {
    Simplex::from_logits(&Dense::new([log_odds, 0.0]))
}

/// The first place at which a function is largest.
fn largest(places: std::ops::RangeInclusive<usize>, f: impl Fn(usize) -> f64) -> usize {
    let start = (*places.start(), f64::NEG_INFINITY);
    let larger = |best: (usize, f64), u: usize| {
        let value = f(u);
        if value > best.1 { (u, value) } else { best }
    };
    places.fold(start, larger).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use crate::risk::Line;

    fn data() -> Data {
        Data::new(&Law::resolve("toy").unwrap(), 1.0).unwrap()
    }

    /// Log odds without ties, neither those of the law nor constant.
    fn log_odds(data: &Data) -> Vec<f64> {
        data.nodes.iter().map(|x| 1.0 - 0.8 * x + 0.3 * (1.3 * x).sin()).collect()
    }

    #[test]
    fn derivatives_agree_with_differences() {
        let (data, step) = (data(), 1e-6);
        for divergence in
            [Divergence::Kl, Divergence::L1, Divergence::L2, Divergence::JensenShannon]
        {
            for objective in Objective::ALL {
                let at = log_odds(&data);
                let found = data.objective(objective, divergence, &at);
                for i in (0..at.len()).step_by(7) {
                    let value = |by: f64| {
                        let mut moved = at.clone();
                        moved[i] += by;
                        data.objective(objective, divergence, &moved).value
                    };
                    let difference = (value(step) - value(-step)) / (2.0 * step);
                    let off = (difference - found.slopes[i]).abs();
                    assert!(off < 1e-7, "{divergence}, {}, node {i}: {off:e}", objective.name());
                }
            }
        }
    }

    #[test]
    fn the_grids_risks_are_close_to_the_lines() {
        let data = data();
        let linear: Vec<f64> = data.nodes.iter().map(|x| 1.0 - x).collect();
        let (law, model) = (Law::resolve("toy").unwrap(), Model::resolve("toy-linear").unwrap());
        let line = Line::new(&law, &model).unwrap();
        for divergence in [Divergence::Kl, Divergence::L1, Divergence::SquaredError] {
            let found = data.risks(divergence, &linear);
            for (risk, found) in RISKS.into_iter().zip(found) {
                let expected = line.risk(risk, divergence, 1.0).unwrap().value;
                assert!(
                    (found - expected).abs() < 2e-4 * expected,
                    "{risk} {divergence}: {found} {expected}"
                );
            }
        }
    }
}
