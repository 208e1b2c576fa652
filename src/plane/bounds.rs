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
//! The slopes of S are those of what is under the supremum at the places of the window where it can be attained (Danskin), so G is the hull over a
//! list of [`Piece`]s of the body that contains all of those places. A piece leaves the list when another one is shown to be at least as high for
//! every x of the cell; it shrinks to an end when the function is shown to be monotone along it. Where one vector is left, there are second derivatives too.

use smallvec::SmallVec;

use super::body::{Body, Shape, Vector};
use super::compiled::Compiled;
use super::problem::Plane;
use crate::divergence::Divergence;
use crate::real::{Interval, Jet, Real};
use crate::risk::{Risk, Which};
use crate::simplex::{Dense, Simplex};

/// Values over boxes, and `N - 1` derivatives along a curve.
type Over<const N: usize> = Jet<Interval, N>;
/// With slopes.
type Wide = Over<2>;
/// With second derivatives, which are unknown where there may be a kink.
type Curved = Over<3>;
/// A rectangle, or a point in the form of one.
pub(super) type Rectangle = [Interval; 2];
/// Where the supremum can be attained for the x of a cell.
pub(super) type Pieces = SmallVec<[Piece; 8]>;

/// A part of a body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Piece {
    /// Of the edge from a vertex to the next one: `a + t (b - a)`.
    Edge { vertex: usize, t: Interval },
    /// Of the boundary of an ellipse: `sign F ((1 - t^2) / (1 + t^2), 2 t / (1 + t^2))`.
    Arc { sign: f64, t: Interval },
    /// All of the body in a rectangle.
    Inside(Rectangle),
}

/// The difference of the two logits of two classes, where it is affine.
#[derive(Clone, Copy, Debug)]
struct Affine {
    base: Vector,
    value: Interval,
    slope: [Interval; 2],
}

impl Affine {
    fn at<const N: usize>(&self, x: &[Over<N>; 2]) -> Over<N> {
        let term = |i: usize| {
            Over::fixed(self.slope[i]) * (x[i] - Over::fixed(Interval::point(self.base[i])))
        };
        Over::fixed(self.value) + term(0) + term(1)
    }
}

/// How the supremum is bounded.
#[derive(Clone, Copy, Debug)]
enum Rule {
    /// There is no window.
    Point,
    /// Two classes, and the logit difference of the second argument is affine: it changes by at most this within the body.
    Shift(Interval),
    /// The places are searched.
    Places,
}

/// A risk in the plane, ready to be enclosed over cells.
#[derive(Debug)]
pub(super) struct Bounds<'a> {
    body: &'a Body,
    risk: Risk,
    divergence: Divergence,
    wide: Compiled<Wide>,
    curved: Compiled<Curved>,
    data: Option<Affine>,
    second: Option<Affine>,
    rule: Rule,
}

/// The integral over a cell, and what its halves inherit.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub integral: Interval,
    pub pieces: Pieces,
    /// The coordinate whose halving promises more.
    pub wider: usize,
}

/// What is known of a piece for the x of a cell.
struct Place {
    piece: Piece,
    /// At the cell's centre: what the function is at most on the piece, and a value that it takes there.
    most: f64,
    taken: Interval,
    /// Its slopes in x, and its values, for all x of the cell and all of the piece.
    slopes: [Interval; 2],
    range: Interval,
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

impl Found {
    fn of(cell: Rectangle, centre: Rectangle, function: impl Fn(&[Curved; 2]) -> Curved) -> Self {
        let first = function(&towards(cell, 0));
        let second = function(&towards([centre[0], cell[1]], 1));
        let middle = function(&fixed(centre));
        let order = |n: usize| [first.coefficients()[n], second.coefficients()[n]];
        let [slopes, seconds] = [order(1), order(2)];
        Self { value: *first.value(), at_centre: *middle.value(), slopes, seconds }
    }

