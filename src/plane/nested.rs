//! One of several nested integrals: adaptive quadrature of a function that says where it changes its formula.
//!
//! The integrand of a risk in the plane is analytic but for finitely many curves, on which the maximiser jumps, or leaves a vertex for an edge.
//! Along a line these are points, and the integral over the line changes its formula where a curve is tangent to it or two curves meet. So the same
//! rule serves twice: each evaluation carries the formula that it used ([`Branch`]), a cell whose error matters is cut where two neighbouring
//! nodes disagree, and the sequence of formulas that an integral went through is its own branch in the outer one.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use smallvec::SmallVec;

use crate::quadrature::rule;
use crate::tolerance;

/// Which formula an evaluation used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Branch {
    /// What can be named: the vertex or edge on which the maximiser is, the signs that were taken.
    pub kind: u64,
    /// Where on a smooth boundary the maximiser is, in turns; it moves continuously as long as the formula stays.
    pub place: f64,
    /// What has to vanish before the branch changes, as far as that is known: it shows where a change and the change back are both between two
    /// nodes.
    pub margin: f64,
}

impl Default for Branch {
    fn default() -> Self {
        Self { kind: 0, place: 0.0, margin: f64::INFINITY }
    }
}

impl Branch {
    fn differs(&self, other: &Self) -> bool {
        let apart = (self.place - other.place).abs();
        self.kind != other.kind || apart.min(1.0 - apart) > tolerance::LEAP
    }
}

/// An evaluation: a value, what is known of its error, and its branch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub value: f64,
    pub error: f64,
    pub branch: Branch,
}

/// How accurate an integral has to be, and how many cells it may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accuracy {
    /// The absolute error that is enough.
    pub enough: f64,
    /// How closely a change of branch is located, relative to the cell.
    pub change: f64,
    pub cells: usize,
}

struct Cell {
    from: f64,
    to: f64,
    value: f64,
    /// What the rules show.
    error: f64,
    /// What the evaluations bring along, and rounding.
    noise: f64,
    /// The nodes between which the branch changes first.
    change: Option<(Node, Node)>,
    /// The branches from left to right.
    kinds: SmallVec<[u64; 4]>,
}

#[derive(Clone, Copy)]
struct Node {
    x: f64,
    value: f64,
    branch: Branch,
}

impl Cell {
    fn removable(&self) -> f64 {
        let thin = self.to - self.from <= tolerance::THIN * self.from.abs().max(self.to.abs());
        if thin || self.error <= self.noise { 0.0 } else { self.error }
    }
}

impl Ord for Cell {
    fn cmp(&self, other: &Self) -> Ordering {
        self.removable().total_cmp(&other.removable())
    }
}
impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Cell {}

/// Integrates `f` between neighbouring `cuts`, ascending.
pub(crate) fn integrate(
    cuts: &[f64],
    mut f: impl FnMut(f64) -> Found,
    accuracy: Accuracy,
) -> Found {
    let mut cells: BinaryHeap<Cell> =
        cuts.windows(2).map(|pair| evaluate(pair[0], pair[1], &mut f)).collect();
    let mut removable: f64 = cells.iter().map(Cell::removable).sum();
    let noise: f64 = cells.iter().map(|cell| cell.noise).sum();
    while removable > accuracy.enough.max(noise) && cells.len() < accuracy.cells {
        let Some(worst) = cells.pop() else { break };
        removable -= worst.removable();
        let at = split(&worst, &mut f, accuracy.change);
        for (from, to) in [(worst.from, at), (at, worst.to)] {
            let cell = evaluate(from, to, &mut f);
            removable += cell.removable();
            cells.push(cell);
        }
    }
    let mut cells = cells.into_vec();
    cells.sort_by(|a, b| a.from.total_cmp(&b.from));
    let (mut value, mut error, mut kind, mut last) = (0.0, 0.0, 0_u64, None);
    for cell in &cells {
        value += cell.value;
        error += cell.error + cell.noise;
        for &next in &cell.kinds {
            if last != Some(next) {
                kind = kind.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17) ^ next;
                last = Some(next);
            }
        }
    }
    Found { value, error, branch: Branch { kind, ..Branch::default() } }
}

