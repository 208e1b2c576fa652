//! Proved enclosures of the risks: they contain what is known, they meet what is estimated, and they say when they are wide.

use proptest::prelude::*;
use proptest::test_runner::Config;
use score_workbench::catalogue;
use score_workbench::divergence::Divergence;
use score_workbench::enclosure::{self, Effort, Enclosure, Integrand, Shortfall};
use score_workbench::error::Error;
use score_workbench::exact::Exact;
use score_workbench::law::Law;
use score_workbench::model::Model;
use score_workbench::real::Interval;
use score_workbench::risk::{Line, Risk};
use score_workbench::testing::{self, Case};
use serde_json::{Value, json};
use std::time::Duration;

/// Values that were found by other means are good to this, relative to 1 or to themselves.
const GOOD_TO: f64 = 1e-12;

fn exact(text: &str) -> Exact {
    text.parse().unwrap()
}

/// The law with one normal component a class, from (prior, mean, variance).
fn law(classes: &[[&str; 3]]) -> Law {
    let class = |[prior, mean, variance]: &[&str; 3]| json!({ "prior": prior, "components": [{ "mean": [mean], "variance": variance }] });
    let classes: Vec<Value> = classes.iter().map(class).collect();
    Law::from_json(&json!({ "kind": "gaussian-mixture", "classes": classes }), "a law").unwrap()
}

fn linear(weights: &[&str], bias: &[&str]) -> Model {
    let weights: Vec<[&str; 1]> = weights.iter().map(|w| [*w]).collect();
    Model::from_json(&json!({ "kind": "linear", "weights": weights, "bias": bias }), "a model")
        .unwrap()
}

fn constant(probabilities: &[&str]) -> Model {
    Model::from_json(&json!({ "kind": "constant", "probabilities": probabilities }), "a model")
        .unwrap()
}

fn named(law: &str, model: &str) -> (Law, Model) {
    (Law::resolve(law).unwrap(), Model::resolve(model).unwrap())
}

/// The enclosure of (risk, divergence, epsilon).
fn enclose(
    (law, model): &(Law, Model),
    (risk, divergence, epsilon): (Risk, Divergence, &str),
    effort: Effort,
) -> Enclosure {
    let line = Line::new(law, model).unwrap();
    enclosure::risk(&line, (risk, divergence, &exact(epsilon)), effort).unwrap()
}

/// Whether a value that is good to [`GOOD_TO`] can be the enclosed number.
fn may_be(interval: Interval, known: f64) -> bool {
    let off = GOOD_TO * known.abs().max(1.0);
    known == interval.lower() || interval.lower() - off <= known && known <= interval.upper() + off
}

fn overlap(a: Interval, b: Interval) -> bool {
    a.lower() <= b.upper() && b.lower() <= a.upper()
}

/// Whether the enclosure is as tight as asked, or says why not.
fn is_candid(found: &Enclosure, width: f64) -> bool {
    found.shortfall.is_some()
        != (found.interval.width() <= width || found.interval.lower() == f64::INFINITY)
}

/// Encloses every risk of every problem of a file that `chosen` lets through, to a width relative to risks above 1; returns the complaints and the number of values.
fn compare(text: &str, width: f64, chosen: impl Fn(&str) -> bool) -> (Vec<String>, usize) {
    let problems: Vec<Value> = serde_json::from_str(text).expect("a list of problems");
    let mut complaints = Vec::new();
    let mut compared = 0;
    for problem in &problems {
        let name = problem["name"].as_str().expect("a name");
        if !chosen(name) {
            continue;
        }
        let law = Law::from_json(&problem["law"], name).expect("a law");
        let pair = (law, Model::from_json(&problem["model"], name).expect("a model"));
        let divergence =
            problem["divergence"].as_str().expect("a name").parse().expect("a divergence");
        let epsilon = problem["epsilon"].to_string();
        for risk in Risk::ALL {
            let known = problem["expected"][risk.name()].as_f64().unwrap_or(f64::INFINITY);
            let found = enclose(&pair, (risk, divergence, &epsilon), Effort::to(width));
            compared += 1;
            let tight = found.interval.width() <= width * known.clamp(1.0, f64::MAX);
            if !may_be(found.interval, known) || !is_candid(&found, width) || !tight {
                complaints.push(format!(
                    "{name} {risk}: {:?} of width {:e}, {:?}; known {known}",
                    found.interval,
                    found.interval.width(),
                    found.shortfall
                ));
            }
        }
    }
    (complaints, compared)
}

