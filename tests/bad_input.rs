//! Every bad input gets one error that names the file, the line, the key, what was found and what
//! is allowed.

use std::fs;
use std::path::{Path, PathBuf};

use score_workbench::law::Law;
use score_workbench::model::Model;

/// A document, where its error is, and what the error says was found and what is allowed.
struct Bad {
    text: String,
    place: &'static str,
    found: &'static str,
    allowed: &'static str,
}

fn bad(text: &str, place: &'static str, found: &'static str, allowed: &'static str) -> Bad {
    Bad { text: text.into(), place, found, allowed }
}

/// The law of two classes with one line replaced: 1 kind, 2 header, 3 prior, 4 components, 5
/// header, 6 prior, 7 components.
fn law_with(line: usize, replacement: &str) -> String {
    let mut lines = [
        "kind = \"gaussian-mixture\"",
        "[[classes]]",
        "prior = 0.5",
        "components = [{ mean = [-1, 0], variance = 4 }]",
        "[[classes]]",
        "prior = 0.5",
        "components = [{ mean = [1, 0], variance = 1 }]",
    ];
    lines[line - 1] = replacement;
    lines.join("\n")
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn bad_laws() -> Vec<Bad> {
    let component = |text: &str| law_with(7, &format!("components = [{{ {text} }}]"));
    let here = ":7: classes[1].components[0]";
    vec![
        bad(&law_with(6, "prior = 0.4"), ": classes: ", "sum to 0.9", "must be 1"),
        bad(&law_with(6, "prior = -0.5"), ":6: classes[1].prior: ", "found -0.5", "> 0"),
        bad(&law_with(6, "prior = 0"), ":6: classes[1].prior: ", "found 0;", "> 0"),
        bad(&law_with(6, "prior = nan"), ":6: classes[1].prior: ", "found `nan`", "a decimal"),
        bad(&law_with(6, "prior = -inf"), ":6: classes[1].prior: ", "found `-inf`", "a decimal"),
        bad(
            &law_with(6, "prior = \"half\""),
            ":6: classes[1].prior: ",
            "found `half`",
            "a decimal",
        ),
        bad(
            &law_with(6, "prior = \"1/0\""),
            ":6: classes[1].prior: ",
            "found `1/0`",
            "denominator",
        ),
        bad(&law_with(6, "prior = 1e999999"), ":6: classes[1].prior: ", "1e999999", "magnitudes"),
        bad(&law_with(6, "prior = true"), ":6: classes[1].prior: ", "a boolean", "a number"),
        bad(&law_with(6, "prior = 1979-05-27"), ":6: classes[1].prior: ", "a date", "a number"),
        bad(
            &law_with(6, "pior = 0.5"),
            ":6: classes[1].pior: ",
            "unknown key `pior` (did you mean `prior`?)",
            "allowed: prior, components",
        ),
        bad(&law_with(6, ""), ": classes[1]: ", "found only: components", "missing key `prior`"),
        bad(&law_with(6, "prior = 0.5\nprior = 0.5"), ":7: ", "duplicate key", "TOML"),
        bad(
            &law_with(6, "prior = "),
            ":6: ",
            "not a TOML document",
            "string values must be quoted",
        ),
        bad(
            &law_with(7, "components = []"),
            ":7: classes[1].components: ",
            "found no",
            "at least one",
        ),
        bad(&law_with(7, "components = 3"), ":7: classes[1].components: ", "a number", "an array"),
        bad(
            &law_with(7, "components = [3]"),
            ":7: classes[1].components[0]: ",
            "a number",
            "a table",
        ),
        bad(
            &component("weight = 0.9, mean = [1, 0], variance = 1"),
            ":7: classes[1].components: ",
            "weights that sum to 0.9",
            "must be 1",
        ),
        bad(
            &component("weight = -1, mean = [1, 0], variance = 1"),
            ":7: classes[1].components[0].weight: ",
            "found -1",
            "> 0",
        ),
        bad(
            &component("mean = [1, 0], variance = -1"),
            ":7: classes[1].components[0].variance: ",
            "found -1",
            "> 0",
        ),
        bad(
            &component("mean = [1, 0], variances = [1, 0]"),
            ":7: classes[1].components[0].variances: ",
            "found 0",
            "> 0",
        ),
        bad(
            &component("mean = [1, 0], variances = [1, 1, 1]"),
            ":7: classes[1].components[0].variances: ",
            "of length 3",
            "2 is needed to fit the mean",
        ),
        bad(
            &component("mean = [1, 0], covariance = [[1, 0]]"),
            ":7: classes[1].components[0].covariance: ",
            "of length 1",
            "2 is needed",
        ),
        bad(
            &component("mean = [1, 0], covariance = [[1, 0.5], [0, 1]]"),
            ":7: classes[1].components[0].covariance: ",
            "0.5 at [0][1] and 0 at [1][0]",
            "symmetric",
        ),
        bad(
            &component("mean = [1, 0], covariance = [[1, 2], [2, 1]]"),
            ":7: classes[1].components[0].covariance: ",
            "[[1.0, 2.0], [2.0, 1.0]]",
            "positive definite",
        ),
        bad(&component("mean = [1, 0]"), here, "none", "exactly one"),
        bad(
            &component("mean = [1, 0], variance = 1, variances = [1, 1]"),
            here,
            "variances, variance;",
            "exactly one",
        ),
        bad(&component("variance = 1"), here, "found only: variance", "missing key `mean`"),
        bad(
            &component("mean = [], variance = 1"),
            ":7: classes[1].components[0].mean: ",
            "found no mean",
            "at least one",
        ),
        bad(
            &component("mean = [1], variance = 1"),
            ": classes: ",
            "mean of length 1",
            "2 is needed to fit the other components",
        ),
        bad("kind = \"gaussian-mixture\"", ": ", "found only: kind", "missing key `classes`"),
        bad(
            "kind = \"gaussian-mixture\"\nclasses = []",
            ":2: classes: ",
            "found 0 class(es)",
            "at least 2",
        ),
        bad("", ": ", "found only: none", "missing key `kind`"),
        bad(
            "kind = \"gausian-mixture\"",
            ":1: kind: ",
            "`gausian-mixture` (did you mean `gaussian-mixture`?)",
            "allowed: gaussian-mixture",
        ),
        bad("kind = 3", ":1: kind: ", "a number", "a string"),
    ]
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn bad_models() -> Vec<Bad> {
    vec![
        bad(
            "kind = \"liner\"",
            ":1: kind: ",
            "`liner` (did you mean `linear`?)",
            "allowed: linear, quadratic, bayes, mlp, constant",
        ),
        bad(
            "kind = \"linear\"\nweights = [[1], [2]]\nbias = [1]",
            ":3: bias: ",
            "bias of length 1",
            "2 is needed to fit the rows of the weights",
        ),
        bad(
            "kind = \"linear\"\nweights = [[1, 2], [2]]\nbias = [1, 0]",
            ":2: weights: ",
            "weights of length 1",
            "2 is needed to fit the first row",
        ),
        bad(
            "kind = \"linear\"\nweights = [[1]]\nbias = [1]",
            ":2: weights: ",
            "found 1 class",
            "least 2",
        ),
        bad(
            "kind = \"linear\"\nweights = [1, 2]\nbias = [1]",
            ":2: weights[0]: ",
            "a number",
            "an array",
        ),
        bad(
            "kind = \"linear\"\nweights = [[1], [\"x\"]]\nbias = [1, 2]",
            ":2: weights[1][0]: ",
            "found `x`",
            "a fraction",
        ),
        bad(
            "kind = \"linear\"\nweights = [[1], [2]]\nbais = [1, 0]",
            ":3: bais: ",
            "`bais` (did you mean `bias`?)",
            "allowed: kind, weights, bias",
        ),
        bad(
            "kind = \"quadratic\"\nmatrices = [[[1]]]\nweights = [[1], [2]]\nbias = [1, 0]",
            ":2: matrices: ",
            "of length 1",
            "2 is needed",
        ),
        bad(
            "kind = \"mlp\"\nactivation = \"tahn\"\nlayers = []",
            ":2: activation: ",
            "`tahn` (did you mean `tanh`?)",
            "allowed: tanh, silu, softplus, sigmoid, relu",
        ),
        bad("kind = \"mlp\"\nactivation = \"tanh\"", ": ", "none", "exactly one"),
        bad(
            "kind = \"mlp\"\nactivation = \"tanh\"\nlayers = []",
            ":3: layers: ",
            "found no",
            "at least one",
        ),
        bad(
            "kind = \"mlp\"\nactivation = \"tanh\"\nlayers = [\n{ weights = [[1]], bias = [1] },\n\
             { weights = [[1, 2], [3, 4]], bias = [0, 0] } ]",
            ":3: layers: ",
            "inputs of length 2",
            "1 is needed to fit the outputs of the layer before",
        ),
        bad(
            "kind = \"mlp\"\nactivation = \"tanh\"\nlayers = [\n{ weights = [[1]], bias = [1, 2] } ]",
            ":4: layers[0].bias: ",
            "of length 2",
            "1 is needed",
        ),
        bad(
            "kind = \"mlp\"\nactivation = \"tanh\"\nfile = \"absent.safetensors\"",
            ":3: file: ",
            "absent.safetensors",
            "cannot read",
        ),
        bad(
            "kind = \"bayes\"\nlaw = \"toyy\"",
            ":2: law: ",
            "`toyy` (did you mean `toy`?)",
            "the path of a TOML file",
        ),
        bad("kind = \"bayes\"\nlaw = \"absent.toml\"", ":2: law: ", "absent.toml", "cannot read"),
        bad("kind = \"bayes\"\nlaw = 3", ":2: law: ", "a number", "a string or a table"),
        bad(
            "kind = \"bayes\"\n[law]\nkind = \"bayes\"\nlaw = \"toy\"",
            ":3: law.kind: ",
            "unknown kind of law `bayes`",
            "allowed: gaussian-mixture",
        ),
        bad(
            "kind = \"constant\"\nprobabilities = [1.5, -0.5]",
            ":2: probabilities: ",
            "found -0.5",
            ">= 0",
        ),
        bad(
            "kind = \"constant\"\nprobabilities = [0.5, 0.4]",
            ":2: probabilities: ",
            "sum to 0.9",
            "must be 1",
        ),
        bad(
            "kind = \"constant\"\nprobabilities = [1]",
            ":2: probabilities: ",
            "found 1 class",
            "least 2",
        ),
    ]
}

/// A folder for the files of one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn check<T: std::fmt::Debug>(
    name: &str,
    inputs: &[Bad],
    read: impl Fn(&str) -> Result<T, score_workbench::error::Error>,
) {
    let path = folder("bad_input").join(name);
    let path = path.to_str().unwrap();
    for input in inputs {
        fs::write(path, &input.text).unwrap();
        let message = read(path).unwrap_err().to_string();
        for part in [path, input.place, input.found, input.allowed] {
            assert!(message.contains(part), "`{part}` is not in\n{message}\nfor\n{}", input.text);
        }
    }
}

#[test]
fn bad_laws_are_explained() {
    check("law.toml", &bad_laws(), Law::resolve);
}

#[test]
fn bad_models_are_explained() {
    check("model.toml", &bad_models(), Model::resolve);
}

#[test]
fn files_that_are_not_there_or_not_text_are_explained() {
    let folder = folder("no_text");
    let absent = folder.join("absent.toml").display().to_string();
    let message = Law::resolve(&absent).unwrap_err().to_string();
    assert!(message.contains(&absent) && message.contains("cannot read"), "{message}");
    let binary = folder.join("binary.toml").display().to_string();
    fs::write(&binary, b"kind = \"\xff\"").unwrap();
    let message = Model::resolve(&binary).unwrap_err().to_string();
    assert!(message.contains(&binary) && message.contains("UTF-8 at byte 8"), "{message}");
    let message = Law::resolve(folder.to_str().unwrap()).unwrap_err().to_string();
    assert!(message.contains("cannot read"), "{message}");
}

#[test]
fn nesting_without_end_is_refused() {
    let text = format!("kind = {}", "[".repeat(100_000));
    let message = Law::from_toml(&text, "deep.toml").unwrap_err().to_string();
    assert!(message.starts_with("deep.toml:1: not a TOML document"), "{message}");
}

#[test]
fn errors_in_json_name_the_key() {
    let law = serde_json::json!({ "kind": "gaussian-mixture", "classes": [{ "prior": null }] });
    let message = Law::from_json(&law, "risks.json").unwrap_err().to_string();
    assert!(message.starts_with("risks.json: classes[0].prior: found null; a number"), "{message}");
}

#[test]
fn an_error_in_a_file_that_is_referred_to_names_that_file() {
    let folder = folder("references");
    fs::write(folder.join("law.toml"), law_with(6, "prior = 0.4")).unwrap();
    fs::write(folder.join("model.toml"), "kind = \"bayes\"\nlaw = \"law.toml\"").unwrap();
    let message = Model::resolve(folder.join("model.toml").to_str().unwrap()).unwrap_err();
    let law = folder.join("law.toml").display().to_string();
    assert!(message.to_string().starts_with(&law), "{message}");
}
