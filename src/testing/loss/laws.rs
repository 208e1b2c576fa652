//! The table of laws.

use super::bench::{Bench, Example, agree, at_most, blur};
use super::case::{Case, Flavour};
use super::profile::{Dtype, Input, Kind, Profile, Reduction, Stance, Targets};
use super::{Answer, Broken, Target};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::names;
use crate::tolerance;

/// A law that losses obey or not.
pub struct Law {
    /// The name on the command line, in claims and in files.
    pub name: &'static str,
    /// The statement, as maths.
    pub statement: &'static str,
    /// The constant in it that a claim may state, where there is one.
    pub constant: Option<Constant>,
    /// What is said of it where nobody says anything.
    default: Stance,
    scope: Scope,
    flavour: Flavour,
    check: fn(&mut Bench, &Case, f64) -> Result<Seen, Broken>,
}

/// The constant of a law.
#[derive(Clone, Copy, Debug)]
pub struct Constant {
    /// What it is where a claim says nothing.
    pub default: f64,
    /// What the largest value found of it is called.
    pub measured: &'static str,
}

/// Which losses a law speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    All,
    Divergences,
    Objectives,
    Logits,
    Boundaries,
    Gradients,
    Equals,
    EqualsWithGradients,
}

/// What one case showed.
#[derive(Debug)]
pub(super) enum Seen {
    /// The law holds there, and what its constant has to be at least.
    Holds(Option<f64>),
    /// The law fails there.
    Fails(Counterexample, Option<f64>),
    /// The case says nothing about the law.
    Nothing,
}

/// Where a law fails.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// The inputs, by name, in short decimals.
    pub inputs: Vec<(&'static str, String)>,
    /// What was found there, and what should have been.
    pub found: String,
}

impl std::fmt::Debug for Law {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("Law").field("name", &self.name).finish_non_exhaustive()
    }
}

const fn law(
    name: &'static str,
    statement: &'static str,
    (default, scope, flavour): (Stance, Scope, Flavour),
    check: fn(&mut Bench, &Case, f64) -> Result<Seen, Broken>,
) -> Law {
    Law { name, statement, constant: None, default, scope, flavour, check }
}

#[allow(clippy::needless_pass_by_value, reason = "it is taken apart")]
const fn with(law: Law, default: f64, measured: &'static str) -> Law {
    Law { constant: Some(Constant { default, measured }), ..law }
}

use Flavour::{Apart, Boundary, Extreme, Interior};
use Scope::{
    All, Boundaries, Divergences, Equals, EqualsWithGradients, Gradients, Logits, Objectives,
};
use Stance::{Claimed, Open};

/// The laws, in the order in which they are reported.
pub static LAWS: [Law; 24] = [
    law(
        "finite",
        "L is a finite number inside the simplex, for logits in [-10, 10]; so is its gradient where no two distributions coincide",
        (Claimed, All, Interior),
        finite,
    ),
    law(
        "reproducible",
        "the same batch has the same losses, bit for bit",
        (Claimed, All, Interior),
        reproducible,
    ),
    law(
        "dtype",
        "L is computed in the arithmetic that is stated: its values are numbers of it, and of no narrower one",
        (Claimed, All, Apart),
        dtype,
    ),
    law(
        "reduction",
        "the loss of a batch is what the stated reduction makes of the losses of its examples alone",
        (Claimed, All, Interior),
        reduction,
    ),
    law(
        "batch-order",
        "the order of the examples in a batch does not matter",
        (Claimed, All, Interior),
        batch_order,
    ),
    law(
        "permutation",
        "L does not change when the classes are numbered in another order",
        (Claimed, All, Interior),
        permutation,
    ),
    law(
        "shift",
        "L does not change when a number is added to all logits of a row",
        (Claimed, Logits, Interior),
        shift,
    ),
    law("non-negative", "L >= 0", (Claimed, All, Interior), non_negative),
    law(
        "gradient",
        "the gradient of L is that of its values, by finite differences",
        (Claimed, Gradients, Apart),
        gradient,
    ),
    law(
        "extreme-logits",
        "L is a finite number for logits of +-1e4; so is its gradient where no two distributions coincide",
        (Claimed, Logits, Extreme),
        extreme_logits,
    ),
    law(
        "boundary",
        "at the boundary of the simplex L is no NaN, >= 0, and infinite only where the supports differ",
        (Claimed, Boundaries, Boundary),
        boundary,
    ),
    law("zero-at-equality", "D(a, a) = 0", (Claimed, Divergences, Interior), zero_at_equality),
    law(
        "separates",
        "D(a, b) > 0 where a and b differ by 0.05 in some class",
        (Open, Divergences, Apart),
        separates,
    ),
    law("symmetric", "D(a, b) = D(b, a)", (Open, Divergences, Interior), symmetric),
    with(
        law(
            "triangle",
            "D(a, c) <= c0 (D(a, b) + D(b, c)), c0 = 1 unless stated",
            (Open, Divergences, Interior),
            triangle,
        ),
        1.0,
        "c0 >= ",
    ),
    with(
        law(
            "kl-bound",
            "D(a, b) <= s KL(a, b), s = 1 unless stated",
            (Open, Divergences, Interior),
            kl_bound,
        ),
        1.0,
        "s >= ",
    ),
    with(
        law(
            "pinsker",
            "D(a, b)^2 <= s KL(a, b), s = 2 unless stated",
            (Open, Divergences, Interior),
            pinsker,
        ),
        2.0,
        "s >= ",
    ),
    law("convex-first", "a -> D(a, b) is convex", (Open, Divergences, Interior), convex_first),
    law("convex-second", "b -> D(a, b) is convex", (Open, Divergences, Interior), convex_second),
    law(
        "zero-at-certainty",
        "L -> 0 where all answers give the target's label with certainty",
        (Open, Objectives, Interior),
        zero_at_certainty,
    ),
    law(
        "proper",
        "E_{y ~ t} L(q, y) is smallest at q = t (answers to input and attacked input alike)",
        (Open, Objectives, Interior),
        proper,
    ),
    law(
        "convex",
        "L is convex in the logits, or probabilities, of all answers together",
        (Open, Objectives, Interior),
        convex,
    ),
    law(
        "equals",
        "L is the entry of the catalogue that it is said to be",
        (Claimed, Equals, Interior),
        equals,
    ),
    law(
        "gradient-jets",
        "the gradient of L is that of the entry, by jets",
        (Claimed, EqualsWithGradients, Apart),
        gradient_jets,
    ),
];

