//! The trainer beside PyTorch: logits of every network, the weights that a seed draws, and steps of training of every kind of objective, from
//! the start of the attack to the weights and statistics after the step. `tests/parity/reference.py` says how the reference was made.
#![cfg(feature = "train")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard};

use score_workbench::perturbation::{Ball, Norm};
use score_workbench::train::network::Role;
use score_workbench::train::{
    Architecture, Attack, Awp, BatchNorm, Loss, Network, Normalisation, Start,
};
use tch::{Device, Kind, Tensor, no_grad};

/// How far apart the two may be, relative to the largest entry of the tensor.
const CLOSE: f64 = 1e-5;

/// The generator is one for all threads.
fn alone() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    tch::set_num_threads(1);
    GENERATOR.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

struct Reference(BTreeMap<String, Tensor>);

impl Reference {
    fn new() -> Self {
        let path =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/parity/reference.safetensors");
        Self(Tensor::read_safetensors(path).expect("the reference").into_iter().collect())
    }

    fn get(&self, key: &str) -> &Tensor {
        self.0.get(key).unwrap_or_else(|| panic!("no `{key}` in the reference"))
    }

    /// The tensor is the reference's, or has its digest.
    fn agree(&self, key: &str, found: &Tensor) {
        let expected = self.get(key).to_kind(Kind::Double);
        let found = found.detach().to_kind(Kind::Double);
        let found = if found.size() == expected.size() { found } else { digest(&found) };
        let error = (&found - &expected).abs().max().double_value(&[]);
        let scale = expected.abs().max().double_value(&[]).max(1e-3);
        assert!(error <= CLOSE * scale, "{key}: off by {error:e} of {scale:e}");
    }
}

/// The numbers on [-1, 1) of reference.py.
fn noise(shape: &[i64], key: f64) -> Tensor {
    let count: i64 = shape.iter().product();
    let i = Tensor::arange_start(1, count + 1, (Kind::Double, Device::Cpu));
    let y = (i * 12.9898 + key).sin() * 43758.5453;
    ((&y - y.floor()) * 2 - 1).reshape(shape)
}

/// The norm, the inner product with noise, and some entries.
fn digest(x: &Tensor) -> Tensor {
    let x = x.reshape([-1]);
    let stride = (x.size()[0] / 30).max(1);
    let entries = x.slice(0, 0, None, stride);
    let entries = entries.slice(0, 0, 30, 1);
    let product = x.dot(&noise(&x.size(), 0.5));
    Tensor::cat(&[x.norm().reshape([1]), product.reshape([1]), entries], 0)
}

fn network(name: &str) -> Network {
    let architecture: Architecture = name.parse().expect("an architecture");
    let normalisation = match architecture {
        Architecture::SmallCnn => Normalisation::none(1),
        _ => Normalisation::cifar_10(),
    };
    Network::new(architecture, 10, &normalisation, Device::Cpu).expect("a network")
}

/// The network with the weights of reference.py.
fn filled(name: &str) -> Network {
    let network = network(name);
    let values = |(index, named): (usize, &score_workbench::train::network::Named)| {
        let shape = named.tensor().size();
        let noise = noise(&shape, index as f64);
        let inputs: i64 = shape[1..].iter().product();
        let values = match named.role() {
            Role::Statistic if named.name().ends_with("running_var") => noise * 0.2 + 1.0,
            Role::Layer if shape.len() > 1 => noise * 1.5 / (inputs as f64).sqrt(),
            Role::BatchNorm if named.name().ends_with("weight") => noise * 0.1 + 1.0,
            _ => noise * 0.1,
        };
        (named.name().to_owned(), values)
    };
    let tensors: Vec<(String, Tensor)> = network.tensors().iter().enumerate().map(values).collect();
    network.assign(tensors).expect("its own tensors");
    network
}

fn batch(network: &Network, count: i64) -> (Tensor, Tensor) {
    let [c, h, w] = network.architecture().input();
    let images = (noise(&[count, c, h, w], 77.0) * 0.5 + 0.5).to_kind(Kind::Float);
    (images, (Tensor::arange(count, (Kind::Int64, Device::Cpu)) * 3 + 1).remainder(10))
}

