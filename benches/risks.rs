//! Each of the four risks, and all of them together, on laws of two and three classes and on a network.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use score_workbench::catalogue;
use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::risk::{Line, Risk};

/// Law and model of the catalogue, and the radius.
const CASES: [(&str, &str, f64); 3] =
    [("toy", "toy-linear", 1.0), ("three-classes", "three-linear", 0.5), ("toy", "toy-tanh", 0.5)];

fn risks(criterion: &mut Criterion) -> Result<(), Error> {
    for (law, model, epsilon) in CASES {
        let line = Line::new(&catalogue::law(law)?, &catalogue::model(model)?)?;
        let mut group = criterion.benchmark_group(format!("{law}/{model}"));
        for divergence in [Divergence::L1, Divergence::Kl] {
            for risk in Risk::ALL {
                group.bench_function(format!("{risk}/{divergence}"), |bencher| {
                    bencher.iter(|| line.risk(black_box(risk), divergence, black_box(epsilon)));
                });
            }
            group.bench_function(format!("all/{divergence}"), |bencher| {
                bencher.iter(|| line.risks(black_box(divergence), black_box(epsilon)));
            });
        }
        group.finish();
    }
    Ok(())
}

fn all(criterion: &mut Criterion) {
    risks(criterion).expect("the catalogue's laws and models make problems on the line");
}

criterion_group!(benches, all);
criterion_main!(benches);
