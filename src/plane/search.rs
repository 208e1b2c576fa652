//! The supremum over `x + B` by search: along the boundary of B, and at the local maxima inside.
//!
//! On every arc of the boundary the function is sampled with its slope; each change from rising to falling brackets a local maximum, which is
//! located where it can matter. A maximum inside is one of the plane's own, which are found once. So the supremum rests on two assumptions:
//! that between two samples of an arc the function turns at most once, and that the grid has seen every local maximum.

use super::body::{
    Body, Shape, Vector, difference, dot, image, is_flat, long_axis, norm, scaled, sum,
};
use super::field::{Along, Field, Under};
use super::nested::Branch;
use crate::risk::root;
use crate::tolerance;
use smallvec::SmallVec;

/// A part of the boundary, on which the parameter runs from 0 to 1.
#[derive(Clone, Debug)]
enum Arc {
    /// From one vertex to another one over those between.
    Chain(Vec<Vector>),
    /// Of an ellipse, from one angle to another.
    Angles { factor: [Vector; 2], from: f64, to: f64 },
}

/// The boundary of a body, ready to be searched.
#[derive(Clone, Debug)]
pub(super) struct Boundary {
    body: Body,
    arcs: Vec<Arc>,
    /// Into how many parts each is cut to begin with.
    steps: Vec<u32>,
    /// Whether the vertices and edges are few enough to be told apart.
    named: bool,
    /// Half the sides of the rectangle around the body.
    reach: Vector,
}

/// What is to be done about local maxima inside.
#[derive(Clone, Copy, Debug)]
pub(super) enum Inside<'m> {
    /// There are none that exceed the boundary.
    Nowhere,
    /// They are among these.
    At(&'m [(Vector, f64)]),
    /// They depend on x.
    Search,
}

/// The function at a point of an arc.
#[derive(Clone, Copy)]
struct Sample {
    arc: usize,
    t: f64,
    value: f64,
    slope: f64,
}

/// A search under way.
struct Search<'s> {
    field: &'s Field<'s>,
    under: &'s Under,
    x: Vector,
    best: Supremum,
    /// Values at vertices and peaks, with their places.
    others: SmallVec<[(f64, f64); 64]>,
}

/// A supremum and where it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Supremum {
    pub value: f64,
    pub branch: Branch,
}

/// How often a part of an arc may be halved.
const DEPTH: u32 = 6;

/// More edges than this are searched as a smooth curve is.
const EDGES: usize = 24;

/// How many arcs an ellipse is cut into.
const ANGLES: usize = 12;

/// The names of local maxima begin here.
const INSIDE: u64 = 1 << 32;

impl Boundary {
    /// The boundary, sampled as finely as a function asks for that changes by something of order one over `scale`.
    pub fn new(body: &Body, scale: f64) -> Self {
        let edge = |a: Vector, b: Vector| Arc::Chain(vec![a, b]);
        let (arcs, named) = match body.shape() {
            Shape::Polygon(v) if v.len() == 1 => (Vec::new(), true),
            Shape::Polygon(v) if v.len() == 2 => (vec![edge(v[0], v[1])], true),
            Shape::Polygon(v) if v.len() <= EDGES => {
                ((0..v.len()).map(|i| edge(v[i], v[(i + 1) % v.len()])).collect(), true)
            }
            Shape::Polygon(v) => {
                let stride = v.len().div_ceil(EDGES);
                let chain = |from: usize| {
                    let to = (from + stride).min(v.len());
                    Arc::Chain((from..=to).map(|i| v[i % v.len()]).collect())
                };
                ((0..v.len()).step_by(stride).map(chain).collect(), false)
            }
            Shape::Ellipse { factor } if is_flat(factor) => {
                let end = long_axis(factor);
                (vec![edge(end, scaled(end, -1.0))], true)
            }
            Shape::Ellipse { factor } => {
                let turn = std::f64::consts::TAU / ANGLES as f64;
                let arc = |i: usize| {
                    let from = turn * i as f64;
                    Arc::Angles { factor: *factor, from, to: from + turn }
                };
                ((0..ANGLES).map(arc).collect(), false)
            }
        };
        let steps = arcs.iter().map(|arc| arc.steps(scale)).collect();
        let reach = [[1.0, 0.0], [0.0, 1.0]].map(|axis| body.support(&axis));
        Self { body: body.clone(), arcs, steps, named, reach }
    }

