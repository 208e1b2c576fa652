//! The line protocol that a loss in another language speaks: docs/check-loss.md is its description.

use serde_json::{Map, Value, json};

#[cfg(feature = "train")]
use super::Broken;
use super::profile::{Dtype, Input, Kind, Profile, Reduction, Stance, Targets};
use super::{Answer, Batch, Symptom, Target};
use crate::error::Error;

/// The version of the protocol.
pub const VERSION: u64 = 1;

/// The keys of a greeting.
const KEYS: [&str; 11] = [
    "protocol",
    "name",
    "kind",
    "input",
    "target",
    "attacked",
    "reduction",
    "dtype",
    "classes",
    "gradient",
    "claims",
];

/// How much of a line is quoted.
const QUOTED: usize = 120;

fn quoted(line: &str) -> String {
    let mut text: String = line.trim_end().chars().take(QUOTED).collect();
    if text.len() < line.trim_end().len() {
        text += "..";
    }
    text
}

/// The line as JSON. What programs write for numbers that JSON does not have (`NaN`, `-Infinity`, `inf`) is read as the text that stands
/// for it.
fn object(line: &str, expected: &str) -> Result<Map<String, Value>, Symptom> {
    let mut text = String::with_capacity(line.len());
    let (mut rest, mut quoting) = (line, false);
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        if quoting && c == '\\' {
            length += rest[length..].chars().next().map_or(0, char::len_utf8);
        } else if c == '"' {
            quoting = !quoting;
        } else if !quoting && (c == '-' || c.is_ascii_alphabetic()) {
            let word = rest[1..].find(|c: char| !c.is_ascii_alphabetic());
            length = word.map_or(rest.len(), |word| 1 + word);
            if special(&rest[..length]).is_some() {
                text = text + "\"" + &rest[..length] + "\"";
                rest = &rest[length..];
                continue;
            }
        }
        text += &rest[..length];
        rest = &rest[length..];
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Symptom::Garbage { line: quoted(line), expected: expected.into() }),
    }
}

/// What a loss says of itself in its first line.
pub(super) fn greeting(line: &str) -> Result<Profile, Symptom> {
    let object = object(line, "the first line has to be a JSON object that describes the loss")?;
    match object.get("error") {
        Some(error) => Err(Symptom::Unfit(text_of(error))),
        None => profile(&object).map_err(Symptom::Greeting),
    }
}

/// What a loss says instead of an answer, on one line.
fn text_of(error: &Value) -> String {
    let text = error.as_str().map_or_else(|| error.to_string(), str::to_owned);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `key=value` as a key of a greeting: a value is JSON, or a text that needs no quotes.
#[cfg(feature = "train")]
pub(super) fn said(text: &str) -> Result<(String, Value), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| format!("found `{text}`; key=value is needed: target=distributions"))?;
    let (key, value) = (key.trim(), value.trim());
    let value: Value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    // What is wrong with it is said of it alone.
    let mut alone =
        Map::from_iter([("protocol".into(), VERSION.into()), ("kind".into(), "objective".into())]);
    alone.insert(key.into(), value.clone());
    profile(&alone).map_err(|reason| {
        let reason = reason.strip_prefix(&format!("{key}: ")).unwrap_or(&reason);
        format!("{text}: {reason}")
    })?;
    Ok((key.into(), value))
}

