//! What dimensions cost: reading a problem of d dimensions into the directions that matter, and a risk once that is done.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use score_workbench::divergence::Divergence;
use score_workbench::exact::Exact;
use score_workbench::law::{Class, Component, Covariance, GaussianMixture, Law};
use score_workbench::model::{Linear, Model};
use score_workbench::perturbation::{Ball, Norm};
use score_workbench::risk::Risk;
use score_workbench::space::Projected;

/// `N(+-mu, I)` and a linear model along another direction: two directions matter, and the problem in the plane is nearly the same for every d.
fn problem(d: u32) -> (Law, Model) {
    let scale = f64::from(d).sqrt().recip();
    let row = |f: &dyn Fn(u32) -> f64| -> Vec<Exact> {
        (0..d).map(|i| Exact::from_f64(scale * f(i)).expect("finite")).collect()
    };
    let class = |sign: f64| {
        let mean = row(&|i| sign * (0.5 + (0.618 * f64::from(i)).fract()));
        let covariance = Covariance::Isotropic(Exact::integer(1));
        let component = Component::new(Exact::integer(1), mean, covariance);
        Class::new("1/2".parse().expect("a number"), vec![component.expect("a component")])
    };
    let classes = [1.0, -1.0].map(|sign| class(sign).expect("a class")).to_vec();
    let law = Law::GaussianMixture(GaussianMixture::new(classes).expect("a mixture"));
    let weights =
        vec![row(&|i| 0.5 + (0.414 * f64::from(i)).fract()), vec![Exact::integer(0); d as usize]];
    let bias = vec![Exact::integer(0); 2];
    (law, Model::Linear(Linear::new(weights, bias).expect("a model")))
}

fn dimensions(c: &mut Criterion) {
    for norm in [Norm::L2, Norm::Linf] {
        let mut group = c.benchmark_group(format!("dimensions, {norm}"));
        group.sample_size(10).measurement_time(Duration::from_secs(2));
        for d in [2, 10, 100, 3_072, 100_000, 1_000_000] {
            let (law, model) = problem(d);
            // The same body up to a factor of its generators' number: the radius that moves the logits alike.
            let epsilon = match norm {
                Norm::Linf => 0.25 / f64::from(d).sqrt(),
                _ => 0.25,
            };
            let ball = Ball::new(norm, Exact::from_f64(epsilon).expect("finite")).expect("a ball");
            group.bench_function(BenchmarkId::new("project", d), |b| {
                b.iter(|| Projected::new(black_box(&law), black_box(&model)));
            });
            let projected = Projected::new(&law, &model).expect("two directions");
            group.bench_function(BenchmarkId::new("R_Madry l1", d), |b| {
                b.iter(|| projected.risk(Risk::Madry, Divergence::L1, black_box(&ball)));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, dimensions);
criterion_main!(benches);
