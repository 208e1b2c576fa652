//! The directions that a posterior or a model depends on, in doubles.

use crate::error::Error;
use crate::exact::Exact;
use crate::law::{Class, Component, Covariance, GaussianMixture, Law};
use crate::linalg::{self, PositiveDefinite};
use crate::model::{Model, Quadratic};
use crate::perturbation::inner;
use crate::tolerance;

/// An orthonormal basis of the directions that matter, and how far off it may be.
#[derive(Clone, Debug)]
pub(super) struct Basis {
    pub rows: Vec<Vec<f64>>,
    /// The relative error of a logit as a function of these directions.
    pub blur: f64,
}

/// Directions that were found, and the relative error of finding them.
#[derive(Default)]
struct Found {
    rows: Vec<Vec<f64>>,
    blur: f64,
}

impl Found {
    fn add(&mut self, row: Vec<f64>) {
        if row.iter().any(|c| *c != 0.0) {
            self.rows.push(row);
        }
    }
}

impl Basis {
    /// The directions of a law and a model around the mean of the law's first component.
    ///
    /// # Errors
    /// [`Error::TooManyDirections`] where more than `most` are plain to see, and for dense matrices in too many dimensions.
    pub fn new(mixture: &GaussianMixture, model: &Model, most: usize) -> Result<Self, Error> {
        let origin = doubles(components(mixture)[0].mean());
        let mut found = Found::default();
        of_law(mixture, &origin, most, &mut found)?;
        match model {
            Model::Bayes(bayes) => {
                let Law::GaussianMixture(other) = bayes.law();
                if other != mixture {
                    of_law(other, &origin, most, &mut found)?;
                }
            }
            other => of_model(other, &origin, &mut found)?,
        }
        Self::spanned(found)
    }

    /// The directions of a model alone.
    pub fn of_model(model: &Model, origin: &[f64], most: usize) -> Result<Self, Error> {
        let mut found = Found::default();
        match model {
            Model::Bayes(bayes) => {
                let Law::GaussianMixture(mixture) = bayes.law();
                of_law(mixture, origin, most, &mut found)?;
            }
            other => of_model(other, origin, &mut found)?,
        }
        Self::spanned(found)
    }

    fn spanned(found: Found) -> Result<Self, Error> {
        let unit = |row: Vec<f64>| {
            let length = crate::perturbation::Norm::L2.length(&row);
            let row: Vec<f64> = row.into_iter().map(|c| c / length).collect();
            if row.iter().all(|c| c.is_finite()) {
                Ok(row)
            } else {
                Err(Error::NotFinite { found: length })
            }
        };
        let rows = found.rows.into_iter().map(unit).collect::<Result<Vec<_>, _>>()?;
        let mut basis = linalg::right_singular(&rows);
        let largest = basis.first().map_or(0.0, |first| first.0);
        let kept = basis.iter().take_while(|(s, _)| *s > tolerance::DIRECTION * largest).count();
        let dropped = basis.get(kept).map_or(0.0, |first| first.0);
        basis.truncate(kept);
        let rows = basis.into_iter().map(|(_, row)| row).collect();
        Ok(Self { rows, blur: found.blur + dropped + tolerance::PROJECTION })
    }
}

/// Numbers as doubles.
pub(super) fn doubles(numbers: &[Exact]) -> Vec<f64> {
    numbers.iter().map(Exact::to_f64).collect()
}

/// Numbers as doubles, less others.
pub(super) fn offset(numbers: &[Exact], origin: &[f64]) -> Vec<f64> {
    numbers.iter().zip(origin).map(|(a, b)| a.to_f64() - b).collect()
}

pub(super) fn components(mixture: &GaussianMixture) -> Vec<&Component> {
    mixture.classes().iter().flat_map(Class::components).collect()
}

/// A coordinate direction.
pub(super) fn unit(d: usize, i: usize) -> Vec<f64> {
    let mut row = vec![0.0; d];
    row[i] = 1.0;
    row
}