pub(super) fn profile(object: &Map<String, Value>) -> Result<Profile, String> {
    if let Some(key) = object.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(crate::names::unknown("key", key, KEYS).to_string());
    }
    match object.get("protocol").map(|version| (version, version.as_u64())) {
        Some((_, Some(VERSION))) => {}
        Some((version, _)) => {
            return Err(format!("protocol: found {version}; this version speaks {VERSION}"));
        }
        None => return Err(format!("missing key `protocol`; this version speaks {VERSION}")),
    }
    let text = |key: &str| match object.get(key) {
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(other) => Err(format!("{key}: found {other}; a string is needed")),
        None => Ok(None),
    };
    let flag = |key: &str| match object.get(key) {
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(other) => Err(format!("{key}: found {other}; true or false is needed")),
        None => Ok(false),
    };
    let named = |key: &'static str| move |error: Error| format!("{key}: {error}");
    let name = text("name")?.unwrap_or("loss");
    let mut profile = match text("kind")? {
        Some("divergence") => {
            match object.keys().find(|key| ["target", "attacked"].contains(&key.as_str())) {
                Some(key) => return Err(format!("{key}: a divergence has none")),
                None => Profile::divergence(name, Input::Probabilities),
            }
        }
        Some("objective") => {
            let targets = text("target")?.unwrap_or("labels");
            Profile::objective(name, targets.parse::<Targets>().map_err(named("target"))?)
        }
        Some(other) => {
            return Err(
                crate::names::unknown("kind", other, ["divergence", "objective"]).to_string()
            );
        }
        None => return Err("missing key `kind`: divergence or objective".into()),
    };
    if let Some(input) = text("input")? {
        profile = profile.input(input.parse().map_err(named("input"))?);
    }
    if flag("attacked")? {
        profile = profile.attacked();
    }
    if let Some(reduction) = text("reduction")? {
        profile = profile.reduction(reduction.parse::<Reduction>().map_err(named("reduction"))?);
    }
    if let Some(dtype) = text("dtype")? {
        profile = profile.dtype(dtype.parse::<Dtype>().map_err(named("dtype"))?);
    }
    if let Some(classes) = object.get("classes") {
        let count = |value: &Value| value.as_u64().and_then(|count| usize::try_from(count).ok());
        let range = match classes {
            Value::Array(ends) => match ends.as_slice() {
                [least, most] => count(least).zip(count(most)),
                _ => None,
            },
            number => count(number).map(|count| (count, count)),
        };
        let wrong =
            || format!("classes: found {classes}; a whole number or two are needed: 10, [2, 10]");
        let (least, most) = range.ok_or_else(wrong)?;
        profile = profile.classes(least..=most).map_err(named("classes"))?;
    }
    if flag("gradient")? {
        profile = profile.with_gradient();
    }
    match object.get("claims") {
        None => Ok(profile),
        Some(Value::Object(claims)) => claims.iter().try_fold(profile, claimed),
        Some(other) => {
            Err(format!("claims: found {other}; an object is needed: {{\"symmetric\": true}}"))
        }
    }
}

fn claimed(profile: Profile, (law, said): (&String, &Value)) -> Result<Profile, String> {
    let said = match (law.as_str(), said) {
        ("equals", Value::String(entry)) => profile.equal_to(entry),
        (_, Value::Bool(true)) => profile.say(law, Stance::Claimed),
        (_, Value::Bool(false)) => profile.say(law, Stance::Denied),
        (_, Value::Null) => profile.say(law, Stance::Open),
        (_, Value::Number(constant)) => {
            profile.say(&format!("{law} = {constant}"), Stance::Claimed)
        }
        (_, Value::String(constant)) => {
            profile.say(&format!("{law} = {constant}"), Stance::Claimed)
        }
        (_, other) => {
            return Err(format!(
                "claims: {law}: found {other}; true, false, null or a number is needed"
            ));
        }
    };
    said.map_err(|error| format!("claims: {error}"))
}

/// What the rows of a batch are called.
fn keys(profile: &Profile) -> [&'static str; 2] {
    match (profile.kind(), profile.inputs()) {
        (Kind::Divergence, _) => ["a", "b"],
        (Kind::Objective { .. }, Input::Logits) => ["logits", "attacked"],
        (Kind::Objective { .. }, Input::Probabilities) => ["probabilities", "attacked"],
    }
}

/// A batch as a line.
pub(super) fn question(profile: &Profile, batch: &Batch) -> String {
    let dtype = profile.arithmetic();
    // With a point: some readers make a list of whole numbers something else than a list of numbers.
    let number = |x: &f64| -> Value {
        let digits = dtype.shown(*x);
        let point = if digits.contains('.') { "" } else { ".0" };
        serde_json::from_str(&(digits + point)).unwrap_or(json!(x))
    };
    let rows = |rows: &[Vec<f64>]| -> Value {
        rows.iter().map(|row| row.iter().map(number).collect::<Value>()).collect()
    };
    let [first, second] = keys(profile);
    let mut object = Map::new();
    object.insert(first.into(), rows(batch.first()));
    if !batch.second().is_empty() {
        object.insert(second.into(), rows(batch.second()));
    }
    if !batch.targets().is_empty() {
        let target = |target: &Target| match target {
            Target::Label(label) => json!(label),
            Target::Distribution(row) => row.iter().map(number).collect(),
        };
        object.insert("target".into(), batch.targets().iter().map(target).collect());
    }
    object.insert("gradient".into(), batch.wants_gradient().into());
    Value::Object(object).to_string() + "\n"
}

