//! What shows an enclosure, and the enclosure that it shows.

use super::cover::Cover;
use super::integrand::{Integrand, Known};
use super::shape::{Shape, Trend};
use crate::line::Side;
use crate::real::Interval;

/// What shows an enclosure: the line cut into cells, and what is known of the function under the supremum.
#[derive(Clone, Debug, PartialEq)]
pub struct Partition {
    /// The ends of the cells, ascending.
    pub cells: Vec<f64>,
    /// What is known on the windows.
    pub windows: Windows,
}

/// What is known of the function under the supremum.
#[derive(Clone, Debug, PartialEq)]
pub enum Windows {
    /// There is no window.
    Points,
    /// The trends of one function between `edges`, ascending.
    Trends {
        /// The ends of the intervals.
        edges: Vec<f64>,
        /// One fewer.
        trends: Vec<Trend>,
    },
    /// A cover for each cell.
    Covers(Vec<Cover>),
}

/// Why a partition shows nothing.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Flaw {
    /// The ends of the cells do not ascend, or are not finite.
    #[error("the ends of the cells do not ascend from {from} to {to}, or are not finite")]
    Cells {
        /// An end.
        from: f64,
        /// The next one.
        to: f64,
    },
    /// There are no cells.
    #[error("there are no cells")]
    Empty,
    /// What is known of the windows is of another kind than the risk needs.
    #[error("the windows are not described as this risk needs it")]
    Kind,
    /// The numbers of edges, trends, covers and cells do not fit together.
    #[error("the windows are described by lists whose lengths do not fit")]
    Lengths,
    /// The edges do not ascend, or do not reach over the windows.
    #[error("the edges do not ascend, or leave a part of the windows out")]
    Edges,
    /// A trend is not what the slope shows.
    #[error("between {from} and {to} the function is not shown to be {trend:?}")]
    Trend {
        /// The left edge.
        from: f64,
        /// The right edge.
        to: f64,
        /// What was said.
        trend: Trend,
    },
}

impl Partition {
    /// The ends of the cells, in pairs.
    pub fn pairs(&self) -> impl Iterator<Item = Interval> {
        self.cells.windows(2).map(|pair| Interval::new(pair[0], pair[1]))
    }

    /// The enclosures of the integral over each cell, and `[0, rest]` for what is beyond the ends: computed anew, nothing is believed.
    ///
    /// # Errors
    /// Where the partition is none, or a trend is not shown.
    pub fn parts(&self, integrand: &Integrand) -> Result<(Vec<Interval>, [Interval; 2]), Flaw> {
        let mut parts = Vec::new();
        let beyond = self.visit(integrand, |part| {
            parts.push(part);
            Ok(())
        })?;
        Ok((parts, beyond))
    }

    /// Hands the enclosure of each cell to `accept`, from left to right, for as long as that goes well; returns the tails.
    ///
    /// # Errors
    /// As [`parts`](Self::parts), and those of `accept`.
    pub fn visit<E: From<Flaw>>(
        &self,
        integrand: &Integrand,
        mut accept: impl FnMut(Interval) -> Result<(), E>,
    ) -> Result<[Interval; 2], E> {
        let (Some(&from), Some(&to)) = (self.cells.first(), self.cells.last()) else {
            return Err(Flaw::Empty.into());
        };
        if !(from.is_finite() && to.is_finite()) {
            return Err(Flaw::Cells { from, to }.into());
        }
        for pair in self.cells.windows(2) {
            if !(pair[0].is_finite() && pair[0] < pair[1] && pair[1].is_finite()) {
                return Err(Flaw::Cells { from: pair[0], to: pair[1] }.into());
            }
        }
        match (&self.windows, integrand.needs()) {
            (Windows::Points, Needs::Points) => {
                self.pairs().try_for_each(|cell| accept(integrand.integral(cell, Known::Point)))?;
            }
            (Windows::Trends { edges, trends }, Needs::Trends) => {
                let shape = proved(integrand, edges, trends)?;
                if !shape.covers(integrand.window(Interval::new(from, to))) {
                    return Err(Flaw::Edges.into());
                }
                let known = Known::Shape(&shape);
                self.pairs().try_for_each(|cell| accept(integrand.integral(cell, known)))?;
            }
            (Windows::Covers(covers), Needs::Covers) => {
                if covers.len() + 1 != self.cells.len() {
                    return Err(Flaw::Lengths.into());
                }
                for (cell, cover) in self.pairs().zip(covers) {
                    if !cover.covers(integrand.window(cell)) {
                        return Err(Flaw::Edges.into());
                    }
                    accept(integrand.integral(cell, Known::Cover(cover)))?;
                }
            }
            _ => return Err(Flaw::Kind.into()),
        }
        let beyond = |(at, side)| Interval::new(0.0, integrand.beyond(at, side));
        Ok([(from, Side::Left), (to, Side::Right)].map(beyond))
    }

    /// The enclosure of the risk that the partition shows.
    ///
    /// # Errors
    /// As [`parts`](Self::parts).
    pub fn enclosure(&self, integrand: &Integrand) -> Result<Interval, Flaw> {
        let (parts, beyond) = self.parts(integrand)?;
        Ok(total(parts.into_iter().chain(beyond)))
    }
}

/// The sum of enclosures of numbers that are at least 0.
pub(crate) fn total(parts: impl IntoIterator<Item = Interval>) -> Interval {
    let sum = parts.into_iter().fold(Interval::ZERO, |sum, part| sum + part);
    Interval::new(sum.lower().max(0.0), sum.upper())
}

/// The kind of [`Windows`] that an integrand needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// None.
    Points,
    /// The trends of one function.
    Trends,
    /// A cover for each cell.
    Covers,
}

/// The shape, after each trend has been shown.
fn proved(integrand: &Integrand, edges: &[f64], trends: &[Trend]) -> Result<Shape, Flaw> {
    if edges.len() < 2 || edges.len() != trends.len() + 1 {
        return Err(Flaw::Lengths);
    }
    for (pair, &trend) in edges.windows(2).zip(trends) {
        if !(pair[0].is_finite() && pair[0] < pair[1] && pair[1].is_finite()) {
            return Err(Flaw::Edges);
        }
        let shown = || integrand.trend(Interval::new(pair[0], pair[1])).0;
        if trend != Trend::Unknown && trend != shown() {
            return Err(Flaw::Trend { from: pair[0], to: pair[1], trend });
        }
    }
    Ok(Shape::new(integrand, edges, trends))
}
