//! The laws of arithmetic that every backend has to obey: one suite, run on each.
//!
//! A backend passes when [`violations`] finds none:
//!
//! ```
//! use score_workbench::real::{Jet, laws};
//! type Third = Jet<f64, 3>;
//! let lift = |x| Third::from_coefficients([x, 0.5, -0.25]);
//! assert!(laws::violations(lift, |jet| jet.coefficients().to_vec()).is_empty());
//! ```
//!
//! Both sides of an identity are computed in the backend and compared part by part, so that on jets an identity between functions
//! is checked on their derivatives too. How two parts are compared is for their type to say ([`Part`]): doubles have to be close, intervals
//! have to overlap.

use std::fmt;

use super::{Interval, Prob, Real, Row, Softmax};
use crate::exact::Exact;

/// How closely two sides must agree, relative to the size of what they are computed from: some tens of roundings.
const CLOSE: f64 = 1e-14;

/// An identity that does not hold.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The identity.
    pub law: &'static str,
    /// Where it was evaluated.
    pub at: Vec<f64>,
    /// The parts of the left side.
    pub left: String,
    /// The parts of the right side.
    pub right: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { law, at, left, right } = self;
        write!(f, "{law} at {at:?}: {left} and {right}")
    }
}

/// One of the numbers that an element consists of.
pub trait Part: Copy + fmt::Debug {
    /// Whether the two can be one number, computed in two ways with roundings relative to `scale`.
    fn is_close(self, other: Self, scale: f64) -> bool;
    /// The same, where an argument of the formulas was rounded relative to `scale` before.
    fn is_near(self, other: Self, scale: f64) -> bool {
        self.is_close(other, scale)
    }
    /// Whether the two can be one number, computed without rounding.
    fn is_same(self, other: Self) -> bool;
    /// Whether it can be this double.
    fn is(self, value: f64) -> bool;
    /// Its absolute value, or a bound of it.
    fn size(self) -> f64;
}

impl Part for f64 {
    fn is_close(self, other: Self, scale: f64) -> bool {
        (self - other).abs() <= CLOSE * scale
    }
    /// -0 and 0 are the same.
    fn is_same(self, other: Self) -> bool {
        self == other
    }
    fn is(self, value: f64) -> bool {
        self == value
    }
    fn size(self) -> f64 {
        self.abs()
    }
}

/// Single precision: the same with longer roundings, and what is beyond its range is infinite or 0.
impl Part for f32 {
    fn is_close(self, other: Self, scale: f64) -> bool {
        let close = CLOSE / f64::EPSILON * f64::from(Self::EPSILON);
        self == other
            || f64::from((self - other).abs()) <= close * scale + f64::from(Self::MIN_POSITIVE)
    }
    fn is_same(self, other: Self) -> bool {
        self == other
    }
    fn is(self, value: f64) -> bool {
        #[allow(clippy::cast_possible_truncation)]
        let nearest = value as Self;
        self == nearest
    }
    fn size(self) -> f64 {
        self.abs().into()
    }
}

/// Intervals overlap, however wide they are.
impl Part for Interval {
    fn is_close(self, other: Self, _scale: f64) -> bool {
        self.is_same(other)
    }
    fn is_same(self, other: Self) -> bool {
        self.lower() <= other.upper() && other.lower() <= self.upper()
    }
    fn is(self, value: f64) -> bool {
        self.contains(value)
    }
    fn size(self) -> f64 {
        self.magnitude()
    }
}

/// An interval that has to be as narrow as rounding allows.
#[derive(Clone, Copy, Debug)]
pub struct Narrow(pub Interval);

