//! True values, by MPFR: the doubles on both sides of each.

use rug::Float;
use std::cmp::Ordering;

use rug::float::Round;
use rug::ops::{AddAssignRound, DivAssignRound, MulAssignRound, PowAssignRound, SubAssignRound};
use score_workbench::real::Interval;

/// The doubles that enclose the value of the operation of this name.
///
/// # Panics
/// Where the name is unknown.
pub fn truth(name: &str, x: &[f64]) -> Interval {
    let at = |n: usize| Float::with_val(53, x[n]);
    let rounded = |f: &dyn Fn(&mut Float, Round) -> Ordering| {
        let bound = |round| {
            let mut value = at(0);
            let _inexact = f(&mut value, round);
            value.to_f64_round(round)
        };
        Interval::new(bound(Round::Down), bound(Round::Up))
    };
    match name {
        "add" => rounded(&|v, r| v.add_assign_round(at(1), r)),
        "sub" | "difference" => rounded(&|v, r| v.sub_assign_round(at(1), r)),
        "mul" | "mul/symmetric" | "mul/by-parts" => rounded(&|v, r| v.mul_assign_round(at(1), r)),
        "div" | "constant" => rounded(&|v, r| v.div_assign_round(at(1), r)),
        "square" => rounded(&|v, r| v.square_round(r)),
        "power-3" => rounded(&|v, r| v.pow_assign_round(3_u32, r)),
        "power-8" => rounded(&|v, r| v.pow_assign_round(8_u32, r)),
        "sqrt" => rounded(&|v, r| v.sqrt_round(r)),
        "exp" => rounded(&|v, r| v.exp_round(r)),
        "exp_m1" => rounded(&|v, r| v.exp_m1_round(r)),
        "ln" => rounded(&|v, r| v.ln_round(r)),
        "ln_1p" => rounded(&|v, r| v.ln_1p_round(r)),
        "tanh" => rounded(&|v, r| v.tanh_round(r)),
        "erfc" => rounded(&|v, r| v.erfc_round(r)),
        _ => composed(name, x),
    }
}

/// Bits for a first try, and for another where these cannot tell on which side of a double the value lies. Up to 60 of them may be lost
/// to cancellation.
const PRECISIONS: [u32; 2] = [180, 800];

/// What even the second try cannot tell from a double counts as that double: every enclosure of the value contains it.
fn composed(name: &str, x: &[f64]) -> Interval {
    for bits in PRECISIONS {
        let value = formula(name, x, bits);
        let margin = Float::with_val(bits, value.abs_ref()) >> (bits - 60);
        let low = Float::with_val(bits, &value - &margin).to_f64_round(Round::Down);
        let high = Float::with_val(bits, &value + &margin).to_f64_round(Round::Up);
        if low == high || low.next_up() == high {
            return Interval::new(low, high);
        }
        if bits == PRECISIONS[1] {
            let nearest = value.to_f64();
            return Interval::point(nearest);
        }
    }
    unreachable!("the last precision decides")
}

fn formula(name: &str, x: &[f64], bits: u32) -> Float {
    let at = |n: usize| Float::with_val(bits, x[n]);
    let gap = |n: usize, m: usize| Float::with_val(bits, x[n]) - at(m);
    // The sum of exp(h_j - h_k) over j other than k.
    let others = |k: usize| {
        let mut sum = Float::new(bits);
        for j in (0..x.len()).filter(|j| *j != k) {
            sum += gap(j, k).exp();
        }
        sum
    };
    let top = || (1..x.len()).fold(0, |top, k| if x[k] > x[top] { k } else { top });
    let total = || at(top()) + others(top()).ln_1p();
    match name {
        "logistic" => ((-at(0)).exp() + 1_u32).recip(),
        "softplus" => {
            if x[0] > 0.0 {
                at(0) + (-at(0)).exp().ln_1p()
            } else {
                at(0).exp().ln_1p()
            }
        }
        "ln-mean-exp" => {
            let low = usize::from(x[1] < x[0]);
            at(1 - low) + (gap(low, 1 - low).exp_m1() / 2_u32).ln_1p()
        }
        // From the larger of the two, so that nothing overflows that need not.
        "log/difference" if x[0] > x[1] => at(0).exp() * -gap(1, 0).exp_m1(),
        "log/difference" => at(1).exp() * gap(0, 1).exp_m1(),
        "log/relative-entropy" if x[0] > x[1] => at(0).exp() * chi(gap(0, 1)),
        "log/relative-entropy" if x[1] - x[0] > 1.0 => {
            at(1).exp() * (gap(0, 1).exp() * (gap(0, 1) - 1_u32) + 1_u32)
        }
        "log/relative-entropy" => at(1).exp() * chi(gap(0, 1)) * gap(0, 1).exp(),
        "log/pearson" if x[0] > x[1] => (at(0) * 2_u32 - at(1)).exp() * gap(1, 0).exp_m1().square(),
        "log/pearson" => at(1).exp() * gap(0, 1).exp_m1().square(),
        "relative-entropy" if x[0] == 0.0 => at(1),
        "relative-entropy" if x[1] == 0.0 => at(0) / 0_u32,
        "relative-entropy" => {
            let ratio = gap(0, 1) / at(1);
            let near = ratio.clone().abs() < 0.5;
            at(0) * chi(if near { ratio.ln_1p() } else { (at(0) / at(1)).ln() })
        }
        "pearson" if x == [0.0; 2] => at(0),
        "pearson" => gap(0, 1).square() / at(1),
        "softmax-2/p" => (others(0) + 1_u32).recip(),
        "softmax-3/p" => (others(1) + 1_u32).recip(),
        "softmax-2/ln-p" => gap(0, top()) - others(top()).ln_1p(),
        "softmax-3/ln-p" => gap(1, top()) - others(top()).ln_1p(),
        "softmax-2/total" | "softmax-3/total" => total(),
        _ => panic!("no true value of {name}"),
    }
}

/// `t - 1 + e^-t = t^2/2 - t^3/6 + ..`
fn chi(t: Float) -> Float {
    let bits = t.prec();
    if t.is_zero() || t.get_exp().is_some_and(|exponent| exponent < -40) {
        // The sum of (-t)^n / n!
        let (mut term, mut sum) = (-t.clone(), Float::new(bits));
        for n in 2..=(bits / 40 + 3) {
            term *= -t.clone() / n;
            sum += &term;
        }
        return sum;
    }
    (-t.clone()).exp_m1() + t
}
