//! The integrand of a risk over cells of the line: what proofs about it rest on.

use super::cover::{Cover, Second, lifted};
use super::partition::Needs;
use super::shape::{Peak, Shape, Trend};
use super::tail::Tails;
use crate::divergence::Divergence;
use crate::error::Error;
use crate::exact::Exact;
use crate::law::Law;
use crate::line::Side;
use crate::model::Model;
use crate::real::{Interval, Real, Softmax, Taylor};
use crate::risk::{Pair, Risk, Which};
use crate::simplex::{Dense, Simplex};

/// Coefficients of the expansions that are integrated: order 8.
const ORDER: usize = 9;

/// A function on a cell of the line.
pub(super) type Cell = Taylor<ORDER>;
/// Label distributions.
pub(super) type Labels<R> = Simplex<Dense<R>>;

/// `x -> sup D(.., ..)` under the expectation of a risk, ready to be enclosed over cells.
///
/// The supremum over the window `[x - eps, x + eps]` is taken of a function whose rising and falling parts are known ([`Shape`]): it is at
/// an end of the window, or at a [`Peak`] inside. Any point of the window is below the supremum, so lower bounds need nothing else.
#[derive(Clone, Debug)]
pub struct Integrand {
    risk: Risk,
    divergence: Divergence,
    epsilon: Interval,
    values: Pair<Interval>,
    cells: Pair<Cell>,
    /// Where the maximiser depends on x.
    second: Option<Second>,
    tails: Tails,
}

/// Where the function under the supremum is evaluated.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// At x itself.
    Here,
    /// At `x - eps` and at `x + eps`.
    End(f64),
}

impl Integrand {
    /// The integrand of a risk in one dimension.
    ///
    /// # Errors
    /// Where the numbers of classes differ, or the law or the model is not one-dimensional.
    pub fn new(
        (law, model): (&Law, &Model),
        risk: Risk,
        divergence: Divergence,
        epsilon: &Exact,
    ) -> Result<Self, Error> {
        if law.classes() != model.classes() {
            return Err(Error::ClassesDiffer { law: law.classes(), model: model.classes() });
        }
        let zero = Interval::ZERO;
        // Without a window every risk is the standard one, and C that of the law against itself.
        // What is the same everywhere has one value in the window: two equal ends would be two candidates that nothing tells apart.
        let flat = match risk {
            Risk::Standard => true,
            Risk::Madry => model.is_flat(),
            Risk::Variation => law.is_flat(),
            Risk::Score => false,
        };
        let epsilon = if flat { zero } else { zero.constant(epsilon) };
        // Linf is the total variation where there are two classes: both entries of the difference have the same size.
        let divergence = match divergence {
            Divergence::Linf if law.classes() == 2 => Divergence::TotalVariation,
            other => other,
        };
        let searched = matches!(risk, Risk::Madry | Risk::Variation) && law.classes() > 2;
        let second = searched.then(|| Second::new((law, model), risk.second(), divergence));
        let second = second.transpose()?;
        Ok(Self {
            risk,
            divergence,
            epsilon,
            second,
            values: Pair::new(law, model, &zero)?,
            cells: Pair::new(law, model, &Cell::fixed(zero))?,
            tails: Tails::new((law, model), risk, divergence, epsilon),
        })
    }

    /// The radius, enclosed.
    #[must_use]
    pub fn epsilon(&self) -> Interval {
        self.epsilon
    }

    /// Whether the supremum is over more than one point.
    #[must_use]
    pub fn has_window(&self) -> bool {
        self.epsilon != Interval::ZERO
    }

    /// What the integral from a point outward is at most.
    #[must_use]
    pub fn beyond(&self, at: f64, side: Side) -> f64 {
        self.tails.beyond(at, side)
    }

    /// The window's points for all x in a cell.
    #[must_use]
    pub fn window(&self, x: Interval) -> Interval {
        x + (-self.epsilon).hull(self.epsilon)
    }

    /// The mass of `p_d` on an interval, bounded by its length times the largest density; at most 1.
    #[must_use]
    pub fn mass_at_most(&self, x: Interval) -> f64 {
        let density = Interval::softmax(self.values.law.log_joint(&x).entries()).log_total.exp();
        (density * Interval::point(x.width())).upper().min(1.0)
    }