impl Part for Narrow {
    fn is_close(self, other: Self, scale: f64) -> bool {
        let width = self.0.width().max(other.0.width());
        self.0.is_close(other.0, scale) && width <= (10.0 * CLOSE * scale).max(f64::MIN_POSITIVE)
    }
    /// The rounding of the argument is part of the width.
    fn is_near(self, other: Self, scale: f64) -> bool {
        self.0.is_near(other.0, scale)
    }
    fn is_same(self, other: Self) -> bool {
        self.0.is_same(other.0) && self.0.width().max(other.0.width()) <= CLOSE * self.size()
    }
    fn is(self, value: f64) -> bool {
        // An infinite value has the largest double on its other side.
        let width = if value.is_infinite() { 0.0 } else { self.0.width() };
        self.0.is(value) && width <= CLOSE * value.abs().max(1.0)
    }
    fn size(self) -> f64 {
        self.0.magnitude()
    }
}

/// Every violation of the laws by a backend.
///
/// `lift` makes an element whose value is the given one; its other parts (derivatives, ..) are free, but of order one at most.
/// `parts` lists the numbers that an element consists of, the value first.
pub fn violations<R: Real, P: Part>(
    lift: impl Fn(f64) -> R,
    parts: impl Fn(&R) -> Vec<P>,
) -> Vec<Violation> {
    let mut suite = Suite { lift, parts, violations: Vec::new() };
    suite.constants();
    suite.exponential_and_logarithm();
    suite.sigmoids();
    suite.conventions();
    suite.branches();
    suite.softmax();
    suite.means();
    suite.differences();
    suite.impossible_classes();
    suite.violations
}

struct Suite<L, P> {
    lift: L,
    parts: P,
    violations: Vec<Violation>,
}

impl<R: Real, T: Part, L: Fn(f64) -> R, P: Fn(&R) -> Vec<T>> Suite<L, P> {
    /// `left = right` up to rounding, `scale` being the size of the largest number that entered.
    fn close(&mut self, law: &'static str, at: &[f64], left: &R, right: &R, scale: f64) {
        self.compare(law, at, (left, right), |l, r| l.is_close(r, scale + l.size() + r.size()));
    }

    /// `left = right` in every part, without rounding.
    fn same(&mut self, law: &'static str, at: &[f64], left: &R, right: &R) {
        self.compare(law, at, (left, right), Part::is_same);
    }

    /// The value of `left` is exactly `right`; at infinity nothing is asked of the derivatives.
    fn value(&mut self, law: &'static str, at: &[f64], left: &R, right: f64) {
        let found = (self.parts)(left)[0];
        if !found.is(right) {
            self.report(law, at, &[found], &[right]);
        }
    }

    fn compare(
        &mut self,
        law: &'static str,
        at: &[f64],
        (left, right): (&R, &R),
        agree: impl Fn(T, T) -> bool,
    ) {
        let (left, right) = ((self.parts)(left), (self.parts)(right));
        if left.len() != right.len() || !left.iter().zip(&right).all(|(l, r)| agree(*l, *r)) {
            self.report(law, at, &left, &right);
        }
    }

    fn report(
        &mut self,
        law: &'static str,
        at: &[f64],
        left: &impl fmt::Debug,
        right: &impl fmt::Debug,
    ) {
        let (left, right) = (format!("{left:?}"), format!("{right:?}"));
        self.violations.push(Violation { law, at: at.to_vec(), left, right });
    }

    fn constants(&mut self) {
        let like = (self.lift)(0.75);
        let third: Exact = "1/3".parse().expect("a fraction");
        self.value("1/3 is the nearest double", &[], &like.constant(&third), 1.0 / 3.0);
        for n in [-7, 0, 1, 1000] {
            let at = [f64::from(n)];
            let written = like.constant(&Exact::integer(n.into()));
            self.same("the integer n is the constant n", &at, &like.int(n), &written);
        }
        let ratio = like.clone() / like.clone();
        self.close("x / x = 1", &[0.75], &ratio, &like.int(1), 1.0);
        self.close("x x = x^2", &[0.75], &(like.clone() * like.clone()), &like.square(), 0.0);
        self.same("x - x = 0", &[0.75], &(like.clone() - like.clone()), &like.int(0));
        self.same("-(-x) = x", &[0.75], &-(-like.clone()), &like);
    }

