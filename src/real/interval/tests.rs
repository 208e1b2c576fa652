//! Inclusion on a sample of true values, and what it is worth: every wrong rounding is noticed.

use super::inclusion::{OPERATIONS, Operation};
use super::rounding::mutation::{self, Change};
use super::*;

/// A point with its true value.
struct Vector {
    operation: &'static Operation,
    point: Vec<f64>,
    truth: Interval,
}

fn vectors() -> Vec<Vector> {
    let lines = include_str!("../../../tests/data/intervals.txt").lines();
    let read = |line: &str| {
        let (name, numbers) = line.split_once(' ').expect("a name and numbers");
        let bits = |text| f64::from_bits(u64::from_str_radix(text, 16).expect("bits"));
        let mut point: Vec<f64> = numbers.split(' ').map(bits).collect();
        let upper = point.pop().expect("an upper bound");
        let truth = Interval { lower: point.pop().expect("a lower bound"), upper };
        let operation = Operation::named(name).expect("a known operation");
        Vector { operation, point, truth }
    };
    lines.filter(|line| !line.starts_with('#')).map(read).collect()
}

/// Every violation, as text.
fn violations(vectors: &[Vector]) -> Vec<String> {
    let checks = vectors.iter().map(|vector| vector.operation.check(&vector.point, vector.truth));
    checks.filter_map(|check| Some(check.err()?.to_string())).collect()
}

#[test]
fn true_values_are_included() {
    let vectors = vectors();
    for operation in OPERATIONS {
        let points = vectors.iter().filter(|vector| vector.operation.name == operation.name);
        assert!(points.count() >= 100, "{operation:?}");
    }
    let violations = violations(&vectors);
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

/// Whether the checks, or the test of widths, notice that something is wrong. A step that is left out must cost inclusion; one that goes
/// the wrong way can also make bounds that are no interval, and the result everything.
fn noticed(vectors: &[Vector], change: Change) -> bool {
    let matters = |what| change == Change::Flipped || what == "not included";
    !widths_are_upper_bounds(vectors)
        || vectors.iter().any(|Vector { operation, point, truth }| {
            operation.check(point, *truth).is_err_and(|found| matters(found.what))
        })
}

fn widths_are_upper_bounds(vectors: &[Vector]) -> bool {
    let exact = |x: f64| Exact::from_f64(x).expect("finite");
    vectors.iter().filter(|vector| vector.operation.name == "sub").all(|vector| {
        let [a, b] = [vector.point[0], vector.point[1]];
        let width = Interval::new(a.min(b), a.max(b)).width();
        let distance = &*exact(a.max(b)).ratio() - &*exact(a.min(b)).ratio();
        width == f64::INFINITY || *exact(width).ratio() >= distance
    })
}

#[test]
fn every_wrong_rounding_is_noticed() {
    let vectors = vectors();
    let sites = mutation::sites(|| assert!(!noticed(&vectors, Change::Flipped)));
    let sources = [
        include_str!("mod.rs"),
        include_str!("arithmetic.rs"),
        include_str!("functions.rs"),
        include_str!("probability.rs"),
    ];
    assert_eq!(sites.len(), sources.into_iter().map(roundings).sum::<usize>(), "{sites:?}");
    for site in sites {
        for change in [Change::Dropped, Change::Flipped] {
            assert!(
                mutation::with(site, change, || noticed(&vectors, change)),
                "{change:?} at {site:?}"
            );
        }
    }
}

/// The calls of roundings in a source.
fn roundings(source: &str) -> usize {
    let names = ["below(", "above(", "below_finite(", "above_finite(", "add_down(", "add_up("];
    let begins = |at: usize| !source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let calls = |name| source.match_indices(name).filter(|(at, _)| begins(*at)).count();
    names.into_iter().map(calls).sum()
}
