//! Certificates: what is written is accepted, and nothing that was tampered with is.

use std::sync::OnceLock;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;
use score_workbench::certificate::{Rejection, check, write};
use score_workbench::claims::{Claim, Verdict};
use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::law::Law;
use score_workbench::model::Model;
use score_workbench::perturbation::{Ball, Norm};
use serde_json::{Value, json};

fn certificate(claim: &str, law: &str, model: &str, divergence: Divergence, eps: &str) -> String {
    let pair = (Law::resolve(law).unwrap(), Model::resolve(model).unwrap());
    let ball = Ball::new(Norm::default(), eps.parse().unwrap()).unwrap();
    write(Claim::named(claim).unwrap(), (&pair.0, &pair.1), divergence, &ball).unwrap()
}

fn toy() -> &'static str {
    static TOY: OnceLock<String> = OnceLock::new();
    TOY.get_or_init(|| certificate("theorem-1", "toy", "toy-linear", Divergence::L1, "1"))
}

#[test]
fn what_is_written_is_accepted() {
    for (claim, law, model, divergence, epsilon, verdict) in [
        ("order", "toy", "toy-tanh", Divergence::Kl, "1/4", Verdict::Holds),
        ("self-consistency", "toy", "toy-linear", Divergence::L2, "8/255", Verdict::Holds),
        ("corollary-1", "two-modes", "toy-linear", Divergence::Hellinger, "1", Verdict::Holds),
        ("theorem-1", "three-classes", "three-silu", Divergence::L1, "1/4", Verdict::Holds),
        ("theorem-1", "toy", "toy-bayes", Divergence::L1, "1", Verdict::Holds),
        ("theorem-1", "witness-theorem-1", "coin", Divergence::Kl, "1", Verdict::NotApplicable),
        ("order", "symmetric", "coin", Divergence::ChiSquared, "1", Verdict::Holds),
    ] {
        let text = certificate(claim, law, model, divergence, epsilon);
        let (found, check) = check(&text).unwrap_or_else(|error| panic!("{claim} {law}: {error}"));
        assert_eq!((found.name, check.verdict), (claim, verdict));
        assert!(check.slack.unwrap().enclosure().is_some());
    }
}

#[test]
fn an_infinite_risk_is_certified_and_not_believed() {
    let text = certificate("order", "toy", "toy-linear", Divergence::ChiSquared, "1");
    check(&text).unwrap();
    let mut tampered: Value = serde_json::from_str(&text).unwrap();
    let entry = &mut tampered["risks"][0];
    entry["enclosure"] = json!("infinite");
    entry.as_object_mut().unwrap().remove("shown");
    let rejection = check(&tampered.to_string()).unwrap_err();
    assert!(rejection.to_string().contains("infinite"), "{rejection}");
}

#[test]
fn what_is_undecided_has_no_certificate() {
    let (law, model) = (Law::resolve("rare").unwrap(), Model::resolve("toy-linear").unwrap());
    let ball = Ball::new(Norm::default(), "1".parse().unwrap()).unwrap();
    let claim = Claim::named("theorem-1").unwrap();
    let refused = write(claim, (&law, &model), Divergence::L1, &ball);
    assert_eq!(refused, Err(Error::NotDecided { claim: "theorem-1" }));
}

#[test]
fn what_was_changed_by_hand_is_rejected_with_the_reason() {
    let change = |pointer: &str, value: Value| {
        let mut document: Value = serde_json::from_str(toy()).unwrap();
        *document.pointer_mut(pointer).unwrap() = value;
        check(&document.to_string()).unwrap_err().to_string()
    };
    let document: Value = serde_json::from_str(toy()).unwrap();
    let slack = &document["slack"];
    for (pointer, value, reason) in [
        ("/claim", json!("corollary-1"), "not among those that are shown"),
        ("/claim", json!("theorem-7"), "unknown claim"),
        ("/verdict", json!("refuted"), "the verdict"),
        ("/divergence", json!("kl"), "not among those that are shown"),
        ("/epsilon", json!("2"), "not among those that are shown"),
        ("/norm", json!("l9"), "unknown norm"),
        ("/law/classes/0/prior", json!("4/5"), "sum"),
        ("/model/bias/0", json!("1.0000000001"), "cell"),
        ("/slack/0", json!(-slack[0].as_f64().unwrap()), "the slack"),
        ("/assumptions/0", json!("none"), "assumptions"),
        ("/comparisons/0/name", json!("1 <= 2"), "the inequalities"),
        ("/risks/0/risk", json!("standard"), "not described as this risk needs"),
        ("/risks/0/enclosure/within/0", json!(0.9), "the sum of the parts"),
        ("/version", json!(2), "no certificate of version 1"),
        ("/format", json!("x"), "no certificate of version 1"),
    ] {
        let found = change(pointer, value);
        assert!(found.contains(reason), "{pointer}: {found}");
    }
    let without = |pointer: &str, index: usize| {
        let mut document: Value = serde_json::from_str(toy()).unwrap();
        document.pointer_mut(pointer).unwrap().as_array_mut().unwrap().remove(index);
        check(&document.to_string()).unwrap_err()
    };
    without("/risks", 1);
    without("/risks/0/shown/cells", 0);
    without("/risks/0/shown/cells", 7);
    without("/risks/0/shown/parts", 7);
    without("/risks/2/shown/windows/trends/edges", 0);
    assert!(matches!(check("{}"), Err(Rejection::Form(_))));
}

