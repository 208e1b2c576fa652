use super::*;
use crate::train::random::seeded;

fn cnn() -> Network {
    tch::set_num_threads(1);
    let draw =
        || Network::new(Architecture::SmallCnn, 10, &Normalisation::none(1), Device::Cpu).unwrap();
    seeded(1, draw)
}

#[test]
fn names_are_read_as_they_are_printed() {
    for name in ["small-cnn", "preact-resnet-18", "preact-resnet-18-silu", "wrn-28-10", "wrn-70-16"]
    {
        assert_eq!(name.parse::<Architecture>().unwrap().to_string(), name);
    }
    let error = |name: &str| name.parse::<Architecture>().unwrap_err().to_string();
    assert!(error("wrn-28").contains("did you mean `wrn-28-10`?"));
    assert!(error("wrn-29-10").contains("the depth must be 10, 16, 22, .."));
    assert!(error("wrn-28-0").contains("the width at least 1"));
}

#[test]
fn a_small_network_has_logits_for_each_image() {
    let images = Tensor::ones([3, 1, 28, 28], (Kind::Float, Device::Cpu));
    let logits = cnn().logits(&images, BatchNorm::Evaluate);
    assert_eq!(logits.unwrap().size(), [3, 10]);
}

#[test]
fn images_of_another_shape_are_refused() {
    for shape in [vec![3, 3, 28, 28], vec![1, 28, 28], vec![0, 1, 28, 28]] {
        let images = Tensor::zeros(shape, (Kind::Float, Device::Cpu));
        let error = cnn().logits(&images, BatchNorm::Evaluate).unwrap_err().to_string();
        assert!(error.contains("[N, 1, 28, 28] with N > 0"), "{error}");
    }
}

fn wide() -> Network {
    tch::set_num_threads(1);
    let (name, normalisation) = ("wrn-10-1".parse().unwrap(), Normalisation::cifar_10());
    seeded(2, || Network::new(name, 10, &normalisation, Device::Cpu).unwrap())
}

fn images(count: i64) -> Tensor {
    seeded(3, || Tensor::rand([count, 3, 32, 32], (Kind::Float, Device::Cpu)))
}

/// As a checkpoint of PyTorch's has them, from a network inside others.
fn published(network: &Network, prefix: &str) -> Vec<(String, Tensor)> {
    let mut tensors = Vec::new();
    for named in network.tensors() {
        tensors.push((format!("{prefix}{}", named.name()), named.tensor().detach().copy()));
        if let Some(norm) = named.name().strip_suffix("running_var") {
            tensors.push((format!("{prefix}{norm}num_batches_tracked"), Tensor::from(98_i64)));
        }
    }
    tensors
}

#[test]
fn scores_network_has_the_tensors_of_its_checkpoint() {
    let (wide, normalisation) =
        (Architecture::Wrn { depth: 28, width: 10 }, Normalisation::cifar_10());
    let network = seeded(1, || Network::new(wide, 10, &normalisation, Device::Cpu).unwrap());
    assert_eq!(published(&network, "").len(), 155);
    let parameters: usize = network.parameters().map(|named| named.tensor().numel()).sum();
    assert_eq!(parameters, 36_479_194);
    assert!(network.parameters().any(|named| named.name() == "layer.2.block.3.conv_1.weight"));
}

