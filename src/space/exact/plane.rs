//! Two directions: the ball becomes a convex body whose vertices are rational, or an ellipse with a rational Gram matrix. Its numbers have more digits than a
//! double, so it is caught between two bodies whose numbers are doubles: risks do not decrease in the body.

use super::products::inner;
use super::span::{Projection, Span};
use crate::exact::Exact;
use crate::law::Law;
use crate::model::Model;
use crate::perturbation::{Ball, Norm};
use crate::plane::{Body, Plane, PlaneLaw, PlaneModel, Shape, Vector};
use crate::real::{Interval, Real};
use crate::tolerance;

/// By how much the bodies inside and outside of the true one may differ from it, relative: first, and at the most.
const MARGIN: f64 = 1e-14;
const WIDEST_MARGIN: f64 = 1e-6;

/// A problem in the plane.
#[derive(Clone, Debug)]
pub(in crate::space) struct ExactPlane {
    /// The law and the model of z.
    pub plane: Plane,
    rows: [Vec<Exact>; 2],
}

impl ExactPlane {
    /// The law and the model as functions of two directions, if they are that exactly and its numbers are not too long.
    pub fn new(law: &Law, model: &Model) -> Option<Self> {
        let Law::GaussianMixture(mixture) = law;
        if mixture.dimension() > tolerance::DENSE {
            return None;
        }
        let Projection { rows, law, model } =
            Span::new(mixture, model, 2)?.project(mixture, model)?;
        let rows = <[Vec<Exact>; 2]>::try_from(rows).ok()?;
        let plane = Plane::new(PlaneLaw::new(law).ok()?, PlaneModel::new(model).ok()?).ok()?;
        Some(Self { plane, rows })
    }

    /// A body within what a ball becomes, and one around it.
    pub fn around(&self, ball: &Ball) -> Option<[Body; 2]> {
        if ball.epsilon().is_zero() {
            return Some([Body::point(), Body::point()]);
        }
        let doubles = [0, 1].map(|i| self.rows[i].iter().map(Exact::to_f64).collect::<Vec<_>>());
        let nearly = ball.image([&doubles[0], &doubles[1]]).ok()?;
        let image = Image::new(&self.rows, ball)?;
        let find = |sign: f64, fits: &dyn Fn(&Body) -> bool| {
            let mut margin = MARGIN;
            while margin < WIDEST_MARGIN {
                let body = scaled(&nearly, 1.0 + sign * margin)?;
                if fits(&body) {
                    return Some(body);
                }
                margin *= 4.0;
            }
            None
        };
        Some([
            find(-1.0, &|body| image.contains(body, &nearly))?,
            find(1.0, &|body| image.is_within(body))?,
        ])
    }
}

/// A body whose numbers are multiplied by a factor, each rounded.
fn scaled(body: &Body, factor: f64) -> Option<Body> {
    let times = |v: Vector| [factor * v[0], factor * v[1]];
    match body.shape() {
        Shape::Polygon(vertices) => Body::polygon(vertices.iter().copied().map(times).collect()),
        Shape::Ellipse { factor } => Body::ellipse([times(factor[0]), times(factor[1])]),
    }
    .ok()
}

/// What a ball becomes, enclosed.
struct Image {
    norm: Norm,
    /// The radius times each column of U.
    columns: Vec<[Interval; 2]>,
    /// A disc of this radius is within.
    inner: f64,
    /// The square of the radius times `U U'`: entries (0, 0), (0, 1) and (1, 1).
    gram: [Exact; 3],
}

fn enclosed(value: &Exact) -> Interval {
    Interval::ZERO.constant(value)
}

fn point(v: Vector) -> [Interval; 2] {
    v.map(Interval::point)
}

fn dot(a: [Interval; 2], b: [Interval; 2]) -> Interval {
    a[0] * b[0] + a[1] * b[1]
}

fn cross(a: [Interval; 2], b: [Interval; 2]) -> Interval {
    a[0] * b[1] - a[1] * b[0]
}

