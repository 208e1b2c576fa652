//! Enclosures of whole formulas: divergences, laws, models and integrands of risks over random cells contain what points in them give, in value,
//! derivatives and integral.
#![cfg(feature = "testing")]

mod formulas;

use formulas::{BetweenLogits, Formula, LogJoint, Logit, Pointwise};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use score_workbench::divergence::Divergence;
use score_workbench::real::{Interval, Jet, Real, Taylor};
use score_workbench::testing;

/// As much as doubles may err in these formulas, relative to 1 and the value.
const ROUNDING: f64 = 1e-9;

fn overlap(a: Interval, b: Interval) -> bool {
    a.lower() <= b.upper() && b.lower() <= a.upper()
}

/// The interval, farther out by a share of its bounds and of 1.
fn loosened(x: Interval, share: f64) -> Interval {
    let by = |bound: f64| share * (1.0 + bound.abs());
    Interval::new(x.lower() - by(x.lower()), x.upper() + by(x.upper()))
}

/// A cell and points in it, its ends and its middle among them.
#[derive(Clone, Debug)]
struct Cell {
    cell: Interval,
    points: Vec<f64>,
}

fn cell(limit: f64) -> impl Strategy<Value = Cell> {
    let width = prop_oneof![Just(0.0), 0.0..1e-6_f64, 0.0..0.1_f64, 0.0..1.0_f64, 0.0..8.0_f64];
    let shares = proptest::collection::vec(0.0..=1.0_f64, 4);
    (-limit..limit, width, shares).prop_map(|(start, width, shares)| {
        let cell = Interval::new(start, start + width);
        let inner = shares.iter().map(|share| start + share * width);
        let points = inner.chain([cell.lower(), cell.upper(), cell.midpoint()]);
        Cell { cell, points: points.filter(|x| cell.contains(*x)).collect() }
    })
}

/// Intervals, jets of them and Taylor enclosures over the cell contain what points give.
fn encloses(formula: &impl Formula, Cell { cell, points }: &Cell) -> Result<(), TestCaseError> {
    let values = formula.at(cell);
    let jet = formula.at(&Jet::<Interval, 3>::variable(*cell));
    let taylor = formula.at(&Taylor::<6>::variable(*cell));
    prop_assert!(overlap(taylor.at_midpoint(), taylor.range()));
    for x in points {
        let double = formula.at(x);
        let point = formula.at(&Interval::point(*x));
        let slopes = formula.at(&Jet::<Interval, 3>::variable(Interval::point(*x)));
        if double.is_finite() {
            prop_assert!(
                loosened(point, ROUNDING).contains(double),
                "{double} and {point:?} at {x}"
            );
        }
        // Isotone, up to rounding.
        prop_assert!(point.is_in(loosened(values, 1e-13)), "{point:?} in {values:?} at {x}");
        for range in [values, *jet.value(), taylor.range()] {
            prop_assert!(overlap(point, range), "{point:?} and {range:?} at {x}");
        }
        for n in 0..3 {
            let (at, over) = (slopes.derivative(n), jet.derivative(n));
            prop_assert!(overlap(at, over), "order {n}: {at:?} and {over:?} at {x}");
        }
        let (at, over) = (slopes.derivative(1), taylor.slope());
        prop_assert!(overlap(at, over), "slope {at:?} and {over:?} at {x}");
    }
    Ok(())
}

/// The integral over the cell contains those over its parts, and what Simpson's rule estimates.
fn integrates(formula: &impl Formula, cell: Interval) -> Result<(), TestCaseError> {
    let whole = formula.at(&Taylor::<6>::variable(cell)).integral();
    let parts = 32;
    let end = |n: i32| {
        let share = f64::from(n) / f64::from(parts);
        if n == parts { cell.upper() } else { cell.lower() + share * (cell.upper() - cell.lower()) }
    };
    let mut sum = Interval::ZERO;
    let mut estimate = 0.0;
    for n in 0..parts {
        let part = Interval::new(end(n), end(n + 1));
        sum = sum + formula.at(&Taylor::<6>::variable(part)).integral();
        let [low, middle, high] =
            [part.lower(), part.midpoint(), part.upper()].map(|x| formula.at(&x));
        estimate += (part.upper() - part.lower()) * (low + 4.0 * middle + high) / 6.0;
    }
    prop_assert!(overlap(whole, sum), "{whole:?} and {sum:?} of {cell:?}");
    if estimate.is_finite() {
        // Kinks and steps cost Simpson's rule what the parts do not know either.
        let allowed = loosened(Interval::new(sum.lower(), sum.upper()), ROUNDING);
        prop_assert!(
            allowed.contains(estimate)
                || (estimate - sum.midpoint()).abs() < 0.01 * (1.0 + estimate),
            "{estimate} and {sum:?} of {cell:?}"
        );
    }
    Ok(())
}

/// A fixed seed, so that a run can be repeated; `PROPTEST_RNG_SEED` and `PROPTEST_CASES` explore further.
fn config(cases: u32) -> ProptestConfig {
    let from_environment = ProptestConfig::default();
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig {
        cases: if asked { from_environment.cases } else { cases },
        rng_seed: match from_environment.rng_seed {
            RngSeed::Random => RngSeed::Fixed(1788),
            given @ RngSeed::Fixed(_) => given,
        },
        failure_persistence: None,
        ..from_environment
    }
}

fn row(classes: usize) -> impl Strategy<Value = Vec<f64>> {
    testing::logits(classes).prop_map(|row| row.entries().to_vec())
}

