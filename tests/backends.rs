//! A third backend, made here and unknown to the library, runs every formula unchanged: complex numbers, whose imaginary part at a
//! tiny step is a derivative without cancellation (Squire and Trapp, SIAM Review 1998). Jets must agree with them, with differences,
//! and with jets of jets.
#![cfg(feature = "testing")]

mod formulas;

use std::ops::{Add, Div, Mul, Neg, Sub};

use formulas::{BetweenLogits, Formula, LogJoint, Logit, Pointwise};

use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, RngSeed};
use score_workbench::divergence::Divergence;
use score_workbench::exact::Exact;
use score_workbench::model::Activation;
use score_workbench::real::{Jet, Prob, Real, Row, Softmax, laws};
use score_workbench::testing;

/// So small that its square vanishes beside any value in use.
const STEP: f64 = 1e-30;

/// `re + im i`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Complex {
    re: f64,
    im: f64,
}

impl Complex {
    fn real(re: f64) -> Self {
        Self { re, im: 0.0 }
    }

    /// The variable at `x`, with slope 1.
    fn variable(x: f64) -> Self {
        Self { re: x, im: STEP }
    }

    fn derivative(self) -> f64 {
        self.im / STEP
    }

    /// With this imaginary part; infinity has no direction here.
    fn tilted(self, im: f64) -> Self {
        Self { im: if self.re.is_infinite() { 0.0 } else { im }, ..self }
    }

    fn scaled(self, by: f64) -> Self {
        // 0 inf = 0 in the imaginary part: a real number stays real.
        Self { re: self.re * by, im: if self.im == 0.0 { 0.0 } else { self.im * by } }
    }
}

impl Add for Complex {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { re: self.re + other.re, im: self.im + other.im }
    }
}

impl Sub for Complex {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { re: self.re - other.re, im: self.im - other.im }
    }
}

impl Mul for Complex {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        if other.im == 0.0 {
            self.scaled(other.re)
        } else if self.im == 0.0 {
            other.scaled(self.re)
        } else {
            let re = self.re * other.re - self.im * other.im;
            Self { re, im: self.re * other.im + self.im * other.re }
        }
    }
}

impl Div for Complex {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        // Smith's form for |re| >= |im|, which holds for every divisor near the real line.
        let ratio = other.im / other.re;
        let divisor = other.re + other.im * ratio;
        let im = if self.im == 0.0 && ratio == 0.0 { 0.0 } else { self.im - self.re * ratio };
        Self { re: (self.re + self.im * ratio) / divisor, im: im / divisor }
    }
}

impl Neg for Complex {
    type Output = Self;
    fn neg(self) -> Self {
        Self { re: -self.re, im: -self.im }
    }
}

impl Real for Complex {
    fn int(&self, n: i32) -> Self {
        Self::real(f64::from(n))
    }
    fn constant(&self, value: &Exact) -> Self {
        Self::real(value.to_f64())
    }
    fn exp(&self) -> Self {
        let size = self.re.exp();
        Self::real(size * self.im.cos()).tilted(size * self.im.sin())
    }
    fn exp_m1(&self) -> Self {
        let half = (0.5 * self.im).sin();
        let re = self.re.exp_m1() * self.im.cos() - 2.0 * half * half;
        Self::real(re).tilted(self.re.exp() * self.im.sin())
    }
    fn ln(&self) -> Self {
        Self { re: self.re.hypot(self.im).ln(), im: self.im.atan2(self.re) }
    }
    fn ln_1p(&self) -> Self {
        let ratio = self.im / (1.0 + self.re);
        Self { re: self.re.ln_1p() + 0.5 * (ratio * ratio).ln_1p(), im: ratio.atan() }
    }
    fn sqrt(&self) -> Self {
        let re = (0.5 * (self.re.hypot(self.im) + self.re)).sqrt();
        Self { re, im: if self.im == 0.0 { 0.0 } else { 0.5 * self.im / re } }
    }
    fn tanh(&self) -> Self {
        // (sinh 2a + i sin 2b) / (cosh 2a + cos 2b), each over e^(2|a|) / 2.
        let small = (-2.0 * self.re.abs()).exp();
        let divisor = 1.0 + small * small + 2.0 * small * (2.0 * self.im).cos();
        let re = (-4.0 * self.re.abs()).exp_m1().copysign(self.re);
        Self { re: re / divisor, im: 2.0 * small * (2.0 * self.im).sin() / divisor }
    }
    fn logistic(&self) -> Self {
        let one = self.int(1);
        if self.re >= 0.0 {
            one / (one + (-*self).exp())
        } else {
            let e = self.exp();
            e / (one + e)
        }
    }
    fn softplus(&self) -> Self {
        let away = if self.re >= 0.0 { *self } else { -*self };
        Real::max(self, &self.int(0)) + (-away).exp().ln_1p()
    }
    fn select(&self, nonnegative: &Self, negative: &Self) -> Self {
        if self.re >= 0.0 { *nonnegative } else { *negative }
    }
    fn weigh(&self, factor: &Self) -> Self {
        if *self == self.int(0) { *self } else { *self * *factor }
    }
    fn over(&self, divisor: &Self) -> Self {
        if *self == self.int(0) { *self } else { *self / *divisor }
    }
    fn softmax(logits: &[Self]) -> Softmax<Self> {
        let largest = logits[1..].iter().fold(logits[0], |largest, h| Real::max(&largest, h));
        let zero = largest.int(0);
        let powers: Row<Self> = logits.iter().map(|h| (*h - largest).exp()).collect();
        let top = logits.iter().position(|h| *h == largest).unwrap_or(0);
        let others = powers.iter().enumerate().filter(|(k, _)| *k != top);
        let rest = others.fold(zero, |sum, (_, power)| sum + *power);
        let log_rest = rest.ln_1p();
        Softmax {
            p: powers.iter().map(|power| *power / (rest + rest.int(1))).collect(),
            ln_p: logits.iter().map(|h| (*h - largest) - log_rest).collect(),
            log_total: largest + log_rest,
        }
    }
    fn ln_mean_exp(&self, other: &Self) -> Self {
        if self == other {
            return *self;
        }
        let largest = Real::max(self, other);
        let gap = (*self + *other) - (largest + largest);
        largest + (gap.exp_m1() / gap.int(2)).ln_1p()
    }
    fn difference(a: Prob<Self>, b: Prob<Self>) -> Self {
        let log_ratio = *a.ln - *b.ln;
        if log_ratio.re.abs() < 1.0 { *b.p * log_ratio.exp_m1() } else { *a.p - *b.p }
    }
}

