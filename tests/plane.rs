//! The risks in the plane, three ways: against problems that are one-dimensional, against another method with formulas of its own, and
//! against samples; and enclosures against all of them. `cargo test --release --test plane -- --ignored` takes 10^7 samples, for minutes.

use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use score_workbench::divergence::Divergence;
use score_workbench::enclosure::{Effort, Shortfall};
use score_workbench::error::Error;
use score_workbench::exact::Exact;
use score_workbench::law::{Class, Component, Covariance, GaussianMixture, Law};
use score_workbench::model::{Activation, Constant, Layer, Linear, Mlp, Model};
use score_workbench::plane::{Body, Normal, Plane, PlaneLaw, PlaneModel, Vector};
use score_workbench::quadrature::Estimate;
use score_workbench::real::Interval;
use score_workbench::risk::{Line, Risk};

type Matrix = [[f64; 2]; 2];

const COVARIANCE: Matrix = [[1.0, 0.3], [0.3, 0.8]];
const OTHER: Matrix = [[0.5, -0.1], [-0.1, 1.3]];

fn turn(angle: f64) -> Matrix {
    [[angle.cos(), -angle.sin()], [angle.sin(), angle.cos()]]
}

fn times(a: Matrix, v: Vector) -> Vector {
    [a[0][0] * v[0] + a[0][1] * v[1], a[1][0] * v[0] + a[1][1] * v[1]]
}

/// `a c a'`, symmetric to the bit.
fn conjugated(a: Matrix, c: Matrix) -> Matrix {
    let columns = [0, 1].map(|j| times(a, [c[0][j], c[1][j]]));
    let entry = |i: usize, j: usize| columns[0][i] * a[j][0] + columns[1][i] * a[j][1];
    let cross = entry(0, 1);
    [[entry(0, 0), cross], [cross, entry(1, 1)]]
}

/// Prior, mean and covariance of each class, with the weights and the bias of its logit.
type Classes = Vec<(f64, Vector, Matrix, Vector, f64)>;

fn two(second: Matrix) -> Classes {
    vec![
        (0.6, [0.7, 0.2], COVARIANCE, [1.2, -0.5], 0.3),
        (0.4, [-0.7, -0.5], second, [0.0, 0.0], 0.0),
    ]
}

fn three() -> Classes {
    vec![
        (0.375, [0.7, 0.2], COVARIANCE, [1.2, -0.5], 0.3),
        (0.375, [-0.7, -0.5], COVARIANCE, [0.0, 0.0], 0.0),
        (0.25, [0.5, 1.5], OTHER, [0.2, 0.9], -0.2),
    ]
}

/// The problem, turned by an angle.
fn plane(classes: &Classes, angle: f64) -> Plane {
    let r = turn(angle);
    let components: Vec<[Normal; 1]> =
        classes.iter().map(|c| [(1.0, times(r, c.1), conjugated(r, c.2))]).collect();
    let law: Vec<(f64, &[Normal])> =
        classes.iter().zip(&components).map(|(c, own)| (c.0, own.as_slice())).collect();
    let weights: Vec<Vector> = classes.iter().map(|c| times(r, c.3)).collect();
    let bias: Vec<f64> = classes.iter().map(|c| c.4).collect();
    let law = PlaneLaw::from_doubles(&law).unwrap();
    Plane::new(law, PlaneModel::affine(&weights, &bias).unwrap()).unwrap()
}

fn square(half: f64) -> Body {
    Body::polygon(vec![[half, -half], [half, half], [-half, half], [-half, -half]]).unwrap()
}

/// Formulas of the test's own.
mod own {
    use super::{Classes, Vector};

    /// `p_d(x)`, `P(x)`.
    pub fn data(classes: &Classes, x: Vector) -> (f64, Vec<f64>) {
        let joint: Vec<f64> = classes
            .iter()
            .map(|(prior, mean, [[a, b], [_, d]], ..)| {
                let (s, t) = (x[0] - mean[0], x[1] - mean[1]);
                let det = a * d - b * b;
                let exponent = (d * s * s - 2.0 * b * s * t + a * t * t) / det;
                prior * (-0.5 * exponent).exp() / (std::f64::consts::TAU * det.sqrt())
            })
            .collect();
        let total: f64 = joint.iter().sum();
        (total, joint.iter().map(|j| j / total).collect())
    }

