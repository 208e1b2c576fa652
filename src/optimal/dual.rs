//! The lower bound: a kernel on the continuous line, and what no model can do better against it.

use crate::divergence::{Convexity, Divergence};
use crate::error::Error;
use crate::law::{Law, LineLaw};
use crate::quadrature::{Estimate, Piece, integrate_to};
use crate::real::{Jet, Real, Softmax};
use crate::simplex::{Dense, Simplex};
use crate::tolerance;

use super::grid::Grid;

type Second = Jet<f64, 3>;

/// Mass that was moved to a point, and the label distribution where it came from.
#[derive(Clone, Debug)]
struct Source {
    mass: f64,
    labels: Simplex<Dense<f64>>,
}

/// Below every model's `R_Madry`, by the kernel with these weights; see [`Optimum`](super::Optimum).
///
/// An input x in a cell of the grid goes to the cells of its window, by the affine maps of cell onto cell, with weights that are linear
/// between those of the nodes at its ends. Such a map keeps every x within eps: it does so at both ends of the cell, and the distance is
/// affine in between. What is left of the line outside of the grid is not moved at all, which costs nothing but its own, nonnegative part.
///
/// Quadrature refines until its error is at most `enough`.
///
/// # Errors
/// Where the law is not on the line.
pub fn bound(
    law: &Law,
    divergence: Divergence,
    grid: &Grid,
    kernel: &[f64],
    enough: f64,
) -> Result<Estimate, Error> {
    let law: LineLaw<f64> = law.line(&0.0)?;
    let kernel = Kernel { law, divergence, grid, weights: kernel };
    let cells = grid.nodes().windows(2).enumerate().map(|(cell, pair)| Piece {
        from: pair[0],
        to: pair[1],
        branch: cell,
    });
    let integrand = |cell, u| kernel.smallest(cell, u);
    let noise = |cell, u| tolerance::SHAKE * kernel.smallest(cell, u);
    Ok(integrate_to(cells, integrand, noise, enough))
}

struct Kernel<'a> {
    law: LineLaw<f64>,
    divergence: Divergence,
    grid: &'a Grid,
    weights: &'a [f64],
}

impl Kernel<'_> {
    /// `min_q` of the sum over the mass that comes to u of `D(P(x), q)`, from below.
    fn smallest(&self, cell: usize, u: f64) -> f64 {
        let sources = self.sources(cell, u);
        if sources.len() < 2 {
            // One label distribution is met exactly.
            return 0.0;
        }
        match self.divergence.facts().convexity {
            Convexity::Norm => self.at_median(sources),
            Convexity::Smooth | Convexity::None => self.at_minimum(&sources),
        }
    }

    /// The mass that comes to the point u of a cell, per unit of u.
    fn sources(&self, cell: usize, u: f64) -> Vec<Source> {
        let (nodes, inputs) = (self.grid.nodes(), self.grid.inputs());
        let window = self.grid.window();
        let width = nodes[cell + 1] - nodes[cell];
        let share = (u - nodes[cell]) / width;
        let first = cell.saturating_sub(window - 1);
        let last = cell.min(inputs.len() - 2);
        let mut sources = Vec::with_capacity(window);
        let mut largest = 0.0_f64;
        for from in first..=last {
            let weight = |input: usize| self.weights[input * window + (cell - from)];
            let weight = (1.0 - share) * weight(from) + share * weight(from + 1);
            let length = inputs[from + 1] - inputs[from];
            let x = inputs[from] + share * length;
            let Softmax { p, ln_p, log_total } = f64::softmax(self.law.log_joint(&x).entries());
            let mass = weight * log_total.exp() * (length / width);
            largest = largest.max(mass);
            sources.push(Source { mass, labels: Simplex::from_parts(p, ln_p) });
        }
        // To leave out a source is to take away a nonnegative term.
        sources.retain(|source| source.mass > tolerance::SOURCE * largest);
        sources
    }

    /// For a norm of `a - b` and two classes: a piecewise linear function of q, smallest at the median of the sources.
    fn at_median(&self, mut sources: Vec<Source>) -> f64 {
        let log_odds = |source: &Source| {
            let ln_p = source.labels.log_probabilities().entries();
            ln_p[0] - ln_p[1]
        };
        sources.sort_by(|a, b| log_odds(a).total_cmp(&log_odds(b)));
        let half = 0.5 * sources.iter().map(|source| source.mass).sum::<f64>();
        let mut before = 0.0;
        let reached = |source: &&Source| {
            before += source.mass;
            before >= half
        };
        let Some(median) = sources.iter().find(reached).map(|source| source.labels.clone()) else {
            return 0.0;
        };
        let term = |s: &Source| s.mass * self.divergence.eval(&s.labels, &median);
        sources.iter().map(term).sum()
    }

    /// For a smooth convex divergence: Newton's method from the mean of the sources, which for many divergences is the minimum itself;
    /// then the value of the tangent at its lowest over the probabilities between the sources, where the minimum is.
    fn at_minimum(&self, sources: &[Source]) -> f64 {
        let first = |source: &Source| source.labels.probabilities().entries()[0];
        let second = |source: &Source| source.labels.probabilities().entries()[1];
        let mean =
            |of: &dyn Fn(&Source) -> f64| -> f64 { sources.iter().map(|s| s.mass * of(s)).sum() };
        let mut logit = (mean(&first) / mean(&second)).ln();
        if !logit.is_finite() {
            return 0.0;
        }
        let mut bound = 0.0_f64;
        for _ in 0..tolerance::NEWTON_STEPS {
            let jet = self.total(sources, logit);
            let (value, slope) = (*jet.value(), jet.derivative(1));
            let q = f64::softmax(&[logit, 0.0]).p;
            let spread = q[0] * q[1];
            // The farthest that a source is from q, in steps of the logit at q.
            let reach = sources.iter().map(|s| {
                // The smaller of the two probabilities has the digits.
                let off = if q[0] < q[1] { first(s) - q[0] } else { q[1] - second(s) };
                if off * slope < 0.0 { (off / spread).abs() } else { 0.0 }
            });
            let reach = reach.fold(0.0, f64::max);
            let found = value - slope.abs() * reach;
            let closed = slope.abs() * reach <= tolerance::ROUNDING * value;
            if found > bound {
                bound = found;
            }
            if closed {
                break;
            }
            let curvature = jet.derivative(2) + (0.5 * logit).tanh() * slope;
            let step = -slope / curvature;
            if !step.is_finite() {
                break;
            }
            logit += step.clamp(-1.0, 1.0);
        }
        bound
    }

    fn total(&self, sources: &[Source], logit: f64) -> Second {
        let q = Simplex::from_logits(&Dense::new([Second::variable(logit), Second::fixed(0.0)]));
        let zero = Second::fixed(0.0);
        sources.iter().fold(zero, |sum, source| {
            let lift = |row: &Dense<f64>| row.entries().iter().map(|&x| Second::fixed(x)).collect();
            let labels = &source.labels;
            let p =
                Simplex::from_parts(lift(labels.probabilities()), lift(labels.log_probabilities()));
            sum + Second::fixed(source.mass) * self.divergence.eval(&p, &q)
        })
    }
}