#[test]
fn a_seed_draws_the_weights_that_pytorch_draws() {
    let (_alone, reference) = (alone(), Reference::new());
    for name in ["small-cnn", "preact-resnet-18", "preact-resnet-18-silu", "wrn-10-1"] {
        tch::manual_seed(3);
        for named in network(name).tensors() {
            let key = format!("drawn/{name}/{}", named.name());
            let found = digest(&named.tensor().detach().to_kind(Kind::Double));
            assert_eq!(&found, reference.get(&key), "{key}");
        }
    }
}

fn logits_agree(name: &str, count: i64) {
    let (_alone, reference) = (alone(), Reference::new());
    let network = filled(name);
    let entries = |n: usize| i64::try_from(n).expect("a count");
    let parameters = network.parameters().map(|named| entries(named.tensor().numel())).sum::<i64>();
    let expected = reference.get(&format!("count/{name}"));
    assert_eq!(entries(network.tensors().len()), expected.int64_value(&[0]), "{name}");
    assert_eq!(parameters, expected.int64_value(&[1]), "{name}");
    let (images, _) = batch(&network, count);
    for (mode, batch_norm) in [("evaluate", BatchNorm::Evaluate), ("batch", BatchNorm::Batch)] {
        let found = no_grad(|| network.logits(&images, batch_norm)).expect("logits");
        reference.agree(&format!("logits/{name}/{mode}"), &found);
    }
}

#[test]
fn logits_are_those_of_pytorch() {
    for name in ["small-cnn", "preact-resnet-18", "preact-resnet-18-silu", "wrn-10-1", "wrn-16-2"] {
        logits_agree(name, 2);
    }
}

#[test]
fn logits_of_score_s_network_are_those_of_pytorch() {
    logits_agree("wrn-28-10", 2);
}

#[test]
#[ignore = "267 million weights: 3 GB of memory and a minute"]
fn logits_of_score_s_larger_network_are_those_of_pytorch() {
    logits_agree("wrn-70-16", 1);
}