/// A line as the answer to a batch.
pub(super) fn answer(profile: &Profile, batch: &Batch, line: &str) -> Result<Answer, Symptom> {
    let object = object(line, "a JSON object with the losses is needed: {\"loss\": [..]}")?;
    if let Some(error) = object.get("error") {
        return Err(Symptom::Refused(text_of(error)));
    }
    let garbage =
        |expected: &str| Symptom::Garbage { line: quoted(line), expected: expected.into() };
    let losses = match object.get("loss") {
        Some(Value::Array(losses)) => losses.iter().map(number).collect::<Option<Vec<f64>>>(),
        Some(loss) => number(loss).map(|loss| vec![loss]),
        None => None,
    };
    let losses = losses.ok_or_else(|| garbage("`loss` has to be a number or a list of numbers"))?;
    if !batch.wants_gradient() {
        return Ok(Answer { losses, gradient: None });
    }
    let Some(Value::Object(gradient)) = object.get("gradient") else {
        return Err(garbage("`gradient` is missing: an object with a list for each input"));
    };
    let rows = |key: &str| -> Option<Vec<Vec<f64>>> {
        let row = |row: &Value| row.as_array()?.iter().map(number).collect();
        gradient.get(key)?.as_array()?.iter().map(row).collect()
    };
    let [first, second] = keys(profile);
    let wrong =
        |key: &str| garbage(&format!("`gradient` needs `{key}`, a list of rows of numbers"));
    let second = if batch.second().is_empty() {
        vec![]
    } else {
        rows(second).ok_or_else(|| wrong(second))?
    };
    Ok(Answer { losses, gradient: Some([rows(first).ok_or_else(|| wrong(first))?, second]) })
}

/// A line as a batch: what [`question`] makes of it.
#[cfg(feature = "train")]
pub(super) fn batch(profile: &Profile, line: &str) -> Result<Batch, Symptom> {
    let object = object(line, "a batch is needed")?;
    let garbage = || Symptom::Garbage { line: quoted(line), expected: "a batch is needed".into() };
    let row = |row: &Value| row.as_array()?.iter().map(number).collect::<Option<Vec<f64>>>();
    let list = |key: &str| object.get(key).map_or(Some(&[][..]), |rows| Some(rows.as_array()?));
    let rows = |key: &str| list(key)?.iter().map(row).collect::<Option<Vec<_>>>();
    let target = |target: &Value| match target.as_u64() {
        Some(label) => Some(Target::Label(usize::try_from(label).ok()?)),
        None => row(target).map(Target::Distribution),
    };
    let [first, second] = keys(profile);
    let read = || {
        Some(Batch {
            first: rows(first)?,
            second: rows(second)?,
            targets: list("target")?.iter().map(target).collect::<Option<Vec<_>>>()?,
            gradient: object.get("gradient")?.as_bool()?,
        })
    };
    read().ok_or_else(garbage)
}

/// The line that [`answer`] reads.
#[cfg(feature = "train")]
pub(super) fn reply(profile: &Profile, answer: &Result<Answer, Broken>) -> String {
    let answer = match answer {
        Ok(answer) => answer,
        Err(Broken { symptom: Symptom::Refused(reason), .. }) => {
            return json!({ "error": reason }).to_string();
        }
        Err(broken) => return json!({ "error": broken.to_string() }).to_string(),
    };
    let number =
        |x: &f64| if x.is_finite() { json!(x) } else { x.to_string().to_lowercase().into() };
    let row = |row: &Vec<f64>| row.iter().map(number).collect::<Value>();
    let mut object = Map::new();
    object.insert("loss".into(), row(&answer.losses));
    if let Some(gradient) = &answer.gradient {
        let by = keys(profile).into_iter().zip(gradient).filter(|(_, rows)| !rows.is_empty());
        let by = by.map(|(key, rows)| (key.to_owned(), rows.iter().map(row).collect::<Value>()));
        object.insert("gradient".into(), by.collect::<Map<_, _>>().into());
    }
    Value::Object(object).to_string()
}

/// A number, or a text that stands for one that JSON does not have.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.to_string().parse().ok(),
        Value::String(text) => special(text),
        _ => None,
    }
}