/// Of `ln p_c - ln p_0` around the origin: the linear parts `Precision_c delta_c - Precision_0 delta_0`, and the range of the differences of
/// precisions.
fn of_law(
    mixture: &GaussianMixture,
    origin: &[f64],
    most: usize,
    found: &mut Found,
) -> Result<(), Error> {
    let components = components(mixture);
    let (first, rest) = components.split_first().expect("a class has a component");
    let shared = rest.iter().all(|c| c.covariance() == first.covariance());
    let precision = Precision::new(first.covariance(), origin.len())?;
    if shared {
        for component in rest {
            let gap = offset(component.mean(), &doubles(first.mean()));
            precision.apply(&gap, found);
        }
        return Ok(());
    }
    let precisions = std::iter::once(Ok(precision))
        .chain(rest.iter().map(|c| Precision::new(c.covariance(), origin.len())))
        .collect::<Result<Vec<_>, _>>()?;
    let mut linear = Vec::new();
    for (component, precision) in components.iter().zip(&precisions) {
        let mut own = Found::default();
        precision.apply(&offset(component.mean(), origin), &mut own);
        found.blur = found.blur.max(own.blur);
        linear.push(own.rows.pop().unwrap_or_else(|| vec![0.0; origin.len()]));
    }
    for row in &linear[1..] {
        found.add(row.iter().zip(&linear[0]).map(|(a, b)| a - b).collect());
    }
    curvatures(&components, &precisions, most, found)
}

/// The range of the differences of precisions. It is within the span of the coordinates whose own variances differ and of what the
/// factors become; where a covariance is full, it can be anything.
fn curvatures(
    components: &[&Component],
    precisions: &[Precision],
    most: usize,
    found: &mut Found,
) -> Result<(), Error> {
    let d = components[0].mean().len();
    let differing: Vec<usize> = if precisions.iter().any(|p| matches!(p, Precision::Full { .. })) {
        if d > tolerance::DENSE {
            return Err(Error::TooManyDimensions { what: "covariance", found: d });
        }
        (0..d).collect()
    } else {
        let own = |p: &Precision, i: usize| p.variances().expect("not full").at(i);
        let differs =
            |i: &usize| precisions[1..].iter().any(|p| own(p, *i) != own(&precisions[0], *i));
        let differing: Vec<usize> = (0..d).filter(differs).collect();
        if differing.len() > most {
            return Err(Error::TooManyDirections { found: differing.len(), most });
        }
        differing
    };
    let mut span: Vec<Vec<f64>> = differing.iter().map(|&i| unit(d, i)).collect();
    for precision in precisions {
        if let Precision::LowRank { rotated, .. } = precision {
            span.extend(rotated.iter().filter(|row| row.iter().any(|c| *c != 0.0)).cloned());
        }
    }
    let basis: Vec<Vec<f64>> = if span.len() == d {
        span
    } else {
        let spanned = Basis::spanned(Found { rows: span, blur: 0.0 })?;
        spanned.rows
    };
    let columns =
        |p: &Precision| -> Vec<Vec<f64>> { basis.iter().map(|row| p.solve(row)).collect() };
    let base = columns(&precisions[0]);
    let size =
        |columns: &[Vec<f64>]| columns.iter().map(|c| inner(c, c)).fold(0.0, f64::max).sqrt();
    for precision in &precisions[1..] {
        let own = columns(precision);
        let scale = size(&own).max(size(&base));
        let entry = |i: usize, j: usize| inner(&basis[i], &own[j]) - inner(&basis[i], &base[j]);
        let symmetric = |i: usize, j: usize| 0.5 * (entry(i, j) + entry(j, i));
        for (value, vector) in linalg::symmetric_eigen(basis.len(), symmetric) {
            if value.abs() > tolerance::DIRECTION * scale {
                found.add(combined(&basis, &vector));
            } else {
                found.blur = found.blur.max(value.abs() / scale);
            }
        }
    }
    Ok(())
}

