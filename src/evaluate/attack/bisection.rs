//! Bisection over sorted columns, in every row at once. The projections of APGD and FAB are piecewise linear in one unknown, and look for its piece so.

use tch::{Kind, Tensor};

/// The entry of each row `[N, D]` in its column `[N]`.
pub(super) fn at(table: &Tensor, column: &Tensor) -> Tensor {
    table.gather(1, &column.unsqueeze(1), false).squeeze_dim(1)
}

/// The last column at which `holds` (a condition that holds up to some column), for each row: between 0 and `last`, by as many halvings as `columns`
/// columns take. 0 where it holds nowhere.
pub(super) fn last_where(
    like: &Tensor,
    last: i64,
    columns: i64,
    holds: impl Fn(&Tensor) -> Tensor,
) -> Tensor {
    let options = (Kind::Int64, like.device());
    let mut low = Tensor::zeros(like.size(), options);
    let mut high = Tensor::full(like.size(), last, options);
    for _ in 0..halvings(columns) {
        let middle = (&low + &high).divide_scalar_mode(2, "floor");
        let below = holds(&middle);
        low = middle.where_self(&below, &low);
        high = high.where_self(&below, &middle);
    }
    low
}

/// `ceil(log2(columns))`.
fn halvings(columns: i64) -> u32 {
    columns.unsigned_abs().next_power_of_two().trailing_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_finds_its_own_column() {
        let table = Tensor::from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 5.0, 5.0]).view([2, 4]);
        let limit = Tensor::from_slice(&[3.5, 0.0]);
        let found = last_where(&limit, 3, 4, |m| at(&table, m).lt_tensor(&limit));
        assert_eq!(Vec::<i64>::try_from(found).unwrap(), [2, 0]);
        assert_eq!([1, 2, 3, 784, 1024, 1025].map(halvings), [0, 1, 2, 10, 10, 11]);
    }
}
