//! The trainer beside PyTorch: logits of every network, the weights that a seed draws, steps of training of every kind of objective, from the
//! start of the attack to the weights, their average and the statistics after the second step, and a whole training from the images on.
//! `reference.py`, `loop.py` and `published.py` in `tests/parity/` made the references, and say how.
#![cfg(feature = "train")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use score_workbench::perturbation::{Ball, Norm};
use score_workbench::train::average::{Average, Rule};
use score_workbench::train::config::Config;
use score_workbench::train::evaluate::Evaluation;
use score_workbench::train::metrics::{self, Line};
use score_workbench::train::network::{Named, Role};
use score_workbench::train::optimiser::{Optimiser, Sgd};
use score_workbench::train::training::{CHECKPOINT, Progress, Watch, train};
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
        Self::open("reference")
    }

    /// What the script of this name in tests/parity/ has written.
    fn open(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity");
        let tensors = Tensor::read_safetensors(folder.join(name).with_extension("safetensors"));
        Self(tensors.expect("the reference").into_iter().collect())
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
    let values = |(index, named): (usize, &Named)| {
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

#[test]
fn a_published_file_that_is_converted_gives_the_logits_of_pytorch() {
    let (_alone, reference) = (alone(), Reference::new());
    let network = network("wrn-10-1");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/published.safetensors");
    network.load(&path).expect("the tensors of the network");
    let (images, _) = batch(&network, 2);
    let found = no_grad(|| network.logits(&images, BatchNorm::Evaluate)).expect("logits");
    reference.agree("logits/wrn-10-1/evaluate", &found);
}

/// Two steps of training as reference.py takes them.
struct Steps {
    network: &'static str,
    /// The objective, and what else the reference's label has.
    label: &'static str,
    ball: (Norm, &'static str),
    size: &'static str,
    start: Start,
    /// What batch normalisation does in the attack, and the weight of each step's batch in what it tracks.
    batch_norm: BatchNorm,
    momenta: [f64; 2],
}

/// What the optimiser and the average of reference.py do.
const SGD: Sgd = Sgd { lr: 0.1, momentum: 0.9, nesterov: true, decay: 5e-4, clip: None };
const RULE: Rule = Rule { decay: 0.995, warmup: 2.0 };

impl Steps {
    fn check(&self, reference: &Reference) {
        let network = filled(self.network);
        let (images, labels) = batch(&network, if self.network == "small-cnn" { 4 } else { 2 });
        let parameters = || -> Vec<(String, Tensor)> {
            let pair = |named: &Named| (named.name().to_owned(), named.tensor().shallow_clone());
            network.parameters().map(pair).collect()
        };
        let norms = network.parameters().filter(|named| named.is_batch_norm());
        let norms: Vec<String> = norms.map(|named| named.name().to_owned()).collect();
        let mut optimiser = Optimiser::new(SGD, parameters(), &norms).expect("an optimiser");
        let mut average = Average::new(RULE, &parameters()).expect("an average");
        let agree = |key: &str, found: &Tensor| {
            reference.agree(key, &digest(&found.detach().to_kind(Kind::Double)));
        };
        for (n, momentum) in (1..).zip(self.momenta) {
            let key = |part: &str| format!("step/{}/{}/{n}/{part}", self.network, self.label);
            let seed = reference.0.get(&key("seed")).map_or(0, |seed| seed.int64_value(&[]));
            for steps in 1..=3 {
                tch::manual_seed(seed);
                let attacked = self.loss(steps).attacked(&network, &images, &labels).expect("x'");
                let Some(attacked) = attacked else { continue };
                agree(&key(&format!("iterate {steps}")), &attacked);
                if steps == 3 {
                    reference.agree(&key("attacked"), &attacked);
                }
            }
            tch::manual_seed(seed);
            network.zero_gradients();
            let track = BatchNorm::Track { momentum };
            let value = self.loss(3).backward(&network, &images, &labels, track).expect("a loss");
            reference.agree(&key("loss"), &value.total.reshape([1]));
            for named in network.parameters() {
                agree(&key(&format!("gradient {}", named.name())), &named.tensor().grad());
            }
            optimiser.step([SGD.lr, SGD.momentum]).expect("a step");
            average.update(&parameters(), n).expect("an average");
            for named in network.tensors() {
                agree(&key(&format!("after {}", named.name())), named.tensor());
            }
            for (name, value) in average.values() {
                agree(&key(&format!("average {name}")), value);
            }
        }
    }

    fn loss(&self, steps: u32) -> Loss {
        let exact = |text: &str| text.parse().expect("a number");
        let ball = Ball::new(self.ball.0, exact(self.ball.1)).expect("a ball");
        let start = self.start.clone();
        let attack = Attack::new(ball, start, exact(self.size), steps, 1, self.batch_norm);
        let name = [" awp", " l2", " evaluate"]
            .into_iter()
            .fold(self.label, |name, mark| name.trim_end_matches(mark));
        let awp = self.label.ends_with(" awp").then(|| Awp::new(exact("0.005")).expect("awp"));
        let objective = name.parse().expect("an objective");
        Loss::new(objective, Some(attack.expect("an attack")), awp).expect("a loss")
    }
}

fn small(label: &'static str) -> Steps {
    Steps {
        network: "small-cnn",
        label,
        ball: (Norm::Linf, "0.1"),
        size: "0.04",
        start: Start::Uniform,
        batch_norm: BatchNorm::Batch,
        momenta: [0.01, 0.01],
    }
}

fn wide(label: &'static str) -> Steps {
    Steps { network: "wrn-10-1", ball: (Norm::Linf, "0.03"), size: "0.01", ..small(label) }
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
        "cross-entropy awp",
        "standard(squared-error)",
        "pgd-at(kl)",
        "pgd-at(squared-error) clip(0.5, total)",
        "pgd-at(hellinger)",
        "trades(squared-error, squared-error, 4)",
        "trades(squared-error, squared-error, 4) smoothed(0.1, others) clip(0.001, robust)",
        "trades(cross-entropy, jensen-shannon, 3) smoothed(0.1, all) clip(1, total)",
    ] {
        small(label).check(&reference);
    }
    Steps { start: normal(), ..small("trades(kl, kl, 6)") }.check(&reference);
    Steps { ball: (Norm::L2, "1"), size: "0.5", ..small("pgd-at(kl) l2") }.check(&reference);
    Steps { start: normal(), ..small("trades(kl, kl, 6) awp") }.check(&reference);
}

#[test]
fn steps_with_batch_normalisation_are_those_of_pytorch() {
    let (_alone, reference) = (alone(), Reference::new());
    let momenta = [1.0, 0.01];
    wide("pgd-at(kl)").check(&reference);
    Steps { momenta, ..wide("trades(squared-error, squared-error, 4)") }.check(&reference);
    Steps { start: normal(), momenta, ..wide("trades(kl, kl, 6) awp") }.check(&reference);
    let batch_norm = BatchNorm::Evaluate;
    Steps { start: normal(), batch_norm, ..wide("trades(kl, kl, 6) evaluate") }.check(&reference);
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

/// The settings of loop.py, apart from the seed.
const LOOP: &str = r#"
epochs = 2
batch = 4
threads = 1
objective = "trades(squared-error, squared-error, 4)"
[data]
set = "mnist"
folder = "."
validation = 3
crop = 2
flip = true
[network]
architecture = "small-cnn"
[ball]
epsilon = "0.1"
[attack]
steps = 2
step = "0.05"
[optimiser]
lr = 0.5
nesterov = true
decay = 5e-2
undecayed = ["bias"]
clip = 0.15
[schedule]
kind = "one-cycle"
per = "step"
warmup = 0.5
[average]
decay = 0.9
warmup = 0.5
[evaluation]
steps = 2
step = "0.05"
batch = 2
"#;

/// The images of loop.py, as files of MNIST.
fn write_images(folder: &Path, stem: &str, first: u32, count: u32) {
    let pixels = (first * 784..(first + count) * 784).map(|i| (i * 7919 + i / 29 * 31) % 256);
    let labels = (first..first + count).map(|i| i * 3 % 10);
    let byte = |x: u32| u8::try_from(x).expect("a byte");
    let sizes = [count, 28, 28].map(u32::to_be_bytes).concat();
    let images = [0, 0, 8, 3].into_iter().chain(sizes.clone()).chain(pixels.map(byte));
    let labels = [0, 0, 8, 1].into_iter().chain(sizes[..4].to_vec()).chain(labels.map(byte));
    let write = |name: &str, bytes: Vec<u8>| {
        fs::write(folder.join(format!("{stem}-{name}-ubyte")), bytes).expect("a file");
    };
    write("images-idx3", images.collect());
    write("labels-idx1", labels.collect());
}

struct Silent;

impl Watch for Silent {
    fn note(&mut self, _: &str) {}
    fn step(&mut self, _: &Progress) {}
    fn evaluating(&mut self, _: usize, _: usize) {}
    fn epoch(&mut self, _: &Line) {}
}

/// Hits on images and on attacked images, and the means of both risks, in the order of loop.py.
fn row(found: &Evaluation) -> [f64; 6] {
    let of = |i: usize| [found.accuracy[i].value(), found.squared_error[i].mean, found.kl[i].mean];
    let [[a, b, c], [d, e, f]] = [of(0), of(1)];
    [a, b, c, d, e, f]
}

/// Order, crops, flips, attacks, clipped steps, schedule, average, validation, the best epoch, and the test: from bytes to what is reported.
#[test]
fn a_training_is_that_of_pytorch() {
    let _alone = alone();
    let reference = Reference::open("loop");
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    write_images(folder, "train", 0, 10);
    write_images(folder, "t10k", 100, 3);
    let text = format!("seed = {}{LOOP}", reference.get("seed").int64_value(&[]));
    let config = Config::from_toml(&text, "loop.toml", folder).expect("settings");
    let out = folder.join("out");
    let outcome = train(&config, &out, false, Device::Cpu, &mut Silent).expect("a training");
    for (epoch, line) in metrics::read(&out).iter().enumerate() {
        let trained = [Some(line.loss), line.train[0], line.train[1]].map(|x| x.expect("a number"));
        let found = [&trained[..], &row(&line.validation.expect("a validation"))].concat();
        reference.agree(&format!("epoch {epoch}"), &Tensor::from_slice(&found));
    }
    reference.agree("test", &Tensor::from_slice(&row(&outcome.test)));
    let checkpoint = Tensor::read_safetensors(out.join(CHECKPOINT)).expect("a checkpoint");
    let tensors = checkpoint.iter().filter(|(name, _)| name != "sums");
    let compared = tensors.map(|(name, tensor)| {
        reference.agree(name, &digest(&tensor.to_kind(Kind::Double)));
    });
    // Of each of the eight parameters: the value, the momentum and the average.
    assert_eq!(compared.count(), 24);
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
