//! Precision, layout and what is done at once instead of one by one: the same step, to what rounding leaves of it.
#![cfg(feature = "train")]

use std::sync::{Mutex, MutexGuard, PoisonError};

use score_torch_shim::{Graph, operations};
use score_workbench::perturbation::{Ball, Norm};
use score_workbench::train::average::{Average, Rule};
use score_workbench::train::optimiser::{Optimiser, Sgd};
use score_workbench::train::{
    Architecture, Attack, BatchNorm, Layout, Loss, Network, Normalisation, Precision, Start,
};
use tch::{Device, Kind, Tensor, no_grad};

/// libtorch's generator is the process's, and tests run side by side.
fn alone() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A network drawn from a seed, which computes like this.
fn network(name: &str, precision: Precision, layout: Layout) -> Network {
    tch::set_num_threads(1);
    tch::manual_seed(3);
    let architecture: Architecture = name.parse().unwrap();
    let channels = usize::try_from(architecture.input()[0]).unwrap();
    let normalisation = Normalisation::none(channels);
    let mut network = Network::new(architecture, 10, &normalisation, Device::Cpu).unwrap();
    network.set_precision(precision);
    network.set_layout(layout).unwrap();
    network
}

fn batch(network: &Network, count: i64) -> (Tensor, Tensor) {
    tch::manual_seed(5);
    let [c, h, w] = network.architecture().input();
    let images = Tensor::rand([count, c, h, w], (Kind::Float, Device::Cpu));
    (images, Tensor::arange(count, (Kind::Int64, Device::Cpu)).remainder(10))
}

/// What a step without attack computes: logits and loss, then gradients and tracked statistics by their names.
fn step(network: &Network) -> (Tensor, Tensor, Vec<(String, Tensor)>) {
    let (images, labels) = batch(network, 4);
    let loss = Loss::new("cross-entropy".parse().unwrap(), None, None).unwrap();
    let value =
        loss.backward(network, &images, &labels, BatchNorm::Track { momentum: 0.1 }).unwrap();
    let gradients = network.parameters().map(|named| (named.name(), named.tensor().grad()));
    let tracked = network.buffers().map(|named| (named.name(), named.tensor().shallow_clone()));
    let all = gradients.chain(tracked).map(|(name, tensor)| (name.to_owned(), tensor)).collect();
    (value.clean_logits.unwrap(), value.total, all)
}

/// |a - b| / |b|.
fn distance(a: &Tensor, b: &Tensor) -> f64 {
    ((a - b).norm() / b.norm()).double_value(&[])
}

#[test]
fn bfloat16_is_near_and_is_in_convolutions_only() {
    let _alone = alone();
    for name in ["small-cnn", "wrn-10-1"] {
        let single = step(&network(name, Precision::Single, Layout::ChannelsFirst));
        let rounded = network(name, Precision::Bf16, Layout::ChannelsFirst);
        let ((logits, total, found), called) = operations(|| step(&rounded)).unwrap();
        assert_eq!((logits.kind(), total.kind()), (Kind::Float, Kind::Float));
        // 8 bits: 2^-9 = 0.002 a rounding, of which a pass has dozens.
        let off = distance(&logits, &single.0);
        assert!((1e-4..0.03).contains(&off), "{name}: logits {off}");
        for ((key, tensor), (_, exact)) in found.iter().zip(&single.2) {
            assert_eq!(tensor.kind(), Kind::Float, "{name}: {key}");
            let off = distance(tensor, exact);
            assert!(off < 0.1, "{name}: {key} {off}");
        }
        assert!(called.iter().any(|operation| operation == "aten::convolution_backward"));
        // Logits that were rounded to bfloat16 on their way would have zeros in the last 16 of their 32 bits.
        let short = logits.to_kind(Kind::BFloat16).to_kind(Kind::Float);
        let equal = logits.eq_tensor(&short).sum(Kind::Int64).int64_value(&[]);
        assert!(equal < 10, "{name}: {equal} of 40 logits have 8 bits");
    }
}

#[test]
fn tf32_is_single_precision_on_a_cpu() {
    let _alone = alone();
    let [one, other] = [Precision::Single, Precision::Tf32]
        .map(|precision| step(&network("wrn-10-1", precision, Layout::ChannelsFirst)));
    assert!(one.2.iter().zip(&other.2).all(|(a, b)| a.1.equal(&b.1)));
}

