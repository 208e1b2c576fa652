//! The search for cells on which a risk in the plane is enclosed as tightly as asked.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::time::Instant;

use super::body::Body;
use super::bounds::{Bounds, Part, Rectangle};
use super::problem::Plane;
use super::tail;
use crate::divergence::Divergence;
use crate::enclosure::{Effort, Shortfall, total};
use crate::real::Interval;
use crate::risk::Risk;
use crate::tolerance;

/// A proved enclosure of a risk in the plane.
#[derive(Clone, Debug)]
pub struct PlaneEnclosure {
    /// It contains the risk.
    pub interval: Interval,
    /// How many cells it took.
    pub cells: usize,
    /// Why it is wider than asked, if it is.
    pub shortfall: Option<Shortfall>,
}

impl PlaneEnclosure {
    fn exactly(value: f64) -> Self {
        Self { interval: Interval::point(value), cells: 0, shortfall: None }
    }
}

struct Cell {
    sides: Rectangle,
    part: Part,
}

impl Cell {
    fn width(&self) -> f64 {
        self.part.integral.width()
    }
}

impl Ord for Cell {
    fn cmp(&self, other: &Self) -> Ordering {
        self.width().total_cmp(&other.width())
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

impl Plane {
    /// A risk, enclosed; the perturbations of x are the vectors of `body`, whose numbers are taken as exact.
    ///
    /// Whatever stops the search early, the interval contains the risk. A cell costs about as much as ten evaluations; see
    /// [`Effort::in_the_plane`].
    #[must_use]
    pub fn enclosure(
        &self,
        risk: Risk,
        divergence: Divergence,
        body: &Body,
        effort: Effort,
    ) -> PlaneEnclosure {
        if risk == Risk::Variation && body.is_point() {
            return PlaneEnclosure::exactly(0.0);
        }
        if self.excludes(risk, divergence) {
            return PlaneEnclosure::exactly(f64::INFINITY);
        }
        let bounds = Bounds::new(self, risk, divergence, body);
        let beyond = |rectangle| tail::outside(self, (risk, divergence, body), rectangle);
        let Some((rectangle, rest)) = self.rectangle(beyond, effort.width / 16.0) else {
            let interval = Interval::new(0.0, f64::INFINITY);
            return PlaneEnclosure { interval, cells: 0, shortfall: Some(Shortfall::Tail) };
        };
        refine(&bounds, rectangle, rest, effort)
    }

    /// A rectangle outside of which no more than `allowed` is, and what is.
    fn rectangle(
        &self,
        beyond: impl Fn(Rectangle) -> f64,
        allowed: f64,
    ) -> Option<(Rectangle, f64)> {
        let around = |reach: f64| {
            [0, 1].map(|i| {
                let ends = self.value.law.components().map(|component| {
                    let [[a, _], [b, c]] = component.spread();
                    let deviation = if i == 0 { a } else { b.hypot(c) };
                    let (mean, reach) = (component.mean[i], reach * deviation);
                    Interval::new(mean - reach, mean + reach)
                });
                ends.reduce(Interval::hull).unwrap_or(Interval::ZERO)
            })
        };
        let mut reach = 2.0;
        while reach < tolerance::FARTHEST {
            let rectangle = around(reach);
            let rest = beyond(rectangle);
            if rest <= allowed && rectangle.iter().all(|side| side.is_bounded()) {
                return Some((rectangle, rest));
            }
            reach += 0.25;
        }
        None
    }
}

/// Halves the widest cell until the sum is tight enough.
fn refine(bounds: &Bounds, rectangle: Rectangle, rest: f64, effort: Effort) -> PlaneEnclosure {
    let start = Instant::now();
    let everywhere = bounds.everywhere();
    let first = Cell { sides: rectangle, part: bounds.part(rectangle, &everywhere) };
    let mut width = first.width();
    let mut cells = BinaryHeap::from([first]);
    // Cells that rounding alone keeps wide.
    let mut done: Vec<Interval> = Vec::new();
    let enough = 0.98 * effort.width - rest;
    let shortfall = loop {
        if width <= enough {
            break None;
        }
        if cells.len() + done.len() >= effort.cells {
            break Some(Shortfall::Cells);
        }
        if cells.len().is_multiple_of(64) && effort.time.is_some_and(|time| start.elapsed() > time)
        {
            break Some(Shortfall::Time);
        }
        let Some(worst) = cells.pop() else { break Some(Shortfall::Rounding) };
        let side = worst.sides[worst.part.wider];
        let middle = side.midpoint();
        if !(middle > side.lower() && middle < side.upper()) {
            done.push(worst.part.integral);
            continue;
        }
        let mut after = 0.0;
        for half in [Interval::new(side.lower(), middle), Interval::new(middle, side.upper())] {
            let mut sides = worst.sides;
            sides[worst.part.wider] = half;
            let cell = Cell { sides, part: bounds.part(sides, &worst.part.pieces) };
            after += cell.width();
            cells.push(cell);
        }
        let change = after - worst.width();
        width = if change.is_finite() {
            width + change
        } else {
            cells.iter().map(Cell::width).chain(done.iter().map(|part| part.width())).sum()
        };
    };
    let count = cells.len() + done.len();
    let parts = cells.into_iter().map(|cell| cell.part.integral).chain(done);
    let interval = total(parts.chain([Interval::new(0.0, rest)]));
    let shortfall =
        (interval.width() > effort.width).then(|| shortfall.unwrap_or(Shortfall::Rounding));
    PlaneEnclosure { interval, cells: count, shortfall }
}
