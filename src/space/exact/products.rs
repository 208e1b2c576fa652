//! Inner products of exact numbers, without rounding.

use std::collections::HashMap;

use num_bigint::{BigInt, BigUint};
use num_rational::BigRational;
use num_traits::Zero;

use crate::exact::Exact;
use crate::tolerance;

/// The sum of `a_i b_i`; `None` where it takes more than [`tolerance::EXACT_BITS`] bits.
///
/// Products of doubles are integers of 106 bits with an exponent; those of one exponent add up in 128 bits. What is no double is collected by
/// its denominator.
pub(super) fn inner<'a>(
    a: impl Iterator<Item = &'a Exact>,
    b: impl Iterator<Item = &'a Exact>,
) -> Option<Exact> {
    let mut doubles: HashMap<i32, (i128, u32)> = HashMap::new();
    let mut others: HashMap<BigInt, BigInt> = HashMap::new();
    let mut carried = BigRational::zero();
    let mut bits = 0;
    for (a, b) in a.zip(b) {
        if a.is_zero() || b.is_zero() {
            continue;
        }
        if let (Some(x), Some(y)) = (a.as_double(), b.as_double()) {
            let ((m, i), (n, j)) = (parts(x), parts(y));
            let (sum, count) = doubles.entry(i + j).or_default();
            *sum += i128::from(m) * i128::from(n);
            *count += 1;
            if *count == 1 << 20 {
                carried += scaled(*sum, i + j);
                (*sum, *count) = (0, 0);
            }
        } else {
            let product = a * b;
            let ratio = product.ratio();
            let sum = others.entry(ratio.denom().clone()).or_insert_with(|| {
                bits += ratio.denom().bits();
                BigInt::zero()
            });
            *sum += ratio.numer();
            if bits > tolerance::EXACT_BITS {
                return None;
            }
        }
    }
    let doubles = doubles.into_iter().map(|(exponent, (sum, _))| scaled(sum, exponent));
    let others = others.into_iter().map(|(denominator, sum)| BigRational::new(sum, denominator));
    let sum = doubles.chain(others).fold(carried, |sum, term| sum + term);
    let fits = sum.numer().bits() + sum.denom().bits() <= tolerance::EXACT_BITS;
    fits.then(|| Exact::new(sum))
}

/// A double as an integer times a power of two.
fn parts(x: f64) -> (i64, i32) {
    let bits = x.to_bits();
    let fraction = i64::try_from(bits & ((1 << 52) - 1)).unwrap_or(0);
    let exponent = i32::try_from(bits >> 52 & 0x7ff).unwrap_or(0);
    let (m, e) =
        if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    (if bits >> 63 == 1 { -m } else { m }, e)
}

fn scaled(sum: i128, exponent: i32) -> BigRational {
    let power = BigInt::from(BigUint::from(1_u8) << exponent.unsigned_abs());
    if exponent >= 0 {
        BigRational::from_integer(BigInt::from(sum) * power)
    } else {
        BigRational::new(BigInt::from(sum), power)
    }
}

/// A rational at most the root of a positive one and within `2^-190` of it, relative; and whether it is the root itself.
pub(super) fn root_below(square: &Exact) -> (Exact, bool) {
    let ratio = square.ratio();
    let (n, d) = (ratio.numer().magnitude(), ratio.denom().magnitude());
    let (root_n, root_d) = (n.sqrt(), d.sqrt());
    if &root_n * &root_n == *n && &root_d * &root_d == *d {
        return (Exact::new(BigRational::new(root_n.into(), root_d.into())), true);
    }
    // floor( sqrt(n 4^s / d) ) / 2^s, s being large enough for 200 bits.
    let shift = 200 + d.bits().saturating_sub(n.bits()) / 2;
    let root = ((n << (2 * shift)) / d).sqrt();
    (Exact::new(BigRational::new(root.into(), (BigUint::from(1_u8) << shift).into())), false)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn inner_products_are_exact(
            doubles in prop::collection::vec((any::<f64>(), -1e3..1e3_f64), 0..12),
            fractions in prop::collection::vec((-50_i64..50, 1_i64..20, any::<f32>()), 0..12),
        ) {
            let finite = |x: f64| Exact::from_f64(if x.is_finite() { x } else { 0.0 }).unwrap();
            let fraction = |n: i64, d: i64| format!("{n}/{d}").parse::<Exact>().unwrap();
            let mut pairs: Vec<(Exact, Exact)> = doubles.iter().map(|(x, y)| (finite(*x), finite(*y))).collect();
            pairs.extend(fractions.iter().map(|(n, d, x)| (fraction(*n, *d), finite(f64::from(*x)))));
            let expected = pairs.iter().fold(Exact::integer(0), |sum, (a, b)| &sum + &(a * b));
            let found = inner(pairs.iter().map(|p| &p.0), pairs.iter().map(|p| &p.1));
            prop_assert_eq!(found, Some(expected));
        }

        #[test]
        fn roots_are_just_below(n in 1_i64.., d in 1_i64..) {
            let square = format!("{n}/{d}").parse::<Exact>().unwrap();
            let (root, exact) = root_below(&square);
            prop_assert!(&root * &root <= square);
            prop_assert_eq!(exact, &root * &root == square);
            let above = &root * &"1.0000000000000000000000000000000000000000000000000001".parse().unwrap();
            prop_assert!(&above * &above > square);
            let twice = root_below(&(&square * &square));
            prop_assert_eq!(twice, (square, true));
        }
    }
}
