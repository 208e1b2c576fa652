//! Problems that depend on x through one direction, in exact numbers.
//!
//! With z = s (u . (x - m)), m a mean and s a power of two, the law of z and the model as a function of z have rational parameters, and so has the
//! half-width of the interval that the ball becomes, unless the norm is l2: then it lies between two rationals. That P depends on z alone is not a
//! numerical finding but a set of equations between rationals that are checked.

use super::products::{inner, root_below};
use crate::exact::Exact;
use crate::law::{Class, Component, Covariance, GaussianMixture, Law};
use crate::model::{Bayes, Constant, Layer, Linear, Mlp, Model, Quadratic};
use crate::perturbation::{Ball, Norm};
use crate::tolerance;

/// In this many dimensions covariances that differ are compared entry by entry.
const ENTRIES: usize = 64;

/// In more dimensions than this, rationals that are no doubles would take seconds; whether there are some is seen by so many entries.
const LARGE: usize = 50_000;
const LOOK: usize = 64;

/// Systems of so many equations are solved in exact numbers, which grow with every step.
const SYSTEM: usize = 16;

/// A problem on the line, with the lengths of its direction.
#[derive(Clone, Debug)]
pub(super) struct ExactLine {
    pub law: Law,
    pub model: Model,
    /// Whether anything depends on it at all.
    pub matters: bool,
    /// `||u||_1`, `||u||_2^2` and `||u||_inf`, in the units of z.
    lengths: [Exact; 3],
}

impl ExactLine {
    /// The law and the model as functions of one direction, if they are that exactly and its numbers are not too long.
    pub fn new(law: &Law, model: &Model) -> Option<Self> {
        let Law::GaussianMixture(mixture) = law;
        let named = of_model(model).or_else(|| of_law(mixture));
        let matters = named.is_some();
        let direction = named.unwrap_or(Direction::unit());
        let d = mixture.dimension();
        let is_short = |i| direction.at(i).as_double().is_some();
        if d > LARGE && !(0..LOOK).all(is_short) {
            return None;
        }
        if !direction.carries_law(mixture) || !direction.carries_model(model, mixture, d) {
            return None;
        }
        let line = Axis::new(direction.entries(d), mixture)?.project(mixture, model)?;
        Some(Self { matters, ..line })
    }

    /// Half the width of the interval that a ball becomes: the largest rational of moderate length below it, and whether it is that.
    pub fn radius(&self, ball: &Ball) -> (Exact, bool) {
        let [sum, square, largest] = &self.lengths;
        match ball.norm() {
            Norm::Linf => (ball.epsilon() * sum, true),
            Norm::L1 => (ball.epsilon() * largest, true),
            Norm::L2 => {
                let (root, exact) = root_below(square);
                (ball.epsilon() * &root, exact)
            }
        }
    }

    /// `||u||_2^2`: by how much noise of variance 1 in every coordinate moves z.
    pub fn square(&self) -> &Exact {
        &self.lengths[1]
    }
}

/// A direction whose entries are computed where they are looked at: most problems show by the first few that there are two.
struct Direction<'a>(Box<dyn Fn(usize) -> Exact + 'a>);

impl<'a> Direction<'a> {
    fn of(entry: impl Fn(usize) -> Exact + 'a) -> Self {
        Self(Box::new(entry))
    }

    fn unit() -> Self {
        Self::of(|i| Exact::integer(i64::from(i == 0)))
    }

    fn at(&self, i: usize) -> Exact {
        (self.0)(i)
    }

    fn entries(&self, d: usize) -> Vec<Exact> {
        (0..d).map(|i| self.at(i)).collect()
    }

    /// The t with `other = t self`, if there is one.
    fn multiple(&self, other: impl Fn(usize) -> Exact, d: usize) -> Option<Exact> {
        let mut factor: Option<Exact> = None;
        for i in 0..d {
            let (own, other) = (self.at(i), other(i));
            if own.is_zero() {
                if other.is_zero() {
                    continue;
                }
                return None;
            }
            match &factor {
                None => factor = other.checked_div(&own),
                Some(factor) if &own * factor == other => {}
                Some(_) => return None,
            }
        }
        factor.or(Some(Exact::integer(0)))
    }

