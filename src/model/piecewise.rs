//! Piecewise linear models on the line: logits that are linear between knots.

use super::{check_length, check_rows};
use crate::error::Error;
use crate::exact::Exact;
use crate::line::{Envelope, Landmark, Parabola, Tail};
use crate::real::{Interval, Real, Row};
use crate::simplex::Dense;

/// `softmax` of logits that are given at knots, linear between neighbours, constant to the left of the first knot and to the right of
/// the last one. Inputs are on the line, d = 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Piecewise {
    knots: Vec<Exact>,
    logits: Vec<Vec<Exact>>,
}

impl Piecewise {
    /// The model with these knots, ascending, in the units of x, and a row of K logits for each.
    ///
    /// # Errors
    /// [`Error::Empty`] without knots, [`Error::Shape`] where knots and rows do not fit together, [`Error::TooFewClasses`] for rows
    /// of fewer than two logits, [`Error::NotAscending`] for knots that do not ascend strictly, as they were written or as doubles.
    pub fn new(knots: Vec<Exact>, logits: Vec<Vec<Exact>>) -> Result<Self, Error> {
        if knots.is_empty() {
            return Err(Error::Empty { what: "knots" });
        }
        check_length("logits", logits.len(), knots.len(), "the knots")?;
        let classes = logits[0].len();
        if classes < 2 {
            return Err(Error::TooFewClasses { found: classes });
        }
        check_rows("logits", &logits, classes, "the first row")?;
        // A gap that rounds to nothing would have no slope on doubles.
        let descends = |pair: &&[Exact]| pair[0].to_f64() >= pair[1].to_f64();
        if let Some(pair) = knots.windows(2).find(descends) {
            let found = Box::new([pair[0].clone(), pair[1].clone()]);
            return Err(Error::NotAscending { what: "knots", found });
        }
        Ok(Self { knots, logits })
    }

    /// The knots, ascending.
    #[must_use]
    pub fn knots(&self) -> &[Exact] {
        &self.knots
    }

    /// The logits at the knots, a row of length K for each.
    #[must_use]
    pub fn logits(&self) -> &[Vec<Exact>] {
        &self.logits
    }

    /// The number of classes, K.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.logits[0].len()
    }

    /// Beyond the outer knots nothing changes.
    pub(super) fn tail(&self) -> Vec<Tail> {
        self.logits[0].iter().map(|_| Tail::bounded()).collect()
    }

    /// Between knots a logit lies between its values there: the smallest and the largest of them bound it everywhere.
    pub(super) fn envelope(&self) -> Vec<Envelope> {
        let constant = |logit: &Exact| vec![Parabola::constant(Interval::ZERO.constant(logit))];
        let logit = |k: usize| {
            let (first, rest) = self.logits.split_first().expect("there are knots");
            let largest = rest.iter().map(|row| &row[k]).fold(&first[k], |a, b| a.max(b));
            let smallest = rest.iter().map(|row| &row[k]).fold(&first[k], |a, b| a.min(b));
            Envelope { upper: constant(largest), lower: constant(smallest) }
        };
        (0..self.classes()).map(logit).collect()
    }

    pub(super) fn line<R: Real>(&self, like: &R) -> LinePiecewise<R> {
        let flat = |knot: &Exact, logits: &[Exact]| Segment {
            from: like.constant(knot),
            value: logits.iter().map(|logit| like.constant(logit)).collect(),
            slope: logits.iter().map(|_| like.int(0)).collect(),
        };
        let between = self.knots.windows(2).zip(self.logits.windows(2)).map(|(knots, logits)| {
            let width = &knots[1] - &knots[0];
            let slope = |(a, b): (&Exact, &Exact)| {
                let slope = (b - a).checked_div(&width).expect("knots ascend");
                like.constant(&slope)
            };
            Segment {
                slope: logits[0].iter().zip(&logits[1]).map(slope).collect(),
                ..flat(&knots[0], &logits[0])
            }
        });
        let last = self.knots.len() - 1;
        let first = flat(&self.knots[0], &self.logits[0]);
        let end = flat(&self.knots[last], &self.logits[last]);
        LinePiecewise { segments: [first].into_iter().chain(between).chain([end]).collect() }
    }
}

/// `value + slope (x - from)`.
#[derive(Clone, Debug)]
struct Segment<R> {
    from: R,
    value: Row<R>,
    slope: Row<R>,
}

impl<R: Real> Segment<R> {
    fn at(&self, x: &R) -> Row<R> {
        let offset = x.clone() - self.from.clone();
        let at = |k: usize| self.value[k].clone() + self.slope[k].clone() * offset.clone();
        Row::from_fn(self.value.len(), at)
    }
}

/// Segment j begins at the knot `from` of itself, but for the first, which ends there.
#[derive(Clone, Debug)]
pub(super) struct LinePiecewise<R> {
    segments: Vec<Segment<R>>,
}

impl<R: Real> LinePiecewise<R> {
    pub fn logits(&self, x: &R) -> Dense<R> {
        Dense::new(pick(&self.segments, x))
    }
}

/// The segment that holds x, by bisection. A backend whose numbers may lie on both sides of a knot gets both halves joined by its
/// own `select`.
fn pick<R: Real>(segments: &[Segment<R>], x: &R) -> Row<R> {
    if let [only] = segments {
        return only.at(x);
    }
    let (left, right) = segments.split_at(segments.len() / 2);
    let side = x.clone() - right[0].from.clone();
    let (a, b) = match side.is_nonnegative() {
        Some(true) => {
            let taken = pick(right, x);
            (taken.clone(), taken)
        }
        Some(false) => {
            let taken = pick(left, x);
            (taken.clone(), taken)
        }
        None => (pick(right, x), pick(left, x)),
    };
    Row::from_fn(a.len(), |k| side.select(&a[k], &b[k]))
}

impl LinePiecewise<f64> {
    /// The knots, each on the scale of the nearer neighbour.
    pub fn landmarks(&self) -> Vec<Landmark> {
        let knots: Vec<f64> = self.segments[1..].iter().map(|segment| segment.from).collect();
        let gap = |i: usize| knots.get(i + 1).map_or(f64::INFINITY, |next| next - knots[i]);
        let scale = |i: usize| if i == 0 { gap(0) } else { gap(i).min(gap(i - 1)) };
        (0..knots.len()).filter_map(|i| Landmark::checked(knots[i], scale(i))).collect()
    }
}
