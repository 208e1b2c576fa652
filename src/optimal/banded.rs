//! Symmetric positive definite matrices with few diagonals.

/// A symmetric matrix, its lower triangle by rows: the entry `(i, j)` for `i - width <= j <= i`.
#[derive(Clone, Debug)]
pub struct Banded {
    width: usize,
    rows: Vec<f64>,
}

impl Banded {
    /// The zero matrix of this size, with `width` diagonals below the main one.
    pub fn zero(size: usize, width: usize) -> Self {
        Self { width, rows: vec![0.0; size * (width + 1)] }
    }

    fn size(&self) -> usize {
        self.rows.len() / (self.width + 1)
    }

    /// The entries `(i, j)` for `j` from `first` to `i`.
    pub fn row_mut(&mut self, i: usize, first: usize) -> &mut [f64] {
        let end = (i + 1) * (self.width + 1);
        &mut self.rows[end - 1 - (i - first)..end]
    }

    fn row(&self, i: usize, first: usize) -> &[f64] {
        let end = (i + 1) * (self.width + 1);
        &self.rows[end - 1 - (i - first)..end]
    }

    /// Solves `A x = b` by Cholesky's decomposition of the matrix scaled to a unit diagonal plus `ridge`. Unknowns whose diagonal is not
    /// above 0 stay 0.
    pub fn solve(mut self, b: &[f64], ridge: f64) -> Vec<f64> {
        let size = self.size();
        let diagonal = |i: usize| self.rows[(i + 1) * (self.width + 1) - 1];
        let inverse_root = |d: f64| if d > 0.0 { d.sqrt().recip() } else { 0.0 };
        let scale: Vec<f64> = (0..size).map(|i| inverse_root(diagonal(i))).collect();
        for i in 0..size {
            let first = i.saturating_sub(self.width);
            let row = self.row_mut(i, first);
            for (entry, s) in row.iter_mut().zip(&scale[first..=i]) {
                *entry *= s * scale[i];
            }
            let last = row.len() - 1;
            row[last] = 1.0 + ridge;
        }
        for i in 0..size {
            let first = i.saturating_sub(self.width);
            for j in first..=i {
                let below = first.max(j.saturating_sub(self.width));
                let (a, c) = (self.row(i, below), self.row(j, below));
                let dot: f64 = a.iter().zip(&c[..c.len() - 1]).map(|(a, c)| a * c).sum();
                let rest = a[j - below] - dot;
                let value = if i == j { rest.max(ridge).sqrt() } else { rest / c[c.len() - 1] };
                self.row_mut(i, first)[j - first] = value;
            }
        }
        let mut x: Vec<f64> = b.iter().zip(&scale).map(|(b, s)| b * s).collect();
        for i in 0..size {
            let first = i.saturating_sub(self.width);
            let (last, row) = self.row(i, first).split_last().expect("a row has its diagonal");
            let dot: f64 = row.iter().zip(&x[first..i]).map(|(l, x)| l * x).sum();
            x[i] = (x[i] - dot) / last;
        }
        for i in (0..size).rev() {
            let first = i.saturating_sub(self.width);
            let (last, row) = self.row(i, first).split_last().expect("a row has its diagonal");
            let value = x[i] / last;
            x[i] = value;
            for (x, l) in x[first..i].iter_mut().zip(row) {
                *x -= l * value;
            }
        }
        x.iter().zip(&scale).map(|(x, s)| x * s).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banded_system_is_solved() {
        // Entries of sizes from 1e-9 to 1e9 on the diagonal: only the scaled matrix is well-conditioned.
        let (size, width) = (12, 3);
        let size_of = |i: usize| 10f64.powi(3 * (i32::try_from(i % 7).unwrap() - 3));
        let entry = |i: usize, j: usize| {
            let unit = if i == j { 4.0 } else { 1.0 / (1.0 + i.abs_diff(j) as f64) };
            unit * (size_of(i) * size_of(j)).sqrt()
        };
        let mut matrix = Banded::zero(size, width);
        for i in 0..size {
            let first = i.saturating_sub(width);
            for (j, slot) in (first..).zip(matrix.row_mut(i, first)) {
                *slot = entry(i, j);
            }
        }
        let x: Vec<f64> = (0..size).map(|i| (i as f64 - 5.0) / size_of(i).sqrt()).collect();
        let near = |i: usize, j: usize| i.abs_diff(j) <= width;
        let b: Vec<f64> = (0..size)
            .map(|i| (0..size).filter(|&j| near(i, j)).map(|j| entry(i, j) * x[j]).sum())
            .collect();
        for (i, found) in matrix.solve(&b, 0.0).iter().enumerate() {
            assert!((found - x[i]).abs() * size_of(i).sqrt() < 1e-13, "{i}: {found} {}", x[i]);
        }
    }
}
