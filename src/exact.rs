//! Exact numbers: a rational as it was written, and its nearest double.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;

/// A rational number exactly as it was written, with its nearest double at hand.
///
/// Parameters of laws and models are kept in this form, so that an interval backend can enclose "5/6" while the
/// floating-point backend pays for the rounding once, at construction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exact {
    ratio: BigRational,
    nearest: u64,
}

impl Exact {
    /// The exact value of `ratio`.
    #[must_use]
    pub fn new(ratio: BigRational) -> Self {
        let nearest = ratio.to_f64().unwrap_or(f64::NAN).to_bits();
        Self { ratio, nearest }
    }

    /// The integer `n`.
    #[must_use]
    pub fn integer(n: i64) -> Self {
        Self::new(BigRational::from_integer(BigInt::from(n)))
    }

    /// The exact value of a finite double (a dyadic rational); `None` for NaN and the infinities.
    #[must_use]
    pub fn from_f64(x: f64) -> Option<Self> {
        BigRational::from_float(x).map(Self::new)
    }

    /// The rational itself.
    #[must_use]
    pub fn ratio(&self) -> &BigRational {
        &self.ratio
    }

    /// The nearest double.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        f64::from_bits(self.nearest)
    }
}
