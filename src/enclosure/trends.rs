//! The search for intervals on which a function is shown to rise or to fall.

use super::integrand::Integrand;
use super::shape::Trend;
use crate::real::Interval;

/// Edges and trends over `cover`: between the nodes of the estimate, bisected until they are shown or do not matter.
pub(super) fn find(
    integrand: &Integrand,
    nodes: &[f64],
    cover: Interval,
    width: f64,
) -> (Vec<f64>, Vec<Trend>) {
    let near = 0.05 * width.sqrt();
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
        search.resolve(pair[0], pair[1], 0);
    }
    (search.edges, search.trends)
}

/// How often an interval is halved, and how many there may be: the rest stays unknown and costs width.
const DEPTH: u32 = 60;
const INTERVALS: usize = 5000;

struct Search<'a> {
    integrand: &'a Integrand,
    /// What an interval of unknown trend may cost.
    allowed: f64,
    edges: Vec<f64>,
    trends: Vec<Trend>,
}

impl Search<'_> {
    fn resolve(&mut self, from: f64, to: f64, depth: u32) {
        let u = Interval::new(from, to);
        let trend = self.integrand.trend(u);
        let middle = 0.5 * (from + to);
        let divisible =
            depth < DEPTH && self.edges.len() < INTERVALS && middle > from && middle < to;
        if trend != Trend::Unknown || !divisible || self.does_not_matter(u) {
            self.edges.push(to);
            self.trends.push(trend);
        } else {
            self.resolve(from, middle, depth + 1);
            self.resolve(middle, to, depth + 1);
        }
    }

    fn does_not_matter(&self, u: Interval) -> bool {
        let oscillation = self.integrand.oscillation(u);
        oscillation <= self.allowed
            || oscillation * self.integrand.mass_at_most(self.integrand.window(u)) <= self.allowed
    }
}
