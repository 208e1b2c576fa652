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
//! S has no second derivative, but the density has: of F only the changes of S, `p (S - S(c))`, are bounded by slopes. Where one vector of the body is best
//! for the whole cell, all of F has second derivatives.

use super::body::Body;
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
type Wide = Over<2>;
/// With second derivatives, which are unknown where there may be a kink.
type Curved = Over<3>;
/// A rectangle, or a point in the form of one.
pub(super) type Rectangle = [Interval; 2];
/// How the supremum is bounded.
#[derive(Clone, Copy, Debug)]
enum Rule {
    /// There is no window.
    Point,
    /// Two classes, and the logit difference of the second argument is affine: it changes by at most this within the body.
    Shift(Affine, Interval),
    /// The places are searched.
    Places,
}

/// What is under a supremum, over boxes.
#[derive(Debug)]
struct Function {
    risk: Risk,
    divergence: Divergence,
    wide: Compiled<Wide>,
    curved: Compiled<Curved>,
    /// Of the law and of the second argument.
    data: Option<Tilts>,
    second: Option<Tilts>,
}

/// A risk in the plane, ready to be enclosed over cells.
#[derive(Debug)]
pub(super) struct Bounds<'a> {
    places: Places<'a, Function>,
    rule: Rule,
}

/// The integral over a cell, and what its halves inherit.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub integral: Interval,
    /// Where the supremum can be attained.
    pub tiles: Tiles,
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
        let first = function(&towards(cell.sides, 0));
        let second = function(&towards([cell.centre[0], cell.sides[1]], 1));
        let middle = function(&fixed(cell.centre));
        let order = |n: usize| [first.coefficients()[n], second.coefficients()[n]];
        let [slopes, seconds] = [order(1), order(2)];
        Self { value: *first.value(), at_centre: *middle.value(), slopes, seconds }
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
    fn times(&self, supremum: &Supremum, cell: &Cell) -> Integral {
        let radius = cell.sides[1] - cell.centre[1];
        let along = supremum.at_centre + supremum.slopes[1] * radius;
        let at = [along.intersection(supremum.range), supremum.at_centre];
        let changes = [0, 1].map(|i| {
            let Moments { below, above, squares } = cell.moments(i);
            let slope = Interval::point(supremum.slopes[i].midpoint());
            let rest = (supremum.slopes[i] - slope) * self.value;
            at[i] * self.change(cell, i)
                + slope * (self.at_centre * (above - below) + self.slopes[i] * squares)
                + (rest * above - rest * below)
        });
        let [value, at_centre] = [self.value * supremum.range, self.at_centre * supremum.at_centre];
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
    fn new(plane: &Plane, risk: Risk, divergence: Divergence) -> Self {
        let wide = plane.compiled(&Wide::fixed(Interval::ZERO));
        let curved = plane.compiled(&Curved::fixed(Interval::ZERO));
        // Linf is the total variation where there are two classes: both entries of the difference have the same size.
        let divergence = match divergence {
            Divergence::Linf if plane.classes() == 2 => Divergence::TotalVariation,
            other => other,
        };
        let [data, second] = [Which::Data, risk.second()].map(|which| Tilts::new(plane, which));
        Self { risk, divergence, wide, curved, data, second }
    }

    /// Label distributions over a box.
    fn labels<const N: usize>(
        &self,
        compiled: &Compiled<Over<N>>,
        which: Which,
        x: &[Over<N>; 2],
    ) -> Simplex<Dense<Over<N>>> {
        let tilts = if which == Which::Data { &self.data } else { &self.second };
        match tilts {
            Some(tilts) => tilts.labels(x),
            None => compiled.labels(which, x),
        }
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
        let at = |b: Curved| self.divergence.eval(&p, &binary(b));
        at(b - by).max(&at(b + by))
    }
}

impl Under for Function {
    fn is_shared(&self) -> bool {
        self.risk == Risk::Score
    }

    fn known(&self, cell: Rectangle, c: Rectangle, u: Rectangle, middle: Rectangle) -> Known {
        let at = |x: [Wide; 2], u: [Wide; 2]| self.under(&self.wide, &x, &u);
        let along = [0, 1].map(|i| at(fixed(cell), towards(u, i)));
        let direct = if self.is_shared() {
            [Interval::ZERO; 2]
        } else {
            [0, 1].map(|i| slope(&at(towards(cell, i), fixed(u))))
        };
        Known {
            value: *at(fixed(c), fixed(middle)).value(),
            range: along[0].value().intersection(*along[1].value()),
            slopes: along.map(|along| slope(&along)),
            direct,
        }
    }
}

