//! The search for counterexamples: it finds what there is to be found, and nothing where there is nothing.
#![cfg(feature = "cli")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use score_workbench::catalogue::{self, Witness};
use score_workbench::claims::{Claim, Evidence, Verdict};
use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::exact::Exact;
use score_workbench::law::Law;
use score_workbench::model::Model;
use score_workbench::refute::{Candidate, Goal, Limits, Outcome, Search, prove};
use score_workbench::risk::Risk;
use serde_json::Value;

/// The divergences that are no metrics: for each of them every inequality of Theorem 1 fails.
const NO_METRICS: [Divergence; 4] =
    [Divergence::Kl, Divergence::ReverseKl, Divergence::SquaredError, Divergence::ChiSquared];

/// An empty folder that only one test uses.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("refute").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn theorem_1() -> &'static Claim {
    Claim::named("theorem-1").unwrap()
}

fn rounds(rounds: u64) -> Limits {
    Limits { rounds: Some(rounds), ..Limits::default() }
}

fn searched(
    claim: &'static Claim,
    divergences: &[Divergence],
    seed: u64,
    limits: Limits,
) -> Search {
    let mut search = Search::new(claim, divergences, seed).unwrap();
    search.run(limits, None, |_| ()).unwrap();
    search
}

/// Runs `score` with arguments separated by spaces.
fn run(arguments: &str) -> Output {
    let mut command = Command::new(cargo_bin!("score"));
    command.args(arguments.split_whitespace()).stdin(Stdio::null()).output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_inequality_of_theorem_1_fails_without_a_metric() {
    let search = searched(theorem_1(), &NO_METRICS, 0, rounds(2));
    assert_eq!(search.goals().len(), 12);
    for goal in 0..12 {
        let outcome = Outcome::new(&search, goal).unwrap();
        let what = format!("{} for {}", outcome.goal.inequality(), outcome.goal.divergence());
        let violation = outcome.violation().unwrap_or_else(|| panic!("{what} was not violated"));
        assert_eq!((violation.evidence, violation.is_proved()), (Evidence::Estimated, false));
        let instance = outcome.instance.unwrap();
        assert!(instance.relative() < -0.05, "{what}: {}", instance.relative());
        assert!(violation.slack.value < -1e9 * violation.slack.error, "{what}: {violation:?}");
        // Short decimals: nobody wants to read the digits of a double.
        let Candidate { law, model, epsilon } = instance.candidate;
        for text in [law.to_toml(), model.to_toml(), format!("\"{epsilon}\"")] {
            let numbers = text.split('"').filter(|part| part.parse::<Exact>().is_ok());
            assert!(numbers.clone().all(|number| number.len() <= 5), "{what}: {text}");
        }
    }
}

#[test]
fn the_theorem_for_a_metric_is_not_refuted_but_nearly_tight() {
    let search = searched(theorem_1(), &[Divergence::Hellinger], 0, rounds(1));
    assert_eq!((search.goals().len(), search.restarts()), (3, 9));
    for goal in 0..3 {
        let outcome = Outcome::new(&search, goal).unwrap();
        assert_eq!((outcome.violation(), outcome.verdict()), (None, "not-violated"));
        let instance = outcome.instance.unwrap();
        assert!((-1e-9..0.1).contains(&instance.tightness), "{}", instance.tightness);
        // No trivial tie: no summand of the larger side vanishes.
        let least = instance.comparison.least / instance.comparison.sides[1];
        assert!(least > 1e-3, "{} at {least}", outcome.goal.inequality());
    }
}

#[test]
fn a_seed_decides_what_is_found_and_threads_do_not() {
    let found = |seed: u64, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let search = pool.install(|| searched(theorem_1(), &[Divergence::Kl], seed, rounds(1)));
        (0..3).map(|goal| search.best(goal).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(found(1, 1), found(1, 3));
    assert_ne!(found(1, 2), found(2, 2));
    // What else is searched for does not matter either.
    let both = searched(theorem_1(), &[Divergence::L1, Divergence::Kl], 1, rounds(0));
    assert_eq!(both.restarts(), 0);
    let among = searched(theorem_1(), &[Divergence::ChiSquared, Divergence::Kl], 1, rounds(1));
    assert_eq!((3..6).map(|goal| among.best(goal).unwrap()).collect::<Vec<_>>(), found(1, 2));
}

#[test]
fn an_interrupted_search_is_continued() {
    let folder = folder("interrupted");
    let begin = || Search::new(theorem_1(), &[Divergence::Kl], 3).unwrap();
    let mut whole = begin();
    whole.run(rounds(1), Some(&folder), |_| ()).unwrap();
    let best = |search: &Search| (0..3).map(|goal| search.best(goal)).collect::<Vec<_>>();
    let path = folder.join("search.json");
    let written = fs::read_to_string(&path).unwrap();
    let mut state: Value = serde_json::from_str(&written).unwrap();
    let restarts = state["restarts"].as_array_mut().unwrap();
    assert_eq!(restarts.len(), 9);
    restarts.drain(2..7);
    fs::write(&path, state.to_string()).unwrap();
    let mut rest = begin();
    rest.resume(&folder).unwrap();
    assert_eq!(rest.restarts(), 4);
    rest.run(rounds(1), Some(&folder), |_| ()).unwrap();
    assert_eq!(best(&rest), best(&whole));
    assert_eq!(fs::read_to_string(&path).unwrap(), written, "the state, bit for bit");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no draft is left behind");
}

#[test]
fn a_state_that_does_not_fit_is_refused() {
    let folder = folder("states");
    let path = folder.join("search.json");
    let mut search = Search::new(theorem_1(), &[Divergence::Kl], 0).unwrap();
    search.run(rounds(1), Some(&folder), |_| ()).unwrap();
    let written = fs::read_to_string(&path).unwrap();
    let refused = |claim: &str, divergence: Divergence, seed: u64| {
        let mut other = Search::new(Claim::named(claim).unwrap(), &[divergence], seed).unwrap();
        let Err(Error::NotAState { reason, .. }) = other.resume(&folder) else { panic!("{claim}") };
        assert_eq!(other.restarts(), 0);
        reason
    };
    assert_eq!(refused("theorem-1", Divergence::Kl, 1), "found seed 0, not 1");
    assert_eq!(refused("order", Divergence::Kl, 0), "found claim theorem-1, not order");
    assert!(refused("theorem-1", Divergence::L1, 0).contains("other divergences"));
    for (from, to) in
        [("\"goal\":0", "\"goal\":7"), ("\"values\":[", "\"values\":[1.0,"), ("{", "[")]
    {
        let broken = written.replacen(from, to, 1);
        assert_ne!(broken, written);
        fs::write(&path, broken).unwrap();
        refused("theorem-1", Divergence::Kl, 0);
    }
}

#[test]
fn a_search_without_time_finds_nothing() {
    let now = Limits { deadline: Some(std::time::Instant::now()), ..Limits::default() };
    let search = searched(theorem_1(), &[Divergence::Kl], 0, now);
    assert_eq!(search.restarts(), 0);
    assert!(Outcome::new(&search, 0).unwrap().instance.is_none());
}

fn candidate(witness: &Witness) -> Candidate {
    Candidate {
        law: Law::resolve(witness.law()).unwrap(),
        model: Model::resolve(witness.model()).unwrap(),
        epsilon: witness.epsilon().clone(),
    }
}

fn goal(witness: &Witness, divergence: Divergence) -> Goal {
    let goals = Goal::of(witness.claim(), &[divergence]).unwrap();
    goals.into_iter().find(|goal| goal.inequality() == witness.inequality()).unwrap()
}

#[test]
fn the_witnesses_of_the_catalogue_violate_what_they_say() {
    let witnesses = catalogue::witnesses();
    for divergence in NO_METRICS {
        let of_it = witnesses.iter().filter(|witness| witness.divergence() == divergence);
        assert_eq!(of_it.count(), 3, "{divergence}: the upper inequality and the two lower ones");
    }
    for witness in witnesses {
        let what = format!("{} for {}", witness.inequality(), witness.divergence());
        let violation = prove(&goal(witness, witness.divergence()), &candidate(witness)).unwrap();
        let slack = violation.unwrap_or_else(|| panic!("{what}")).slack;
        assert!(slack.value < -0.01 && slack.value < -1e9 * slack.error, "{what}: {slack:?}");
        assert_eq!(witness.comparison().unwrap().unwrap().slack, slack);
        let (problem, ball) = candidate(witness).problem().unwrap();
        let check = witness.claim().check(&problem.instance(witness.divergence(), ball)).unwrap();
        assert_eq!(check.verdict, Verdict::NotApplicable);
        assert!(check.note.unwrap().ends_with("may fail, and they do here"), "{what}");
    }
}

/// The same from risks that were not computed by this library.
#[test]
fn the_witnesses_violate_by_the_oracles_values() {
    for witness in catalogue::witnesses() {
        let is_it = |known: &&catalogue::Known| {
            (known.law(), known.model()) == (witness.law(), witness.model())
                && known.divergence() == witness.divergence()
                && known.epsilon() == witness.epsilon().to_f64()
        };
        let known = catalogue::known_values().iter().find(is_it).expect("known values");
        let side = |text: &str| -> f64 {
            let risk = |symbol: &str| Risk::ALL.into_iter().find(|risk| risk.symbol() == symbol);
            text.split(" + ").map(|symbol| known.expected(risk(symbol).unwrap())).sum()
        };
        let (smaller, larger) = witness.inequality().split_once(" <= ").unwrap();
        let (smaller, larger) = (side(smaller), side(larger));
        assert!(smaller > 1.04 * larger, "{}: {smaller} and {larger}", witness.inequality());
        let [left, right] = witness.comparison().unwrap().unwrap().sides;
        assert!(
            (left - smaller).abs() < 1e-11 * smaller && (right - larger).abs() < 1e-11 * larger
        );
    }
}

#[test]
fn what_violates_nothing_is_no_witness() {
    for witness in catalogue::witnesses() {
        for metric in [Divergence::L1, Divergence::JensenShannon] {
            assert_eq!(prove(&goal(witness, metric), &candidate(witness)), Ok(None));
        }
    }
    // A tie that rounding makes negative is no violation: with Q = P, R_Madry and C + R_SCORE are the same integral.
    let tie = Candidate {
        law: Law::resolve("toy").unwrap(),
        model: Model::resolve("toy-quadratic").unwrap(),
        epsilon: "1".parse().unwrap(),
    };
    for goal in Goal::of(theorem_1(), &Divergence::ALL).unwrap() {
        assert_eq!(prove(&goal, &tie), Ok(None), "{} {}", goal.divergence(), goal.inequality());
    }
}

#[test]
fn written_witnesses_are_verified() {
    let out = folder("written");
    let arguments =
        format!("refute theorem-1 --divergence kl --format json --out {}", out.display());
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(3), "nothing is proved in this version");
    let found = json(&output);
    assert_eq!((&found["claim"], &found["seed"]), (&"theorem-1".into(), &0.into()));
    assert_eq!(found["summary"]["violated"], 3);
    assert_eq!(
        (&found["summary"]["proved"], &found["summary"]["not-violated"]),
        (&0.into(), &0.into())
    );
    let inequalities = found["inequalities"].as_array().unwrap();
    let names: Vec<_> =
        inequalities.iter().map(|one| one["inequality"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["R_SCORE <= R_Madry + C", "R_Madry <= C + R_SCORE", "C <= R_SCORE + R_Madry"]
    );
    for (i, one) in inequalities.iter().enumerate() {
        assert_eq!((&one["verdict"], &one["evidence"]), (&"violated".into(), &"estimated".into()));
        assert_eq!(one["dropped"], "kl is not a metric");
        let folder = out.join(format!("theorem-1-kl-{}", i + 1));
        assert_eq!(one["folder"], folder.display().to_string());
        let instance: toml::Table =
            fs::read_to_string(folder.join("instance.toml")).unwrap().parse().unwrap();
        assert_eq!(instance["inequality"].as_str(), Some(names[i]));
        assert_eq!(
            (instance["verdict"].as_str(), instance["evidence"].as_str()),
            (Some("violated"), Some("estimated"))
        );
        let verified = json(&run(&format!(
            "verify theorem-1 --law {} --model {} --divergence {} --epsilon {} --format json",
            folder.join(instance["law"].as_str().unwrap()).display(),
            folder.join(instance["model"].as_str().unwrap()).display(),
            instance["divergence"].as_str().unwrap(),
            instance["epsilon"].as_str().unwrap(),
        )));
        let check = &verified["claims"][0];
        assert_eq!(check["verdict"], "not-applicable");
        let slack = &check["terms"][format!("slack: {}", names[i])];
        assert_eq!(slack, &one["slack"]);
        assert!(slack["value"].as_f64().unwrap() < 0.0);
        assert_eq!(instance["slack"]["value"].as_float(), slack["value"].as_f64());
        assert!(
            Law::from_json(&one["law"], "law").is_ok()
                && Model::from_json(&one["model"], "model").is_ok()
        );
    }
    let again = run(&arguments);
    assert_eq!(json(&again), found, "nothing is left to search for");
    assert!(String::from_utf8_lossy(&again.stderr).contains("9 restarts are there already"));
}

#[test]
fn claims_with_nothing_to_refute_say_so() {
    let output = run("refute corollary-1 --divergence kl,chi-squared");
    assert_eq!(output.status.code(), Some(3));
    let notes = String::from_utf8(output.stderr).unwrap();
    for divergence in ["kl", "chi-squared"] {
        assert!(
            notes.contains(&format!("note: corollary-1 has no inequality for {divergence}")),
            "{notes}"
        );
    }
    let output = run("refute self-consistency --divergence l1 --rounds 1 --format csv");
    assert_eq!(output.status.code(), Some(3));
    let text = String::from_utf8(output.stdout).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0][..5], ["claim", "divergence", "inequality", "verdict", "evidence"]);
    assert_eq!(
        rows[1][..5],
        ["self-consistency", "l1", "R_SCORE(P) = 0", "not-violated", "estimated"]
    );
    assert_eq!(rows[1][5..8], ["", "", ""], "both sides are 0 everywhere");
    assert_eq!(rows[2][2..4], ["R_Madry(P) = C", "not-violated"]);
    assert!(rows[2][5].parse::<f64>().unwrap().abs() < 1e-12, "{:?}", rows[2]);
    assert!(rows[2][10].parse::<f64>().unwrap() > 0.0, "a tie, but not the trivial one at 0");
}
