//! The roundings that every bound goes through.
//!
//! The processor rounds to nearest, always: a bound is moved outward afterwards. In the crate's own tests each place that rounds can
//! be made to do it wrongly, to see that the checks notice.

#[cfg(test)]
pub(super) mod mutation;

/// A double below `x`: the largest one, or for tiny numbers nearly that.
#[inline]
#[cfg_attr(test, track_caller)]
pub(super) fn below(x: f64) -> f64 {
    rounded(x, f64::next_down, f64::next_up)
}

/// A double above `x`: the smallest one, or for tiny numbers nearly that.
#[inline]
#[cfg_attr(test, track_caller)]
pub(super) fn above(x: f64) -> f64 {
    rounded(x, f64::next_up, f64::next_down)
}

/// As [`below`], for finite numbers only, without a branch.
#[inline]
#[cfg_attr(test, track_caller)]
pub(super) fn below_finite(x: f64) -> f64 {
    rounded(x, |x| x - step(x), |x| x + step(x))
}

/// As [`above`], for finite numbers only, without a branch.
#[inline]
#[cfg_attr(test, track_caller)]
pub(super) fn above_finite(x: f64) -> f64 {
    rounded(x, |x| x + step(x), |x| x - step(x))
}

/// So much that `x - step(x)`, rounded to nearest, is below `x` by one unit in the last place; by at most two where |x| < 2^-969.
/// Rump, Zimmermann, Boldo and Melquiond, *Computing predecessor and successor in rounding to nearest*, BIT 49 (2009), algorithm 2.
#[inline]
fn step(x: f64) -> f64 {
    // (1 + 2^-52) 2^-53, and the smallest double above 0.
    const SHARE: f64 = (1.0 + f64::EPSILON) * 0.5 * f64::EPSILON;
    const LEAST: f64 = f64::from_bits(1);
    x.abs() * SHARE + LEAST
}

/// `a + b`, rounded down: the sign of the exact error (Knuth's two-sum) says whether rounding went up.
#[inline]
#[cfg_attr(test, track_caller)]
pub(super) fn add_down(a: f64, b: f64) -> f64 {
    let (sum, error) = two_sum(a, b);
    if error < 0.0 {
        below(sum)
    } else if error >= 0.0 {
        sum
    } else {
        without_error(a, b, sum).0
    }
}

/// `a + b`, rounded up.
#[inline]
#[cfg_attr(test, track_caller)]
pub(super) fn add_up(a: f64, b: f64) -> f64 {
    let (sum, error) = two_sum(a, b);
    if error > 0.0 {
        above(sum)
    } else if error <= 0.0 {
        sum
    } else {
        without_error(a, b, sum).1
    }
}

#[inline]
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

/// Bounds of `a + b` where the error of the sum is no number: an operand is infinite, or the sum is beyond the doubles.
#[cold]
#[cfg_attr(test, track_caller)]
fn without_error(a: f64, b: f64, sum: f64) -> (f64, f64) {
    if sum.is_nan() {
        (f64::NEG_INFINITY, f64::INFINITY)
    } else if a.is_infinite() || b.is_infinite() {
        (sum, sum)
    } else {
        (below(sum), above(sum))
    }
}

#[cfg(not(test))]
#[inline]
fn rounded(x: f64, right: impl Fn(f64) -> f64, _wrong: impl Fn(f64) -> f64) -> f64 {
    right(x)
}

/// `right(x)`, or what the mutant under test makes of it.
#[cfg(test)]
#[track_caller]
fn rounded(x: f64, right: impl Fn(f64) -> f64, wrong: impl Fn(f64) -> f64) -> f64 {
    match mutation::here() {
        None => right(x),
        Some(mutation::Change::Dropped) => x,
        Some(mutation::Change::Flipped) => wrong(x),
    }
}
