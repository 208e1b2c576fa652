//! Learning rates over the course of a training.
//!
//! A schedule is a function of the position `t = 0, 1, .., T - 1`, counted in epochs or in steps. `lr` is the rate of the optimiser.

use std::f64::consts::PI;

/// What the rate is at a position, and the momentum where the schedule moves it.
#[derive(Clone, Debug, PartialEq)]
pub enum Schedule {
    /// `lr`.
    Constant,
    /// `lr (1 + cos(pi t / T)) / 2`: from `lr` towards 0 (Loshchilov and Hutter 2017).
    Cosine,
    /// Smith and Topin 2018, as `OneCycleLR` of PyTorch has it: with `anneal` half a cosine, from `lr / 25` to `lr` at position
    /// `warmup * T - 1`, then to `lr / 250000` at `T - 1`.
    OneCycle {
        /// The share of the positions after which the rate is highest.
        warmup: f64,
        /// The momentum at the ends and at the peak, between which it moves against the rate; else it stays what the optimiser has.
        momentum: Option<[f64; 2]>,
    },
    /// `lr` times `factor` for each milestone that has been reached: from position m on where m is a milestone.
    Step {
        /// The positions.
        milestones: Vec<usize>,
        /// What the rate is multiplied by.
        factor: f64,
    },
    /// `lr` times a factor that is linear between the given positions and constant outside.
    Piecewise {
        /// Positions, ascending, and factors.
        points: Vec<(f64, f64)>,
    },
}

/// How `OneCycleLR` begins: at `lr / DIVISOR`.
const DIVISOR: f64 = 25.0;
/// How it ends: at its beginning divided by this.
const LAST_DIVISOR: f64 = 1e4;
/// The momentum at the ends and at the peak that `OneCycleLR` has unless told otherwise.
pub const ONE_CYCLE_MOMENTUM: [f64; 2] = [0.95, 0.85];

impl Schedule {
    /// The rate and the momentum at position `t` of `total`, for an optimiser with `lr` and `momentum`.
    ///
    /// ```
    /// use score_workbench::train::schedule::{ONE_CYCLE_MOMENTUM, Schedule};
    /// // The paper's recipe: the rate is highest in epoch 10 of 400, where the momentum is 0.85.
    /// let schedule = Schedule::OneCycle { warmup: 0.025, momentum: Some(ONE_CYCLE_MOMENTUM) };
    /// assert_eq!(schedule.at(9, 400, 0.2, 0.9), [0.2, 0.85]);
    /// ```
    #[must_use]
    pub fn at(&self, t: usize, total: usize, lr: f64, momentum: f64) -> [f64; 2] {
        let (now, all) = (t as f64, total as f64);
        match self {
            Self::Constant => [lr, momentum],
            Self::Cosine => [lr * (1.0 + (PI * now / all).cos()) / 2.0, momentum],
            Self::OneCycle { warmup, momentum: cycle } => {
                let first = lr / DIVISOR;
                let (peak, end) = (warmup * all - 1.0, all - 1.0);
                let [ends, middle] = cycle.unwrap_or([momentum; 2]);
                // A warm-up of one position or less is none.
                if now <= peak && peak > 0.0 {
                    let done = now / peak;
                    [half_cosine(first, lr, done), half_cosine(ends, middle, done)]
                } else {
                    let done =
                        if end > peak { ((now - peak) / (end - peak)).min(1.0) } else { 1.0 };
                    [half_cosine(lr, first / LAST_DIVISOR, done), half_cosine(middle, ends, done)]
                }
            }
            Self::Step { milestones, factor } => {
                let reached = milestones.iter().filter(|milestone| **milestone <= t).count();
                [lr * factor.powi(i32::try_from(reached).unwrap_or(i32::MAX)), momentum]
            }
            Self::Piecewise { points } => [lr * interpolated(points, now), momentum],
        }
    }
}

/// From `from` to `to` along half a cosine.
fn half_cosine(from: f64, to: f64, done: f64) -> f64 {
    to + (from - to) / 2.0 * (1.0 + (PI * done).cos())
}

/// Linear between points, constant outside; 1 without points.
fn interpolated(points: &[(f64, f64)], at: f64) -> f64 {
    let after = points.iter().position(|(position, _)| *position > at);
    match after {
        Some(0) => points[0].1,
        Some(i) => {
            let ((x0, y0), (x1, y1)) = (points[i - 1], points[i]);
            y0 + (y1 - y0) * (at - x0) / (x1 - x0)
        }
        None => points.last().map_or(1.0, |(_, factor)| *factor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of the official training with a million generated images: 400 epochs, a position each.
    #[test]
    fn one_cycle_has_the_values_of_the_recipe() {
        let schedule = Schedule::OneCycle { warmup: 0.025, momentum: Some(ONE_CYCLE_MOMENTUM) };
        let values = [
            (1, 0.008, 0.95),
            (6, 0.1207, 0.891),
            (10, 0.2, 0.85),
            (101, 0.1743, 0.863),
            (201, 0.1032, 0.898),
            (301, 0.0302, 0.935),
            (400, 8e-7, 0.95),
        ];
        for (epoch, lr, momentum) in values {
            let found = schedule.at(epoch - 1, 400, 0.2, 0.9);
            let tolerance = if epoch == 400 { 1e-15 } else { 6e-5 };
            assert!((found[0] - lr).abs() < tolerance, "epoch {epoch}: {found:?}");
            assert!((found[1] - momentum).abs() < 6e-4, "epoch {epoch}: {found:?}");
        }
        let fixed = Schedule::OneCycle { warmup: 0.025, momentum: None };
        assert_eq!(fixed.at(9, 400, 0.2, 0.9), [0.2, 0.9]);
    }

    #[test]
    fn every_schedule_stays_within_its_bounds_however_short() {
        let schedules = [
            Schedule::Constant,
            Schedule::Cosine,
            Schedule::OneCycle { warmup: 0.3, momentum: Some(ONE_CYCLE_MOMENTUM) },
            Schedule::Step { milestones: vec![2, 5], factor: 0.1 },
            Schedule::Piecewise { points: vec![(0.0, 0.0), (2.0, 1.0), (4.0, 0.0)] },
        ];
        for schedule in schedules {
            for total in 1..9 {
                for t in 0..total {
                    let [lr, momentum] = schedule.at(t, total, 0.1, 0.9);
                    assert!((0.0..=0.1 + 1e-15).contains(&lr), "{schedule:?} {t} {total} {lr}");
                    assert!((0.85 - 1e-12..=0.95 + 1e-12).contains(&momentum), "{schedule:?}");
                }
            }
        }
    }

    #[test]
    fn steps_come_at_their_milestones_and_lines_lie_between_points() {
        let step = Schedule::Step { milestones: vec![100, 105], factor: 0.1 };
        let rates = [99, 100, 104, 105, 109].map(|t| step.at(t, 110, 0.1, 0.9)[0]);
        let expected = [0.1, 0.01, 0.01, 0.001, 0.001];
        assert!(rates.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-15), "{rates:?}");
        let piecewise = Schedule::Piecewise { points: vec![(1.0, 0.5), (3.0, 1.0), (4.0, 0.0)] };
        let rates = [0, 1, 2, 3, 4, 5].map(|t| piecewise.at(t, 6, 2.0, 0.9)[0]);
        assert_eq!(rates, [1.0, 1.0, 1.5, 2.0, 0.0, 0.0]);
    }
}