    /// `Q(x)`.
    pub fn model(classes: &Classes, x: Vector) -> Vec<f64> {
        let e: Vec<f64> =
            classes.iter().map(|c| (c.3[0] * x[0] + c.3[1] * x[1] + c.4).exp()).collect();
        let total: f64 = e.iter().sum();
        e.iter().map(|e| e / total).collect()
    }

    pub fn kl(p: &[f64], q: &[f64]) -> f64 {
        p.iter().zip(q).map(|(p, q)| p * (p / q).ln()).sum()
    }

    pub fn l1(p: &[f64], q: &[f64]) -> f64 {
        p.iter().zip(q).map(|(p, q)| (p - q).abs()).sum()
    }

    pub fn chi_squared(p: &[f64], q: &[f64]) -> f64 {
        p.iter().zip(q).map(|(p, q)| (p - q) * (p - q) / q).sum()
    }
}

type Formula = fn(&[f64], &[f64]) -> f64;

fn near(found: Estimate, truth: f64, allowed: f64, what: &str) {
    let off = (found.value - truth).abs();
    assert!(off <= allowed + found.error, "{what}: {found:?} is {off:e} from {truth}");
    assert!(found.error <= 1e-8 * found.value, "{what}: {found:?}");
}

fn exact(c: f64) -> Exact {
    Exact::from_f64(c).unwrap()
}

/// Two normal classes on the line, with priors 1/2, and the model with logits `slope x + bias` and 0.
fn line(means: [f64; 2], variances: [f64; 2], (slope, bias): (f64, f64)) -> Line {
    let class = |k: usize| {
        let covariance = Covariance::Isotropic(exact(variances[k]));
        let normal = Component::new(exact(1.0), vec![exact(means[k])], covariance).unwrap();
        Class::new(exact(0.5), vec![normal]).unwrap()
    };
    let law = Law::GaussianMixture(GaussianMixture::new(vec![class(0), class(1)]).unwrap());
    let weights = vec![vec![exact(slope)], vec![exact(0.0)]];
    let model = Model::Linear(Linear::new(weights, vec![exact(bias), exact(0.0)]).unwrap());
    Line::new(&law, &model).unwrap()
}

/// The same along the first coordinate of a plane, with an independent second one, turned by an angle.
fn across(means: [f64; 2], variances: [f64; 2], (slope, bias): (f64, f64), angle: f64) -> Plane {
    let class = |k: usize| {
        (
            0.5,
            [means[k], 0.25],
            [[variances[k], 0.0], [0.0, 0.5]],
            [[slope, 0.0], [0.0; 2]][k],
            [bias, 0.0][k],
        )
    };
    plane(&vec![class(0), class(1)], angle)
}

/// Law and model depend on one coordinate; the body's projection is the window.
#[test]
fn what_depends_on_one_coordinate_is_as_on_the_line() {
    let (means, logits) = ([-1.0, 1.25], (-1.5, 0.25));
    let flat = line(means, [1.0, 1.0], logits);
    let curved = line(means, [2.0, 1.0], logits);
    let bodies = [
        (square(0.5), 0.5),
        (Body::ellipse([[0.75, 0.0], [0.0, 0.25]]).unwrap(), 0.75),
        (Body::segment([0.5, 2.0]).unwrap(), 0.5),
    ];
    for (body, epsilon) in &bodies {
        for divergence in Divergence::ALL {
            let quick = [Risk::Standard, Risk::Madry, Risk::Variation];
            let slow = [Divergence::L1, Divergence::Kl].contains(&divergence);
            let score = slow.then_some(Risk::Score);
            for risk in quick.into_iter().chain(score) {
                let truth = flat.risk(risk, divergence, *epsilon).unwrap();
                let found = across(means, [1.0, 1.0], logits, 0.0).risk(risk, divergence, body);
                near(found.unwrap(), truth.value, 1e-10, &format!("{risk} {divergence}"));
            }
            for risk in [Risk::Standard, Risk::Madry] {
                let truth = curved.risk(risk, divergence, *epsilon).unwrap();
                let found = across(means, [2.0, 1.0], logits, 0.0).risk(risk, divergence, body);
                near(found.unwrap(), truth.value, 1e-10, &format!("{risk} {divergence}, curved"));
            }
        }
    }
}