    /// Whether the posterior of a mixture depends on `self . x` only: whether all components have the same law given it.
    fn carries_law(&self, mixture: &GaussianMixture) -> bool {
        let d = mixture.dimension();
        let components: Vec<&Component> = all(mixture).collect();
        let (first, rest) = components.split_first().expect("a class has a component");
        let mean_gap = |c: &Component, i: usize| &c.mean()[i] - &first.mean()[i];
        if rest.iter().all(|c| c.covariance() == first.covariance()) {
            // x given u . x has the same law if the means differ along Sigma u.
            let image = self.image(first.covariance(), d);
            return rest.iter().all(|c| image.multiple(|i| mean_gap(c, i), d).is_some());
        }
        let sides = || (0..d).filter(|&i| !self.at(i).is_zero()).take(2).collect::<Vec<_>>();
        if components.iter().all(|c| is_diagonal(c.covariance()))
            && let [only] = sides().as_slice()
        {
            // Independent coordinates, and one that matters.
            return (0..d).filter(|i| i != only).all(|i| {
                let same = |c: &&Component| {
                    let variances = (c.covariance().variance(i), first.covariance().variance(i));
                    mean_gap(c, i).is_zero() && variances.0 == variances.1
                };
                rest.iter().all(same)
            });
        }
        d <= ENTRIES
            && self.conditional(first, d).is_some_and(|given| {
                rest.iter().all(|c| self.conditional(c, d).as_ref() == Some(&given))
            })
    }

    /// `Sigma u`, entry by entry.
    fn image<'b>(&'b self, covariance: &'b Covariance, d: usize) -> Direction<'b> {
        match covariance {
            Covariance::Isotropic(_) => Direction::of(|i| self.at(i)),
            Covariance::Diagonal(variances) => Direction::of(move |i| &variances[i] * &self.at(i)),
            Covariance::Full(rows) => {
                let entries = self.entries(d);
                Direction::of(move |i| {
                    let terms: Vec<Exact> =
                        rows[i].iter().zip(&entries).map(|(a, b)| a * b).collect();
                    terms.iter().sum()
                })
            }
            Covariance::LowRank { diagonal, factor } => {
                let causes = causes(factor, &self.entries(d));
                Direction::of(move |i| {
                    let terms: Vec<Exact> =
                        factor[i].iter().zip(&causes).map(|(f, c)| f * c).collect();
                    &(&diagonal[i] * &self.at(i)) + &terms.iter().sum()
                })
            }
        }
    }

    /// The law of x given `u . x = t` is `N(mean + t slope, spread)`: mean, slope and spread.
    fn conditional(&self, component: &Component, d: usize) -> Option<[Vec<Exact>; 3]> {
        let u = self.entries(d);
        let covariance = component.covariance();
        let sum = |terms: Vec<Exact>| terms.iter().sum::<Exact>();
        let image: Vec<Exact> = (0..d)
            .map(|i| sum((0..d).map(|j| &*covariance.entry(i, j) * &u[j]).collect()))
            .collect();
        let variance = sum(u.iter().zip(&image).map(|(u, b)| u * b).collect());
        let slope = image.iter().map(|b| b.checked_div(&variance)).collect::<Option<Vec<_>>>()?;
        let along = sum(u.iter().zip(component.mean()).map(|(u, m)| u * m).collect());
        let mean = component.mean().iter().zip(&slope).map(|(m, b)| m - &(b * &along)).collect();
        let spread = |i: usize, j: usize| &*covariance.entry(i, j) - &(&slope[i] * &image[j]);
        let spread = (0..d).flat_map(|i| (0..d).map(move |j| (i, j))).map(|(i, j)| spread(i, j));
        let spread = spread.collect();
        Some([mean, slope, spread])
    }

    /// Whether the label distributions of a model depend on `self . x` only.
    fn carries_model(&self, model: &Model, mixture: &GaussianMixture, d: usize) -> bool {
        match model {
            Model::Constant(_) => true,
            Model::Piecewise(_) => false,
            Model::Bayes(bayes) => {
                let Law::GaussianMixture(other) = bayes.law();
                other == mixture || self.carries_law(other)
            }
            Model::Linear(linear) => self.slopes(linear.weights(), d).is_some(),
            Model::Quadratic(quadratic) => {
                self.slopes(quadratic.weights(), d).is_some()
                    && self.curvatures(quadratic, d).is_some()
            }
            Model::Mlp(mlp) => self.units(mlp, d).is_some(),
        }
    }

    /// The `t_k` with `w_k - w_0 = t_k u`.
    fn slopes(&self, weights: &[Vec<Exact>], d: usize) -> Option<Vec<Exact>> {
        let slope = |row: &Vec<Exact>| self.multiple(|i| &row[i] - &weights[0][i], d);
        weights.iter().map(slope).collect()
    }

