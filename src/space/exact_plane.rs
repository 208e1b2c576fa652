//! Problems that depend on x through two directions, in exact numbers.
//!
//! With z = U (x - m), U being two rational rows, the law of z and the model as a function of z have rational parameters; that P and Q depend on z alone is a set of
//! equations between rationals that are checked. The ball becomes a convex body whose vertices are rational, or an ellipse with a rational Gram matrix. Its numbers
//! have more digits than a double, so it is caught between two bodies whose numbers are doubles: risks do not decrease in the body.

use super::exact::{all, causes, solve};
use super::products::inner;
use crate::exact::Exact;
use crate::law::{Class, Component, Covariance, GaussianMixture, Law};
use crate::model::{Bayes, Constant, Layer, Linear, Mlp, Model, Quadratic};
use crate::perturbation::{Ball, Norm};
use crate::plane::{Body, Plane, PlaneLaw, PlaneModel, Shape, Vector};
use crate::real::{Interval, Real};
use crate::tolerance;

/// By how much the bodies inside and outside of the true one may differ from it, relative: first, and at the most.
const MARGIN: f64 = 1e-14;
const WIDEST_MARGIN: f64 = 1e-6;

type Pair = [Exact; 2];

/// A problem in the plane.
#[derive(Clone, Debug)]
pub(super) struct ExactPlane {
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
        let span = Span::new(mixture, model)?;
        if !span.carries_law(mixture) {
            return None;
        }
        let law = PlaneLaw::new(span.mixture(mixture)?).ok()?;
        let model = PlaneModel::new(span.model(model, mixture)?).ok()?;
        Some(Self { plane: Plane::new(law, model).ok()?, rows: span.rows })
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

/// Two rows, and what it takes to write other rows by them.
struct Span {
    rows: [Vec<Exact>; 2],
    /// Two coordinates in which the rows are independent, and the inverse of what they are there.
    pivots: [usize; 2],
    inverse: [Pair; 2],
    /// `U m`, m being the mean of the first component.
    origin: Pair,
}

impl Span {
    /// Of directions that the model and the law depend on.
    fn new(mixture: &GaussianMixture, model: &Model) -> Option<Self> {
        let candidates = directions_of_model(model)
            .into_iter()
            .chain(directions_of_law(mixture).unwrap_or_default());
        let mut rows: Vec<Vec<Exact>> = Vec::new();
        for row in candidates {
            let is_new = match rows.as_slice() {
                [] => row.iter().any(|c| !c.is_zero()),
                [first, ..] => pivots(&[first.clone(), row.clone()]).is_some(),
            };
            if is_new {
                rows.push(row);
            }
            if rows.len() == 2 {
                break;
            }
        }
        let [first, second] = <[Vec<Exact>; 2]>::try_from(rows).ok()?;
        let mean = all(mixture).next()?.mean();
        let covariance = all(mixture).next()?.covariance();
        // Nearly uncorrelated, and of a variance between 1 and 4: what is proved is proved of the same problem, with fewer cells.
        let first = spread_evenly(&first, covariance)?;
        let common = inner(image(covariance, &first).iter(), second.iter())?;
        let variance = inner(image(covariance, &first).iter(), first.iter())?;
        let share = Exact::from_f64(common.checked_div(&variance)?.to_f64())?;
        let second: Vec<Exact> =
            second.iter().zip(&first).map(|(b, a)| b - &(&share * a)).collect();
        let second = spread_evenly(&second, covariance)?;
        let rows = [first, second];
        let (pivots, inverse) = pivots(&rows)?;
        let origin = [inner(rows[0].iter(), mean.iter())?, inner(rows[1].iter(), mean.iter())?];
        Some(Self { rows, pivots, inverse, origin })
    }

    fn dimension(&self) -> usize {
        self.rows[0].len()
    }

    /// The t with `other = t U`, if there is one.
    fn coordinates(&self, other: impl Fn(usize) -> Exact) -> Option<Pair> {
        let at = self.pivots.map(&other);
        let t = [0, 1].map(|j| &(&at[0] * &self.inverse[0][j]) + &(&at[1] * &self.inverse[1][j]));
        let fits = |i: usize| &(&t[0] * &self.rows[0][i]) + &(&t[1] * &self.rows[1][i]) == other(i);
        (0..self.dimension()).all(fits).then_some(t)
    }