impl Law {
    /// The law of this name.
    ///
    /// # Errors
    /// [`Error::Unknown`] with the names that exist.
    pub fn named(name: &str) -> Result<&'static Self, Error> {
        let unknown = || names::unknown("law", name, LAWS.iter().map(|law| law.name));
        LAWS.iter().find(|law| law.name == name).ok_or_else(unknown)
    }

    /// What counts where nothing is said of it.
    #[must_use]
    pub fn unless_said(&self) -> Stance {
        self.default
    }

    /// Which losses it speaks of.
    #[must_use]
    pub fn scope(&self) -> &'static str {
        match self.scope {
            All => "all",
            Divergences => "divergences",
            Objectives => "objectives",
            Logits => "logits",
            Boundaries => "probabilities, of answers or targets",
            Gradients => "gradients, not in half precision",
            Equals => "where `equals` is claimed",
            EqualsWithGradients => "gradients, where an entry is claimed or found",
        }
    }

    /// Why it says nothing about a loss; `None` where it does.
    pub(super) fn silent(&self, bench: &Bench) -> Option<&'static str> {
        let profile = bench.profile();
        let is_divergence = profile.kind() == Kind::Divergence;
        let is_logits = profile.inputs() == Input::Logits;
        let has_distributions =
            matches!(profile.kind(), Kind::Objective { targets: Targets::Distributions, .. });
        let differentiable = profile.arithmetic().bits() >= 24;
        let silent = match self.scope {
            Divergences => (!is_divergence, "for divergences"),
            Objectives => (is_divergence, "for objectives"),
            Logits => (!is_logits, "for logits"),
            Boundaries => (is_logits && !has_distributions, "for probabilities"),
            Equals => (profile.equals().is_none(), "nothing is said to equal it"),
            // Where no entry is claimed, the one that was found is compared with.
            Gradients | EqualsWithGradients if !profile.has_gradient() => {
                (true, "it gives no gradient")
            }
            EqualsWithGradients => (
                profile.equals().is_none() && bench.reference.is_none(),
                "no entry is claimed or found",
            ),
            All => (false, ""),
            Gradients => (!differentiable, "half precision has no digits for differences"),
        };
        silent.0.then_some(silent.1)
    }

    /// What is said of it, by the loss or by default, and its constant.
    pub(super) fn stance(&self, profile: &Profile) -> (Stance, f64) {
        let default = self.constant.map_or(0.0, |constant| constant.default);
        match profile.said(self.name) {
            Some((stance, constant)) => (stance, constant.unwrap_or(default)),
            None => (self.default, default),
        }
    }

    pub(super) fn flavour(&self) -> Flavour {
        self.flavour
    }

    pub(super) fn check(
        &self,
        bench: &mut Bench,
        case: &Case,
        constant: f64,
    ) -> Result<Seen, Broken> {
        (self.check)(bench, case, constant)
    }
}

/// Six digits of a number, as short as they go.
fn shown(x: f64) -> String {
    let text = format!("{x:.5e}");
    let rounded: f64 = text.parse().unwrap_or(x);
    let plain = rounded.to_string();
    if plain.len() <= 12 { plain } else { format!("{rounded:e}") }
}

