//! Exact numbers: a rational as it was written, and its nearest double.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Mul, Neg, Sub};
use std::str::FromStr;
use std::sync::Arc;

use num_bigint::{BigInt, BigUint};
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

use crate::error::Error;
use crate::tolerance;

/// The largest decimal exponent that is read; far outside what a double holds, and small enough to
/// be harmless.
const LARGEST_EXPONENT: i64 = 5_000;

/// A rational number exactly as it was written, with its nearest double at hand.
///
/// Parameters of laws and models are kept in this form, so that an interval backend can enclose
/// "5/6" while the floating-point backend pays for the rounding once, at construction.
///
/// It is read from an integer, a decimal, or a fraction of the two, and never passes through a
/// double on the way:
///
/// ```
/// use score_workbench::exact::Exact;
/// let prior: Exact = "5/6".parse()?;
/// assert_eq!(prior.to_f64(), 5.0 / 6.0);
/// assert_eq!("0.1".parse::<Exact>()?, "1e-1".parse()?);
/// assert_eq!("0.1/3".parse::<Exact>()?.to_string(), "1/30");
/// assert_eq!("-1.50".parse::<Exact>()?.to_string(), "-1.5");
/// assert!("1/0".parse::<Exact>().is_err() && "nan".parse::<Exact>().is_err());
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Exact(Form);

/// A number that is a double is kept as one, whichever way it was made: a million weights from a file take no more room than they need, and
/// two equal numbers have equal forms.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Form {
    /// The bits of a finite double; 0 without a sign.
    Double(u64),
    /// A rational that is no double, and the bits of the nearest one.
    Ratio(Arc<(BigRational, u64)>),
}

impl Exact {
    /// The exact value of `ratio`.
    #[must_use]
    pub fn new(ratio: BigRational) -> Self {
        let nearest = nearest(&ratio);
        let denominator = ratio.denom().magnitude();
        let is_dyadic = denominator.trailing_zeros().unwrap_or(0) + 1 == denominator.bits();
        match Self::from_f64(nearest) {
            Some(double) if is_dyadic && *double.ratio() == ratio => double,
            _ => Self(Form::Ratio(Arc::new((ratio, nearest.to_bits())))),
        }
    }

    /// The integer `n`.
    #[must_use]
    pub fn integer(n: i64) -> Self {
        Self::new(BigRational::from_integer(BigInt::from(n)))
    }

    /// The exact value of a finite double (a dyadic rational); `None` for NaN and the infinities.
    #[must_use]
    pub fn from_f64(x: f64) -> Option<Self> {
        // -0 + 0 is 0.
        x.is_finite().then(|| Self(Form::Double((x + 0.0).to_bits())))
    }

    /// The rational itself.
    #[must_use]
    pub fn ratio(&self) -> Cow<'_, BigRational> {
        match &self.0 {
            Form::Double(bits) => {
                let ratio = BigRational::from_float(f64::from_bits(*bits));
                Cow::Owned(ratio.unwrap_or_else(BigRational::zero))
            }
            Form::Ratio(both) => Cow::Borrowed(&both.0),
        }
    }

    /// The number as a double, where it is one.
    pub(crate) fn as_double(&self) -> Option<f64> {
        match &self.0 {
            Form::Double(bits) => Some(f64::from_bits(*bits)),
            Form::Ratio(_) => None,
        }
    }

    /// The nearest double, ties to even.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Form::Double(bits) => f64::from_bits(*bits),
            Form::Ratio(both) => f64::from_bits(both.1),
        }
    }

    /// Whether this is 0.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0 == Form::Double(0)
    }

    /// Whether this is above 0.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        match &self.0 {
            Form::Double(bits) => f64::from_bits(*bits) > 0.0,
            Form::Ratio(both) => both.0.is_positive(),
        }
    }

    /// Whether this is below 0.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Form::Double(bits) => f64::from_bits(*bits) < 0.0,
            Form::Ratio(both) => both.0.is_negative(),
        }
    }

    /// The absolute value.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.is_negative() { -self } else { self.clone() }
    }

    /// `self / divisor`; `None` where the divisor is 0.
    #[must_use]
    pub fn checked_div(&self, divisor: &Self) -> Option<Self> {
        (!divisor.is_zero()).then(|| Self::new(&*self.ratio() / &*divisor.ratio()))
    }
}

