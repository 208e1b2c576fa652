//! Laws and models survive being written and read, in TOML, JSON and safetensors.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use safetensors::tensor::{Dtype, TensorView};
use score_workbench::exact::Exact;
use score_workbench::law::{Class, Component, Covariance, GaussianMixture, Law};
use score_workbench::model::{
    Activation, Bayes, Constant, Layer, Linear, Mlp, Model, Piecewise, Quadratic,
};

fn number() -> impl Strategy<Value = Exact> {
    prop_oneof![
        "-?[0-9]{1,6}(\\.[0-9]{1,20})?(e-?[0-9]{1,2})?".prop_map(|text| text.parse().unwrap()),
        (-1000_i64..1000, 1_i64..1000).prop_map(|(n, d)| format!("{n}/{d}").parse().unwrap()),
        (-1e300..1e300).prop_map(|x| Exact::from_f64(x).unwrap()),
    ]
}

fn positive() -> impl Strategy<Value = Exact> {
    number().prop_map(|x| if x.is_zero() { Exact::integer(1) } else { x.abs() })
}

/// Positive numbers that sum to 1.
fn parts(n: usize) -> impl Strategy<Value = Vec<Exact>> {
    prop::collection::vec(1_i64..1000, n).prop_map(|counts| {
        let total: i64 = counts.iter().sum();
        counts.iter().map(|n| format!("{n}/{total}").parse().unwrap()).collect()
    })
}

fn row(n: usize) -> impl Strategy<Value = Vec<Exact>> {
    prop::collection::vec(number(), n)
}

fn matrix(rows: usize, columns: usize) -> impl Strategy<Value = Vec<Vec<Exact>>> {
    prop::collection::vec(row(columns), rows)
}

fn covariance(d: usize) -> impl Strategy<Value = Covariance> {
    // A diagonal of 1 to 2 and entries of at most 1/(2d) beside it: diagonally dominant.
    let full = prop::collection::vec(-100_i64..=100, d * d).prop_map(move |entries| {
        let scale = |n: i64| format!("{n}/{}", 200 * d).parse().unwrap();
        let entry = |i: usize, j: usize| match i.cmp(&j) {
            std::cmp::Ordering::Less => scale(entries[i * d + j]),
            std::cmp::Ordering::Equal => &Exact::integer(1) + &scale(entries[i * d + j].abs()),
            std::cmp::Ordering::Greater => scale(entries[j * d + i]),
        };
        Covariance::Full((0..d).map(|i| (0..d).map(|j| entry(i, j)).collect()).collect())
    });
    prop_oneof![
        full,
        prop::collection::vec(positive(), d).prop_map(Covariance::Diagonal),
        positive().prop_map(Covariance::Isotropic),
        (prop::collection::vec(positive(), d), matrix(d, 2))
            .prop_map(|(diagonal, factor)| Covariance::LowRank { diagonal, factor }),
    ]
}

fn class(d: usize) -> impl Strategy<Value = Vec<Component>> {
    (1_usize..4).prop_flat_map(move |n| {
        let components = prop::collection::vec((row(d), covariance(d)), n);
        (parts(n), components).prop_map(|(weights, components)| {
            weights
                .into_iter()
                .zip(components)
                .map(|(weight, (mean, covariance))| {
                    Component::new(weight, mean, covariance).unwrap()
                })
                .collect()
        })
    })
}

fn law() -> impl Strategy<Value = Law> {
    (1_usize..4, 2_usize..5).prop_flat_map(|(d, classes)| {
        (parts(classes), prop::collection::vec(class(d), classes)).prop_map(|(priors, classes)| {
            let classes = priors.into_iter().zip(classes);
            let classes = classes.map(|(prior, parts)| Class::new(prior, parts).unwrap());
            Law::GaussianMixture(GaussianMixture::new(classes.collect()).unwrap())
        })
    })
}

fn layer(inputs: usize, outputs: usize) -> impl Strategy<Value = Layer> {
    (matrix(outputs, inputs), row(outputs)).prop_map(|(w, b)| Layer::new(w, b).unwrap())
}

/// Two knots, the second one's logits in reverse.
fn piecewise(logits: Vec<Exact>) -> Model {
    let knots = ["-1/3", "0.5"].map(|knot| knot.parse().unwrap()).to_vec();
    let back = logits.iter().rev().cloned().collect();
    Model::Piecewise(Piecewise::new(knots, vec![logits, back]).unwrap())
}