fn minus(a: [Interval; 2], b: [Interval; 2]) -> [Interval; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

fn length(a: [Interval; 2]) -> Interval {
    (a[0].square() + a[1].square()).sqrt()
}

impl Image {
    fn new(rows: &[Vec<Exact>; 2], ball: &Ball) -> Option<Self> {
        let epsilon = ball.epsilon();
        let column =
            |(a, b): (&Exact, &Exact)| [enclosed(&(epsilon * a)), enclosed(&(epsilon * b))];
        let columns: Vec<_> = rows[0].iter().zip(&rows[1]).map(column).collect();
        // Of every norm: the parallelogram of two columns and their mirror images.
        let size = |c: &[Interval; 2]| length(*c).lower();
        let longest = *columns.iter().max_by(|a, b| size(a).total_cmp(&size(b)))?;
        let area = |c: &[Interval; 2]| cross(longest, *c).abs().lower();
        let other = *columns.iter().max_by(|a, b| area(a).total_cmp(&area(b)))?;
        let sides = [minus(longest, other), [longest[0] + other[0], longest[1] + other[1]]];
        let side = length(sides[0]).max(&length(sides[1]));
        let inner_radius = (cross(longest, other).abs() / side).lower();
        let square = epsilon * epsilon;
        let product = |i: usize, j: usize| Some(&square * &inner(rows[i].iter(), rows[j].iter())?);
        let gram = [product(0, 0)?, product(0, 1)?, product(1, 1)?];
        let is_round = inner_radius > 0.0 && inner_radius.is_finite();
        is_round.then_some(Self { norm: ball.norm(), columns, inner: inner_radius, gram })
    }

    /// Not less than the largest `g . v` over it.
    fn support(&self, g: [Interval; 2]) -> f64 {
        let along = self.columns.iter().map(|c| dot(g, *c).abs());
        match self.norm {
            Norm::Linf => along.fold(Interval::ZERO, |sum, x| sum + x).upper(),
            Norm::L1 => along.fold(Interval::ZERO, |most, x| most.max(&x)).upper(),
            Norm::L2 => along.fold(Interval::ZERO, |sum, x| sum + x.square()).sqrt().upper(),
        }
    }

    /// A point of it near a vertex that is nearly one of it, g being between the normals of the edges there (linf and l1).
    fn vertex(&self, nearly: Vector, g: Vector) -> [Interval; 2] {
        let middle = |c: &[Interval; 2]| c.map(Interval::midpoint);
        let towards = |c: &[Interval; 2], g: Vector| {
            let [x, y] = middle(c);
            if g[0] * x + g[1] * y < 0.0 { [-c[0], -c[1]] } else { *c }
        };
        if self.norm == Norm::Linf {
            let sum = |a: [Interval; 2], b: [Interval; 2]| [a[0] + b[0], a[1] + b[1]];
            let signed = self.columns.iter().map(|c| towards(c, g));
            return signed.fold([Interval::ZERO; 2], sum);
        }
        let distance = |c: &[Interval; 2]| {
            let [x, y] = middle(c);
            (x - nearly[0]).hypot(y - nearly[1])
        };
        let columns = self.columns.iter().map(|c| towards(c, nearly));
        columns.min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or([Interval::ZERO; 2])
    }

    /// Whether it is within a body, for sure. A polygon around the origin contains what no line through one of its edges cuts off.
    fn is_within(&self, body: &Body) -> bool {
        match body.shape() {
            Shape::Polygon(vertices) => edges(vertices).all(|(from, to)| {
                let along = minus(point(to), point(from));
                let normal = [along[1], -along[0]];
                self.support(normal) <= dot(normal, point(from)).lower()
            }),
            Shape::Ellipse { factor } => {
                gram(factor).is_some_and(|outer| is_semidefinite(&less(&outer, &self.gram)))
            }
        }
    }

    /// Whether it contains a body, for sure: one that has nearly its vertices, scaled.
    fn contains(&self, body: &Body, nearly: &Body) -> bool {
        let (vertices, places) = match (body.shape(), nearly.shape()) {
            (Shape::Polygon(vertices), Shape::Polygon(places)) => (vertices, places),
            (Shape::Ellipse { factor }, _) => {
                return gram(factor)
                    .is_some_and(|inner| is_semidefinite(&less(&self.gram, &inner)));
            }
            _ => return false,
        };
        let n = places.len();
        (0..n.div_ceil(2)).all(|i| {
            // Between the normals of the two edges, each of length 1.
            let normal = |a: Vector, b: Vector| {
                let along = [b[0] - a[0], b[1] - a[1]];
                let length = along[0].hypot(along[1]);
                [along[1] / length, -along[0] / length]
            };
            let [before, after] = [(i + n - 1) % n, (i + 1) % n];
            let normals = [normal(places[before], places[i]), normal(places[i], places[after])];
            let between = [normals[0][0] + normals[1][0], normals[0][1] + normals[1][1]];
            let inside = self.vertex(places[i], between);
            // v = s b + e with b inside: v is inside if e is in (1 - s) times the disc that is.
            let ratio = vertices[i][0].hypot(vertices[i][1]) / places[i][0].hypot(places[i][1]);
            let shrunk = Interval::point(ratio.next_up().min(1.0));
            let off = minus(point(vertices[i]), [shrunk * inside[0], shrunk * inside[1]]);
            let room = (Interval::point(1.0) - shrunk) * Interval::point(self.inner);
            length(off).upper() <= room.lower()
        })
    }
}

/// The edges of a polygon, of which the other half mirrors these.
fn edges(vertices: &[Vector]) -> impl Iterator<Item = (Vector, Vector)> {
    let n = vertices.len();
    (0..n.div_ceil(2)).map(move |i| (vertices[i], vertices[(i + 1) % n]))
}

/// `F F'`, exactly.
fn gram(factor: &[Vector; 2]) -> Option<[Exact; 3]> {
    let entry = |x: f64| Exact::from_f64(x);
    let rows = [
        [entry(factor[0][0])?, entry(factor[0][1])?],
        [entry(factor[1][0])?, entry(factor[1][1])?],
    ];
    let product = |i: usize, j: usize| inner(rows[i].iter(), rows[j].iter());
    Some([product(0, 0)?, product(0, 1)?, product(1, 1)?])
}

fn less(a: &[Exact; 3], b: &[Exact; 3]) -> [Exact; 3] {
    [0, 1, 2].map(|i| &a[i] - &b[i])
}

/// Whether a symmetric matrix has no negative eigenvalue.
fn is_semidefinite([a, b, c]: &[Exact; 3]) -> bool {
    !a.is_negative() && !c.is_negative() && !(&(a * c) - &(b * b)).is_negative()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fraction(n: i64, d: i64) -> Exact {
        Exact::integer(n).checked_div(&Exact::integer(d)).unwrap()
    }

    /// The exact support function of a ball's image, squared for l2.
    fn support(rows: &[Vec<Exact>; 2], ball: &Ball, g: &[Exact; 2]) -> Exact {
        let along = rows[0].iter().zip(&rows[1]);
        let along: Vec<Exact> = along.map(|(a, b)| (&(&g[0] * a) + &(&g[1] * b)).abs()).collect();
        let squares = along.iter().map(|a| a * a).collect::<Vec<_>>();
        match ball.norm() {
            Norm::Linf => ball.epsilon() * &along.iter().sum(),
            Norm::L1 => ball.epsilon() * along.iter().max().unwrap(),
            Norm::L2 => &(ball.epsilon() * ball.epsilon()) * &squares.iter().sum(),
        }
    }

    /// The same of a body, in exact numbers.
    fn support_of(body: &Body, g: &[Exact; 2]) -> Exact {
        let number = |x: f64| Exact::from_f64(x).unwrap();
        match body.shape() {
            Shape::Polygon(vertices) => {
                let at = |v: &Vector| &(&g[0] * &number(v[0])) + &(&g[1] * &number(v[1]));
                vertices.iter().map(at).max().unwrap()
            }
            Shape::Ellipse { factor } => {
                let [a, b, c] = gram(factor).unwrap();
                let twice = &(&Exact::integer(2) * &b) * &(&g[0] * &g[1]);
                &(&(&a * &(&g[0] * &g[0])) + &twice) + &(&c * &(&g[1] * &g[1]))
            }
        }
    }

    fn exact_plane(rows: [Vec<Exact>; 2]) -> ExactPlane {
        let identity = [[1.0, 0.0], [0.0, 1.0]];
        let class = |x: f64| (0.5, [(1.0, [x, 0.0], identity)]);
        let classes = [class(1.0), class(-1.0)];
        let classes: Vec<(f64, &[_])> = classes.iter().map(|(p, c)| (*p, &c[..])).collect();
        let law = PlaneLaw::from_doubles(&classes).unwrap();
        let model = PlaneModel::affine(&[[1.0, 0.0], [0.0, 1.0]], &[0.0, 0.0]).unwrap();
        ExactPlane { plane: Plane::new(law, model).unwrap(), rows }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// In every direction that is tried, and hardly less or more; and what is too small or too large is noticed.
        #[test]
        fn bodies_lie_inside_and_outside(
            columns in prop::collection::vec((-9_i64..=9, -9_i64..=9, 1_i64..=7), 2..24),
            directions in prop::collection::vec((-50_i64..=50, -50_i64..=50), 12),
        ) {
            let rows = [
                columns.iter().map(|(a, _, d)| fraction(*a, *d)).collect::<Vec<_>>(),
                columns.iter().map(|(_, b, d)| fraction(*b, *d)).collect::<Vec<_>>(),
            ];
            let minor = |i: usize, j: usize| &rows[0][i] * &rows[1][j] == &rows[0][j] * &rows[1][i];
            prop_assume!(!(0..rows[0].len()).all(|i| (0..i).all(|j| minor(i, j))));
            let exact = exact_plane(rows.clone());
            for norm in Norm::ALL {
                let ball = Ball::new(norm, fraction(1, 3)).unwrap();
                let [inside, outside] = exact.around(&ball).unwrap();
                for (a, b) in &directions {
                    let g = [Exact::integer(*a), Exact::integer(*b)];
                    let truth = support(&rows, &ball, &g);
                    let [low, high] = [&inside, &outside].map(|body| support_of(body, &g));
                    prop_assert!(low <= truth && truth <= high, "{norm} {g:?}");
                    prop_assert!((high.to_f64() - low.to_f64()) <= 1e-9 * high.to_f64());
                }
                let image = Image::new(&rows, &ball).unwrap();
                let [small, large] = [1.0 - 1e-6, 1.0 + 1e-6].map(|by| scaled(&inside, by).unwrap());
                prop_assert!(!image.is_within(&small) && image.is_within(&outside));
                prop_assert!(!image.contains(&large, &inside) && image.contains(&small, &inside));
            }
        }
    }
}
