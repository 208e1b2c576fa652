//! The Hellinger distance.

use super::{Bound, Convexity, Facts, Inequality, Scale, Triangle};
use crate::real::{Prob, Real};
use crate::simplex::{Classes, Simplex};

/// `((1/2) sum_k (sqrt p_k - sqrt q_k)^2)^(1/2)`, in `[0, 1]`.
pub fn hellinger<C: Classes>(p: &Simplex<C>, q: &Simplex<C>) -> C::Total {
    let sum = p.zip(q, |a, b| root_difference(a, b).square()).sum();
    let two = sum.int(2);
    (sum / two).sqrt()
}

/// `sqrt a - sqrt b`, the roots taken through the logarithms, where they stay smooth as `a` or `b` underflows.
fn root_difference<R: Real>(a: Prob<R>, b: Prob<R>) -> R {
    let half = |x: Prob<R>| x.ln.clone() / x.ln.int(2);
    let (ln_a, ln_b) = (half(a), half(b));
    R::difference(Prob { p: &ln_a.exp(), ln: &ln_a }, Prob { p: &ln_b.exp(), ln: &ln_b })
}

/// The facts about [`hellinger`].
pub const HELLINGER: Facts = Facts {
    name: "hellinger",
    formula: "((1/2) sum_k (sqrt a_k - sqrt b_k)^2)^(1/2)",
    tex: r"\Bigl(\tfrac12 \sum_k (\sqrt{a_k} - \sqrt{b_k})^2\Bigr)^{1/2}",
    triangle: Triangle::Metric,
    convexity: Convexity::None,
    bounds: &[Bound { inequality: Inequality::Pinsker, scale: Scale(1, 2) }],
    diameter: Some(1.0),
    source: "Le Cam 1986; -ln(1 - h^2) <= KL / 2 by Jensen's inequality",
};
