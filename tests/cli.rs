//! The command line as a user or a program meets it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use score_workbench::catalogue::{Entry, LAWS, MODELS};
use score_workbench::claims::{CLAIMS, Claim, Problem, Proofs, Scope, Suite};
use score_workbench::divergence::Divergence;
use score_workbench::exact::Exact;
use score_workbench::law::Law;
use score_workbench::model::Model;
use score_workbench::optimal;
use score_workbench::perturbation::Norm;
use score_workbench::quantity::Quantity;
use score_workbench::risk::{Accuracies, Line, Risk};
use score_workbench::score_matching::{Plan, Study};
use serde_json::Value;

/// An empty folder that only one test uses.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn score() -> Command {
    let mut command = Command::new(cargo_bin!("score"));
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").stdin(Stdio::null());
    command
}

/// Runs `score` with arguments separated by spaces.
fn run(arguments: &str) -> Output {
    score().args(arguments.split_whitespace()).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The standard output of a run that ends with exit code 0.
fn good(arguments: &str) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments}: {}", stderr(&output));
    stdout(&output)
}

fn json(arguments: &str) -> Value {
    serde_json::from_str(&good(arguments)).unwrap()
}

/// Asserts that a run is refused: exit code 2, nothing on standard output, and on standard error one
/// line with all of `parts`.
fn refused(output: &Output, parts: &[&str]) {
    let error = stderr(output);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert_eq!(stdout(output), "");
    assert!(error.starts_with("error: ") && error.lines().count() == 1, "{error}");
    for part in parts {
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
}

/// Asserts that a number in JSON is one of the library, bit for bit: an estimate, or the bounds of an enclosure.
fn assert_same(found: &Value, expected: impl Into<Quantity>) {
    let expected = expected.into();
    if expected.value().is_infinite() {
        assert_eq!(found, "inf");
        return;
    }
    let [first, second] = match expected.enclosure() {
        Some(bounds) => [("lower", bounds.lower()), ("upper", bounds.upper())],
        None => [("value", expected.value()), ("error", expected.error())],
    };
    for (key, expected) in [first, second] {
        let found = found[key].as_f64().map(f64::to_bits);
        assert_eq!(found, Some(expected.to_bits()), "{key} of {found:?}, {expected:?}");
    }
}

#[test]
fn everything_with_a_name_is_listed() {
    let all = good("list");
    let has = |text: &str, name: &str| {
        text.lines().any(|line| line.split([' ', ':']).find(|word| !word.is_empty()) == Some(name))
    };
    for (kind, names) in [
        ("laws", LAWS.iter().map(Entry::name).collect::<Vec<_>>()),
        ("models", MODELS.iter().map(Entry::name).collect()),
        ("divergences", Divergence::ALL.iter().map(|divergence| divergence.name()).collect()),
        ("claims", CLAIMS.iter().map(|claim| claim.name).collect()),
    ] {
        let section = good(&format!("list {kind}"));
        assert!(all.contains(&section), "{kind}");
        assert!(all.contains(&good("list witnesses")));
        for name in names {
            assert!(has(&section, name), "{name} is not in:\n{section}");
        }
    }
}

#[test]
fn many_dimensions_are_reduced() {
    let of = "--law schmidt --model schmidt-linear --epsilon 1/4 --divergence l1";
    let text = good(&format!("risk {of}"));
    let heading =
        "law schmidt, model schmidt-linear, norm linf; 100 dimensions, 1 direction matters\n";
    assert!(text.starts_with(heading), "{text}");
    let found = json(&format!("risk {of} --rigorous --format json"));
    assert_eq!((found["dimension"].as_u64(), found["directions"].as_u64()), (Some(100), Some(1)));
    assert!(found["results"][0]["score"]["lower"].as_f64().is_some());
    let checked = good(&format!("verify theorem-1 theorem-4 {of}"));
    assert!(checked.starts_with(heading) && checked.contains("enclosed"), "{checked}");
    // What is stated for the line is not stated of a projection.
    refused(&run(&format!("certificate write --claim theorem-1 {of}")), &["dimension 100"]);
    refused(&run("plot --law schmidt --model schmidt-linear --epsilon 1"), &["dimension 100"]);
}

/// Three classes with a model of its own: four directions, which only a sample answers for.
#[test]
fn what_does_not_reduce_is_sampled_where_asked() {
    let folder = folder("sampled");
    let law = r#"
        kind = "gaussian-mixture"
        classes = [
            { prior = "1/2", components = [{ mean = [1, 0, 0, 0, 0], variance = 1 }] },
            { prior = "1/4", components = [{ mean = [0, 1, 0, 0, 0], variance = 1 }] },
            { prior = "1/4", components = [{ mean = [0, 0, 1, 0, 0], variance = 1 }] },
        ]
    "#;
    let model = "kind = 'linear'\nweights = [[1, 0, 0, 1, 0], [0, 1, 0, 0, -1], [0, 0, 0, 0, 0]]\nbias = [0, 0, 0]";
    for (name, text) in [("law.toml", law), ("model.toml", model)] {
        fs::write(folder.join(name), text).unwrap();
    }
    let [law, model] =
        ["law.toml", "model.toml"].map(|name| folder.join(name).display().to_string());
    let of = format!("--law {law} --model {model} --divergence l1 --epsilon 1/4");
    refused(&run(&format!("risk {of}")), &["4 directions", "up to 3", "--sample N"]);
    refused(
        &run(&format!("risk {of} --sample 999")),
        &["--sample: found 999 draws", "at least 1000"],
    );
    refused(&run(&format!("risk {of} --seed 1")), &["--sample"]);
    let sampled = format!("{of} --sample 1000 --seed 3");
    let found = json(&format!("risk {sampled} --format json"));
    assert_eq!(found["directions"].as_u64(), Some(4));
    for risk in ["standard", "madry", "score"] {
        let risk = &found["results"][0][risk];
        let number = |name: &str| risk[name].as_f64().unwrap();
        assert!(number("lower") < number("value") && number("value") < number("upper"));
        assert!(number("value") + number("error") >= number("upper") - 1e-12);
        assert_eq!((number("confidence"), risk["draws"].as_u64()), (0.999, Some(1000)));
        assert_eq!(risk["interval"].as_str(), Some("empirical-bernstein"));
    }
    // C is a matter of the law, which depends on two directions.
    let variation = found["results"][0]["variation"].as_object().unwrap();
    assert!(variation.contains_key("error") && !variation.contains_key("confidence"));
    let text = good(&format!("risk {sampled}"));
    assert!(text.contains("] with 99.9 %"), "{text}");
    // A true claim: it holds, or the sample cannot tell.
    let report = folder.join("report");
    let output =
        run(&format!("verify theorem-1 {sampled} --format json --report {}", report.display()));
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", stderr(&output));
    let found: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let claim = &found["claims"][0];
    assert_eq!(claim["evidence"].as_str(), Some("sampled"));
    assert!(claim["slack"]["confidence"].as_f64().unwrap() >= 0.996);
    let page = fs::read_to_string(report.join("index.html")).unwrap();
    assert!(page.contains("sampled, from 1000 draws"));
}

#[test]
fn risks_in_json_are_those_of_the_library_bit_for_bit() {
    for (law, model) in [("toy", "toy-linear"), ("three-classes", "three-silu")] {
        let line = Line::new(&Law::resolve(law).unwrap(), &Model::resolve(model).unwrap()).unwrap();
        let found = json(&format!(
            "risk --law {law} --model {model} --divergence l1,kl --epsilon 1/3,1 --format json"
        ));
        assert_eq!((&found["law"], &found["model"]), (&law.into(), &model.into()));
        assert_eq!(found["norm"], "linf");
        let results = found["results"].as_array().unwrap();
        let expected = [Divergence::L1, Divergence::Kl]
            .into_iter()
            .flat_map(|divergence| [(divergence, 1.0 / 3.0), (divergence, 1.0)]);
        assert_eq!(results.len(), 4);
        for (result, (divergence, epsilon)) in results.iter().zip(expected) {
            assert_eq!(result["divergence"], divergence.name());
            assert_eq!(result["epsilon"].as_f64(), Some(epsilon));
            for risk in Risk::ALL {
                assert_same(&result[risk.name()], line.risk(risk, divergence, epsilon).unwrap());
            }
        }
    }
}

#[test]
fn the_keys_of_json_are_in_the_order_of_the_format() {
    let text = good("risk --law toy --model toy-linear --epsilon 1 --format json");
    let keys = ["law", "model", "norm", "results", "divergence", "epsilon"];
    let keys = keys.into_iter().chain(Risk::ALL.map(Risk::name));
    let places: Vec<_> = keys.map(|key| text.find(&format!("\"{key}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{text}");
}

#[test]
fn risks_in_csv_have_a_header_and_a_line_each() {
    let csv = good("risk --law toy --model toy-linear --divergence all --epsilon 0,1 --format csv");
    let mut lines = csv.lines();
    assert_eq!(
        lines.next(),
        Some(
            "law,model,norm,divergence,epsilon,standard,standard_error,madry,madry_error,score,\
             score_error,variation,variation_error"
        )
    );
    let toy = Law::resolve("toy").unwrap();
    let line = Line::new(&toy, &Model::resolve("toy-linear").unwrap()).unwrap();
    for divergence in Divergence::ALL {
        for epsilon in [0.0, 1.0] {
            let fields: Vec<_> = lines.next().unwrap().split(',').collect();
            assert_eq!(fields[..4], ["toy", "toy-linear", "linf", divergence.name()]);
            let numbers: Vec<f64> =
                fields[4..].iter().map(|field| field.parse().unwrap()).collect();
            let risks = line.risks(divergence, epsilon).unwrap();
            let expected = Risk::ALL.map(|risk| [risks.get(risk).value, risks.get(risk).error]);
            assert_eq!(numbers[0].to_bits(), epsilon.to_bits());
            let bits = |numbers: &[f64]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&numbers[1..]), bits(&expected.concat()));
        }
    }
    assert_eq!(lines.next(), None);
}

#[test]
fn accuracies_are_those_of_the_library_bit_for_bit() {
    let line = Line::new(&Law::resolve("toy").unwrap(), &Model::resolve("toy-linear").unwrap());
    let line = line.unwrap();
    let arguments = "risk --law toy --model toy-linear --epsilon 1/4,1 --accuracies";
    let found = json(&format!("{arguments} --format json"));
    assert_eq!(found["results"].as_array().unwrap().len(), 2);
    let rows = found["accuracies"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    let csv = good(&format!("{arguments} --format csv"));
    let header: Vec<_> = csv.lines().next().unwrap().split(',').collect();
    assert_eq!(header[header.len() - 2..], ["self-consistent", "self-consistent_error"]);
    for ((row, epsilon), fields) in rows.iter().zip([0.25, 1.0]).zip(csv.lines().skip(1)) {
        let accuracies = line.accuracies(epsilon).unwrap();
        assert_eq!(row["epsilon"].as_f64(), Some(epsilon));
        let fields: Vec<f64> = fields.split(',').skip(13).map(|f| f.parse().unwrap()).collect();
        for (i, (name, value)) in Accuracies::NAMES.into_iter().zip(accuracies.all()).enumerate() {
            assert_same(&row[name], value);
            assert_eq!(fields[2 * i..2 * i + 2], [value.value, value.error]);
        }
    }
    // What was not asked for is not there.
    let without = json("risk --law toy --model toy-linear --epsilon 1 --format json");
    assert!(without.get("accuracies").is_none());
    assert!(good(arguments).contains("self-consistent  0.6026612600"));
}

#[test]
fn sampled_gradients_are_those_of_the_library_bit_for_bit() {
    let folder = folder("gradient");
    let arguments = "gradient --law toy --model toy-linear --samples 50,200 --sets 10 --seed 7";
    let line = Line::new(&Law::resolve("toy").unwrap(), &Model::resolve("toy-linear").unwrap());
    let noise = "1/4".parse().unwrap();
    let plan = Plan { sizes: vec![50, 200], sets: 10, noise, seed: 7 };
    let study = Study::new(&line.unwrap(), &plan).unwrap();
    let found = json(&format!("{arguments} --format json"));
    assert_same(&found["exact"], study.exact);
    assert_eq!(found["evidence"], "sampled");
    let results = found["results"].as_array().unwrap();
    assert_eq!(results.len(), 4);
    for (result, row) in results.iter().zip(&study.rows) {
        assert_eq!(result["method"], row.method.name());
        assert_eq!(result["averaged"]["mean"].as_f64(), Some(row.averaged.mean));
        let error = result["averaged"]["standard-error"].as_f64();
        assert_eq!(error, Some(row.averaged.standard_error));
    }
    let csv = good(&format!("{arguments} --format csv --out {}", folder.display()));
    assert_eq!(csv.lines().count(), 5);
    for name in ["gradient.svg", "gradient.csv"] {
        assert!(fs::metadata(folder.join(name)).unwrap().len() > 0);
    }
    // The text shows the exact score and both ways of fitting one.
    let text = good(arguments);
    assert!(["exact", "implicit", "denoising"].iter().all(|name| text.contains(name)), "{text}");
    let pair = "--law toy --model toy-linear";
    refused(&run(&format!("gradient {pair} --samples 10,x")), &["--samples", "`x`"]);
    refused(&run(&format!("gradient {pair} --samples 0")), &["--samples", "found 0", "1"]);
    refused(&run(&format!("gradient {pair} --sets 1")), &["--sets", "found 1", "2"]);
    refused(&run(&format!("gradient {pair} --noise 0")), &["--noise", "found 0", "> 0"]);
    let certain = folder.join("certain.toml");
    fs::write(&certain, "kind = \"constant\"\nprobabilities = [1, 0]\n").unwrap();
    let infinite = run(&format!("gradient --law toy --model {}", certain.display()));
    refused(&infinite, &["--model", "infinite", "p_theta"]);
}

#[test]
fn risks_for_people_show_the_digits_that_are_certain() {
    let text = good("risk --law toy --model toy-linear --divergence l1 --epsilon 1");
    let line = text.lines().find(|line| line.contains("R_SCORE")).unwrap();
    let (value, error) = line.trim().rsplit_once(" +- ").unwrap();
    let (value, error) = (value.rsplit(' ').next().unwrap(), error.parse::<f64>().unwrap());
    let known = 0.380_776_156_641_295_5;
    assert!((value.parse::<f64>().unwrap() - known).abs() <= 2.0 * error.max(1e-15), "{line}");
    assert!(value.len() >= 15 && error > 0.0, "{line}");
}

#[test]
fn an_infinite_risk_is_the_string_inf() {
    let path = folder("infinite").join("certain.toml");
    fs::write(&path, "kind = \"constant\"\nprobabilities = [1, 0]\n").unwrap();
    let arguments = format!("risk --law toy --model {} --epsilon 1", path.display());
    let found = json(&format!("{arguments} --format json"));
    let result = &found["results"][0];
    assert_eq!((&result["standard"], &result["score"]), (&"inf".into(), &"inf".into()));
    assert!(result["variation"]["value"].as_f64().unwrap() > 0.0);
    assert_eq!(found["model"], path.display().to_string());
    let csv = good(&format!("{arguments} --format csv"));
    assert!(csv.lines().nth(1).unwrap().contains(",inf,0.0,inf,0.0,inf,0.0,"), "{csv}");
    assert!(good(&arguments).lines().any(|line| line.ends_with("R_Standard  inf")));
}

#[test]
fn findings_in_json_are_those_of_the_library_bit_for_bit() {
    let found = json("verify --law toy --model toy-linear --epsilon 1 --format json");
    let law = Law::resolve("toy").unwrap();
    let model = Model::resolve("toy-linear").unwrap();
    let problem = Problem::new(("toy", &law), ("toy-linear", &model), Norm::Linf).unwrap();
    let suite = Suite {
        problems: vec![problem],
        divergences: Divergence::ALL.to_vec(),
        epsilons: vec![Exact::integer(1)],
        proofs: Proofs::OnTheLine,
    };
    let expected = suite.verify(&CLAIMS, || ()).unwrap();
    let claims = found["claims"].as_array().unwrap();
    assert_eq!(claims.len(), expected.len());
    let mut counts = std::collections::BTreeMap::new();
    for (found, expected) in claims.iter().zip(&expected) {
        let check = &expected.check;
        *counts.entry(check.verdict.name()).or_insert(0_u64) += 1;
        assert_eq!(found["claim"], expected.claim.name);
        assert_eq!((&found["law"], &found["model"]), (&"toy".into(), &"toy-linear".into()));
        assert_eq!(found["divergence"], expected.divergence.name());
        assert_eq!((&found["norm"], found["epsilon"].as_f64()), (&"linf".into(), Some(1.0)));
        assert_eq!(found["verdict"], check.verdict.name());
        assert_eq!(found["evidence"], check.evidence.name());
        match check.slack {
            Some(slack) => assert_same(&found["slack"], slack),
            None => assert_eq!(found["slack"], Value::Null),
        }
        assert_eq!(found["terms"].as_object().unwrap().len(), check.terms.len());
        for term in &check.terms {
            assert_same(&found["terms"][&term.name], term.value);
        }
        assert_eq!(found["note"].as_str(), check.note.as_deref());
    }
    for verdict in ["holds", "refuted", "undecided", "not-applicable"] {
        let count = counts.get(verdict).copied().unwrap_or(0);
        assert_eq!(found["summary"][verdict].as_u64(), Some(count), "{verdict}");
    }
    assert!(counts["not-applicable"] > 0);
}

#[test]
fn only_the_claims_that_are_named_are_checked() {
    let found =
        json("verify order theorem-1 --law toy --model toy-tanh --divergence l2 --format json");
    let claims = found["claims"].as_array().unwrap();
    let names: Vec<_> = claims.iter().map(|claim| claim["claim"].as_str().unwrap()).collect();
    assert_eq!(names, ["order", "theorem-1", "order", "theorem-1"]);
    let epsilons: Vec<_> = claims.iter().map(|claim| claim["epsilon"].as_f64().unwrap()).collect();
    assert_eq!(epsilons, [0.25, 0.25, 1.0, 1.0]);
}

#[test]
fn findings_in_csv_have_a_header_and_a_line_each() {
    let output = run("verify theorem-1 --law toy --model toy-linear --epsilon 1 --format csv");
    let csv = stdout(&output);
    let mut lines = csv.lines();
    let header = "claim,law,model,divergence,norm,epsilon,verdict,evidence,slack,slack_error,note";
    assert_eq!(lines.next(), Some(header));
    let rows: Vec<_> = lines.collect();
    assert_eq!(rows.len(), Divergence::ALL.len());
    assert!(rows.iter().any(|row| row.starts_with("theorem-1,toy,toy-linear,l1,linf,1.0,holds,")));
    assert!(stderr(&output).starts_with("10 checks: 6 hold, 0 refuted, 0 undecided, 4 not-app"));
}

#[test]
fn many_findings_are_summed_up_unless_all_are_asked_for() {
    let few = good("verify order --law toy --model toy-linear --divergence l1,kl");
    let of_order = |line: &&str| line.trim_start().starts_with("order ");
    assert_eq!(few.lines().filter(of_order).count(), 4, "{few}");
    let arguments = "verify --law toy --model toy-linear";
    let summed = good(arguments);
    for claim in CLAIMS {
        let is_row = |line: &&str| line.split_whitespace().next() == Some(claim.name);
        assert_eq!(summed.lines().filter(is_row).count(), 1, "{summed}");
    }
    let theorem = summed.lines().find(|line| line.contains("theorem-1 ")).unwrap();
    assert!(theorem.contains("12 holds, 8 not-applicable"), "{theorem}");
    let summary = summed.lines().find(|line| line.contains(" checks: ")).unwrap();
    let of_claim = |claim: &&Claim| match claim.scope {
        Scope::Any => Divergence::ALL.len(),
        Scope::Only(_) => 1,
    };
    // Two radii.
    let count = 2 * CLAIMS.iter().map(of_claim).sum::<usize>();
    assert!(summary.starts_with(&format!("{count} checks: ")), "{summary}");
    assert!(summary.contains("a hypothesis of the claim"), "{summary}");
    let all = good(&format!("{arguments} --all"));
    // What speaks of derivatives is estimated, and says so; all else is proved.
    let graded = |grade: &str| all.lines().filter(|line| line.contains(grade)).count();
    assert_eq!((graded(" estimated "), graded(" enclosed ")), (6, count - 6), "{all}");
}

#[test]
fn other_norms_are_the_same_on_the_line() {
    let arguments = "verify theorem-1 --law toy --model toy-linear --divergence l1 --format json";
    let (linf, l2) = (json(arguments), json(&format!("{arguments} --norm l2")));
    assert_eq!(l2["claims"][0]["norm"], "l2");
    assert_eq!(l2["claims"][0]["slack"], linf["claims"][0]["slack"]);
}

#[test]
fn bad_arguments_get_one_line() {
    let pair = "--law toy --model toy-linear";
    let cases: [(String, &[&str]); 24] = [
        (
            "risk --law toi --model toy-linear --epsilon 1".into(),
            &["--law", "unknown law `toi`", "did you mean `toy`", "three-classes"],
        ),
        (
            "risk --law toy --model toy-liner --epsilon 1".into(),
            &["--model", "`toy-liner`", "did you mean `toy-linear`"],
        ),
        (
            "risk --law ./nowhere.toml --model toy-linear --epsilon 1".into(),
            &["--law", "nowhere.toml", "No such file"],
        ),
        ("risk --law . --model toy-linear --epsilon 1".into(), &["--law", "`.`", "directory"]),
        (format!("risk {pair} --epsilon -1"), &["--epsilon", "found -1", ">= 0"]),
        (format!("risk {pair} --epsilon 1,-1/4"), &["--epsilon", "found -0.25", ">= 0"]),
        (format!("risk {pair} --epsilon NaN"), &["--epsilon", "`NaN`", "not a number"]),
        (format!("risk {pair} --epsilon inf"), &["--epsilon", "`inf`", "not a number"]),
        (format!("risk {pair} --epsilon 1/0"), &["--epsilon", "`1/0`", "denominator"]),
        (format!("risk {pair} --epsilon 1e999"), &["--epsilon", "`1e999`", "range"]),
        (format!("risk {pair} --epsilon 1,"), &["--epsilon", "found ``"]),
        (
            format!("risk {pair} --epsilon 1 --divergence k1"),
            &["--divergence", "`k1`", "did you mean `kl`", "chi-squared, all"],
        ),
        (format!("risk {pair} --epsilon 1 --norm l3"), &["--norm", "`l3`", "linf, l2, l1"]),
        (
            format!("risk {pair} --epsilon 1 --format xml"),
            &["--format", "`xml`", "text, json, csv"],
        ),
        (format!("risk {pair} --epsilon 1 --rigorous --width 0"), &["--width", "found 0", "> 0"]),
        (format!("risk {pair} --epsilon 1 --rigorous --width x"), &["--width", "`x`"]),
        (format!("risk {pair} --epsilon 1 --width 1e-3"), &["--rigorous"]),
        (format!("risk {pair}"), &["--epsilon", "required"]),
        (format!("risk {pair} --epsilom 1"), &["'--epsilom'", "'--epsilon'"]),
        (
            "risk --law toy --model three-linear --epsilon 1".into(),
            &["--law toy --model three-linear", "2 classes", "model 3"],
        ),
        (
            format!("verify theorem-2 {pair}"),
            &["CLAIM: unknown claim `theorem-2`", "did you mean `theorem-1`", "corollary-1"],
        ),
        ("verify --law toy".into(), &["--law without --model"]),
        ("list lwas".into(), &["KIND: unknown kind `lwas`", "did you mean `laws`"]),
        ("completions tcsh".into(), &["SHELL: unknown shell `tcsh`", "bash, elvish, fish"]),
    ];
    for (arguments, parts) in cases {
        refused(&run(&arguments), parts);
    }
    for (arguments, parts) in [
        ("verfy", ["'verfy'", "'verify'"]),
        ("man verfy", ["COMMAND: unknown command `verfy`", "did you mean `verify`"]),
        ("plot --law toy --model toy-linear --epsilon 1,2", ["--epsilon", "`1,2`"]),
        ("plot --law toy --model toy-linear --epsilon 1e300", ["--model toy-linear", "1.8e308"]),
        ("verify --model toy-linear", ["--model without --law", "built-in suite"]),
        ("verify --rigorous --estimate", ["--rigorous", "--estimate"]),
        ("refute theorem-2", ["CLAIM: unknown claim `theorem-2`", "did you mean `theorem-1`"]),
        ("refute theorem-1 --divergence l3", ["--divergence: unknown divergence `l3`", "all"]),
        ("refute overfitting-floor --divergence kl", ["--divergence: found kl", "l1 only"]),
        ("refute theorem-1 --budget 60", ["--budget: found `60`", "s or m: 60s, 2m"]),
        ("refute theorem-1 --budget -1s", ["--budget: found `-1s`", "above 0"]),
        ("refute theorem-1 --seed -1", ["--seed: found `-1`", "from 0 to 18446744073709551615"]),
        ("refute theorem-1 --rounds x", ["--rounds: found `x`", "whole number"]),
        ("refute theorem-1 --format xml", ["--format: unknown format `xml`", "json"]),
    ] {
        refused(&run(arguments), &parts);
    }
}

#[test]
fn bad_files_get_one_line() {
    let folder = folder("bad-files");
    let plane = "kind = \"gaussian-mixture\"\n\
                 [[classes]]\nprior = \"1/2\"\ncomponents = [ { mean = [0, 0], variance = 1 } ]\n\
                 [[classes]]\nprior = \"1/2\"\ncomponents = [ { mean = [1, 0], variance = 1 } ]\n";
    let line = plane.replace(", 0]", "]");
    let law = |name: &str, text: &str, parts: &[&str]| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        let arguments = format!("risk --law {} --model toy-linear --epsilon 1", path.display());
        refused(&run(&arguments), &[parts, &["--law", name]].concat());
    };
    law("plane.toml", plane, &["dimension 2"]);
    law("sum.toml", &line.replacen("1/2", "2/5", 1), &["prior", "0.9"]);
    law("variance.toml", &line.replacen("variance = 1", "variance = -1", 1), &["-1", "> 0"]);
    law("key.toml", &line.replacen("prior", "pior", 1), &["pior", "prior"]);
    law("nan.toml", &line.replacen("\"1/2\"", "nan", 1), &["nan"]);
    law("syntax.toml", "kind = [", &["TOML"]);
    let model = folder.join("model.toml");
    fs::write(&model, "kind = \"linear\"\nweights = [[1], [0]]\nbias = [1]\n").unwrap();
    let arguments = format!("verify --law toy --model {}", model.display());
    refused(&run(&arguments), &["--model", "model.toml", "bias", "length 1", "2"]);
}

#[test]
fn unwritable_folders_get_one_line() {
    let occupied = folder("unwritable").join("file");
    fs::write(&occupied, "").unwrap();
    let path = occupied.join("inside").display().to_string();
    let plot = run(&format!("plot --law toy --model toy-linear --epsilon 1 --out {path}"));
    refused(&plot, &["cannot write", &path]);
    let pair = "--law toy --model toy-linear --divergence l1 --epsilon 1";
    let refute = run(&format!("refute theorem-1 --divergence kl --rounds 1 --out {path}"));
    refused(&refute, &["--out: cannot", &path]);
    let report = run(&format!("verify order {pair} --report {path}"));
    assert_eq!(report.status.code(), Some(2));
    assert!(stderr(&report).lines().any(|line| line.starts_with("error: cannot write")));
    if Path::new("/dev/full").exists() {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = score().arg("list").stdout(full).output().unwrap();
        refused(&output, &["cannot write to standard output"]);
    }
}

#[test]
fn what_was_changed_about_an_input_is_noted_beside_the_results() {
    let path = folder("notes").join("rounded.toml");
    let text = "kind = \"gaussian-mixture\"\n\
                [[classes]]\nprior = 0.3333333333333333\ncomponents = [ { mean = [0], variance = 1 } ]\n\
                [[classes]]\nprior = 0.6666666666666666\ncomponents = [ { mean = [1], variance = 1 } ]\n";
    fs::write(&path, text).unwrap();
    let law = path.display();
    let arguments = format!("risk --law {law} --model toy-linear --epsilon 1 --format json");
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(0));
    assert!(serde_json::from_slice::<Value>(&output.stdout).is_ok());
    let note = stderr(&output);
    assert!(note.starts_with("note: ") && note.contains("renormalised"), "{note}");
    assert!(note.contains("rounded.toml"), "{note}");
}

