//! What a law is tried on: a handful of label distributions or rows of logits in short decimals, labels, an order of the classes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::profile::{Dtype, Input, Profile};

/// How many rows a case has.
pub(super) const ROWS: usize = 5;

/// Where the rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flavour {
    /// Probabilities of at least about 1/90, logits in `[-10, 10]`; some rows nearly coincide.
    Interior,
    /// The same, no two rows near on purpose.
    Apart,
    /// Probabilities of 0, of 1e-9 and of 1; logits as in the interior.
    Boundary,
    /// Logits up to 1e4 in magnitude, moderate ones beside them; probabilities as in the interior.
    Extreme,
}

/// The numbers that everything in a case is read from; each shrinks towards 0.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) classes: usize,
    digits: u32,
    cells: Vec<Vec<i64>>,
    flags: Vec<Vec<u8>>,
    near: Vec<u8>,
    labels: Vec<usize>,
    keys: Vec<u16>,
    /// A step, in tenths.
    pub(super) step: i32,
    flavour: Flavour,
    input: Input,
    dtype: Dtype,
}

/// The numbers of classes that are tried: a few of those allowed, the smallest first.
pub(super) fn class_counts(profile: &Profile) -> Vec<usize> {
    let (least, most) = (*profile.class_counts().start(), *profile.class_counts().end());
    let mut counts = vec![least, least + 1, least + 2, usize::midpoint(least, most), most];
    counts.retain(|count| *count <= most);
    counts.sort_unstable();
    counts.dedup();
    counts
}

/// Cases for a loss.
pub(super) fn cases(profile: &Profile, flavour: Flavour) -> BoxedStrategy<Case> {
    let counts = class_counts(profile);
    let most = *counts.last().expect("a range that is not empty");
    let (input, dtype) = (profile.inputs(), profile.arithmetic());
    let rows = (
        vec(vec(-9999..=9999_i64, most), ROWS),
        vec(vec(0..=9_u8, most), ROWS),
        vec(0..=9_u8, ROWS),
    );
    let rest = (vec(0..most, ROWS), vec(0..1000_u16, most), -1000..=1000_i32);
    (select(counts), 0..=3_u32, rows, rest)
        .prop_map(move |(classes, digits, (cells, flags, near), (labels, keys, step))| Case {
            classes,
            digits,
            cells,
            flags,
            near,
            labels,
            keys,
            step,
            flavour,
            input,
            dtype,
        })
        .boxed()
}

/// A cell of at least this much makes a logit extreme or a probability 0; one less, a tiny one.
const MARKED: u8 = 7;

/// The units in which logits are counted, for steps between near rows that are a hundredth of a cell.
const UNITS: f64 = 1e5;

impl Case {
    /// Row i as the loss gets it.
    pub(super) fn row(&self, i: usize) -> Vec<f64> {
        match self.input {
            Input::Logits => self.logits(i),
            Input::Probabilities => self.probabilities(i),
        }
    }

    /// The label of row i.
    pub(super) fn label(&self, i: usize) -> usize {
        self.labels[i % ROWS] % self.classes
    }

