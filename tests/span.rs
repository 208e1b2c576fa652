//! More than two directions: what is known along one direction is found along three and from samples, and intervals contain it.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use score_workbench::claims::{Claim, Evidence, Problem, Verdict};
use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::exact::Exact;
use score_workbench::law::{Class, Component, Covariance, GaussianMixture, Law};
use score_workbench::model::{Activation, Layer, Linear, Mlp, Model, Quadratic};
use score_workbench::perturbation::{Ball, Norm};
use score_workbench::risk::{Line, Risk};
use score_workbench::simplex::{Dense, Simplex};
use score_workbench::space::{Projected, Reduction};
use score_workbench::span::{Drawn, Draws, Interval};

fn number(x: f64) -> Exact {
    Exact::from_f64(x).unwrap()
}

fn numbers(row: &[f64]) -> Vec<Exact> {
    row.iter().copied().map(number).collect()
}

fn ball(norm: Norm, epsilon: &str) -> Ball {
    Ball::new(norm, epsilon.parse().unwrap()).unwrap()
}

/// Classes of equal weight with these means and unit covariance.
fn law(means: &[Vec<f64>], variance: &dyn Fn(usize) -> Covariance) -> Law {
    let class = |(k, mean): (usize, &Vec<f64>)| {
        let component = Component::new(Exact::integer(1), numbers(mean), variance(k)).unwrap();
        let prior = format!("1/{}", means.len()).parse().unwrap();
        Class::new(prior, vec![component]).unwrap()
    };
    let classes = means.iter().enumerate().map(class).collect();
    Law::GaussianMixture(GaussianMixture::new(classes).unwrap())
}

fn isotropic(_: usize) -> Covariance {
    Covariance::Isotropic(Exact::integer(1))
}

fn linear(weights: &[Vec<f64>], bias: &[f64]) -> Model {
    Model::Linear(Linear::new(weights.iter().map(|w| numbers(w)).collect(), numbers(bias)).unwrap())
}

/// A law of d dimensions that differs along the first coordinate, and a network that sees `units` coordinates but uses only the first: so many directions are
/// found, and one matters.
fn padded(d: usize, units: usize) -> (Law, Model) {
    let mean = |x: f64| (0..d).map(|i| if i == 0 { x } else { 0.0 }).collect();
    (law(&[mean(-1.0), mean(1.0)], &isotropic), network(d, units))
}

fn network(d: usize, units: usize) -> Model {
    let unit = |i: usize| (0..d).map(|j| Exact::integer(i64::from(i == j))).collect();
    let first = Layer::new((0..units).map(unit).collect(), vec![Exact::integer(0); units]).unwrap();
    let row = |w: f64| (0..units).map(|i| number(if i == 0 { w } else { 0.0 })).collect();
    let last = Layer::new(vec![row(-2.0), row(0.5)], numbers(&[0.25, 0.0])).unwrap();
    Model::Mlp(Mlp::new(Activation::Tanh, vec![first, last]).unwrap())
}

fn on_the_line() -> Line {
    let (law, model) = padded(1, 1);
    Line::new(&law, &model).unwrap()
}

const SOME: [Divergence; 2] = [Divergence::L1, Divergence::Kl];

fn draws(count: u64, seed: u64) -> Draws {
    Draws::new(count, seed).unwrap()
}

fn sample(projected: &Projected, risk: Risk, divergence: Divergence, ball: &Ball) -> Drawn {
    assert!(projected.is_sampled());
    projected.quantity(risk, divergence, ball).unwrap().sample().unwrap()
}

#[test]
fn three_directions_are_integrated_over() {
    let (law, model) = padded(3, 3);
    let projected = Projected::new(&law, &model).unwrap();
    assert_eq!(projected.reduction().directions(), 3);
    let divergence = Divergence::SquaredError;
    let found = projected.risk(Risk::Standard, divergence, &ball(Norm::L2, "1/2")).unwrap();
    let truth = on_the_line().risk(Risk::Standard, divergence, 0.5).unwrap().value;
    assert!((found.value - truth).abs() <= found.error, "{found:?} {truth}");
    assert!(found.error <= 2e-5 * truth, "{found:?}");
}