/// The double nearest to `ratio`, ties to even, subnormals included; infinite beyond the largest
/// double.
fn nearest(ratio: &BigRational) -> f64 {
    if ratio.is_zero() {
        return 0.0;
    }
    let (n, d) = (ratio.numer().magnitude(), ratio.denom().magnitude());
    let bits = |x: &BigUint| i64::try_from(x.bits()).unwrap_or(i64::MAX);
    // A quotient of 65 to 67 bits: |ratio| = (quotient + fraction) 2^-shift.
    let shift = 66 - (bits(n) - bits(d));
    let scaled = |x: &BigUint, by: i64| x << u64::try_from(by).unwrap_or(0);
    let (n, d) = (scaled(n, shift), scaled(d, -shift));
    let quotient = &n / &d;
    let inexact = &quotient * &d != n;
    let quotient = quotient.to_u128().unwrap_or(u128::MAX);
    let width = 128 - i64::from(quotient.leading_zeros());
    // The last place of a double has 53 bits above it, and is never below 2^-1074.
    let dropped = (width - 53).max(shift - 1074);
    if dropped > width {
        return if ratio.is_negative() { -0.0 } else { 0.0 };
    }
    let kept = quotient >> dropped;
    let (rest, half) = (quotient - (kept << dropped), 1_u128 << (dropped - 1));
    let up = match rest.cmp(&half) {
        Ordering::Less => false,
        Ordering::Equal => inexact || kept % 2 == 1,
        Ordering::Greater => true,
    };
    // At most 2^53, so exact; and so is its product with a power of two unless that overflows.
    #[allow(clippy::cast_precision_loss)]
    let significand = (kept + u128::from(up)) as f64;
    let magnitude = match dropped - shift {
        exponent @ ..=-1023 => significand * f64::from_bits(1 << (exponent + 1074)),
        exponent @ -1022..=971 => {
            significand * f64::from_bits(u64::try_from(exponent + 1023).unwrap_or(0) << 52)
        }
        _ => f64::INFINITY,
    };
    if ratio.is_negative() { -magnitude } else { magnitude }
}

impl FromStr for Exact {
    type Err = Error;

    /// Reads an integer, a decimal or a fraction of the two: `4`, `-1.5`, `1e-3`, `5/6`, `0.1/3`.
    ///
    /// # Errors
    /// [`Error::NotANumber`], [`Error::ZeroDenominator`], and [`Error::OutOfRange`] for a number
    /// whose nearest double would be infinite, or 0 although the number is not.
    fn from_str(text: &str) -> Result<Self, Error> {
        let ratio = match text.split_once('/') {
            None => decimal(text, text)?,
            Some((numerator, denominator)) => {
                let (n, d) = (decimal(numerator, text)?, decimal(denominator, text)?);
                if d.is_zero() {
                    return Err(Error::ZeroDenominator { found: abridged(text) });
                }
                n / d
            }
        };
        let exact = Self::new(ratio);
        let representable =
            exact.to_f64().is_finite() && (exact.to_f64() != 0.0 || exact.is_zero());
        if representable { Ok(exact) } else { Err(Error::OutOfRange { found: abridged(text) }) }
    }
}

/// The value of a decimal that is the whole or a part of `text`.
fn decimal(part: &str, text: &str) -> Result<BigRational, Error> {
    let not_a_number = || Error::NotANumber { found: abridged(text) };
    let only_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let (digits, exponent) = part.split_once(['e', 'E']).unwrap_or((part, "0"));
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let significand = [whole, fraction].concat();
    if !only_digits(&significand)
        || !only_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
    {
        return Err(not_a_number());
    }
    let significand: BigInt = significand.parse().map_err(|_| not_a_number())?;
    let exponent = exponent.parse().ok().filter(|e: &i64| e.abs() <= LARGEST_EXPONENT);
    let exponent = exponent.ok_or_else(|| Error::OutOfRange { found: abridged(text) })?;
    let power = |e: i64| BigInt::from(10).pow(u32::try_from(e).unwrap_or(0));
    let places = exponent - i64::try_from(fraction.len()).map_err(|_| not_a_number())?;
    let magnitude = BigRational::new(significand * power(places), power(-places));
    Ok(if digits.starts_with('-') { -magnitude } else { magnitude })
}

