//! The search for intervals on which a function is shown to rise or to fall.

use super::integrand::Integrand;
use super::search;
use super::shape::Trend;
use crate::real::Interval;

/// Edges and trends over `cover`: between the nodes of the estimate, bisected until they are shown or do not matter.
pub(super) fn find(
    integrand: &Integrand,
    nodes: &[f64],
    cover: Interval,
    width: f64,
) -> (Vec<f64>, Vec<Trend>) {
    let near = 0.5 * search::near(width);
    let mut ends = vec![cover.lower()];
    for at in nodes.iter().flat_map(|node| [node - near, node + near]) {
        if at > ends[ends.len() - 1] && at < cover.upper() {
            ends.push(at);
        }
    }
    ends.push(cover.upper());
    let edges = vec![cover.lower()];
    let mut search = Search { integrand, allowed: width / 32.0, edges, trends: Vec::new() };
    for pair in ends.windows(2) {
        search.resolve(pair[0], pair[1], 0, f64::INFINITY);
    }
    (search.edges, search.trends)
}

/// How often an interval is halved, and how many there may be: the rest stays unknown and costs width.
const DEPTH: u32 = 60;
const INTERVALS: usize = 5000;

/// Below this an oscillation can be rounding: the square root of a rounding error is about 1e-8.
const ROUNDING: f64 = 1e-5;

struct Search<'a> {
    integrand: &'a Integrand,
    /// What an interval of unknown trend may cost.
    allowed: f64,
    edges: Vec<f64>,
    trends: Vec<Trend>,
}

impl Search<'_> {
    /// `before` is the oscillation of the interval that this one is a half of.
    fn resolve(&mut self, from: f64, to: f64, depth: u32, before: f64) {
        let u = Interval::new(from, to);
        let (trend, oscillation) = self.integrand.trend(u);
        // A small oscillation that halving did not make smaller is rounding.
        let rounding = oscillation < ROUNDING && oscillation > 0.8 * before;
        let middle = 0.5 * (from + to);
        let divisible =
            depth < DEPTH && self.edges.len() < INTERVALS && middle > from && middle < to;
        let known = trend != Trend::Unknown || rounding || self.may_cost(u, oscillation);
        if known || !divisible {
            self.edges.push(to);
            self.trends.push(trend);
        } else {
            self.resolve(from, middle, depth + 1, oscillation);
            self.resolve(middle, to, depth + 1, oscillation);
        }
    }

    /// Whether nothing more needs to be known of an interval on which what is under the supremum varies by so little.
    fn may_cost(&self, u: Interval, oscillation: f64) -> bool {
        oscillation <= self.allowed
            || oscillation * self.integrand.mass_at_most(self.integrand.window(u)) <= self.allowed
    }
}
