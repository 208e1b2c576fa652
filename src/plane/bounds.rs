//! What proofs about a risk in the plane rest on: the integral of density times supremum over a rectangle, enclosed.
//!
//! With `F = p_d S`, S the supremum, and (c, d) the centre of a cell with the sides g and h,
//!
//! ```text
//! integral of F  =  g h F(c, d)  +  integral of F(x, y) - F(c, y)  +  g integral of F(c, y) - F(c, d) dy,
//! ```
//!
//! where slopes G of F along a coordinate make of a difference what they make of each half of the side, and a second derivative H, where there is one,
//! makes `H g^3 / 24` of it: the slopes of the two halves cancel.
//!
//! The slopes of S are those of what is under the supremum at the places of the window where it can be attained (Danskin); [`Places`] finds them.
//! Where there are two classes and only the second argument moves, it is attained where that one's odds are largest or smallest: two suprema of one
//! function of u, whatever x is.
//! S has no second derivative, but the density has: of F only the changes of S, `p (S - S(c))`, are bounded by slopes. Where one vector of the body is best
//! for the whole cell, all of F has second derivatives.

use super::body::{Body, Vector};
use super::compiled::Compiled;
use super::places::{Known, Places, Supremum, Tiles, Under};
use super::problem::Plane;
use super::reach::Reach;
use super::tilts::{Affine, Tilts};
use crate::divergence::Divergence;
use crate::enclosure::Effort;
use crate::real::{Interval, Jet, Real};
use crate::risk::{Risk, Which};
use crate::simplex::{Dense, Simplex};

/// Values over boxes, and `N - 1` derivatives along a curve.
pub(super) type Over<const N: usize> = Jet<Interval, N>;
/// With slopes.
pub(super) type Wide = Over<2>;
/// With second derivatives, which are unknown where there may be a kink.
type Curved = Over<3>;
/// A rectangle, or a point in the form of one.
pub(super) type Rectangle = [Interval; 2];

/// What is under a supremum, over boxes.
#[derive(Debug)]
pub(super) struct Function {
    risk: Risk,
    divergence: Divergence,
    wide: Compiled<Wide>,
    curved: Compiled<Curved>,
    /// Of the law and of the second argument.
    data: Option<Tilts>,
    second: Option<Tilts>,
    classes: usize,
}

/// Two classes: the logit difference of the second argument, or its negative.
#[derive(Debug)]
struct Odds<'a> {
    function: &'a Function,
    negative: bool,
}

/// How the supremum is bounded.
#[derive(Debug)]
enum Rule<'a> {
    /// There is no window.
    Point,
    /// Two classes, and the logit difference of the second argument is affine: it changes by at most this within the body.
    Shift(Affine, Interval),
    /// Two classes: it is attained where the odds of the second argument are largest or smallest, whatever x is.
    Extremes([Places<'a, Odds<'a>>; 2]),
    /// The places are searched.
    Places(Places<'a, &'a Function>),
}

/// A risk in the plane, ready to be enclosed over cells.
#[derive(Debug)]
pub(super) struct Bounds<'a> {
    function: &'a Function,
    rule: Rule<'a>,
}

/// Where suprema can be attained: one list, or one each for the largest and the smallest odds.
pub(super) type Lists = [Tiles; 2];

/// The integral over a cell, and what its halves inherit.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub integral: Interval,
    /// Where the supremum can be attained.
    pub places: Lists,
    /// The coordinate whose halving promises more.
    pub wider: usize,
}

/// A cell, and its centre as a rectangle.
#[derive(Clone, Copy)]
struct Cell {
    sides: Rectangle,
    centre: Rectangle,
}

/// What is known of a function on a cell.
struct Found {
    value: Interval,
    at_centre: Interval,
    /// Its slopes: along the second coordinate it is enough to know them where the first one is the centre's.
    slopes: [Interval; 2],
    /// Half its second derivatives, likewise.
    seconds: [Interval; 2],
}