/// The same, turned, so that no coordinate of the integrals is the one that matters.
#[test]
fn what_depends_on_one_direction_is_as_on_the_line() {
    let (means, logits) = ([-1.0, 1.25], (-1.5, 0.25));
    let flat = line(means, [1.0, 1.0], logits);
    let body = square(0.5).mapped(turn(0.6)).unwrap();
    for divergence in [Divergence::Hellinger, Divergence::ReverseKl] {
        for risk in Risk::ALL {
            let truth = flat.risk(risk, divergence, 0.5).unwrap().value;
            let found = across(means, [1.0, 1.0], logits, 0.6).risk(risk, divergence, &body);
            near(found.unwrap(), truth, 1e-10, &format!("{risk} {divergence}"));
        }
    }
}

/// The trapezoidal rule converges faster than any power of the step for what is analytic and decays.
fn trapezoid(step: f64, f: impl Fn(Vector) -> f64) -> f64 {
    #[allow(clippy::cast_possible_truncation, reason = "a small count")]
    let n = (9.0 / step).round() as i32;
    let at = |i: i32| f64::from(i) * step;
    let points = (-n..=n).flat_map(|i| (-n..=n).map(move |j| [at(i), at(j)]));
    let sum: f64 = points.map(f).sum();
    sum * step * step
}

#[test]
fn standard_risks_are_those_of_the_trapezoidal_rule() {
    let smooth: [(Divergence, Formula); 2] =
        [(Divergence::Kl, own::kl), (Divergence::ChiSquared, own::chi_squared)];
    for classes in [two(COVARIANCE), two(OTHER), three()] {
        for (divergence, formula) in smooth {
            let truth = trapezoid(0.05, |x| {
                let (density, p) = own::data(&classes, x);
                if density < 1e-40 { 0.0 } else { density * formula(&p, &own::model(&classes, x)) }
            });
            for angle in [0.0, 0.5] {
                let found = plane(&classes, angle).risk(Risk::Standard, divergence, &Body::point());
                near(found.unwrap(), truth, 1e-8 * truth, divergence.name());
            }
        }
    }
}

/// Points of the boundary of the square and of its inside.
fn in_the_square(half: f64, n: i32) -> Vec<Vector> {
    let at = |i: i32| half * f64::from(2 * i - n) / f64::from(n);
    (0..=n).flat_map(|i| (0..=n).map(move |j| [at(i), at(j)])).collect()
}

/// Densities times brute-force suprema on coarse grids: right to three digits.
#[test]
fn risks_with_windows_are_those_of_brute_force() {
    let formulas: [(Divergence, Formula); 2] =
        [(Divergence::Kl, own::kl), (Divergence::L1, own::l1)];
    let window = in_the_square(0.5, 16);
    let plus = |x: Vector, v: &Vector| [x[0] + v[0], x[1] + v[1]];
    for (classes, risks) in [
        (two(COVARIANCE), vec![Risk::Madry, Risk::Score, Risk::Variation]),
        (three(), vec![Risk::Madry]),
    ] {
        for (divergence, formula) in formulas {
            for &risk in &risks {
                let truth = trapezoid(0.3, |x| {
                    let (density, p) = own::data(&classes, x);
                    if density < 1e-7 {
                        return 0.0;
                    }
                    let values = window.iter().map(|v| {
                        let u = plus(x, v);
                        match risk {
                            Risk::Score => {
                                formula(&own::data(&classes, u).1, &own::model(&classes, u))
                            }
                            Risk::Variation => formula(&p, &own::data(&classes, u).1),
                            _ => formula(&p, &own::model(&classes, u)),
                        }
                    });
                    density * values.fold(0.0, f64::max)
                });
                if classes.len() > 2 && divergence == Divergence::L1 {
                    continue;
                }
                let found = plane(&classes, 0.0).risk(risk, divergence, &square(0.5)).unwrap();
                near(
                    found,
                    truth,
                    3e-3 * truth,
                    &format!("{risk} {divergence}, {} classes", classes.len()),
                );
            }
        }
    }
}