fn list(rows: &[f64]) -> String {
    format!("[{}]", rows.iter().map(|x| shown(*x)).collect::<Vec<_>>().join(", "))
}

impl Bench<'_> {
    fn shown(&self, row: &[f64]) -> String {
        let entries: Vec<String> = row.iter().map(|x| self.dtype().shown(*x)).collect();
        format!("[{}]", entries.join(", "))
    }

    /// The names of the two rows.
    fn names(&self) -> [&'static str; 2] {
        match self.profile().kind() {
            Kind::Divergence => ["a", "b"],
            Kind::Objective { .. } if self.profile().inputs() == Input::Logits => {
                ["logits", "attacked"]
            }
            Kind::Objective { .. } => ["clean", "attacked"],
        }
    }

    fn is_attacked(&self) -> bool {
        !matches!(self.profile().kind(), Kind::Objective { attacked: false, .. })
    }

    fn inputs(&self, example: &Example) -> Vec<(&'static str, String)> {
        let [first, second] = self.names();
        let mut inputs = vec![(first, self.shown(&example.rows[0]))];
        if self.is_attacked() {
            inputs.push((second, self.shown(&example.rows[1])));
        }
        match &example.target {
            Some(Target::Label(label)) => inputs.push(("target", label.to_string())),
            Some(Target::Distribution(row)) => inputs.push(("target", self.shown(row))),
            None => {}
        }
        inputs
    }

    /// Whether two of the distributions of an example are the same but for a little.
    fn nearly_coincide(&self, example: &Example) -> bool {
        let mut rows: Vec<Vec<f64>> = vec![];
        for row in &example.rows[..=usize::from(self.is_attacked())] {
            rows.push(self.labels(row).probabilities().entries().to_vec());
        }
        rows.extend(example.target.iter().map(|target| target.row(example.rows[0].len())));
        let near = |a: &[f64], b: &[f64]| {
            a.iter().zip(b).all(|(a, b)| (a - b).abs() < tolerance::LOSS_APART)
        };
        (1..rows.len()).any(|i| rows[..i].iter().any(|row| near(row, &rows[i])))
    }

    fn fails(&self, example: &Example, found: String) -> Seen {
        Seen::Fails(Counterexample { inputs: self.inputs(example), found }, None)
    }
}

const fn holds_if(holds: bool) -> Option<Seen> {
    if holds { Some(Seen::Holds(None)) } else { None }
}

fn all_finite(answer: &[Vec<f64>; 2]) -> bool {
    answer.iter().flatten().all(|x| x.is_finite())
}

fn finite(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    let example = bench.example(case, 0);
    let (value, gradient) = bench.gradient(&example)?;
    // A root has no finite slope at 0.
    let good = value.is_finite() && (all_finite(&gradient) || bench.nearly_coincide(&example));
    Ok(holds_if(good).unwrap_or_else(|| bench.fails(&example, not_finite(value, &gradient))))
}

fn extreme_logits(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    finite(bench, case, 0.0)
}

fn not_finite(value: f64, gradient: &[Vec<f64>; 2]) -> String {
    if !value.is_finite() {
        return format!("L = {value}");
    }
    let rows: Vec<String> =
        gradient.iter().filter(|row| !row.is_empty()).map(|row| list(row)).collect();
    format!("L = {}, but its gradient is {}", shown(value), rows.join(" and "))
}

fn reproducible(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    let examples = bench.examples(case);
    let [first, second] = [bench.answer(&examples, true)?, bench.answer(&examples, true)?];
    let bits = |answer: &Answer| -> Vec<u64> {
        let gradient = answer.gradient.iter().flatten().flatten().flatten();
        answer.losses.iter().chain(gradient).map(|x| x.to_bits()).collect()
    };
    let found = || format!("{} at first, {} then", list(&first.losses), list(&second.losses));
    let same = bits(&first) == bits(&second);
    Ok(holds_if(same).unwrap_or_else(|| {
        bench.fails(&examples[0], format!("a batch of {}: {}", examples.len(), found()))
    }))
}

/// How many numbers that are not 0 are looked at before their digits say something.
const TELLING: usize = 3;

fn dtype(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    use Dtype::{Bfloat16, Float16, Float32, Float64};
    let examples = bench.examples(case);
    let mut values = vec![];
    for example in &examples {
        values.push(bench.value(example)?);
    }
    let dtype = bench.dtype();
    values.retain(|value| value.is_finite() && *value != 0.0);
    if let Some(i) = values.iter().position(|value| dtype.round(*value) != *value) {
        let found = format!("L = {:e} is no {dtype} number", values[i]);
        return Ok(bench.fails(&examples[i], found));
    }
    let narrower: &[Dtype] = match dtype {
        Float64 => &[Float32],
        Float32 => &[Float16, Bfloat16],
        Float16 | Bfloat16 => &[],
    };
    if narrower.is_empty() {
        return Ok(Seen::Holds(None));
    }
    // Numbers with few digits are of every type; several that are not, and still have no digit more than a narrower type, are no accident.
    let few = if dtype == Float64 { Bfloat16.bits() } else { 4 };
    values.retain(|value| has_more_bits(*value, few));
    values.sort_by(f64::total_cmp);
    values.dedup();
    if values.len() < TELLING {
        return Ok(Seen::Nothing);
    }
    let within = |narrow: &Dtype| values.iter().all(|value| narrow.round(*value) == *value);
    Ok(match narrower.iter().copied().find(within) {
        None => Seen::Holds(None),
        Some(narrow) => {
            let found = format!("all of {} are {narrow} numbers", list(&values));
            bench.fails(&examples[0], found)
        }
    })
}

