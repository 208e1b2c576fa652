//! What is proved of `x + B`: places in it, places outside of it, and how far a linear function goes in it.

use smallvec::SmallVec;

use super::body::{Body, Shape, Vector, cross, difference, dot, image, inverse, norm, scaled, sum};
use super::bounds::Rectangle;
use crate::real::{Interval, Real};

/// All vectors v of the body have `normal . v <= support`.
#[derive(Clone, Copy, Debug)]
struct Facet {
    normal: Vector,
    support: f64,
}

/// The directions in which a function can rise at its maximum over `x + B`, and in which the maximum can change with x: while its place is inside, the
/// maximum is no lower at any other x. Kinks of the function change nothing of that.
#[derive(Clone, Copy, Debug)]
pub(super) enum Normals {
    /// In none: the maximum is inside.
    None,
    /// In none, or in this one.
    Along([Interval; 2]),
    /// Nothing is known.
    Any,
}

/// A body, ready for proofs.
#[derive(Debug)]
pub(super) struct Reach<'a> {
    body: &'a Body,
    /// Of a polygon: for each vertex the facet on the edge to the next one, and whether that is an edge of the convex hull, which rounding decides.
    facets: Vec<Facet>,
    proper: Vec<bool>,
    /// The rectangle around the body.
    around: Rectangle,
}

/// `most + slope . (x - c)`: a bound for all x near c.
#[derive(Clone, Copy, Debug)]
pub(super) struct Linear {
    pub most: f64,
    pub slope: [Interval; 2],
}

impl<'a> Reach<'a> {
    pub fn new(body: &'a Body) -> Self {
        let facets = match body.shape() {
            Shape::Polygon(vertices) => (0..vertices.len())
                .map(|i| {
                    let along = difference(vertices[(i + 1) % vertices.len()], vertices[i]);
                    facet(body, [along[1], -along[0]])
                })
                .collect(),
            Shape::Ellipse { .. } => Vec::new(),
        };
        let proper = match body.shape() {
            Shape::Polygon(vertices) if vertices.len() > 2 => {
                (0..vertices.len()).map(|i| is_proper(vertices, i)).collect()
            }
            _ => vec![false; facets.len()],
        };
        let (one, zero) = (Interval::ONE, Interval::ZERO);
        let around = [[one, zero], [zero, one]].map(|axis| {
            let reach = body.support(&axis).upper();
            Interval::new(-reach, reach)
        });
        Self { body, facets, proper, around }
    }

    /// The rectangle around the body.
    pub fn around(&self) -> Rectangle {
        self.around
    }

    /// Whether none of these vectors is in the body.
    pub fn excludes(&self, v: Rectangle) -> bool {
        let apart = |j: usize| {
            v[j].lower() > self.around[j].upper() || v[j].upper() < self.around[j].lower()
        };
        if apart(0) || apart(1) {
            return true;
        }
        match self.body.shape() {
            Shape::Polygon(vertices) => {
                let facet = self.facets[sector(vertices, v.map(Interval::midpoint))];
                product(facet.normal.map(Interval::point), v).lower() > facet.support
            }
            Shape::Ellipse { factor } => {
                let [[a, b], [c, d]] = factor.map(|row| row.map(Interval::point));
                // |adj(F) v|^2 against det(F)^2
                let size = (d * v[0] - b * v[1]).square() + (a * v[1] - c * v[0]).square();
                size.lower() > (a * d - b * c).square().upper()
            }
        }
    }