    fn exponential_and_logarithm(&mut self) {
        for at in [0.25, 0.5, 1.0, 1.5, 4.0, 30.0] {
            let x = (self.lift)(at);
            let one = x.int(1);
            self.close("exp(ln x) = x", &[at], &x.ln().exp(), &x, 1.0);
            self.close("ln(exp x) = x", &[at], &x.exp().ln(), &x, 1.0);
            self.close("ln(1/x) = -ln x", &[at], &(one.clone() / x.clone()).ln(), &-x.ln(), 1.0);
            self.close("sqrt(x)^2 = x", &[at], &x.sqrt().square(), &x, 1.0);
            let half = (x.ln() / x.int(2)).exp();
            self.close("sqrt x = exp(ln(x) / 2)", &[at], &x.sqrt(), &half, 1.0);
            self.close("ln_1p x = ln(1 + x)", &[at], &x.ln_1p(), &(one + x.clone()).ln(), 1.0);
        }
        for at in [-20.0, -1.0, -0.125, 0.0, 0.125, 1.0, 20.0] {
            let x = (self.lift)(at);
            let size = at.exp();
            let direct = x.exp() - x.int(1);
            self.close("exp_m1 x = exp(x) - 1", &[at], &x.exp_m1(), &direct, 1.0 + size);
            let product = x.exp() * (-x.clone()).exp();
            self.close("exp(x) exp(-x) = 1", &[at], &product, &x.int(1), 1.0);
        }
        // Where 1 + x rounds, the accurate forms must not: compare with two terms of the series.
        for at in [-1e-9, 1e-9, 1e-12] {
            let x = (self.lift)(at) - (self.lift)(0.0);
            let half_square = x.square() / x.int(2);
            let six = x.int(6);
            let cube = x.clone() * x.square();
            let above = x.clone() + half_square.clone() + cube.clone() / six;
            let below = x.clone() - half_square + cube / x.int(3);
            self.close("exp_m1 x = x + x^2/2 + ..", &[at], &x.exp_m1(), &above, 0.0);
            self.close("ln_1p x = x - x^2/2 + ..", &[at], &x.ln_1p(), &below, 0.0);
        }
        self.value("ln 0 = -inf", &[0.0], &(self.lift)(1.0).int(0).ln(), f64::NEG_INFINITY);
        self.value("exp(-1e4) = 0", &[-1e4], &(self.lift)(-1e4).exp(), 0.0);
    }

    fn sigmoids(&mut self) {
        for at in [-300.0, -40.0, -3.0, -0.5, 0.0, 0.5, 3.0, 40.0, 300.0] {
            let x = (self.lift)(at);
            let minus = -x.clone();
            let (one, two) = (x.int(1), x.int(2));
            let sum = x.logistic() + minus.logistic();
            self.close("logistic(x) + logistic(-x) = 1", &[at], &sum, &one, 1.0);
            let ratio = x.logistic() / minus.logistic();
            self.close("logistic(x) / logistic(-x) = exp x", &[at], &ratio, &x.exp(), 0.0);
            let difference = x.softplus() - minus.softplus();
            let size = 1.0 + at.abs();
            self.close("softplus(x) - softplus(-x) = x", &[at], &difference, &x, size);
            let log = -minus.softplus();
            // Where it saturates, a derivative may vanish: logistic' = logistic (1 - logistic).
            let scale = at.min(0.0).exp();
            let law = "exp(-softplus(-x)) = logistic x";
            self.close(law, &[at], &log.exp(), &x.logistic(), scale);
            let doubled = two.clone() * (two * x.clone()).logistic() - one;
            self.close("tanh x = 2 logistic(2 x) - 1", &[at], &x.tanh(), &doubled, 1.0);
            self.close("tanh(-x) = -tanh x", &[at], &minus.tanh(), &-x.tanh(), 0.0);
        }
        self.value("logistic(-1e4) = 0", &[-1e4], &(self.lift)(-1e4).logistic(), 0.0);
        self.value("logistic(1e4) = 1", &[1e4], &(self.lift)(1e4).logistic(), 1.0);
        self.value("softplus(1e4) = 1e4", &[1e4], &(self.lift)(1e4).softplus(), 1e4);
        self.value("softplus(-1e4) = 0", &[-1e4], &(self.lift)(-1e4).softplus(), 0.0);
    }