/// So many tiles for each cell are enough for the crests.
const TILES: usize = 8;

impl<'a> Bounds<'a> {
    /// Of a risk that is to be enclosed with this effort.
    pub fn new(
        plane: &'a Plane,
        (risk, divergence, body): (Risk, Divergence, &'a Body),
        effort: Effort,
    ) -> Self {
        let function = Function::new(plane, risk, divergence);
        let affine = function.second.as_ref().and_then(Tilts::difference);
        let rule = match affine {
            _ if risk == Risk::Standard || body.is_point() => Rule::Point,
            Some(affine) if risk != Risk::Score => Rule::Shift(affine, body.support(&affine.slope)),
            _ => Rule::Places,
        };
        // The integral of the density is at most 1.
        let tolerance = effort.width / 16.0;
        let enough = effort.cells.saturating_mul(TILES);
        Self { places: Places::new(function, Reach::new(body), tolerance, enough), rule }
    }

    /// All places at which a supremum can be for the x of a rectangle.
    pub fn everywhere(&mut self, rectangle: Rectangle) -> Tiles {
        self.places.everywhere(rectangle)
    }

    /// The integral over a cell; `tiles` contain all places at which the supremum is attained for some x of the cell.
    pub fn part(&mut self, sides: Rectangle, tiles: &Tiles) -> Part {
        let cell = Cell::new(sides);
        let mut kept = Tiles::new();
        let supremum =
            matches!(self.rule, Rule::Places).then(|| self.places.supremum(sides, tiles));
        let Self { places: Places { function, reach, .. }, rule } = self;
        let curved = &function.curved;
        let density = |x: &[Curved; 2]| density(curved, x);
        let Integral { value, costs } = match (rule, supremum) {
            (Rule::Places, Some(supremum)) => {
                let integral = match reach.vertex(supremum.inner) {
                    // Where one vector of the body is best for the whole cell, there are second derivatives.
                    Some(vertex) => {
                        let v = vertex.map(|v| Curved::fixed(Interval::point(v)));
                        let at_vertex = |x: &[Curved; 2]| {
                            function.under(curved, x, &[x[0] + v[0], x[1] + v[1]])
                        };
                        Found::of(&cell, |x| density(x).weigh(&at_vertex(x))).integral(&cell)
                    }
                    None => Found::of(&cell, density).times(&supremum, &cell),
                };
                kept = supremum.tiles;
                integral
            }
            (Rule::Shift(second, by), _) => {
                let weighed = |x: &[Curved; 2]| density(x).weigh(&function.shifted(second, x, *by));
                Found::of(&cell, weighed).integral(&cell)
            }
            _ => {
                let weighed = |x: &[Curved; 2]| density(x).weigh(&function.under(curved, x, x));
                Found::of(&cell, weighed).integral(&cell)
            }
        };
        let costs = if costs.iter().all(|cost| cost.is_finite()) {
            costs
        } else {
            sides.map(Interval::width)
        };
        let wider = usize::from(costs[1] > costs[0]);
        let integral = Interval::new(value.lower().max(0.0), value.upper());
        Part { integral, tiles: kept, wider }
    }
}

/// A box as the arguments of a function of one of its coordinates.
fn towards<const N: usize>(cell: Rectangle, i: usize) -> [Over<N>; 2] {
    let mut x = fixed(cell);
    x[i] = Over::variable(cell[i]);
    x
}

fn fixed<const N: usize>(cell: Rectangle) -> [Over<N>; 2] {
    cell.map(Over::fixed)
}

/// The density over a box.
fn density<const N: usize>(compiled: &Compiled<Over<N>>, x: &[Over<N>; 2]) -> Over<N> {
    Over::softmax(compiled.law.log_joint(x).entries()).log_total.exp()
}

/// Two classes with this difference of their logits.
fn binary<const N: usize>(difference: Over<N>) -> Simplex<Dense<Over<N>>> {
    Simplex::from_logits(&Dense::new([difference, Over::fixed(Interval::ZERO)]))
}

fn slope(jet: &Wide) -> Interval {
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
