//! Where the law's mass is: the interval that integrals are truncated to, what the rest can contribute, and cells that are
//! fine enough for the density.

use crate::law::{LineComponent, LineLaw};
use crate::line::Side;
use crate::tolerance;

/// The normal components of a law in one dimension.
#[derive(Clone, Debug)]
pub struct Support {
    components: Vec<Normal>,
}

#[derive(Clone, Copy, Debug)]
struct Normal {
    mean: f64,
    deviation: f64,
}

/// One end of the truncated line.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// Where the integral stops.
    pub at: f64,
    /// What the integral from there to infinity is estimated to be at most.
    pub rest: f64,
}

impl Support {
    pub fn new(law: &LineLaw<f64>) -> Self {
        let normal =
            |c: &LineComponent<f64>| Normal { mean: c.mean(), deviation: c.standard_deviation() };
        Self { components: law.components().map(normal).collect() }
    }

    /// The interval that holds every component to [`tolerance::REACH`] standard deviations.
    pub fn hull(&self) -> (f64, f64) {
        self.components.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(from, to), normal| {
            let reach = tolerance::REACH * normal.deviation;
            (from.min(normal.mean - reach), to.max(normal.mean + reach))
        })
    }

    /// Where to truncate, given the integrand or something above it: the end of the hull, moved outward until what is beyond is
    /// negligible.
    ///
    /// A function whose logarithm is concave and falls at the rate r at L has at most its value at L over r beyond; for a Gaussian this is
    /// Mill's ratio. Twice that allows for a factor that grows polynomially.
    pub fn end(&self, side: Side, integrand: impl Fn(f64) -> f64) -> End {
        let sign = side.sign();
        let reach_of = |n: &Normal| sign * n.mean + tolerance::REACH * n.deviation;
        let outer = self
            .components
            .iter()
            .max_by(|a, b| reach_of(a).total_cmp(&reach_of(b)))
            .expect("a law has components");
        let at = |reach: f64| outer.mean + sign * reach * outer.deviation;
        let mut reach = tolerance::REACH;
        let mut before = integrand(at(reach - 1.0));
        loop {
            let value = integrand(at(reach));
            // Both 0: nothing is left to fall.
            let rate =
                if value > 0.0 { (before / value).ln() / outer.deviation } else { f64::INFINITY };
            let rest = if rate > 0.0 { 2.0 * value / rate } else { f64::INFINITY };
            if rest <= tolerance::TAIL || reach >= tolerance::FARTHEST {
                return End { at: at(reach), rest };
            }
            before = value;
            reach += 1.0;
        }
    }

    /// Points from `from` to `to`, so close that the rules of quadrature can follow every component with mass between neighbours.
    pub fn cuts(&self, from: f64, to: f64) -> Vec<f64> {
        let mut cuts = Vec::new();
        for normal in &self.components {
            let reach = tolerance::REACH * normal.deviation;
            cuts.extend([normal.mean - reach, normal.mean, normal.mean + reach]);
        }
        cuts.retain(|&x| x > from && x < to);
        cuts.extend([from, to]);
        cuts.sort_by(f64::total_cmp);
        let gaps: Vec<(f64, f64)> = cuts.windows(2).map(|pair| (pair[0], pair[1])).collect();
        for (a, b) in gaps {
            let middle = 0.5 * (a + b);
            let near = |n: &&Normal| (middle - n.mean).abs() <= tolerance::REACH * n.deviation;
            let finest = self.components.iter().filter(near).map(|n| n.deviation).reduce(f64::min);
            let step = tolerance::CELL * finest.unwrap_or(b - a);
            let count = ((b - a) / step).ceil();
            let steps = std::iter::successors(Some(1.0), |i| Some(i + 1.0));
            cuts.extend(steps.take_while(|&i| i < count).map(|i| a + (b - a) * (i / count)));
        }
        cuts.sort_by(f64::total_cmp);
        cuts.dedup();
        cuts
    }
}
