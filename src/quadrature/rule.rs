//! The Gauss-Kronrod rule with 21 points.

/// One pair of nodes of the symmetric rule on [-1, 1].
struct Pair {
    /// The positive node.
    node: f64,
    /// The Kronrod weight of either.
    kronrod: f64,
    /// The weight of either in the embedded 10-point Gauss rule; 0 where the node is not one of its own.
    gauss: f64,
    /// What the values at the node and at its mirror image weigh in the value at 1 of the interpolating polynomial.
    end: [f64; 2],
}

/// Kronrod 1965; the digits come from solving for the Stieltjes polynomial, and for the Lagrange basis at 1, with 50 digits.
#[rustfmt::skip]
const PAIRS: [Pair; 10] = [
    Pair { node: 0.9956571630258081, kronrod: 0.011694638867371874, gauss: 0.0, end: [1.4519157452043345, 0.0031595774557412] },
    Pair { node: 0.9739065285171717, kronrod: 0.032558162307964725, gauss: 0.06667134430868814, end: [-0.7048853688008604, -0.009318022917369424] },
    Pair { node: 0.9301574913557082, kronrod: 0.054755896574351995, gauss: 0.0, end: [0.4227067575263193, 0.015295591421296993] },
    Pair { node: 0.8650633666889845, kronrod: 0.07503967481091996, gauss: 0.1494513491505806, end: [-0.29733041214400907, -0.021511743521569978] },
    Pair { node: 0.7808177265864169, kronrod: 0.0931254545836976, gauss: 0.0, end: [0.2290820732198095, 0.028195322214622055] },
    Pair { node: 0.6794095682990244, kronrod: 0.10938715880229764, gauss: 0.21908636251598204, end: [-0.18449348950793396, -0.035218834383130455] },
    Pair { node: 0.5627571346686047, kronrod: 0.12349197626206584, gauss: 0.0, end: [0.1522804443809461, 0.042606452632950306] },
    Pair { node: 0.4333953941292472, kronrod: 0.13470921731147334, gauss: 0.26926671930999635, end: [-0.12804302975735543, -0.050613927397356866] },
    Pair { node: 0.2943928627014602, kronrod: 0.14277593857706009, gauss: 0.0, end: [0.109098853097796, 0.05947261579936934] },
    Pair { node: 0.14887433898163122, kronrod: 0.14773910490133849, gauss: 0.29552422471475287, end: [-0.09361924834481225, -0.06935636207363767] },
];

/// The same of the midpoint, which is no Gauss node and its own mirror image.
const MIDDLE: f64 = 0.1494455540029169;
const MIDDLE_END: f64 = 0.08057700589485016;

/// How far from an end something can hide from the rules: beyond the second node, relative to half the width.
const BLIND: f64 = 0.026;

/// What one application of the rule gives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Applied {
    /// The 21-point value, of degree 31.
    pub value: f64,
    /// Its distance from the 10-point value, of degree 19; and what the ends show that the nodes do not.
    pub error: f64,
    /// The 21-point value for the absolute value of the integrand.
    pub absolute: f64,
    /// How far the integrand moves up and down from one end to the other.
    pub variation: f64,
}

/// Applies the rule to `f` on `[from, to]`.
///
/// A kink or a layer closer to an end than the outermost nodes is invisible to both rules. So the values at the ends are compared with
/// those of the polynomial through the nodes, and a difference counts over the length that the rules cannot see.
pub(crate) fn apply(from: f64, to: f64, mut f: impl FnMut(f64) -> f64) -> Applied {
    let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
    let centre = f(middle);
    let (mut kronrod, mut gauss, mut absolute) = (MIDDLE * centre, 0.0, MIDDLE * centre.abs());
    let (mut at_from, mut at_to) = (MIDDLE_END * centre, MIDDLE_END * centre);
    let ends = (f(from), f(to));
    let (mut last, mut variation) = (ends, 0.0);
    for pair in &PAIRS {
        let (left, right) = (f(middle - half * pair.node), f(middle + half * pair.node));
        kronrod += pair.kronrod * (left + right);
        gauss += pair.gauss * (left + right);
        absolute += pair.kronrod * (left.abs() + right.abs());
        let [near, far] = pair.end;
        at_from += near * left + far * right;
        at_to += near * right + far * left;
        variation += (left - last.0).abs() + (right - last.1).abs();
        last = (left, right);
    }
    variation += (centre - last.0).abs() + (centre - last.1).abs();
    let hidden = BLIND * ((ends.0 - at_from).abs() + (ends.1 - at_to).abs());
    let error = half * ((kronrod - gauss).abs() + hidden);
    Applied { value: half * kronrod, error, absolute: half * absolute, variation }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(degree: i32) -> f64 {
        if degree % 2 == 0 { 2.0 / f64::from(degree + 1) } else { 0.0 }
    }

    #[test]
    fn both_rules_have_the_degree_that_they_claim() {
        for degree in 0..=31 {
            let applied = apply(-1.0, 1.0, |x| x.powi(degree));
            assert!((applied.value - moment(degree)).abs() < 4e-16, "degree {degree}");
            assert!(degree > 19 || applied.error < 4e-16, "Gauss, degree {degree}");
        }
        assert!((apply(-1.0, 1.0, |x| x.powi(32)).value - moment(32)).abs() > 1e-12);
        assert!(apply(-1.0, 1.0, |x| x.powi(20)).error > 1e-7);
    }

    #[test]
    fn a_kink_beside_an_end_is_seen() {
        let applied = apply(-1.0, 1.0, |x| (x - 0.998).max(0.0));
        let truth = 0.5 * 0.002_f64.powi(2);
        assert!(applied.value == 0.0, "both rules are blind there");
        assert!(applied.error > truth);
    }
}