#[test]
fn intervals_contain_what_is_known() {
    let (law, model) = padded(5, 4);
    assert_eq!(
        Reduction::new(&law, &model).unwrap_err(),
        Error::TooManyDirections { found: 4, most: 3 }
    );
    let projected = Projected::sampled(&law, &model, draws(1000, 1)).unwrap();
    for norm in Norm::ALL {
        for divergence in SOME {
            // C is a matter of the law, and found along one direction; here it is a sample's, of the law's posterior in the network's directions.
            for risk in Risk::ALL {
                let found = sample(&projected, risk, divergence, &ball(norm, "1/2"));
                let truth = on_the_line().risk(risk, divergence, 0.5).unwrap().value;
                let context = format!("{norm} {divergence} {risk}: {found:?} {truth}");
                assert!(found.lower <= truth && truth <= found.upper, "{context}");
                let interval = if divergence == Divergence::Kl {
                    Interval::Normal
                } else {
                    Interval::Bernstein
                };
                assert_eq!(found.interval, interval);
                // The search finds the supremum: what it attains is as good as a sample of the truth.
                let width = 2.0 * (found.value - found.lower);
                assert!((found.value - truth).abs() <= width, "{context}");
            }
        }
    }
}

/// Of intervals that miss with probability 1e-3, more than 4 in 300 fail in 2 of 10^5 cases.
#[test]
fn intervals_keep_their_promise() {
    let (law, model) = padded(4, 4);
    for divergence in [Divergence::L1, Divergence::Kl] {
        let truth = on_the_line().risk(Risk::Standard, divergence, 0.0).unwrap().value;
        let mut misses = 0;
        let mut widths = Vec::new();
        for seed in 0..300 {
            let projected = Projected::sampled(&law, &model, draws(1000, seed)).unwrap();
            let found = sample(&projected, Risk::Standard, divergence, &ball(Norm::L2, "0"));
            misses += usize::from(truth < found.lower || truth > found.upper);
            widths.push((found.value - truth) / (found.upper - found.lower));
        }
        assert!(misses <= 4, "{divergence}: {misses} of 300");
        // They are not wide for nothing: the draws scatter over a fair part of them.
        let spread = (widths.iter().map(|w| w * w).sum::<f64>() / 300.0).sqrt();
        assert!(spread > 0.01, "{divergence}: {spread}");
    }
}

#[test]
fn a_seed_fixes_a_sample_on_any_number_of_threads() {
    let (law, model) = padded(4, 4);
    let found = |seed: u64, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let projected = Projected::sampled(&law, &model, draws(2500, seed)).unwrap();
        pool.install(|| sample(&projected, Risk::Score, Divergence::L1, &ball(Norm::Linf, "1/4")))
    };
    let first = found(3, 1);
    assert_eq!(first, found(3, 3));
    assert_ne!(first.value.to_bits(), found(4, 1).value.to_bits());
    assert_eq!(Draws::new(999, 0), Err(Error::TooFewDraws { found: 999 }));
}

