use super::*;

fn cnn() -> Network {
    tch::set_num_threads(1);
    Network::new(Architecture::SmallCnn, 10, &Normalisation::none(1), Device::Cpu).unwrap()
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
    let logits = cnn()
        .logits(&Tensor::rand([3, 1, 28, 28], (Kind::Float, Device::Cpu)), BatchNorm::Evaluate);
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