/// Nothing changes when everything is turned, but every line that is integrated over and every kink on it.
#[test]
fn risks_do_not_depend_on_the_axes() {
    let body = square(0.5);
    let bent = Body::ellipse([[0.5, 0.1], [0.0, 0.4]]).unwrap();
    for (classes, body, risk, divergence) in [
        (two(COVARIANCE), &body, Risk::Score, Divergence::L1),
        (two(COVARIANCE), &bent, Risk::Score, Divergence::Kl),
        (two(OTHER), &body, Risk::Standard, Divergence::L1),
        (two(OTHER), &bent, Risk::Madry, Divergence::Hellinger),
    ] {
        let found = [0.0, 0.7].map(|angle| {
            let body = body.mapped(turn(angle)).unwrap();
            plane(&classes, angle).risk(risk, divergence, &body).unwrap()
        });
        near(found[0], found[1].value, found[1].error, &format!("{risk} {divergence}"));
    }
}

/// A polygon of many edges is close to the ellipse around it, and inside of it.
#[test]
fn many_edges_are_almost_a_disc() {
    let vertex = |i: u32| {
        let (sin, cos) = (std::f64::consts::TAU * f64::from(i) / 100.0).sin_cos();
        [0.5 * cos, 0.5 * sin]
    };
    let half: Vec<Vector> = (0..50).map(vertex).collect();
    let mirrored = half.iter().map(|v| [-v[0], -v[1]]);
    let polygon = Body::polygon(half.iter().copied().chain(mirrored).collect()).unwrap();
    let disc = Body::ellipse([[0.5, 0.0], [0.0, 0.5]]).unwrap();
    let plane = plane(&two(COVARIANCE), 0.0);
    let [a, b] =
        [&polygon, &disc].map(|body| plane.risk(Risk::Score, Divergence::Kl, body).unwrap());
    // The apothem is shorter by 4.9e-4 of the radius.
    assert!(a.value <= b.value + b.error && b.value - a.value < 1e-3 * b.value, "{a:?} {b:?}");
}

/// Samples, with the supremum over a square by brute force. A difference of z standard errors or more has the probability 1e-7 at z = 5.33; there
/// are 3 comparisons. The grid of the window makes the sample's supremum smaller, by less than 1e-3 of it.
fn against_samples(count: u32) {
    const Z: f64 = 5.33;
    let (classes, divergence, formula) = (two(COVARIANCE), Divergence::Kl, own::kl as Formula);
    let window = in_the_square(0.5, 6);
    let mut generator = ChaCha8Rng::seed_from_u64(20_220_702);
    let mut normal = || -> f64 { StandardNormal.sample(&mut generator) };
    let mut sums = [[0.0_f64; 2]; 3];
    for i in 0..count {
        // Stratified by class: 3 of 5 from the first, whose prior is 0.6.
        let (_, mean, [[a, b], [_, d]], ..) = classes[usize::from(i % 5 >= 3)];
        let (y, z) = (normal(), normal());
        let root = a.sqrt();
        let x = [mean[0] + root * y, mean[1] + b / root * y + (d - b * b / a).sqrt() * z];
        let p = own::data(&classes, x).1;
        let mut values = [formula(&p, &own::model(&classes, x)), 0.0, 0.0];
        for v in &window {
            let u = [x[0] + v[0], x[1] + v[1]];
            let q = own::model(&classes, u);
            values[1] = values[1].max(formula(&p, &q));
            values[2] = values[2].max(formula(&own::data(&classes, u).1, &q));
        }
        for (sum, value) in sums.iter_mut().zip(values) {
            sum[0] += value;
            sum[1] += value * value;
        }
    }
    let n = f64::from(count);
    for (risk, [sum, squares]) in [Risk::Standard, Risk::Madry, Risk::Score].into_iter().zip(sums) {
        let mean = sum / n;
        // The strata's variance is at most that of the whole.
        let deviation = ((squares / n - mean * mean) / n).sqrt();
        let found = plane(&classes, 0.0).risk(risk, divergence, &square(0.5)).unwrap().value;
        let off = found - mean;
        assert!(
            off <= Z * deviation + 1e-3 * mean && off >= -Z * deviation,
            "{risk}: {found} {mean} {deviation}"
        );
    }
}

