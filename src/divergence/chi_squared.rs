//! Pearson's chi-squared divergence.

use super::{Convexity, Facts, Triangle};
use crate::real::Real;
use crate::simplex::{Classes, Simplex};

/// `sum_k (p_k - q_k)^2 / q_k`, in `[0, inf]`; `+inf` where some `q_k = 0 < p_k`.
pub fn chi_squared<C: Classes>(p: &Simplex<C>, q: &Simplex<C>) -> C::Total {
    p.zip(q, Real::pearson).sum()
}

/// The facts about [`chi_squared`].
pub const CHI_SQUARED: Facts = Facts {
    name: "chi-squared",
    formula: "sum_k (a_k - b_k)^2 / b_k",
    tex: r"\sum_k \frac{(a_k - b_k)^2}{b_k}",
    triangle: Triangle::None,
    convexity: Convexity::Smooth,
    bounds: &[],
    diameter: None,
    source: "Pearson 1900",
};