    fn conventions(&mut self) {
        let x = (self.lift)(0.75);
        let y = (self.lift)(-1.5);
        let zero = x.int(0);
        let infinite = -zero.ln();
        self.close("x weigh y = x y", &[0.75, -1.5], &x.weigh(&y), &(x.clone() * y.clone()), 0.0);
        let quotient = x.clone() / y.clone();
        self.close("x over y = x / y", &[0.75, -1.5], &x.over(&y), &quotient, 1.0);
        self.same("0 weigh y = 0", &[0.0, -1.5], &zero.weigh(&y), &zero);
        self.value("0 weigh inf = 0", &[0.0], &zero.weigh(&infinite), 0.0);
        self.value("0 weigh ln 0 = 0", &[0.0], &zero.weigh(&zero.ln()), 0.0);
        self.same("0 over 0 = 0", &[0.0, 0.0], &zero.over(&zero), &zero);
        self.same("0 over y = 0", &[0.0, -1.5], &zero.over(&y), &zero);
        self.value("x weigh inf = inf", &[0.75], &x.weigh(&infinite), f64::INFINITY);
        self.same("sqrt 0 = 0", &[0.0], &zero.sqrt(), &zero);
    }

    fn branches(&mut self) {
        let (small, large) = ((self.lift)(-1.5), (self.lift)(0.75));
        let zero = small.int(0);
        self.same("|x| = x where x >= 0", &[0.75], &large.abs(), &large);
        self.same("|x| = -x where x < 0", &[-1.5], &small.abs(), &-small.clone());
        self.same("max(x, y) = y where x < y", &[-1.5, 0.75], &small.max(&large), &large);
        self.same("max(y, x) = y where x < y", &[0.75, -1.5], &large.max(&small), &large);
        self.same("select takes the first where x >= 0", &[], &large.select(&small, &zero), &small);
        self.same("select takes the second where x < 0", &[], &small.select(&large, &zero), &zero);
        // At ties the other parts show which side was taken.
        let nought = (self.lift)(0.0);
        self.same("|x| = x at 0", &[0.0], &nought.abs(), &nought);
        self.same("select takes the first at 0", &[], &nought.select(&small, &large), &small);
        let fixed = large.constant(&Exact::from_f64(0.75).expect("finite"));
        self.same("max(x, y) = x at a tie", &[0.75, 0.75], &large.max(&fixed), &large);
        self.same("max(y, x) = y at a tie", &[0.75, 0.75], &fixed.max(&large), &fixed);
    }

