//! What is asked of covariances and of small systems, in exact numbers.

use std::borrow::Cow;

use super::products::inner;
use crate::exact::Exact;
use crate::law::Covariance;
use crate::tolerance;

/// Systems of so many equations are solved in exact numbers, which grow with every step.
const SYSTEM: usize = 16;

/// `a' Sigma b`.
pub(super) fn product(a: &[Exact], covariance: &Covariance, b: &[Exact]) -> Option<Exact> {
    match covariance {
        Covariance::Isotropic(variance) => Some(variance * &inner(a.iter(), b.iter())?),
        Covariance::LowRank { diagonal, factor } => {
            let own: Vec<Exact> = diagonal.iter().zip(b).map(|(v, b)| v * b).collect();
            let common = inner(causes(factor, a)?.iter(), causes(factor, b)?.iter())?;
            Some(&inner(a.iter(), own.iter())? + &common)
        }
        _ => inner(a.iter(), image(covariance, b)?.iter()),
    }
}

/// `Sigma u`, up to a positive factor.
pub(super) fn image<'a>(covariance: &Covariance, u: &'a [Exact]) -> Option<Cow<'a, [Exact]>> {
    Some(match covariance {
        Covariance::Isotropic(_) => u.into(),
        Covariance::Diagonal(variances) => {
            variances.iter().zip(u).map(|(v, u)| v * u).collect::<Vec<_>>().into()
        }
        Covariance::Full(rows) => {
            let image = rows.iter().map(|row| inner(row.iter(), u.iter()));
            image.collect::<Option<Vec<_>>>()?.into()
        }
        Covariance::LowRank { diagonal, factor } => {
            let causes = causes(factor, u)?;
            let entry =
                |i: usize| Some(&(&diagonal[i] * &u[i]) + &inner(factor[i].iter(), causes.iter())?);
            (0..u.len()).map(entry).collect::<Option<Vec<_>>>()?.into()
        }
    })
}

/// `F' u`.
fn causes(factor: &[Vec<Exact>], u: &[Exact]) -> Option<Vec<Exact>> {
    let column = |j: usize| inner(factor.iter().map(|row| &row[j]), u.iter());
    (0..factor[0].len()).map(column).collect()
}

/// `Sigma^-1 v`, where the numbers do not get too long on the way.
pub(super) fn solve(covariance: &Covariance, v: Vec<Exact>) -> Option<Vec<Exact>> {
    match covariance {
        Covariance::Isotropic(variance) => v.iter().map(|v| v.checked_div(variance)).collect(),
        Covariance::Diagonal(variances) => over(&v, variances),
        Covariance::Full(rows) => eliminate(rows.clone(), v),
        Covariance::LowRank { .. } if v.len() > tolerance::DENSE => None,
        Covariance::LowRank { diagonal, factor } => {
            // (D + F F')^-1 = D^-1 (1 - F (1 + F' D^-1 F)^-1 F' D^-1).
            let column = |j: usize| {
                let column: Vec<Exact> = factor.iter().map(|row| row[j].clone()).collect();
                over(&column, diagonal)
            };
            let columns = (0..factor[0].len()).map(column).collect::<Option<Vec<Vec<Exact>>>>()?;
            let rows = columns.iter().map(|column| causes(factor, column));
            let mut rows = rows.collect::<Option<Vec<_>>>()?;
            for (i, row) in rows.iter_mut().enumerate() {
                row[i] = &row[i] + &Exact::integer(1);
            }
            let weighted = over(&v, diagonal)?;
            let shares = eliminate(rows, causes(factor, &weighted)?)?;
            let common = |i: usize| inner(columns.iter().map(|column| &column[i]), shares.iter());
            (0..v.len()).map(|i| Some(&weighted[i] - &common(i)?)).collect()
        }
    }
}

/// The quotients, entry by entry.
fn over(v: &[Exact], by: &[Exact]) -> Option<Vec<Exact>> {
    v.iter().zip(by).map(|(v, by)| v.checked_div(by)).collect()
}

/// The solution of a system; nothing for a singular one, nor for more than [`SYSTEM`] equations.
fn eliminate(mut rows: Vec<Vec<Exact>>, mut right: Vec<Exact>) -> Option<Vec<Exact>> {
    let n = right.len();
    if n > SYSTEM {
        return None;
    }
    for k in 0..n {
        let first = (k..n).find(|&i| !rows[i][k].is_zero())?;
        rows.swap(k, first);
        right.swap(k, first);
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

/// The rows of the inverse of a small matrix, given by its columns.
pub(super) fn inverse(columns: &[Vec<Exact>]) -> Option<Vec<Vec<Exact>>> {
    // Row i of the inverse is the y with y V = e_i.
    let n = columns.len();
    let row = |i: usize| {
        let unit = (0..n).map(|j| Exact::integer(i64::from(i == j))).collect();
        eliminate(columns.to_vec(), unit)
    };
    (0..n).map(row).collect()
}