#[test]
fn risks_are_those_of_samples() {
    against_samples(100_000);
}

#[test]
#[ignore = "minutes"]
fn risks_are_those_of_many_samples() {
    against_samples(10_000_000);
}

#[test]
fn networks_posteriors_and_quadratic_models_agree_where_they_are_the_same_function() {
    let classes = two(COVARIANCE);
    let linear = plane(&classes, 0.0);
    let law = linear.law().clone();
    // Without hidden layers a network is affine; a quadratic model may have no squares.
    let row = |row: &[f64]| row.iter().map(|c| exact(*c)).collect::<Vec<_>>();
    let layer = Layer::new(vec![row(&[1.2, -0.5]), row(&[0.0, 0.0])], row(&[0.3, 0.0])).unwrap();
    let network = PlaneModel::network(Mlp::new(Activation::Tanh, vec![layer]).unwrap()).unwrap();
    let zero = [[0.0; 2]; 2];
    let quadratic =
        PlaneModel::quadratic(&[zero, zero], &[[1.2, -0.5], [0.0, 0.0]], &[0.3, 0.0]).unwrap();
    let truth = linear.risk(Risk::Madry, Divergence::L1, &square(0.5)).unwrap().value;
    for model in [network, quadratic] {
        let plane = Plane::new(law.clone(), model).unwrap();
        // These are searched, where the affine model is not.
        let found = plane.risk(Risk::Madry, Divergence::L1, &square(0.5)).unwrap();
        near(found, truth, 1e-10, "searched");
    }
    // The law's own variation is Madry's risk of its posterior, and its posterior has no SCORE.
    let bayes = Plane::new(law.clone(), PlaneModel::posterior(&law)).unwrap();
    let of = |risk| bayes.risk(risk, Divergence::Hellinger, &square(0.5)).unwrap();
    near(of(Risk::Madry), of(Risk::Variation).value, 1e-12, "variation");
    assert!(of(Risk::Standard).value.abs() <= 1e-15 && of(Risk::Score).value.abs() <= 1e-15);
}

fn enclosed(plane: &Plane, asked: (Risk, Divergence, &Body), width: f64) -> Interval {
    let (risk, divergence, body) = asked;
    let found = plane.enclosure(risk, divergence, body, Effort::in_the_plane(width));
    assert_eq!(found.shortfall, None, "{risk} {divergence}");
    assert!(found.interval.width() <= width && found.cells > 0);
    found.interval
}

#[test]
fn enclosures_contain_the_risks() {
    let body = square(0.5);
    let shared = plane(&two(COVARIANCE), 0.0);
    let other = plane(&three(), 0.0);
    for (plane, risk, divergence, width) in [
        (&shared, Risk::Standard, Divergence::Kl, 1e-3),
        (&shared, Risk::Madry, Divergence::Kl, 1e-3),
        (&shared, Risk::Madry, Divergence::Linf, 3e-3),
        (&shared, Risk::Variation, Divergence::JensenShannon, 3e-3),
        (&shared, Risk::Standard, Divergence::ChiSquared, 1e-2),
        (&shared, Risk::Score, Divergence::L1, 2e-2),
        (&shared, Risk::Score, Divergence::ReverseKl, 2e-2),
        (&other, Risk::Standard, Divergence::L2, 5e-3),
    ] {
        let interval = enclosed(plane, (risk, divergence, &body), width);
        let truth = plane.risk(risk, divergence, &body).unwrap();
        assert!(interval.contains(truth.value), "{risk} {divergence}: {interval:?} {truth:?}");
    }
}