    /// A permutation of the classes.
    pub(super) fn permutation(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.classes).collect();
        order.sort_by_key(|k| self.keys[*k]);
        order
    }

    fn is_near(&self, i: usize) -> bool {
        i > 0 && self.near[i] >= MARKED && self.flavour != Flavour::Apart
    }

    fn logits(&self, i: usize) -> Vec<f64> {
        let i = i % ROWS;
        let lost = 10_i64.pow(3 - self.digits);
        let short = |cell: i64| cell / lost * lost;
        let logit = |k: usize| {
            let cell = self.cells[i][k];
            let units = if self.is_near(i) {
                100 * short(self.cells[0][k]) + short(cell)
            } else if self.flavour == Flavour::Extreme && self.flags[i][k] >= MARKED {
                // 9,999 is as far as a cell goes.
                (cell + cell.signum()) * 100_000
            } else {
                100 * short(cell)
            };
            self.dtype.round(units as f64 / UNITS)
        };
        (0..self.classes).map(logit).collect()
    }

    /// Probabilities that are whole numbers of 10^-digits.
    pub(super) fn probabilities(&self, i: usize) -> Vec<f64> {
        let i = i % ROWS;
        let near = self.is_near(i);
        let of = if near { 0 } else { i };
        let boundary = self.flavour == Flavour::Boundary;
        let mark = |k: usize| if boundary { self.flags[of][k] } else { 0 };
        let tiny = (0..self.classes).any(|k| mark(k) == MARKED - 1);
        let count = i64::try_from(self.classes).unwrap_or(i64::MAX);
        let enough = (1..17).find(|d| 10_i64.pow(*d) / 10 >= count).unwrap_or(17);
        let digits = if tiny { 9 } else { enough - 1 + self.digits };
        let digits = digits.max(if self.classes <= 5 { 1 } else { enough });
        let total = 10_i64.pow(digits);
        let weight = |k: usize| match mark(k) {
            MARKED.. => 0,
            m if m == MARKED - 1 && k != self.label(of) => 0,
            _ => 1 + self.cells[of][k].abs() / 1250,
        };
        let least = |k: usize| match mark(k) {
            MARKED.. => 0,
            _ => 1,
        };
        let weights: Vec<i64> = (0..self.classes).map(weight).collect();
        let sum: i64 = weights.iter().sum();
        let free = total - (0..self.classes).map(least).sum::<i64>();
        let share = |k: usize| if sum == 0 { 0 } else { free * weights[k] / sum };
        let mut units: Vec<i64> = (0..self.classes).map(|k| least(k) + share(k)).collect();
        let top = (0..self.classes).max_by_key(|k| (weights[*k], self.label(of) == *k));
        let top = top.unwrap_or(0);
        units[top] += total - units.iter().sum::<i64>();
        let target = self.label(i);
        if near && target != top && units[top] > 1 {
            units[top] -= 1;
            units[target] += 1;
        }
        units.iter().map(|unit| self.dtype.round(*unit as f64 / total as f64)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    use super::*;

    fn sample(input: Input, flavour: Flavour, check: impl Fn(&[f64])) {
        let profile = Profile::divergence("none", input);
        let cases = cases(&profile, flavour);
        let mut runner = TestRunner::deterministic();
        for _ in 0..500 {
            let case = cases.new_tree(&mut runner).unwrap().current();
            (0..ROWS).for_each(|i| check(&case.row(i)));
            let mut order = case.permutation();
            order.sort_unstable();
            assert!(order.into_iter().eq(0..case.classes));
        }
    }

    #[test]
    fn probabilities_are_short_decimals_that_sum_to_one() {
        for flavour in [Flavour::Interior, Flavour::Apart, Flavour::Boundary] {
            sample(Input::Probabilities, flavour, |row| {
                assert!(
                    (row.iter().sum::<f64>() - 1.0).abs() < 1e-15 * row.len() as f64,
                    "{row:?}"
                );
                let least = if flavour == Flavour::Boundary { 0.0 } else { 1e-5 };
                for p in row {
                    assert!(*p >= least && p.to_string().len() <= 11, "{row:?}");
                }
            });
        }
    }

    #[test]
    fn logits_are_short_decimals_and_reach_as_far_as_is_said() {
        sample(Input::Logits, Flavour::Interior, |row| {
            assert!(row.iter().all(|h| h.abs() <= 10.2 && h.to_string().len() <= 9), "{row:?}");
        });
        let farthest = std::cell::Cell::new(0.0_f64);
        sample(Input::Logits, Flavour::Extreme, |row| {
            farthest.set(row.iter().fold(farthest.get(), |far, h| far.max(h.abs())));
        });
        assert!(farthest.get() > 9_900.0 && farthest.get() <= 1e4);
    }
}