/// An integral over a cell, and what of its width each coordinate is to blame for.
struct Integral {
    value: Interval,
    costs: [f64; 2],
}

impl Found {
    fn of(cell: &Cell, function: impl Fn(&[Curved; 2]) -> Curved) -> Self {
        Self::from(cell.curves().map(|x| function(&x)))
    }

    /// A function on the curves of a cell.
    fn from([first, second, middle]: [Curved; 3]) -> Self {
        let order = |n: usize| [first.coefficients()[n], second.coefficients()[n]];
        let [slopes, seconds] = [order(1), order(2)];
        Self { value: *first.value(), at_centre: *middle.value(), slopes, seconds }
    }

    /// A supremum, which has no second derivatives.
    fn supremum(&Supremum { at_centre, range, slopes, .. }: &Supremum) -> Self {
        Self { value: range, at_centre, slopes, seconds: [Interval::ENTIRE; 2] }
    }

    fn has_seconds(&self) -> bool {
        self.seconds.iter().all(|second| second.is_bounded())
    }

    /// The integral over a side of the cell of how far the function is from where it is at the centre.
    fn change(&self, cell: &Cell, i: usize) -> Interval {
        let Moments { below, above, squares } = cell.moments(i);
        let first = self.slopes[i] * above - self.slopes[i] * below;
        let second = self.slopes[i] * (above - below) + self.seconds[i] * squares;
        first.intersection(second)
    }

    fn integral(&self, cell: &Cell) -> Integral {
        let changes = [0, 1].map(|i| self.change(cell, i));
        cell.integral(self.value, self.at_centre, changes)
    }

    /// The integral of this density times a supremum.
    ///
    /// `int p S = S(c) int p + int p (S - S(c))`, and with G for the slopes of S, g one of them, the last is g times what p changes by and what is left
    /// of G.
    fn times(&self, supremum: &Found, cell: &Cell) -> Integral {
        let radius = cell.sides[1] - cell.centre[1];
        let along = supremum.at_centre + supremum.slopes[1] * radius;
        let at = [along.intersection(supremum.value), supremum.at_centre];
        let changes = [0, 1].map(|i| {
            let Moments { below, above, squares } = cell.moments(i);
            let slope = Interval::point(supremum.slopes[i].midpoint());
            let rest = (supremum.slopes[i] - slope) * self.value;
            at[i] * self.change(cell, i)
                + slope * (self.at_centre * (above - below) + self.slopes[i] * squares)
                + (rest * above - rest * below)
        });
        let [value, at_centre] = [self.value * supremum.value, self.at_centre * supremum.at_centre];
        cell.integral(value, at_centre, changes)
    }
}

/// The integrals of `|x - c|` over the two halves of a side, and of `(x - c)^2` over all of it.
struct Moments {
    below: Interval,
    above: Interval,
    squares: Interval,
}

impl Cell {
    fn new(sides: Rectangle) -> Self {
        Self { sides, centre: sides.map(|side| Interval::point(side.midpoint())) }
    }

    /// All of it with the first coordinate variable, what has the centre's first coordinate with the second one variable, and the centre.
    fn curves(&self) -> [[Curved; 2]; 3] {
        let Self { sides, centre } = *self;
        [towards(sides, 0), towards([centre[0], sides[1]], 1), fixed(centre)]
    }

    fn moments(&self, i: usize) -> Moments {
        let (side, centre) = (self.sides[i], self.centre[i]);
        let [left, right] = [centre - side.at_lower(), side.at_upper() - centre];
        let number = Interval::point;
        let [below, above] = [left, right].map(|h| h.square() * number(0.5));
        let squares = (left.square() * left + right.square() * right) / number(3.0);
        Moments { below, above, squares }
    }