    /// The integral over a side of the cell of how far the function is from where it is at the centre.
    fn change(&self, i: usize, side: Interval, centre: Interval) -> Interval {
        let [left, right] = [centre - side.at_lower(), side.at_upper() - centre];
        let number = Interval::point;
        let [below, above] = [left, right].map(|h| h.square() * number(0.5));
        let first = self.slopes[i] * above - self.slopes[i] * below;
        let cubes = (left.square() * left + right.square() * right) / number(3.0);
        let second = self.slopes[i] * (above - below) + self.seconds[i] * cubes;
        first.intersection(second)
    }
}

impl<'a> Bounds<'a> {
    pub fn new(plane: &'a Plane, risk: Risk, divergence: Divergence, body: &'a Body) -> Self {
        let wide = plane.compiled(&Wide::fixed(Interval::ZERO));
        let curved = plane.compiled(&Curved::fixed(Interval::ZERO));
        // Linf is the total variation where there are two classes: both entries of the difference have the same size.
        let divergence = match divergence {
            Divergence::Linf if plane.classes() == 2 => Divergence::TotalVariation,
            other => other,
        };
        let affine = |which| plane.slope(which).map(|_| affine(plane, &wide, which));
        let (data, second) = (affine(Which::Data), affine(risk.second()));
        let rule = match second {
            _ if risk == Risk::Standard || body.is_point() => Rule::Point,
            Some(second) if risk != Risk::Score => Rule::Shift(body.support(&second.slope)),
            _ => Rule::Places,
        };
        Self { body, risk, divergence, wide, curved, data, second, rule }
    }

    /// All places of the body at which a supremum can be.
    pub fn everywhere(&self) -> Pieces {
        let mut pieces = Pieces::new();
        if !matches!(self.rule, Rule::Places) {
            return pieces;
        }
        let unit = Interval::new(0.0, 1.0);
        match self.body.shape() {
            Shape::Polygon(vertices) => {
                // The two edges of a segment are the same.
                let count = if vertices.len() == 2 { 1 } else { vertices.len() };
                pieces.extend((0..count).map(|vertex| Piece::Edge { vertex, t: unit }));
            }
            Shape::Ellipse { .. } => {
                let halves = [Interval::new(-1.0, 0.0), unit];
                let signs = [1.0, -1.0];
                pieces.extend(
                    signs.into_iter().flat_map(|sign| halves.map(|t| Piece::Arc { sign, t })),
                );
            }
        }
        // Two affine logit differences leave a direction in which D does not fall, and a segment has nothing inside.
        let affine = self.risk == Risk::Score && self.data.is_some() && self.second.is_some();
        let segment = matches!(self.body.shape(), Shape::Polygon(vertices) if vertices.len() == 2);
        if !affine && !segment {
            let reach = |axis: [Interval; 2]| {
                let reach = self.body.support(&axis).upper();
                Interval::new(-reach, reach)
            };
            let (one, zero) = (Interval::ONE, Interval::ZERO);
            pieces.push(Piece::Inside([reach([one, zero]), reach([zero, one])]));
        }
        pieces
    }

    /// Label distributions over a box.
    fn labels<const N: usize>(
        &self,
        compiled: &Compiled<Over<N>>,
        which: Which,
        x: &[Over<N>; 2],
    ) -> Simplex<Dense<Over<N>>> {
        let affine = if which == Which::Data { &self.data } else { &self.second };
        match affine {
            Some(affine) => binary(affine.at(x)),
            None => compiled.labels(which, x),
        }
    }

    /// What is under the supremum, at a place u for x.
    fn under(&self, x: &[Wide; 2], u: &[Wide; 2]) -> Wide {
        self.under_in(&self.wide, x, u)
    }

    fn under_in<const N: usize>(
        &self,
        compiled: &Compiled<Over<N>>,
        x: &[Over<N>; 2],
        u: &[Over<N>; 2],
    ) -> Over<N> {
        let first = if self.risk == Risk::Score { u } else { x };
        let p = self.labels(compiled, Which::Data, first);
        self.divergence.eval(&p, &self.labels(compiled, self.risk.second(), u))
    }

    /// Density times supremum where no search is needed.
    fn directly(&self, x: &[Curved; 2]) -> Curved {
        let compiled = &self.curved;
        let supremum = match (&self.rule, &self.second) {
            (Rule::Shift(by), Some(second)) => {
                let p = self.labels(compiled, Which::Data, x);
                let (b, by) = (second.at(x), Curved::fixed(*by));
                let at = |b: Curved| self.divergence.eval(&p, &binary(b));
                at(b - by).max(&at(b + by))
            }
            _ => self.under_in(compiled, x, x),
        };
        density(compiled, x).weigh(&supremum)
    }