    /// Whether the function under the supremum rises or falls between two points, so far as its slope shows; and by how much what is
    /// under the supremum varies there.
    ///
    /// The function is `D(P(u), Q(u))` for SCORE, and for Madry and C with two classes the logit difference of the second argument.
    #[must_use]
    pub fn trend(&self, u: Interval) -> (Trend, f64) {
        let profile = self.profile(&Cell::variable(u));
        let slope = profile.slope();
        let trend = if slope.lower() >= 0.0 {
            Trend::Rising
        } else if slope.upper() <= 0.0 {
            Trend::Falling
        } else {
            Trend::Unknown
        };
        (trend, profile.range().width())
    }

    /// The function whose shape is known, see [`trend`](Self::trend).
    fn profile(&self, u: &Cell) -> Cell {
        if self.risk == Risk::Score {
            let labels = |which| self.cells.labels(which, u);
            self.divergence.eval(&labels(Which::Data), &labels(self.risk.second()))
        } else {
            let logits = self.cells.logits(self.risk.second(), u);
            logits.entries()[0].clone() - logits.entries()[1].clone()
        }
    }

    /// The integral of density times supremum over a cell.
    #[must_use]
    pub fn integral(&self, cell: Interval, known: Known) -> Interval {
        let x = Cell::variable(cell);
        let Softmax { p, ln_p, log_total } = Cell::softmax(self.cells.law.log_joint(&x).entries());
        let density = log_total.exp();
        let posterior = Simplex::from_parts(p, ln_p);
        let Supremum { function, excess } = match known {
            Known::Point => Supremum {
                function: self.at(&self.cells, &posterior, &x, Place::Here),
                excess: 0.0,
            },
            Known::Shape(shape) => self.by_shape(shape, cell, &x, &posterior),
            Known::Cover(cover) => self.by_cover(cover, cell, &x, &posterior),
        };
        let integral = density.weigh(&function).integral();
        let integral = if excess == 0.0 {
            integral
        } else {
            integral + density.integral() * Interval::new(0.0, excess)
        };
        Interval::new(integral.lower().max(0.0), integral.upper())
    }

    /// The supremum where it is at an end of the window or at a peak of one function.
    fn by_shape(
        &self,
        shape: &Shape,
        cell: Interval,
        x: &Cell,
        posterior: &Labels<Cell>,
    ) -> Supremum {
        let window = self.window(cell);
        if !shape.covers(window) {
            return Supremum::unknown();
        }
        let here = lifted(posterior, Cell::range);
        let inner = self.inner_window(cell);
        let (sure, perhaps): (Vec<&Peak>, Vec<&Peak>) = shape
            .peaks_in(window)
            .partition(|peak| inner.is_some_and(|inner| peak.at.is_in(inner)));
        let ends = self.ends(&here, cell);
        let peaks: Vec<(&Peak, Interval)> =
            sure.into_iter().map(|peak| (peak, self.at_peak_roughly(&here, peak))).collect();
        let least = largest_lower(ends.iter().map(|end| end.1).chain(peaks.iter().map(|p| p.1)));
        let mut candidates = self.at_ends(ends, least, posterior, x);
        let peaks = peaks.into_iter().filter(|peak| peak.1.upper() >= least);
        candidates.extend(
            joined(peaks.map(|peak| peak.0)).iter().map(|peak| self.at_peak(posterior, peak)),
        );
        let mut supremum = Supremum::largest(candidates);
        for peak in perhaps {
            if self.at_peak_roughly(&here, peak).upper() > supremum.known() {
                supremum.reaches(self.at_peak(posterior, peak).range());
            }
        }
        supremum
    }