#[test]
fn figures_and_reports_are_written() {
    let folder = folder("figures");
    let out = folder.join("toy");
    let written = good(&format!(
        "plot --law toy --model toy-linear --divergence l1 --epsilon 1 --out {}",
        out.display()
    ));
    let paths: Vec<_> = written.lines().map(Path::new).collect();
    assert!(paths.iter().all(|path| fs::metadata(path).unwrap().len() > 0));
    for extension in ["svg", "csv"] {
        let has = |path: &&Path| path.extension().is_some_and(|found| found == extension);
        assert!(paths.iter().any(has), "no {extension} in {paths:?}");
    }
    let report = folder.join("report");
    let pair = "--law toy --model toy-linear --divergence l1,kl --epsilon 1";
    let output = run(&format!("verify {pair} --report {} --format json", report.display()));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(serde_json::from_slice::<Value>(&output.stdout).is_ok());
    let page = report.join("index.html");
    assert!(stderr(&output).contains(&page.display().to_string()));
    assert!(fs::read_to_string(page).unwrap().contains("<svg"));
}

#[test]
fn completions_and_manual_pages_cover_every_command() {
    let commands = [
        "list",
        "risk",
        "verify",
        "refute",
        "check-loss",
        "plot",
        "gradient",
        "completions",
        "man",
    ];
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = good(&format!("completions {shell}"));
        assert!(commands.iter().all(|command| script.contains(command)), "{shell}");
    }
    let page = good("man");
    assert!(page.contains(".TH score 1") && page.contains(env!("CARGO_PKG_VERSION")));
    for command in commands {
        assert!(page.contains(&format!("score\\-{}", command.replace('-', "\\-"))), "{command}");
        let page = good(&format!("man {command}"));
        assert!(page.contains(&format!(".TH score-{command} 1")), "{page}");
    }
}

