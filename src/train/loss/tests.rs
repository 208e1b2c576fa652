use tch::{Device, Kind};

use super::*;
use crate::perturbation::{Ball, Norm};
use crate::train::random::seeded;
use crate::train::{Architecture, Normalisation, Start};

/// From the image itself: the generator is shared with tests that run at the same time.
fn from_image(awp: Option<&str>) -> Loss {
    let start = loss("pgd-at(kl)", awp);
    let attack = start.attack().unwrap();
    let (ball, step) = (attack.ball().clone(), attack.step().clone());
    let attack = Attack::new(ball, Start::Image, step, 3, 1, BatchNorm::Batch).unwrap();
    Loss { attack: Some(attack), ..start }
}

fn loss(objective: &str, awp: Option<&str>) -> Loss {
    let ball = Ball::new(Norm::Linf, "0.1".parse().unwrap()).unwrap();
    let step = "0.04".parse().unwrap();
    let attack = Attack::new(ball, Start::Uniform, step, 3, 1, BatchNorm::Batch).unwrap();
    let awp = awp.map(|gamma| Awp::new(gamma.parse().unwrap()).unwrap());
    Loss::new(objective.parse().unwrap(), Some(attack), awp).unwrap()
}

/// A network, and four images with labels.
fn case() -> (Network, Tensor, Tensor) {
    tch::set_num_threads(1);
    let (network, images) = seeded(1, || {
        let network =
            Network::new(Architecture::SmallCnn, 10, &Normalisation::none(1), Device::Cpu);
        (network.unwrap(), Tensor::rand([4, 1, 28, 28], (Kind::Float, Device::Cpu)))
    });
    (network, images, Tensor::from_slice(&[1_i64, 3, 3, 0]))
}

#[test]
fn attacks_stay_in_their_ball_and_raise_what_they_maximise() {
    let (network, images, labels) = case();
    for objective in
        ["pgd-at(kl)", "pgd-at(squared-error)", "trades(kl, kl, 6)", "trades(l2, hellinger, 1)"]
    {
        let loss = loss(objective, None);
        let attacked = seeded(2, || loss.attacked(&network, &images, &labels)).unwrap().unwrap();
        let value = |x: &Tensor| {
            let value = loss.value(&network, &images, Some(x), &labels, BatchNorm::Batch).unwrap();
            value.robust.unwrap().double_value(&[])
        };
        assert!((&attacked - &images).abs().max().double_value(&[]) <= 0.1 + 1e-7);
        assert!(attacked.min().double_value(&[]) >= 0.0 && attacked.max().double_value(&[]) <= 1.0);
        assert!(value(&attacked) > value(&images) + 1e-6, "{objective}");
    }
}

#[test]
fn an_attack_in_l2_uses_its_radius() {
    let (network, images, labels) = case();
    let images = images * 0.5 + 0.25;
    let ball = Ball::new(Norm::L2, "0.5".parse().unwrap()).unwrap();
    for start in [Start::Image, Start::Uniform] {
        let attack =
            Attack::new(ball.clone(), start, "0.2".parse().unwrap(), 5, 2, BatchNorm::Batch)
                .unwrap();
        let loss = Loss::new("pgd-at(kl)".parse().unwrap(), Some(attack), None).unwrap();
        let attacked = seeded(2, || loss.attacked(&network, &images, &labels)).unwrap().unwrap();
        let lengths = (attacked - &images)
            .square()
            .sum_dim_intlist([1_i64, 2, 3].as_slice(), false, None)
            .sqrt();
        for n in 0..4 {
            assert!((lengths.double_value(&[n]) - 0.5).abs() < 1e-5);
        }
    }
}

#[test]
fn perturbed_weights_are_put_back_and_change_the_gradient() {
    let (network, images, labels) = case();
    let gradient = |loss: &Loss| {
        network.zero_gradients();
        let before: Vec<Tensor> =
            network.parameters().map(|named| named.tensor().detach().copy()).collect();
        loss.backward(&network, &images, &labels, BatchNorm::Batch).unwrap();
        for (named, before) in network.parameters().zip(&before) {
            assert_eq!(named.tensor(), before, "{}", named.name());
        }
        network.parameters().next().unwrap().tensor().grad().copy()
    };
    let plain = gradient(&from_image(None));
    let change = |gamma: &str| {
        let moved = gradient(&from_image(Some(gamma)));
        (moved - &plain).norm().double_value(&[]) / plain.norm().double_value(&[])
    };
    assert!(change("0") < 1e-6);
    let (tiny, usual) = (change("1e-6"), change("0.005"));
    assert!(usual > 0.01 && tiny < 0.1 * usual, "{tiny} and {usual}");
}

#[test]
fn parameters_have_gradients_again_after_an_attack() {
    let (network, images, labels) = case();
    let loss = loss("trades(kl, kl, 6)", None);
    let attacked = seeded(2, || loss.attacked(&network, &images, &labels)).unwrap().unwrap();
    assert!(
        network
            .parameters()
            .all(|named| named.tensor().requires_grad() && !named.tensor().grad().defined())
    );
    assert!(!attacked.requires_grad());
    assert!(seeded(2, || loss.attacked(&network, &images, &(labels + 20))).is_err());
    assert!(network.parameters().all(|named| named.tensor().requires_grad()));
}

#[test]
fn what_does_not_fit_is_said() {
    let (network, images, labels) = case();
    let error = Loss::new("pgd-at(kl)".parse().unwrap(), None, None).unwrap_err().to_string();
    assert_eq!(error, "pgd-at(kl) needs an attack, and there is none");
    let loss = loss("trades(kl, kl, 6)", None);
    let of = |labels: &Tensor| {
        let value = seeded(2, || loss.backward(&network, &images, labels, BatchNorm::Batch));
        value.unwrap_err().to_string()
    };
    assert!(of(&labels.narrow(0, 0, 3)).contains("one label for each of 4 images"));
    assert!(of(&labels.to_kind(Kind::Float)).contains("type Int64"));
    let value = |images: &Tensor, attacked: &Tensor| {
        let value = loss.value(&network, images, Some(attacked), &labels, BatchNorm::Batch);
        value.unwrap_err().to_string()
    };
    assert!(value(&images, &images.narrow(0, 0, 3)).contains("the images' shape [4, 1, 28, 28]"));
    assert!(value(&Tensor::from(0.0), &images).contains("[N, 1, 28, 28]"));
    assert!(of(&(labels.copy() + 9)).starts_with("libtorch: "));
}

#[test]
fn a_loss_prints_itself_as_maths() {
    assert_eq!(
        loss("trades(squared-error, squared-error, 4)", Some("0.005")).to_string(),
        "mean of squared-error(t, Q(x)) + 4 squared-error(Q(x), Q(x')), x' = 3 steps of 0.04 in the linf ball of radius 0.1 \
         from a uniform start, at weights w + v with |v| = 0.005 |w| in each layer"
    );
}