fn combined(basis: &[Vec<f64>], by: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; basis[0].len()];
    for (row, factor) in basis.iter().zip(by) {
        sum.iter_mut().zip(row).for_each(|(sum, c)| *sum += factor * c);
    }
    sum
}

fn of_model(model: &Model, origin: &[f64], found: &mut Found) -> Result<(), Error> {
    let against = |rows: &[Vec<Exact>], found: &mut Found| {
        for row in &rows[1..] {
            found.add(row.iter().zip(&rows[0]).map(|(a, b)| difference(a, b)).collect());
        }
    };
    match model {
        Model::Linear(linear) => against(linear.weights(), found),
        Model::Mlp(mlp) => {
            for row in mlp.layers()[0].weights() {
                found.add(doubles(row));
            }
        }
        Model::Quadratic(quadratic) => {
            let d = origin.len();
            if d > tolerance::DENSE {
                return Err(Error::TooManyDimensions { what: "matrix", found: d });
            }
            for k in 1..quadratic.classes() {
                let matrix = form(quadratic, k);
                let eigen = linalg::symmetric_eigen(d, |i, j| matrix[i][j]);
                let largest = eigen.iter().map(|(value, _)| value.abs()).fold(0.0, f64::max);
                for (value, vector) in eigen {
                    if value.abs() > tolerance::DIRECTION * largest {
                        found.add(vector);
                    } else if largest > 0.0 {
                        found.blur = found.blur.max(value.abs() / largest);
                    }
                }
                found.add(slope(quadratic, k, &matrix, origin));
            }
        }
        Model::Bayes(_) | Model::Constant(_) | Model::Piecewise(_) => {}
    }
    Ok(())
}

/// The difference of two numbers, rounded once where they are doubles.
fn difference(a: &Exact, b: &Exact) -> f64 {
    a.to_f64() - b.to_f64()
}

/// The symmetric part of `A_k - A_0`.
pub(super) fn form(model: &Quadratic, k: usize) -> Vec<Vec<f64>> {
    let [own, base] = [k, 0].map(|k| &model.matrices()[k]);
    let d = own.len();
    let entry = |i: usize, j: usize| difference(&own[i][j], &base[i][j]);
    (0..d).map(|i| (0..d).map(|j| 0.5 * (entry(i, j) + entry(j, i))).collect()).collect()
}

/// The slope at the origin of the quadratic with that form: `w_k - w_0 + 2 (A_k - A_0) origin`.
pub(super) fn slope(model: &Quadratic, k: usize, form: &[Vec<f64>], origin: &[f64]) -> Vec<f64> {
    let [own, base] = [k, 0].map(|k| &model.weights()[k]);
    let entry = |i: usize| difference(&own[i], &base[i]) + 2.0 * inner(&form[i], origin);
    (0..own.len()).map(entry).collect()
}

/// Variances of independent parts.
#[derive(Clone, Copy)]
pub(super) enum Variances<'a> {
    Same(f64),
    Each(&'a [Exact]),
}

impl Variances<'_> {
    pub fn at(&self, i: usize) -> f64 {
        match self {
            Self::Same(variance) => *variance,
            Self::Each(variances) => variances[i].to_f64(),
        }
    }
}

/// The inverse of a covariance, as something that solves.
enum Precision<'a> {
    Diagonal(Variances<'a>),
    LowRank {
        diagonal: Variances<'a>,
        /// The columns of the factor, each over the diagonal.
        rotated: Vec<Vec<f64>>,
        columns: Vec<Vec<f64>>,
        /// `I + F' D^-1 F`.
        core: PositiveDefinite,
    },
    Full {
        factor: PositiveDefinite,
        covariance: &'a Covariance,
    },
}