    /// Whether the posterior of a mixture depends on `U x` only: whether all components have the same law given it.
    fn carries_law(&self, mixture: &GaussianMixture) -> bool {
        let components: Vec<&Component> = all(mixture).collect();
        let (first, rest) = components.split_first().expect("a class has a component");
        let gap = |c: &Component, i: usize| &c.mean()[i] - &first.mean()[i];
        if rest.iter().all(|c| c.covariance() == first.covariance()) {
            // x given U x has the same law if the means differ along Sigma U'.
            let images = self.rows.each_ref().map(|row| image(first.covariance(), row));
            let Some((pivots, inverse)) = pivots(&images) else { return false };
            let images = Self { rows: images, pivots, inverse, origin: self.origin.clone() };
            return rest.iter().all(|c| images.coordinates(|i| gap(c, i)).is_some());
        }
        // Independent coordinates, of which two matter: those of unit vectors.
        let d = self.dimension();
        let matter = |i: usize| self.rows.iter().any(|row| !row[i].is_zero());
        let is_diagonal = |c: &&Component| {
            matches!(c.covariance(), Covariance::Diagonal(_) | Covariance::Isotropic(_))
        };
        components.iter().all(is_diagonal)
            && (0..d).filter(|i| matter(*i)).count() == 2
            && (0..d).filter(|i| !matter(*i)).all(|i| {
                let variance = |c: &Component| c.covariance().variance(i).into_owned();
                rest.iter().all(|c| gap(c, i).is_zero() && variance(c) == variance(first))
            })
    }

    /// The law of z.
    fn mixture(&self, mixture: &GaussianMixture) -> Option<GaussianMixture> {
        let component = |component: &Component| {
            let images = self.rows.each_ref().map(|row| image(component.covariance(), row));
            let mean = |i: usize| {
                Some(&inner(self.rows[i].iter(), component.mean().iter())? - &self.origin[i])
            };
            let entry = |i: usize, j: usize| inner(self.rows[i].iter(), images[j].iter());
            let covariance = Covariance::Full(vec![
                vec![entry(0, 0)?, entry(0, 1)?],
                vec![entry(0, 1)?, entry(1, 1)?],
            ]);
            let mean = vec![mean(0)?, mean(1)?];
            Component::new(component.weight().clone(), mean, covariance).ok()
        };
        let class = |class: &Class| {
            let components = class.components().iter().map(component).collect::<Option<_>>()?;
            Class::new(class.prior().clone(), components).ok()
        };
        let classes = mixture.classes().iter().map(class).collect::<Option<_>>()?;
        GaussianMixture::new(classes).ok()
    }

    /// The model as a function of z, `U x` being z + U m.
    fn model(&self, model: &Model, mixture: &GaussianMixture) -> Option<Model> {
        let shifted = |t: &Pair, bias: &Exact| {
            let shift = &(&t[0] * &self.origin[0]) + &(&t[1] * &self.origin[1]);
            bias + &shift
        };
        let slopes = |weights: &[Vec<Exact>]| {
            let slope = |row: &Vec<Exact>| self.coordinates(|i| &row[i] - &weights[0][i]);
            weights.iter().map(slope).collect::<Option<Vec<Pair>>>()
        };
        Some(match model {
            Model::Constant(constant) => {
                Model::Constant(Constant::new(constant.probabilities().to_vec()).ok()?)
            }
            Model::Piecewise(_) => return None,
            Model::Bayes(bayes) => {
                let Law::GaussianMixture(other) = bayes.law();
                if other != mixture && !self.carries_law(other) {
                    return None;
                }
                Model::Bayes(Bayes::new(Law::GaussianMixture(self.mixture(other)?)))
            }
            Model::Linear(linear) => {
                let slopes = slopes(linear.weights())?;
                let bias = slopes.iter().zip(linear.bias()).map(|(t, b)| shifted(t, b)).collect();
                let weights = slopes.into_iter().map(Vec::from).collect();
                Model::Linear(Linear::new(weights, bias).ok()?)
            }
            Model::Quadratic(quadratic) => {
                self.quadratic(quadratic, &slopes(quadratic.weights())?)?
            }
            Model::Mlp(mlp) => {
                let first = &mlp.layers()[0];
                let unit = |row: &Vec<Exact>| self.coordinates(|i| row[i].clone());
                let units = first.weights().iter().map(unit).collect::<Option<Vec<Pair>>>()?;
                let bias = units.iter().zip(first.bias()).map(|(t, b)| shifted(t, b)).collect();
                let weights = units.into_iter().map(Vec::from).collect();
                let first = Layer::new(weights, bias).ok()?;
                let layers = std::iter::once(first).chain(mlp.layers()[1..].iter().cloned());
                Model::Mlp(Mlp::new(mlp.activation(), layers.collect()).ok()?)
            }
        })
    }