#[test]
fn channels_last_is_the_same_step_and_the_same_file() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    // Without the deep network that has relu: rounding decides its slopes near 0, and moves gradients by a percent, in PyTorch too.
    for name in ["small-cnn", "wrn-10-1", "preact-resnet-18-silu"] {
        let first = network(name, Precision::Single, Layout::ChannelsFirst);
        let last = network(name, Precision::Single, Layout::ChannelsLast);
        let files = [&first, &last].map(|network| {
            let path = folder.path().join("weights.safetensors");
            network.save(&path).unwrap();
            std::fs::read(path).unwrap()
        });
        assert!(files[0] == files[1], "{name}: files differ");
        let strided = |network: &Network| {
            network.parameters().filter(|named| !named.tensor().is_contiguous()).count()
        };
        assert_eq!(strided(&first), 0);
        assert!(strided(&last) > 0, "{name}");
        let copy = last.duplicate().unwrap();
        assert_eq!(strided(&copy), strided(&last));
        let (found, copied, exact) = (step(&last), step(&copy), step(&first));
        assert!(distance(&found.0, &exact.0) < 1e-5);
        assert!(found.0.equal(&copied.0), "{name}: a copy computes otherwise");
        for ((key, tensor), (_, exact)) in found.2.iter().zip(&exact.2) {
            let off = distance(tensor, exact);
            assert!(off < 2e-5, "{name}: {key} {off}");
        }
    }
}

/// Parameters of several shapes, one of them without gradient and one in another layout than its gradient.
fn parameters(kind: Kind) -> Vec<(String, Tensor)> {
    tch::manual_seed(7);
    let shapes: [&[i64]; 4] = [&[4, 3, 3, 3], &[5], &[2, 7], &[6]];
    let named = |(i, shape): (usize, &&[i64])| {
        let mut value = Tensor::randn(*shape, (kind, Device::Cpu));
        if i == 0 {
            value = value.permute([0, 2, 3, 1]).contiguous().permute([0, 3, 1, 2]);
        }
        (["conv", "norm", "affine", "idle"][i].to_owned(), value.set_requires_grad(true))
    };
    shapes.iter().enumerate().map(named).collect()
}

#[test]
fn fused_steps_and_averages_are_those_one_by_one() {
    let _alone = alone();
    for (kind, tolerance) in [(Kind::Double, 1e-13), (Kind::Float, 1e-5)] {
        for (nesterov, clip) in [(true, None), (false, Some(0.5))] {
            let ends = [false, true].map(|fused| {
                let own = parameters(kind);
                let sgd = Sgd { lr: 0.1, momentum: 0.9, nesterov, decay: 0.01, clip };
                let undecayed = ["norm".to_owned()];
                let mut optimiser = Optimiser::new(
                    sgd,
                    own.iter().map(|(n, t)| (n.clone(), t.shallow_clone())).collect(),
                    &undecayed,
                )
                .unwrap()
                .fused(fused);
                let rule = Rule { decay: 0.9, warmup: 2.0 };
                let mut average = Average::new(rule, &own).unwrap().fused(fused);
                for step in 1..=6 {
                    optimiser.zero_grad();
                    let terms = own[..3].iter().map(|(_, w)| (w * w).sin().sum(kind));
                    terms.sum::<Tensor>().backward();
                    optimiser.step([0.1 / f64::from(step), 0.8]).unwrap();
                    average.update(&own, usize::try_from(step).unwrap()).unwrap();
                    if step == 1 {
                        // Before the warm-up has passed it is a copy to the last bit.
                        let pairs = average.values().iter().zip(&own);
                        assert!(pairs.into_iter().all(|(a, b)| a.1.equal(&b.1)));
                    }
                }
                let buffers = optimiser.buffers().map(|(_, buffer)| buffer.shallow_clone());
                let values = own.iter().chain(average.values()).map(|(_, value)| value.detach());
                buffers.chain(values).collect::<Vec<_>>()
            });
            let start = parameters(kind);
            assert!(ends[1][4..].iter().zip(&start[..3]).all(|(end, (_, was))| !end.equal(was)));
            assert!(ends[1][7].equal(&start[3].1), "a parameter without gradient has moved");
            for (one_by_one, fused) in ends[0].iter().zip(&ends[1]) {
                let off = (one_by_one - fused).abs().max().double_value(&[]);
                assert!(off < tolerance, "{kind:?} {nesterov}: {off}");
            }
        }
    }
}