    /// What is known of the slopes of a function at a maximum over the body that is one of these vectors.
    pub fn normals(&self, v: Rectangle) -> Normals {
        match self.body.shape() {
            Shape::Polygon(vertices) => {
                let i = sector(vertices, v.map(Interval::midpoint));
                let edge = Edge::new(vertices, i);
                if edge.angle(v) > 0.0 && self.proper[i] && edge.left(v).lower() <= 0.0 {
                    Normals::Along(edge.normal())
                } else {
                    let corners = [0, 1, 2, 3].map(|k: usize| {
                        let end = |side: Interval, upper: bool| {
                            if upper { side.at_upper() } else { side.at_lower() }
                        };
                        [end(v[0], k & 1 == 1), end(v[1], k & 2 == 2)]
                    });
                    let inside = |corner: &Rectangle| {
                        let edge =
                            Edge::new(vertices, sector(vertices, corner.map(Interval::midpoint)));
                        edge.angle(*corner) >= 0.0 && edge.left(*corner).lower() > 0.0
                    };
                    if corners.iter().all(inside) { Normals::None } else { Normals::Any }
                }
            }
            Shape::Ellipse { factor } => {
                let [[a, b], [c, d]] = factor.map(|row| row.map(Interval::point));
                let y = [d * v[0] - b * v[1], a * v[1] - c * v[0]];
                let (size, of_disc) = (y[0].square() + y[1].square(), (a * d - b * c).square());
                if of_disc.lower() == 0.0 {
                    // A segment.
                    Normals::Any
                } else if size.upper() < of_disc.lower() {
                    Normals::None
                } else {
                    Normals::Along([d * y[0] - c * y[1], a * y[1] - b * y[0]])
                }
            }
        }
    }

    /// A vector of the body, enclosed: near to `v + step` and, where that is outside, where a step along the boundary leads from v.
    pub fn towards(&self, v: Vector, step: Vector) -> Rectangle {
        match self.body.shape() {
            Shape::Polygon(vertices) => {
                let m = sum(v, step);
                let i = sector(vertices, m);
                let (a, b) = (vertices[i], vertices[(i + 1) % vertices.len()]);
                let along = difference(b, a);
                let inside = vertices.len() > 2 && cross(along, difference(m, a)) >= 0.0;
                // m = scale (a + t (b - a)), or the nearest point of the edge
                let (scale, t) = if inside {
                    let scale = part(cross(m, along), cross(a, along));
                    (scale, part(cross(a, m), scale * cross(a, along)))
                } else {
                    (1.0, part(dot(difference(m, a), along), dot(along, along)))
                };
                let number = Interval::point;
                [0, 1].map(|j| {
                    number(scale) * (number(a[j]) + number(t) * (number(b[j]) - number(a[j])))
                })
            }
            Shape::Ellipse { factor } => {
                let y = in_disc(factor, v, step);
                let size = norm(y);
                if size == 0.0 {
                    return [Interval::ZERO; 2];
                }
                let y = y.map(Interval::point);
                let length = (y[0].square() + y[1].square()).sqrt();
                let unit = y.map(|y| y / length);
                let scale = Interval::point(size.min(1.0));
                factor.map(|row| scale * product(row.map(Interval::point), unit))
            }
        }
    }

    /// A bound of `slope . (u - middle)` for the u of a rectangle that are in x + B, near x = c.
    pub fn farthest(&self, slope: Vector, sides: Rectangle, middle: Vector, c: Vector) -> Linear {
        let number = Interval::point;
        let away = [0, 1].map(|j| sides[j] - number(middle[j]));
        let facets = self.towards_slope(slope);
        // Any multiples of facets give a bound: slope . u = sum of multiple (normal . u) + rest . u
        let bound = |multiples: &[f64]| {
            let mut rest = slope.map(number);
            let mut linear = Linear { most: 0.0, slope: [Interval::ZERO; 2] };
            let mut most = Interval::ZERO;
            for (facet, multiple) in facets.iter().zip(multiples) {
                let normal = facet.normal.map(|n| number(n) * number(*multiple));
                let apart = [0, 1].map(|j| number(c[j]) - number(middle[j]));
                most = most + product(normal, apart) + number(*multiple) * number(facet.support);
                for j in 0..2 {
                    rest[j] = rest[j] - normal[j];
                    linear.slope[j] = linear.slope[j] + normal[j];
                }
            }
            linear.most = (most + product(rest, away)).upper();
            linear
        };
        let alone = |facet: &Facet| {
            let size = dot(facet.normal, facet.normal);
            if size > 0.0 { (dot(slope, facet.normal) / size).max(0.0) } else { 0.0 }
        };
        let mut best = bound(&[]);
        let mut propose = |multiples: &[f64]| {
            let other = bound(multiples);
            if other.most < best.most {
                best = other;
            }
        };
        match facets[..] {
            [one] => propose(&[alone(&one)]),
            [one, two] => {
                propose(&[alone(&one)]);
                propose(&[0.0, alone(&two)]);
                let area = cross(one.normal, two.normal);
                let both = [cross(slope, two.normal) / area, cross(one.normal, slope) / area];
                if both.iter().all(|multiple| (0.0..f64::INFINITY).contains(multiple)) {
                    propose(&both);
                }
            }
            _ => {}
        }
        best
    }

