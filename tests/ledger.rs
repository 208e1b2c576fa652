//! The ledger: what a claim says of its proof in `proofs/` is so, and what is proved there has a claim.

use std::collections::BTreeSet;

use score_workbench::claims::CLAIMS;

/// Files that the theorems stand on and that state nothing of the theory.
const GROUND: [&str; 13] = [
    "two_point_law",
    "kl_variational",
    "semicontinuous",
    "near_ties",
    "improper",
    "gaussian",
    "gaussian_integral",
    "moderate",
    "window_sup",
    "sliding",
    "mixtures",
    "line_risks",
    "integral_expectation",
];

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
        GROUND.contains(&file) || CLAIMS.iter().any(|claim| claim.name.replace('-', "_") == file)
    };
    for theorem in audited() {
        assert!(claimed.contains(&theorem) || helps(&theorem), "{theorem} belongs to no claim");
    }
}

#[test]
fn every_theorem_is_audited() {
    let audited = audited();
    let files =
        include_str!("../proofs/_CoqProject").lines().filter_map(|line| line.strip_suffix(".v"));
    for file in files {
        for line in source(file).lines() {
            let Some(rest) = line.strip_prefix("Theorem ") else { continue };
            let name: String =
                rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let theorem = format!("{file}.{name}");
            assert!(audited.contains(&theorem), "{theorem} is not in proofs/Assumptions.v");
        }
    }
}