/// The start of a text that may be too long for a message.
fn abridged(text: &str) -> String {
    let mut start: String = text.chars().take(40).collect();
    if start.len() < text.len() {
        start.push_str("..");
    }
    start
}

/// A terminating decimal as a decimal, anything else as a fraction; it reads back to the same
/// number.
impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let ratio = self.ratio();
        let mut rest = ratio.denom().magnitude().clone();
        let twos = rest.trailing_zeros().unwrap_or(0);
        rest >>= twos;
        let mut fives = 0;
        let five = BigUint::from(5_u8);
        while (&rest % &five).is_zero() {
            rest /= &five;
            fives += 1;
        }
        if rest != BigUint::from(1_u8) {
            return write!(f, "{}/{}", ratio.numer(), ratio.denom());
        }
        let places = twos.max(fives);
        let scale = BigInt::from(10).pow(u32::try_from(places).unwrap_or(u32::MAX));
        let digits = (ratio.numer() * scale / ratio.denom()).magnitude().to_string();
        let places = usize::try_from(places).unwrap_or(usize::MAX);
        let digits = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        let sign = if self.is_negative() { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{fraction}")
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Form::Double(a), Form::Double(b)) => f64::from_bits(*a).total_cmp(&f64::from_bits(*b)),
            _ => self.ratio().cmp(&other.ratio()),
        }
    }
}

/// The sum of two doubles, where it is one: where nothing is left of it (Knuth).
fn exact_sum(a: &Exact, b: Option<f64>) -> Option<Exact> {
    let (a, b) = (a.as_double()?, b?);
    let sum = a + b;
    let second = sum - a;
    let left = (a - (sum - second)) + (b - second);
    if left == 0.0 { Exact::from_f64(sum) } else { None }
}

/// The product of two doubles, where it is one. Far above the smallest doubles what is left of it is a double, too.
fn exact_product(a: &Exact, b: &Exact) -> Option<Exact> {
    const LEAST: f64 = 1e-280;
    let (a, b) = (a.as_double()?, b.as_double()?);
    let product = a * b;
    let is_exact = product.abs() > LEAST && a.mul_add(b, -product) == 0.0;
    if is_exact || a == 0.0 || b == 0.0 { Exact::from_f64(product) } else { None }
}

impl Add for &Exact {
    type Output = Exact;
    fn add(self, other: Self) -> Exact {
        exact_sum(self, other.as_double())
            .unwrap_or_else(|| Exact::new(&*self.ratio() + &*other.ratio()))
    }
}

impl Sub for &Exact {
    type Output = Exact;
    fn sub(self, other: Self) -> Exact {
        exact_sum(self, other.as_double().map(|other| -other))
            .unwrap_or_else(|| Exact::new(&*self.ratio() - &*other.ratio()))
    }
}

impl Mul for &Exact {
    type Output = Exact;
    fn mul(self, other: Self) -> Exact {
        exact_product(self, other).unwrap_or_else(|| Exact::new(&*self.ratio() * &*other.ratio()))
    }
}

impl Neg for &Exact {
    type Output = Exact;
    fn neg(self) -> Exact {
        match &self.0 {
            // 0 - 0 is 0, not -0.
            Form::Double(bits) => Exact(Form::Double((0.0 - f64::from_bits(*bits)).to_bits())),
            Form::Ratio(_) => Exact::new(-&*self.ratio()),
        }
    }
}

impl<'a> Sum<&'a Exact> for Exact {
    fn sum<I: Iterator<Item = &'a Exact>>(terms: I) -> Self {
        Self::new(terms.fold(BigRational::zero(), |sum, term| sum + &*term.ratio()))
    }
}

