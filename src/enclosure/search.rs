//! The search for a partition on which a risk is enclosed as tightly as asked. Nothing here has to be believed: what it finds is a
//! [`Partition`], and that shows the enclosure.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use super::cover::Cover;
use super::integrand::{Integrand, Known};
use super::partition::{Needs, Partition, Windows, total};
use super::shape::{Shape, Trend};
use super::{maximiser, trends};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::exact::Exact;
use crate::line::Side;
use crate::real::Interval;
use crate::risk::{self, Line, Risk};
use crate::tolerance;

/// How tight, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// The width asked for.
    pub width: f64,
    /// The most cells.
    pub cells: usize,
    /// The most time.
    pub time: Option<Duration>,
}

impl Effort {
    /// This width, with as many cells as any sound problem takes.
    #[must_use]
    pub fn to(width: f64) -> Self {
        Self { width, cells: tolerance::ENCLOSURE_CELLS, time: None }
    }

    /// The same for two dimensions, which take more and smaller cells.
    #[must_use]
    pub fn in_the_plane(width: f64) -> Self {
        Self { width, cells: tolerance::PLANE_ENCLOSURE_CELLS, time: None }
    }
}

/// A proved enclosure of a risk.
#[derive(Clone, Debug)]
pub struct Enclosure {
    /// It contains the risk.
    pub interval: Interval,
    /// What shows it; `None` where nothing better than `[0, inf]` was found.
    pub partition: Option<Partition>,
    /// Why it is wider than asked, if it is.
    pub shortfall: Option<Shortfall>,
}

/// Why an enclosure is wider than asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Shortfall {
    /// The cells were used up.
    #[error("the cells were used up")]
    Cells,
    /// The time was used up.
    #[error("the time was used up")]
    Time,
    /// Rounding is all that is left: no bisection helps.
    #[error("rounding is all that is left")]
    Rounding,
    /// No bound of the integrand was found far out.
    #[error("no bound of the integrand was found far out")]
    Tail,
}

struct Cell {
    from: f64,
    to: f64,
    value: Interval,
    cover: Cover,
    /// How many bisections in a row have not made it tighter.
    futile: u32,
}

/// After so many bisections in vain, rounding is all that is left.
const FUTILE: u32 = 3;

/// Wider than this a cell is not rounding.
const SMALL: f64 = 1e-5;

