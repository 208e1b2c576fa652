//! Newton's method along the path of the barrier.

use super::smooth::{Point, Smooth};
use crate::real::Real;
use crate::tolerance;

/// The path of the barrier's parameter.
#[derive(Clone, Copy, Debug)]
pub struct Barrier {
    /// The first value.
    pub from: f64,
    /// It ends where it leaves at most this part of the objective open.
    pub open: f64,
}

/// What came out.
#[derive(Debug)]
pub struct Solution {
    /// The log odds of the model at the nodes.
    pub logits: Vec<f64>,
    /// For each input the weights of the nodes of its window.
    pub kernel: Vec<f64>,
    /// Where the path ended.
    pub barrier: f64,
}

impl Barrier {
    /// Minimises the smoothed objective for falling parameters, each from where the last one ended.
    ///
    /// A step is Newton's for probabilities, in which the objective is convex, taken in logits, in which it cannot leave the simplex.
    pub fn solve(self, smooth: &Smooth, mut logits: Vec<f64>) -> Solution {
        let mut barrier = self.from;
        loop {
            let mut point = smooth.at(&logits, barrier);
            for _ in 0..tolerance::NEWTON_STEPS {
                let (step, decrease) = smooth.step(&point, barrier, tolerance::RIDGE);
                let tried = line_search(smooth, &logits, &step, decrease, &point, barrier);
                let Some((next, found)) = tried else { break };
                (logits, point) = (next, found);
                if decrease <= tolerance::NEWTON_DECREASE * barrier {
                    break;
                }
            }
            let to = self.open * point.largest / smooth.terms() as f64;
            if barrier <= to.max(tolerance::BARRIER_LEAST * self.from) {
                return Solution { logits, kernel: point.kernel, barrier };
            }
            barrier = (barrier * tolerance::BARRIER_FALL).max(to);
        }
    }
}

/// The longest of the step's halves that decreases the objective by a fair part of what was predicted; `None` where rounding is all that
/// is left.
fn line_search(
    smooth: &Smooth,
    logits: &[f64],
    step: &[f64],
    decrease: f64,
    point: &Point,
    barrier: f64,
) -> Option<(Vec<f64>, Point)> {
    let mut length = 1.0;
    while length > tolerance::SHORTEST_STEP {
        let next: Vec<f64> = logits.iter().zip(step).map(|(h, s)| moved(*h, length * s)).collect();
        let found = smooth.at(&next, barrier);
        if found.value <= point.value - 0.1 * length * decrease + f64::EPSILON * point.value.abs() {
            return Some((next, found));
        }
        length *= 0.5;
    }
    None
}

/// The logit after a step along the line of probabilities, which is given in steps of the logit; not further than a part of the way to a
/// corner of the simplex. Either probability keeps its digits.
fn moved(logit: f64, step: f64) -> f64 {
    let p = f64::softmax(&[logit, 0.0]).p;
    let by = (p[0] * p[1] * step).clamp(-tolerance::TO_CORNER * p[0], tolerance::TO_CORNER * p[1]);
    // One of the two is at least a half, and loses nothing by the sum.
    logit + (by / p[0]).ln_1p() - (-by / p[1]).ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_line_of_probabilities() {
        for (logit, by) in
            [(0.0, 0.2), (0.0, -0.2), (3.0, -0.5), (-3.0, 0.01), (-20.0, 0.7), (20.0, -0.7)]
        {
            let before = f64::softmax(&[logit, 0.0]).p;
            let after = f64::softmax(&[moved(logit, by / (before[0] * before[1])), 0.0]).p;
            assert!((after[0] - before[0] - by).abs() < 1e-9, "{logit} {by}");
        }
        // Not beyond a corner, and the small probability keeps its digits.
        let after = moved(40.0, 1e9);
        assert!(after > 41.0 && after < 44.0, "{after}");
    }
}
