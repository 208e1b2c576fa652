//! Linear algebra: the one place that talks to LAPACK.

use ndarray::{Array1, Array2};
use ndarray_linalg::{Cholesky, SolveC, UPLO};

/// Whether a symmetric matrix, given by its rows, is positive definite: whether it has a Cholesky
/// factor in doubles.
pub(crate) fn is_positive_definite(rows: &[Vec<f64>]) -> bool {
    let matrix = Array2::from_shape_fn((rows.len(), rows.len()), |(i, j)| rows[i][j]);
    matrix.cholesky(UPLO::Lower).is_ok()
}

/// The solution of `matrix x = right` for a symmetric positive definite matrix, given by its rows; `None` where it is not that in doubles.
pub(crate) fn solve_positive_definite(rows: &[Vec<f64>], right: &[f64]) -> Option<Vec<f64>> {
    let matrix = Array2::from_shape_fn((rows.len(), rows.len()), |(i, j)| rows[i][j]);
    let solution = matrix.solvec(&Array1::from(right.to_vec())).ok()?;
    Some(solution.to_vec())
}
