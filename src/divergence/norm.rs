//! Norms of the difference of two label distributions, and the squared error.
//!
//! All of them are symmetric, convex in each argument and at most their value at two different corners of the simplex.
//! A difference of two label distributions sums to zero, which makes `linf <= l1 / 2` and `l2 <= l1 / sqrt 2`; their
//! bounds by KL follow from those of l1.

use super::{Bound, Convexity, Facts, Inequality, Scale, Triangle};
use crate::real::Real;
use crate::simplex::{Classes, Simplex};

/// `sum_k |p_k - q_k|`, in `[0, 2]`.
pub fn l1<C: Classes>(p: &Simplex<C>, q: &Simplex<C>) -> C::Total {
    p.zip(q, |a, b| Real::difference(a, b).abs()).sum()
}

/// `(1/2) sum_k |p_k - q_k|`, in `[0, 1]`: the largest difference of the probabilities of one event.
pub fn total_variation<C: Classes>(p: &Simplex<C>, q: &Simplex<C>) -> C::Total {
    let l1 = l1(p, q);
    let two = l1.int(2);
    l1 / two
}

/// `(sum_k (p_k - q_k)^2)^(1/2)`, in `[0, sqrt 2]`.
pub fn l2<C: Classes>(p: &Simplex<C>, q: &Simplex<C>) -> C::Total {
    squared_error(p, q).sqrt()
}

/// `max_k |p_k - q_k|`, in `[0, 1]`.
pub fn linf<C: Classes>(p: &Simplex<C>, q: &Simplex<C>) -> C::Total {
    p.zip(q, |a, b| Real::difference(a, b).abs()).max()
}

/// `sum_k (p_k - q_k)^2`, in `[0, 2]`: the Brier score's divergence, and the squared error (LSE) that SCORE trains with.
pub fn squared_error<C: Classes>(p: &Simplex<C>, q: &Simplex<C>) -> C::Total {
    p.zip(q, |a, b| Real::difference(a, b).square()).sum()
}

const fn pinsker(numerator: i32, denominator: i32) -> Bound {
    Bound { inequality: Inequality::Pinsker, scale: Scale(numerator, denominator) }
}

const fn bretagnolle_huber(numerator: i32, denominator: i32) -> Bound {
    Bound { inequality: Inequality::BretagnolleHuber, scale: Scale(numerator, denominator) }
}

/// The facts about [`l1`].
pub const L1: Facts = Facts {
    name: "l1",
    formula: "sum_k |a_k - b_k|",
    tex: r"\sum_k |a_k - b_k|",
    triangle: Triangle::Metric,
    convexity: Convexity::Norm,
    bounds: &[pinsker(2, 1), bretagnolle_huber(4, 1)],
    diameter: Some(2.0),
    source: "Pinsker 1964, with the constant of Csiszar and of Kullback 1967; Bretagnolle and Huber 1979",
};

/// The facts about [`total_variation`].
pub const TOTAL_VARIATION: Facts = Facts {
    name: "total-variation",
    formula: "(1/2) sum_k |a_k - b_k|",
    tex: r"\tfrac12 \sum_k |a_k - b_k|",
    triangle: Triangle::Metric,
    convexity: Convexity::Norm,
    bounds: &[pinsker(1, 2), bretagnolle_huber(1, 1)],
    diameter: Some(1.0),
    source: L1.source,
};

/// The facts about [`l2`].
pub const L2: Facts = Facts {
    name: "l2",
    formula: "(sum_k (a_k - b_k)^2)^(1/2)",
    tex: r"\Bigl(\sum_k (a_k - b_k)^2\Bigr)^{1/2}",
    triangle: Triangle::Metric,
    convexity: Convexity::Norm,
    bounds: &[pinsker(1, 1), bretagnolle_huber(2, 1)],
    diameter: Some(std::f64::consts::SQRT_2),
    source: "a zero-sum vector has l2 <= l1 / sqrt 2; then as l1",
};

/// The facts about [`linf`].
pub const LINF: Facts = Facts {
    name: "linf",
    formula: "max_k |a_k - b_k|",
    tex: r"\max_k |a_k - b_k|",
    triangle: Triangle::Metric,
    convexity: Convexity::Norm,
    bounds: &[pinsker(1, 2), bretagnolle_huber(1, 1)],
    diameter: Some(1.0),
    source: "a zero-sum vector has linf <= l1 / 2; then as l1",
};

/// The facts about [`squared_error`].
pub const SQUARED_ERROR: Facts = Facts {
    name: "squared-error",
    formula: "sum_k (a_k - b_k)^2",
    tex: r"\sum_k (a_k - b_k)^2",
    triangle: Triangle::Relaxed(2),
    convexity: Convexity::Smooth,
    bounds: &[
        Bound { inequality: Inequality::PinskerSquared, scale: Scale(1, 1) },
        Bound { inequality: Inequality::BretagnolleHuberSquared, scale: Scale(2, 1) },
    ],
    diameter: Some(2.0),
    source: "the square of l2; (u + v)^2 <= 2 u^2 + 2 v^2",
};