/// Whether a number needs more bits than so many.
fn has_more_bits(x: f64, bits: i32) -> bool {
    let scaled = x * (f64::powi(2.0, 53 - bits) + 1.0);
    scaled - (scaled - x) != x
}

fn reduction(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    let examples = bench.examples(case);
    let examples = &examples[..2 + case.label(0) % (examples.len() - 1)];
    let mut single = vec![];
    for example in examples {
        single.push(bench.value(example)?);
    }
    let whole = bench.answer(examples, false)?.losses;
    if single.iter().chain(&whole).any(|x| !x.is_finite()) {
        return Ok(Seen::Nothing);
    }
    let largest = single.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
    let slack = examples.iter().map(|example| bench.slack(example, largest)).fold(0.0, f64::max);
    let count = examples.len() as f64;
    let slack = slack * count;
    let sum: f64 = single.iter().sum();
    let expected = match bench.profile().reduces_by() {
        Reduction::None => single.clone(),
        Reduction::Sum => vec![sum],
        Reduction::Mean => vec![sum / count],
    };
    if whole.iter().zip(&expected).all(|(a, b)| agree(*a, *b, slack)) {
        return Ok(Seen::Holds(None));
    }
    let fits = |x: f64| (whole[0] - x).abs() <= slack;
    let guess = match bench.profile().reduces_by() {
        Reduction::Sum if fits(sum / count) => "; it is the mean",
        Reduction::Mean if fits(sum) => "; it is the sum",
        _ => "",
    };
    let found = format!(
        "the losses of {} examples alone are {}, the loss of the batch is {}; by `{}` it should be {}{guess}",
        examples.len(),
        list(&single),
        list(&whole),
        bench.profile().reduces_by(),
        list(&expected),
    );
    Ok(batch_failure(bench, examples, found))
}

fn batch_failure(bench: &Bench, examples: &[Example], found: String) -> Seen {
    let inputs = examples.iter().flat_map(|example| bench.inputs(example)).collect();
    Seen::Fails(Counterexample { inputs, found }, None)
}

fn batch_order(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    let examples = bench.examples(case);
    let turned = [&examples[1..], &examples[..1]].concat();
    let [whole, mut other] =
        [bench.answer(&examples, false)?.losses, bench.answer(&turned, false)?.losses];
    if whole.iter().chain(&other).any(|x| !x.is_finite()) {
        return Ok(Seen::Nothing);
    }
    if bench.profile().reduces_by() == Reduction::None {
        other.rotate_right(1);
    }
    let largest = whole.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
    let slack = examples.iter().map(|example| bench.slack(example, largest)).fold(0.0, f64::max);
    let same = whole.iter().zip(&other).all(|(a, b)| agree(*a, *b, 2.0 * slack));
    Ok(holds_if(same).unwrap_or_else(|| {
        let found = format!("{}, and with the first example last {}", list(&whole), list(&other));
        batch_failure(bench, &examples, found)
    }))
}

/// Compares the losses of two examples that should be equal.
fn equal(bench: &mut Bench, [x, y]: [&Example; 2], texts: [&str; 2]) -> Result<Seen, Broken> {
    let [a, b] = [bench.value(x)?, bench.value(y)?];
    if !(a.is_finite() && b.is_finite()) {
        return Ok(Seen::Nothing);
    }
    let slack = bench.slack(x, a) + bench.slack(y, b);
    Ok(holds_if(agree(a, b, slack)).unwrap_or_else(|| {
        bench.fails(x, format!("{} = {}, {} = {}", texts[0], shown(a), texts[1], shown(b)))
    }))
}

fn permutation(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    let example = bench.example(case, 0);
    let order = case.permutation();
    let turned = |row: &Vec<f64>| order.iter().map(|k| row[*k]).collect::<Vec<f64>>();
    let rows = [turned(&example.rows[0]), turned(&example.rows[1])];
    let target = example.target.as_ref().map(|target| match target {
        Target::Label(label) => {
            Target::Label(order.iter().position(|k| k == label).unwrap_or(*label))
        }
        Target::Distribution(row) => Target::Distribution(turned(row)),
    });
    let other = Example { rows, target };
    equal(bench, [&example, &other], ["L", &format!("with the classes in the order {order:?} L")])
}