    /// The integral of a function with these values and this one at the centre, which changes so much along either coordinate.
    fn integral(&self, value: Interval, at_centre: Interval, changes: [Interval; 2]) -> Integral {
        let [width, height] = self.sides.map(|side| side.at_upper() - side.at_lower());
        let expanded = width * height * at_centre + height * changes[0] + width * changes[1];
        let integral = expanded.intersection(width * height * value);
        let costs = [changes[0].width() * height.upper(), changes[1].width() * width.upper()];
        Integral { value: integral, costs }
    }
}

impl Function {
    /// That of a risk.
    pub fn new(plane: &Plane, risk: Risk, divergence: Divergence) -> Self {
        let wide = plane.compiled(&Wide::fixed(Interval::ZERO));
        let curved = plane.compiled(&Curved::fixed(Interval::ZERO));
        // Linf is the total variation where there are two classes: both entries of the difference have the same size.
        let divergence = match divergence {
            Divergence::Linf if plane.classes() == 2 => Divergence::TotalVariation,
            other => other,
        };
        let [data, second] = [Which::Data, risk.second()].map(|which| Tilts::new(plane, which));
        Self { risk, divergence, wide, curved, data, second, classes: plane.classes() }
    }

    fn logits<const N: usize>(
        &self,
        compiled: &Compiled<Over<N>>,
        which: Which,
        x: &[Over<N>; 2],
    ) -> Dense<Over<N>> {
        let tilts = if which == Which::Data { &self.data } else { &self.second };
        match tilts {
            Some(tilts) => tilts.logits(x),
            None => compiled.logits(which, x),
        }
    }

    /// Label distributions over a box.
    fn labels<const N: usize>(
        &self,
        compiled: &Compiled<Over<N>>,
        which: Which,
        x: &[Over<N>; 2],
    ) -> Simplex<Dense<Over<N>>> {
        Simplex::from_logits(&self.logits(compiled, which, x))
    }

    /// What is under the supremum, at a place u for x.
    fn under<const N: usize>(
        &self,
        compiled: &Compiled<Over<N>>,
        x: &[Over<N>; 2],
        u: &[Over<N>; 2],
    ) -> Over<N> {
        let first = if self.risk == Risk::Score { u } else { x };
        let p = self.labels(compiled, Which::Data, first);
        self.divergence.eval(&p, &self.labels(compiled, self.risk.second(), u))
    }

    /// The supremum where the logit difference of the second argument is affine and changes by at most `by`.
    fn shifted(&self, second: &Affine, x: &[Curved; 2], by: Interval) -> Curved {
        let p = self.labels(&self.curved, Which::Data, x);
        let (b, by) = (second.at(x), Curved::fixed(by));
        self.at_odds(&p, [b - by, b + by])
    }

    /// The supremum where the logit difference of the second argument goes from one number to another: D falls and then rises in it.
    fn at_odds(&self, p: &Simplex<Dense<Curved>>, ends: [Curved; 2]) -> Curved {
        let [low, high] = ends.map(|b| self.divergence.eval(p, &binary(b)));
        low.max(&high)
    }
}

impl Odds<'_> {
    fn at<const N: usize>(&self, compiled: &Compiled<Over<N>>, u: &[Over<N>; 2]) -> Over<N> {
        let logits = self.function.logits(compiled, self.function.risk.second(), u);
        let difference = logits.entries()[0] - logits.entries()[1];
        if self.negative { -difference } else { difference }
    }

    /// Their supremum on these curves of a cell.
    fn largest(&self, xs: &[[Curved; 2]; 3], reach: &Reach, supremum: &Supremum) -> [Curved; 3] {
        if let Some(vertex) = reach.vertex(supremum.inner) {
            return xs.map(|x| self.at(&self.function.curved, &moved(&x, vertex)));
        }
        let [first, second] = supremum
            .slopes
            .map(|slope| Curved::from_coefficients([supremum.range, slope, Interval::ENTIRE]));
        [first, second, Curved::fixed(supremum.at_centre)]
    }
}