#[test]
fn complex_numbers_are_lawful() {
    let slope = |x: f64| 0.25 * x.abs().clamp(0.25, 1.0);
    let lift = |x: f64| Complex { re: x, im: STEP * slope(x) };
    let violations = laws::violations(lift, |x| vec![x.re, x.im / STEP]);
    let listed: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(listed.is_empty(), "{} violations:\n{}", listed.len(), listed.join("\n"));
}

/// The slope of a probability near 1 is what slopes of logits leave of each other: this times the largest of those is the scale of
/// its noise.
const SLOPES: f64 = 1e-3;

impl Pointwise<'_> {
    fn largest_slope(&self, x: f64) -> f64 {
        let x = Jet::<f64, 2>::variable(x);
        let law = self.0.law.line(&x).expect("a law on the line").log_joint(&x);
        let model = self.0.model.line(&x).expect("a model on the line").logits(&x);
        let logits = law.entries().iter().chain(model.entries());
        logits.map(|logit| logit.derivative(1).abs()).fold(1.0, f64::max)
    }
}

fn close(found: f64, expected: f64, scale: f64) -> bool {
    (found - expected).abs() <= 1e-12 * (expected.abs() + scale)
}

/// The complex step and jets agree at `x` to 1e-12, relative to the derivative or to `scale` where that is larger.
fn slopes_agree(formula: &impl Formula, x: f64, scale: f64) -> Result<(), TestCaseError> {
    let value = formula.at(&x);
    let jet = formula.at(&Jet::<f64, 2>::variable(x));
    let complex = formula.at(&Complex::variable(x));
    prop_assert_eq!(*jet.value(), value);
    prop_assert!(close(complex.re, value, scale), "value {} and {}", complex.re, value);
    let (step, slope) = (complex.derivative(), jet.derivative(1));
    prop_assert!(close(step, slope, scale), "complex step {step}, jet {slope}");
    Ok(())
}

/// Besides, jets and jets of jets agree up to the fourth derivative; for each order the scale is ten times that of the order below.
fn backends_agree(formula: &impl Formula, x: f64, scale: f64) -> Result<(), TestCaseError> {
    slopes_agree(formula, x, scale)?;
    let jet = formula.at(&Jet::<f64, 5>::variable(x));
    let slope = jet.derivative(1);

    let second = formula.at(&Jet::<f64, 3>::variable(x)).derivative(2);
    let one_one: Jet<Jet<f64, 2>, 2> = nested();
    let seeded = |inner| Jet::from_coefficients([inner, one_one.coefficients()[1]]);
    let twice = formula.at(&seeded(Jet::<f64, 2>::variable(x))).derivative(1).derivative(1);
    let scale = 10.0 * (scale + slope.abs());
    prop_assert!(close(twice, second, scale), "second: {twice} nested, {second} flat");

    let outer: Jet<Jet<f64, 3>, 2> = nested();
    let once = Jet::from_coefficients([Jet::variable(x), outer.coefficients()[1]]);
    let thrice = formula.at(&once).derivative(1).derivative(2);
    let third = formula.at(&Jet::<f64, 4>::variable(x)).derivative(3);
    let scale = 10.0 * (scale + second.abs());
    prop_assert!(close(thrice, third, scale), "third: {thrice} nested, {third} flat");

    let outer: Jet<Jet<f64, 3>, 3> = nested();
    let [_, slope, curvature] = *outer.coefficients();
    let twice = Jet::from_coefficients([Jet::variable(x), slope, curvature]);
    let fourth = jet.derivative(4);
    let mixed = formula.at(&twice).derivative(2).derivative(2);
    let scale = 10.0 * (scale + third.abs());
    prop_assert!(close(mixed, fourth, scale), "fourth: {mixed} nested, {fourth} flat");
    Ok(())
}

