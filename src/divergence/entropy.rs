//! Relative entropies, in nats.

use super::{Bound, Convexity, Facts, Inequality, Scale, Triangle};
use crate::real::Real;
use crate::simplex::{Classes, Simplex};

/// `KL(p, q) = sum_k p_k ln(p_k / q_k)`, in `[0, inf]`; `0 ln 0 = 0`, and `+inf` where some `q_k = 0 < p_k`.
///
/// Summed in its non-negative form, `p ln(p/q) - p + q` for each class, so that rounding cannot make it negative.
pub fn kl<C: Classes>(p: &Simplex<C>, q: &Simplex<C>) -> C::Total {
    p.zip(q, Real::relative_entropy).sum()
}

/// `KL(q, p)`: the relative entropy with its arguments exchanged.
pub fn reverse_kl<C: Classes>(p: &Simplex<C>, q: &Simplex<C>) -> C::Total {
    kl(q, p)
}

/// `((1/2) KL(p, m) + (1/2) KL(q, m))^(1/2)` with `m = (p + q) / 2`, in `[0, sqrt(ln 2)]`: the Jensen-Shannon distance.
pub fn jensen_shannon<C: Classes>(p: &Simplex<C>, q: &Simplex<C>) -> C::Total {
    let m = p.midpoint(q);
    let sum = kl(p, &m) + kl(q, &m);
    let two = sum.int(2);
    (sum / two).sqrt()
}

/// The facts about [`kl`].
pub const KL: Facts = Facts {
    name: "kl",
    formula: "sum_k a_k ln(a_k / b_k)",
    tex: r"\sum_k a_k \ln\frac{a_k}{b_k}",
    triangle: Triangle::None,
    convexity: Convexity::Smooth,
    bounds: &[],
    diameter: None,
    source: "Kullback and Leibler 1951",
};

/// The facts about [`reverse_kl`].
pub const REVERSE_KL: Facts = Facts {
    name: "reverse-kl",
    formula: "sum_k b_k ln(b_k / a_k)",
    tex: r"\sum_k b_k \ln\frac{b_k}{a_k}",
    triangle: Triangle::None,
    convexity: Convexity::Smooth,
    bounds: &[],
    diameter: None,
    source: "Kullback and Leibler 1951",
};

/// The facts about [`jensen_shannon`].
pub const JENSEN_SHANNON: Facts = Facts {
    name: "jensen-shannon",
    formula: "((KL(a, m) + KL(b, m)) / 2)^(1/2), m = (a + b)/2",
    tex: r"\Bigl(\tfrac12 \mathrm{KL}(a, m) + \tfrac12 \mathrm{KL}(b, m)\Bigr)^{1/2},\ m = \tfrac12 (a + b)",
    triangle: Triangle::Metric,
    convexity: Convexity::None,
    bounds: &[Bound { inequality: Inequality::Pinsker, scale: Scale(1, 2) }],
    // sqrt(ln 2)
    diameter: Some(0.832_554_611_157_697_8),
    source: "Endres and Schindelin 2003 (metric); KL(a, b) / 2 = D(a, b)^2 + KL(m, b) (bound)",
};