    /// The supremum over `x + B`; `inside` says what to do about maxima inside.
    pub fn supremum(&self, field: &Field, under: &Under, x: Vector, inside: Inside) -> Supremum {
        if self.arcs.is_empty() {
            return Supremum { value: field.value(under, x), branch: Branch::default() };
        }
        let mut found = Search { field, under, x, best: Supremum::none(), others: SmallVec::new() };
        let ends: SmallVec<[[Sample; 2]; EDGES]> = (0..self.arcs.len())
            .map(|arc| [0.0, 1.0].map(|t| self.sample(&found, arc, t)))
            .collect();
        for end in ends.iter().flatten() {
            self.propose_end(&mut found, end);
        }
        for [a, b] in &ends {
            let steps = self.steps[a.arc];
            let mut last = *a;
            for j in 1..steps {
                let next = self.sample(&found, a.arc, f64::from(j) / f64::from(steps));
                self.resolve(&mut found, &last, &next, 0);
                last = next;
            }
            self.resolve(&mut found, &last, b, 0);
        }
        let Search { mut best, others, .. } = found;
        let far = |place: f64| {
            let apart = (place - best.branch.place).abs();
            apart.min(1.0 - apart) > tolerance::LEAP
        };
        let rivals = others.iter().filter(|other| far(other.1)).map(|other| other.0);
        best.branch.margin = best.value - rivals.fold(f64::NEG_INFINITY, f64::max);
        match inside {
            Inside::Nowhere => {}
            Inside::At(maxima) => {
                for (index, (at, value)) in maxima.iter().enumerate() {
                    if self.body.contains(difference(*at, x)) {
                        let kind = INSIDE + index as u64;
                        best.propose(*value, Branch { kind, ..Branch::default() });
                    }
                }
            }
            Inside::Search => {
                for (at, value) in self.search_inside(field, under, x) {
                    if self.body.contains(difference(at, x)) {
                        best.propose(value, Branch { kind: INSIDE, ..Branch::default() });
                    }
                }
            }
        }
        best
    }

    /// Whether it is a polygon of so many edges that the supremum changes its formula almost everywhere.
    pub fn is_faceted(&self) -> bool {
        self.arcs.iter().any(|arc| matches!(arc, Arc::Chain(vertices) if vertices.len() > 2))
    }

    fn sample(&self, search: &Search, arc: usize, t: f64) -> Sample {
        let (v, direction, _) = self.arcs[arc].point(t);
        let [value, slope] = search.field.slope(search.under, sum(search.x, v), direction);
        Sample { arc, t, value, slope }
    }

    fn place(&self, arc: usize, t: f64) -> f64 {
        (arc as f64 + t) / self.arcs.len() as f64
    }

    /// An end of an arc: a vertex, if they have names.
    fn propose_end(&self, search: &mut Search, &Sample { arc, t, value, .. }: &Sample) {
        let count = self.arcs.len();
        let vertex = match t == 0.0 {
            true => arc,
            // Of a segment the other end.
            false if count == 1 => 1,
            false => (arc + 1) % count,
        };
        let kind = if self.named { 2 * vertex as u64 } else { 0 };
        search.propose(value, kind, self.place(arc, t) % 1.0);
    }

    /// Looks for a local maximum between two samples of an arc, if it can matter.
    fn resolve(&self, search: &mut Search, a: &Sample, b: &Sample, depth: u32) {
        let width = b.t - a.t;
        // A peak between the two stays below twice their steeper tangent.
        let reach = a.value.max(b.value) + 2.0 * width * a.slope.max(-b.slope);
        if reach <= search.best.beaten() || reach.is_nan() {
            return;
        }
        let middle = self.sample(search, a.arc, 0.5 * (a.t + b.t));
        let guess = 0.5 * (a.value + b.value) + 0.125 * width * (a.slope - b.slope);
        let variation = (b.value - a.value).abs() + 0.125 * width * (a.slope.abs() + b.slope.abs());
        let error = (middle.value - guess).abs();
        if error > tolerance::SHAPE * variation && depth < DEPTH {
            self.resolve(search, a, &middle, depth + 1);
            self.resolve(search, &middle, b, depth + 1);
            return;
        }
        for (a, b) in [(a, &middle), (&middle, b)] {
            let reach = a.value.max(b.value) + width * a.slope.max(-b.slope);
            if a.slope > 0.0 && b.slope < 0.0 && reach > search.best.beaten() {
                let ends = ((a.t, a.slope), (b.t, b.slope));
                let (t, peak) = self.arcs[a.arc].peak(search.field, search.under, search.x, ends);
                let kind = if self.named { 2 * a.arc as u64 + 1 } else { 0 };
                search.propose(peak, kind, self.place(a.arc, t));
            }
        }
    }

