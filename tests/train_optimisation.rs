//! The optimiser, the schedules and the average against PyTorch: `tests/parity/optimisation.py` made the numbers.
#![cfg(feature = "train")]

use score_workbench::train::average::{Average, Rule};
use score_workbench::train::optimiser::{Optimiser, Sgd};
use score_workbench::train::schedule::{ONE_CYCLE_MOMENTUM, Schedule};
use serde_json::Value;
use tch::Tensor;

const TOLERANCE: f64 = 1e-12;

fn document() -> Value {
    serde_json::from_str(include_str!("parity/optimisation.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn near(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() <= TOLERANCE * b.abs().max(1.0), "{what}: {a} against {b}");
    }
}

fn doubles(tensor: &Tensor) -> Vec<f64> {
    Vec::<f64>::try_from(tensor.detach().view(-1)).unwrap()
}

#[test]
fn steps_are_those_of_pytorch() {
    tch::set_num_threads(1);
    for case in list(&document()["sgd"]) {
        let name = case["name"].as_str().unwrap();
        let sgd = Sgd {
            lr: 0.1,
            momentum: 0.9,
            nesterov: case["nesterov"].as_bool().unwrap(),
            decay: case["decay"].as_f64().unwrap(),
            clip: case["clip"].as_f64(),
        };
        let parameters: Vec<(String, Tensor)> = ["layer.weight", "batchnorm.weight"]
            .into_iter()
            .zip(list(&case["start"]))
            .map(|(name, start)| {
                (name.to_owned(), Tensor::from_slice(&numbers(start)).set_requires_grad(true))
            })
            .collect();
        let shallow =
            parameters.iter().map(|(name, value)| (name.clone(), value.shallow_clone())).collect();
        let mut optimiser = Optimiser::new(sgd, shallow, &["batchnorm".to_owned()]).unwrap();
        assert_eq!(optimiser.groups().map(|(_, decays)| decays).collect::<Vec<_>>(), [true, false]);
        let steps =
            list(&case["gradients"]).iter().zip(list(&case["rates"])).zip(list(&case["after"]));
        for ((gradients, rates), after) in steps {
            optimiser.zero_grad();
            for ((_, value), gradient) in parameters.iter().zip(list(gradients)) {
                // The gradient of the scalar product with it.
                (value * Tensor::from_slice(&numbers(gradient))).sum(tch::Kind::Double).backward();
            }
            let rates = numbers(rates);
            optimiser.step([rates[0], rates[1]]).unwrap();
            for ((_, value), expected) in parameters.iter().zip(list(after)) {
                near(&doubles(value), &numbers(expected), name);
            }
        }
    }
}

#[test]
fn rates_are_those_of_pytorch() {
    for case in list(&document()["schedules"]) {
        let number = |key: &str| case[key].as_f64().unwrap();
        let schedule = match case["kind"].as_str().unwrap() {
            "one-cycle" => Schedule::OneCycle {
                warmup: number("warmup"),
                momentum: case["cycle"].as_bool().unwrap().then_some(ONE_CYCLE_MOMENTUM),
            },
            "cosine" => Schedule::Cosine,
            _ => Schedule::Step {
                milestones: list(&case["milestones"])
                    .iter()
                    .map(|m| usize::try_from(m.as_u64().unwrap()).unwrap())
                    .collect(),
                factor: number("factor"),
            },
        };
        let rates = list(&case["rates"]);
        for (t, expected) in rates.iter().enumerate() {
            near(
                &schedule.at(t, rates.len(), 0.1, 0.9),
                &numbers(expected),
                &format!("{schedule:?} at {t}"),
            );
        }
    }
}

#[test]
fn averages_are_those_of_pytorch() {
    tch::set_num_threads(1);
    let document = document();
    let case = &document["average"];
    let named = |values: &Value| vec![("w".to_owned(), Tensor::from_slice(&numbers(values)))];
    let rule =
        Rule { decay: case["decay"].as_f64().unwrap(), warmup: case["warmup"].as_f64().unwrap() };
    let mut average = Average::new(rule, &named(&case["start"])).unwrap();
    let steps = list(&case["values"]).iter().zip(list(&case["averages"]));
    for (step, (values, expected)) in steps.enumerate() {
        average.update(&named(values), step + 1).unwrap();
        near(
            &doubles(&average.values()[0].1),
            &numbers(expected),
            &format!("after step {}", step + 1),
        );
    }
}
