//! The monotone pieces of a function on an interval.

use super::mesh::{Mesh, Sample};
use super::root::root;
use crate::tolerance;

/// A function on an interval, cut into pieces on each of which it is smooth and monotone.
#[derive(Clone, Debug)]
pub struct Monotone {
    nodes: Vec<Node>,
    rising: Vec<bool>,
}

/// An end of a monotone piece: a turning point, a kink, or an end of the interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    pub x: f64,
    pub value: f64,
}

impl Monotone {
    /// The pieces of the first channel of `mesh`, whose samples come from `sample`.
    pub fn new(mesh: &Mesh, sample: &impl Fn(f64) -> Sample) -> Self {
        let samples = mesh.samples();
        let mut cuts: Vec<f64> = mesh.kinks().to_vec();
        let mut last: Option<(&Sample, f64)> = None;
        for (i, current) in samples.iter().enumerate() {
            let sign =
                direction(current, samples.get(i + 1).map_or(1.0, |next| next.x - current.x));
            if sign == 0.0 {
                continue;
            }
            if let Some((previous, before)) = last
                && before != sign
            {
                cuts.push(turning_point(previous, current, sample));
            }
            last = Some((current, sign));
        }
        for triple in samples.windows(3) {
            cuts.extend(
                hidden_turns([&triple[0], &triple[1], &triple[2]], sample).into_iter().flatten(),
            );
        }
        let (first, end) = (samples[0].x, samples[samples.len() - 1].x);
        cuts.retain(|&x| x > first && x < end);
        cuts.extend([first, end]);
        cuts.sort_by(f64::total_cmp);
        cuts.dedup_by(|b, a| *b - *a <= tolerance::KINK * (1.0 + a.abs()));
        let nodes: Vec<Node> =
            cuts.into_iter().map(|x| Node { x, value: sample(x).channels[0].value }).collect();
        let rising = nodes.windows(2).map(|pair| pair[1].value >= pair[0].value).collect();
        Self { nodes, rising }
    }

    /// The function's negative.
    pub fn negated(&self) -> Self {
        let nodes = self.nodes.iter().map(|node| Node { x: node.x, value: -node.value }).collect();
        Self { nodes, rising: self.rising.iter().map(|rising| !rising).collect() }
    }

    /// The ends of the pieces, ascending.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Whether the function rises on the piece that contains `x`.
    pub fn rises_at(&self, x: f64) -> bool {
        let after = self.nodes.partition_point(|node| node.x <= x);
        self.rising[after.clamp(1, self.rising.len()) - 1]
    }
}

/// The sign of the slope; 0 where it is rounding over a distance of `width`.
fn direction(sample: &Sample, width: f64) -> f64 {
    let first = sample.channels[0];
    if (first.slope * width).abs() > sample.noise(first.value) { first.slope.signum() } else { 0.0 }
}

fn turning_point(a: &Sample, b: &Sample, sample: &impl Fn(f64) -> Sample) -> f64 {
    let slope = |x| sample(x).channels[0].slope;
    let width = tolerance::TURN * (b.x - a.x);
    root(slope, (a.x, a.channels[0].slope), (b.x, b.channels[0].slope), width)
}

/// Two turning points between samples whose slopes all have one sign: looks for them where the slope comes closest to zero.
fn hidden_turns(triple: [&Sample; 3], sample: &impl Fn(f64) -> Sample) -> Option<[f64; 2]> {
    let [a, _, b] = triple;
    let between = opposite_slope(triple, sample)?;
    Some([turning_point(a, &between, sample), turning_point(&between, b, sample)])
}

/// A sample between the outer two whose slope has the other sign, if the slope dips that far: follows the minimum of its
/// absolute value by parabolas for as long as it keeps falling.
fn opposite_slope(triple: [&Sample; 3], sample: &impl Fn(f64) -> Sample) -> Option<Sample> {
    let [a, m, b] = triple;
    if a.path != b.path || a.path != m.path {
        return None;
    }
    let sign = m.channels[0].slope.signum();
    let height = |s: &Sample| sign * s.channels[0].slope;
    let [mut a, mut m, mut b] = triple.map(|s| (s.x, height(s)));
    let is_dip = m.1 > 0.0 && a.1 >= m.1 && b.1 >= m.1;
    if !is_dip || m.1 * (b.0 - a.0) <= triple[1].noise(triple[1].channels[0].value) {
        return None;
    }
    for _ in 0..20 {
        let x = vertex(a, m, b)?;
        let tried = sample(x);
        let h = height(&tried);
        if h < 0.0 {
            return Some(tried);
        }
        if h > 0.9 * m.1 {
            return None;
        }
        if x < m.0 {
            (b, m) = (m, (x, h));
        } else {
            (a, m) = (m, (x, h));
        }
    }
    None
}

/// Where the parabola through three points, the middle one lowest, has its minimum; `None` at the middle point itself.
fn vertex(a: (f64, f64), m: (f64, f64), b: (f64, f64)) -> Option<f64> {
    let (left, right) = ((m.0 - a.0) * (b.1 - m.1), (b.0 - m.0) * (a.1 - m.1));
    let x = 0.5 * ((m.0 + b.0) * right + (a.0 + m.0) * left) / (left + right);
    let apart = (x - m.0).abs() > 1e-3 * (b.0 - a.0);
    (x > a.0 && x < b.0 && apart).then_some(x)
}