fn shift(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    let example = bench.example(case, 0);
    let dtype = bench.dtype();
    let by = f64::from(case.step) / 10.0;
    let mut other = example.clone();
    let which = case.label(1) % if bench.is_attacked() { 2 } else { 1 };
    other.rows[which] = other.rows[which].iter().map(|h| dtype.round(h + by)).collect();
    if !bench.is_attacked() {
        let [first, second] = &mut other.rows;
        second.clone_from(first);
    }
    let text = format!("with {by} added to {} L", bench.names()[which]);
    equal(bench, [&example, &other], ["L", &text])
}

fn non_negative(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    let example = bench.example(case, 0);
    let value = bench.value(&example)?;
    if !value.is_finite() {
        return Ok(Seen::Nothing);
    }
    let good = value >= -bench.slack(&example, value);
    Ok(holds_if(good).unwrap_or_else(|| bench.fails(&example, format!("L = {} < 0", shown(value)))))
}

fn boundary(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    let example = bench.example(case, 0);
    let value = bench.value(&example)?;
    let support = |row: &[f64]| row.iter().map(|p| *p > 0.0).collect::<Vec<bool>>();
    let mut supports = vec![];
    if bench.profile().inputs() == Input::Probabilities {
        supports.extend(example.rows.iter().map(|row| support(row)));
    }
    if let (Some(target), Input::Probabilities) = (&example.target, bench.profile().inputs()) {
        supports.push(support(&target.row(case.classes)));
    }
    let same = supports.windows(2).all(|pair| pair[0] == pair[1]);
    let good = if value.is_finite() {
        value >= -bench.slack(&example, value)
    } else {
        value == f64::INFINITY && !same
    };
    Ok(holds_if(good).unwrap_or_else(|| {
        let rule = if value.is_finite() || value.is_nan() {
            ""
        } else {
            " where all supports are the same"
        };
        bench.fails(&example, format!("L = {}{rule}", shown(value)))
    }))
}

fn zero_at_equality(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    let row = case.row(0);
    let example = Example { rows: [row.clone(), row], target: None };
    let value = bench.value(&example)?;
    if !value.is_finite() {
        return Ok(Seen::Nothing);
    }
    let good = agree(value, 0.0, bench.slack(&example, 0.0));
    Ok(holds_if(good)
        .unwrap_or_else(|| bench.fails(&example, format!("D(a, a) = {}", shown(value)))))
}

/// A divergence at two rows.
fn divergence(bench: &mut Bench, a: &[f64], b: &[f64]) -> Result<f64, Broken> {
    bench.value(&Example { rows: [a.to_vec(), b.to_vec()], target: None })
}

fn separates(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    let example = bench.example(case, 0);
    let [p, q] = [0, 1].map(|i| bench.labels(&example.rows[i]));
    let (p, q) = (p.probabilities().entries(), q.probabilities().entries());
    let apart = p.iter().zip(q).any(|(a, b)| (a - b).abs() >= tolerance::LOSS_APART);
    let value = bench.value(&example)?;
    // The square of the distance has to be more than rounding.
    let slack = bench.slack(&example, 0.0);
    if !apart || !value.is_finite() || slack > tolerance::LOSS_APART.powi(2) {
        return Ok(Seen::Nothing);
    }
    let good = value.abs() > slack;
    Ok(holds_if(good)
        .unwrap_or_else(|| bench.fails(&example, format!("D(a, b) = {}", shown(value)))))
}

fn symmetric(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    let example = bench.example(case, 0);
    let [a, b] = example.rows.clone();
    let other = Example { rows: [b, a], target: None };
    equal(bench, [&example, &other], ["D(a, b)", "D(b, a)"])
}

fn triangle(bench: &mut Bench, case: &Case, constant: f64) -> Result<Seen, Broken> {
    let [a, mut b, c] = [0, 1, 2].map(|i| case.row(i));
    if case.label(3) == 0 {
        b = midpoint(bench, &a, &c);
    }
    let direct = divergence(bench, &a, &c)?;
    let [first, second] = [divergence(bench, &a, &b)?, divergence(bench, &b, &c)?];
    let way_round = first + second;
    if !(direct.is_finite() && way_round.is_finite()) {
        return Ok(Seen::Nothing);
    }
    let example = Example { rows: [a, b], target: None };
    let slack = bench.slack(&example, direct.max(way_round));
    let way_blur = blur(first, slack) + blur(second, slack);
    // Where rounding is a part of a thousand of the sum, the ratio says something.
    let measured = (way_round > 1e3 * way_blur).then_some(direct / way_round);
    if direct <= constant * (way_round + way_blur) + blur(direct, slack) {
        return Ok(Seen::Holds(measured));
    }
    let mut inputs = bench.inputs(&example);
    inputs.push(("c", bench.shown(&c)));
    let found = format!(
        "D(a, c) = {} > {} = {}D(a, b) + D(b, c){}",
        shown(direct),
        shown(constant * way_round),
        if constant == 1.0 { String::new() } else { format!("{constant} (") },
        if constant == 1.0 { "" } else { ")" }
    );
    Ok(Seen::Fails(Counterexample { inputs, found }, measured))
}

