//! What an algorithm on the real line has to know of a law or a model besides its values: where it
//! changes, how fast, and how it grows.

use std::cmp::Ordering;

use crate::exact::Exact;
use crate::real::{Interval, Real};

/// A place where densities, posteriors or logits change, and the scale on which they do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Landmark {
    /// The place, in the units of x.
    pub at: f64,
    /// The length over which something of order one happens there, in the units of x; above 0.
    pub scale: f64,
}

impl Landmark {
    /// Keeps a landmark that is finite and has a positive scale; rounding can overflow either.
    pub(crate) fn checked(at: f64, scale: f64) -> Option<Self> {
        (at.is_finite() && scale.is_finite() && scale > 0.0).then_some(Self { at, scale })
    }
}

/// A direction on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// x -> -inf.
    Left,
    /// x -> +inf.
    Right,
}

impl Side {
    /// -1 on the left, 1 on the right.
    #[must_use]
    pub fn sign(self) -> f64 {
        match self {
            Self::Left => -1.0,
            Self::Right => 1.0,
        }
    }
}

/// The leading growth of a function at infinity: `quadratic x^2 + linear x + O(1)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Tail {
    /// The coefficient of `x^2`.
    pub quadratic: Exact,
    /// The coefficient of `x`.
    pub linear: Exact,
}

impl Tail {
    /// Of something that stays bounded.
    pub(crate) fn bounded() -> Self {
        Self { quadratic: Exact::integer(0), linear: Exact::integer(0) }
    }

    /// Which of two is larger far out on a side.
    pub(crate) fn compare(&self, other: &Self, side: Side) -> Ordering {
        let linear = match side {
            Side::Left => other.linear.cmp(&self.linear),
            Side::Right => self.linear.cmp(&other.linear),
        };
        self.quadratic.cmp(&other.quadratic).then(linear)
    }

    /// The largest of several on a side, which is how the log of a sum of their exponentials grows there.
    pub(crate) fn largest<'a>(tails: impl IntoIterator<Item = &'a Self>, side: Side) -> Self {
        let largest = tails.into_iter().max_by(|a, b| a.compare(b, side));
        largest.map_or_else(Self::bounded, Self::clone)
    }

    /// The tail of the function shifted: of `x -> f(x + by)`.
    pub(crate) fn shifted(&self, by: &Exact) -> Self {
        let twice = &self.quadratic * &Exact::integer(2);
        Self { linear: &self.linear + &(&twice * by), ..self.clone() }
    }

    /// The tail of the sum of two functions, the second one times `factor`.
    pub(crate) fn plus(&self, factor: i64, other: &Self) -> Self {
        let factor = Exact::integer(factor);
        Self {
            quadratic: &self.quadratic + &(&factor * &other.quadratic),
            linear: &self.linear + &(&factor * &other.linear),
        }
    }

    /// Whether the exponential of the function fails to decay on a side.
    pub(crate) fn stays(&self, side: Side) -> bool {
        self.compare(&Self::bounded(), side).is_ge()
    }
}

/// A parabola in the distance t >= 0 from a point outward: `value + slope t + curvature t^2`, with enclosed coefficients and an exact
/// leading one, so that leading terms that cancel do so exactly.
#[derive(Clone, Debug)]
pub(crate) struct Parabola {
    pub value: Interval,
    pub slope: Interval,
    pub curvature: Exact,
}

impl Parabola {
    /// A function that does not change.
    pub fn constant(value: Interval) -> Self {
        Self { value, slope: Interval::ZERO, curvature: Exact::integer(0) }
    }

    /// `a x^2 + b x + c` around a base, on the side of it.
    pub fn polynomial([a, b, c]: [&Exact; 3], base: Interval, side: Side) -> Self {
        let [second, first, zeroth] = [a, b, c].map(|c| Interval::ZERO.constant(c));
        let sign = Interval::point(side.sign());
        Self {
            value: (second * base + first) * base + zeroth,
            slope: sign * (Interval::point(2.0) * second * base + first),
            curvature: a.clone(),
        }
    }