/// Pointers to everything that is not a list or an object.
fn leaves(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                leaves(item, format!("{at}/{i}"), found);
            }
        }
        Value::Object(items) => {
            for (key, item) in items {
                leaves(item, format!("{at}/{key}"), found);
            }
        }
        _ => found.push(at),
    }
}

/// A change of one leaf, or of a list; `None` where nothing changed.
fn mutated(
    document: &Value,
    leaves: &[String],
    random: &mut Xoshiro256PlusPlus,
) -> Option<(String, Value)> {
    let mut draw = |n: usize| usize::try_from(random.next_u64() % n as u64).unwrap();
    let pointer = leaves[draw(leaves.len())].clone();
    let kind = draw(6);
    let amount = draw(60);
    let mut document = document.clone();
    if kind == 0 {
        // Remove an entry of the list that holds the leaf, or repeat it.
        let (list, index) = pointer.rsplit_once('/').unwrap();
        let list = document.pointer_mut(list).unwrap().as_array_mut()?;
        let index: usize = index.parse().ok()?;
        if amount % 2 == 0 {
            list.remove(index);
        } else {
            list.insert(index, list[index].clone());
        }
        return Some((pointer, document));
    }
    let leaf = document.pointer_mut(&pointer).unwrap();
    let changed = match &*leaf {
        Value::Number(number) => {
            let x = number.as_f64().unwrap();
            let step = 2f64.powi(-i32::try_from(amount).unwrap());
            let y = match kind {
                1 => -x,
                2 => x.next_up(),
                3 => x.next_down(),
                4 => x + step,
                _ => x * (1.0 + step),
            };
            if y == x {
                return None;
            }
            json!(y)
        }
        Value::String(text) => {
            let mut bytes = text.clone().into_bytes();
            if bytes.is_empty() {
                return None;
            }
            let at = amount % bytes.len();
            let with = b"0123456789-/.rfucabe"[draw(20)];
            if bytes[at] == with {
                return None;
            }
            bytes[at] = with;
            json!(String::from_utf8(bytes).unwrap())
        }
        _ => json!("x"),
    };
    *leaf = changed;
    Some((pointer, document))
}

/// The statement of a certificate, without what shows it.
fn statement(document: &Value) -> Value {
    let mut document = document.clone();
    for risk in document["risks"].as_array_mut().unwrap() {
        risk.as_object_mut().unwrap().remove("shown");
    }
    document
}

/// Ten thousand changes at random. What is accepted all the same states the very same and shows it in another way: the edge of an
/// interval of known trend, moved a little, is as good as before. No bound, cell, parameter, name or sign is among those.
#[test]
fn nothing_that_was_tampered_with_is_accepted() {
    let document: Value = serde_json::from_str(toy()).unwrap();
    let mut all = Vec::new();
    leaves(&document, String::new(), &mut all);
    let windows = |pointer: &str| pointer.contains("/windows/");
    let accepted: Vec<(String, Value)> = (0..10_000_u64)
        .into_par_iter()
        .filter_map(|seed| {
            let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
            let (pointer, tampered) =
                (0..50).find_map(|_| mutated(&document, &all, &mut random)).unwrap();
            check(&tampered.to_string()).is_ok().then_some((pointer, tampered))
        })
        .collect();
    for (pointer, tampered) in &accepted {
        // 0.5 and 1/2, or 1 and 1.0, are one number.
        let exact = pointer.starts_with("/law") || pointer.starts_with("/model");
        assert!(windows(pointer) || exact || pointer.ends_with("epsilon"), "{pointer}: {tampered}");
        if windows(pointer) {
            assert_eq!(statement(tampered), statement(&document), "{pointer}");
        }
    }
    let outside = accepted.iter().filter(|(pointer, _)| !windows(pointer)).count();
    assert!(outside < 20, "{outside}");
}
