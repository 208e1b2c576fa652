use tch::Device;

use super::super::laws;
use super::*;

/// A line through `x` at the parameter `t = 0`, so that the derivatives by t are parts that obey the laws too.
fn lift<const RANK: usize>(t: &Tensor, shape: [i64; RANK]) -> impl Fn(f64) -> Batch<RANK> {
    move |x| {
        let slope = 0.25 * x.abs().clamp(0.25, 1.0);
        let start = Tensor::full(shape.as_slice(), x, (t.kind(), Device::Cpu));
        Batch::new(start + t * slope).unwrap()
    }
}

/// The first entry, and its derivative, of which nothing is asked at infinity.
fn parts<const RANK: usize>(t: &Tensor, y: &Batch<RANK>) -> [f64; 2] {
    let y = y.tensor();
    let value = y.reshape([-1]).double_value(&[0]);
    let slope = if y.requires_grad() && value.is_finite() {
        Tensor::run_backward(&[y.mean(None)], &[t], true, false)[0].double_value(&[])
    } else {
        0.0
    };
    [value, slope]
}

fn assert_none(violations: &[laws::Violation]) {
    let listed: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(listed.is_empty(), "{} violations:\n{}", listed.len(), listed.join("\n"));
}

fn parameter(kind: Kind) -> Tensor {
    tch::set_num_threads(1);
    Tensor::zeros([0_i64; 0].as_slice(), (kind, Device::Cpu)).set_requires_grad(true)
}

#[test]
fn tensors_of_doubles_are_lawful() {
    let t = parameter(Kind::Double);
    assert_none(&laws::violations(lift(&t, [1]), |y| parts(&t, y).to_vec()));
    assert_none(&laws::violations(lift(&t, [2, 2]), |y| parts(&t, y).to_vec()));
}

#[test]
#[allow(clippy::cast_possible_truncation)]
fn tensors_of_single_precision_are_lawful() {
    let t = parameter(Kind::Float);
    let violations = laws::violations(lift(&t, [1]), |y| parts(&t, y).map(|x| x as f32).to_vec());
    assert_none(&violations);
}

#[test]
fn single_precision_is_not_lawful_as_double_precision() {
    let t = parameter(Kind::Float);
    let as_doubles = laws::violations(lift(&t, [1]), |y| parts(&t, y).to_vec());
    assert!(as_doubles.len() > 20, "{as_doubles:?}");
}