/// A body that is smaller by 2 % has other risks, and the enclosures tell.
#[test]
fn a_smaller_body_is_noticed() {
    let plane = plane(&two(COVARIANCE), 0.0);
    for (risk, width) in [(Risk::Madry, 3e-3), (Risk::Score, 1e-2)] {
        let truth = plane.risk(risk, Divergence::L1, &square(0.5)).unwrap().value;
        let part = if risk == Risk::Madry { 0.98 } else { 0.9 };
        let interval = enclosed(&plane, (risk, Divergence::L1, &square(0.5 * part)), width);
        assert!(interval.upper() < truth, "{risk}: {interval:?} {truth}");
    }
}

#[test]
fn early_stops_contain_the_risks() {
    let plane = plane(&two(OTHER), 0.0);
    let disc = Body::ellipse([[0.5, 0.1], [0.0, 0.4]]).unwrap();
    let effort = Effort { cells: 300, ..Effort::in_the_plane(1e-6) };
    for risk in [Risk::Standard, Risk::Madry] {
        let found = plane.enclosure(risk, Divergence::TotalVariation, &disc, effort);
        assert_eq!((found.cells, found.shortfall), (300, Some(Shortfall::Cells)));
        let truth = plane.risk(risk, Divergence::TotalVariation, &disc).unwrap().value;
        assert!(found.interval.contains(truth) && found.interval.upper() <= 1.0 + 1e-6);
    }
    // A law with two covariances: no bound of chi-squared's tails is known.
    let found = plane.enclosure(Risk::Variation, Divergence::ChiSquared, &disc, effort);
    assert_eq!(found.shortfall, Some(Shortfall::Tail));
    assert_eq!(found.interval, Interval::new(0.0, f64::INFINITY));
}

/// With maxima inside of the body: nothing may be said of the boundary alone.
#[test]
fn enclosures_contain_what_is_searched_everywhere() {
    let plane = plane(&two(OTHER), 0.0);
    let body = square(0.5);
    for (divergence, width) in [(Divergence::L1, 2e-3), (Divergence::Kl, 5e-3)] {
        let interval = enclosed(&plane, (Risk::Variation, divergence, &body), width);
        let truth = plane.risk(Risk::Variation, divergence, &body).unwrap().value;
        assert!(interval.contains(truth), "{interval:?} {truth}");
        let less = enclosed(&plane, (Risk::Variation, divergence, &square(0.48)), width);
        assert!(less.upper() < truth, "{less:?} {truth}");
    }
}

#[test]
fn infinite_risks_and_wrong_inputs() {
    let law = plane(&two(COVARIANCE), 0.0).law().clone();
    let certain = Constant::new(vec![exact(1.0), exact(0.0)]).unwrap();
    let plane = Plane::new(law.clone(), PlaneModel::constant(certain)).unwrap();
    let point = Body::point();
    assert_eq!(plane.risk(Risk::Standard, Divergence::Kl, &point).unwrap().value, f64::INFINITY);
    assert!(plane.risk(Risk::Standard, Divergence::L1, &point).unwrap().value < 2.0);
    assert_eq!(plane.risk(Risk::Variation, Divergence::Kl, &point), Ok(Estimate::exact(0.0)));
    let steep = [[5.0, 0.0], [0.0, 5.0]];
    let outgrows =
        PlaneModel::quadratic(&[steep, [[0.0; 2]; 2]], &[[0.0; 2]; 2], &[0.0; 2]).unwrap();
    let plane = Plane::new(law.clone(), outgrows).unwrap();
    assert!(matches!(
        plane.risk(Risk::Standard, Divergence::ChiSquared, &point),
        Err(Error::NoTail { .. })
    ));
    let three = PlaneModel::affine(&[[0.0; 2]; 3], &[0.0; 3]).unwrap();
    assert_eq!(Plane::new(law, three).unwrap_err(), Error::ClassesDiffer { law: 2, model: 3 });
    let toy = Law::resolve("toy").unwrap();
    let Law::GaussianMixture(toy) = toy;
    assert_eq!(PlaneLaw::new(toy).unwrap_err(), Error::NotInThePlane { what: "law", found: 1 });
    assert_eq!(
        PlaneModel::new(Model::resolve("toy-linear").unwrap()).unwrap_err(),
        Error::NotInThePlane { what: "model", found: 1 }
    );
}
