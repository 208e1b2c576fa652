//! The formulas on tensors are the formulas on doubles: values, and gradients by every logit against jets, for every divergence and for
//! objectives with all their parts; and nothing is NaN or infinite that is not infinite in truth.
#![cfg(all(feature = "testing", feature = "train"))]

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use score_workbench::divergence::Divergence;
use score_workbench::objective::Objective;
use score_workbench::real::{Batch, Jet, Real};
use score_workbench::simplex::{Classes, Dense, Simplex};
use tch::{Device, Kind, Tensor};

/// A formula of two label distributions of `classes` classes, for any backend.
trait Formula {
    fn at<C: Classes>(&self, p: &Simplex<C>, q: &Simplex<C>, classes: usize) -> C::Total;
}

impl Formula for Divergence {
    fn at<C: Classes>(&self, p: &Simplex<C>, q: &Simplex<C>, _classes: usize) -> C::Total {
        self.eval(p, q)
    }
}

/// With the attacked distribution in place of the labels, so that there is a gradient in every argument.
impl Formula for Objective {
    fn at<C: Classes>(&self, p: &Simplex<C>, q: &Simplex<C>, classes: usize) -> C::Total {
        self.eval(p, q, p, classes)
    }
}

/// Two rows of logits for each of some examples.
struct Rows {
    first: Vec<Vec<f64>>,
    second: Vec<Vec<f64>>,
}

impl Rows {
    /// `examples` rows with entries of size `scale`.
    fn random(examples: usize, classes: usize, scale: f64) -> Self {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let rows = prop::collection::vec(prop::collection::vec(-scale..scale, classes), examples);
        let mut rows = || rows.new_tree(&mut runner).expect("rows").current();
        Self { first: rows(), second: rows() }
    }

    fn classes(&self) -> usize {
        self.first[0].len()
    }

    /// Values `[N]`, and gradients `[N, K]` by the first and the second logits.
    fn on_tensors(&self, formula: &impl Formula, kind: Kind) -> (Vec<f64>, [Vec<Vec<f64>>; 2]) {
        let leaf =
            |rows: &[Vec<f64>]| Tensor::from_slice2(rows).to_kind(kind).set_requires_grad(true);
        let (h, b) = (leaf(&self.first), leaf(&self.second));
        let simplex = |h: &Tensor| {
            Simplex::from_logits(&Batch::<2>::new(h.shallow_clone()).expect("a batch"))
        };
        let values = formula.at(&simplex(&h), &simplex(&b), self.classes()).into_tensor();
        let gradients = Tensor::run_backward(&[values.sum(None)], &[&h, &b], false, false);
        // A formula may leave out an argument.
        let lists = |t: &Tensor| {
            let t = if t.defined() {
                t.to_kind(Kind::Double)
            } else {
                h.zeros_like().to_kind(Kind::Double)
            };
            Vec::<Vec<f64>>::try_from(t.detach()).expect("rows")
        };
        let gradients = [lists(&gradients[0]), lists(&gradients[1])];
        (Vec::<f64>::try_from(values.detach().to_kind(Kind::Double)).expect("values"), gradients)
    }

    /// The value of example n on doubles, and its derivative by logit k of row `which`.
    fn on_jets(&self, formula: &impl Formula, n: usize, which: usize, k: usize) -> [f64; 2] {
        let row = |rows: &[Vec<f64>], this: bool| {
            let entry = |(i, &h): (usize, &f64)| {
                if this && i == k { Jet::<f64, 2>::variable(h) } else { Jet::fixed(h) }
            };
            Simplex::from_logits(&Dense::new(
                rows[n].iter().enumerate().map(entry).collect::<Vec<_>>(),
            ))
        };
        let (p, q) = (row(&self.first, which == 0), row(&self.second, which == 1));
        let jet = formula.at(&p, &q, self.classes());
        [*jet.value(), jet.derivative(1)]
    }