    /// The `a_k` with `A_k - A_0 = a_k u u'` for the symmetric parts.
    fn curvatures(&self, model: &Quadratic, d: usize) -> Option<Vec<Exact>> {
        let u = self.entries(d);
        let pivot = u.iter().position(|u| !u.is_zero())?;
        let curvature = |k: usize| {
            let entry = |i: usize, j: usize| {
                let twice = |matrix: &[Vec<Exact>]| &matrix[i][j] + &matrix[j][i];
                let both = &twice(&model.matrices()[k]) - &twice(&model.matrices()[0]);
                both.checked_div(&Exact::integer(2))
            };
            let factor = entry(pivot, pivot)?.checked_div(&(&u[pivot] * &u[pivot]))?;
            let fits = |i: usize, j: usize| entry(i, j) == Some(&factor * &(&u[i] * &u[j]));
            (0..d).all(|i| (i..d).all(|j| fits(i, j))).then_some(factor)
        };
        (0..model.classes()).map(curvature).collect()
    }

    /// The `t_j` such that unit j of the first layer sees `t_j u . x`.
    fn units(&self, mlp: &Mlp, d: usize) -> Option<Vec<Exact>> {
        let rows = mlp.layers()[0].weights();
        rows.iter().map(|row| self.multiple(|i| row[i].clone(), d)).collect()
    }
}

/// `F' u`.
pub(super) fn causes(factor: &[Vec<Exact>], u: &[Exact]) -> Vec<Exact> {
    let column = |j: usize| {
        let terms: Vec<Exact> = factor.iter().zip(u).map(|(row, u)| &row[j] * u).collect();
        terms.iter().sum()
    };
    (0..factor[0].len()).map(column).collect()
}

fn is_diagonal(covariance: &Covariance) -> bool {
    matches!(covariance, Covariance::Diagonal(_) | Covariance::Isotropic(_))
}

pub(super) fn all(mixture: &GaussianMixture) -> impl Iterator<Item = &Component> {
    mixture.classes().iter().flat_map(Class::components)
}

/// The difference of two rows that is not 0, if there is one.
fn difference(rows: &[Vec<Exact>]) -> Option<Direction<'_>> {
    let row = rows.iter().find(|row| **row != rows[0])?;
    Some(Direction::of(move |i| &row[i] - &rows[0][i]))
}

/// A direction that a model depends on, if it depends on any.
fn of_model(model: &Model) -> Option<Direction<'_>> {
    match model {
        Model::Linear(linear) => difference(linear.weights()),
        Model::Quadratic(quadratic) => {
            let of_matrices = || {
                let matrices = quadratic.matrices();
                let matrix = matrices.iter().find(|matrix| **matrix != matrices[0])?;
                let row = (0..matrix.len()).find(|&i| matrix[i] != matrices[0][i])?;
                Some(Direction::of(move |j| &matrix[row][j] - &matrices[0][row][j]))
            };
            difference(quadratic.weights()).or_else(of_matrices)
        }
        Model::Mlp(mlp) => {
            let rows = mlp.layers()[0].weights();
            let row = rows.iter().find(|row| row.iter().any(|w| !w.is_zero()))?;
            Some(Direction::of(|i| row[i].clone()))
        }
        Model::Bayes(bayes) => {
            let Law::GaussianMixture(mixture) = bayes.law();
            of_law(mixture)
        }
        Model::Constant(_) | Model::Piecewise(_) => None,
    }
}

/// A direction that the posterior of a mixture depends on, where it can be named without solving a system.
fn of_law(mixture: &GaussianMixture) -> Option<Direction<'_>> {
    let first = all(mixture).next()?;
    let other =
        all(mixture).find(|c| c.mean() != first.mean() || c.covariance() != first.covariance())?;
    let gap = |i: usize| &other.mean()[i] - &first.mean()[i];
    match first.covariance() {
        covariance if !all(mixture).all(|c| c.covariance() == covariance) => {
            let differs = |i: &usize| {
                all(mixture).any(|c| {
                    c.mean()[*i] != first.mean()[*i]
                        || c.covariance().variance(*i) != covariance.variance(*i)
                })
            };
            let only = (0..mixture.dimension()).find(differs)?;
            Some(Direction::of(move |i| Exact::integer(i64::from(i == only))))
        }
        Covariance::Isotropic(_) => Some(Direction::of(gap)),
        Covariance::Diagonal(variances) => Some(Direction::of(move |i| {
            gap(i).checked_div(&variances[i]).expect("a variance is positive")
        })),
        Covariance::Full(_) | Covariance::LowRank { .. } => {
            let solution = solve(first.covariance(), mixture.dimension(), &gap)?;
            Some(Direction::of(move |i| solution[i].clone()))
        }
    }
}