    /// The local maxima in the rectangle around `x + B`, as far as a grid as fine as the boundary's samples shows them.
    fn search_inside(&self, field: &Field, under: &Under, x: Vector) -> Vec<(Vector, f64)> {
        let reach = self.reach;
        if reach.contains(&0.0) {
            return Vec::new();
        }
        let n = 4 + self.steps.iter().sum::<u32>().clamp(4, 16) as usize;
        maxima(field, under, (difference(x, reach), sum(x, reach)), n)
    }
}

impl Supremum {
    fn none() -> Self {
        Self { value: f64::NEG_INFINITY, branch: Branch::default() }
    }

    /// What another value has to exceed: the first of those that only rounding tells apart stays.
    fn beaten(&self) -> f64 {
        self.value + tolerance::CROSSING * self.value.abs()
    }

    fn propose(&mut self, value: f64, branch: Branch) {
        let known = self.beaten();
        // Of nothing yet, -inf, this is no number; and a value that is none must not get lost.
        if value > known || known.is_nan() || value.is_nan() {
            *self = Self { value, branch };
        }
    }
}

impl Search<'_> {
    fn propose(&mut self, value: f64, kind: u64, place: f64) {
        self.best.propose(value, Branch { kind, place, ..Branch::default() });
        self.others.push((value, place));
    }
}

impl Arc {
    fn length(&self) -> f64 {
        match self {
            Self::Chain(v) => v.windows(2).map(|p| norm(difference(p[1], p[0]))).sum(),
            Self::Angles { factor, from, to } => {
                norm([norm(factor[0]), norm(factor[1])]) * (to - from)
            }
        }
    }

    /// Into how many parts to cut it to begin with.
    fn steps(&self, scale: f64) -> u32 {
        let steps = (self.length() / (2.0 * scale)).ceil().clamp(1.0, 20.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 20")]
        let steps = steps as u32;
        steps
    }

    /// `x` plus the point at the parameter t, as a curve.
    fn at(&self, x: Vector, t: f64) -> [Along; 2] {
        let (v, slope, bend) = self.point(t);
        [0, 1].map(|i| Along::from_coefficients([x[i] + v[i], slope[i], bend[i]]))
    }

    /// The point at the parameter t, the slope there and half the curvature.
    fn point(&self, t: f64) -> (Vector, Vector, Vector) {
        match self {
            Self::Chain(vertices) => {
                let last = vertices.len() - 2;
                let s = t * (last + 1) as f64;
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "an index"
                )]
                let i = (s.floor() as usize).min(last);
                let along = difference(vertices[i + 1], vertices[i]);
                // The end itself, not what rounding makes of it.
                let v = if s >= (i + 1) as f64 {
                    vertices[i + 1]
                } else {
                    sum(vertices[i], scaled(along, s - i as f64))
                };
                (v, scaled(along, (last + 1) as f64), [0.0; 2])
            }
            Self::Angles { factor, from, to } => {
                let (sin, cos) = (from + t * (to - from)).sin_cos();
                let turn = to - from;
                let v = image(factor, [cos, sin]);
                (v, scaled(image(factor, [-sin, cos]), turn), scaled(v, -0.5 * turn * turn))
            }
        }
    }

    /// The local maximum between two parameters with the slopes there, the first positive, the second negative.
    fn peak(
        &self,
        field: &Field,
        under: &Under,
        x: Vector,
        ((mut a, mut rise), (mut b, mut fall)): ((f64, f64), (f64, f64)),
    ) -> (f64, f64) {
        if let Self::Chain(vertices) = self
            && vertices.len() > 2
        {
            return chain_peak(vertices, field, under, x, (a, b));
        }
        // Newton's method, kept in the bracket: the value is exact to the square of the error of the place.
        let enough = tolerance::TURN * (b - a);
        let near = tolerance::NEAR * (b - a);
        let mut t = a + (b - a) * rise / (rise - fall);
        for _ in 0..8 {
            let found = field.along(under, &self.at(x, t));
            let [value, slope, bend] = *found.coefficients();
            if slope > 0.0 {
                (a, rise) = (t, slope);
            } else {
                (b, fall) = (t, slope);
            }
            let step = -0.5 * slope / bend;
            if bend < 0.0 && step.abs() <= near {
                // The parabola's own maximum.
                return (t + step, value + 0.5 * slope * step);
            }
            let next = t + step;
            t = if bend < 0.0 && next > a && next < b { next } else { 0.5 * (a + b) };
        }
        let slope = |t: f64| {
            let (v, direction, _) = self.point(t);
            field.slope(under, sum(x, v), direction)[1]
        };
        let t = root::root(slope, (a, rise), (b, fall), enough);
        (t, *field.along(under, &self.at(x, t)).value())
    }
}

