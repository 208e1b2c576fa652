//! The certificates of `proofs/certificates/` are what the generator writes, and state what the library computes; what no certificate
//! covers is refused. `make -C proofs certificates` replays them in Coq, and sees wrong numbers refused.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use score_workbench::certificate::coq;
use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::exact::Exact;
use score_workbench::law::Law;
use score_workbench::model::Model;
use score_workbench::risk::{Line, Risk};

/// A line of `proofs/certificates/instances`.
struct Instance {
    file: String,
    law: Law,
    model: Model,
    risk: Risk,
    divergence: Divergence,
    epsilon: Exact,
    width: Exact,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("proofs/certificates")
}

fn exact(text: &str) -> Exact {
    text.parse().unwrap()
}

fn risk(name: &str) -> Risk {
    Risk::ALL.into_iter().find(|risk| risk.name() == name).unwrap()
}

fn instances() -> Vec<Instance> {
    let text = std::fs::read_to_string(folder().join("instances")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let instance = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [file, law, model, name, divergence, epsilon, width] = words[..] else {
            panic!("{line}")
        };
        Instance {
            file: file.to_owned(),
            law: Law::resolve(law).unwrap(),
            model: Model::resolve(model).unwrap(),
            risk: risk(name),
            divergence: divergence.parse().unwrap(),
            epsilon: exact(epsilon),
            width: exact(width),
        }
    };
    lines.map(instance).collect()
}

fn theorem(law: &str, model: &str, risk: Risk, divergence: Divergence) -> Result<String, Error> {
    let (law, model) = (Law::resolve(law).unwrap(), Model::resolve(model).unwrap());
    coq::theorem(&law, &model, risk, divergence, &exact("1"), &exact("1e-6"))
}

#[test]
fn the_committed_certificates_are_the_generators() {
    let mut files = BTreeSet::new();
    for instance in instances() {
        let Instance { file, law, model, risk, divergence, epsilon, width } = instance;
        let text = coq::theorem(&law, &model, risk, divergence, &epsilon, &width).unwrap();
        let name = format!("{file}.v");
        let committed = std::fs::read_to_string(folder().join(&name)).unwrap_or_default();
        assert!(
            text == committed,
            "{name} differs from what is generated; `make certificates` writes it again"
        );
        files.insert(name);
    }
    assert!(files.len() > 12);
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_source =
            Path::new(&name).extension().is_some_and(|e| e == "v") && name != "Assumptions.v";
        assert!(
            !is_source || files.contains(&name),
            "{name} is not in proofs/certificates/instances"
        );
    }
}

#[test]
fn the_certified_numbers_are_the_librarys() {
    for Instance { file, law, model, risk, divergence, epsilon, width } in instances() {
        let text = std::fs::read_to_string(folder().join(format!("{file}.v"))).unwrap();
        let statement = text.split("Theorem certificate :").nth(1).unwrap();
        let stated = statement.split("Rabs (r - ").nth(1).unwrap();
        let (value, rest) = stated.split_once(") <= ").unwrap();
        let within = rest.split_once(".\n").unwrap().0;
        assert_eq!(exact(within), width, "{file}");
        let line = Line::new(&law, &model).unwrap();
        let found = line.risk(risk, divergence, epsilon.to_f64()).unwrap();
        let off = (found.value - exact(value).to_f64()).abs();
        // The generator has a quadrature of its own, and uses a small part of the width for rounding.
        assert!(off <= 0.02 * width.to_f64() + found.error, "{file}: {value}, {found:?}");
    }
}

#[test]
fn every_risk_of_the_toy_is_certified() {
    let certified: BTreeSet<_> = (instances().iter())
        .filter(|instance| instance.file.starts_with("toy_"))
        .map(|instance| (instance.risk, instance.divergence.name()))
        .collect();
    for risk in Risk::ALL {
        assert!(certified.contains(&(risk, "l1")) && certified.contains(&(risk, "kl")), "{risk}");
    }
}

#[test]
fn what_is_not_covered_is_refused() {
    let refused = |law, model, divergence, part: &str| {
        let error = theorem(law, model, Risk::Score, divergence).unwrap_err().to_string();
        assert!(error.starts_with("found ") && error.contains(part), "{error}");
        assert!(error.contains("allowed are laws with two classes"), "{error}");
    };
    refused("three-classes", "three-linear", Divergence::L1, "3 classes");
    refused("toy", "toy-tanh", Divergence::L1, "a model of another kind");
    refused("toy", "toy-linear", Divergence::ChiSquared, "the divergence chi-squared");
    refused("toy", "steep", Divergence::L1, "log-odds of the size 1");
    refused("needle", "toy-linear", Divergence::L1, "log-odds of the size 1");
    refused("toy", "toy-bayes", Divergence::Kl, "hardly differs from the posterior");
    let (law, model) = (Law::resolve("toy").unwrap(), Model::resolve("toy-linear").unwrap());
    let of = |epsilon, width| {
        coq::theorem(&law, &model, Risk::Madry, Divergence::Kl, &exact(epsilon), &exact(width))
    };
    assert!(matches!(of("-1", "1e-6"), Err(Error::Negative { what: "epsilon", .. })));
    assert!(matches!(of("1", "0"), Err(Error::NotPositive { what: "width", .. })));
    let classes = Error::ClassesDiffer { law: 2, model: 3 };
    assert_eq!(theorem("toy", "three-linear", Risk::Score, Divergence::L1), Err(classes));
}

#[test]
fn the_command_line_writes_the_same_file() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("certificates").join("toy.v");
    let run = |arguments: &str| {
        Command::new(cargo_bin!("score")).args(arguments.split_whitespace()).output().unwrap()
    };
    let write = "certificate write --coq --law toy --model toy-linear --risk score --epsilon 1";
    let printed = run(write);
    let expected = theorem("toy", "toy-linear", Risk::Score, Divergence::Kl).unwrap();
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), expected);
    let written = run(&format!("{write} {}", out.display()));
    assert_eq!(String::from_utf8(written.stdout).unwrap(), format!("{}\n", out.display()));
    assert_eq!(std::fs::read_to_string(&out).unwrap(), expected);
    let refused =
        run("certificate write --coq --law toy --model toy-tanh --risk score --epsilon 1");
    assert_eq!(refused.status.code(), Some(2));
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(error.contains("--law toy --model toy-tanh: found a model of another kind"), "{error}");
    let unknown =
        run("certificate write --coq --law toy --model toy-linear --risk scor --epsilon 1");
    let error = String::from_utf8(unknown.stderr).unwrap();
    assert!(error.contains("unknown risk `scor` (did you mean `score`?)"), "{error}");
}