    /// The sum.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            value: self.value + other.value,
            slope: self.slope + other.slope,
            curvature: &self.curvature + &other.curvature,
        }
    }

    /// The difference.
    pub fn minus(&self, other: &Self) -> Self {
        Self {
            value: self.value - other.value,
            slope: self.slope - other.slope,
            curvature: &self.curvature - &other.curvature,
        }
    }

    /// Which of two grows faster.
    pub fn growth(&self, other: &Self) -> Ordering {
        let key = |p: &Self| (p.slope.midpoint(), p.value.midpoint());
        let (a, b) = (key(self), key(other));
        self.curvature.cmp(&other.curvature).then(a.0.total_cmp(&b.0)).then(a.1.total_cmp(&b.1))
    }
}

/// Bounds of a function on the ray from a base outward: at most the largest of some parabolas, at least each of some others. The base
/// may be an interval; then they hold for every ray that begins in it.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub upper: Vec<Parabola>,
    pub lower: Vec<Parabola>,
}

impl Envelope {
    /// A function that is a parabola.
    pub fn exactly(parabola: Parabola) -> Self {
        Self { upper: vec![parabola.clone()], lower: vec![parabola] }
    }
}

/// The polynomial `a t^2 + b t + c`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Polynomial {
    pub a: f64,
    pub b: f64,
    pub c: f64,
}

impl Polynomial {
    /// The real roots as landmarks; the scale is 1 over the slope there, and at a double root the
    /// length over which the parabola rises by 1. No roots where the polynomial is constant.
    pub fn crossings(self) -> impl Iterator<Item = Landmark> {
        let Self { a, b, c } = self;
        let discriminant = b * b - 4.0 * a * c;
        // The root without cancellation first, the other one from the product of the two.
        let q = -0.5 * (b + discriminant.sqrt().copysign(b));
        let roots = if a == 0.0 {
            [-c / b, f64::NAN]
        } else if q == 0.0 {
            [0.0, f64::NAN]
        } else {
            [q / a, c / q]
        };
        roots.into_iter().filter_map(move |t| {
            let slope = (2.0 * a * t + b).abs();
            let scale = if slope > 0.0 { slope.recip() } else { a.abs().sqrt().recip() };
            Landmark::checked(t, scale)
        })
    }

    /// The extremum as a landmark, with the length over which the parabola moves by 1; none where
    /// `a = 0`.
    pub fn vertex(self) -> Option<Landmark> {
        Landmark::checked(-0.5 * self.b / self.a, self.a.abs().sqrt().recip())
    }
}

/// All unordered pairs of the entries of a slice.
pub(crate) fn pairs<T>(entries: &[T]) -> impl Iterator<Item = (&T, &T)> {
    entries.iter().enumerate().flat_map(|(i, a)| entries[i + 1..].iter().map(move |b| (a, b)))
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "values that are exact are compared exactly")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Two roots come back from their polynomial, with the slope there.
        #[test]
        fn roots_are_found(r in -10.0..10.0, s in -10.0..10.0, a in 0.1..10.0) {
            prop_assume!(f64::abs(r - s) > 1e-3);
            let polynomial = Polynomial { a, b: -a * (r + s), c: a * r * s };
            let mut found: Vec<Landmark> = polynomial.crossings().collect();
            found.sort_by(|x, y| x.at.total_cmp(&y.at));
            prop_assert_eq!(found.len(), 2);
            for (landmark, root) in found.iter().zip([f64::min(r, s), f64::max(r, s)]) {
                prop_assert!((landmark.at - root).abs() < 1e-9);
                prop_assert!((landmark.scale * a * (r - s).abs() - 1.0).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn degenerate_polynomials() {
        let landmarks = |a, b, c| {
            Polynomial { a, b, c }.crossings().map(|t| (t.at, t.scale)).collect::<Vec<_>>()
        };
        assert_eq!(landmarks(0.0, 2.0, 1.0), [(-0.5, 0.5)]);
        assert_eq!(landmarks(4.0, 0.0, 0.0), [(0.0, 0.5)]);
        assert_eq!(landmarks(1.0, 0.0, 1.0), []);
        assert_eq!(landmarks(0.0, 0.0, 1.0), []);
        assert_eq!(landmarks(0.0, 0.0, 0.0), []);
        // The small root does not drown in the large one.
        assert_eq!(landmarks(1.0, -1e9, 1.0)[1].0, 1e-9);
        assert_eq!(Polynomial { a: 0.0, b: 1.0, c: 0.0 }.vertex(), None);
        let vertex = Polynomial { a: -4.0, b: 8.0, c: 1.0 }.vertex();
        assert_eq!(vertex, Some(Landmark { at: 1.0, scale: 0.5 }));
    }
}