    fn softmax(&mut self) {
        let rows: [&[f64]; 6] = [
            &[0.0, 0.0],
            &[0.5, -1.25],
            &[3.0, 3.0, -2.0],
            &[-1.0, 0.25, 0.5, 2.0, -0.75],
            &[40.0, 0.0, -40.0],
            &[1e4, -1e4, 9999.0],
        ];
        for row in rows {
            let logits: Row<R> = row.iter().map(|&h| (self.lift)(h)).collect();
            let Softmax { p, ln_p, log_total } = R::softmax(&logits);
            let sum = |row: &Row<R>| row[1..].iter().fold(row[0].clone(), |s, p| s + p.clone());
            self.close("sum_k softmax_k = 1", row, &sum(&p), &p[0].int(1), 1.0);
            let size = row.iter().fold(0.0, |size: f64, h| size.max(h.abs()));
            for k in 0..row.len() {
                // Derivatives that cancel leave the rounding of what cancelled.
                let own = (self.parts)(&p[k])[0].size();
                self.close("p_k = exp(ln p_k)", row, &p[k], &ln_p[k].exp(), own);
                let total = logits[k].clone() - ln_p[k].clone();
                self.close("h_k - ln p_k = log total", row, &total, &log_total, size);
            }
            for by in [-1e4, 1e4] {
                let shift = (self.lift)(by);
                let shifted: Row<R> = logits.iter().map(|h| h.clone() + shift.clone()).collect();
                let moved = R::softmax(&shifted);
                // Adding the shift rounds the logits, and the probabilities by as much.
                let law = "softmax(h + c) = softmax h";
                for k in 0..row.len() {
                    self.close(law, row, &moved.p[k], &p[k], 1e4);
                    self.close(law, row, &moved.ln_p[k], &ln_p[k], 1e4);
                }
                let total = moved.log_total - shift;
                self.close("log total(h + c) = log total(h) + c", row, &total, &log_total, 1e4);
            }
        }
        let logit = (self.lift)(0.5);
        let pair = R::softmax(&[logit.clone(), logit.int(0)]);
        self.close("softmax(h, 0) = logistic h", &[0.5], &pair.p[0], &logit.logistic(), 1.0);
        self.close("log total(h, 0) = softplus h", &[0.5], &pair.log_total, &logit.softplus(), 1.0);
        let impossible = R::softmax(&[logit.clone(), logit.int(0).ln()]);
        self.value("softmax(h, -inf) = (1, 0)", &[0.5], &impossible.p[0], 1.0);
        self.value("softmax(h, -inf) = (1, 0)", &[0.5], &impossible.p[1], 0.0);
    }

    fn means(&mut self) {
        for at in [-700.0, -1.5, 0.0, 3.25, 1e4] {
            let x = (self.lift)(at);
            self.same("ln_mean_exp(x, x) = x", &[at], &x.ln_mean_exp(&x), &x);
        }
        for (a, b) in [(0.5, -1.25), (-3.0, 2.0), (-40.0, -0.5)] {
            let (x, y) = ((self.lift)(a), (self.lift)(b));
            let mean = (x.exp() + y.exp()) / x.int(2);
            self.close(
                "exp(ln_mean_exp(x, y)) = mean",
                &[a, b],
                &x.ln_mean_exp(&y).exp(),
                &mean,
                0.0,
            );
            self.close(
                "ln_mean_exp is symmetric",
                &[a, b],
                &x.ln_mean_exp(&y),
                &y.ln_mean_exp(&x),
                1.0,
            );
        }
        let never = (self.lift)(0.0).int(0).ln();
        let mean = never.ln_mean_exp(&never);
        self.value("ln_mean_exp(-inf, -inf) = -inf", &[], &mean, f64::NEG_INFINITY);
    }

    /// `a = e^ln_b e^d`, against the series of `a - b`, of `a d - (a - b)` and of `(a - b)^2 / b` in d, which do not cancel.
    fn differences(&mut self) {
        for ln_b in [-0.001, -0.7, -3.0, -30.0] {
            for d in
                [-1e-3, -1e-6, -1e-12, 0.0, 1e-12, 1e-6, 1e-3, -0.5, 0.5, -1.5, 1.5, -20.0, 20.0]
            {
                let at = [ln_b, d];
                let ln_b = (self.lift)(ln_b);
                let ln_a = ln_b.clone() + (self.lift)(d);
                // What rounding left of d is what the formulas can see.
                let d = ln_a.clone() - ln_b.clone();
                let (a, b) = (ln_a.exp(), ln_b.exp());
                let pair = (Prob { p: &a, ln: &ln_a }, Prob { p: &b, ln: &ln_b });
                let [first, second] = exponential_remainders(&d);
                let largest = at[0].exp() * at[1].exp().max(1.0);
                let steps = largest * at[1].abs().min(1.0);

                let difference = b.clone() * first.clone();
                let found = R::difference(pair.0, pair.1);
                self.near("difference(a, b) = b (e^d - 1)", &at, &found, &difference, steps);
                let opposite = R::difference(pair.1, pair.0);
                self.near(
                    "difference(b, a) = -difference(a, b)",
                    &at,
                    &opposite,
                    &-difference,
                    steps,
                );
                let entropy = b.clone() * second;
                let found = R::relative_entropy(pair.0, pair.1);
                let scale = largest * at[1].abs();
                self.near("relative entropy = b (e^d d - e^d + 1)", &at, &found, &entropy, scale);
                let pearson = b.clone() * first.square();
                let scale = (self.parts)(&pearson)[0].size();
                let found = R::pearson(pair.0, pair.1);
                self.near("pearson = b (e^d - 1)^2", &at, &found, &pearson, scale);
            }
        }
    }