    /// Values and gradients of both agree within `allowed`, relative to the value or to 1 where that is larger.
    fn agree(&self, name: &str, formula: &impl Formula, kind: Kind, allowed: f64) {
        let (values, gradients) = self.on_tensors(formula, kind);
        for (n, value) in values.iter().enumerate() {
            for (which, gradient) in gradients.iter().enumerate() {
                for (k, slope) in gradient[n].iter().enumerate() {
                    let [expected, derivative] = self.on_jets(formula, n, which, k);
                    let at = format!("{name} of {:?} and {:?}", self.first[n], self.second[n]);
                    let scale = allowed * expected.abs().max(1.0);
                    assert!((value - expected).abs() <= scale, "{at}: {value} and {expected}");
                    let scale = allowed * derivative.abs().max(expected.abs()).max(1.0);
                    assert!(
                        (slope - derivative).abs() <= scale,
                        "{at}: slope {slope} and {derivative}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_divergence_is_on_tensors_what_it_is_on_doubles() {
    tch::set_num_threads(1);
    for (examples, classes, scale) in
        [(8, 2, 0.5), (8, 2, 4.0), (8, 3, 2.0), (8, 10, 1.0), (8, 10, 6.0), (1, 100, 2.0)]
    {
        let rows = Rows::random(examples, classes, scale);
        for divergence in Divergence::ALL {
            rows.agree(divergence.name(), &divergence, Kind::Double, 1e-13);
            rows.agree(divergence.name(), &divergence, Kind::Float, 2e-5);
        }
    }
}

/// Close to equality, values are small against what they are the difference of: they must keep their leading digits, gradients too.
#[test]
fn small_differences_keep_their_digits() {
    tch::set_num_threads(1);
    let mut rows = Rows::random(8, 10, 2.0);
    for (h, b) in rows.first.iter().zip(&mut rows.second) {
        for (k, (h, b)) in h.iter().zip(b).enumerate() {
            *b = h + 1e-5 * (1.7 * k as f64).sin();
        }
    }
    for divergence in Divergence::ALL {
        let (values, _) = rows.on_tensors(&divergence, Kind::Double);
        for (n, value) in values.iter().enumerate() {
            let [expected, _] = rows.on_jets(&divergence, n, 0, 0);
            assert!(
                (value - expected).abs() <= 1e-9 * expected,
                "{divergence}: {value} and {expected}"
            );
        }
    }
}

#[test]
fn objectives_are_on_tensors_what_they_are_on_doubles() {
    tch::set_num_threads(1);
    let rows = Rows::random(16, 10, 3.0);
    for name in [
        "cross-entropy",
        "cross-entropy smoothed(0.1, all)",
        "standard(squared-error) smoothed(0.1, others)",
        "pgd-at(kl) clip(0.5, robust)",
        "trades(kl, kl, 6)",
        "trades(squared-error, squared-error, 4)",
        "trades(squared-error, squared-error, 4) smoothed(0.1, others) clip(0.4, robust)",
        "trades(cross-entropy, jensen-shannon, 0.5) clip(0.25, total)",
    ] {
        let objective: Objective = name.parse().expect("an objective");
        rows.agree(name, &objective, Kind::Double, 1e-13);
        rows.agree(name, &objective, Kind::Float, 2e-5);
    }
}

/// Whether every entry is finite.
fn is_finite(t: &Tensor) -> bool {
    t.isfinite().all().int64_value(&[]) == 1
}

/// One-hot labels (where p = 0) against logits that saturate, right and wrong; equal arguments; and arguments that saturate both.
#[test]
fn nothing_is_undefined_at_saturated_logits() {
    tch::set_num_threads(1);
    for kind in [Kind::Double, Kind::Float] {
        let saturated = [
            [1e4, -1e4, 0.0],
            [-1e4, 1e4, 0.0],
            [0.0, 0.0, 0.0],
            [1e4, 1e4, 1e4],
            [-1e4, -1e4, -1e4],
            [200.0, 0.0, -200.0],
        ];
        let leaf = || Tensor::from_slice2(&saturated).to_kind(kind).set_requires_grad(true);
        let other =
            Tensor::from_slice2(&[[1e4, -1e4, 1.0]; 6]).to_kind(kind).set_requires_grad(true);
        let simplex = |h: &Tensor| {
            Simplex::from_logits(&Batch::<2>::new(h.shallow_clone()).expect("a batch"))
        };
        for divergence in Divergence::ALL {
            let labels = Tensor::from_slice(&[0_i64, 0, 1, 1, 2, 2]);
            let q = leaf();
            let t = Simplex::from_labels(&labels, 3, &q).expect("labels");
            let cases = [
                (divergence.eval(&t, &simplex(&q)), "labels first"),
                (divergence.eval(&simplex(&q), &simplex(&q)), "twice the same"),
                (divergence.eval(&simplex(&q), &simplex(&other)), "one right"),
                (divergence.eval(&simplex(&other), &simplex(&q)), "one wrong"),
            ];
            // chi-squared is (1 - q)^2 / q for a label: e^20000 where q is e^-20000, which no double holds; and KL(q, t) is infinite.
            for (values, case) in cases {
                let values = values.into_tensor();
                assert_eq!(
                    values.isnan().any().int64_value(&[]),
                    0,
                    "{divergence}, {case}, {kind:?}"
                );
                let infinite = divergence == Divergence::ChiSquared
                    || divergence == Divergence::ReverseKl && case == "labels first";
                if !infinite {
                    assert!(is_finite(&values), "{divergence}, {case}, {kind:?}: {values}");
                }
                for gradient in Tensor::run_backward(&[values.sum(None)], &[&q], true, false) {
                    assert!(is_finite(&gradient), "{divergence}, {case}, {kind:?}: {gradient}");
                }
            }
        }
    }
}

/// KL of labels is cross-entropy: its gradient is `q - t` where everything saturates, and nothing is lost where the label is sure.
#[test]
fn the_gradient_of_kl_is_the_difference_of_probabilities() {
    tch::set_num_threads(1);
    let rows = [[1e4, -1e4, 0.0], [-1e4, 1e4, 0.0], [3.0, 0.0, -1.0], [40.0, 0.0, 0.0]];
    let h = Tensor::from_slice2(&rows).set_requires_grad(true);
    let q = Simplex::from_logits(&Batch::<2>::new(h.shallow_clone()).expect("a batch"));
    let t = Simplex::from_labels(&Tensor::from_slice(&[0_i64, 0, 1, 0]), 3, &h).expect("labels");
    let values = Divergence::Kl.eval(&t, &q).into_tensor();
    let gradient = Tensor::run_backward(&[values.sum(None)], &[&h], false, false).remove(0);
    let expected = q.probabilities().tensor().detach() - t.probabilities().tensor();
    assert!((gradient - expected).abs().max().double_value(&[]) < 1e-15);
    assert_eq!(values.double_value(&[1]), 2e4);
    // ln(1 + 2 e^-40), which 1 - q would lose.
    let small = values.double_value(&[3]);
    assert!((small / (2.0 * (-40.0_f64).exp()).ln_1p() - 1.0).abs() < 1e-12, "{small}");
}

#[test]
fn batches_of_another_shape_or_type_are_refused() {
    let error = |tensor: Tensor| Batch::<2>::new(tensor).unwrap_err().to_string();
    let on_cpu = |kind| (kind, Device::Cpu);
    assert!(error(Tensor::zeros([3], on_cpu(Kind::Double))).contains("2 axes"));
    assert!(error(Tensor::zeros([3, 2], on_cpu(Kind::Int64))).contains("floating-point"));
    assert!(error(Tensor::zeros([0, 2], on_cpu(Kind::Float))).contains("none of them empty"));
    let like = Tensor::zeros([1, 3], on_cpu(Kind::Double));
    let labels = |labels: &[i64]| Simplex::from_labels(&Tensor::from_slice(labels), 3, &like);
    assert!(labels(&[0, 2]).is_ok() && labels(&[0, 3]).is_err() && labels(&[-1]).is_err());
}

/// A jet and a tensor take the same side of a kink.
#[test]
fn ties_are_resolved_as_on_jets() {
    let x = Tensor::from_slice(&[0.0]).set_requires_grad(true);
    let slope = |f: &dyn Fn(&Batch<1>) -> Batch<1>| {
        let y = f(&Batch::new(x.shallow_clone()).expect("a batch")).into_tensor();
        Tensor::run_backward(&[y.sum(None)], &[&x], false, false)[0].double_value(&[0])
    };
    assert_eq!(slope(&|x| x.abs()), 1.0);
    assert_eq!(slope(&|x| Real::max(x, &-x.clone())), 1.0);
    assert_eq!(slope(&|x| x.sqrt()), 0.0);
    assert_eq!(slope(&|x| x.ln()), 0.0);
}

/// Beside the composition that trainers use, in single precision: the value of KL close to equality is the difference of sums that agree.
#[test]
fn kl_close_to_equality_keeps_digits_that_the_usual_composition_loses() {
    tch::set_num_threads(1);
    let exact = Rows::random(64, 10, 2.0);
    for size in [1e-2, 1e-3, 1e-4] {
        let mut rows = Rows { first: exact.first.clone(), second: exact.first.clone() };
        for (n, b) in rows.second.iter_mut().flatten().enumerate() {
            *b += size * (1.7 * n as f64).sin();
        }
        // What single precision can see of them.
        for x in rows.first.iter_mut().chain(&mut rows.second).flatten() {
            *x = Tensor::from(*x).to_kind(Kind::Float).double_value(&[]);
        }
        let (values, ours) = rows.on_tensors(&Divergence::Kl, Kind::Float);
        let leaf = |rows: &[Vec<f64>]| {
            Tensor::from_slice2(rows).to_kind(Kind::Float).set_requires_grad(true)
        };
        let (h, b) = (leaf(&rows.first), leaf(&rows.second));
        let usual = (h.softmax(1, None) * (h.log_softmax(1, None) - b.log_softmax(1, None)))
            .sum_dim_intlist(1, false, None);
        let gradient = Tensor::run_backward(&[usual.sum(None)], &[&b], false, false).remove(0);
        let (mut worst, mut worst_gradient) = ([0.0_f64; 2], [0.0_f64; 2]);
        for (at, n) in (0_i64..).zip(0..64) {
            let [expected, _] = rows.on_jets(&Divergence::Kl, n, 0, 0);
            worst[0] = worst[0].max((values[n] / expected - 1.0).abs());
            worst[1] = worst[1].max((usual.double_value(&[at]) / expected - 1.0).abs());
            for (place, k) in (0_i64..).zip(0..10) {
                let [_, slope] = rows.on_jets(&Divergence::Kl, n, 1, k);
                worst_gradient[0] = worst_gradient[0].max((ours[1][n][k] - slope).abs());
                worst_gradient[1] =
                    worst_gradient[1].max((gradient.double_value(&[at, place]) - slope).abs());
            }
        }
        assert!(worst[0] < 1e-6 / size && worst[1] > 100.0 * worst[0], "{size}: {worst:?}");
        assert!(worst_gradient[0] < worst_gradient[1], "{size}: {worst_gradient:?}");
    }
}
