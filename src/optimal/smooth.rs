//! The problem on the grid, with a smooth maximum.
//!
//! With logits `(theta_j, 0)` at the nodes and masses `m_i` at the inputs the problem is to minimise `sum_i m_i max_j D(P_i, Q_j)`, j in the
//! window of i. The maximum is replaced by that of the logarithmic barrier,
//!
//! ```text
//! S(v) = min_t [ t - mu sum_j ln(t - v_j) ],      dS/dv_j = w_j = mu / (t - v_j),      sum_j w_j = 1,
//! ```
//!
//! whose derivatives are the weights of a kernel. It is within `mu` times the number of terms of the maximum, up to a constant.

use crate::divergence::{Convexity, Divergence};
use crate::error::Error;
use crate::law::{Law, LineLaw};
use crate::real::{Jet, Prob, Real, Softmax};
use crate::simplex::{Dense, Simplex};

use super::banded::Banded;
use super::grid::Grid;
use crate::tolerance;

type Second = Jet<f64, 3>;

/// The problem on a grid.
#[derive(Debug)]
pub struct Smooth {
    divergence: Divergence,
    /// For a norm of `a - b`: what it is at the opposite corners of the simplex.
    norm: Option<f64>,
    window: usize,
    masses: Vec<f64>,
    inputs: Vec<Simplex<Dense<f64>>>,
    start: Vec<f64>,
}

/// A convex function of Q at a node: its value, and its first and second derivatives. The derivatives are those along lines of
/// probabilities, measured in steps of the logit.
#[derive(Clone, Copy, Debug, Default)]
struct Branch {
    value: f64,
    slope: f64,
    curvature: f64,
}

/// The smoothed objective at a point.
#[derive(Debug)]
pub struct Point {
    /// The objective.
    pub value: f64,
    /// The objective with the maximum itself.
    pub largest: f64,
    /// The kernel: for each input the weights of the nodes of its window.
    pub kernel: Vec<f64>,
    branches: Vec<Branch>,
    weights: Vec<f64>,
}

impl Smooth {
    /// The problem of a law with two classes.
    ///
    /// # Errors
    /// Where the law is not on the line.
    pub fn new(law: &Law, divergence: Divergence, grid: &Grid) -> Result<Self, Error> {
        let prior = (law.prior(0).to_f64() / law.prior(1).to_f64()).ln();
        let law: LineLaw<f64> = law.line(&0.0)?;
        let inputs = grid.inputs();
        let before = grid.nodes()[grid.steps() - 1];
        let after = grid.nodes()[grid.nodes().len() - grid.steps()];
        let neighbour = |i: usize| inputs.get(i).copied().unwrap_or(after);
        let mass = |i: usize| {
            let left = if i == 0 { before } else { inputs[i - 1] };
            let total = f64::softmax(law.log_joint(&inputs[i]).entries()).log_total;
            0.5 * (neighbour(i + 1) - left) * total.exp()
        };
        let labels = |x: &f64| Simplex::from_logits(&law.log_joint(x));
        // Where the posterior is all but a corner of the simplex a step would be all but 0.
        let log_odds = |x: &f64| {
            let logits = law.log_joint(x);
            let odds = logits.entries()[0] - logits.entries()[1];
            odds.clamp(prior - tolerance::START, prior + tolerance::START)
        };
        let facts = divergence.facts();
        Ok(Self {
            divergence,
            norm: facts.diameter.filter(|_| facts.convexity == Convexity::Norm),
            window: grid.window(),
            masses: (0..inputs.len()).map(mass).collect(),
            inputs: inputs.iter().map(labels).collect(),
            start: grid.nodes().iter().map(log_odds).collect(),
        })
    }

    /// Where to begin: the law's own log odds at the nodes, kept away from the corners.
    pub fn start(&self) -> &[f64] {
        &self.start
    }

    /// How many functions the maximum at an input is over.
    pub fn terms(&self) -> usize {
        self.window * self.arms()
    }

    /// A norm of `a - b` is the larger of two functions without a kink, one for each sign of the difference.
    fn arms(&self) -> usize {
        if self.norm.is_some() { 2 } else { 1 }
    }

    /// The objective at these log odds.
    pub fn at(&self, logits: &[f64], barrier: f64) -> Point {
        let branches = match self.norm {
            Some(norm) => self.norm_branches(logits, norm),
            None => self.smooth_branches(logits),
        };
        let (window, terms) = (self.window, self.terms());
        let mut weights = vec![0.0; branches.len()];
        let mut kernel = Vec::with_capacity(self.masses.len() * window);
        let (mut value, mut largest) = (0.0, 0.0);
        let rows = branches.chunks(terms).zip(weights.chunks_mut(terms));
        for (mass, (row, weights)) in self.masses.iter().zip(rows) {
            let (top, smooth) = smooth_maximum(row, barrier, weights);
            value += mass * smooth;
            largest += mass * top;
            kernel.extend((0..window).map(|j| weights[j..].iter().step_by(window).sum::<f64>()));
        }
        Point { value, largest, kernel, branches, weights }
    }