/// Three classes in six dimensions, with a model that has directions of its own.
fn three_classes() -> (Law, Model) {
    let means = [
        vec![1.0, 0.0, 0.5, 0.0, 0.0, 0.0],
        vec![0.0, 1.0, 0.0, 0.5, 0.0, 0.0],
        vec![0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    ];
    let weights = [
        vec![1.0, -0.5, 0.0, 0.0, 1.0, 0.5],
        vec![-0.5, 1.0, 0.25, 0.0, 0.0, 1.0],
        vec![0.0, 0.0, 0.0, 0.5, 0.0, 0.0],
    ];
    (law(&means, &isotropic), linear(&weights, &[0.1, -0.2, 0.0]))
}

/// Of a function that is convex in the logits the supremum over a cube is at a vertex, of which there are 64.
#[test]
fn madry_s_supremum_is_that_over_all_vertices() {
    let (law, model) = three_classes();
    let projected = Projected::sampled(&law, &model, draws(10_000, 5)).unwrap();
    assert_eq!(projected.reduction().directions(), 4);
    let cube = ball(Norm::Linf, "1/4");
    let found = sample(&projected, Risk::Madry, Divergence::Kl, &cube);
    let (Law::GaussianMixture(mixture), Model::Linear(model)) = (&law, &model) else {
        unreachable!()
    };
    let logits = |x: &[f64]| -> Vec<f64> {
        let dot = |w: &[Exact]| w.iter().zip(x).map(|(w, x)| w.to_f64() * x).sum::<f64>();
        model.weights().iter().zip(model.bias()).map(|(w, b)| dot(w) + b.to_f64()).collect()
    };
    let mut generator = ChaCha8Rng::seed_from_u64(99);
    let n = 10_000;
    let (mut sum, mut squares) = (0.0, 0.0);
    for i in 0..n {
        let mean = |k: usize| mixture.classes()[k].components()[0].mean();
        let x: Vec<f64> = mean(i % 3)
            .iter()
            .map(|m| m.to_f64() + Distribution::<f64>::sample(&StandardNormal, &mut generator))
            .collect();
        let joint = |k: usize| {
            -0.5 * mean(k).iter().zip(&x).map(|(m, x)| (x - m.to_f64()).powi(2)).sum::<f64>()
        };
        let p = Simplex::from_logits(&Dense::new([joint(0), joint(1), joint(2)]));
        let at = |vertex: usize| {
            let side = |j: usize| if vertex >> j & 1 == 1 { 0.25 } else { -0.25 };
            let u: Vec<f64> = x.iter().enumerate().map(|(j, x)| x + side(j)).collect();
            Divergence::Kl.eval(&p, &Simplex::from_logits(&Dense::new(logits(&u))))
        };
        let largest = (0..64).map(at).fold(0.0, f64::max);
        sum += largest;
        squares += largest * largest;
    }
    let mean = sum / n as f64;
    let error = ((squares / n as f64 - mean * mean) / n as f64).sqrt();
    // Two independent samples; the interval is 3.3 standard deviations to either side.
    let own = (found.upper - found.lower) / 6.6;
    assert!((found.value - mean).abs() < 4.5 * error.hypot(own), "{found:?}, {mean} +- {error}");
    assert!(found.upper - found.lower < 0.1 * mean);
}

#[test]
fn claims_are_decided_from_samples_and_say_so() {
    let (law, model) = padded(4, 4);
    let names = (("law", &law), ("model", &model));
    let problem = Problem::sampled(names.0, names.1, Norm::Linf, draws(1000, 2)).unwrap();
    let instance = problem.instance(Divergence::L1, ball(Norm::Linf, "1/4"));
    // True claims: whether so few draws show it or not, they do not speak against them.
    for name in ["theorem-1", "corollary-1"] {
        let check = Claim::named(name).unwrap().check(&instance).unwrap();
        assert!(matches!(check.verdict, Verdict::Holds | Verdict::Undecided), "{name}");
        assert_eq!(check.evidence, Evidence::Sampled, "{name}");
        let doubt = check.slack.unwrap().sample().unwrap().doubt;
        assert!((1e-3..4e-3).contains(&doubt), "{name}: {doubt}");
    }
    // A verdict that the sample cannot tell is undecided, not a tie.
    let tight = problem.instance(Divergence::L1, ball(Norm::Linf, "1/100000000"));
    let check = Claim::named("order").unwrap().check(&tight).unwrap();
    assert_eq!((check.verdict, check.evidence), (Verdict::Undecided, Evidence::Sampled));
    let refused = problem.risk(Risk::Madry, Divergence::L1, 0.125);
    assert_eq!(refused, Err(Error::OnlySampled { directions: 4 }));
}

/// C is a matter of the law, which depends on two directions here.
#[test]
fn what_depends_on_few_directions_is_not_sampled() {
    let (law, model) = three_classes();
    let drawn = draws(1000, 2);
    let problem = Problem::sampled(("law", &law), ("model", &model), Norm::Linf, drawn).unwrap();
    let own = problem.known(Risk::Variation, Divergence::L1, &"1/4".parse().unwrap()).unwrap();
    assert!(own.sample().is_none() && own.error() < 1e-7);
}

#[test]
fn what_may_be_infinite_has_no_interval() {
    let covariance = |k: usize| Covariance::Isotropic(Exact::integer(if k == 0 { 1 } else { 2 }));
    let law = law(&[vec![0.0; 4], vec![0.5; 4]], &covariance);
    let (_, model) = padded(4, 4);
    let projected = Projected::sampled(&law, &model, draws(1000, 1)).unwrap();
    let radius = ball(Norm::L2, "1/4");
    let finite = sample(&projected, Risk::Standard, Divergence::ChiSquared, &radius);
    assert!(finite.upper.is_finite() && finite.interval == Interval::Normal);
    let matrix =
        |a: f64| (0..4).map(move |i| numbers(&[0, 1, 2, 3].map(|j| if i == j { a } else { 0.0 })));
    let matrices = vec![matrix(0.5).collect(), matrix(-0.5).collect()];
    let rows = vec![numbers(&[0.0; 4]); 2];
    let model = Model::Quadratic(Quadratic::new(matrices, rows, numbers(&[0.0; 2])).unwrap());
    let projected = Projected::sampled(&law, &model, draws(1000, 1)).unwrap();
    let found = sample(&projected, Risk::Standard, Divergence::ChiSquared, &radius);
    assert_eq!((found.lower, found.upper), (0.0, f64::INFINITY));
}