fn midpoint(bench: &Bench, a: &[f64], c: &[f64]) -> Vec<f64> {
    let [a, c] = [a, c].map(|row| bench.labels(row));
    let (a, c) = (a.probabilities().entries(), c.probabilities().entries());
    let middle: Vec<f64> = a.iter().zip(c).map(|(a, c)| (a + c) / 2.0).collect();
    bench.native(&middle)
}

/// A law that bounds a function of `D(a, b)` by a multiple of KL(a, b).
fn bounded(
    bench: &mut Bench,
    case: &Case,
    constant: f64,
    (of, name): (fn(f64) -> f64, &str),
) -> Result<Seen, Broken> {
    let example = bench.example(case, 0);
    let value = bench.value(&example)?;
    let [p, q] = [0, 1].map(|i| bench.labels(&example.rows[i]));
    let t = Divergence::Kl.eval(&p, &q);
    if !(value.is_finite() && t.is_finite()) {
        return Ok(Seen::Nothing);
    }
    // The error of D^2 is twice D times that of D.
    let slack = bench.slack(&example, value.max(t)) * (1.0 + 2.0 * value.abs()) * constant.max(1.0);
    let found = of(value);
    let measured = (t > 1e3 * slack).then_some(found / t);
    if at_most(found, constant * t, slack) {
        return Ok(Seen::Holds(measured));
    }
    let factor = if constant == 1.0 { String::new() } else { format!("{constant} ") };
    let found = format!("{name} = {} > {} = {factor}KL(a, b)", shown(found), shown(constant * t));
    Ok(Seen::Fails(Counterexample { inputs: bench.inputs(&example), found }, measured))
}

fn kl_bound(bench: &mut Bench, case: &Case, constant: f64) -> Result<Seen, Broken> {
    bounded(bench, case, constant, (|d| d, "D(a, b)"))
}

fn pinsker(bench: &mut Bench, case: &Case, constant: f64) -> Result<Seen, Broken> {
    bounded(bench, case, constant, (|d| d * d, "D(a, b)^2"))
}

