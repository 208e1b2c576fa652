//! Unions of intervals: where functions have a sign, which class is the likeliest, and with what probability x is there.

use super::line::{Line, Which};
use super::mesh::{Mesh, Sample};
use super::monotone::Monotone;
use super::root::root;
use crate::law::LineComponent;
use crate::line::pairs;
use crate::quadrature::Estimate;
use crate::tolerance;

/// The end of an interval: where it is, and how far off that may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct End {
    pub at: f64,
    pub error: f64,
}

impl End {
    /// No end: the interval goes on to infinity.
    fn infinite(sign: f64) -> Self {
        Self { at: sign * f64::INFINITY, error: 0.0 }
    }

    fn moved(self, by: f64) -> Self {
        Self { at: self.at + by, ..self }
    }
}

/// Disjoint intervals, ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Region(Vec<(End, End)>);

impl Region {
    /// The union of adjacent cells between `cuts`, ascending: those for which `inside` holds at a point within. The outermost cells go on
    /// to infinity.
    pub fn between(cuts: &[End], (from, to): (f64, f64), inside: impl Fn(f64) -> bool) -> Self {
        let mut region = Self::default();
        let mut ends = vec![End::infinite(-1.0)];
        for &cut in cuts {
            // Two crossings that rounding does not tell apart are a boundary that is touched.
            let last = ends[ends.len() - 1];
            if cut.at - last.at > last.error.min(cut.error) {
                ends.push(cut);
            }
        }
        ends.push(End::infinite(1.0));
        for pair in ends.windows(2) {
            let (start, end) = (pair[0], pair[1]);
            if inside(0.5 * (start.at.max(from) + end.at.min(to))) {
                region.push(start, end);
            }
        }
        region
    }

    fn push(&mut self, start: End, end: End) {
        match self.0.last_mut() {
            Some(last) if start.at <= last.1.at => {
                if end.at > last.1.at {
                    last.1 = end;
                }
            }
            _ => self.0.push((start, end)),
        }
    }

    /// The union of regions.
    pub fn union(regions: impl IntoIterator<Item = Self>) -> Self {
        let mut intervals: Vec<(End, End)> =
            regions.into_iter().flat_map(|region| region.0).collect();
        intervals.sort_by(|a, b| a.0.at.total_cmp(&b.0.at));
        let mut union = Self::default();
        for (start, end) in intervals {
            union.push(start, end);
        }
        union
    }

    /// The points whose windows of radius `epsilon` lie in the region.
    pub fn eroded(&self, epsilon: f64) -> Self {
        let shrunk = self.0.iter().map(|(a, b)| (a.moved(epsilon), b.moved(-epsilon)));
        Self(shrunk.filter(|(a, b)| a.at < b.at).collect())
    }

    /// The sum over `components` of the probability of each and of an x in the region.
    pub fn probability<'c>(
        &self,
        components: impl IntoIterator<Item = &'c LineComponent<f64>>,
    ) -> Estimate {
        let mut total = Estimate::exact(0.0);
        for component in components {
            let between = |a: f64, b: f64| component.probability(a, b);
            for &(start, end) in &self.0 {
                total.value += between(start.at, end.at);
                // What lies between where an end may be; and the rounding of the end on the component's scale.
                for End { at, error } in [start, end].into_iter().filter(|end| end.at.is_finite()) {
                    let off = error + f64::EPSILON * (at.abs() + component.mean().abs());
                    total.error += between(at - off, at + off);
                }
            }
        }
        // Each probability is a difference of two error functions, good to a few units in the last place of 1 times its mass.
        total.error += 4.0 * f64::EPSILON * total.value;
        total
    }
}

/// Where the first channel of `sample` takes one of the values `levels`, ascending: on each monotone piece at most once, and isolated there.
pub fn crossings(
    line: &Line,
    (from, to): (f64, f64),
    levels: &[f64],
    sample: &impl Fn(f64) -> Sample,
) -> Vec<End> {
    let mesh = Mesh::new(&line.seeds(from, to), sample);
    let shape = Monotone::new(&mesh, sample);
    let mut ends = Vec::new();
    for pair in shape.nodes().windows(2) {
        for &level in levels {
            let [a, b] = [pair[0], pair[1]].map(|node| (node.x, node.value - level));
            if (a.1 > 0.0) == (b.1 > 0.0) || !(a.1.is_finite() && b.1.is_finite()) {
                continue;
            }
            let value = |x| sample(x).channels[0].value - level;
            let width = f64::EPSILON * (a.0.abs().max(b.0.abs()));
            let at = root(value, a, b, width);
            let found = sample(at);
            let (left, slope) = (found.channels[0].value - level, found.channels[0].slope.abs());
            let noise = found.noise(level);
            // Two sides that are equal all along cross nowhere.
            if a.1.abs().max(b.1.abs()) > noise {
                let off = (noise + left.abs()) / slope;
                ends.push(End { at, error: 2.0 * width + off.min(b.0 - a.0) });
            }
        }
    }
    ends.sort_by(|a, b| a.at.total_cmp(&b.at));
    ends
}

/// Where the likeliest class of P or Q may change, ascending: the crossings of any two logits.
pub fn changes(line: &Line, which: Which, range: (f64, f64)) -> Vec<End> {
    let classes: Vec<usize> = (0..line.classes()).collect();
    let mut ends = Vec::new();
    for (&j, &k) in pairs(&classes) {
        let sample = |x| {
            let (logits, scale) = line.probe_logits(which, x);
            let difference = logits.entries()[j] - logits.entries()[k];
            Sample::new(x, scale, [&difference])
        };
        ends.extend(crossings(line, range, &[0.0], &sample));
    }
    ends.sort_by(|a, b| a.at.total_cmp(&b.at));
    ends
}

/// The likeliest class of P or Q at x; of several that agree to rounding the first.
pub fn likeliest(line: &Line, which: Which, x: f64) -> usize {
    let labels = line.labels(which, x);
    let p = labels.probabilities().entries();
    (1..p.len()).fold(0, |best, k| if p[k] > p[best] + tolerance::TIE { k } else { best })
}
