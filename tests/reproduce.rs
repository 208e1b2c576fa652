//! The toy demonstration: deterministic, resumable, and what the command writes.
#![cfg(feature = "cli")]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use score_workbench::divergence::Divergence;
use score_workbench::model::Model;
use score_workbench::reproduce::{self, Budget, Experiment, Objective};

const SMALL: Budget = Budget { adam: 40, lbfgs: 5 };

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reproduce").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn two_runs_are_the_same_bit_by_bit() {
    let experiment = Experiment { objective: Objective::Trades, divergence: Divergence::Kl };
    let run = || experiment.run(1, SMALL, || ()).unwrap();
    let (first, second) = (run(), run());
    assert_eq!(first, second);
    let (Model::Mlp(a), Model::Mlp(b)) = (&first.model, &second.model) else { unreachable!() };
    assert_eq!(a.to_safetensors(), b.to_safetensors());
    let other = experiment.run(2, SMALL, || ()).unwrap();
    assert_ne!(first.model, other.model, "the seed matters");
}

#[test]
fn training_lowers_what_it_is_trained_on() {
    for (objective, risk) in
        [(Objective::Standard, 0), (Objective::Madry, 1), (Objective::Score, 2)]
    {
        let experiment = Experiment { objective, divergence: Divergence::SquaredError };
        let outcome = experiment.run(0, SMALL, || ()).unwrap();
        let (first, last) = (outcome.trajectory[0].1, outcome.trajectory.last().unwrap().1);
        assert!(last[risk] < 0.3 * first[risk], "{experiment}: {first:?} {last:?}");
        assert_eq!(outcome.trajectory.last().unwrap().0, 45);
        // The grid's risks are those of the line, but for its spacing.
        for (found, on_grid) in outcome.risks.iter().zip(last) {
            assert!((found.value - on_grid).abs() < 1e-3 * (found.value + 1e-3), "{outcome:?}");
        }
    }
}

#[test]
fn a_training_that_is_complete_is_not_repeated() {
    let folder = folder("resume");
    let experiment: Experiment = "score-l1".parse().unwrap();
    assert_eq!(reproduce::resume(&folder, experiment, SMALL), None);
    let outcome = experiment.run(0, SMALL, || ()).unwrap();
    reproduce::save(&folder, &outcome).unwrap();
    assert_eq!(reproduce::resume(&folder, experiment, SMALL), Some(outcome));
    assert_eq!(reproduce::resume(&folder, experiment, Budget { adam: 41, ..SMALL }), None);
    // Half a file is none.
    let csv = folder.join("networks").join("score-l1.csv");
    let text = fs::read_to_string(&csv).unwrap();
    fs::write(&csv, &text[..text.len() - 30]).unwrap();
    assert_eq!(reproduce::resume(&folder, experiment, SMALL), None);
}

#[test]
fn the_command_writes_a_report_and_the_same_again() {
    let run = |folder: &Path| {
        Command::new(env!("CARGO_BIN_EXE_score"))
            .args(["reproduce", "pgd-at-kl", "--adam", "40", "--lbfgs", "5", "--report"])
            .arg(folder)
            .output()
            .unwrap()
    };
    let (first, second) = (folder("first"), folder("second"));
    let outputs = [&first, &second, &first].map(|folder| run(folder));
    for output in &outputs {
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.stdout, outputs[0].stdout);
    }
    for file in [
        "index.html",
        "results.csv",
        "data/curves-kl.csv",
        "figures/training-kl.svg",
        "networks/pgd-at-kl.safetensors",
    ] {
        let read = |folder: &Path| fs::read(folder.join(file)).unwrap();
        assert_eq!(read(&first), read(&second), "{file}");
    }
    let page = fs::read_to_string(first.join("index.html")).unwrap();
    assert!(page.contains("borne out") && page.contains("PGD-AT"));
    let text = String::from_utf8(outputs[0].stdout.clone()).unwrap();
    assert!(text.contains("pgd-at-kl"), "{text}");
}

#[test]
fn an_unknown_experiment_is_refused() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_score")).args(["reproduce", "score-kI"]).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        error.starts_with("error: NAME: unknown experiment `score-kI` (did you mean `score-kl`?)"),
        "{error}"
    );
    assert!(error.trim_end().ends_with("all") && error.lines().count() == 1, "{error}");
}
