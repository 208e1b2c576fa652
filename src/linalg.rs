//! Linear algebra: the one place that talks to LAPACK.

use ndarray::{Array1, Array2, Axis, OwnedRepr};
use ndarray_linalg::{Cholesky, CholeskyFactorized, Eigh, FactorizeC, JobSvd, SVDDC, SolveC, UPLO};

/// Whether a symmetric matrix, given by its rows, is positive definite: whether it has a Cholesky
/// factor in doubles.
pub(crate) fn is_positive_definite(rows: &[Vec<f64>]) -> bool {
    let matrix = Array2::from_shape_fn((rows.len(), rows.len()), |(i, j)| rows[i][j]);
    matrix.cholesky(UPLO::Lower).is_ok()
}

/// The lower triangular root of a symmetric positive definite matrix, by rows; `None` where it is not that in doubles.
pub(crate) fn cholesky(d: usize, entry: impl Fn(usize, usize) -> f64) -> Option<Vec<Vec<f64>>> {
    let matrix = Array2::from_shape_fn((d, d), |(i, j)| entry(i, j));
    let root = matrix.cholesky(UPLO::Lower).ok()?;
    Some(root.rows().into_iter().map(|row| row.to_vec()).collect())
}

/// The solution of `matrix x = right` for a symmetric positive definite matrix, given by its rows; `None` where it is not that in doubles.
pub(crate) fn solve_positive_definite(rows: &[Vec<f64>], right: &[f64]) -> Option<Vec<f64>> {
    let matrix = Array2::from_shape_fn((rows.len(), rows.len()), |(i, j)| rows[i][j]);
    let solution = matrix.solvec(&Array1::from(right.to_vec())).ok()?;
    Some(solution.to_vec())
}

/// A symmetric positive definite matrix, factorised once for many solutions.
pub(crate) struct PositiveDefinite(CholeskyFactorized<OwnedRepr<f64>>);

impl PositiveDefinite {
    /// The matrix with these entries; `None` where it is not positive definite in doubles.
    pub fn new(d: usize, entry: impl Fn(usize, usize) -> f64) -> Option<Self> {
        let matrix = Array2::from_shape_fn((d, d), |(i, j)| entry(i, j));
        matrix.factorizec(UPLO::Lower).ok().map(Self)
    }

    /// The solution of `matrix x = right`.
    pub fn solve(&self, right: &[f64]) -> Vec<f64> {
        let right = Array1::from(right.to_vec());
        self.0.solvec(&right).expect("a factorised matrix has solutions").to_vec()
    }
}

/// The eigenvalues of a symmetric matrix with their eigenvectors, of length 1.
pub(crate) fn symmetric_eigen(
    d: usize,
    entry: impl Fn(usize, usize) -> f64,
) -> Vec<(f64, Vec<f64>)> {
    let matrix = Array2::from_shape_fn((d, d), |(i, j)| entry(i, j));
    let (values, vectors) = matrix.eigh(UPLO::Lower).expect("a symmetric matrix of finite numbers");
    let vectors = vectors.axis_iter(Axis(1)).map(|vector| vector.to_vec());
    values.to_vec().into_iter().zip(vectors).collect()
}

/// The singular values of a matrix, given by its rows, descending, with the right singular vectors: an orthonormal basis of what the rows
/// span, the most important direction first.
pub(crate) fn right_singular(rows: &[Vec<f64>]) -> Vec<(f64, Vec<f64>)> {
    let Some(first) = rows.first() else { return Vec::new() };
    let entries: Vec<f64> = rows.iter().flatten().copied().collect();
    let matrix = Array2::from_shape_vec((rows.len(), first.len()), entries)
        .expect("rows of the same length");
    let (_, values, vectors) =
        matrix.svddc(JobSvd::Some).expect("singular values of finite numbers");
    let vectors = vectors.expect("the singular vectors that were asked for");
    values.to_vec().into_iter().zip(vectors.rows().into_iter().map(|row| row.to_vec())).collect()
}
