//! The search for what is known of the window where the maximiser depends on x.

use super::cover::{Cover, Second};
use super::integrand::{Integrand, Labels};
use super::shape::Trend;
use crate::real::{Interval, Taylor};
use crate::risk::{self, Place};

/// A cover of the windows of a cell: a polynomial through the estimated maximisers, the interval around it on which the function is
/// shown to be concave, and the rest bisected until it is shown to rise or to fall, or to stay below.
pub(super) fn cover(integrand: &Integrand, hints: &risk::Integrand, cell: Interval) -> Cover {
    let window = integrand.window(cell);
    let Some(second) = integrand.second() else { return Cover::default() };
    let here = integrand.labels_on(cell);
    let curve = curve(hints, cell);
    let track = Cover { curve: curve.clone(), ..Cover::default() };
    let along = track.curve_on(cell, &Taylor::variable(cell)).map(|curve| curve.range());
    let below = integrand.known_on(cell, &here, along);
    let finest = FINEST * cell.width();
    let edges = vec![window.lower()];
    let mut search = Search { second, here: &here, below, finest, edges, trends: Vec::new() };
    let concave = along.and_then(|along| search.concave(along, window));
    match concave {
        Some(concave) => {
            search.resolve(window.lower(), concave.lower());
            search.push(concave.upper(), Trend::Concave);
            search.resolve(concave.upper(), window.upper());
        }
        None => search.resolve(window.lower(), window.upper()),
    }
    let (edges, trends) = (search.edges, search.trends);
    let curve = if concave.is_some() { curve } else { Vec::new() };
    Cover { edges, trends, curve }
}

/// Intervals of the window are not made shorter than this part of the cell: they would stay unknown because x is.
const FINEST: f64 = 1.0 / 32.0;

/// How many intervals a cover may have: a window can be wider than its cell by many orders. The rest stays unknown and costs width.
const INTERVALS: usize = 1000;

struct Search<'a> {
    second: &'a Second,
    here: &'a Labels<Interval>,
    /// The supremum is at least this.
    below: f64,
    finest: f64,
    edges: Vec<f64>,
    trends: Vec<Trend>,
}

impl Search<'_> {
    fn push(&mut self, to: f64, trend: Trend) {
        self.edges.push(to);
        self.trends.push(trend);
    }

    fn resolve(&mut self, from: f64, to: f64) {
        if from >= to {
            return;
        }
        let [value, slope, _] =
            *self.second.over(self.here, Interval::new(from, to)).coefficients();
        let middle = 0.5 * (from + to);
        if slope.lower() >= 0.0 {
            self.push(to, Trend::Rising);
        } else if slope.upper() <= 0.0 {
            self.push(to, Trend::Falling);
        } else if value.upper() <= self.below
            || to - from <= self.finest
            || self.edges.len() >= INTERVALS
            || middle <= from
            || middle >= to
        {
            self.push(to, Trend::Unknown);
        } else {
            self.resolve(from, middle);
            self.resolve(middle, to);
        }
    }

    /// The largest interval of some around the curve on which the function is shown to be concave.
    fn concave(&self, along: Interval, window: Interval) -> Option<Interval> {
        let mut reach = 0.25 * window.width();
        while reach > 0.5 * self.finest {
            let from = (along.lower() - reach).max(window.lower());
            let to = (along.upper() + reach).min(window.upper());
            if from >= to {
                return None;
            }
            let box_ = Interval::new(from, to).hull(along);
            if self.second.over(self.here, box_).coefficients()[2].upper() < 0.0 {
                return Some(Interval::new(from, to));
            }
            reach *= 0.5;
        }
        None
    }
}

/// A polynomial through the maximisers at Chebyshev points of the cell, in powers of the distance from its midpoint; empty
/// where they are at the ends of the window.
fn curve(hints: &risk::Integrand, cell: Interval) -> Vec<f64> {
    const NODES: u32 = 5;
    let middle = cell.midpoint();
    let radius = 0.5 * cell.width();
    let angle = |i: u32| std::f64::consts::PI * (f64::from(i) + 0.5) / f64::from(NODES);
    let offsets = (0..NODES).map(|i| -radius * angle(i).cos());
    let points: Vec<(f64, f64)> = offsets
        .filter_map(|t| match hints.maximiser(middle + t) {
            Some(Place::At(u)) => Some((t, u)),
            _ => None,
        })
        .collect();
    newton(&points)
}

/// The coefficients of the interpolating polynomial, by Newton's divided differences.
fn newton(points: &[(f64, f64)]) -> Vec<f64> {
    let mut differences: Vec<f64> = points.iter().map(|p| p.1).collect();
    for order in 1..points.len() {
        for i in (order..points.len()).rev() {
            differences[i] =
                (differences[i] - differences[i - 1]) / (points[i].0 - points[i - order].0);
        }
    }
    let mut coefficients: Vec<f64> = Vec::new();
    for (difference, point) in differences.iter().zip(points).rev() {
        // coefficients * (t - point) + difference
        coefficients.insert(0, 0.0);
        for i in 0..coefficients.len() - 1 {
            coefficients[i] -= point.0 * coefficients[i + 1];
        }
        coefficients[0] += difference;
    }
    if coefficients.iter().all(|c| c.is_finite()) { coefficients } else { Vec::new() }
}
