//! The four risks in the plane, estimated and enclosed, for two and three classes and for bodies with and without corners.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use score_workbench::divergence::Divergence;
use score_workbench::enclosure::Effort;
use score_workbench::error::Error;
use score_workbench::plane::{Body, Plane, PlaneLaw, PlaneModel};
use score_workbench::risk::Risk;

fn problem() -> Result<Plane, Error> {
    let covariance = [[1.0, 0.3], [0.3, 0.8]];
    let law = PlaneLaw::from_doubles(&[
        (0.6, &[(1.0, [0.7, 0.2], covariance)]),
        (0.4, &[(1.0, [-0.7, -0.5], covariance)]),
    ])?;
    Plane::new(law, PlaneModel::affine(&[[1.2, -0.5], [0.0, 0.0]], &[0.3, 0.0])?)
}

fn bodies() -> Result<[(&'static str, Body); 2], Error> {
    let square = vec![[0.5, -0.5], [0.5, 0.5], [-0.5, 0.5], [-0.5, -0.5]];
    Ok([("square", Body::polygon(square)?), ("ellipse", Body::ellipse([[0.5, 0.1], [0.0, 0.4]])?)])
}

fn risks(criterion: &mut Criterion) -> Result<(), Error> {
    let plane = problem()?;
    for (name, body) in bodies()? {
        let mut group = criterion.benchmark_group(format!("plane/{name}"));
        group.sample_size(10).measurement_time(Duration::from_secs(2));
        for divergence in [Divergence::L1, Divergence::Kl] {
            for risk in Risk::ALL {
                group.bench_function(format!("{risk}/{divergence}"), |bencher| {
                    bencher.iter(|| plane.risk(black_box(risk), divergence, &body));
                });
            }
        }
        group.finish();
    }
    Ok(())
}

fn enclosures(criterion: &mut Criterion) -> Result<(), Error> {
    let plane = problem()?;
    for (name, body) in bodies()? {
        let mut group = criterion.benchmark_group(format!("plane/{name}/enclosed"));
        group.sample_size(10).measurement_time(Duration::from_secs(2));
        for (risk, width) in [(Risk::Standard, 1e-3), (Risk::Madry, 1e-3), (Risk::Score, 2e-2)] {
            group.bench_function(format!("{risk}/kl/{width:e}"), |bencher| {
                let effort = Effort::in_the_plane(width);
                bencher.iter(|| plane.enclosure(black_box(risk), Divergence::Kl, &body, effort));
            });
        }
        group.finish();
    }
    Ok(())
}

fn all(criterion: &mut Criterion) {
    risks(criterion).and_then(|()| enclosures(criterion)).expect("a problem that is sound");
}

criterion_group!(benches, all);
criterion_main!(benches);