fn evaluate(from: f64, to: f64, f: &mut impl FnMut(f64) -> Found) -> Cell {
    let mut nodes: SmallVec<[Node; 24]> = SmallVec::new();
    let mut largest: f64 = 0.0;
    let applied = rule::apply(from, to, |x| {
        let found = f(x);
        nodes.push(Node { x, value: found.value, branch: found.branch });
        largest = largest.max(found.error);
        found.value
    });
    nodes.sort_by(|a, b| a.x.total_cmp(&b.x));
    let differ = nodes.windows(2).find(|pair| pair[0].branch.differs(&pair[1].branch));
    let (change, unseen) = match differ {
        Some(pair) => (Some((pair[0], pair[1])), 0.0),
        None => hidden(&nodes, f),
    };
    let mut kinds: SmallVec<[u64; 4]> = nodes.iter().map(|node| node.branch.kind).collect();
    kinds.dedup();
    Cell {
        from,
        to,
        value: applied.value,
        error: applied.error + unseen,
        noise: (to - from) * largest + tolerance::ROUNDING * applied.absolute,
        change,
        kinds,
    }
}

/// A change of branch and back between two nodes of one branch, found where the margin dips towards 0; and what the rules may not have seen of it.
fn hidden(nodes: &[Node], f: &mut impl FnMut(f64) -> Found) -> (Option<(Node, Node)>, f64) {
    let size = nodes.iter().map(|node| node.branch.margin.abs()).fold(0.0, f64::max);
    if !size.is_finite() {
        return (None, 0.0);
    }
    for triple in nodes.windows(3) {
        let [a, b, c] = [triple[0], triple[1], triple[2]];
        let m = [a, b, c].map(|node| node.branch.margin.abs());
        if m[1] > m[0] || m[1] > m[2] || m[1] <= tolerance::TIE * size {
            continue;
        }
        // The parabola through the three.
        let (left, right) = ((m[1] - m[0]) / (b.x - a.x), (m[2] - m[1]) / (c.x - b.x));
        let bend = (right - left) / (c.x - a.x);
        let slope = left + bend * (b.x - a.x);
        let step = -0.5 * slope / bend;
        let (x, least) = (b.x + step, m[1] + 0.5 * slope * step);
        if bend > 0.0 && x > a.x && x < c.x && least < 0.25 * m[1] {
            let Found { value, branch, .. } = f(x);
            if branch.differs(&b.branch) {
                let node = Node { x, value, branch };
                let unseen = (c.x - a.x) * (value - b.value).abs();
                return (Some(if x < b.x { (a, node) } else { (b, node) }), unseen);
            }
        }
    }
    (None, 0.0)
}

/// Where to cut a cell: where its branch changes, else in the middle.
fn split(cell: &Cell, f: &mut impl FnMut(f64) -> Found, close: f64) -> f64 {
    let Cell { from, to, .. } = *cell;
    let middle = 0.5 * (from + to);
    let Some((mut a, mut b)) = cell.change else { return middle };
    let width = close * (to - from);
    while b.x - a.x > width {
        let x = 0.5 * (a.x + b.x);
        if x <= a.x || x >= b.x {
            break;
        }
        let found = f(x);
        let node = Node { x, value: found.value, branch: found.branch };
        if a.branch.differs(&node.branch) {
            b = node;
        } else if node.branch.differs(&b.branch) {
            a = node;
        } else {
            // It moved fast, and did not jump.
            return middle;
        }
    }
    let at = 0.5 * (a.x + b.x);
    let margin = 2.0 * width;
    if at > from + margin && at < to - margin { at } else { middle }
}
