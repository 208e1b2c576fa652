//! The search for cells on which a risk in the plane is enclosed as tightly as asked.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::time::Instant;

use super::body::Body;
use super::bounds::{Bounds, Function, Part, Rectangle};
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
    /// Whatever stops the search early, the interval contains the risk. A cell costs about as much as ten evaluations, and so does, once,
    /// a tile of the plane that SCORE's suprema are searched on; see [`Effort::in_the_plane`].
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
        let function = Function::new(self, risk, divergence);
        let mut bounds = Bounds::new(&function, body, effort);
        let beyond = |rectangle| tail::outside(self, (risk, divergence, body), rectangle);
        let Some((rectangle, rest)) = self.rectangle(beyond, effort.width / 16.0) else {
            let interval = Interval::new(0.0, f64::INFINITY);
            return PlaneEnclosure { interval, cells: 0, shortfall: Some(Shortfall::Tail) };
        };
        refine(&mut bounds, rectangle, rest, effort)
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
fn refine(bounds: &mut Bounds, rectangle: Rectangle, rest: f64, effort: Effort) -> PlaneEnclosure {
    let start = Instant::now();
    let everywhere = bounds.everywhere(rectangle);
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
            let cell = Cell { sides, part: bounds.part(sides, &worst.part.places) };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plane::bounds::Lists;
    use crate::plane::estimate::density_times_supremum;
    use crate::plane::{PlaneLaw, PlaneModel};

    fn plane() -> Plane {
        let covariance = [[1.0, 0.25], [0.25, 0.75]];
        let law = PlaneLaw::from_doubles(&[
            (0.5, &[(1.0, [0.75, 0.25], covariance)]),
            (0.5, &[(1.0, [-0.75, -0.5], covariance)]),
        ]);
        let model = PlaneModel::affine(&[[1.25, -0.5], [0.0, 0.0]], &[0.25, 0.0]);
        Plane::new(law.unwrap(), model.unwrap()).unwrap()
    }

    /// The cells of a grid over a square.
    fn grid(half: f64, n: u32) -> Vec<Rectangle> {
        let side = |i: u32| {
            let at = |i: u32| half * (2.0 * f64::from(i) / f64::from(n) - 1.0);
            Interval::new(at(i), at(i + 1))
        };
        (0..n).flat_map(|i| (0..n).map(move |j| [side(i), side(j)])).collect()
    }

    /// Each row of cells and each tail has something to say: without any one of them that matters the sum excludes the truth.
    #[test]
    fn cells_or_a_tail_that_are_missing_are_noticed() {
        const N: u32 = 288;
        let plane = plane();
        let body = Body::segment([0.5, 0.25]).unwrap();
        let asked = (Risk::Madry, Divergence::TotalVariation, &body);
        let truth = plane.risk(asked.0, asked.1, asked.2).unwrap().value;
        let function = Function::new(&plane, asked.0, asked.1);
        let mut bounds = Bounds::new(&function, &body, Effort::in_the_plane(1e-3));
        let mut sum = |half: f64| {
            let cells = grid(half, N);
            let mut part = |cell: &Rectangle| bounds.part(*cell, &Lists::default()).integral;
            let rows = cells.chunks(N as usize).map(|row| total(row.iter().map(&mut part)));
            let all = Interval::new(-half, half);
            let rest = Interval::new(0.0, tail::outside(&plane, asked, [all, all]));
            (rows.collect::<Vec<_>>(), rest)
        };
        let (rows, rest) = sum(6.0);
        let whole = total(rows.iter().copied().chain([rest]));
        assert!(whole.contains(truth) && whole.width() < 4e-3, "{whole:?} {truth}");
        let matter: Vec<usize> =
            (0..rows.len()).filter(|i| rows[*i].lower() > whole.width()).collect();
        assert!(!matter.is_empty());
        for i in matter {
            let others = rows.iter().enumerate().filter(|row| row.0 != i).map(|row| *row.1);
            assert!(!total(others.chain([rest])).contains(truth), "without row {i}");
        }
        let (rows, rest) = sum(1.5);
        assert!(total(rows.iter().copied().chain([rest])).contains(truth));
        assert!(!total(rows).contains(truth), "without the tail");
    }

    /// Two classes whose odds have a peak among the places that are searched.
    fn peaked() -> Plane {
        let [one, other] = [[[1.0, 0.25], [0.25, 0.75]], [[0.5, 0.0], [0.0, 1.0]]];
        let law = PlaneLaw::from_doubles(&[
            (0.5, &[(0.5, [0.75, 0.25], one), (0.5, [1.5, 1.0], other)]),
            (0.5, &[(1.0, [-0.75, -0.5], one)]),
        ]);
        let hill = [[-1.0, 0.25], [0.25, -2.0]];
        let zero = [[0.0; 2]; 2];
        let model = PlaneModel::quadratic(&[hill, zero], &[[3.0, 1.5], [0.0; 2]], &[-1.0, 0.0]);
        Plane::new(law.unwrap(), model.unwrap()).unwrap()
    }

    /// What is under the supremum, at places of the body, is below the bounds of every cell, whatever the list of places has lost.
    #[test]
    fn places_that_matter_are_kept() {
        let bodies = [
            Body::polygon(vec![[0.5, -0.25], [0.5, 0.5], [-0.5, 0.25], [-0.5, -0.5]]).unwrap(),
            Body::ellipse([[0.5, 0.25], [0.0, 0.5]]).unwrap(),
        ];
        for body in &bodies {
            for (plane, risk) in
                [(plane(), Risk::Score), (peaked(), Risk::Madry), (peaked(), Risk::Variation)]
            {
                keeps_what_matters(&plane, (risk, Divergence::Kl, body));
            }
        }
    }

    fn keeps_what_matters(plane: &Plane, asked: (Risk, Divergence, &Body)) {
        let function = Function::new(plane, asked.0, asked.1);
        let mut bounds = Bounds::new(&function, asked.2, Effort::in_the_plane(1e-3));
        let mut cell = [Interval::new(-1.5, 2.5), Interval::new(-2.0, 1.0)];
        let mut places = bounds.everywhere(cell);
        for _ in 0..12 {
            let part = bounds.part(cell, &places);
            // By the trapezoidal rule, finely enough for the width of the part.
            let n = 12;
            let at = |side: Interval, i: i32| {
                side.lower() + side.width() * (f64::from(i) + 0.5) / f64::from(n)
            };
            let points = (0..n).flat_map(|i| (0..n).map(move |j| (i, j)));
            let value =
                |(i, j)| density_times_supremum(plane, asked, [at(cell[0], i), at(cell[1], j)]);
            let mean = points.map(value).sum::<f64>() / f64::from(n * n);
            let truth = mean * cell[0].width() * cell[1].width();
            let slack = 1e-3 * truth;
            assert!(
                part.integral.lower() <= truth + slack && part.integral.upper() >= truth - slack,
                "{} {cell:?}: {:?} {truth}",
                asked.0,
                part.integral
            );
            let side = cell[part.wider];
            cell[part.wider] = Interval::new(side.midpoint(), side.upper());
            places = part.places;
        }
        // The bounds have become narrow meanwhile.
        let part = bounds.part(cell, &places).integral;
        assert!(part.width() < 0.5 * part.upper(), "{}: {part:?}", asked.0);
    }
}