/// `values` if they sum to 1 exactly; divided by their sum, with a note that says so, if they sum
/// to 1 within [`tolerance::SUM`].
///
/// # Errors
/// [`Error::SumNotOne`].
pub(crate) fn normalised(
    what: &'static str,
    values: Vec<Exact>,
) -> Result<(Vec<Exact>, Option<String>), Error> {
    let sum: Exact = values.iter().sum();
    let excess = &sum - &Exact::integer(1);
    if excess.is_zero() {
        return Ok((values, None));
    }
    if excess.to_f64().abs() > tolerance::SUM {
        return Err(Error::SumNotOne { what, found: sum });
    }
    let gap = excess.abs().to_f64();
    let note = format!("the {what} sum to 1 only within {gap:.1e}; they were renormalised");
    let values = values.iter().map(|value| Exact::new(&*value.ratio() / &*sum.ratio())).collect();
    Ok((values, Some(note)))
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "values that are exact are compared exactly")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exact(text: &str) -> Exact {
        text.parse().unwrap()
    }

    proptest! {
        /// The nearest double is the one that the standard library reads, over all magnitudes and
        /// lengths.
        #[test]
        fn nearest_double_is_correctly_rounded(
            text in r"-?[0-9]{1,25}(\.[0-9]{0,25})?(e-?(3[0-3][0-9]|[0-2]?[0-9]{1,2}))?"
        ) {
            let expected: f64 = text.parse().unwrap();
            match text.parse::<Exact>() {
                Ok(found) => prop_assert_eq!(found.to_f64(), expected),
                Err(error) => {
                    let out_of_range = matches!(error, Error::OutOfRange { .. });
                    prop_assert!(out_of_range);
                    prop_assert!(expected.is_infinite() || expected == 0.0);
                }
            }
        }

        /// Ties and their neighbours: halfway between two doubles, and a hair beside it.
        #[test]
        fn ties_go_to_even(bits in 1_u64..0x7fe0_0000_0000_0000) {
            let (below, above) = (f64::from_bits(bits), f64::from_bits(bits + 1));
            let half = Exact::new(BigRational::new(1.into(), 2.into()));
            let of = |x| Exact::from_f64(x).unwrap();
            let middle = &(&of(below) + &of(above)) * &half;
            prop_assert_eq!(middle.to_f64(), if bits % 2 == 0 { below } else { above });
            let hair = &(&of(above) - &of(below)) * &exact("1e-40");
            prop_assert_eq!((&middle - &hair).to_f64(), below);
            prop_assert_eq!((&middle + &hair).to_f64(), above);
            prop_assert_eq!((-&(&middle + &hair)).to_f64(), -above);
        }

        #[test]
        fn doubles_survive(x in any::<f64>().prop_filter("finite", |x| x.is_finite())) {
            let exact = Exact::from_f64(x).unwrap();
            prop_assert_eq!(exact.to_f64(), x);
            prop_assert_eq!(exact.to_string().parse::<Exact>().unwrap(), exact);
        }

        /// The short cuts for doubles say what rational arithmetic says.
        #[test]
        fn doubles_are_added_and_multiplied_exactly(
            x in any::<f64>().prop_filter("finite", |x| x.is_finite()),
            y in any::<f64>().prop_filter("finite", |y| y.is_finite()),
            m in -1000_i32..1000,
            n in -1000_i32..1000,
            e in -1074_i32..900,
        ) {
            let scale = 2f64.powi(e);
            for (x, y) in [(x, y), (f64::from(m) * scale, f64::from(n) * scale), (f64::from(m), x)] {
                let (a, b) = (Exact::from_f64(x).unwrap(), Exact::from_f64(y).unwrap());
                prop_assert_eq!(&a + &b, Exact::new(&*a.ratio() + &*b.ratio()));
                prop_assert_eq!(&a - &b, Exact::new(&*a.ratio() - &*b.ratio()));
                prop_assert_eq!(&a * &b, Exact::new(&*a.ratio() * &*b.ratio()));
            }
        }

        #[test]
        fn display_reads_back(n in any::<i64>(), d in 1_i64..) {
            let exact = Exact::new(BigRational::new(n.into(), d.into()));
            prop_assert_eq!(exact.to_string().parse::<Exact>().unwrap(), exact);
        }

        /// No text makes the reader panic, and what it refuses is refused with one of its errors.
        #[test]
        fn any_text_is_read_or_refused(text in r"[-+0-9./eE]{0,12}|\PC{0,8}") {
            if let Err(error) = text.parse::<Exact>() {
                let named = matches!(
                    error,
                    Error::NotANumber { .. }
                        | Error::ZeroDenominator { .. }
                        | Error::OutOfRange { .. }
                );
                prop_assert!(named);
            }
        }
    }

    #[test]
    fn what_is_written_is_kept() {
        let tenth = exact("0.1");
        assert_eq!(*tenth.ratio(), BigRational::new(1.into(), 10.into()));
        assert_ne!(Some(tenth), Exact::from_f64(0.1));
        assert_eq!(*exact("8/255").ratio(), BigRational::new(8.into(), 255.into()));
        assert_eq!(exact("0.1/0.3"), exact("1/3"));
        assert_eq!(exact("-2e3"), Exact::integer(-2000));
        assert!(exact("1/3") < exact("0.33333333333333333333334"));
        assert_eq!(exact("1/3").to_f64(), 1.0 / 3.0);
    }

    /// Whichever way a number was made: a rational that is a double is one.
    #[test]
    fn equal_numbers_have_equal_forms() {
        let half = Exact::new(BigRational::new(1.into(), 2.into()));
        assert_eq!(Some(half.clone()), Exact::from_f64(0.5));
        assert_eq!(half.as_double(), Some(0.5));
        assert_eq!(exact("0.1").as_double(), None);
        assert_eq!(exact("9007199254740993").as_double(), None, "2^53 + 1");
        assert_eq!(Exact::from_f64(-0.0), Some(Exact::integer(0)));
        assert_eq!(-&Exact::integer(0), Exact::integer(0));
        assert!(size_of::<Exact>() <= 16);
    }

    #[test]
    fn displays_decimals_as_decimals() {
        let pairs =
            [("1e-3", "0.001"), ("25/10", "2.5"), ("-1/3", "-1/3"), ("1e3", "1000"), ("0", "0")];
        for (text, shown) in pairs {
            assert_eq!(exact(text).to_string(), shown);
        }
    }

    #[test]
    fn refuses_what_is_no_number() {
        let refused =
            ["", "-", ".", "nan", "inf", "1/", "/2", "1/2/3", "1e", "1e+", "0x10", "1 2", "--1"];
        for text in refused {
            assert_eq!(text.parse::<Exact>(), Err(Error::NotANumber { found: text.into() }));
        }
        for text in ["1/0", "0.5/0.0"] {
            assert_eq!(text.parse::<Exact>(), Err(Error::ZeroDenominator { found: text.into() }));
        }
        for text in ["1e999999", "1e-999999", "1e309", "-1e400", "1e-400", "1e99999999999999999999"]
        {
            assert_eq!(text.parse::<Exact>(), Err(Error::OutOfRange { found: text.into() }));
        }
        assert_eq!(exact("1e-400/1e-399").to_f64(), 0.1);
    }

    #[test]
    fn sums_of_one_are_kept_and_near_sums_renormalised() {
        let of = |texts: &[&str]| normalised("priors", texts.iter().map(|t| exact(t)).collect());
        let (thirds, note) = of(&["1/3"; 3]).unwrap();
        assert_eq!((thirds[0].clone(), note), (exact("1/3"), None));
        assert_eq!(of(&["0.333333333333", "0.333333333333", "0.333333333334"]).unwrap().1, None);
        let (near, note) = of(&["0.3333333333333"; 3]).unwrap();
        assert_eq!(near[0], exact("1/3"));
        assert!(note.unwrap().contains("renormalised"));
        assert!(of(&["0.5", "0.500000000001"]).is_ok());
        assert_eq!(
            of(&["0.5", "0.4"]),
            Err(Error::SumNotOne { what: "priors", found: exact("0.9") })
        );
    }
}