impl Under for Odds<'_> {
    fn is_shared(&self) -> bool {
        true
    }

    fn least(&self) -> f64 {
        f64::NEG_INFINITY
    }

    fn known(&self, _: Rectangle, _: Rectangle, u: Rectangle, middle: Rectangle) -> Known {
        Known::shared(|u| self.at(&self.function.wide, &u), u, middle)
    }
}

impl Under for &Function {
    fn is_shared(&self) -> bool {
        self.risk == Risk::Score
    }

    fn least(&self) -> f64 {
        0.0
    }

    fn known(&self, cell: Rectangle, c: Rectangle, u: Rectangle, middle: Rectangle) -> Known {
        let at = |x: [Wide; 2], u: [Wide; 2]| self.under(&self.wide, &x, &u);
        let shared = Known::shared(|u| at(fixed(cell), u), u, middle);
        if self.is_shared() {
            return shared;
        }
        let direct = [0, 1].map(|i| slope(&at(towards(cell, i), fixed(u))));
        Known { value: *at(fixed(c), fixed(middle)).value(), direct, ..shared }
    }
}

/// So many tiles for each cell are enough for the crests.
const TILES: usize = 8;

impl<'a> Bounds<'a> {
    /// Of a risk that is to be enclosed with this effort.
    pub fn new(function: &'a Function, body: &'a Body, effort: Effort) -> Self {
        // The integral of the density is at most 1.
        let tolerance = effort.width / 16.0;
        let enough = effort.cells.saturating_mul(TILES);
        let shares = function.risk == Risk::Score;
        let affine = function.second.as_ref().and_then(Tilts::difference);
        let rule = match affine {
            _ if function.risk == Risk::Standard || body.is_point() => Rule::Point,
            Some(affine) if !shares => Rule::Shift(affine, body.support(&affine.slope)),
            None if !shares && function.classes == 2 => {
                Rule::Extremes([false, true].map(|negative| {
                    let odds = Odds { function, negative };
                    Places::new(odds, Reach::new(body), tolerance, enough)
                }))
            }
            _ => Rule::Places(Places::new(function, Reach::new(body), tolerance, enough)),
        };
        Self { function, rule }
    }

    /// All places at which a supremum can be for the x of a rectangle.
    pub fn everywhere(&mut self, rectangle: Rectangle) -> Lists {
        match &mut self.rule {
            Rule::Point | Rule::Shift(..) => Lists::default(),
            Rule::Extremes(ends) => ends.each_mut().map(|places| places.everywhere(rectangle)),
            Rule::Places(places) => [places.everywhere(rectangle), Tiles::new()],
        }
    }

    /// The integral over a cell; `lists` contain all places at which the supremum is attained for some x of the cell.
    pub fn part(&mut self, sides: Rectangle, lists: &Lists) -> Part {
        let cell = Cell::new(sides);
        let Self { function, rule } = self;
        let density = |x: &[Curved; 2]| density(&function.curved, x);
        let weighed = |supremum: &dyn Fn(&[Curved; 2]) -> Curved| {
            Found::of(&cell, |x| density(x).weigh(&supremum(x))).integral(&cell)
        };
        let mut kept = Lists::default();
        let Integral { value, costs } = match rule {
            Rule::Point => weighed(&|x| function.under(&function.curved, x, x)),
            Rule::Shift(second, by) => weighed(&|x| function.shifted(second, x, *by)),
            Rule::Extremes(ends) => {
                let suprema = [0, 1].map(|i| ends[i].supremum(sides, &lists[i]));
                let xs = cell.curves();
                let [most, least] = [0, 1].map(|i| {
                    let Places { function: odds, reach, .. } = &ends[i];
                    odds.largest(&xs, reach, &suprema[i])
                });
                kept = suprema.map(|supremum| supremum.tiles);
                let at = [0, 1, 2].map(|i| {
                    let p = function.labels(&function.curved, Which::Data, &xs[i]);
                    function.at_odds(&p, [-least[i], most[i]])
                });
                let supremum = Found::from(at);
                if supremum.has_seconds() {
                    Found::from([0, 1, 2].map(|i| density(&xs[i]).weigh(&at[i]))).integral(&cell)
                } else {
                    Found::of(&cell, density).times(&supremum, &cell)
                }
            }
            Rule::Places(places) => {
                let supremum = places.supremum(sides, &lists[0]);
                // Where one vector of the body is best for the whole cell, there are second derivatives.
                let integral = match places.reach.vertex(supremum.inner) {
                    Some(vertex) => {
                        weighed(&|x| function.under(&function.curved, x, &moved(x, vertex)))
                    }
                    None => Found::of(&cell, density).times(&Found::supremum(&supremum), &cell),
                };
                kept[0] = supremum.tiles;
                integral
            }
        };
        let costs = if costs.iter().all(|cost| cost.is_finite()) {
            costs
        } else {
            sides.map(Interval::width)
        };
        let wider = usize::from(costs[1] > costs[0]);
        let integral = Interval::new(value.lower().max(0.0), value.upper());
        Part { integral, places: kept, wider }
    }
}

