//! `score check-loss` with losses that are processes: right ones, wrong ones, and ones that do not behave.
#![cfg(all(unix, feature = "cli"))]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;

/// An empty folder that only one test uses.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("check-loss").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn check(options: &[&str], command: &[&str]) -> Output {
    let mut score = Command::new(cargo_bin!("score"));
    score.arg("check-loss").args(options).args(command).stdin(Stdio::null());
    score.output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A loss in Python: its greeting, and the body of a function of a batch that returns an answer.
fn python(folder: &Path, greeting: &str, body: &str) -> String {
    let path = folder.join("loss.py");
    let text = format!(
        "import json, math, sys, time, os, subprocess\n\
         def softmax(h):\n    w = [math.exp(x - max(h)) for x in h]\n    return [x / sum(w) for x in w]\n\
         def answer(batch):\n    {}\n\
         print(json.dumps({greeting}))\n\
         for line in sys.stdin:\n    print(json.dumps(answer(json.loads(line))))\n",
        body.replace('\n', "\n    ")
    );
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

const KL: &str =
    r#"{"protocol": 1, "name": "own", "kind": "divergence", "claims": {"kl-bound": True}}"#;

const KL_BODY: &str =
    "ln = lambda p, q: 0 if p == 0 else math.inf if q == 0 else p * math.log(p / q)
return {'loss': [sum(map(ln, a, b)) for a, b in zip(batch['a'], batch['b'])]}";

fn verdict<'a>(report: &'a Value, law: &str) -> &'a Value {
    let laws = report["laws"].as_array().unwrap();
    laws.iter().find(|finding| finding["law"] == law).unwrap()
}

#[test]
fn a_right_loss_passes_and_is_named() {
    let loss = python(&folder("right"), KL, KL_BODY);
    let output = check(&["--cases", "64", "--format", "json"], &["python3", &loss]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["loss"]["name"], "own");
    assert_eq!(report["equals"]["entries"][0]["entry"], "kl");
    assert_eq!(
        (&report["equals"]["evidence"], &report["equals"]["cases"]),
        (&"sampled".into(), &240.into())
    );
    assert_eq!(report["summary"]["refuted"], 0);
    let symmetric = verdict(&report, "symmetric");
    assert_eq!((&symmetric["said"], &symmetric["verdict"]), (&"open".into(), &"refuted".into()));
    assert_eq!(symmetric["counterexample"]["inputs"][0]["name"], "a");
    assert_eq!(verdict(&report, "kl-bound")["cases"], 64);
    assert_eq!(verdict(&report, "shift")["verdict"], "not-applicable");
    // The same seed, the same report.
    let again = check(&["--cases", "64", "--format", "json"], &["python3", &loss]);
    assert_eq!(stdout(&again), stdout(&output));
}