    /// The values agree to rounding relative to `scale`; the derivatives relative to the larger of it and their own size.
    fn near(&mut self, law: &'static str, at: &[f64], left: &R, right: &R, scale: f64) {
        let (l, r) = ((self.parts)(left), (self.parts)(right));
        let close = |l: T, r: T, scale: f64| l.is_near(r, scale + r.size());
        let size = r.iter().fold(at[0].exp() * at[1].exp().max(1.0), |s: f64, r| s.max(r.size()));
        let value = close(l[0], r[0], scale);
        let others = l[1..].iter().zip(&r[1..]).all(|(l, r)| close(*l, *r, size));
        if !(value && others) {
            self.report(law, at, &l, &r);
        }
    }

    fn impossible_classes(&mut self) {
        let p = (self.lift)(0.75);
        let ln_p = p.ln();
        let zero = p.int(0);
        let never = zero.ln();
        let possible = Prob { p: &p, ln: &ln_p };
        let impossible = Prob { p: &zero, ln: &never };
        let infinity = f64::INFINITY;
        self.value("difference(a, 0) = a", &[0.75], &R::difference(possible, impossible), 0.75);
        self.value("difference(0, b) = -b", &[0.75], &R::difference(impossible, possible), -0.75);
        self.value("difference(0, 0) = 0", &[], &R::difference(impossible, impossible), 0.0);
        let entropy = R::relative_entropy;
        self.value(
            "relative entropy(a, 0) = inf",
            &[0.75],
            &entropy(possible, impossible),
            infinity,
        );
        self.value("relative entropy(0, b) = b", &[0.75], &entropy(impossible, possible), 0.75);
        self.value("relative entropy(0, 0) = 0", &[], &entropy(impossible, impossible), 0.0);
        self.value("pearson(a, 0) = inf", &[0.75], &R::pearson(possible, impossible), infinity);
        self.value("pearson(0, b) = b", &[0.75], &R::pearson(impossible, possible), 0.75);
        self.value("pearson(0, 0) = 0", &[], &R::pearson(impossible, impossible), 0.0);
    }
}

/// `e^d - 1` and `e^d d - e^d + 1`: by their series where |d| is below 1, `sum d^n / n!` and `sum d^n (n - 1) / n!`; where it is
/// not, nothing cancels.
fn exponential_remainders<R: Real>(d: &R) -> [R; 2] {
    let one = d.int(1);
    let small = one.clone() - d.abs();
    let (mut power, mut series) = (one.clone(), [d.int(0), d.int(0)]);
    for n in 1..=30 {
        power = power * d.clone() / d.int(n);
        series[0] = series[0].clone() + power.clone();
        series[1] = series[1].clone() + d.int(n - 1) * power.clone();
    }
    let e = d.exp();
    let direct = [e.clone() - one.clone(), e.clone() * d.clone() - e + one];
    [small.select(&series[0], &direct[0]), small.select(&series[1], &direct[1])]
}

#[cfg(test)]
mod tests {
    use std::array;