    /// With `A_k - A_0 = U' M U` for the symmetric parts: `(z + o)' M (z + o) + t . (z + o) + b`.
    fn quadratic(&self, model: &Quadratic, slopes: &[Pair]) -> Option<Model> {
        let half: Exact = Exact::integer(1).checked_div(&Exact::integer(2))?;
        let d = self.dimension();
        let [o, p] = &self.origin;
        let (mut matrices, mut weights, mut bias) = (vec![], vec![], vec![]);
        for (k, (t, b)) in slopes.iter().zip(model.bias()).enumerate() {
            let twice = |of: usize, i: usize, j: usize| {
                let matrix = &model.matrices()[of];
                &matrix[i][j] + &matrix[j][i]
            };
            let entry = |i: usize, j: usize| &half * &(&twice(k, i, j) - &twice(0, i, j));
            // Column i of A as t_i U, for the two pivots, and these as s U.
            let columns = [0, 1].map(|n| self.coordinates(|i| entry(i, self.pivots[n])));
            let [Some(first), Some(second)] = columns else { return None };
            let m = [0, 1].map(|i| {
                let of = |j: usize| {
                    &(&first[i] * &self.inverse[0][j]) + &(&second[i] * &self.inverse[1][j])
                };
                [of(0), of(1)]
            });
            let row = |i: usize| {
                let along =
                    |n: usize| &(&m[n][0] * &self.rows[0][i]) + &(&m[n][1] * &self.rows[1][i]);
                [along(0), along(1)]
            };
            let fits = |i: usize| {
                let [a, b] = row(i);
                (i..d).all(|j| &(&a * &self.rows[0][j]) + &(&b * &self.rows[1][j]) == entry(i, j))
            };
            if m[0][1] != m[1][0] || !(0..d).all(fits) {
                return None;
            }
            let along = |n: usize| &(&m[n][0] * o) + &(&m[n][1] * p);
            let moved = [along(0), along(1)];
            let two = Exact::integer(2);
            weights.push((0..2).map(|n| &t[n] + &(&two * &moved[n])).collect());
            let straight = &(&t[0] * o) + &(&t[1] * p);
            let square = &(&moved[0] * o) + &(&moved[1] * p);
            bias.push(&(b + &straight) + &square);
            matrices.push(m.map(Vec::from).to_vec());
        }
        Some(Model::Quadratic(Quadratic::new(matrices, weights, bias).ok()?))
    }
}

/// A row times a power of two, so that its variance is between 1 and 4.
fn spread_evenly(row: &[Exact], covariance: &Covariance) -> Option<Vec<Exact>> {
    let variance = inner(image(covariance, row).iter(), row.iter())?.to_f64();
    let exponent = -variance.log2().div_euclid(2.0);
    if exponent.is_nan() || exponent.abs() > 500.0 {
        return None;
    }
    let scale = Exact::from_f64(exponent.exp2())?;
    Some(row.iter().map(|c| c * &scale).collect())
}

/// `Sigma u`.
fn image(covariance: &Covariance, u: &[Exact]) -> Vec<Exact> {
    let sum = |terms: Vec<Exact>| terms.iter().sum::<Exact>();
    match covariance {
        Covariance::Isotropic(variance) => u.iter().map(|u| variance * u).collect(),
        Covariance::Diagonal(variances) => variances.iter().zip(u).map(|(v, u)| v * u).collect(),
        Covariance::Full(rows) => {
            let of = |row: &Vec<Exact>| sum(row.iter().zip(u).map(|(a, b)| a * b).collect());
            rows.iter().map(of).collect()
        }
        Covariance::LowRank { diagonal, factor } => {
            let causes = causes(factor, u);
            let of = |i: usize| {
                let common = sum(factor[i].iter().zip(&causes).map(|(f, c)| f * c).collect());
                &(&diagonal[i] * &u[i]) + &common
            };
            (0..u.len()).map(of).collect()
        }
    }
}

/// Two coordinates in which two rows are independent, and the inverse of the matrix of their entries there: rows are those of the coordinates.
fn pivots(rows: &[Vec<Exact>; 2]) -> Option<([usize; 2], [Pair; 2])> {
    let [a, b] = rows;
    let i = (0..a.len()).find(|&i| !a[i].is_zero())?;
    let minor = |j: usize| &(&a[i] * &b[j]) - &(&a[j] * &b[i]);
    let j = (0..a.len()).find(|&j| !minor(j).is_zero())?;
    let minor = minor(j);
    let over = |x: &Exact| x.checked_div(&minor);
    let inverse = [[over(&b[j])?, over(&-&a[j])?], [over(&-&b[i])?, over(&a[i])?]];
    Some(([i, j], inverse))
}

/// Directions that a model depends on.
fn directions_of_model(model: &Model) -> Vec<Vec<Exact>> {
    let less = |row: &[Exact], other: &[Exact]| -> Vec<Exact> {
        row.iter().zip(other).map(|(a, b)| a - b).collect()
    };
    match model {
        Model::Linear(linear) => {
            let weights = linear.weights();
            weights[1..].iter().map(|row| less(row, &weights[0])).collect()
        }
        Model::Quadratic(quadratic) => {
            let (weights, matrices) = (quadratic.weights(), quadratic.matrices());
            let straight = weights[1..].iter().map(|row| less(row, &weights[0]));
            let curved = matrices[1..].iter().flat_map(|matrix| {
                let symmetric = |i: usize| -> Vec<Exact> {
                    let twice = |of: &[Vec<Exact>], j: usize| &of[i][j] + &of[j][i];
                    (0..matrix.len()).map(|j| &twice(matrix, j) - &twice(&matrices[0], j)).collect()
                };
                (0..matrix.len()).map(symmetric).collect::<Vec<_>>()
            });
            straight.chain(curved).collect()
        }
        Model::Mlp(mlp) => mlp.layers()[0].weights().to_vec(),
        Model::Bayes(bayes) => {
            let Law::GaussianMixture(mixture) = bayes.law();
            directions_of_law(mixture).unwrap_or_default()
        }
        Model::Constant(_) | Model::Piecewise(_) => vec![],
    }
}

/// Directions that the posterior of a mixture depends on, where they can be named.
fn directions_of_law(mixture: &GaussianMixture) -> Option<Vec<Vec<Exact>>> {
    let first = all(mixture).next()?;
    let d = mixture.dimension();
    if all(mixture).all(|c| c.covariance() == first.covariance()) {
        let others = all(mixture).filter(|c| c.mean() != first.mean());
        return others
            .map(|other| {
                let gap = |i: usize| &other.mean()[i] - &first.mean()[i];
                solve(first.covariance(), d, &gap)
            })
            .collect();
    }
    let differs = |i: &usize| {
        all(mixture).any(|c| {
            c.mean()[*i] != first.mean()[*i]
                || c.covariance().variance(*i) != first.covariance().variance(*i)
        })
    };
    let unit = |i: usize| (0..d).map(|j| Exact::integer(i64::from(i == j))).collect();
    Some((0..d).filter(differs).map(unit).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fraction(n: i64, d: i64) -> Exact {
        Exact::integer(n).checked_div(&Exact::integer(d)).unwrap()
    }

    /// The exact support function of a ball's image, squared for l2.
    fn support(rows: &[Vec<Exact>; 2], ball: &Ball, g: &Pair) -> Exact {
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
    fn support_of(body: &Body, g: &Pair) -> Exact {
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
            prop_assume!(pivots(&rows).is_some());
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