    /// The supremum where the maximiser depends on x.
    fn by_cover(
        &self,
        cover: &Cover,
        cell: Interval,
        x: &Cell,
        posterior: &Labels<Cell>,
    ) -> Supremum {
        let (Some(second), true) = (&self.second, cover.covers(self.window(cell))) else {
            return Supremum::unknown();
        };
        let here = lifted(posterior, Cell::range);
        let curve = cover.curve_on(cell, x);
        let along = curve.as_ref().map(|curve| second.along(posterior, curve));
        let inside = (-self.epsilon.at_lower()).hull(self.epsilon.at_lower());
        let sure = curve.as_ref().filter(|c| ((*c).clone() - x.clone()).range().is_in(inside));
        let peak = along.as_ref().filter(|_| sure.is_some()).map(|along| &along.0);
        let ends = self.ends(&here, cell);
        let values = ends.iter().map(|end| end.1).chain(peak.map(Cell::range));
        let least = largest_lower(values);
        let mut candidates = self.at_ends(ends, least, posterior, x);
        candidates.extend(peak.filter(|peak| peak.range().upper() >= least).cloned());
        let mut supremum = Supremum::largest(candidates);
        let mut before = Trend::Unknown;
        for (u, trend) in cover.intervals() {
            let over = second.over(&here, u);
            let [value, slope, _] = *over.coefficients();
            match trend {
                Trend::Rising if slope.lower() >= 0.0 => {}
                Trend::Falling if slope.upper() <= 0.0 => {
                    if before == Trend::Rising {
                        supremum.reaches(*second.over(&here, u.at_lower()).value());
                    }
                }
                Trend::Concave => match (&curve, &along) {
                    (Some(curve), Some((value, slope))) => {
                        let box_ = u.hull(curve.range());
                        let bend = -second.over(&here, box_).coefficients()[2];
                        // bend is half of -F_uu
                        let gap = slope.range().square() / (Interval::point(4.0) * bend);
                        let gap = if bend.lower() > 0.0 { gap.upper() } else { f64::INFINITY };
                        if sure.is_some() {
                            supremum.exceeds(gap);
                        } else {
                            supremum.reaches(value.range() + Interval::point(gap));
                        }
                    }
                    _ => supremum.reaches(value),
                },
                _ => supremum.reaches(value),
            }
            before = trend;
        }
        supremum
    }

    /// The points that are in the windows of all x in a cell.
    fn inner_window(&self, cell: Interval) -> Option<Interval> {
        let from = (cell.at_upper() - self.epsilon).upper();
        let to = (cell.at_lower() + self.epsilon).lower();
        (from <= to).then(|| Interval::new(from, to))
    }

    /// The ends of the window, and roughly what is there.
    fn ends(&self, here: &Labels<Interval>, cell: Interval) -> [(Place, Interval); 2] {
        [Place::End(-1.0), Place::End(1.0)]
            .map(|place| (place, self.at(&self.values, here, &cell, place)))
    }

    /// What is at those ends of the window that can exceed what is known already.
    fn at_ends(
        &self,
        ends: [(Place, Interval); 2],
        least: f64,
        posterior: &Labels<Cell>,
        x: &Cell,
    ) -> Vec<Cell> {
        let matter = ends.into_iter().filter(|end| end.1.upper() >= least);
        matter.map(|end| self.at(&self.cells, posterior, x, end.0)).collect()
    }

    /// What is under the supremum for x in the cell, at a place of the window.
    fn at<R: Enclosing>(&self, pair: &Pair<R>, posterior: &Labels<R>, x: &R, place: Place) -> R {
        let u = match place {
            Place::Here => x.clone(),
            Place::End(sign) => x.clone() + R::enclosing(Interval::point(sign) * self.epsilon),
        };
        let second = pair.labels(self.risk.second(), &u);
        if self.risk == Risk::Score {
            self.divergence.eval(&pair.labels(Which::Data, &u), &second)
        } else {
            self.divergence.eval(posterior, &second)
        }
    }

    fn at_peak(&self, posterior: &Labels<Cell>, peak: &Peak) -> Cell {
        match &peak.labels {
            Some(labels) => self.divergence.eval(posterior, &lifted(labels, |p| Cell::fixed(*p))),
            None => Cell::fixed(peak.value),
        }
    }

    fn at_peak_roughly(&self, posterior: &Labels<Interval>, peak: &Peak) -> Interval {
        match &peak.labels {
            Some(labels) => self.divergence.eval(posterior, labels),
            None => peak.value,
        }
    }