    use super::super::{Jet, Taylor, Traced};
    use super::*;

    fn assert_lawful<R: Real, P: Part>(lift: impl Fn(f64) -> R, parts: impl Fn(&R) -> Vec<P>) {
        let violations = violations(lift, parts);
        let listed: Vec<String> = violations.iter().map(ToString::to_string).collect();
        assert!(listed.is_empty(), "{} violations:\n{}", listed.len(), listed.join("\n"));
    }

    /// Derivatives small against the value, so that no quotient of them is large.
    fn jet<const N: usize>(x: f64) -> Jet<f64, N> {
        let slope = 0.25 * x.abs().clamp(0.25, 1.0);
        Jet::from_coefficients(array::from_fn(|n| match i32::try_from(n) {
            Ok(0) => x,
            Ok(n) => slope * (-0.5_f64).powi(n - 1),
            Err(_) => 0.0,
        }))
    }

    #[test]
    fn doubles_are_lawful() {
        assert_lawful(|x| x, |x| vec![*x]);
    }

    #[test]
    fn jets_of_any_order_are_lawful() {
        assert_lawful(jet::<1>, |x| x.coefficients().to_vec());
        assert_lawful(jet::<2>, |x| x.coefficients().to_vec());
        assert_lawful(jet::<3>, |x| x.coefficients().to_vec());
        assert_lawful(jet::<5>, |x| x.coefficients().to_vec());
    }

    #[test]
    fn jets_over_jets_are_lawful() {
        let lift = |x: f64| {
            let tangent =
                Jet::<f64, 2>::from_coefficients([0.25 * x.abs().clamp(0.25, 1.0), 0.125]);
            Jet::<_, 2>::from_coefficients([jet::<2>(x), tangent])
        };
        assert_lawful(lift, |x| x.coefficients().iter().flat_map(|x| *x.coefficients()).collect());
    }

    #[test]
    fn traced_doubles_are_lawful() {
        assert_lawful(Traced::new, |x| vec![x.value()]);
        assert_lawful(
            |x| Jet::<Traced, 2>::from_coefficients([x, 0.125].map(Traced::new)),
            |x| x.coefficients().iter().map(|x| x.value()).collect(),
        );
    }

    #[test]
    fn intervals_are_lawful_and_narrow() {
        assert_lawful(Interval::point, |x| vec![Narrow(*x)]);
    }

    #[test]
    fn wide_intervals_are_lawful() {
        for width in [1e-12, 1e-3, 0.5, 30.0] {
            assert_lawful(|x| Interval::new(x - width, x + 2.0 * width), |x| vec![*x]);
        }
    }

    #[test]
    fn jets_over_intervals_are_lawful() {
        let points = |x: f64| jet::<3>(x).coefficients().map(Interval::point);
        assert_lawful(|x| Jet::from_coefficients(points(x)), |x| x.coefficients().to_vec());
        let wide = |x: Interval| x + Interval::new(-0.01, 0.02);
        assert_lawful(
            |x| Jet::from_coefficients(points(x).map(wide)),
            |x| x.coefficients().to_vec(),
        );
    }

    #[test]
    fn functions_on_cells_are_lawful() {
        for radius in [0.0, 1e-6, 0.125, 2.0] {
            let t = Taylor::<5>::variable(Interval::new(-radius, radius));
            let lift = |x: f64| {
                let slope = Interval::point(0.25 * x.abs().clamp(0.25, 1.0));
                Taylor::fixed(Interval::point(x)) + Taylor::fixed(slope) * t.clone()
            };
            assert_lawful(lift, |x| vec![x.range(), x.at_midpoint(), x.slope()]);
        }
    }

    #[test]
    fn intervals_without_their_width_are_not_lawful() {
        assert!(!violations(Interval::point, |x| vec![x.at_lower()]).is_empty());
        assert!(!violations(Interval::point, |x| vec![Interval::point(x.midpoint())]).is_empty());
    }
}