fn four_rows() -> impl Strategy<Value = [Vec<f64>; 4]> {
    (2..=4_usize).prop_flat_map(|k| [row(k), row(k), row(k), row(k)])
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn divergences_are_enclosed([h, dh, b, db] in four_rows(), cell in cell(1.0)) {
        for divergence in Divergence::ALL {
            let formula = BetweenLogits { divergence, first: [&h, &dh], second: [&b, &db] };
            encloses(&formula, &cell)?;
            // Equal arguments: the divergence is 0.
            let formula = BetweenLogits { divergence, first: [&h, &dh], second: [&h, &dh] };
            encloses(&formula, &cell)?;
        }
    }

    #[test]
    fn laws_are_enclosed(law in (2..=4_usize).prop_flat_map(testing::law), cell in cell(12.0)) {
        for k in 0..law.classes() {
            encloses(&LogJoint(&law, k), &cell)?;
        }
    }

    #[test]
    fn models_are_enclosed(model in (2..=4_usize).prop_flat_map(testing::model), cell in cell(8.0)) {
        for k in 0..model.classes() {
            encloses(&Logit(&model, k), &cell)?;
        }
    }

    #[test]
    fn integrands_are_enclosed(case in testing::case(2..=4), cell in cell(8.0)) {
        encloses(&Pointwise(&case), &cell)?;
        integrates(&Pointwise(&case), cell.cell)?;
    }
}

/// A formula with its antiderivative.
struct Known<F, G>(F, G);

impl<F: Fn(&Taylor<9>) -> Taylor<9>, G: Fn(Interval) -> Interval> Known<F, G> {
    fn check(&self, cells: &[(f64, f64)], width: f64) {
        for &(low, high) in cells {
            let cell = Interval::new(low, high);
            let found = self.0(&Taylor::variable(cell)).integral();
            let truth = self.1(cell.at_upper()) - self.1(cell.at_lower());
            assert!(overlap(found, truth), "{found:?} and {truth:?} over {cell:?}");
            assert!(found.width() <= width, "{found:?} over {cell:?}");
        }
    }
}

#[test]
fn integrals_are_differences_of_antiderivatives() {
    let cells = [(0.25, 0.75), (1.0, 1.5), (2.0, 2.125), (0.1, 0.3)];
    Known(|x: &Taylor<9>| x.exp(), |x: Interval| x.exp()).check(&cells, 1e-9);
    Known(|x: &Taylor<9>| x.int(1) / x.clone(), |x: Interval| x.ln()).check(&cells, 0.2);
    Known(|x: &Taylor<9>| x.logistic(), |x: Interval| x.softplus()).check(&cells, 1e-6);
    // ln(2 cosh x).
    let log_cosh = |x: Interval| (x + x).softplus() - x;
    Known(|x: &Taylor<9>| x.tanh(), log_cosh).check(&cells, 1e-6);
    let cube = |x: Interval| x.power(3) / Interval::point(3.0);
    Known(|x: &Taylor<9>| x.square(), cube).check(&cells, 1e-14);
    let root = |x: Interval| x * x.sqrt() * Interval::point(2.0) / Interval::point(3.0);
    Known(|x: &Taylor<9>| x.sqrt(), root).check(&cells, 1e-2);
    Known(|x: &Taylor<9>| x.ln(), |x: Interval| x * x.ln() - x).check(&cells, 1e-2);
}

/// A number before a function is a function on the same cell.
#[test]
fn numbers_on_either_side() {
    let x = Taylor::<9>::variable(Interval::new(0.0, 2.0));
    let one = || Taylor::fixed(Interval::ONE);
    for (sum, integral) in [(one() + x.clone(), 4.0), (x.clone() + one(), 4.0), (one() - x, 0.0)] {
        assert!(sum.integral().contains(integral) && sum.integral().width() < 1e-14, "{sum:?}");
    }
}

/// Of a family of functions each x may choose another one: the largest of `c x`, `|c| <= 1`, is `|x|`.
#[test]
fn families_contain_their_supremum() {
    let x = Taylor::<9>::variable(Interval::new(-1.0, 1.0));
    let family = Taylor::fixed(Interval::new(-1.0, 1.0)) * x;
    assert!(family.integral().contains(1.0) && family.integral().contains(-1.0), "{family:?}");
}

#[test]
fn kinks_are_enclosed() {
    let halves = |x: Interval| x * x.abs() / Interval::point(2.0);
    let cells = [(-1.0, 2.0), (-0.5, 0.5), (-3.0, 0.0), (0.0, 1.0), (-1e-9, 1.0)];
    Known(|x: &Taylor<9>| x.abs(), halves).check(&cells, 6.0);
    let kinked = Taylor::<9>::variable(Interval::new(-1.0, 2.0)).abs();
    assert!(!kinked.is_smooth() && kinked.range().lower() >= 0.0);
    assert!(Interval::new(-1.0, 1.0).is_in(kinked.slope()));
    // What is made of a kink has one: its higher coefficients stay unknown.
    let square = kinked.clone() * kinked;
    assert!(!square.is_smooth() && square.range().contains(4.0) && square.slope().contains(-2.0));
}

#[test]
fn cells_of_one_point_are_points() {
    let x = Taylor::<5>::variable(Interval::point(0.75));
    let y = x.exp();
    assert!(y.range().contains(0.75_f64.exp()) && y.range().width() < 1e-15);
    assert_eq!(y.integral(), Interval::ZERO);
}

#[test]
fn narrow_cells_make_narrow_enclosures() {
    let formula = |x: &Taylor<9>| (x.square() - x.clone()).exp().ln_1p();
    let widths = [1.0, 0.5, 0.25].map(|width| {
        formula(&Taylor::variable(Interval::new(0.5, 0.5 + width))).integral().width()
    });
    // One order more than the coefficients have: halves of the cell gain a factor of 2^10.
    assert!(widths[1] < widths[0] / 100.0 && widths[2] < widths[1] / 100.0, "{widths:?}");
}
