//! The risks against values that were found by other means: `tests/data/README.md` says how.

use score_workbench::catalogue::{self, LAWS, MODELS, PUBLISHED};
use score_workbench::divergence::Divergence;
use score_workbench::law::Law;
use score_workbench::model::Model;
use score_workbench::risk::{Line, Risk};
use score_workbench::space::Projected;
use serde_json::Value;

/// The values are good to this, so a difference this small says nothing.
const GOOD_TO: f64 = 1e-12;

/// Compares every risk of every problem of a file; returns the complaints and the number of values compared.
fn compare(text: &str, allowed: f64) -> (Vec<String>, usize) {
    let problems: Vec<Value> = serde_json::from_str(text).expect("a list of problems");
    let mut complaints = Vec::new();
    let mut compared = 0;
    for problem in &problems {
        let name = problem["name"].as_str().expect("a name");
        let law = Law::from_json(&problem["law"], name).expect("a law");
        let model = Model::from_json(&problem["model"], name).expect("a model");
        let divergence: Divergence =
            problem["divergence"].as_str().expect("a name").parse().expect("a divergence");
        let epsilon = problem["epsilon"].as_f64().expect("a number");
        let line = Line::new(&law, &model).expect("a problem on the line");
        for risk in Risk::ALL {
            let known = &problem["expected"][risk.name()];
            let known = known.as_f64().unwrap_or(f64::INFINITY);
            let found = line.risk(risk, divergence, epsilon).expect("a risk");
            compared += 1;
            let (off, scale) = ((found.value - known).abs(), known.abs().max(1.0));
            let same = found.value == known;
            if !same && (off > allowed * scale || off > found.error + GOOD_TO * scale) {
                complaints.push(format!("{name} {risk}: {found:?}, known {known}, off by {off:e}"));
            }
        }
    }
    (complaints, compared)
}

#[test]
fn reference_cases() {
    let (complaints, compared) = compare(include_str!("data/reference.json"), 1e-11);
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert_eq!(compared, 40);
}

#[test]
fn the_oracle_agrees() {
    let (complaints, compared) = compare(include_str!("data/known.json"), 1e-11);
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert_eq!(compared, 4 * 68);
}

#[test]
fn the_oracle_agrees_on_the_catalogue() {
    for known in catalogue::known_values() {
        let (law, model) = (Law::resolve(known.law()), Model::resolve(known.model()));
        let line = Line::new(&law.unwrap(), &model.unwrap()).unwrap();
        for risk in Risk::ALL {
            let found = line.risk(risk, known.divergence(), known.epsilon()).unwrap();
            let off = (found.value - known.expected(risk)).abs();
            let allowed = (found.error + GOOD_TO).min(1e-11) * known.expected(risk).max(1.0);
            assert!(off <= allowed, "{risk}: {found:?}, {known:?}, off by {off:e}");
        }
    }
}

#[test]
fn every_model_of_the_catalogue_has_known_values() {
    let published = |name: &str| {
        PUBLISHED.iter().any(|published| [published.law(), published.model()].contains(&name))
    };
    for model in MODELS.iter().filter(|model| !published(model.name())) {
        let on_its_law = model.known().filter(|known| Some(known.law()) == model.law());
        let on_its_law = on_its_law.filter(|known| known.epsilon() == 0.5);
        let divergences: Vec<Divergence> = on_its_law.map(catalogue::Known::divergence).collect();
        assert_eq!(divergences, [Divergence::Kl, Divergence::L1], "{}", model.name());
        assert!(model.known().all(|known| known.agreement() <= 1e-13));
    }
    for law in LAWS.iter().filter(|law| !published(law.name())) {
        assert!(law.known().count() >= 2, "{}", law.name());
    }
    let of_laws: usize = LAWS.iter().map(|law| law.known().count()).sum();
    assert_eq!(of_laws, catalogue::known_values().len());
}

/// What the literature says in closed form, in 8 to 101 dimensions and on the line.
#[test]
fn published_accuracies_are_found() {
    for published in &PUBLISHED {
        let law = Law::resolve(published.law()).unwrap();
        let model = Model::resolve(published.model()).unwrap();
        let (projected, ball) = (Projected::new(&law, &model).unwrap(), published.ball().unwrap());
        // That of `tsipras` is no half-plane, so that only the first two accuracies are computed.
        let [clean, robust] = projected.answers(&ball).unwrap();
        for (found, expected) in [clean, robust].into_iter().zip(published.accuracies()) {
            let off = (found.value - expected).abs();
            assert!(
                off <= 1e-12 && off <= found.error + 1e-15,
                "{}: {found:?} {expected}",
                published.model()
            );
        }
    }
}

/// 40 digits are known of these (proven balls at 200 bits, and 45-digit quadrature); doubles keep 16.
#[test]
fn fourteen_digits_on_the_toy() {
    let line = Line::new(&Law::resolve("toy").unwrap(), &Model::resolve("toy-linear").unwrap());
    let line = line.unwrap();
    for (risk, divergence, known) in [
        (Risk::Standard, Divergence::L1, "0.207999591005560691426400417648478228567450510"),
        (Risk::Standard, Divergence::Kl, "0.0952048640546570101797555858282501570018808632"),
        (Risk::Score, Divergence::L1, "0.380776156641295512924698216890170485216763010"),
        (Risk::Score, Divergence::Kl, "0.266354033846580063468176320175175351450733739"),
    ] {
        let known: f64 = known.parse().unwrap();
        let found = line.risk(risk, divergence, 1.0).unwrap();
        let off = (found.value - known).abs();
        assert!(off <= 1e-14 * known && off <= found.error, "{risk} {divergence}: {found:?}");
    }
}