    /// Newton's step from a point, and the decrease that it predicts, twice.
    pub fn step(&self, point: &Point, barrier: f64, ridge: f64) -> (Vec<f64>, f64) {
        let (window, terms) = (self.window, self.terms());
        let size = self.start.len();
        let mut gradient = vec![0.0; size];
        let mut hessian = Banded::zero(size, window - 1);
        let (mut square, mut own) = (vec![0.0; window], vec![0.0; window]);
        let rows = point.branches.chunks(terms).zip(point.weights.chunks(terms));
        for (i, (mass, (row, weights))) in self.masses.iter().zip(rows).enumerate() {
            square.fill(0.0);
            own.fill(0.0);
            let mut total = 0.0;
            for (n, (branch, w)) in row.iter().zip(weights).enumerate() {
                let j = n % window;
                gradient[i + j] += mass * w * branch.slope;
                own[j] += w * branch.curvature + (w * branch.slope).powi(2) / barrier;
                square[j] += w * w * branch.slope;
                total += w * w;
            }
            let share = mass / (total * barrier);
            for j in 0..window {
                let entries = hessian.row_mut(i + j, i);
                let factor = share * square[j];
                for (entry, s) in entries.iter_mut().zip(&square) {
                    *entry -= factor * s;
                }
                entries[j] += mass * own[j];
            }
        }
        let mut step = hessian.solve(&gradient, ridge);
        let decrease = step.iter().zip(&gradient).map(|(s, g)| s * g).sum();
        for entry in &mut step {
            *entry = -*entry;
        }
        (step, decrease)
    }

    fn smooth_branches(&self, logits: &[f64]) -> Vec<Branch> {
        let zero = Second::fixed(0.0);
        let model = |h: &f64| Simplex::from_logits(&Dense::new([Second::variable(*h), zero]));
        let models: Vec<_> = logits.iter().map(model).collect();
        let fixed = |p: &Simplex<Dense<f64>>| {
            let lift = |row: &Dense<f64>| row.entries().iter().map(|&x| Second::fixed(x)).collect();
            Simplex::from_parts(lift(p.probabilities()), lift(p.log_probabilities()))
        };
        let rows = self.inputs.iter().map(fixed).enumerate().flat_map(|(i, p)| {
            let nodes = i..i + self.window;
            let models = &models;
            nodes.map(move |j| {
                let jet = self.divergence.eval(&p, &models[j]);
                let slope = jet.derivative(1);
                // Along a line of probabilities q the logit has q''= -(1 - 2q) of its slope squared.
                let bend = (0.5 * logits[j]).tanh();
                let curvature = (jet.derivative(2) + bend * slope).max(0.0);
                Branch { value: *jet.value(), slope, curvature }
            })
        });
        rows.collect()
    }

    /// With two classes a norm of `a - b` is its value at opposite corners times `|a_0 - b_0|`: linear on either side.
    fn norm_branches(&self, logits: &[f64], norm: f64) -> Vec<Branch> {
        let models: Vec<Softmax<f64>> = logits.iter().map(|&h| f64::softmax(&[h, 0.0])).collect();
        let mut branches = Vec::with_capacity(self.inputs.len() * self.terms());
        for (i, p) in self.inputs.iter().enumerate() {
            let first = |row: &Dense<f64>| row.entries()[0];
            let (a, ln_a) = (first(p.probabilities()), first(p.log_probabilities()));
            for sign in [1.0, -1.0] {
                branches.extend(models[i..i + self.window].iter().map(|q| {
                    let pair = (Prob { p: &q.p[0], ln: &q.ln_p[0] }, Prob { p: &a, ln: &ln_a });
                    let value = sign * norm * f64::difference(pair.0, pair.1);
                    Branch { value, slope: sign * norm * q.p[0] * q.p[1], curvature: 0.0 }
                }));
            }
        }
        branches
    }
}

/// The maximum, `min_t [ t - mu sum_j ln(t - v_j) ]`, and its weights.
///
/// The root of `1 / sum_j mu / (t - v_j) = 1` by Newton's method from the left: the left side is concave and increasing in t, so that every
/// step stays on the left of the root.
fn smooth_maximum(row: &[Branch], barrier: f64, weights: &mut [f64]) -> (f64, f64) {
    let top = row.iter().fold(f64::NEG_INFINITY, |top, branch| top.max(branch.value));
    // t - top, at least mu; the differences to the top keep their digits.
    let mut above = barrier;
    for _ in 0..100 {
        let (mut sum, mut squares) = (0.0, 0.0);
        for branch in row {
            let w = barrier / (above + (top - branch.value));
            sum += w;
            squares += w * w;
        }
        let step = (sum - 1.0) * sum * barrier / squares;
        above += step.max(0.0);
        if step <= 1e-15 * above {
            break;
        }
    }
    let mut logarithms = 0.0;
    for (weight, branch) in weights.iter_mut().zip(row) {
        let distance = above + (top - branch.value);
        *weight = barrier / distance;
        logarithms += distance.ln();
    }
    let total: f64 = weights.iter().sum();
    for weight in weights.iter_mut() {
        *weight /= total;
    }
    (top, top + above - barrier * logarithms)
}