    /// The facets at the place of the body that is farthest in a direction.
    fn towards_slope(&self, slope: Vector) -> SmallVec<[Facet; 2]> {
        match self.body.shape() {
            Shape::Ellipse { .. } => [facet(self.body, slope)].into_iter().collect(),
            Shape::Polygon(vertices) => {
                let i = sector_of(self.facets.len(), |i| self.facets[i].normal, slope);
                // A segment has no facets at its ends.
                let next = if vertices.len() == 2 {
                    facet(self.body, slope)
                } else {
                    self.facets[(i + 1) % vertices.len()]
                };
                [self.facets[i], next].into()
            }
        }
    }

    /// The vertex that is the only place of a supremum whose slopes these are.
    pub fn vertex(&self, slopes: [Interval; 2]) -> Option<Vector> {
        let Shape::Polygon(vertices) = self.body.shape() else { return None };
        let n = vertices.len();
        let slope = slopes.map(Interval::midpoint);
        let best = (sector_of(n, |i| self.facets[i].normal, slope) + 1) % n;
        let rises = |i: usize| {
            let apart =
                |j: usize| Interval::point(vertices[best][j]) - Interval::point(vertices[i % n][j]);
            product(slopes, [apart(0), apart(1)]).lower() > 0.0
        };
        // The neighbours first, which decide but for rounding.
        let others = (1..n).map(|k| if k % 2 == 1 { best + k / 2 + 1 } else { best + n - k / 2 });
        others.into_iter().all(rises).then_some(vertices[best])
    }
}

/// An edge of a polygon around the origin.
struct Edge {
    from: [Interval; 2],
    to: [Interval; 2],
}

impl Edge {
    fn new(vertices: &[Vector], i: usize) -> Self {
        let vertex = |i: usize| vertices[i % vertices.len()].map(Interval::point);
        Self { from: vertex(i), to: vertex(i + 1) }
    }

    fn along(&self) -> [Interval; 2] {
        [0, 1].map(|j| self.to[j] - self.from[j])
    }

    /// Outwards.
    fn normal(&self) -> [Interval; 2] {
        let [x, y] = self.along();
        [y, -x]
    }

    /// More than 0 for vectors on the side of the origin.
    fn left(&self, v: Rectangle) -> Interval {
        turn(self.along(), [0, 1].map(|j| v[j] - self.from[j]))
    }

    /// More than 0 for vectors that are surely in the angle at the origin that the edge fills; 0 where they can be on its sides.
    fn angle(&self, v: Rectangle) -> f64 {
        turn(self.from, v).lower().min(turn(v, self.to).lower())
    }
}

/// `a` times `b`, turned by a right angle: more than 0 where b is to the left of a.
fn turn(a: [Interval; 2], b: [Interval; 2]) -> Interval {
    a[0] * b[1] - a[1] * b[0]
}

