//! Linear algebra: the one place that talks to LAPACK.

use ndarray::Array2;
use ndarray_linalg::{Cholesky, UPLO};

/// Whether a symmetric matrix, given by its rows, is positive definite: whether it has a Cholesky
/// factor in doubles.
pub(crate) fn is_positive_definite(rows: &[Vec<f64>]) -> bool {
    let matrix = Array2::from_shape_fn((rows.len(), rows.len()), |(i, j)| rows[i][j]);
    matrix.cholesky(UPLO::Lower).is_ok()
}