/// A box as the arguments of a function of one of its coordinates.
pub(super) fn towards<const N: usize>(cell: Rectangle, i: usize) -> [Over<N>; 2] {
    let mut x = fixed(cell);
    x[i] = Over::variable(cell[i]);
    x
}

pub(super) fn fixed<const N: usize>(cell: Rectangle) -> [Over<N>; 2] {
    cell.map(Over::fixed)
}

/// Everything moved by a vector.
fn moved<const N: usize>(x: &[Over<N>; 2], v: Vector) -> [Over<N>; 2] {
    [0, 1].map(|j| x[j] + Over::fixed(Interval::point(v[j])))
}

/// The density over a box.
fn density<const N: usize>(compiled: &Compiled<Over<N>>, x: &[Over<N>; 2]) -> Over<N> {
    Over::softmax(compiled.law.log_joint(x).entries()).log_total.exp()
}

/// Two classes with this difference of their logits.
fn binary<const N: usize>(difference: Over<N>) -> Simplex<Dense<Over<N>>> {
    Simplex::from_logits(&Dense::new([difference, Over::fixed(Interval::ZERO)]))
}

pub(super) fn slope(jet: &Wide) -> Interval {
    jet.coefficients()[1]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How far a function of the first coordinate is from where it is at the centre, integrated over a side.
    fn change(side: Interval, function: impl Fn(Curved) -> Curved) -> Interval {
        let cell = Cell::new([side, Interval::ZERO]);
        Found::of(&cell, |x| function(x[0])).change(&cell, 0)
    }

    #[test]
    fn what_is_smooth_is_integrated_by_its_second_derivative() {
        let widths = [0.5, 0.25, 0.125].map(|h| {
            let found = change(Interval::new(1.0, 1.0 + h), |x| x.square() * x);
            let (centre, end) = (1.0 + h / 2.0, 1.0 + h);
            // Doubles hold all of these numbers.
            let exactly = (end.powi(4) - 1.0) / 4.0 - h * centre.powi(3);
            assert!(found.contains(exactly), "{found:?} {exactly}");
            found.width()
        });
        // By slopes alone they would fall to an eighth.
        assert!(widths[1] < widths[0] / 12.0 && widths[2] < widths[1] / 12.0, "{widths:?}");
    }

    #[test]
    fn a_kink_has_no_second_derivative() {
        let kink = Curved::fixed(Interval::point(1.25));
        let found = change(Interval::new(1.0, 1.5), |x| (x - kink).abs());
        assert!(found.contains(0.0625) && found.is_bounded(), "{found:?}");
        let found = change(Interval::new(1.0, 1.5), |x| x.max(&kink));
        assert!(found.contains(0.03125) && found.is_bounded(), "{found:?}");
    }
}