    /// Density times what is under the supremum at one vector of the body.
    fn at_vector(&self, x: &[Curved; 2], v: Rectangle) -> Curved {
        let u = [0, 1].map(|j| x[j] + Curved::fixed(v[j]));
        density(&self.curved, x).weigh(&self.under_in(&self.curved, x, &u))
    }

    /// The integral over a cell; `pieces` contain all places at which the supremum is attained for some x of the cell.
    pub fn part(&self, cell: Rectangle, pieces: &Pieces) -> Part {
        let centre = cell.map(|side| Interval::point(side.midpoint()));
        let (found, kept) = match self.rule {
            Rule::Point | Rule::Shift(_) => {
                (Found::of(cell, centre, |x| self.directly(x)), Pieces::new())
            }
            Rule::Places => self.by_places(cell, centre, pieces),
        };
        let sides = cell.map(|side| side.at_upper() - side.at_lower());
        let area = sides[0] * sides[1];
        let changes = [0, 1].map(|i| found.change(i, cell[i], centre[i]));
        let expanded = area * found.at_centre + sides[1] * changes[0] + sides[0] * changes[1];
        let integral = expanded.intersection(area * found.value);
        let integral = Interval::new(integral.lower().max(0.0), integral.upper());
        let costs = [0, 1].map(|i| changes[i].width() * sides[1 - i].upper());
        let wider = if costs.iter().all(|cost| cost.is_finite()) {
            usize::from(costs[1] > costs[0])
        } else {
            usize::from(sides[1].upper() > sides[0].upper())
        };
        Part { integral, pieces: kept, wider }
    }

    /// Density times supremum on a cell, and the places that are left.
    fn by_places(&self, cell: Rectangle, centre: Rectangle, pieces: &Pieces) -> (Found, Pieces) {
        let size = cell[0].width().max(cell[1].width());
        let mut places: SmallVec<[Place; 8]> = SmallVec::new();
        for part in pieces.iter().flat_map(|piece| self.cut(*piece, size)) {
            if let Some(piece) = self.reduced(cell, part)
                && !places.iter().any(|place| place.piece == piece)
            {
                places.push(self.place(cell, centre, piece));
            }
        }
        let radii = [0, 1].map(|i| cell[i] - centre[i]);
        // The highest value that is surely taken decides who can leave.
        let best = places
            .iter()
            .filter(|place| !matches!(place.piece, Piece::Inside(_)))
            .filter(|place| place.slopes.iter().all(|slope| slope.is_bounded()))
            .max_by(|a, b| a.taken.lower().total_cmp(&b.taken.lower()))
            .map(|place| (place.taken.lower(), place.slopes));
        let (least, along) = best.unwrap_or((0.0, [Interval::ENTIRE; 2]));
        let sure = |place: &&Place| !matches!(place.piece, Piece::Inside(_));
        let floor = places.iter().filter(sure).map(|p| p.range.lower()).fold(0.0, f64::max);
        // f(x + v) - f(x + v*) for all x of the cell at once.
        let matters = |place: &Place| {
            if place.range.upper() < floor {
                return false;
            }
            let drift = |i: usize| (place.slopes[i] - along[i]) * radii[i];
            let ahead = Interval::point(place.most) - Interval::point(least) + drift(0) + drift(1);
            ahead.upper() >= 0.0
        };
        places.retain(|place| matters(place));
        let most = places.iter().map(|place| place.most).fold(least, f64::max);
        let at_centre = Interval::new(least, most);
        let hull = |i: usize| {
            let slopes = places.iter().map(|place| place.slopes[i]);
            slopes.reduce(Interval::hull).unwrap_or(Interval::ENTIRE)
        };
        let slopes = [hull(0), hull(1)];
        let value = at_centre + slopes[0] * radii[0] + slopes[1] * radii[1];
        let ceiling = places.iter().map(|p| p.range.upper()).fold(floor, f64::max);
        let value = value.intersection(Interval::new(floor, ceiling));
        let kept: Pieces = places.iter().map(|place| place.piece).collect();
        // Where one vector of the body is best for the whole cell, there are second derivatives.
        if let [Piece::Edge { t, .. } | Piece::Arc { t, .. }] = kept[..]
            && t.lower() == t.upper()
        {
            let v = self.offset(kept[0]);
            return (Found::of(cell, centre, |x| self.at_vector(x, v)), kept);
        }
        let [first, second] = [0, 1].map(|i| {
            let supremum = Wide::from_coefficients([value, slopes[i]]);
            density(&self.wide, &towards(cell, i)).weigh(&supremum)
        });
        let found = Found {
            value: *first.value(),
            at_centre: *density(&self.wide, &fixed(centre)).value() * at_centre,
            slopes: [slope(&first), slope(&second)],
            seconds: [Interval::ENTIRE; 2],
        };
        (found, kept)
    }

