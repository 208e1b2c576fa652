//! The sliding maximum `g(x) = max { f(u) : |u - x| <= eps }` of a function of one variable, resolved into pieces.
//!
//! On a window the maximum of a piecewise monotone f is at the window's left end, at its right end, or at a local maximum of
//! f inside. Cut the line where a node of f (turning point or kink) enters or leaves the window: in between, each end of the window
//! moves on one monotone piece and the best node inside stays the same, so that
//!
//! | left end | right end | the maximum is at |
//! |---|---|---|
//! | f falls | f rises | the left end, then perhaps a node, then the right end: f(x - eps) falls and f(x + eps) rises in x |
//! | f falls | f falls | the left end, then perhaps a node |
//! | f rises | f rises | perhaps a node, then the right end |
//! | f rises | f falls | a node |
//!
//! Each change is the single zero of a monotone function of x.

use super::monotone::{Monotone, Node};
use super::root::root;
use crate::quadrature::Piece;
use crate::tolerance;

/// Where in the window `[x - eps, x + eps]` the maximum is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// At `x - eps`.
    LeftEnd,
    /// At `x + eps`.
    RightEnd,
    /// At this point, whatever x is.
    At(f64),
}

impl Place {
    /// The place as a point, for the window around `x`.
    #[must_use]
    pub fn point(self, x: f64, epsilon: f64) -> f64 {
        match self {
            Self::LeftEnd => x - epsilon,
            Self::RightEnd => x + epsilon,
            Self::At(u) => u,
        }
    }
}

/// The pieces of the sliding maximum for x in `[from, to]`; `shape` covers `[from - eps, to + eps]`.
pub fn sliding_maximum(
    f: &impl Fn(f64) -> f64,
    shape: &Monotone,
    epsilon: f64,
    (from, to): (f64, f64),
) -> Vec<Piece<Place>> {
    let mut pieces: Vec<Piece<Place>> = Vec::new();
    let mut push = |piece: Piece<Place>| match pieces.last_mut() {
        Some(last) if last.branch == piece.branch => last.to = piece.to,
        _ if piece.to > piece.from => pieces.push(piece),
        _ => {}
    };
    let cuts = cuts(shape, epsilon, (from, to));
    for pair in cuts.windows(2) {
        let cell = Cell { f, epsilon, from: pair[0], to: pair[1] };
        let middle = 0.5 * (cell.from + cell.to);
        let inside = best_node(shape, middle - epsilon, middle + epsilon);
        let left = !shape.rises_at(middle - epsilon);
        let right = shape.rises_at(middle + epsilon);
        // From left to right the maximum passes from the left end through the node to the right end.
        let (leave_left, enter_right) = match (left, inside, right) {
            (true, Some(node), true) => {
                let leave = cell.crossing(|x| node.value - f(x - epsilon));
                let enter = cell.crossing(|x| f(x + epsilon) - node.value);
                if leave < enter { (leave, enter) } else { cell.ends_cross() }
            }
            (true, None, true) => cell.ends_cross(),
            (true, Some(node), false) => (cell.crossing(|x| node.value - f(x - epsilon)), cell.to),
            (false, Some(node), true) => {
                (cell.from, cell.crossing(|x| f(x + epsilon) - node.value))
            }
            (false, Some(_), false) => (cell.from, cell.to),
            (false, None, true) => (cell.from, cell.from),
            // One falling piece covers the window; or a node sits at its very edge, and it does not matter.
            (_, None, false) => (cell.to, cell.to),
        };
        push(Piece { from: cell.from, to: leave_left, branch: Place::LeftEnd });
        if let Some(node) = inside {
            push(Piece { from: leave_left, to: enter_right, branch: Place::At(node.x) });
        }
        push(Piece { from: enter_right, to: cell.to, branch: Place::RightEnd });
    }
    pieces
}