fn model() -> impl Strategy<Value = Model> {
    (1_usize..4, 2_usize..5).prop_flat_map(|(d, k)| {
        let linear = (matrix(k, d), row(k)).prop_map(|(w, b)| Linear::new(w, b).unwrap());
        let quadratic = (prop::collection::vec(matrix(d, d), k), matrix(k, d), row(k))
            .prop_map(|(a, w, b)| Quadratic::new(a, w, b).unwrap());
        let mlp = (prop::sample::select(&Activation::ALL[..]), layer(d, 3), layer(3, k))
            .prop_map(|(activation, first, last)| Mlp::new(activation, vec![first, last]).unwrap());
        prop_oneof![
            linear.prop_map(Model::Linear),
            quadratic.prop_map(Model::Quadratic),
            law().prop_map(|law| Model::Bayes(Bayes::new(law))),
            mlp.prop_map(Model::Mlp),
            parts(k).prop_map(|p| Model::Constant(Constant::new(p).unwrap())),
            row(k).prop_map(piecewise),
        ]
    })
}

proptest! {
    #[test]
    fn laws_read_back(law in law()) {
        prop_assert_eq!(Law::from_toml(&law.to_toml(), "law.toml").unwrap(), law);
    }

    #[test]
    fn models_read_back(model in model()) {
        prop_assert_eq!(Model::from_toml(&model.to_toml(), "model.toml").unwrap(), model);
    }

    /// Whatever a document says, it is read or refused.
    #[test]
    fn any_text_is_read_or_refused(
        model in model(),
        at in any::<prop::sample::Index>(),
        junk in "\\PC?",
    ) {
        let text: Vec<char> = model.to_toml().chars().collect();
        let (before, after) = text.split_at(at.index(text.len()));
        let text: String = before
            .iter()
            .copied()
            .chain(junk.chars())
            .chain(after[1..].iter().copied())
            .collect();
        if let Err(error) = Model::from_toml(&text, "broken.toml") {
            prop_assert!(error.to_string().starts_with("broken.toml"), "{}", error);
        }
    }
}

#[test]
fn numbers_and_strings_mean_the_same() {
    let read = |bias: &str| {
        let text = format!("kind = \"linear\"\nweights = [[-1], [0]]\nbias = [{bias}]");
        Model::from_toml(&text, "model.toml").unwrap()
    };
    let expected = read("\"1/10\", \"1000\"");
    let equal = ["0.1, 1000", "1e-1, 1_000.0", "\"0.1\", 1_000", "+0.10, 0x3e8", "\"1e-1\", 1e3"];
    for bias in equal {
        assert_eq!(read(bias), expected, "{bias}");
    }
    let json = r#"{ "kind": "linear", "weights": [[-1], [0]], "bias": [0.1, 1E+3] }"#;
    assert_eq!(Model::from_json(&serde_json::from_str(json).unwrap(), "").unwrap(), expected);
    // A decimal longer than any double.
    let long = "0.1000000000000000000000000000000000000001";
    let json = format!(r#"{{ "kind": "linear", "weights": [[1], [0]], "bias": [{long}, 0] }}"#);
    let Model::Linear(linear) =
        Model::from_json(&serde_json::from_str(&json).unwrap(), "").unwrap()
    else {
        unreachable!()
    };
    assert_eq!(linear.bias()[0].to_string(), long);
}

#[test]
fn bayes_takes_a_path_a_name_or_a_table() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bayes");
    fs::create_dir_all(folder.join("laws")).unwrap();
    let toy = Law::resolve("toy").unwrap();
    fs::write(folder.join("laws/toy.toml"), toy.to_toml()).unwrap();
    let expected = Model::Bayes(Bayes::new(toy));
    let inline = expected.to_toml();
    for text in
        ["kind = \"bayes\"\nlaw = \"laws/toy.toml\"", "kind = \"bayes\"\nlaw = \"toy\"", &inline]
    {
        let path = folder.join("model.toml");
        fs::write(&path, text).unwrap();
        assert_eq!(Model::resolve(path.to_str().unwrap()).unwrap(), expected, "{text}");
    }
}

type Tensors<'a> = Vec<(&'a str, Dtype, Vec<usize>, Vec<u8>)>;

/// Writes the tensors and a model that refers to them, and reads it.
fn from_tensors(name: &str, tensors: &Tensors) -> Result<Model, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    let views: HashMap<_, _> = tensors
        .iter()
        .map(|(name, dtype, shape, data)| {
            (name.to_string(), TensorView::new(*dtype, shape.clone(), data).unwrap())
        })
        .collect();
    fs::write(folder.join("mlp.safetensors"), safetensors::serialize(views, None).unwrap())
        .unwrap();
    read_mlp(&folder)
}