/// A step of training as reference.py takes it.
struct Step {
    network: &'static str,
    /// The objective, and what else the reference's label has.
    label: &'static str,
    ball: (Norm, &'static str),
    size: &'static str,
    start: Start,
    awp: bool,
    momentum: f64,
}

impl Step {
    fn check(&self, reference: &Reference) {
        let network = filled(self.network);
        let (images, labels) = batch(&network, if self.network == "small-cnn" { 4 } else { 2 });
        let exact = |text: &str| text.parse().expect("a number");
        let ball = Ball::new(self.ball.0, exact(self.ball.1)).expect("a ball");
        let steps = |steps| {
            Attack::new(
                ball.clone(),
                self.start.clone(),
                exact(self.size),
                steps,
                1,
                BatchNorm::Batch,
            )
            .expect("an attack")
        };
        let name = self.label.trim_end_matches(" awp").trim_end_matches(" l2");
        let awp = self.awp.then(|| Awp::new(exact("0.005")).expect("a perturbation"));
        let loss = |attack| {
            Loss::new(name.parse().expect("an objective"), Some(attack), awp.clone())
                .expect("a loss")
        };
        let key = |part: &str| format!("step/{}/{}/{part}", self.network, self.label);

        let seed = reference.0.get(&key("seed")).map_or(0, |seed| seed.int64_value(&[]));
        for n in 1..=3 {
            tch::manual_seed(seed);
            let Some(attacked) = loss(steps(n)).attacked(&network, &images, &labels).expect("x'")
            else {
                continue;
            };
            reference
                .agree(&key(&format!("iterate {n}")), &digest(&attacked.to_kind(Kind::Double)));
            if n == 3 {
                reference.agree(&key("attacked"), &attacked);
            }
        }
        tch::manual_seed(seed);
        let loss = loss(steps(3));
        let value =
            loss.backward(&network, &images, &labels, BatchNorm::Track { momentum: self.momentum });
        reference.agree(&key("loss"), &value.expect("a loss").total.reshape([1]));
        for named in network.parameters() {
            let gradient = named.tensor().grad();
            reference.agree(
                &key(&format!("gradient {}", named.name())),
                &digest(&gradient.to_kind(Kind::Double)),
            );
            no_grad(|| {
                let _ = named.tensor().shallow_clone().g_sub_(&(gradient * 0.1));
            });
        }
        for named in network.tensors() {
            let found = digest(&named.tensor().detach().to_kind(Kind::Double));
            reference.agree(&key(&format!("after {}", named.name())), &found);
        }
    }
}

fn small(label: &'static str) -> Step {
    Step {
        network: "small-cnn",
        label,
        ball: (Norm::Linf, "0.1"),
        size: "0.04",
        start: Start::Uniform,
        awp: false,
        momentum: 0.01,
    }
}

fn wide(label: &'static str) -> Step {
    Step { network: "wrn-10-1", ball: (Norm::Linf, "0.03"), size: "0.01", ..small(label) }
}

fn normal() -> Start {
    Start::Normal("0.05".parse().expect("a number"))
}

#[test]
fn steps_are_those_of_pytorch() {
    let (_alone, reference) = (alone(), Reference::new());
    for label in [
        "cross-entropy",
        "cross-entropy smoothed(0.1, all)",
        "pgd-at(kl)",
        "pgd-at(squared-error) clip(0.5, total)",
        "trades(squared-error, squared-error, 4)",
        "trades(squared-error, squared-error, 4) smoothed(0.1, others) clip(0.001, robust)",
    ] {
        small(label).check(&reference);
    }
    Step { start: normal(), ..small("trades(kl, kl, 6)") }.check(&reference);
    Step { ball: (Norm::L2, "1"), size: "0.5", ..small("pgd-at(kl) l2") }.check(&reference);
    Step { start: normal(), awp: true, ..small("trades(kl, kl, 6) awp") }.check(&reference);
}

#[test]
fn steps_with_batch_normalisation_are_those_of_pytorch() {
    let (_alone, reference) = (alone(), Reference::new());
    wide("pgd-at(kl)").check(&reference);
    wide("trades(squared-error, squared-error, 4)").check(&reference);
    Step { start: normal(), awp: true, momentum: 1.0, ..wide("trades(kl, kl, 6) awp") }
        .check(&reference);
}

#[test]
fn of_several_runs_each_example_keeps_the_best() {
    let _alone = alone();
    let network = filled("small-cnn");
    let (images, labels) = batch(&network, 4);
    let ball = Ball::new(Norm::Linf, "0.1".parse().expect("a number")).expect("a ball");
    let robust = |restarts| {
        tch::manual_seed(1);
        let size = "0.02".parse().expect("a number");
        let attack = Attack::new(ball.clone(), Start::Uniform, size, 2, restarts, BatchNorm::Batch);
        let attack = attack.expect("an attack");
        let loss =
            Loss::new("pgd-at(kl)".parse().expect("an objective"), Some(attack.clone()), None);
        let attacked = loss.expect("a loss").attacked(&network, &images, &labels).expect("images");
        let attacked = attacked.expect("an attack");
        let logits = no_grad(|| network.logits(&attacked, BatchNorm::Batch)).expect("logits");
        // What is maximised: KL of a label is minus the logarithm of its probability.
        -logits.log_softmax(1, None).gather(1, &labels.unsqueeze(1), false)
    };
    let (first, best) = (robust(1), robust(5));
    let gain = &best - &first;
    assert!(gain.min().double_value(&[]) > -1e-5 && gain.max().double_value(&[]) > 1e-3, "{gain}");
}

/// The comparison would notice: another seed, another weight, another mode are not within the tolerance.
#[test]
fn what_is_different_is_found_to_be() {
    let _alone = alone();
    let differs = |found: Tensor| {
        let reference = Reference::new();
        let check = || reference.agree("logits/wrn-10-1/batch", &found);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(check)).is_err()
    };
    let network = filled("wrn-10-1");
    let (images, _) = batch(&network, 2);
    let logits = |batch_norm| no_grad(|| network.logits(&images, batch_norm)).expect("logits");
    assert!(!differs(logits(BatchNorm::Batch)));
    assert!(differs(logits(BatchNorm::Evaluate)));
    let first = &network.tensors()[0];
    no_grad(|| {
        let _ = first.tensor().shallow_clone().g_mul_scalar_(1.001);
    });
    assert!(differs(logits(BatchNorm::Batch)));
}