#[test]
fn published_checkpoints_load_whatever_stands_before_their_names() {
    let (from, x) = (wide(), images(2));
    let _ = from.logits(&x, BatchNorm::Track { momentum: 0.5 }).unwrap();
    let expected = from.logits(&x, BatchNorm::Evaluate).unwrap();
    let folder = std::env::temp_dir().join(format!("score-network-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (n, prefix) in ["", "module.", "module.0.", "0.", "model."].into_iter().enumerate() {
        let path = folder.join(format!("{n}.safetensors"));
        Tensor::write_safetensors(&published(&from, prefix), &path).unwrap();
        let to = wide();
        assert_ne!(to.logits(&x, BatchNorm::Evaluate).unwrap(), expected);
        to.load(&path).unwrap();
        assert_eq!(to.logits(&x, BatchNorm::Evaluate).unwrap(), expected, "prefix `{prefix}`");
    }
    let path = folder.join("own.safetensors");
    from.save(&path).unwrap();
    let to = wide();
    to.load(&path).unwrap();
    assert_eq!(to.logits(&x, BatchNorm::Evaluate).unwrap(), expected);
    let error = cnn().load(&path).unwrap_err().to_string();
    assert!(
        error.contains("own.safetensors: not the weights of small-cnn with 10 classes: missing"),
        "{error}"
    );
    std::fs::write(&path, "not tensors").unwrap();
    assert!(to.load(&path).unwrap_err().to_string().contains("own.safetensors: "));
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(to.load(&path).is_err());
}

#[test]
fn tensors_that_do_not_fit_are_named_and_change_nothing() {
    let (network, other) = (wide(), wide());
    let mut tensors = published(&other, "module.");
    tensors.retain(|(name, _)| name != "module.init_conv.weight");
    tensors.push(("module.sub_block1.conv.weight".into(), Tensor::from(0.0)));
    for (name, tensor) in &mut tensors {
        if name.ends_with("logits.weight") {
            *tensor = tensor.narrow(0, 0, 3);
        }
    }
    let before = network.tensors()[5].tensor().detach().copy();
    let error = network.assign(tensors).unwrap_err().to_string();
    assert_eq!(
        error,
        "not the weights of wrn-10-1 with 10 classes: missing init_conv.weight; unknown module.sub_block1.conv.weight; \
         of another shape logits.weight [3, 64] instead of [10, 64]"
    );
    assert_eq!(network.tensors()[5].tensor(), &before);
}

#[test]
fn batch_normalisation_tracks_what_it_is_told_to() {
    let (network, x) = (wide(), images(4));
    let statistics =
        || -> Vec<Tensor> { network.buffers().map(|named| named.tensor().copy()).collect() };
    let before = statistics();
    let batch = network.logits(&x, BatchNorm::Batch).unwrap();
    let evaluated = network.logits(&x, BatchNorm::Evaluate).unwrap();
    assert_eq!(statistics(), before);
    assert_ne!(batch, evaluated);
    assert_eq!(network.logits(&x, BatchNorm::Track { momentum: 0.25 }).unwrap(), batch);
    let quarter = statistics();
    network.tensors().iter().filter(|named| named.role() == Role::Statistic).zip(&before).for_each(
        |(named, before)| {
            no_grad(|| named.tensor().shallow_clone().copy_(before));
        },
    );
    let _ = network.logits(&x, BatchNorm::Track { momentum: 1.0 }).unwrap();
    for ((before, quarter), all) in before.iter().zip(&quarter).zip(&statistics()) {
        let expected = before * 0.75 + all * 0.25;
        assert!((quarter - expected).abs().max().double_value(&[]) < 1e-5);
    }
    // The mean of the first normalisation is that of what the stem gives.
    let stem = network.tensors()[0].tensor().detach();
    let mean = Tensor::from_slice(&[0.4914_f32, 0.4822, 0.4465]).reshape([1, 3, 1, 1]);
    let std = Tensor::from_slice(&[0.2471_f32, 0.2435, 0.2616]).reshape([1, 3, 1, 1]);
    let y = ((&x - mean) / std).conv2d(&stem, None::<Tensor>, [1, 1], [1, 1], [1, 1], 1);
    let expected = y.mean_dim([0_i64, 2, 3].as_slice(), false, None);
    let tracked = network.buffers().next().unwrap().tensor();
    assert!((tracked - expected).abs().max().double_value(&[]) < 1e-5);
}

#[test]
fn a_duplicate_shares_nothing() {
    let (network, x) = (wide(), images(2));
    let twin = network.duplicate().unwrap();
    let logits = |network: &Network| no_grad(|| network.logits(&x, BatchNorm::Evaluate)).unwrap();
    let before = logits(&network);
    assert_eq!(logits(&twin), before);
    no_grad(|| {
        for named in twin.parameters() {
            let _ = named.tensor().shallow_clone().zero_();
        }
    });
    assert_eq!(logits(&network), before);
    assert_ne!(logits(&twin), before);
    assert!(twin.parameters().all(|named| named.tensor().requires_grad()));
}

#[test]
fn what_no_network_can_be_made_of_is_refused() {
    let of = |name: &str, classes, normalisation: &Normalisation| {
        let architecture = name.parse().unwrap();
        Network::new(architecture, classes, normalisation, Device::Cpu).unwrap_err().to_string()
    };
    assert!(of("small-cnn", 1, &Normalisation::none(1)).contains("at least 2"));
    assert!(of("wrn-10-1", 10, &Normalisation::none(1)).contains("the channels of the images"));
    let wrong = Architecture::Wrn { depth: 12, width: 1 };
    assert!(Network::new(wrong, 10, &Normalisation::cifar_10(), Device::Cpu).is_err());
    assert!(Normalisation::new(&[0.5], &[0.5, 0.5]).is_err());
    assert!(
        Normalisation::new(&[0.5], &[0.0]).is_err()
            && Normalisation::new(&[f64::NAN], &[1.0]).is_err()
    );
}
