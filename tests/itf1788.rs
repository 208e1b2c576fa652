//! The unit tests of libieeep1788, an outside suite for interval arithmetic: each result contains the tightest one and is wider by at most a
//! few doubles.

use score_workbench::real::{Interval, Real};

/// The operation of this name, and by how many doubles a bound may be farther out than the tightest.
fn evaluate(name: &str, x: &[Interval]) -> (Interval, u32) {
    match name {
        "neg" => (-x[0], 0),
        "add" => (x[0] + x[1], 0),
        "sub" => (x[0] - x[1], 0),
        "mul" => (x[0] * x[1], 2),
        "div" => (x[0] / x[1], 1),
        "recip" => (Interval::ONE / x[0], 1),
        "sqr" => (x[0].square(), 1),
        "sqrt" => (x[0].sqrt(), 1),
        "exp" => (x[0].exp(), 1),
        "ln" => (x[0].ln(), 1),
        "tanh" => (x[0].tanh(), 1),
        "abs" => (x[0].abs(), 0),
        "max" => (Real::max(&x[0], &x[1]), 0),
        "min" => (-Real::max(&-x[0], &-x[1]), 0),
        "intersection" => (x[0].intersection(x[1]), 0),
        "convex_hull" => (x[0].hull(x[1]), 0),
        power => {
            let n = power.strip_prefix("pown-").and_then(|n| n.parse().ok()).expect("an operation");
            (x[0].power(n), 2 * n)
        }
    }
}

fn intervals(bounds: &str) -> Vec<Interval> {
    let bounds: Vec<f64> =
        bounds.split_whitespace().map(|bound| bound.parse().expect("a double")).collect();
    bounds.chunks(2).map(|bounds| Interval::new(bounds[0], bounds[1])).collect()
}

/// The interval with both bounds farther out by so many doubles.
fn widened(x: Interval, by: u32) -> Interval {
    let lower = (0..by).fold(x.lower(), |bound, _| bound.next_down());
    Interval::new(lower, (0..by).fold(x.upper(), |bound, _| bound.next_up()))
}

#[test]
fn the_results_contain_the_tightest_and_are_nearly_as_tight() {
    let tests = include_str!("data/itf1788/libieeep1788.txt").lines();
    let mut count = 0;
    for test in tests.filter(|line| !line.starts_with('#')) {
        let (left, right) = test.split_once(" = ").expect("a result");
        let (name, arguments) = left.split_once(' ').expect("arguments");
        let tightest = intervals(right)[0];
        let (found, by) = evaluate(name, &intervals(arguments));
        assert!(tightest.is_in(found), "{test}: {found:?}");
        assert!(found.is_in(widened(tightest, by)), "{test}: {found:?}");
        count += 1;
    }
    assert_eq!(count, 668);
}
