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
        let nodes = with_middles(&self.nodes);
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
}

/// The list with the mean of every two neighbours between them: nodes of the halved grid, or values there.
pub fn with_middles(list: &[f64]) -> Vec<f64> {
    let pairs = list.windows(2).flat_map(|pair| [pair[0], 0.5 * (pair[0] + pair[1])]);
    pairs.chain(list.last().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::Law;

    #[test]
    fn windows_begin_and_end_at_nodes() {
        for (law, epsilon) in [("toy", 1.0), ("toy", 0.1), ("two-modes", 30.0), ("needle", 1.0)] {
            let line = Law::resolve(law).unwrap().line(&0.0).unwrap();
            let coarse = Grid::new(&line, epsilon).unwrap();
            for grid in [&coarse, &coarse.halved()] {
                assert!(grid.nodes().windows(2).all(|pair| pair[0] < pair[1]));
                for (i, x) in grid.inputs().iter().enumerate() {
                    let window = &grid.nodes()[i..i + grid.window()];
                    let ends = (window[0], window[window.len() - 1]);
                    assert!((ends.0 - (x - epsilon)).abs() < 1e-12 * (1.0 + x.abs() + epsilon));
                    assert!((ends.1 - (x + epsilon)).abs() < 1e-12 * (1.0 + x.abs() + epsilon));
                }
                let reach = |c: f64, d: f64| (c - 7.0 * d, c + 7.0 * d);
                for component in line.components() {
                    let (from, to) = reach(component.mean(), component.standard_deviation());
                    let inputs = grid.inputs();
                    assert!(inputs[0] <= from && inputs[inputs.len() - 1] >= to, "{law} {epsilon}");
                    // Four nodes to a deviation, where the component is.
                    let near =
                        |x: &&f64| (**x - component.mean()).abs() < component.standard_deviation();
                    assert!(inputs.iter().filter(near).count() >= 7, "{law} {epsilon}");
                }
            }
        }
    }
}
