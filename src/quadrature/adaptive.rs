//! Adaptive integration of a function that is given in pieces.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::Estimate;
use super::rule::{self, Applied};
use crate::tolerance;

/// An interval on which the integrand is one formula, named by `branch`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece<B> {
    /// The left end.
    pub from: f64,
    /// The right end, above `from`.
    pub to: f64,
    /// Which formula holds here.
    pub branch: B,
}

struct Cell<B> {
    piece: Piece<B>,
    applied: Applied,
    /// What rounding may have done to the value.
    rounding: f64,
}

impl<B> Cell<B> {
    /// The error that bisection can still remove: none once rounding is all that is left.
    fn removable(&self) -> f64 {
        let Piece { from, to, .. } = self.piece;
        let thin = to - from <= tolerance::THIN * from.abs().max(to.abs());
        if thin || self.applied.error <= self.rounding { 0.0 } else { self.applied.error }
    }
}

impl<B> Ord for Cell<B> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.removable().total_cmp(&other.removable())
    }
}
impl<B> PartialOrd for Cell<B> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<B> PartialEq for Cell<B> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl<B> Eq for Cell<B> {}

/// Integrates `f` over the pieces, bisecting the worst one until the error is at rounding level.
///
/// `noise` says how much rounding can change the integrand at a point; it is asked once a cell.
///
/// The error is the sum of the distances between the 21-point Kronrod values and the 10-point Gauss values that they embed,
/// an upper estimate for analytic pieces by many orders, plus what rounding does to the integrand and to the sums. It stays large, and
/// says so, where the budget of cells is used up first.
pub fn integrate<B: Copy>(
    pieces: impl IntoIterator<Item = Piece<B>>,
    f: impl FnMut(B, f64) -> f64,
    noise: impl FnMut(B, f64) -> f64,
) -> Estimate {
    integrate_to(pieces, f, noise, 0.0)
}

/// As [`integrate`], but no further than to an error of `enough`: for integrands that are expensive, or have kinks everywhere.
pub fn integrate_to<B: Copy>(
    pieces: impl IntoIterator<Item = Piece<B>>,
    mut f: impl FnMut(B, f64) -> f64,
    mut noise: impl FnMut(B, f64) -> f64,
    enough: f64,
) -> Estimate {
    let mut evaluate = |piece: Piece<B>| {
        let Piece { from, to, branch } = piece;
        let applied = rule::apply(from, to, |x| f(branch, x));
        // The integrand rounds; it rounds more where it is ill-conditioned; and the nodes themselves are rounded.
        let conditioning = (to - from) * noise(branch, 0.5 * (from + to));
        let nodes = f64::EPSILON * from.abs().max(to.abs()) * applied.variation;
        let rounding = tolerance::ROUNDING * applied.absolute + conditioning + nodes;
        Cell { piece, applied, rounding }
    };
    let mut cells: BinaryHeap<Cell<B>> = pieces.into_iter().map(&mut evaluate).collect();
    let mut removable: f64 = cells.iter().map(Cell::removable).sum();
    let rounding: f64 = cells.iter().map(|cell| cell.rounding).sum();
    let most = tolerance::CELLS.max(2 * cells.len());
    while removable > rounding.max(enough) && cells.len() < most {
        let Some(worst) = cells.pop() else { break };
        removable -= worst.removable();
        let Piece { from, to, branch } = worst.piece;
        let middle = 0.5 * (from + to);
        for half in [Piece { from, to: middle, branch }, Piece { from: middle, to, branch }] {
            let cell = evaluate(half);
            removable += cell.removable();
            cells.push(cell);
        }
    }
    sum(&cells.into_vec())
}

/// The sum over the cells, from left to right so that the result does not depend on the order of refinement.
fn sum<B>(cells: &[Cell<B>]) -> Estimate {
    let mut order: Vec<&Cell<B>> = cells.iter().collect();
    order.sort_by(|a, b| a.piece.from.total_cmp(&b.piece.from));
    let mut total = Estimate::exact(0.0);
    for Cell { applied, rounding, .. } in order {
        total.value += applied.value;
        total.error += applied.error + rounding;
    }
    total
}