/// The values of x in `[from, to]` at which a node enters or leaves the window.
fn cuts(shape: &Monotone, epsilon: f64, (from, to): (f64, f64)) -> Vec<f64> {
    let mut cuts = vec![from, to];
    for node in shape.nodes() {
        cuts.extend([node.x - epsilon, node.x + epsilon].iter().filter(|&&x| x > from && x < to));
    }
    cuts.sort_by(f64::total_cmp);
    cuts.dedup();
    cuts
}

/// The node with the largest value strictly between `a` and `b`.
fn best_node(shape: &Monotone, a: f64, b: f64) -> Option<Node> {
    let nodes = shape.nodes();
    let inside = nodes.partition_point(|n| n.x <= a)..nodes.partition_point(|n| n.x < b);
    nodes.get(inside)?.iter().copied().max_by(|a, b| a.value.total_cmp(&b.value))
}

struct Cell<'a, F> {
    f: &'a F,
    epsilon: f64,
    from: f64,
    to: f64,
}

impl<F: Fn(f64) -> f64> Cell<'_, F> {
    /// Where a rising function changes its sign; an end of the cell where it does not.
    fn crossing(&self, rising: impl Fn(f64) -> f64) -> f64 {
        let (first, last) = (rising(self.from), rising(self.to));
        if first >= 0.0 {
            self.from
        } else if last <= 0.0 {
            self.to
        } else {
            let width = tolerance::CROSSING * (1.0 + self.from.abs());
            root(rising, (self.from, first), (self.to, last), width)
        }
    }

    /// The crossing of the two ends, with nothing in between.
    fn ends_cross(&self) -> (f64, f64) {
        let Self { f, epsilon, .. } = *self;
        let x = self.crossing(|x| f(x + epsilon) - f(x - epsilon));
        (x, x)
    }
}

#[cfg(test)]
mod tests {
    use super::super::mesh::{Mesh, Probe, Sample};
    use super::*;
    use crate::real::{Jet, Real, Traced};

    /// A wavy function with a kink, and its sliding maximum by brute force.
    fn formula<R: Real>(x: &R) -> R {
        let wave = (x.clone() * x.int(3)).tanh() * (-x.square() / x.int(7)).exp();
        wave.clone() + (x.clone() - x.int(1)).abs() / x.int(5) + (wave * x.int(4)).square().tanh()
    }

    #[test]
    fn agrees_with_a_search_over_every_window() {
        let sample = |x: f64| {
            let probe: Probe = formula(&Jet::variable(Traced::new(x)));
            Sample::new(x, 1.0, [&probe])
        };
        let seeds: Vec<f64> = (-16..=16).map(|i| 0.5 * f64::from(i)).collect();
        let mesh = Mesh::new(&seeds, &sample);
        let shape = Monotone::new(&mesh, &sample);
        assert!(shape.nodes().iter().any(|node| (node.x - 1.0).abs() < 1e-9), "the kink is a node");
        let f = |x: f64| formula(&x);
        for epsilon in [0.01, 0.3, 1.0, 2.5] {
            let range = (-8.0 + epsilon, 8.0 - epsilon);
            let pieces = sliding_maximum(&f, &shape, epsilon, range);
            assert_eq!((pieces[0].from, pieces[pieces.len() - 1].to), range);
            assert!(pieces.windows(2).all(|pair| pair[0].to == pair[1].from));
            for piece in pieces {
                for i in 1..40 {
                    let x = piece.from + (piece.to - piece.from) * f64::from(i) / 40.0;
                    let u = piece.branch.point(x, epsilon);
                    assert!(
                        (u - x).abs() <= epsilon * (1.0 + 1e-9),
                        "{u} is not in the window of {x}"
                    );
                    let window = (0..=400).map(|j| x + epsilon * (f64::from(j) / 200.0 - 1.0));
                    let searched = window.map(f).fold(f64::NEG_INFINITY, f64::max);
                    assert!(
                        f(u) >= searched - 1e-13,
                        "eps {epsilon}, x {x}: {} < {searched}",
                        f(u)
                    );
                }
            }
        }
    }
}