impl<'a> Precision<'a> {
    fn new(covariance: &'a Covariance, d: usize) -> Result<Self, Error> {
        Ok(match covariance {
            Covariance::Isotropic(variance) => Self::Diagonal(Variances::Same(variance.to_f64())),
            Covariance::Diagonal(variances) => Self::Diagonal(Variances::Each(variances)),
            Covariance::LowRank { diagonal, factor } => {
                let columns = columns(factor);
                let diagonal = Variances::Each(diagonal);
                let over = |column: &Vec<f64>| -> Vec<f64> {
                    column.iter().enumerate().map(|(i, c)| c / diagonal.at(i)).collect()
                };
                let rotated: Vec<Vec<f64>> = columns.iter().map(over).collect();
                let entry = |i: usize, j: usize| {
                    f64::from(u8::from(i == j)) + inner(&columns[i], &rotated[j])
                };
                let core = PositiveDefinite::new(columns.len(), entry)
                    .ok_or(Error::Singular { what: "covariance" })?;
                Self::LowRank { diagonal, rotated, columns, core }
            }
            Covariance::Full(rows) => {
                if d > tolerance::DENSE {
                    return Err(Error::TooManyDimensions { what: "covariance", found: d });
                }
                let factor = PositiveDefinite::new(d, |i, j| rows[i][j].to_f64())
                    .ok_or(Error::Singular { what: "covariance" })?;
                Self::Full { factor, covariance }
            }
        })
    }

    fn variances(&self) -> Option<Variances<'a>> {
        match self {
            Self::Diagonal(variances) | Self::LowRank { diagonal: variances, .. } => {
                Some(*variances)
            }
            Self::Full { .. } => None,
        }
    }

    fn solve(&self, right: &[f64]) -> Vec<f64> {
        let over = |own: &Variances| right.iter().enumerate().map(|(i, c)| c / own.at(i)).collect();
        match self {
            Self::Diagonal(own) => over(own),
            Self::LowRank { diagonal, rotated, core, .. } => {
                let mut solution: Vec<f64> = over(diagonal);
                let causes: Vec<f64> = rotated.iter().map(|column| inner(column, right)).collect();
                for (column, by) in rotated.iter().zip(core.solve(&causes)) {
                    solution.iter_mut().zip(column).for_each(|(s, c)| *s -= by * c);
                }
                solution
            }
            Self::Full { factor, .. } => factor.solve(right),
        }
    }

    /// Adds the solution for this right side, improved once; the size of the improvement, in standard deviations of the logit, is what the
    /// solution may be off by.
    fn apply(&self, right: &[f64], found: &mut Found) {
        let mut solution = self.solve(right);
        let image = match self {
            Self::Diagonal(_) => return found.add(solution),
            Self::LowRank { diagonal, columns, .. } => {
                let mut image: Vec<f64> =
                    solution.iter().enumerate().map(|(i, c)| c * diagonal.at(i)).collect();
                for column in columns {
                    let by = inner(column, &solution);
                    image.iter_mut().zip(column).for_each(|(s, c)| *s += by * c);
                }
                image
            }
            Self::Full { covariance, .. } => {
                let Covariance::Full(rows) = covariance else { unreachable!("full") };
                rows.iter().map(|row| inner(&doubles(row), &solution)).collect()
            }
        };
        let residual: Vec<f64> = right.iter().zip(&image).map(|(a, b)| a - b).collect();
        let better = self.solve(&residual);
        let size = inner(right, &solution).abs();
        if size > 0.0 {
            found.blur = found.blur.max((inner(&residual, &better).abs() / size).sqrt());
        }
        solution.iter_mut().zip(&better).for_each(|(s, c)| *s += c);
        found.add(solution);
    }
}

/// The columns of a matrix by rows.
pub(super) fn columns(rows: &[Vec<Exact>]) -> Vec<Vec<f64>> {
    (0..rows[0].len()).map(|j| rows.iter().map(|row| row[j].to_f64()).collect()).collect()
}