#[test]
fn tensors_that_do_not_fit_together_are_refused() {
    let _alone = alone();
    let step = score_torch_shim::Step { decay: 0.0, momentum: 0.9, lr: 0.1, nesterov: false };
    let ones = |n: i64, kind| Tensor::ones([n], (kind, Device::Cpu));
    let (long, short) = (ones(1000, Kind::Float), ones(3, Kind::Float));
    let lists = |tensor: &Tensor| [tensor.shallow_clone()];
    let error = step.take(&lists(&long), &lists(&short), &lists(&long)).unwrap_err();
    assert!(error.to_string().contains("different shape"), "{error}");
    let error = step.take(&lists(&long), &lists(&long), &lists(&short)).unwrap_err();
    assert!(error.to_string().contains("different shape"), "{error}");
    let double = ones(1000, Kind::Double);
    assert!(score_torch_shim::lerp(&lists(&long), &lists(&double), 0.5).is_err());
    let expanded = ones(1, Kind::Float).expand([1000], false);
    assert!(score_torch_shim::lerp(&lists(&expanded), &lists(&expanded), 0.5).is_err());
}

/// Operations that hand a number to the host, for which it has to wait until a GPU is done.
const READING: [&str; 5] = [
    "aten::_local_scalar_dense",
    "aten::is_nonzero",
    "aten::nonzero",
    "aten::equal",
    "aten::masked_select",
];

#[test]
fn a_step_reads_nothing_back() {
    let _alone = alone();
    let network = network("wrn-10-1", Precision::Bf16, Layout::ChannelsLast);
    let (images, labels) = batch(&network, 4);
    let ball = Ball::new(Norm::Linf, "8/255".parse().unwrap()).unwrap();
    let step = "2/255".parse().unwrap();
    let attack = Attack::new(ball, Start::Uniform, step, 2, 2, BatchNorm::Batch).unwrap();
    let own = || -> Vec<(String, Tensor)> {
        let own = network.parameters();
        own.map(|named| (named.name().to_owned(), named.tensor().shallow_clone())).collect()
    };
    let sgd = Sgd { lr: 0.1, momentum: 0.9, nesterov: true, decay: 5e-4, clip: Some(1.0) };
    let mut optimiser = Optimiser::new(sgd, own(), &[]).unwrap();
    let mut average = Average::new(Rule { decay: 0.9, warmup: 0.0 }, &own()).unwrap();
    for objective in ["trades(squared-error, squared-error, 4) clip(0.1, robust)", "pgd-at(kl)"] {
        let loss = Loss::new(
            objective.parse().unwrap(),
            Some(attack.clone()),
            Some(score_workbench::train::Awp::new("0.005".parse().unwrap()).unwrap()),
        )
        .unwrap();
        let whole = || {
            network.zero_gradients();
            let track = BatchNorm::Track { momentum: 0.1 };
            loss.backward(&network, &images, &labels, track).unwrap();
            optimiser.step([0.1, 0.9]).unwrap();
            average.update(&own(), 1).unwrap();
        };
        let ((), called) = operations(whole).unwrap();
        assert!(called.len() > 1000, "{}", called.len());
        let reads = |name: &str| called.iter().filter(|operation| *operation == name).count();
        // A CPU looks whether labels are in range, at the least and at the most of them; a GPU does not.
        let looks = 2 * reads("aten::one_hot");
        assert_eq!(reads("aten::item"), looks, "{objective}");
        for name in READING {
            let most = if name == "aten::_local_scalar_dense" { looks } else { 0 };
            assert_eq!(reads(name), most, "{objective}: {name}");
        }
    }
    // It would be seen.
    let read = || no_grad(|| images.sum(Kind::Float).double_value(&[]));
    let (_, called) = operations(read).unwrap();
    assert!(called.iter().any(|name| name == "aten::_local_scalar_dense"), "{called:?}");
}

#[test]
fn nothing_is_recorded_without_a_gpu() {
    let _alone = alone();
    if let Err(error) = Graph::available() {
        assert!(error.to_string().contains("this libtorch has no"), "{error}");
    }
    let recorded = Graph::record(0, || Ok::<_, tch::TchError>(()));
    let error = recorded.and_then(|(graph, ())| graph.replay()).unwrap_err();
    assert!(!error.to_string().is_empty());
}