    /// What is known of a piece for the x of a cell.
    fn place(&self, cell: Rectangle, centre: Rectangle, piece: Piece) -> Place {
        let offset = self.offset(piece);
        let [first, second] = [0, 1].map(|i| {
            let x = towards(cell, i);
            let u = [0, 1].map(|j| x[j] + Wide::fixed(offset[j]));
            self.under(&x, &u)
        });
        let slopes = [slope(&first), slope(&second)];
        let range = first.value().intersection(*second.value());
        let x = fixed(centre);
        let (middle, spread) = match piece {
            Piece::Edge { t, .. } | Piece::Arc { t, .. } => {
                let point = Interval::point(t.midpoint());
                let whole = slope(&self.under(&x, &self.moved(&x, piece, Wide::variable(t))));
                let at = self.under(&x, &self.moved(&x, piece, Wide::fixed(point)));
                (*at.value(), whole * (t - point))
            }
            Piece::Inside(rectangle) => {
                let point = rectangle.map(|side| Interval::point(side.midpoint()));
                let at = |v: Rectangle| [0, 1].map(|j| x[j] + Wide::fixed(v[j]));
                let spread = |i: usize| {
                    let mut u = at(rectangle);
                    u[i] = x[i] + Wide::variable(rectangle[i]);
                    slope(&self.under(&x, &u)) * (rectangle[i] - point[i])
                };
                (*self.under(&x, &at(point)).value(), spread(0) + spread(1))
            }
        };
        let plain = || {
            let u = [0, 1].map(|j| x[j] + Wide::fixed(offset[j]));
            self.under(&x, &u).value().upper()
        };
        let most = (middle + spread).upper();
        let most = if most < f64::INFINITY { most } else { plain() };
        Place { piece, most: most.min(range.upper()), taken: middle, slopes, range }
    }

    /// `x` plus the point of a piece of the boundary at a parameter.
    fn moved(&self, x: &[Wide; 2], piece: Piece, t: Wide) -> [Wide; 2] {
        let number = |c: f64| Wide::fixed(Interval::point(c));
        match (piece, self.body.shape()) {
            (Piece::Edge { vertex, .. }, Shape::Polygon(vertices)) => {
                let (a, b) = (vertices[vertex], vertices[(vertex + 1) % vertices.len()]);
                [0, 1].map(|j| x[j] + number(a[j]) + t * (number(b[j]) - number(a[j])))
            }
            (Piece::Arc { sign, .. }, Shape::Ellipse { factor }) => {
                // cos = 2 / (1 + t^2) - 1 and sin = 2 t / (1 + t^2)
                let one = number(1.0);
                let twice = number(2.0) / (one + t.square());
                let (cos, sin) = (twice - one, t * twice);
                let at = |j: usize| number(factor[j][0]) * cos + number(factor[j][1]) * sin;
                [0, 1].map(|j| x[j] + number(sign) * at(j))
            }
            _ => *x,
        }
    }

    /// The rectangle around a piece.
    fn offset(&self, piece: Piece) -> Rectangle {
        match piece {
            Piece::Inside(rectangle) => rectangle,
            Piece::Edge { t, .. } | Piece::Arc { t, .. } => {
                let zero = fixed([Interval::ZERO; 2]);
                self.moved(&zero, piece, Wide::fixed(t)).map(|v| *v.value())
            }
        }
    }