/// `L(middle) <= (L(first) + L(second)) / 2`.
fn middle(
    bench: &mut Bench,
    [first, second, middle]: [&Example; 3],
    inputs: Vec<(&'static str, String)>,
) -> Result<Seen, Broken> {
    let [x, y, m] = [bench.value(first)?, bench.value(second)?, bench.value(middle)?];
    if !(x.is_finite() && y.is_finite() && m.is_finite()) {
        return Ok(Seen::Nothing);
    }
    let blurred = |example: &Example, value: f64| blur(value, bench.slack(example, value));
    let slack = blurred(first, x) + blurred(second, y) + blurred(middle, m);
    let mean = f64::midpoint(x, y);
    Ok(if m <= mean + slack {
        Seen::Holds(None)
    } else {
        let found = format!("{} in the middle of {} and {}", shown(m), shown(x), shown(y));
        Seen::Fails(Counterexample { inputs, found }, None)
    })
}

fn convex_at(bench: &mut Bench, case: &Case, place: usize) -> Result<Seen, Broken> {
    let [fixed, x, y] = [0, 1, 2].map(|i| case.row(i));
    let m = midpoint(bench, &x, &y);
    let example = |row: &Vec<f64>| {
        let mut rows = [row.clone(), row.clone()];
        rows[1 - place].clone_from(&fixed);
        Example { rows, target: None }
    };
    let [other, name, prime] = if place == 0 { ["b", "a", "a'"] } else { ["a", "b", "b'"] };
    let inputs =
        vec![(other, bench.shown(&fixed)), (name, bench.shown(&x)), (prime, bench.shown(&y))];
    middle(bench, [&example(&x), &example(&y), &example(&m)], inputs)
}

fn convex_first(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    convex_at(bench, case, 0)
}

fn convex_second(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    convex_at(bench, case, 1)
}

fn convex(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    let [x, mut y] = [bench.example(case, 0), bench.example(case, 2)];
    y.target.clone_from(&x.target);
    let dtype = bench.dtype();
    let mean = |i: usize| -> Vec<f64> {
        let pairs = x.rows[i].iter().zip(&y.rows[i]);
        pairs.map(|(a, b)| dtype.round(f64::midpoint(*a, *b))).collect()
    };
    let m = Example { rows: [mean(0), mean(1)], target: x.target.clone() };
    let mut inputs = bench.inputs(&x);
    let first = match bench.names()[0] {
        "logits" => "logits'",
        _ => "clean'",
    };
    inputs.push((first, bench.shown(&y.rows[0])));
    if bench.is_attacked() {
        inputs.push(("attacked'", bench.shown(&y.rows[1])));
    }
    middle(bench, [&x, &y, &m], inputs)
}

/// How much larger than the others the logit of a label is that is certain: e^-200 is no number next to 1 in any arithmetic.
const CERTAIN: f64 = 200.0;

fn zero_at_certainty(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    let label = case.label(0);
    let targets = match bench.profile().kind() {
        Kind::Objective { targets: Targets::Distributions, .. } => {
            let row = (0..case.classes).map(|k| f64::from(u8::from(k == label))).collect();
            Target::Distribution(row)
        }
        _ => Target::Label(label),
    };
    let row: Vec<f64> = (0..case.classes)
        .map(|k| match bench.profile().inputs() {
            Input::Logits => {
                if k == label {
                    CERTAIN
                } else {
                    0.0
                }
            }
            Input::Probabilities => f64::from(u8::from(k == label)),
        })
        .collect();
    let example = Example { rows: [row.clone(), row], target: Some(targets) };
    let value = bench.value(&example)?;
    if !value.is_finite() {
        return Ok(Seen::Nothing);
    }
    let good = agree(value, 0.0, bench.slack(&example, 0.0));
    Ok(holds_if(good).unwrap_or_else(|| bench.fails(&example, format!("L = {}", shown(value)))))
}

fn proper(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    // The truth, to the precision of its arithmetic; and any other answer.
    let truth = case.probabilities(3);
    let [best, other] = [bench.native(&truth), case.row(0)];
    let labels = matches!(bench.profile().kind(), Kind::Objective { targets: Targets::Labels, .. });
    let mut expected = [0.0; 2];
    let mut slack = 0.0;
    for (row, mean) in [&best, &other].into_iter().zip(&mut expected) {
        let rows = [row.clone(), row.clone()];
        if labels {
            for (label, share) in truth.iter().enumerate() {
                let example = Example { rows: rows.clone(), target: Some(Target::Label(label)) };
                let value = bench.value(&example)?;
                slack += share * blur(value, bench.slack(&example, value));
                *mean += share * value;
            }
        } else {
            let example = Example { rows, target: Some(Target::Distribution(truth.clone())) };
            *mean = bench.value(&example)?;
            slack += blur(*mean, bench.slack(&example, *mean));
        }
    }
    let [least, found] = expected;
    if !(least.is_finite() && found.is_finite()) {
        return Ok(Seen::Nothing);
    }
    Ok(if least <= found + slack {
        Seen::Holds(None)
    } else {
        let inputs = vec![("t", bench.shown(&truth)), (bench.names()[0], bench.shown(&other))];
        let found = format!(
            "the mean of L under t is {} where q = t, and only {} there",
            shown(least),
            shown(found)
        );
        Seen::Fails(Counterexample { inputs, found }, None)
    })
}

fn equals(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    let Some(entry) = bench.profile().equals().cloned() else { return Ok(Seen::Nothing) };
    let example = bench.example(case, 0);
    let [found, expected] = [bench.value(&example)?, bench.evaluated(&entry, &example)];
    if !expected.is_finite() || !found.is_finite() {
        return Ok(Seen::Nothing);
    }
    let slack = bench.slack(&example, expected);
    Ok(holds_if(agree(found, expected, slack)).unwrap_or_else(|| {
        bench.fails(&example, format!("L = {}, but {entry} = {}", shown(found), shown(expected)))
    }))
}

/// A coordinate to differentiate by: row, class, and on probabilities the class that gives what it gets.
fn coordinate(bench: &Bench, case: &Case) -> (usize, usize, usize) {
    let by = usize::from(case.step < 0 && bench.is_attacked());
    let (k, from) = (case.label(1), case.label(2));
    (by, k, if from == k { (k + 1) % case.classes } else { from })
}

/// The derivative that the loss states, in that direction.
fn stated(bench: &Bench, gradient: &[Vec<f64>; 2], (by, k, from): (usize, usize, usize)) -> f64 {
    match bench.profile().inputs() {
        Input::Logits => gradient[by][k],
        Input::Probabilities => gradient[by][k] - gradient[by][from],
    }
}

/// The example with a step in that direction.
fn moved(
    bench: &Bench,
    example: &Example,
    (by, k, from): (usize, usize, usize),
    step: f64,
) -> Example {
    let mut moved = example.clone();
    let dtype = bench.dtype();
    moved.rows[by][k] = dtype.round(moved.rows[by][k] + step);
    if bench.profile().inputs() == Input::Probabilities {
        moved.rows[by][from] = dtype.round(moved.rows[by][from] - step);
    }
    if !bench.is_attacked() {
        let [first, second] = &mut moved.rows;
        second.clone_from(first);
    }
    moved
}

fn gradient(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    let example = bench.example(case, 0);
    let at = coordinate(bench, case);
    let (by, k, from) = at;
    let dtype = bench.dtype();
    let mut step = dtype.rounding().powf(tolerance::LOSS_STEP);
    if bench.profile().inputs() == Input::Probabilities {
        let room = example.rows[by][k].min(example.rows[by][from]) / 16.0;
        step = step.min(room);
    }
    // A power of two, so that adding it loses nothing but the last digits of the input.
    #[allow(clippy::cast_possible_truncation, reason = "a whole number between -40 and 0")]
    let step = f64::powi(2.0, step.log2().floor().clamp(-40.0, 0.0) as i32);
    let (value, gradient) = bench.gradient(&example)?;
    let mut values = [-2.0, -1.0, -0.5, 0.5, 1.0, 2.0];
    for value in &mut values {
        let moved = moved(bench, &example, at, *value * step);
        *value = bench.value(&moved)?;
    }
    let [m2, m1, mh, ph, p1, p2] = values;
    let stated = stated(bench, &gradient, at);
    if !(value.is_finite() && stated.is_finite() && values.iter().all(|x| x.is_finite())) {
        return Ok(Seen::Nothing);
    }
    let slack = values.iter().map(|v| bench.slack(&example, *v)).fold(0.0, f64::max) / f64::from(8);
    let smallest = values.iter().fold(value.abs(), |a, b| a.min(b.abs()));
    // The error of a root whose square has this one.
    let noise = slack.max((slack / (2.0 * smallest)).min(slack.sqrt()));
    let five =
        |m2: f64, m1: f64, p1: f64, p2: f64, h: f64| (8.0 * (p1 - m1) - (p2 - m2)) / (12.0 * h);
    let wide = five(m2, m1, p1, p2, step);
    let narrow = five(m1, mh, ph, p1, step / 2.0);
    // At a kink the second difference over the step does not go to 0 with the step, but to the jump of the slope.
    let second = |m: f64, p: f64, h: f64| ((p - value) - (value - m)) / h;
    let jump = 2.0 * second(mh, ph, step / 2.0) - second(m1, p1, step);
    let largest = example.rows.iter().flatten().fold(1.0_f64, |a, x| a.max(x.abs()));
    let size = stated.abs().max(narrow.abs());
    let rounding = 8.0 * noise / step + 8.0 * dtype.rounding() * largest / step * size;
    let error = (wide - narrow).abs() + jump.abs() + rounding;
    // A slope that rounding or a kink hides.
    if error > tolerance::LOSS_SLOPE * size {
        return Ok(Seen::Nothing);
    }
    Ok(holds_if((stated - narrow).abs() <= error).unwrap_or_else(|| {
        let name = bench.names()[by];
        let towards = match bench.profile().inputs() {
            Input::Logits => format!("{name}[{k}]"),
            Input::Probabilities => format!("{name}[{k}] at the expense of {name}[{from}]"),
        };
        bench.fails(&example, format!(
            "the derivative by {towards} is stated as {}, the values of L change by {} +- {error:.0e}",
            shown(stated),
            shown(narrow),
        ))
    }))
}

fn gradient_jets(bench: &mut Bench, case: &Case, _: f64) -> Result<Seen, Broken> {
    let claimed = bench.profile().equals().cloned().map(|entry| (entry, 1.0));
    let found = || {
        bench.reference.as_ref().map(|found| (found.entry.clone(), found.scale.at(case.classes)))
    };
    let Some((entry, factor)) = claimed.or_else(found) else { return Ok(Seen::Nothing) };
    let example = bench.example(case, 0);
    let at = coordinate(bench, case);
    let (value, gradient) = bench.gradient(&example)?;
    let stated = stated(bench, &gradient, at);
    let expected = factor * bench.slope(&entry, &example, at);
    // Beside a kink the derivative jumps, and it is not said on which side the loss is.
    let near = |by: f64| factor * bench.slope(&entry, &moved(bench, &example, at, by), at);
    let step = f64::powi(2.0, -10) * example.rows[at.0][at.1].abs().max(1e-3);
    let [before, after] = [near(-step), near(step)];
    if !(value.is_finite() && stated.is_finite() && expected.is_finite()) {
        return Ok(Seen::Nothing);
    }
    let size = expected.abs().max(before.abs()).max(after.abs());
    let slack = bench.slack(&example, size.max(value.abs())) / value.abs().clamp(1e-300, 1.0);
    let jump = (before - expected).abs().max((after - expected).abs());
    let error = slack + jump;
    if error > tolerance::LOSS_SLOPE * size {
        return Ok(Seen::Nothing);
    }
    Ok(holds_if((stated - expected).abs() <= error).unwrap_or_else(|| {
        let (by, k, _) = at;
        let name = bench.names()[by];
        let found = format!(
            "the derivative by {name}[{k}] is stated as {}, that of {entry} is {}",
            shown(stated),
            shown(expected)
        );
        bench.fails(&example, found)
    }))
}