    /// What has to be known of the windows.
    #[must_use]
    pub fn needs(&self) -> Needs {
        match (self.has_window(), &self.second) {
            (false, _) => Needs::Points,
            (true, None) => Needs::Trends,
            (true, Some(_)) => Needs::Covers,
        }
    }

    /// The data's posterior over a cell.
    pub(super) fn labels_on(&self, cell: Interval) -> Labels<Interval> {
        lifted(&self.cells.labels(Which::Data, &Cell::variable(cell)), Cell::range)
    }

    /// What the supremum is at least for all x in a cell: at the ends of the window, and at a place if it is inside.
    pub(super) fn known_on(
        &self,
        cell: Interval,
        here: &Labels<Interval>,
        place: Option<Interval>,
    ) -> f64 {
        let inside = place.filter(|u| self.inner_window(cell).is_some_and(|inner| u.is_in(inner)));
        let peak = inside.and_then(|u| Some(*self.second.as_ref()?.over(here, u).value()));
        largest_lower(self.ends(here, cell).into_iter().map(|end| end.1).chain(peak))
    }

    /// The second argument, where the maximiser depends on x.
    pub(super) fn second(&self) -> Option<&Second> {
        self.second.as_ref()
    }

    /// What is known of the function under the supremum at a peak: for SCORE its values, else those of the second argument.
    pub(super) fn peak(&self, at: Interval) -> Peak {
        let u = Cell::variable(at);
        if self.risk == Risk::Score {
            return Peak { at, value: self.profile(&u).range(), labels: None };
        }
        // From the difference of the two logits, which is known better than either.
        let difference = self.profile(&u).range();
        let labels = Simplex::from_logits(&Dense::new([difference, Interval::ZERO]));
        Peak { at, value: Interval::ENTIRE, labels: Some(labels) }
    }

    /// Whether the smallest values of the profile matter besides the largest.
    pub(super) fn is_two_sided(&self) -> bool {
        self.risk != Risk::Score
    }
}

/// A backend of sets, which has room for an interval.
trait Enclosing: Real {
    fn enclosing(value: Interval) -> Self;
}

impl Enclosing for Interval {
    fn enclosing(value: Interval) -> Self {
        value
    }
}

impl<const N: usize> Enclosing for Taylor<N> {
    fn enclosing(value: Interval) -> Self {
        Self::fixed(value)
    }
}

/// What the supremum of an integrand rests on.
#[derive(Clone, Copy, Debug)]
pub enum Known<'a> {
    /// There is no window.
    Point,
    /// The function under the supremum is the same for all x.
    Shape(&'a Shape),
    /// It is known for the x of this cell.
    Cover(&'a Cover),
}

/// The supremum on a cell: at least a function, and at most that function and some excess.
struct Supremum {
    function: Cell,
    excess: f64,
}

impl Supremum {
    fn unknown() -> Self {
        Self { function: Cell::fixed(Interval::new(0.0, f64::INFINITY)), excess: 0.0 }
    }

    fn largest(candidates: Vec<Cell>) -> Self {
        let function = candidates.into_iter().reduce(|a, b| a.max(&b));
        function.map_or_else(Self::unknown, |function| Self { function, excess: 0.0 })
    }

    /// The supremum is at least this on all of the cell.
    fn known(&self) -> f64 {
        self.function.range().lower()
    }

    /// The supremum may be as large as this value.
    fn reaches(&mut self, value: Interval) {
        let excess = (value.at_upper() - Interval::point(self.known())).upper();
        self.excess = self.excess.max(excess);
    }

    /// The supremum may exceed the function by this.
    fn exceeds(&mut self, excess: f64) {
        self.excess = self.excess.max(excess);
    }
}

fn largest_lower(values: impl Iterator<Item = Interval>) -> f64 {
    values.map(Interval::lower).fold(0.0, f64::max)
}

/// The peaks, those that cannot be told apart as one: the larger of two functions that are equal is neither.
fn joined<'a>(peaks: impl Iterator<Item = &'a Peak>) -> Vec<Peak> {
    let mut joined: Vec<Peak> = Vec::new();
    for peak in peaks {
        match joined.iter_mut().find(|other| other.resembles(peak)) {
            Some(other) => other.join(peak),
            None => joined.push(peak.clone()),
        }
    }
    joined
}
