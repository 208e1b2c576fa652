//! The ledger: what a claim says of its proof in `proofs/` is so, and what is proved there has a claim.

use std::collections::BTreeSet;

use score_workbench::claims::CLAIMS;
use score_workbench::divergence::Divergence;
use score_workbench::law::Law;
use score_workbench::model::Model;
use score_workbench::risk::{Line, Risk};

/// Files of proofs whose claims are still to come, under the names of those claims.
const TO_COME: [(&str, &[&str]); 3] = [
    ("score-gradient", &["score_gradient"]),
    (
        "theorem-4",
        &["theorem_4", "theorem_4_ties", "theorem_4_three_labels", "integral_expectation"],
    ),
    ("theorem-5", &["theorem_5"]),
];

/// Files that the theorems stand on and that state nothing of the theory.
const GROUND: [&str; 4] = ["two_point_law", "improper", "toy", "window_sup"];

/// Risks of the toy law and `toy-linear` at epsilon 1 that are theorems, up to [`PROVED_TO`].
const NUMBERS: [(&str, &str, Risk, Divergence); 4] = [
    ("toy_standard", "R_standard_l1", Risk::Standard, Divergence::L1),
    ("toy_standard", "R_standard_kl", Risk::Standard, Divergence::Kl),
    ("toy_score", "R_score_l1", Risk::Score, Divergence::L1),
    ("toy_score", "R_score_kl", Risk::Score, Divergence::Kl),
];
const PROVED_TO: f64 = 1e-8;

/// The theorems whose axioms are printed and compared with the allow-list, as `file.constant`.
fn audited() -> BTreeSet<String> {
    let text = include_str!("../proofs/Assumptions.v");
    let constants = text.split('@').skip(1);
    let end = |c: char| !(c.is_alphanumeric() || c == '_' || c == '.');
    constants.map(|rest| rest.split(end).next().unwrap().trim_end_matches('.').to_owned()).collect()
}

fn claimed() -> BTreeSet<String> {
    let theorems = CLAIMS.iter().filter_map(|claim| claim.proof).flat_map(|proof| proof.theorems);
    theorems.map(|theorem| (*theorem).to_owned()).collect()
}

fn source(file: &str) -> String {
    let path = format!("{}/proofs/{file}.v", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[test]
fn the_proved_numbers_are_the_librarys() {
    let (law, model) = (Law::resolve("toy").unwrap(), Model::resolve("toy-linear").unwrap());
    let line = Line::new(&law, &model).unwrap();
    for (file, theorem, risk, divergence) in NUMBERS {
        let text = source(file);
        let statement = text.split(&format!("Theorem {theorem} :")).nth(1).expect(theorem);
        let statement = statement.split("Proof").next().unwrap();
        let proved = statement.split("r - ").nth(1).unwrap().split(')').next().unwrap();
        assert!(statement.contains("<= 1e-8"), "{statement}");
        let found = line.risk(risk, divergence, 1.0).unwrap();
        let off = (found.value - proved.parse::<f64>().unwrap()).abs();
        assert!(off <= PROVED_TO + found.error, "{theorem}: {proved}, {found:?}");
    }
}

#[test]
fn every_claimed_theorem_is_proved() {
    let audited = audited();
    assert!(audited.len() > 30, "{audited:?}");
    for theorem in claimed() {
        assert!(audited.contains(&theorem), "{theorem} is not in proofs/Assumptions.v");
        let (file, constant) = theorem.split_once('.').unwrap();
        let text = source(file);
        let states = |line: &str| {
            let mut words = line.split_whitespace();
            let kind = words.next();
            let name = words.next().map(|name| name.trim_end_matches(':'));
            matches!(kind, Some("Theorem" | "Lemma" | "Corollary")) && name == Some(constant)
        };
        assert!(text.lines().any(states), "proofs/{file}.v states no theorem {constant}");
    }
}

#[test]
fn every_proved_theorem_has_a_claim() {
    let claimed = claimed();
    let helps = |theorem: &str| {
        let file = theorem.split('.').next().unwrap();
        let stems = CLAIMS.iter().map(|claim| claim.name.replace('-', "_"));
        let others = TO_COME.iter().flat_map(|(_, files)| *files).chain(&GROUND);
        let is_number =
            NUMBERS.iter().any(|(f, constant, ..)| theorem == format!("{f}.{constant}"));
        is_number || stems.chain(others.map(|file| (*file).to_owned())).any(|stem| stem == file)
    };
    for theorem in audited() {
        assert!(claimed.contains(&theorem) || helps(&theorem), "{theorem} belongs to no claim");
    }
}

#[test]
fn what_is_to_come_has_not_come() {
    for (name, _) in TO_COME {
        assert!(CLAIMS.iter().all(|claim| claim.name != name), "{name} can name its proof now");
    }
}