/// The variable of the outer jet at 0, over jets.
fn nested<const N: usize, const M: usize>() -> Jet<Jet<f64, N>, M> {
    Jet::variable(Jet::fixed(0.0))
}

/// The jet's derivative lies within 1e-8 of the central difference with step `1e-5 width`, relative to the value over `width`:
/// the difference errs by about 1e-10 of the third derivative and by 1e-11 of the value.
fn differences_agree(
    formula: &impl Formula,
    x: f64,
    (width, scale): (f64, f64),
) -> Result<(), TestCaseError> {
    let step = 1e-5 * width;
    let difference = (formula.at(&(x + step)) - formula.at(&(x - step))) / (2.0 * step);
    let jet = formula.at(&Jet::<f64, 4>::variable(x));
    let size = jet.value().abs() + scale;
    let bend = jet.derivative(3).abs() * width.powi(3);
    let allowed = 1e-8 * (size + bend) / width;
    prop_assert!(
        (difference - jet.derivative(1)).abs() <= allowed,
        "difference {difference}, jet {}",
        jet.derivative(1)
    );
    Ok(())
}

/// A fixed seed, so that a run can be repeated; `PROPTEST_RNG_SEED` and `PROPTEST_CASES` explore further.
fn config(cases: u32) -> ProptestConfig {
    let from_environment = ProptestConfig::default();
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig {
        cases: if asked { from_environment.cases } else { cases },
        rng_seed: match from_environment.rng_seed {
            RngSeed::Random => RngSeed::Fixed(2202),
            given @ RngSeed::Fixed(_) => given,
        },
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "proptest-regressions/backends.txt",
        ))),
        ..from_environment
    }
}

fn row(classes: usize) -> impl Strategy<Value = Vec<f64>> {
    testing::moderate_logits(classes).prop_map(|row| row.entries().to_vec())
}

fn four_rows() -> impl Strategy<Value = [Vec<f64>; 4]> {
    (2..=5_usize).prop_flat_map(|k| [row(k), row(k), row(k), row(k)])
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn divergences_run_on_every_backend([h, dh, b, db] in four_rows(), x in -0.5..0.5_f64) {
        for divergence in Divergence::ALL {
            let formula = BetweenLogits { divergence, first: [&h, &dh], second: [&b, &db] };
            let value = formula.at(&x);
            // Closer to a zero, higher derivatives of a root magnify the rounding below it.
            prop_assume!(value > 1e-2);
            backends_agree(&formula, x, value + 10.0 * SLOPES)?;
            differences_agree(&formula, x, (0.1, 0.0))?;
        }
    }

    #[test]
    fn laws_run_on_every_backend((law, x) in (2..=5_usize).prop_flat_map(testing::law).prop_flat_map(|law| (Just(law), -12.0..12.0_f64))) {
        for k in 0..law.classes() {
            let formula = LogJoint(&law, k);
            backends_agree(&formula, x, 1.0)?;
            differences_agree(&formula, x, (0.01, 1.0))?;
        }
    }

    #[test]
    fn models_run_on_every_backend(model in (2..=5_usize).prop_flat_map(testing::model), x in -8.0..8.0_f64) {
        for k in 0..model.classes() {
            let formula = Logit(&model, k);
            if formula.at(&x) == f64::NEG_INFINITY {
                prop_assert_eq!(formula.at(&Complex::variable(x)).re, f64::NEG_INFINITY);
                prop_assert_eq!(formula.at(&Jet::<f64, 3>::variable(x)).derivative(1), 0.0);
            } else {
                backends_agree(&formula, x, 1.0)?;
            }
        }
    }

    #[test]
    fn risk_integrands_run_on_every_backend(case in testing::case(2..=4), x in -8.0..8.0_f64) {
        let formula = Pointwise(&case);
        let value = formula.at(&x);
        prop_assume!(value > 1e-3 && value < 1e6);
        slopes_agree(&formula, x, value + SLOPES * formula.largest_slope(x))?;
    }
}

#[test]
fn every_activation_runs_on_every_backend() {
    for activation in Activation::ALL {
        for x in [-3.0, -0.25, 0.5, 4.0] {
            let value = activation.apply(&x);
            let jet = activation.apply(&Jet::<f64, 2>::variable(x));
            let complex = activation.apply(&Complex::variable(x));
            assert!(close(complex.re, value, 1e-3), "{activation} at {x}");
            assert!(close(complex.derivative(), jet.derivative(1), 1e-3), "{activation} at {x}");
        }
    }
}
