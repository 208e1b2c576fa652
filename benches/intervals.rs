//! Interval arithmetic: single operations, and an integrand of the toy over a cell.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::law::Law;
use score_workbench::model::Model;
use score_workbench::real::{Interval, Real, Taylor};
use score_workbench::simplex::{Dense, Simplex};

fn operations(criterion: &mut Criterion) {
    let (x, y) = (Interval::new(0.3, 0.7), Interval::new(-1.25, 2.5));
    let z = Interval::new(2.5, 2.75);
    let mut group = criterion.benchmark_group("interval");
    group.bench_function("add", |b| b.iter(|| black_box(x) + black_box(y)));
    group.bench_function("mul", |b| b.iter(|| black_box(x) * black_box(y)));
    group.bench_function("div", |b| b.iter(|| black_box(y) / black_box(z)));
    group.bench_function("exp", |b| b.iter(|| black_box(x).exp()));
    group.bench_function("ln", |b| b.iter(|| black_box(x).ln()));
    group.bench_function("softmax", |b| b.iter(|| Interval::softmax(black_box(&[x, y]))));
    group.finish();
}

/// The densities times the divergence, on a cell a quarter wide.
fn integrand<const N: usize>(
    law: &Law,
    model: &Model,
    divergence: Divergence,
) -> Result<Interval, Error> {
    let x = Taylor::<N>::variable(black_box(Interval::new(0.5, 0.75)));
    let log_joint = law.line(&x)?.log_joint(&x);
    let logits = model.line(&x)?.logits(&x);
    let labels = Simplex::from_logits(&log_joint);
    let density = Real::softmax(log_joint.entries()).log_total.exp();
    let value = divergence.eval(&labels, &Simplex::<Dense<_>>::from_logits(&logits));
    Ok((density * value).integral())
}

fn cells(criterion: &mut Criterion) {
    let x = Taylor::<9>::variable(Interval::new(0.5, 0.75));
    let logits = [x.clone(), x.clone().square()];
    let mut group = criterion.benchmark_group("taylor-9");
    group.bench_function("mul", |b| b.iter(|| black_box(&logits[0]).clone() * logits[1].clone()));
    group.bench_function("softmax", |b| b.iter(|| Taylor::softmax(black_box(&logits))));
    let (law, model) =
        Law::resolve("toy").and_then(|law| Ok((law, Model::resolve("toy-linear")?))).expect("toy");
    for divergence in Divergence::ALL {
        group.bench_function(format!("density * {divergence}"), |b| {
            b.iter(|| integrand::<9>(&law, &model, divergence).expect("a law on the line"));
        });
    }
    group.finish();
}

criterion_group!(benches, operations, cells);
criterion_main!(benches);