/// Whether all other vertices are surely on the inner side of an edge.
fn is_proper(vertices: &[Vector], i: usize) -> bool {
    let n = vertices.len();
    let edge = Edge::new(vertices, i);
    (2..n).all(|k| edge.left(vertices[(i + k) % n].map(Interval::point)).lower() > 0.0)
}

fn facet(body: &Body, normal: Vector) -> Facet {
    Facet { normal, support: body.support(&normal.map(Interval::point)).upper() }
}

/// `a . b`
pub(super) fn product(a: [Interval; 2], b: [Interval; 2]) -> Interval {
    a[0] * b[0] + a[1] * b[1]
}

/// The part that a is of b, within 0 and 1.
fn part(a: f64, b: f64) -> f64 {
    let part = a / b;
    if part > 0.0 { part.min(1.0) } else { 0.0 }
}

/// The i such that m is between the vectors i and i + 1 of a fan: counterclockwise, and its second half mirrors the first.
fn sector(fan: &[Vector], m: Vector) -> usize {
    sector_of(fan.len(), |i| fan[i], m)
}

fn sector_of(n: usize, fan: impl Fn(usize) -> Vector, m: Vector) -> usize {
    let half = n / 2;
    let (m, from) = if cross(fan(0), m) < 0.0 { (scaled(m, -1.0), half) } else { (m, 0) };
    let (mut low, mut high) = (0, half);
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if cross(fan(middle), m) >= 0.0 { low = middle } else { high = middle }
    }
    from + low
}