/// `Sigma^-1 v`, where the numbers do not get too long on the way.
pub(super) fn solve(
    covariance: &Covariance,
    d: usize,
    v: &dyn Fn(usize) -> Exact,
) -> Option<Vec<Exact>> {
    match covariance {
        Covariance::Isotropic(variance) => (0..d).map(|i| v(i).checked_div(variance)).collect(),
        Covariance::Diagonal(variances) => {
            variances.iter().enumerate().map(|(i, variance)| v(i).checked_div(variance)).collect()
        }
        Covariance::Full(rows) => eliminate(rows.clone(), (0..d).map(v).collect()),
        Covariance::LowRank { .. } if d > tolerance::DENSE => None,
        Covariance::LowRank { diagonal, factor } => {
            // (D + F F')^-1 = D^-1 (1 - F (1 + F' D^-1 F)^-1 F' D^-1).
            let weighted = |of: &dyn Fn(usize) -> Exact| {
                diagonal.iter().enumerate().map(|(i, by)| of(i).checked_div(by)).collect()
            };
            let column = |j: usize| weighted(&|i| factor[i][j].clone());
            let columns = (0..factor[0].len()).map(column).collect::<Option<Vec<Vec<Exact>>>>()?;
            let mut rows: Vec<_> = columns.iter().map(|column| causes(factor, column)).collect();
            for (i, row) in rows.iter_mut().enumerate() {
                row[i] = &row[i] + &Exact::integer(1);
            }
            let weighted: Vec<Exact> = weighted(v)?;
            let shares = eliminate(rows, causes(factor, &weighted))?;
            let entry = |i: usize| {
                let terms: Vec<Exact> =
                    columns.iter().zip(&shares).map(|(column, c)| &column[i] * c).collect();
                &weighted[i] - &terms.iter().sum()
            };
            Some((0..d).map(entry).collect())
        }
    }
}

/// The solution of a system with a positive definite matrix, by elimination; nothing for one of more than [`SYSTEM`] equations.
fn eliminate(mut rows: Vec<Vec<Exact>>, mut right: Vec<Exact>) -> Option<Vec<Exact>> {
    let n = right.len();
    if n > SYSTEM {
        return None;
    }
    for k in 0..n {
        // Of a positive definite matrix no pivot is 0.
        let pivot = rows[k].clone();
        let pivot_right = right[k].clone();
        for i in (0..n).filter(|&i| i != k) {
            let times = rows[i][k].checked_div(&pivot[k])?;
            for j in k..n {
                rows[i][j] = &rows[i][j] - &(&times * &pivot[j]);
            }
            right[i] = &right[i] - &(&times * &pivot_right);
        }
    }
    (0..n).map(|k| right[k].checked_div(&rows[k][k])).collect()
}

/// The axis of z.
struct Axis {
    u: Vec<Exact>,
    /// `u . m`, the place of z = 0.
    origin: Exact,
    /// s, a power of two that gives z a variance between 1 and 4.
    scale: Exact,
    variance: Exact,
    lengths: [Exact; 3],
}

impl Axis {
    fn new(u: Vec<Exact>, mixture: &GaussianMixture) -> Option<Self> {
        let first = all(mixture).next()?;
        let origin = inner(u.iter(), first.mean().iter())?;
        let one = Exact::integer(1);
        let sizes: Vec<Exact> = u.iter().map(Exact::abs).collect();
        let sum = inner(sizes.iter(), std::iter::repeat(&one))?;
        let square = inner(u.iter(), u.iter())?;
        let largest = sizes.iter().max()?.clone();
        let mut axis = Self {
            u,
            origin,
            scale: one,
            variance: square.clone(),
            lengths: [sum, square, largest],
        };
        axis.variance = axis.variance_of(first.covariance())?;
        // An even exponent: half of it is that of the scale.
        let exponent = -axis.variance.to_f64().log2().div_euclid(2.0);
        if exponent.abs() > 500.0 {
            return None;
        }
        axis.scale = Exact::from_f64(exponent.exp2())?;
        let square = &axis.scale * &axis.scale;
        let factors = [&axis.scale, &square, &axis.scale];
        axis.lengths = [0, 1, 2].map(|i| factors[i] * &axis.lengths[i]);
        axis.variance = &axis.variance * &square;
        Some(axis)
    }