#[test]
fn a_reader_may_leave_early() {
    let mut quiet = score();
    quiet.args(["list"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut help = score();
    help.args(["verify", "--help"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    for mut command in [quiet, help] {
        let mut child = command.spawn().unwrap();
        // The pipe breaks at the first write after this.
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    }
}

/// What a command writes to a terminal, with these variables set.
fn on_a_terminal(arguments: &str, variables: &[(&str, &str)]) -> String {
    let command = format!("{} {arguments}", cargo_bin!("score").display());
    let mut script = Command::new("script");
    script.args(["-q", "-e", "-c", &command, "/dev/null"]).stdin(Stdio::null());
    script.env("TERM", "xterm").env_remove("NO_COLOR").envs(variables.iter().copied());
    stdout(&script.output().expect("`script` of util-linux is part of every Debian system"))
}

#[test]
fn colours_are_for_terminals_whose_users_want_them() {
    let arguments = "verify theorem-1 --law toy --model toy-linear --epsilon 1";
    let green = "\u{1b}[32mholds";
    assert!(!good(arguments).contains('\u{1b}'));
    assert!(on_a_terminal(arguments, &[]).contains(green));
    assert!(on_a_terminal(arguments, &[("NO_COLOR", "")]).contains(green));
    for refusal in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let text = on_a_terminal(arguments, &[refusal]);
        assert!(text.contains("holds") && !text.contains("\u{1b}[3"), "{text}");
    }
}

/// The built-in suite is among them, and holds.
#[test]
fn the_examples_of_every_help_run() {
    let folder = folder("examples");
    let program = cargo_bin!("score");
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", program.parent().unwrap().display());
    let commands =
        ["", "list", "risk", "verify", "refute", "plot", "gradient", "completions", "man"];
    for command in commands {
        let help = good(&format!("{command} --help"));
        let (_, examples) = help.split_once("Examples:\n").unwrap();
        let examples: Vec<_> = examples.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
        assert!((2..=4).contains(&examples.len()), "{help}");
        for example in examples {
            let mut shell = Command::new("sh");
            shell.args(["-c", example]).current_dir(&folder).env("PATH", &path);
            let output = shell.stdin(Stdio::null()).output().unwrap();
            // A search that proves no violation says so with its exit code.
            let proves = example.contains("--divergence kl");
            let expected = if command == "refute" && !proves { 3 } else { 0 };
            let bad: String = stdout(&output)
                .lines()
                .filter(|line| line.contains(" refuted ") || line.contains(" undecided "))
                .collect();
            let code = output.status.code();
            assert_eq!(code, Some(expected), "{example}: {bad}{}", stderr(&output));
        }
    }
}

#[test]
fn no_command_is_an_error_that_helps() {
    let output = run("");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("Usage: score <COMMAND>"));
    assert_eq!(good("--version"), format!("score {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn optima_in_json_are_those_of_the_library() {
    let found = json("optimal --law toy --divergence l1 --epsilon 1/2 --gap 1/100 --format json");
    assert_eq!((&found["law"], &found["risk"]), (&"toy".into(), &"madry".into()));
    let result = &found["results"][0];
    let law = Law::resolve("toy").unwrap();
    let epsilon: Exact = "1/2".parse().unwrap();
    let expected = optimal::madry(&law, Divergence::L1, &epsilon, 1e-2).unwrap();
    assert_same(&result["upper"], expected.upper());
    assert_same(&result["lower"], expected.lower());
    assert_same(&result["variation"], expected.variation());
    assert_eq!(result["evidence"], "estimated");
    assert!(result["gap"].as_f64().unwrap() <= 1e-2);
    let csv = good("optimal --law toy --divergence l1 --epsilon 1/2 --gap 1/100 --format csv");
    assert_eq!(csv.lines().count(), 2);
    assert!(csv.starts_with("law,risk,divergence,epsilon,upper,"), "{csv}");
}

#[test]
fn optima_write_a_model_that_has_the_risk() {
    let out = folder("optimal");
    let output = score()
        .args([
            "optimal",
            "--law",
            "toy",
            "--epsilon",
            "1/2",
            "--gap",
            "1/20",
            "--format",
            "json",
            "--out",
        ])
        .arg(&out)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let found: Value = serde_json::from_str(&stdout(&output)).unwrap();
    for file in ["toy-kl-0-5.svg", "toy-kl-0-5.csv", "toy-kl-0-5.toml"] {
        assert!(
            out.join(file).exists(),
            "{file}: {:?}",
            fs::read_dir(&out).unwrap().collect::<Vec<_>>()
        );
    }
    let model = out.join("toy-kl-0-5.toml");
    let risk = json(&format!(
        "risk --law toy --model {} --divergence kl --epsilon 1/2 --format json",
        model.display()
    ));
    assert_eq!(risk["results"][0]["madry"], found["results"][0]["upper"]);
}

#[test]
fn what_has_no_optimum_is_refused() {
    let run = |arguments: &str| run(&format!("optimal {arguments}"));
    refused(
        &run("--law toy --divergence hellinger --epsilon 1"),
        &["--divergence: hellinger is not convex", "allowed: kl"],
    );
    refused(&run("--law three-classes --epsilon 1"), &["--law three-classes: found 3 classes"]);
    refused(&run("--law toy --epsilon 1 --risk score"), &["risk to minimise `score`", "madry"]);
    refused(&run("--law toy --epsilon 1 --gap 0"), &["--gap: found 0", "must be > 0"]);
    refused(
        &run("--law toy --epsilon 1e-6"),
        &["--epsilon: found epsilon 0.000001", "30000 nodes"],
    );
}