impl Cell {
    fn removable(&self) -> f64 {
        if self.futile >= FUTILE { 0.0 } else { self.value.width() }
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

/// Encloses a risk of a law and a model.
///
/// # Errors
/// As [`Line::risk`], but that a finite risk beyond the doubles has the enclosure `[0, inf]`.
pub fn risk(
    line: &Line,
    (risk, divergence, epsilon): (Risk, Divergence, &Exact),
    effort: Effort,
) -> Result<Enclosure, Error> {
    if epsilon.is_negative() {
        return Err(Error::Negative { what: "epsilon", found: epsilon.clone() });
    }
    let exactly =
        |value| Enclosure { interval: Interval::point(value), partition: None, shortfall: None };
    if risk == Risk::Variation && epsilon.is_zero() {
        return Ok(exactly(0.0));
    }
    if line.is_infinite(risk, divergence, epsilon) {
        return Ok(exactly(f64::INFINITY));
    }
    let integrand = Integrand::new(line.source(), risk, divergence, epsilon)?;
    let hints = line.integrand(risk, divergence, epsilon.to_f64());
    Ok(enclose(&integrand, &hints, effort))
}

/// Encloses a risk, led by the pieces of its estimate.
#[must_use]
pub fn enclose(integrand: &Integrand, hints: &risk::Integrand, effort: Effort) -> Enclosure {
    let start = Instant::now();
    let width = effort.width;
    let pieces = hints.cells();
    let range = match (pieces.first(), pieces.last()) {
        (Some(first), Some(last)) => (first.from, last.to),
        _ => (-1.0, 1.0),
    };
    let ends = [Side::Left, Side::Right].map(|side| end(integrand, range, side, width / 32.0));
    let [Some((from, left)), Some((to, right))] = ends else {
        let interval = Interval::new(0.0, f64::INFINITY);
        return Enclosure { interval, partition: None, shortfall: Some(Shortfall::Tail) };
    };
    let mut marks: Vec<f64> = hints.pieces().iter().map(|piece| piece.from).collect();
    let (edges, known) = match integrand.needs() {
        Needs::Trends => {
            let window = integrand.window(Interval::new(from, to));
            trends::find(integrand, hints.nodes(), window, width)
        }
        _ => (Vec::new(), Vec::new()),
    };
    marks.extend(moves(integrand, &edges, &known));
    marks.sort_by(f64::total_cmp);
    let shape = (!edges.is_empty()).then(|| Shape::new(integrand, &edges, &known));
    let evaluate = |from: f64, to: f64| {
        let cell = Interval::new(from, to);
        let cover = match integrand.needs() {
            Needs::Covers => maximiser::cover(integrand, hints, cell),
            _ => Cover::default(),
        };
        let known = match (integrand.needs(), &shape) {
            (Needs::Covers, _) => Known::Cover(&cover),
            (_, Some(shape)) => Known::Shape(shape),
            (_, None) => Known::Point,
        };
        Cell { from, to, value: integrand.integral(cell, known), cover, futile: 0 }
    };
    let mut ends: Vec<f64> =
        pieces.iter().map(|p| p.from).filter(|x| *x > from && *x < to).collect();
    ends.insert(0, from);
    ends.push(to);
    let first: BinaryHeap<Cell> = ends.windows(2).map(|pair| evaluate(pair[0], pair[1])).collect();
    let near = near(width);
    let limits = Limits { enough: 0.98 * width - left - right, effort, start };
    let (mut cells, shortfall) =
        refine(first, &limits, |cell| split(cell.from, cell.to, &marks, near), evaluate);
    cells.sort_by(|a, b| a.from.total_cmp(&b.from));
    let beyond = [left, right].map(|rest| Interval::new(0.0, rest));
    let interval = total(cells.iter().map(|cell| cell.value).chain(beyond));
    let mut ends: Vec<f64> = cells.iter().map(|cell| cell.from).collect();
    ends.push(to);
    let windows = match integrand.needs() {
        Needs::Points => Windows::Points,
        Needs::Trends => Windows::Trends { edges, trends: known },
        Needs::Covers => Windows::Covers(cells.into_iter().map(|cell| cell.cover).collect()),
    };
    // The cells may be tight enough and their sum not.
    let shortfall = (interval.width() > width).then(|| shortfall.unwrap_or(Shortfall::Rounding));
    Enclosure { interval, partition: Some(Partition { cells: ends, windows }), shortfall }
}

/// How close on either side of a mark a cell is cut, so that what happens at the mark costs little.
pub(super) fn near(width: f64) -> f64 {
    (0.1 * width.sqrt()).max(1e-9)
}

struct Limits {
    enough: f64,
    effort: Effort,
    start: Instant,
}

/// Bisects the widest cell until all together are tight enough.
fn refine(
    mut cells: BinaryHeap<Cell>,
    limits: &Limits,
    split: impl Fn(&Cell) -> f64,
    evaluate: impl Fn(f64, f64) -> Cell,
) -> (Vec<Cell>, Option<Shortfall>) {
    let sum = |cells: &BinaryHeap<Cell>| cells.iter().map(|c| c.value.width()).sum::<f64>();
    let mut width = sum(&cells);
    let shortfall = loop {
        if width <= limits.enough {
            // Sums and differences of widths that were larger once have rounded.
            width = sum(&cells);
        }
        if width <= limits.enough {
            break None;
        } else if cells.len() >= limits.effort.cells {
            break Some(Shortfall::Cells);
        } else if limits.effort.time.is_some_and(|time| limits.start.elapsed() > time) {
            break Some(Shortfall::Time);
        }
        let Some(worst) = cells.pop() else { break None };
        if worst.removable() == 0.0 {
            cells.push(worst);
            break Some(Shortfall::Rounding);
        }
        let at = split(&worst);
        if !(at > worst.from && at < worst.to) {
            cells.push(Cell { futile: FUTILE, ..worst });
            continue;
        }
        let mut halves = [evaluate(worst.from, at), evaluate(at, worst.to)];
        let after = halves[0].value.width() + halves[1].value.width();
        if after > 0.8 * worst.value.width() && worst.value.width() < SMALL {
            for half in &mut halves {
                half.futile = worst.futile + 1;
            }
        }
        cells.extend(halves);
        let change = after - worst.value.width();
        width = if change.is_finite() { width + change } else { sum(&cells) };
    };
    (cells.into_vec(), shortfall)
}

/// Where to stop on a side so that no more than `rest` is beyond, and what is; `None` where no such place is found.
fn end(integrand: &Integrand, range: (f64, f64), side: Side, rest: f64) -> Option<(f64, f64)> {
    let middle = 0.5 * (range.0 + range.1);
    let reach = 0.5 * (range.1 - range.0);
    let at = |factor: f64| middle + side.sign() * factor * reach;
    let enough = |factor: f64| integrand.beyond(at(factor), side) <= rest;
    let mut far = 1.0;
    while !enough(far) {
        far *= 1.25;
        if far > 8.0 {
            return None;
        }
    }
    let mut near = 0.0;
    for _ in 0..10 {
        let factor = 0.5 * (near + far);
        if enough(factor) { far = factor } else { near = factor }
    }
    Some((at(far), integrand.beyond(at(far), side)))
}

/// Where to cut a cell: close on either side of a mark in or beside it, else in the middle.
fn split(from: f64, to: f64, marks: &[f64], near: f64) -> f64 {
    let middle = 0.5 * (from + to);
    let margin = 0.5 * near;
    let first = marks.partition_point(|mark| *mark < from - 2.0 * near);
    let close = marks[first..].iter().take_while(|mark| **mark <= to + 2.0 * near);
    close
        .flat_map(|mark| [mark - near, mark + near])
        .filter(|at| *at > from + margin && *at < to - margin)
        .min_by(|a, b| (a - middle).abs().total_cmp(&(b - middle).abs()))
        .unwrap_or(middle)
}

/// Where intervals of unknown trend enter or leave the window.
fn moves(integrand: &Integrand, edges: &[f64], trends: &[Trend]) -> Vec<f64> {
    let epsilon = integrand.epsilon().midpoint();
    let unknown = edges.windows(2).zip(trends).filter(|(_, trend)| **trend == Trend::Unknown);
    unknown
        .map(|(pair, _)| 0.5 * (pair[0] + pair[1]))
        .flat_map(|at| [at - epsilon, at + epsilon])
        .collect()
}
