//! A grid on the line that repeats with period eps.

use crate::error::Error;
use crate::law::LineLaw;
use crate::tolerance;

/// The nodes of the windows. The first and the last `steps` of them are in windows only; the others are inputs x as well, and the window
/// of input `i` is the nodes `i ..= i + 2 steps`, from `x - eps` to `x + eps`.
#[derive(Clone, Debug)]
pub struct Grid {
    nodes: Vec<f64>,
    steps: usize,
}

impl Grid {
    /// The coarsest grid for a law: a few nodes to a radius, and to the scale of each of the law's landmarks where it is.
    ///
    /// # Errors
    /// [`Error::TooFine`] where that takes more nodes than can be afforded.
    pub fn new(law: &LineLaw<f64>, epsilon: f64) -> Result<Self, Error> {
        let (mut from, mut to) = (f64::INFINITY, f64::NEG_INFINITY);
        for component in law.components() {
            let reach = tolerance::GRID_REACH * component.standard_deviation();
            from = from.min(component.mean() - reach);
            to = to.max(component.mean() + reach);
        }
        // Landmarks outside of the inputs and their windows have nothing to say.
        let near = |at: f64| at > from - 2.0 * epsilon && at < to + 2.0 * epsilon;
        let landmarks: Vec<_> = law.landmarks().into_iter().filter(|l| near(l.at)).collect();
        // The step at an offset in [0, eps): the finest that is wished at a place that shares it, and not beyond a place that wishes for less.
        let step = |offset: f64| {
            landmarks.iter().fold(epsilon * tolerance::GRID_STEP, |step, landmark| {
                let (wish, around) = (
                    tolerance::GRID_STEP * landmark.scale,
                    tolerance::GRID_AROUND * landmark.scale,
                );
                let behind = (offset - (landmark.at - around - from)).rem_euclid(epsilon);
                let ahead = if behind <= 2.0 * around { 0.0 } else { epsilon - behind };
                step.min(wish.max(ahead))
            })
        };
        let affordable = |offsets: usize| {
            let periods = (to - from) / epsilon + 2.0;
            periods * offsets as f64 <= tolerance::GRID_NODES as f64
        };
        let mut offsets = vec![0.0];
        let mut offset = 0.0;
        loop {
            let step = step(offset);
            offset += step;
            if offset > epsilon - 0.5 * step {
                break;
            }
            offsets.push(offset);
            if !affordable(offsets.len()) {
                break;
            }
        }
        if !affordable(offsets.len()) {
            return Err(Error::TooFine { epsilon, nodes: tolerance::GRID_NODES });
        }
        let mut nodes = Vec::new();
        let mut period = -1.0;
        while from + period * epsilon < to + 2.0 * epsilon {
            nodes.extend(offsets.iter().map(|offset| from + (period * epsilon + offset)));
            period += 1.0;
        }
        Ok(Self { nodes, steps: offsets.len() })
    }

    /// The grid with the middle of every cell added.
    pub fn halved(&self) -> Self {
        let middles = self.nodes.windows(2).flat_map(|pair| [pair[0], 0.5 * (pair[0] + pair[1])]);
        let nodes = middles.chain(self.nodes.last().copied()).collect();
        Self { nodes, steps: 2 * self.steps }
    }

    /// Whether Newton's method can be afforded: a step of it takes the square of the window for every node.
    pub fn is_affordable(&self) -> bool {
        let window = 2 * self.steps + 1;
        self.nodes.len() <= tolerance::GRID_NODES
            && self.nodes.len().saturating_mul(window * window) <= tolerance::GRID_WORK
    }

    /// The nodes of the windows, ascending.
    pub fn nodes(&self) -> &[f64] {
        &self.nodes
    }

    /// How many nodes there are to a radius.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// How many nodes are in a window.
    pub fn window(&self) -> usize {
        2 * self.steps + 1
    }

    /// The nodes that are inputs.
    pub fn inputs(&self) -> &[f64] {
        &self.nodes[self.steps..self.nodes.len() - self.steps]
    }

    /// Values at the nodes, carried to the halved grid.
    pub fn interpolated(&self, finer: &Self, values: &[f64]) -> Vec<f64> {
        let middles = values.windows(2).flat_map(|pair| [pair[0], 0.5 * (pair[0] + pair[1])]);
        let values: Vec<f64> = middles.chain(values.last().copied()).collect();
        debug_assert_eq!(values.len(), finer.nodes.len());
        values
    }
}
