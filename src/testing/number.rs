//! Exact numbers that shrink towards short decimals.

use std::ops::RangeInclusive;

use proptest::prelude::*;

use crate::exact::Exact;

/// Decimals in `[-limit, limit]` with at most three digits behind the point; they shrink by losing digits, then towards 0.
pub fn decimal(limit: u32) -> impl Strategy<Value = Exact> + Clone {
    let thousandths = 1000 * i64::from(limit);
    (0..=3_u32, -thousandths..=thousandths)
        .prop_map(|(digits, n)| written(n / 10_i64.pow(3 - digits), -digits.cast_signed()))
}

/// Numbers above 0 with one or two digits, spread over decades: `m 10^e` with `1 <= m < 10` and `e` in `exponents`. They shrink
/// towards 1 or the end of the range that is nearest to it.
pub fn magnitude(exponents: RangeInclusive<i32>) -> impl Strategy<Value = Exact> + Clone {
    (exponents, any::<bool>(), 10..=99_i64).prop_map(|(exponent, two_digits, n)| {
        if two_digits { written(n, exponent - 1) } else { written(n / 10, exponent) }
    })
}

/// `n 10^exponent`.
fn written(n: i64, exponent: i32) -> Exact {
    format!("{n}e{exponent}").parse().expect("a decimal in the range of doubles")
}

/// The numbers divided by their sum: positive rationals that sum to 1 exactly.
pub(super) fn shares(parts: &[Exact]) -> Vec<Exact> {
    let total: Exact = parts.iter().sum();
    parts.iter().map(|part| part.checked_div(&total).expect("a sum above 0")).collect()
}
