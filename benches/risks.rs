//! Each of the four risks, and all of them together, on laws of two and three classes and on a network, estimated and enclosed; and each
//! claim on the toy.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use score_workbench::claims::{CLAIMS, Problem};
use score_workbench::divergence::Divergence;
use score_workbench::enclosure::{self, Effort};
use score_workbench::error::Error;
use score_workbench::law::Law;
use score_workbench::model::Model;
use score_workbench::perturbation::{Ball, Norm};
use score_workbench::risk::{Line, Risk};

/// Law and model of the catalogue, and the radius.
const CASES: [(&str, &str, f64); 3] =
    [("toy", "toy-linear", 1.0), ("three-classes", "three-linear", 0.5), ("toy", "toy-tanh", 0.5)];

fn risks(criterion: &mut Criterion) -> Result<(), Error> {
    for (law, model, epsilon) in CASES {
        let line = Line::new(&Law::resolve(law)?, &Model::resolve(model)?)?;
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

/// Law and model of the catalogue, the radius, and the widths of the enclosures.
const ENCLOSED: [(&str, &str, &str, &[f64]); 2] =
    [("toy", "toy-linear", "1", &[1e-6, 1e-10]), ("three-classes", "three-linear", "1/2", &[1e-6])];

/// Beside the estimates of the same groups. The search is inside the time.
fn enclosures(criterion: &mut Criterion) -> Result<(), Error> {
    for (law, model, epsilon, widths) in ENCLOSED {
        let (name, epsilon) = (format!("{law}/{model}/enclosed"), epsilon.parse()?);
        let (law, model) = (Law::resolve(law)?, Model::resolve(model)?);
        let line = Line::new(&law, &model)?;
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10);
        for divergence in [Divergence::L1, Divergence::Kl] {
            for risk in Risk::ALL {
                for &width in widths {
                    group.bench_function(format!("{risk}/{divergence}/{width:e}"), |bencher| {
                        bencher.iter(|| {
                            let asked = (black_box(risk), divergence, &epsilon);
                            enclosure::risk(&line, asked, Effort::to(width))
                        });
                    });
                }
            }
        }
        group.finish();
    }
    Ok(())
}

/// A claim's time is that of the risks that it asks for: a new problem for each, so that nothing is remembered.
fn claims(criterion: &mut Criterion) -> Result<(), Error> {
    let (law, model) = (Law::resolve("toy")?, Model::resolve("toy-linear")?);
    let ball = Ball::new(Norm::default(), "1".parse()?)?;
    let mut group = criterion.benchmark_group("claims");
    for claim in CLAIMS {
        group.bench_function(claim.name, |bencher| {
            bencher.iter(|| {
                let problem = Problem::new(("toy", &law), ("toy-linear", &model), Norm::default())?;
                claim.check(&problem.instance(Divergence::L1, ball.clone()))
            });
        });
    }
    group.finish();
    Ok(())
}

fn all(criterion: &mut Criterion) {
    risks(criterion)
        .and_then(|()| enclosures(criterion))
        .and_then(|()| claims(criterion))
        .expect("problems of the catalogue");
}

criterion_group!(benches, all);
criterion_main!(benches);