/// A point of the unit disc's plane, near to the one that the map takes to v after a step, which is taken there along the step's slope.
fn in_disc(factor: &[Vector; 2], v: Vector, step: Vector) -> Vector {
    let pulled = |v: Vector| image(&[0, 1].map(|j| [factor[0][j], factor[1][j]]), v);
    if let Some(inverse) = inverse(factor) {
        let ascent = pulled(step);
        let length = norm(image(factor, ascent));
        let by = if length > 0.0 { norm(step) / length } else { 0.0 };
        sum(image(&inverse, v), scaled(ascent, by))
    } else {
        // A segment.
        let y = pulled(sum(v, step));
        let far = image(factor, y);
        let by = dot(sum(v, step), far) / dot(far, far);
        if by.is_finite() { scaled(y, by) } else { [0.0; 2] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bodies() -> Vec<Body> {
        let polygons = [
            vec![[2.0, -0.5], [2.0, 0.5], [-2.0, 0.5], [-2.0, -0.5]],
            vec![[1.0, -0.5], [1.25, 0.25], [0.5, 1.0], [-1.0, 0.5], [-1.25, -0.25], [-0.5, -1.0]],
            vec![[1.0, 0.5], [-1.0, -0.5]],
        ];
        let ellipses = [[[1.0, 0.5], [0.0, 0.5]], [[1.0, 0.0], [0.0, 0.0]]];
        let polygons = polygons.into_iter().map(|vertices| Body::polygon(vertices).unwrap());
        polygons.chain(ellipses.map(|factor| Body::ellipse(factor).unwrap())).collect()
    }

    /// Vectors of a body: on its boundary, and inside.
    fn vectors(body: &Body) -> Vec<Vector> {
        let around = |k: u32| {
            let angle = std::f64::consts::TAU * f64::from(k) / 64.0;
            let far = |v: Vector| {
                // The farthest multiple that is in the body, by bisection.
                let (mut low, mut high) = (0.0, 4.0);
                for _ in 0..60 {
                    let middle = 0.5 * (low + high);
                    if body.contains(scaled(v, middle)) { low = middle } else { high = middle }
                }
                // Not where only the tolerance says so.
                scaled(v, low * (1.0 - 1e-9))
            };
            far([angle.cos(), angle.sin()])
        };
        let boundary: Vec<Vector> = match body.shape() {
            Shape::Polygon(vertices) => (0..64).map(around).chain(vertices.clone()).collect(),
            Shape::Ellipse { .. } => (0..64).map(around).collect(),
        };
        boundary.iter().flat_map(|v| [1.0, 0.75, 0.25].map(|by| scaled(*v, by))).collect()
    }

    fn is_in(v: Vector, sides: Rectangle) -> bool {
        (0..2).all(|j| sides[j].contains(v[j]))
    }

    proptest! {
        #[test]
        fn what_is_said_of_a_window_is_true(
            low in prop::array::uniform2(-2.5..2.5_f64),
            size in prop::array::uniform2(0.0..0.8_f64),
            slope in prop::array::uniform2(-3.0..3.0_f64),
            c in prop::array::uniform2(-0.1..0.1_f64),
            x in prop::array::uniform2(-0.1..0.1_f64),
        ) {
            let sides = [0, 1].map(|j| Interval::new(low[j], low[j] + size[j]));
            for body in bodies() {
                let reach = Reach::new(&body);
                let inside = vectors(&body).into_iter().filter(|v| is_in(*v, sides));
                let inside: Vec<Vector> = inside.collect();
                if reach.excludes(sides) {
                    prop_assert!(inside.is_empty(), "{body:?} {inside:?}");
                }
                if matches!(reach.normals(sides), Normals::None) {
                    for corner in [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]] {
                        let corner = [0, 1].map(|j| low[j] + corner[j] * size[j]);
                        prop_assert!(body.contains(corner), "{body:?}");
                    }
                }
                let there = reach.towards(low, slope).map(Interval::midpoint);
                prop_assert!(body.contains(there), "{body:?} {there:?}");
                // slope . (u - middle), for u = x + v in the rectangle
                let middle = sides.map(Interval::midpoint);
                let linear = reach.farthest(slope, sides, middle, c);
                let apart = [0, 1].map(|j| Interval::point(x[j]) - Interval::point(c[j]));
                let bound = linear.most + product(linear.slope, apart).upper();
                for v in vectors(&body) {
                    let u = sum(x, v);
                    let value = dot(slope, difference(u, middle));
                    prop_assert!(!is_in(u, sides) || value <= bound + 1e-12, "{body:?} {v:?}");
                }
            }
        }

        /// A linear function has its maximum at a vertex, or on an edge whose normal is its slope.
        #[test]
        fn maxima_of_linear_functions_are_found(angle in 0.0..std::f64::consts::TAU) {
            let slope = [angle.cos(), angle.sin()];
            let slopes = slope.map(Interval::point);
            for body in bodies() {
                let reach = Reach::new(&body);
                let height = |v: &Vector| dot(slope, *v);
                let best = vectors(&body).into_iter().max_by(|a, b| height(a).total_cmp(&height(b)));
                let best = best.unwrap();
                if let Some(vertex) = reach.vertex(slopes) {
                    prop_assert!(height(&vertex) >= height(&best) - 1e-12);
                } else {
                    let around = best.map(|b| Interval::new(b - 1e-3, b + 1e-3));
                    prop_assert!(!matches!(reach.normals(around), Normals::None), "{body:?}");
                }
            }
        }
    }

    #[test]
    fn an_edge_allows_the_slope_across_it() {
        let body = &bodies()[0];
        let reach = Reach::new(body);
        let edge = reach.normals([Interval::new(0.25, 0.5), Interval::new(0.4, 0.6)]);
        let Normals::Along([x, y]) = edge else { panic!("{edge:?}") };
        assert!(x == Interval::ZERO && y.lower() > 0.0);
        let vertex = reach.normals([Interval::new(1.9, 2.1), Interval::new(0.4, 0.6)]);
        assert!(matches!(vertex, Normals::Any), "{vertex:?}");
        let inside = reach.normals([Interval::new(-1.5, 1.5), Interval::new(-0.25, 0.25)]);
        assert!(matches!(inside, Normals::None), "{inside:?}");
    }
}