/// The local maximum on a chain of edges, between two parameters of it: at a vertex, where the slope before it is positive and the one after it
/// negative, or on an edge.
fn chain_peak(
    vertices: &[Vector],
    field: &Field,
    under: &Under,
    x: Vector,
    (a, b): (f64, f64),
) -> (f64, f64) {
    let count = vertices.len() - 1;
    let edges = count as f64;
    // Value and slope at a vertex, along the edge that begins at `edge`.
    let at = |vertex: usize, edge: usize| {
        let along = difference(vertices[edge + 1], vertices[edge]);
        field.slope(under, sum(x, vertices[vertex]), along)
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "indices")]
    let (mut low, mut high) =
        ((a * edges).floor() as usize, ((b * edges).ceil() as usize).min(count));
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        let [value, after] = at(middle, middle);
        if after > 0.0 {
            low = middle;
        } else if at(middle, middle - 1)[1] < 0.0 {
            high = middle;
        } else {
            return (middle as f64 / edges, value);
        }
    }
    let ([start, rise], [end, fall]) = (at(low, low), at(high, low));
    if rise > 0.0 && fall < 0.0 {
        let edge = Arc::Chain(vec![vertices[low], vertices[high]]);
        let (t, value) = edge.peak(field, under, x, ((0.0, rise), (1.0, fall)));
        ((low as f64 + t) / edges, value)
    } else if start >= end {
        (low as f64 / edges, start)
    } else {
        (high as f64 / edges, end)
    }
}

/// The local maxima of a function in a rectangle, as far as a grid of n times n points shows them.
pub(super) fn maxima(
    field: &Field,
    under: &Under,
    (low, high): (Vector, Vector),
    n: usize,
) -> Vec<(Vector, f64)> {
    let step = [0, 1].map(|i| (high[i] - low[i]) / (n - 1) as f64);
    let at = |i: usize, j: usize| [low[0] + step[0] * i as f64, low[1] + step[1] * j as f64];
    let values: Vec<f64> =
        (0..n * n).map(|index| field.value(under, at(index / n, index % n))).collect();
    let mut found: Vec<(Vector, f64)> = Vec::new();
    for i in 1..n - 1 {
        for j in 1..n - 1 {
            let here = values[i * n + j];
            let around = (i - 1..=i + 1).flat_map(|k| (j - 1..=j + 1).map(move |l| k * n + l));
            if here > 0.0
                && around.clone().all(|k| values[k] <= here)
                && around.clone().any(|k| values[k] < here)
            {
                let (u, value) = climb(field, under, at(i, j), here, step);
                let near = |other: &(Vector, f64)| norm(difference(other.0, u)) < 1e-6 * norm(step);
                if !found.iter().any(near) {
                    found.push((u, value));
                }
            }
        }
    }
    found
}

/// Newton's method towards a local maximum, with steps along the gradient where the function is not concave.
fn climb(field: &Field, under: &Under, start: Vector, value: f64, step: Vector) -> (Vector, f64) {
    let (mut u, mut best) = (start, value);
    let reach = norm(step);
    for _ in 0..60 {
        let [along, across, both] = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
            .map(|direction| *field.towards(under, u, direction).coefficients());
        let gradient = [along[1], across[1]];
        let (xx, yy) = (2.0 * along[2], 2.0 * across[2]);
        let xy = both[2] - along[2] - across[2];
        // Shifted until it is negative definite; a ridge has a flat direction.
        let shift = (xx + yy + ((xx - yy).powi(2) + 4.0 * xy * xy).sqrt()).max(0.0) * 0.5;
        let size = xx.abs() + yy.abs() + xy.abs();
        let (a, b) = (xx - shift - 1e-9 * size, yy - shift - 1e-9 * size);
        let d = a * b - xy * xy;
        let mut move_ =
            [-(b * gradient[0] - xy * gradient[1]) / d, -(a * gradient[1] - xy * gradient[0]) / d];
        if d <= 0.0 || d.is_nan() || dot(move_, gradient) <= 0.0 {
            move_ = scaled(gradient, reach / norm(gradient).max(f64::MIN_POSITIVE));
        }
        let length = norm(move_);
        if length > reach {
            move_ = scaled(move_, reach / length);
        }
        let mut better = false;
        for _ in 0..12 {
            let next = sum(u, move_);
            let value = field.value(under, next);
            if value > best {
                (u, best, better) = (next, value, true);
                break;
            }
            move_ = scaled(move_, 0.25);
        }
        if !better || length < 1e-12 * reach {
            break;
        }
    }
    (u, best)
}
