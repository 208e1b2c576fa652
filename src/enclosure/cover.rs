//! The supremum over a window where the maximiser depends on x: Madry and C with more than two classes.
//!
//! For x in a cell X the function `F(x, u) = D(P(x), Q(u))` is known on intervals U of the window: it rises or falls in u, or it is concave
//! there and close to its maximum along a curve `u = c(x)`, or nothing is known but its values. Where it is concave,
//!
//! ```text
//! F(x, c(x)) <= sup_u F(x, u) <= F(x, c(x)) + g(x)^2 / (2 k),   g = F_u(x, c(x)),  k = inf -F_uu over X x (U and c(X)).
//! ```
//!
//! The curve is a polynomial in x that was fitted to the maximiser, so that g is tiny; nothing is assumed of it.

use super::integrand::{Cell, Labels};
use super::shape::Trend;
use crate::divergence::Divergence;
use crate::error::Error;
use crate::law::Law;
use crate::model::Model;
use crate::real::{Interval, Jet, Real, Row};
use crate::risk::{Pair, Which};
use crate::simplex::{Dense, Simplex};

/// What is known of the function under the supremum for x in one cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cover {
    /// The ends of intervals that cover the windows, ascending.
    pub edges: Vec<f64>,
    /// What is known between them; one fewer.
    pub trends: Vec<Trend>,
    /// The coefficients of the curve in powers of x less the cell's midpoint; empty where there is none.
    pub curve: Vec<f64>,
}

/// Values, slopes and curvatures in u over boxes.
type Wide = Jet<Interval, 3>;
/// Along a curve: functions of x with their slopes in u.
type Along = Jet<Cell, 2>;

/// The second argument of a divergence as a function of u.
#[derive(Clone, Debug)]
pub(super) struct Second {
    which: Which,
    divergence: Divergence,
    wide: Pair<Wide>,
    along: Pair<Along>,
}

impl Second {
    pub fn new(
        (law, model): (&Law, &Model),
        which: Which,
        divergence: Divergence,
    ) -> Result<Self, Error> {
        let number = Interval::ZERO;
        Ok(Self {
            which,
            divergence,
            wide: Pair::new(law, model, &Jet::fixed(number))?,
            along: Pair::new(law, model, &Jet::fixed(Cell::fixed(number)))?,
        })
    }

    /// `F`, `F_u` and `F_uu / 2` over a box.
    pub fn over(&self, posterior: &Labels<Interval>, u: Interval) -> Wide {
        let fixed = lifted(posterior, |p| Jet::fixed(*p));
        self.divergence.eval(&fixed, &self.wide.labels(self.which, &Jet::variable(u)))
    }

    /// `F(x, c(x))` and `F_u(x, c(x))`.
    pub fn along(&self, posterior: &Labels<Cell>, curve: &Cell) -> (Cell, Cell) {
        let fixed = lifted(posterior, |p| Jet::fixed(p.clone()));
        let value = self
            .divergence
            .eval(&fixed, &self.along.labels(self.which, &Jet::variable(curve.clone())));
        let [value, slope] = value.coefficients().clone();
        (value, slope)
    }
}

impl Cover {
    /// The curve on a cell.
    pub(super) fn curve_on(&self, cell: Interval, x: &Cell) -> Option<Cell> {
        let (last, rest) = self.curve.split_last()?;
        let number = |c: f64| Cell::fixed(Interval::point(c));
        let offset = x.clone() - number(cell.midpoint());
        Some(rest.iter().rev().fold(number(*last), |sum, c| sum * offset.clone() + number(*c)))
    }

    /// Whether the intervals are ascending and reach over all of `window`.
    pub(super) fn covers(&self, window: Interval) -> bool {
        self.edges.len() == self.trends.len() + 1
            && self.edges.windows(2).all(|pair| pair[0] < pair[1])
            && self.edges.first().is_some_and(|edge| *edge <= window.lower())
            && self.edges.last().is_some_and(|edge| *edge >= window.upper())
    }

    /// The intervals with what is said of them.
    pub(super) fn intervals(&self) -> impl Iterator<Item = (Interval, Trend)> {
        let pairs = self.edges.windows(2).map(|pair| Interval::new(pair[0], pair[1]));
        pairs.zip(self.trends.iter().copied())
    }
}

/// The same labels in another backend.
pub(super) fn lifted<R: Real, S: Real>(labels: &Labels<R>, lift: impl Fn(&R) -> S) -> Labels<S> {
    let row = |row: &Dense<R>| {
        let entries = row.entries();
        Row::from_fn(entries.len(), |k| lift(&entries[k]))
    };
    Simplex::from_parts(row(labels.probabilities()), row(labels.log_probabilities()))
}