/// One problem of each kind; the others in [`every_known_value_is_enclosed`].
#[test]
fn known_values_are_enclosed() {
    const CHOSEN: [&str; 9] = [
        "toy/kl/0",
        "toy/l1/1",
        "toy/jensen-shannon/1",
        "toy/chi-squared/0.25",
        "toy/hellinger/3",
        "needle/kl/0.5",
        "rare/l1/0.5",
        "steep/kl/0.5",
        "toy-relu/l1/0.5",
    ];
    let known = include_str!("data/known.json");
    let (complaints, compared) = compare(known, 1e-6, |name| CHOSEN.contains(&name));
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert_eq!(compared, 4 * CHOSEN.len());
}

#[test]
#[ignore = "takes minutes; for a release build"]
fn every_known_value_is_enclosed() {
    for (text, count) in
        [(include_str!("data/known.json"), 4 * 68), (include_str!("data/reference.json"), 40)]
    {
        let (complaints, compared) = compare(text, 1e-6, |_| true);
        assert!(complaints.is_empty(), "{complaints:#?}");
        assert_eq!(compared, count);
    }
}

#[test]
#[ignore = "takes minutes; for a release build"]
fn every_known_value_of_the_catalogue_is_enclosed() {
    let mut complaints = Vec::new();
    for known in catalogue::known_values() {
        let pair = named(known.law(), known.model());
        let epsilon = known.epsilon().to_string();
        for risk in Risk::ALL {
            let found = enclose(&pair, (risk, known.divergence(), &epsilon), Effort::to(1e-6));
            let tight = found.interval.width() <= 1e-6 * known.expected(risk).max(1.0);
            if !may_be(found.interval, known.expected(risk)) || !is_candid(&found, 1e-6) || !tight {
                complaints
                    .push(format!("{known:?} {risk}: {:?} {:?}", found.interval, found.shortfall));
            }
        }
    }
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// The comparison finds a value that is wrong by little more than the enclosure is wide.
#[test]
fn a_wrong_value_is_not_enclosed() {
    let found =
        enclose(&named("toy", "toy-linear"), (Risk::Score, Divergence::L1, "1"), Effort::to(1e-9));
    let known = 0.3807761566412955;
    assert!(may_be(found.interval, known));
    assert!(!may_be(found.interval, known + 2e-9) && !may_be(found.interval, known - 2e-9));
}

/// Forty digits are known of these: proven balls at 200 bits, and quadrature with 45 digits.
#[test]
fn forty_digits_on_the_toy() {
    for (risk, divergence, known) in [
        (Risk::Standard, Divergence::L1, "0.207999591005560691426400417648478228567450510"),
        (Risk::Standard, Divergence::Kl, "0.0952048640546570101797555858282501570018808632"),
        (Risk::Score, Divergence::L1, "0.380776156641295512924698216890170485216763010"),
        (Risk::Score, Divergence::Kl, "0.266354033846580063468176320175175351450733739"),
    ] {
        let found =
            enclose(&named("toy", "toy-linear"), (risk, divergence, "1"), Effort::to(1e-11));
        assert_eq!(found.shortfall, None);
        assert!(found.interval.width() <= 1e-11);
        // Compared as rationals, so that no digit is lost.
        let bound = |double: f64| Exact::from_f64(double).unwrap();
        let (lower, upper) = (bound(found.interval.lower()), bound(found.interval.upper()));
        assert!(
            lower <= exact(known) && exact(known) <= upper,
            "{risk} {divergence}: {:?}",
            found.interval
        );
    }
}

/// What a random case is enclosed with: a few cells, since wide enclosures are enclosures too.
fn quick(cells: usize) -> Effort {
    Effort { cells, ..Effort::to(1e-4) }
}

fn agree(case: &Case, cells: usize) -> Result<(), TestCaseError> {
    let line = case.line().unwrap();
    let parts = (&case.law, &case.model);
    for risk in Risk::ALL {
        let asked = (risk, case.divergence, &case.epsilon);
        let found = enclosure::risk(&line, asked, quick(cells)).unwrap();
        prop_assert!(
            is_candid(&found, 1e-4),
            "{} {:?} {:?}",
            risk,
            found.interval,
            found.shortfall
        );
        match line.risk(risk, case.divergence, case.epsilon.to_f64()) {
            Ok(estimate) if estimate.value.is_infinite() => {
                prop_assert_eq!(found.interval, Interval::point(f64::INFINITY));
            }
            Ok(estimate) => {
                let (low, high) =
                    (estimate.value - estimate.error, estimate.value + estimate.error);
                prop_assert!(
                    overlap(found.interval, Interval::new(low, high)),
                    "{} {} {}: {:?}, estimated {:?}",
                    risk,
                    case.divergence,
                    case.epsilon,
                    found.interval,
                    estimate
                );
            }
            Err(Error::Overflow { .. }) => {}
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        }
        if let Some(partition) = &found.partition {
            let integrand = Integrand::new(parts, risk, case.divergence, &case.epsilon).unwrap();
            prop_assert_eq!(partition.enclosure(&integrand), Ok(found.interval));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(Config { cases: 24, ..Config::default() })]

    /// Any law, any model, any divergence, any radius: the estimate meets the enclosure, and the partition shows what was found.
    #[test]
    fn estimates_meet_enclosures(case in testing::case(2..=2)) {
        agree(&case, 300)?;
    }
}

proptest! {
    #![proptest_config(Config { cases: 3, ..Config::default() })]

    #[test]
    fn estimates_meet_enclosures_of_three_classes(case in testing::calm_case(3..=3)) {
        agree(&case, 40)?;
    }

    #[test]
    #[ignore = "takes minutes; for a release build"]
    fn estimates_meet_enclosures_of_any_three_classes(case in testing::case(3..=4)) {
        agree(&case, 40)?;
    }
}

/// The same number however tightly it is asked for, and each time as tightly as asked.
#[test]
fn widths_are_kept_and_enclosures_overlap() {
    let toy = named("toy", "toy-linear");
    let three = named("three-classes", "three-linear");
    for (pair, epsilon, widths) in
        [(&toy, "1", &[1e-1, 1e-4, 1e-8, 1e-11][..]), (&three, "1/2", &[1e-1, 1e-3][..])]
    {
        for divergence in [Divergence::Kl, Divergence::L1] {
            for risk in Risk::ALL {
                let mut known: Vec<Interval> = Vec::new();
                for &width in widths {
                    let found = enclose(pair, (risk, divergence, epsilon), Effort::to(width));
                    assert_eq!(
                        found.shortfall, None,
                        "{risk} {divergence} {width:e}: {:?}",
                        found.interval
                    );
                    assert!(found.interval.width() <= width);
                    assert!(
                        known.iter().all(|other| overlap(*other, found.interval)),
                        "{known:?} {found:?}"
                    );
                    known.push(found.interval);
                }
            }
        }
    }
}

/// An early stop leaves a wide enclosure that contains the risk, and says why it is wide.
#[test]
fn early_stops_contain_the_risk() {
    let toy = named("toy", "toy-linear");
    let three = named("three-classes", "three-linear");
    for (pair, epsilon) in [(&toy, "1"), (&three, "1/2")] {
        for (risk, divergence) in [
            (Risk::Standard, Divergence::Kl),
            (Risk::Score, Divergence::L1),
            (Risk::Madry, Divergence::Kl),
        ] {
            let asked = (risk, divergence, epsilon);
            let known = Line::new(&pair.0, &pair.1)
                .unwrap()
                .risk(risk, divergence, exact(epsilon).to_f64())
                .unwrap()
                .value;
            let mut widths = Vec::new();
            for cells in [0, 1, 10, 40, 80] {
                let found = enclose(pair, asked, Effort { cells, ..Effort::to(1e-12) });
                assert!(found.interval.contains(known), "{asked:?} {cells}: {:?}", found.interval);
                assert_eq!(found.shortfall, Some(Shortfall::Cells), "{asked:?} {cells}");
                widths.push(found.interval.width());
            }
            assert!(widths.is_sorted_by(|a, b| a >= b) && widths[4] < widths[0], "{widths:?}");
            let found =
                enclose(pair, asked, Effort { time: Some(Duration::ZERO), ..Effort::to(1e-9) });
            assert!(found.interval.contains(known) && found.shortfall == Some(Shortfall::Time));
        }
    }
}

/// What cannot be had is not claimed: rounding is left, or no end of the line is found.
#[test]
fn what_cannot_be_had_is_said() {
    let toy = named("toy", "toy-linear");
    for width in [1e-15, 1e-17, 1e-300, 5e-324, 0.0] {
        for risk in [Risk::Standard, Risk::Score] {
            let found = enclose(
                &toy,
                (risk, Divergence::L1, "1"),
                Effort { cells: 1000, ..Effort::to(width) },
            );
            let shortfall =
                found.shortfall.unwrap_or_else(|| panic!("{width:e}: {:?}", found.interval));
            assert!(found.interval.width() > width, "{shortfall}");
            let known = if risk == Risk::Score { 0.3807761566412955 } else { 0.2079995910055607 };
            assert!(may_be(found.interval, known));
        }
    }
}

#[test]
fn infinite_risks_are_infinite_exactly() {
    let infinity = Interval::point(f64::INFINITY);
    let toy = Law::resolve("toy").unwrap();
    // A class that the data has is impossible under the model.
    let never = (toy.clone(), constant(&["0", "1"]));
    for risk in [Risk::Standard, Risk::Madry, Risk::Score] {
        for divergence in [Divergence::Kl, Divergence::ChiSquared] {
            let found = enclose(&never, (risk, divergence, "1"), Effort::to(1e-6));
            assert_eq!((found.interval, found.shortfall), (infinity, None), "{risk} {divergence}");
        }
        // The bounded divergences and the other direction are finite.
        for divergence in [Divergence::L1, Divergence::ReverseKl] {
            let found = enclose(&never, (risk, divergence, "1"), Effort::to(1e-6));
            assert!(
                found.interval.upper() < f64::INFINITY && is_candid(&found, 1e-6),
                "{risk} {divergence} {found:?}"
            );
        }
    }
    let variation = enclose(&never, (Risk::Variation, Divergence::Kl, "1"), Effort::to(1e-6));
    assert!(variation.interval.width() <= 1e-6, "no model in it");
}

/// Where chi-squared nearly outgrows the density: p^2 / q against the tail of the law.
#[test]
fn chi_squared_against_the_tail() {
    // ln p = -x^2 / 2 + O(x); q_k decays like exp(-c |x|): finite for every slope, but the mass is far out.
    let normals = law(&[["1/2", "-1", "1"], ["1/2", "1", "1"]]);
    for slope in ["1", "4", "6"] {
        let pair = (normals.clone(), linear(&[slope, "0"], &["0", "0"]));
        let line = Line::new(&pair.0, &pair.1).unwrap();
        for risk in Risk::ALL {
            let found = enclose(&pair, (risk, Divergence::ChiSquared, "1/2"), Effort::to(1e-3));
            let estimate = line.risk(risk, Divergence::ChiSquared, 0.5).unwrap();
            let estimated =
                Interval::new(estimate.value - estimate.error, estimate.value + estimate.error);
            assert!(overlap(found.interval, estimated), "{slope} {risk}: {found:?} {estimate:?}");
            assert!(is_candid(&found, 1e-3), "{slope} {risk}: {:?}", found.interval);
        }
    }
    // A wide class against a narrow one as model: infinite, since exp(x^2 (1/2 - 1/8)) outgrows.
    let wide = law(&[["1/2", "0", "4"], ["1/2", "0", "1"]]);
    let narrow = json!({ "kind": "quadratic", "matrices": [[["-1"]], [["0"]]], "weights": [["0"], ["0"]], "bias": ["0", "0"] });
    let pair = (wide, Model::from_json(&narrow, "a model").unwrap());
    let found = enclose(&pair, (Risk::Standard, Divergence::ChiSquared, "0"), Effort::to(1e-3));
    assert_eq!(found.interval, Interval::point(f64::INFINITY));
}

/// No window: the first three risks are one, and C is 0 exactly.
#[test]
fn without_a_window() {
    for (law, model) in [("toy", "toy-relu"), ("three-classes", "three-silu")] {
        let pair = named(law, model);
        for divergence in [Divergence::Kl, Divergence::Linf, Divergence::Hellinger] {
            let [standard, madry, score, variation] = Risk::ALL
                .map(|risk| enclose(&pair, (risk, divergence, "0"), Effort::to(1e-6)).interval);
            assert!(
                standard.width() <= 1e-6 && standard == madry && standard == score,
                "{law} {divergence}"
            );
            assert_eq!(variation, Interval::ZERO);
        }
    }
}

/// Far from 0 and narrow: what rounding does to x is large beside the law, and not every width can be had.
#[test]
fn far_and_narrow_laws() {
    let pair = (
        law(&[["1/2", "1000", "1e-4"], ["1/2", "1000.02", "1e-4"]]),
        linear(&["-100", "0"], &["100001", "0"]),
    );
    let line = Line::new(&pair.0, &pair.1).unwrap();
    for divergence in [Divergence::L1, Divergence::Kl] {
        for risk in Risk::ALL {
            let found = enclose(&pair, (risk, divergence, "0.01"), Effort::to(1e-6));
            let estimate = line.risk(risk, divergence, 0.01).unwrap();
            let estimated =
                Interval::new(estimate.value - estimate.error, estimate.value + estimate.error);
            assert!(
                overlap(found.interval, estimated),
                "{risk} {divergence}: {:?} {estimate:?}",
                found.interval
            );
            assert!(
                found.interval.width() <= 1e-5 && is_candid(&found, 1e-6),
                "{risk} {divergence}: {found:?}"
            );
        }
    }
}

/// A radius that reaches beyond everything, and one that no window of doubles resolves.
#[test]
fn very_large_and_very_small_radii() {
    let toy = named("toy", "toy-linear");
    for divergence in [Divergence::L1, Divergence::Hellinger] {
        let standard = enclose(&toy, (Risk::Standard, divergence, "1"), Effort::to(1e-6)).interval;
        for risk in [Risk::Madry, Risk::Score] {
            let tiny = enclose(&toy, (risk, divergence, "1e-30"), Effort::to(1e-6));
            assert!(
                overlap(tiny.interval, standard) && is_candid(&tiny, 1e-6),
                "{risk} {divergence}: {tiny:?}"
            );
            for epsilon in ["1000", "1e30", "1e300"] {
                let huge = enclose(
                    &toy,
                    (risk, divergence, epsilon),
                    Effort { cells: 200, ..Effort::to(1e-6) },
                );
                assert!(
                    huge.interval.upper() >= standard.lower() && is_candid(&huge, 1e-6),
                    "{risk} {epsilon}: {huge:?}"
                );
            }
        }
    }
    let error = |epsilon: &str| {
        let line = Line::new(&toy.0, &toy.1).unwrap();
        enclosure::risk(&line, (Risk::Madry, Divergence::L1, &exact(epsilon)), Effort::to(1e-6))
            .err()
    };
    assert!(matches!(error("-1"), Some(Error::Negative { .. })));
}

/// A network of three classes, where the maximiser depends on x; and a network with kinks.
#[test]
fn networks() {
    for (law, model, epsilon) in
        [("three-classes", "three-silu", "1/4"), ("toy", "toy-relu", "1/2")]
    {
        let pair = named(law, model);
        let line = Line::new(&pair.0, &pair.1).unwrap();
        for (risk, divergence) in [
            (Risk::Madry, Divergence::Kl),
            (Risk::Madry, Divergence::L1),
            (Risk::Score, Divergence::Linf),
        ] {
            let found = enclose(&pair, (risk, divergence, epsilon), Effort::to(1e-3));
            let estimate = line.risk(risk, divergence, exact(epsilon).to_f64()).unwrap();
            assert!(
                found.interval.contains(estimate.value),
                "{model} {risk} {divergence}: {:?} {estimate:?}",
                found.interval
            );
            assert!(found.interval.width() <= 1e-3);
        }
    }
}

/// What `score risk --rigorous` prints parses back to doubles that enclose the known value.
#[cfg(feature = "cli")]
#[test]
fn printed_enclosures_enclose() {
    let arguments = "risk --law toy --model toy-linear --divergence l1,kl --epsilon 1 --rigorous --width 1e-12 --format json";
    let output = assert_cmd::Command::new(env!("CARGO_BIN_EXE_score"))
        .args(arguments.split(' '))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (result, known) in [
        (
            "l1",
            [
                "0.207999591005560691426400417648478228567450510",
                "0.380776156641295512924698216890170485216763010",
            ],
        ),
        (
            "kl",
            [
                "0.0952048640546570101797555858282501570018808632",
                "0.266354033846580063468176320175175351450733739",
            ],
        ),
    ]
    .into_iter()
    .enumerate()
    .map(|(n, (name, known))| {
        assert_eq!(printed["results"][n]["divergence"], *name);
        (&printed["results"][n], known)
    }) {
        for (risk, known) in [Risk::Standard, Risk::Score].into_iter().zip(known) {
            let bound =
                |end: &str| Exact::from_f64(result[risk.name()][end].as_f64().unwrap()).unwrap();
            let (lower, upper) = (bound("lower"), bound("upper"));
            assert!(lower <= exact(known) && exact(known) <= upper, "{risk}: {lower} {upper}");
            assert!((&upper - &lower).to_f64() <= 1e-12);
        }
    }
}