#[test]
fn claims_decide_the_exit_code() {
    let loss = python(&folder("claims"), KL, KL_BODY);
    let code = |options: &[&str]| {
        let few: &[&str] = if options.contains(&"--cases") { &[] } else { &["--cases", "64"] };
        let options = [options, few].concat();
        let output = check(&options, &["python3", &loss]);
        (output.status.code(), stdout(&output) + &stderr(&output))
    };
    let (status, text) = code(&["--claim", "symmetric"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("symmetric (claimed): D(a, b) = D(b, a)\n    a  [0."), "{text}");
    assert_eq!(code(&["--deny", "symmetric", "--claim", "equals=kl"]).0, Some(0));
    assert_eq!(code(&["--deny", "kl-bound"]).0, Some(3));
    assert_eq!(code(&["--claim", "equals = reverse-kl"]).0, Some(1));
    assert_eq!(code(&["--claim", "kl-bound = 1/2"]).0, Some(1));
    assert_eq!(code(&["--claim", "kl-bound = 1/2", "--open", "kl-bound"]).0, Some(0));
    assert_eq!(code(&["--budget", "0.001s"]).0, Some(3));
    for (options, part) in [
        (
            &["--claim", "symetric"][..],
            "--claim: unknown law `symetric` (did you mean `symmetric`?)",
        ),
        (&["--claim", "equals = lk"], "--claim: unknown divergence `lk`"),
        (&["--deny", "finite = 2"], "--deny: found a constant for finite, which has none"),
        (&["--cases", "0"], "--cases: found 0 cases; at least 1 needed"),
        (&["--format", "csv"], "allowed: text, json"),
        (&["--timeout", "1"], "--timeout: found `1`, which is not a time"),
    ] {
        let (status, text) = code(options);
        assert_eq!(status, Some(2), "{text}");
        assert!(
            text.starts_with("error: ") && text.contains(part) && text.lines().count() == 1,
            "{text}"
        );
    }
}

#[test]
fn what_is_not_finite_arrives() {
    let body = "return {'loss': [math.nan if min(a) == 0 else 0.5 for a in batch['a']]}";
    let loss = python(&folder("nan"), r#"{"protocol": 1, "kind": "divergence"}"#, body);
    let output = check(&["--cases", "64"], &["python3", &loss]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("L = NaN"), "{}", stdout(&output));
}

/// Asserts that a loss is reported as broken, in one line with all of `parts`.
fn broken(command: &[&str], parts: &[&str]) {
    let error = error_within("3s", command, parts);
    assert!(error.starts_with("error: the loss: "), "{error}");
}

/// What is said, on one line, of a loss that has no answer in this time.
fn error_within(timeout: &str, command: &[&str], parts: &[&str]) -> String {
    let output = check(&["--timeout", timeout, "--cases", "16"], command);
    let error = stderr(&output);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""), "{error}");
    assert!(error.starts_with("error: ") && error.lines().count() == 1, "{error}");
    for part in parts {
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
    error
}

fn shell(script: &str) -> [&str; 3] {
    ["sh", "-c", script]
}

const GREETING: &str = r#"echo '{"protocol": 1, "kind": "divergence"}'"#;

#[test]
fn commands_that_are_no_losses_are_refused() {
    broken(&["/no/such/program"], &["cannot start `/no/such/program`: No such file"]);
    broken(
        &shell("echo complaint >&2; exit 7"),
        &[
            "it ended (exit status: 7) instead of answering",
            "its standard error ends with: complaint",
        ],
    );
    broken(&shell("kill -9 $$"), &["it ended (signal: 9"]);
    broken(
        &shell("echo hello; cat"),
        &["found `hello` on its standard output; the first line has to be a JSON object"],
    );
    broken(&shell("printf '\\377\\n'; cat"), &["it has to be UTF-8"]);
    broken(
        &shell(r#"echo '{"protocol": 7}'; cat"#),
        &["its first line does not describe a loss: protocol: found 7"],
    );
    broken(
        &shell(
            r#"echo '{"protocol": 1, "kind": "divergence", "claims": {"symetric": true}}'; cat"#,
        ),
        &["(did you mean `symmetric`?)"],
    );
    #[cfg(not(feature = "train"))]
    error_within(
        "3s",
        &["loss.pt"],
        &["found loss.pt; TorchScript needs libtorch: build with `--features train`"],
    );
    error_within(
        "3s",
        &["loss.pt", "--budget", "10s"],
        &["found --budget after loss.pt; options of check-loss stand before the file"],
    );
}

#[test]
fn a_loss_that_hangs_is_ended() {
    broken(
        &shell("echo waiting >&2; sleep 1000"),
        &["no first line within 3 s", "its standard error ends with: waiting"],
    );
    // It greets, and never reads its input.
    broken(&shell(&format!("{GREETING}; sleep 1000")), &["no answer within 3 s; the batch was ["]);
    // It swallows everything and says nothing.
    broken(&shell(&format!("{GREETING}; cat > /dev/null")), &["no answer within 3 s"]);
    broken(
        &shell(&format!("{GREETING}; exec >&-; sleep 1000")),
        &["it ended (it closed its standard output)"],
    );
}

#[test]
fn a_loss_that_talks_without_end_is_ended() {
    broken(&["yes"], &["found `y` on its standard output; the first line"]);
    broken(&["cat", "/dev/zero"], &["bytes without the end of a line"]);
    broken(&shell(&format!("{GREETING}; yes '{{}}'")), &["found `{}` on its standard output"]);
    broken(
        &shell(&format!(
            "{GREETING}; while read line; do echo '{{\"loss\": 0.5}}'; echo more; done"
        )),
        &["found `more`"],
    );
    broken(
        &shell(&format!("{GREETING}; yes complaint >&2")),
        &["no answer within 3 s", "complaint"],
    );
}

#[test]
fn a_loss_that_crashes_takes_its_standard_error_along() {
    let body = "raise ValueError('no such thing')";
    let loss = python(&folder("crash"), KL, body);
    broken(
        &["python3", &loss],
        &["it ended (exit status: 1)", "the batch was [0", "ValueError: no such thing"],
    );
    let loss = python(&folder("refuses"), KL, "return {'error': 'three classes at least'}");
    broken(&["python3", &loss], &["it gives no answer: three classes at least; the batch was ["]);
    let loss = python(&folder("prints"), KL, "print('step 1')\nreturn {'loss': 0.5}");
    broken(
        &["python3", &loss],
        &["found `step 1` on its standard output; a JSON object with the losses is needed"],
    );
    let loss = python(&folder("shape"), KL, "return {'loss': [0.5, 0.5]}");
    broken(&["python3", &loss], &["found 2 losses for 1 examples"]);
    let greeting = r#"{"protocol": 1, "kind": "divergence", "gradient": True}"#;
    let loss = python(
        &folder("gradient"),
        greeting,
        "return {'loss': [0.5], 'gradient': {'a': [[1]], 'b': [[1]]}}",
    );
    broken(&["python3", &loss], &["found a gradient that is not of the shape of its input"]);
}

/// Whether a process is there and no zombie.
fn runs(id: &str) -> bool {
    let state = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    !state.is_empty() && !state.contains(") Z ")
}

#[test]
#[cfg(target_os = "linux")]
fn nobody_is_left_behind() {
    let folder = folder("grandchild");
    let note = folder.join("id");
    // The grandchild holds the pipes open; the loss itself ends, hangs, or answers.
    let grandchild = format!("sleep 1000 & echo $! > {}", note.display());
    let gone = || {
        let id = fs::read_to_string(&note).unwrap().trim().to_owned();
        assert!(!id.is_empty() && !runs(&id), "process {id} is still there");
        fs::remove_file(&note).unwrap();
    };
    broken(&shell(&format!("{grandchild}; exit 0")), &["it ended (exit status: 0)"]);
    gone();
    broken(&shell(&format!("{grandchild}; {GREETING}; sleep 1000")), &["no answer within 3 s"]);
    gone();
    let body = format!(
        "{}\n{KL_BODY}",
        "global child\nif 'child' not in globals():\n    child = subprocess.Popen(['sleep', '1000'])\n    open(os.environ['NOTE'], 'w').write(str(child.pid))"
    );
    let loss = python(&folder, KL, &body);
    let mut score = Command::new(cargo_bin!("score"));
    score
        .args(["check-loss", "--cases", "8", "python3", &loss])
        .env("NOTE", &note)
        .stdin(Stdio::null());
    let output = score.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    gone();
}

#[test]
fn the_wrapper_in_plain_python_passes() {
    let wrapper = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/losses/plain.py");
    let output = check(&["--cases", "64"], &["python3", &wrapper.display().to_string()]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    assert!(
        stdout(&output).contains("equals cross-entropy to within rounding (240 examples, sampled)")
    );
}

/// Losses in TorchScript, written by tests/parity/modules.py.
#[cfg(feature = "train")]
mod modules {
    use super::*;

    fn file(name: &str) -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/modules");
        folder.join(name).display().to_string()
    }

    /// The report on a module, and the exit code.
    fn report(name: &str, options: &[&str]) -> (Value, Option<i32>) {
        let options = [&["--cases", "24", "--format", "json"], options].concat();
        let output = check(&options, &[&file(name)]);
        let report = serde_json::from_slice(&output.stdout);
        (report.unwrap_or_else(|_| panic!("{name}: {}", stderr(&output))), output.status.code())
    }

    fn refuted(report: &Value) -> Vec<&str> {
        let laws = report["laws"].as_array().unwrap().iter();
        laws.filter(|law| law["answer"] == "refuted")
            .map(|law| law["law"].as_str().unwrap())
            .collect()
    }

    #[test]
    fn what_a_module_is_is_found_and_checked() {
        let objective = |target: &str, attacked: bool| serde_json::json!({ "kind": "objective", "input": "logits", "target": target, "attacked": attacked });
        let divergence = |input: &str| serde_json::json!({ "kind": "divergence", "input": input });
        let all = serde_json::json!([2, 10]);
        for (name, options, entry, is, (dtype, reduction, classes)) in [
            // Says all of itself.
            (
                "trades",
                &[][..],
                "trades(cross-entropy, kl, 6)",
                objective("labels", true),
                ("float32", "mean", &all),
            ),
            // Nothing.
            (
                "cross-entropy",
                &[],
                "cross-entropy",
                objective("labels", false),
                ("float32", "none", &all),
            ),
            ("logit-kl", &[], "kl", divergence("logits"), ("float32", "none", &all)),
            (
                "logit-kl",
                &["--set", "dtype=float64"],
                "kl",
                divergence("logits"),
                ("float64", "none", &all),
            ),
            (
                "squared-error",
                &[],
                "squared-error",
                divergence("probabilities"),
                ("float32", "none", &all),
            ),
            // Two rows, and the second is a target.
            (
                "soft",
                &[],
                "cross-entropy",
                objective("distributions", false),
                ("float32", "none", &all),
            ),
            ("sum", &[], "cross-entropy", objective("labels", false), ("float32", "sum", &all)),
        ] {
            let (report, code) = report(&format!("{name}.pt"), options);
            let loss = &report["loss"];
            assert_eq!((code, refuted(&report)), (Some(0), vec![]), "{name}: {report}");
            assert_eq!(report["equals"]["entries"][0]["entry"], entry, "{name}: {report}");
            for (key, value) in is.as_object().unwrap() {
                assert_eq!(&loss[key], value, "{name}: {loss}");
            }
            assert_eq!(
                (&loss["dtype"], &loss["reduction"]),
                (&dtype.into(), &reduction.into()),
                "{name}"
            );
            assert_eq!((&loss["classes"], &loss["gradient"]), (classes, &true.into()), "{name}");
        }
        // A weight for each of ten classes, in double precision: not the same for every class.
        let (report, code) = report("weighted.pt", &[]);
        assert_eq!(
            (&report["loss"]["dtype"], &report["loss"]["classes"]),
            (&"float64".into(), &serde_json::json!([10, 10]))
        );
        assert_eq!((code, refuted(&report)), (Some(1), vec!["permutation"]));
        assert_eq!(
            check(&["--open", "permutation", "--cases", "8"], &[&file("weighted.pt")])
                .status
                .code(),
            Some(0)
        );
    }

    #[test]
    fn gradients_are_those_of_autograd() {
        let (report, code) = report("detached-trades.pt", &[]);
        assert_eq!((code, refuted(&report)), (Some(1), vec!["gradient", "gradient-jets"]));
        assert_eq!(report["equals"]["entries"][0]["entry"], "trades(cross-entropy, kl, 6)");
        error_within(
            "20s",
            &[&file("detached.pt")],
            &["detached.pt: found a loss without a gradient: it is detached from its inputs"],
        );
        let output = check(&["--set", "gradient=false", "--cases", "24"], &[&file("detached.pt")]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }

    #[test]
    fn a_module_that_is_no_loss_is_reported() {
        let (report, code) = report("nan.pt", &[]);
        assert_eq!(code, Some(1));
        assert!(refuted(&report).contains(&"finite"));
        for (name, parts) in [
            ("shape", &["found a loss of shape [1, 1] for 1 examples", "the batch was ["][..]),
            ("dtype", &["found a loss of type Int64; floating-point numbers are needed"]),
            ("raises", &["AssertionError: five classes at most; the batch was ["]),
            ("state", &["state.pt: found an archive without code"]),
            ("absent", &["absent.pt: No such file"]),
        ] {
            error_within("20s", &[&file(&format!("{name}.pt"))], parts);
        }
        // What a module prints arrives once four thousand bytes of it are there.
        let output = check(&[], &[&file("prints.pt")]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("found `step 6` on its standard output"));
        // Long enough for libtorch to start on a machine that has other work.
        error_within(
            "6s",
            &[&file("hangs.pt")],
            &["hangs.pt: no answer within 6 s; the batch was ["],
        );
        let folder = folder("module");
        let text = folder.join("text.pt");
        fs::write(&text, "no archive").unwrap();
        error_within(
            "20s",
            &[&text.display().to_string()],
            &["text.pt: found a file that is no zip archive; needed: what `torch.jit.save` writes"],
        );
        let short = folder.join("short.pt");
        let whole = fs::read(file("trades.pt")).unwrap();
        fs::write(&short, &whole[..whole.len() / 2]).unwrap();
        error_within(
            "20s",
            &[&short.display().to_string()],
            &["short.pt: found a file that is no zip archive"],
        );
    }

    #[test]
    fn what_is_said_of_a_module_counts() {
        for (said, name, part) in [
            (
                "targt=labels",
                "trades",
                "targt=labels: unknown key `targt` (did you mean `target`?)",
            ),
            ("labels", "trades", "found `labels`; key=value is needed"),
            ("dtype=f32", "trades", "dtype=f32: unknown dtype `f32`"),
            (
                "attacked=false",
                "trades",
                "forward(logits, target): forward() is missing value for argument 'target'",
            ),
            ("dtype=float64", "float32", "no loss with what was tried: forward(logits, target): "),
            (
                "reduction=mean",
                "cross-entropy",
                "found a loss of shape [3] for 3 examples; with the reduction `mean` it must be one number",
            ),
        ] {
            error_within("20s", &["--set", said, &file(&format!("{name}.pt"))], &[part]);
        }
        let output = check(&["--set", "dtype=float64"], &["python3", "loss.py"]);
        assert!(
            stderr(&output).starts_with("error: --set: found a command"),
            "{}",
            stderr(&output)
        );
    }
}