/// What `nan`, `inf` and `infinity` stand for, with a sign or without, in any case of letters.
fn special(text: &str) -> Option<f64> {
    let letters = text.bytes().all(|byte| byte == b'-' || byte.is_ascii_alphabetic());
    text.parse().ok().filter(|_| letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn greeted(line: &str) -> String {
        greeting(line).map_or_else(|symptom| symptom.to_string(), |profile| format!("{profile:?}"))
    }

    #[test]
    fn greetings_are_read() {
        let profile = greeting(
            r#"{"protocol": 1, "name": "NaN \" Infinity", "kind": "objective", "target": "distributions", "attacked": true,
               "dtype": "float32", "reduction": "batchmean", "classes": [3, 5], "gradient": true,
               "claims": {"proper": true, "convex": false, "zero-at-certainty": null, "equals": "trades(kl, kl, 6)"}}"#,
        );
        let profile = profile.unwrap();
        assert_eq!(profile.name(), "NaN \" Infinity");
        assert_eq!(
            profile.kind(),
            Kind::Objective { targets: Targets::Distributions, attacked: true }
        );
        assert_eq!((profile.arithmetic(), profile.reduces_by()), (Dtype::Float32, Reduction::Mean));
        assert_eq!((profile.class_counts(), profile.has_gradient()), (&(3..=5), true));
        assert_eq!(profile.said("proper"), Some((Stance::Claimed, None)));
        assert_eq!(profile.said("convex"), Some((Stance::Denied, None)));
        assert_eq!(profile.said("zero-at-certainty"), Some((Stance::Open, None)));
        assert_eq!(profile.equals().unwrap().to_string(), "trades(kl, kl, 6)");
        let metric = greeting(r#"{"protocol": 1, "kind": "divergence", "classes": 4, "claims": {"pinsker": 0.5, "triangle": "3/2"}}"#).unwrap();
        assert_eq!(metric.said("pinsker"), Some((Stance::Claimed, Some(0.5))));
        assert_eq!(metric.said("triangle"), Some((Stance::Claimed, Some(1.5))));
    }

    #[test]
    fn what_is_wrong_with_a_greeting_is_said() {
        for (line, part) in [
            (
                "hello",
                "found `hello` on its standard output; the first line has to be a JSON object",
            ),
            (r#"{"kind": "divergence"}"#, "missing key `protocol`"),
            (
                r#"{"protocol": 2, "kind": "divergence"}"#,
                "protocol: found 2; this version speaks 1",
            ),
            (r#"{"protocol": 1}"#, "missing key `kind`"),
            (r#"{"protocol": 1, "kind": "objectiv"}"#, "(did you mean `objective`?)"),
            (
                r#"{"protocol": 1, "kind": "objective", "dtype": "f32"}"#,
                "dtype: unknown dtype `f32`",
            ),
            (r#"{"protocol": 1, "kind": "objective", "clases": 3}"#, "(did you mean `classes`?)"),
            (r#"{"protocol": 1, "kind": "objective", "classes": 1}"#, "classes: found 1 class(es)"),
            (r#"{"protocol": 1, "kind": "objective", "classes": "3"}"#, "classes: found \"3\""),
            (
                r#"{"protocol": 1, "kind": "divergence", "target": "labels"}"#,
                "target: a divergence has none",
            ),
            (
                r#"{"protocol": 1, "kind": "divergence", "claims": {"symetric": true}}"#,
                "(did you mean `symmetric`?)",
            ),
            (
                r#"{"protocol": 1, "kind": "divergence", "claims": {"symmetric": 2}}"#,
                "found a constant for symmetric, which has none",
            ),
            (
                r#"{"protocol": 1, "kind": "divergence", "claims": {"equals": "lk"}}"#,
                "unknown divergence `lk`",
            ),
            (
                r#"{"protocol": 1, "kind": "divergence", "gradient": 1}"#,
                "gradient: found 1; true or false is needed",
            ),
        ] {
            assert!(greeted(line).contains(part), "{line}: {}", greeted(line));
        }
    }

    #[test]
    fn batches_and_answers_go_through() {
        let profile = Profile::objective("x", Targets::Labels)
            .attacked()
            .dtype(Dtype::Float32)
            .with_gradient();
        let batch = Batch {
            first: vec![vec![f64::from(0.1_f32), -2.0]],
            second: vec![vec![1e4, 0.0]],
            targets: vec![Target::Label(1)],
            gradient: true,
        };
        let line = question(&profile, &batch);
        assert_eq!(
            line,
            "{\"attacked\":[[10000.0,0.0]],\"gradient\":true,\"logits\":[[0.1,-2.0]],\"target\":[1]}\n"
        );
        let line = r#"{"loss": [NaN], "gradient": {"logits": [[1, -Infinity]], "attacked": [[0.5, 1e-3]]}}"#;
        let found = answer(&profile, &batch, line).unwrap();
        assert!(found.losses[0].is_nan());
        assert_eq!(
            found.gradient,
            Some([vec![vec![1.0, f64::NEG_INFINITY]], vec![vec![0.5, 1e-3]]])
        );
        for text in [
            "NaN",
            "nan",
            "-nan",
            "\"NaN\"",
            "inf",
            "Infinity",
            "-INF",
            "\"-Infinity\"",
            "1e400",
            "-0.0",
        ] {
            let line = format!(
                "{{\"loss\": [{text}], \"gradient\": {{\"logits\": [[0, 0]], \"attacked\": [[0, 0]]}}}}"
            );
            let found = answer(&profile, &batch, &line).unwrap().losses[0];
            let expected: f64 = text.trim_matches('"').parse().unwrap();
            assert!(found == expected || found.is_nan() && expected.is_nan(), "{text}: {found}");
        }
        for (line, part) in [
            ("{\"loss\": [0.5]}", "`gradient` is missing"),
            ("{\"loss\": [naN0]}", "a JSON object"),
            ("{\"loss\": [null]}", "`loss` has to be a number"),
            ("{\"loss\": [\"0.5\"]}", "`loss` has to be a number"),
            ("{\"loss\": [true]}", "`loss` has to be a number"),
            ("{\"loss\": 1, \"gradient\": {\"logits\": [[0, 0]]}}", "`gradient` needs `attacked`"),
            ("{\"error\": \"no such class\"}", "it gives no answer: no such class"),
            ("loss = 0.5", "found `loss = 0.5` on its standard output; a JSON object"),
        ] {
            let symptom = answer(&profile, &batch, line).unwrap_err().to_string();
            assert!(symptom.contains(part), "{line}: {symptom}");
        }
    }

    #[test]
    #[cfg(feature = "train")]
    fn the_other_side_reads_and_writes_the_same() {
        let objective =
            |targets| Profile::objective("x", targets).dtype(Dtype::Float32).with_gradient();
        let rows = || vec![vec![0.1, -2.0], vec![1e4, 0.0]];
        let labels = vec![Target::Label(1), Target::Label(0)];
        let distributions =
            vec![Target::Distribution(vec![0.5, 0.5]), Target::Distribution(vec![1.0, 0.0])];
        for (profile, second, targets) in [
            (objective(Targets::Labels), vec![], labels.clone()),
            (objective(Targets::Labels).attacked(), rows(), labels),
            (objective(Targets::Distributions).input(Input::Probabilities), vec![], distributions),
            (Profile::divergence("x", Input::Logits).with_gradient(), rows(), vec![]),
        ] {
            let batch_of = Batch { first: rows(), second: second.clone(), targets, gradient: true };
            assert_eq!(batch(&profile, &question(&profile, &batch_of)), Ok(batch_of.clone()));
            let slopes = vec![vec![0.1, f64::INFINITY], vec![-1e-300, 0.0]];
            let second = if second.is_empty() { vec![] } else { slopes.clone() };
            let told =
                Answer { losses: vec![0.25, f64::NEG_INFINITY], gradient: Some([slopes, second]) };
            assert_eq!(answer(&profile, &batch_of, &reply(&profile, &Ok(told.clone()))), Ok(told));
            let refused =
                reply(&profile, &Err(Broken::new(Symptom::Refused("no\n such class".into()))));
            let symptom = answer(&profile, &batch_of, &refused).unwrap_err();
            assert_eq!(symptom, Symptom::Refused("no such class".into()));
            assert!(batch(&profile, "{\"gradient\": true}x").is_err());
        }
        let said = |text: &str| said(text).map(|(key, value)| format!("{key} {value}"));
        assert_eq!(said("classes = [2, 3]").unwrap(), "classes [2,3]");
        assert_eq!(said("target=distributions").unwrap(), "target \"distributions\"");
        assert_eq!(said("attacked=1").unwrap_err(), "attacked=1: found 1; true or false is needed");
    }
}