fn read_mlp(folder: &Path) -> Result<Model, String> {
    let text = "kind = \"mlp\"\nactivation = \"silu\"\nfile = \"mlp.safetensors\"";
    fs::write(folder.join("model.toml"), text).unwrap();
    Model::resolve(folder.join("model.toml").to_str().unwrap()).map_err(|error| error.to_string())
}

fn doubles(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn halves(bits: &[u16]) -> Vec<u8> {
    bits.iter().flat_map(|x| x.to_le_bytes()).collect()
}

#[test]
fn safetensors_of_every_type_in_natural_order() {
    let tensors = vec![
        ("net.10.weight", Dtype::F16, vec![2, 1], halves(&[0x3c00, 0xc000])),
        ("net.10.bias", Dtype::BF16, vec![2], halves(&[0x3f00, 0x4040])),
        ("net.9.weight", Dtype::F32, vec![1, 2], floats(&[0.1, 2.0])),
        ("net.9.bias", Dtype::F64, vec![1], doubles(&[0.1])),
    ];
    let Model::Mlp(mlp) = from_tensors("tensors_good", &tensors).unwrap() else { unreachable!() };
    assert_eq!((mlp.dimension(), mlp.classes()), (2, 2));
    let doubles = |numbers: &[Exact]| numbers.iter().map(Exact::to_f64).collect::<Vec<_>>();
    assert_eq!(doubles(&mlp.layers()[0].weights()[0]), [f64::from(0.1_f32), 2.0]);
    assert_eq!(mlp.layers()[0].bias()[0], Exact::from_f64(0.1).unwrap());
    assert_eq!(doubles(&mlp.layers()[1].weights().concat()), [1.0, -2.0]);
    assert_eq!(doubles(mlp.layers()[1].bias()), [0.5, 3.0]);
}

#[test]
fn bad_safetensors_are_explained() {
    let weight = || ("0.weight", Dtype::F64, vec![2, 1], doubles(&[1.0, 2.0]));
    let bias = || ("0.bias", Dtype::F64, vec![2], doubles(&[0.0, 0.0]));
    let cases: [(Tensors, [&str; 3]); 8] = [
        (vec![weight()], ["0.bias: ", "found only: 0.weight", "pairs"]),
        (
            vec![weight(), bias(), ("scale", Dtype::F64, vec![1], doubles(&[1.0]))],
            ["scale: ", "found tensor `scale`", "<name>.weight"],
        ),
        (
            vec![weight(), ("0.bias", Dtype::I32, vec![2], vec![0; 8])],
            ["0.bias: ", "type I32", "F64, F32, F16, BF16"],
        ),
        (
            vec![weight(), ("0.bias", Dtype::F64, vec![2], doubles(&[0.0, f64::NAN]))],
            ["0.bias: ", "found NaN", "finite"],
        ),
        (
            vec![weight(), ("0.bias", Dtype::F64, vec![3], doubles(&[0.0; 3]))],
            ["0: ", "bias of length 3", "2 is needed"],
        ),
        (
            vec![("0.weight", Dtype::F64, vec![2], doubles(&[1.0, 2.0])), bias()],
            ["0.weight: ", "shape [2]", "[out, in]"],
        ),
        (
            vec![("0.weight", Dtype::F64, vec![2, 0], vec![]), bias()],
            ["0: ", "no weights", "at least one"],
        ),
        (vec![], ["file: ", "found no layers", "at least one"]),
    ];
    for (n, (tensors, parts)) in cases.iter().enumerate() {
        let message = from_tensors(&format!("tensors_bad_{n}"), tensors).unwrap_err();
        for part in parts {
            assert!(message.contains(part), "`{part}` is not in\n{message}");
        }
    }
}

#[test]
fn a_truncated_safetensors_file_is_explained() {
    let weight = ("0.weight", Dtype::F64, vec![2, 1], doubles(&[1.0, 2.0]));
    let bias = ("0.bias", Dtype::F64, vec![2], doubles(&[0.0, 0.0]));
    from_tensors("tensors_cut", &vec![weight, bias]).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tensors_cut");
    let whole = fs::read(folder.join("mlp.safetensors")).unwrap();
    for length in 0..whole.len() {
        fs::write(folder.join("mlp.safetensors"), &whole[..length]).unwrap();
        let message = read_mlp(&folder).unwrap_err();
        assert!(
            message.contains("mlp.safetensors") && message.contains("not a safetensors file"),
            "{message}"
        );
    }
}