    /// `u' Sigma u`.
    fn variance_of(&self, covariance: &Covariance) -> Option<Exact> {
        let u = &self.u;
        match covariance {
            Covariance::Isotropic(variance) => Some(variance * &inner(u.iter(), u.iter())?),
            Covariance::Diagonal(variances) => {
                let weighted: Vec<Exact> = variances.iter().zip(u).map(|(v, u)| v * u).collect();
                inner(weighted.iter(), u.iter())
            }
            Covariance::Full(rows) => {
                let image = rows.iter().map(|row| inner(row.iter(), u.iter()));
                inner(image.collect::<Option<Vec<_>>>()?.iter(), u.iter())
            }
            Covariance::LowRank { diagonal, factor } => {
                let causes = causes(factor, u);
                let common = inner(causes.iter(), causes.iter())?;
                Some(&self.variance_of(&Covariance::Diagonal(diagonal.clone()))? + &common)
            }
        }
    }

    fn law(&self, mixture: &GaussianMixture) -> Option<Law> {
        let shared = all(mixture).next()?.covariance();
        let own = {
            let square = &self.scale * &self.scale;
            &self.variance_of(shared)? * &square
        };
        let component = |component: &Component| {
            let mean = &inner(self.u.iter(), component.mean().iter())? - &self.origin;
            let variance = if component.covariance() == shared {
                own.clone()
            } else {
                &self.variance_of(component.covariance())? * &(&self.scale * &self.scale)
            };
            let (mean, covariance) = (vec![&mean * &self.scale], Covariance::Isotropic(variance));
            Component::new(component.weight().clone(), mean, covariance).ok()
        };
        let class = |class: &Class| {
            let components = class.components().iter().map(component).collect::<Option<_>>()?;
            Class::new(class.prior().clone(), components).ok()
        };
        let classes = mixture.classes().iter().map(class).collect::<Option<_>>()?;
        GaussianMixture::new(classes).ok().map(Law::GaussianMixture)
    }

    fn project(self, mixture: &GaussianMixture, model: &Model) -> Option<ExactLine> {
        let law = self.law(mixture)?;
        let d = self.u.len();
        let u = &self.u;
        let direction = Direction::of(|i| u[i].clone());
        // u . x = z / s + origin.
        let over = |t: &Exact| t.checked_div(&self.scale);
        let projected = match model {
            Model::Constant(constant) => {
                Model::Constant(Constant::new(constant.probabilities().to_vec()).ok()?)
            }
            Model::Piecewise(_) => return None,
            Model::Bayes(bayes) => {
                let Law::GaussianMixture(other) = bayes.law();
                Model::Bayes(Bayes::new(if other == mixture {
                    law.clone()
                } else {
                    self.law(other)?
                }))
            }
            Model::Linear(linear) => {
                let slopes = direction.slopes(linear.weights(), d)?;
                let bias = slopes.iter().zip(linear.bias()).map(|(t, b)| b + &(t * &self.origin));
                let weights = slopes.iter().map(|t| Some(vec![over(t)?])).collect::<Option<_>>()?;
                Model::Linear(Linear::new(weights, bias.collect()).ok()?)
            }
            Model::Quadratic(quadratic) => {
                let slopes = direction.slopes(quadratic.weights(), d)?;
                let curvatures = direction.curvatures(quadratic, d)?;
                let twice = &Exact::integer(2) * &self.origin;
                let square = &self.origin * &self.origin;
                let terms = curvatures.iter().zip(&slopes).zip(quadratic.bias());
                let bias = terms.map(|((a, t), b)| &(b + &(t * &self.origin)) + &(a * &square));
                let slope = |(a, t): (&Exact, &Exact)| Some(vec![over(&(t + &(a * &twice)))?]);
                let matrix = |a: &Exact| Some(vec![vec![over(&over(a)?)?]]);
                Model::Quadratic(
                    Quadratic::new(
                        curvatures.iter().map(matrix).collect::<Option<_>>()?,
                        curvatures.iter().zip(&slopes).map(slope).collect::<Option<_>>()?,
                        bias.collect(),
                    )
                    .ok()?,
                )
            }
            Model::Mlp(mlp) => {
                let units = direction.units(mlp, d)?;
                let first = &mlp.layers()[0];
                let bias = units.iter().zip(first.bias()).map(|(t, b)| b + &(t * &self.origin));
                let weights = units.iter().map(|t| Some(vec![over(t)?])).collect::<Option<_>>()?;
                let first = Layer::new(weights, bias.collect()).ok()?;
                let layers = std::iter::once(first).chain(mlp.layers()[1..].iter().cloned());
                Model::Mlp(Mlp::new(mlp.activation(), layers.collect()).ok()?)
            }
        };
        Some(ExactLine { law, model: projected, matters: true, lengths: self.lengths })
    }
}