    /// The piece, or its halves where it is longer than the cell.
    fn cut(&self, piece: Piece, size: f64) -> SmallVec<[Piece; 2]> {
        let offset = self.offset(piece);
        let sides = offset.map(Interval::width);
        if sides[0].max(sides[1]) <= size {
            return [piece].into_iter().collect();
        }
        let halves = |t: Interval| {
            let middle = t.midpoint();
            [Interval::new(t.lower(), middle), Interval::new(middle, t.upper())]
        };
        match piece {
            Piece::Edge { vertex, t } => halves(t).map(|t| Piece::Edge { vertex, t }).into(),
            Piece::Arc { sign, t } => halves(t).map(|t| Piece::Arc { sign, t }).into(),
            Piece::Inside([a, b]) if sides[0] >= sides[1] => {
                halves(a).map(|a| Piece::Inside([a, b])).into()
            }
            Piece::Inside([a, b]) => halves(b).map(|b| Piece::Inside([a, b])).into(),
        }
    }

    /// The piece, the end of it at which the function is largest for every x of the cell, or nothing where no supremum can be.
    fn reduced(&self, cell: Rectangle, piece: Piece) -> Option<Piece> {
        let x = fixed(cell);
        let end = |t: Interval| {
            if t.lower() == t.upper() {
                return t;
            }
            let along = slope(&self.under(&x, &self.moved(&x, piece, Wide::variable(t))));
            if along.lower() >= 0.0 {
                t.at_upper()
            } else if along.upper() <= 0.0 {
                t.at_lower()
            } else {
                t
            }
        };
        match (piece, self.body.shape()) {
            (Piece::Edge { vertex, t }, Shape::Polygon(vertices)) => {
                let t = end(t);
                // The end of an edge is the beginning of the next one.
                Some(if t == Interval::ONE {
                    Piece::Edge { vertex: (vertex + 1) % vertices.len(), t: Interval::ZERO }
                } else {
                    Piece::Edge { vertex, t }
                })
            }
            (Piece::Arc { sign, t }, _) => Some(Piece::Arc { sign, t: end(t) }),
            (Piece::Inside(rectangle), _) => {
                if self.is_outside(rectangle) {
                    return None;
                }
                // A maximum inside the body has no slope in any direction, and one on its boundary is among the pieces of that.
                let flat = |i: usize| {
                    let mut u = [0, 1].map(|j| x[j] + Wide::fixed(rectangle[j]));
                    u[i] = x[i] + Wide::variable(rectangle[i]);
                    slope(&self.under(&x, &u)).contains(0.0)
                };
                (flat(0) && flat(1)).then_some(piece)
            }
            _ => Some(piece),
        }
    }

    /// Whether all of a rectangle is shown to be outside of the body.
    fn is_outside(&self, v: Rectangle) -> bool {
        let number = |c: f64| Interval::point(c);
        match self.body.shape() {
            Shape::Polygon(vertices) => (0..vertices.len()).any(|i| {
                let [a, b] = [i, (i + 1) % vertices.len()].map(|i| vertices[i].map(number));
                let side = (b[0] - a[0]) * (v[1] - a[1]) - (b[1] - a[1]) * (v[0] - a[0]);
                side.upper() < 0.0
            }),
            Shape::Ellipse { factor } => {
                let [[a, b], [c, d]] = factor.map(|row| row.map(number));
                // |adj(F) v|^2 against det(F)^2
                let size = (d * v[0] - b * v[1]).square() + (a * v[1] - c * v[0]).square();
                size.lower() > (a * d - b * c).square().upper()
            }
        }
    }
}

/// The affine difference of the two logits: its value at a mean, and its slopes, which are the same everywhere.
fn affine(plane: &Plane, wide: &Compiled<Wide>, which: Which) -> Affine {
    let base = plane.value.law.components().next().map_or([0.0; 2], |component| component.mean);
    let point = base.map(Interval::point);
    let difference = |x: &[Wide; 2]| {
        let logits = wide.logits(which, x);
        logits.entries()[0] - logits.entries()[1]
    };
    let slope = [0, 1].map(|i| slope(&difference(&towards(point, i))));
    Affine { base, value: *difference(&fixed(point)).value(), slope }
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
        let centre = Interval::point(side.midpoint());
        let found = Found::of([side, Interval::ZERO], [centre, Interval::ZERO], |x| function(x[0]));
        found.change(0, side, centre)
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
