//! Numbers and lists in Coq's notation.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Signed;

use crate::exact::Exact;

/// An exact number, in parentheses where it is not a bare positive decimal.
pub fn number(x: &Exact) -> String {
    let text = x.to_string();
    if x.is_negative() || text.contains('/') { format!("({text})") } else { text }
}

/// `[a; b; ..]`.
pub fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join("; "))
}

/// The exact number nearest to `x` with this many decimals.
///
/// # Panics
/// For an `x` that is not finite.
pub fn rounded(x: f64, decimals: usize) -> Exact {
    format!("{x:.decimals$}").parse().unwrap_or_else(|_| Exact::integer(0))
}

/// The largest number with one significant decimal digit that is at most `x`.
///
/// # Panics
/// For an `x` that is not positive.
pub fn below(x: &Exact) -> Exact {
    let ten = BigRational::from_integer(BigInt::from(10));
    let mut unit = BigRational::from_integer(BigInt::from(1));
    assert!(x.ratio().is_positive(), "a width is positive");
    while unit > *x.ratio() {
        unit /= &ten;
    }
    while &unit * &ten <= *x.ratio() {
        unit *= &ten;
    }
    Exact::new((&*x.ratio() / &unit).floor() * unit)
}
