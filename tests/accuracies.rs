//! The accuracies against closed forms, and what is true of them on every law and model.
#![cfg(feature = "testing")]

use proptest::prelude::*;
use score_workbench::exact::Exact;
use score_workbench::law::{Class, Component, Covariance, GaussianMixture, Law};
use score_workbench::model::{Bayes, Linear, Model};
use score_workbench::quadrature::Estimate;
use score_workbench::risk::{Accuracies, Line};
use score_workbench::testing;

/// The standard normal distribution function.
fn phi(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

fn exact(text: &str) -> Exact {
    text.parse().unwrap()
}

/// `N(mean, deviation^2)` against `N(-mean, deviation^2)` with equal priors.
fn mirrored(mean: &str, deviation: &str) -> Law {
    let (mean, deviation) = (exact(mean), exact(deviation));
    let class = |mean: Exact| {
        let variance = Covariance::Isotropic(&deviation * &deviation);
        let component = Component::new(Exact::integer(1), vec![mean], variance).unwrap();
        Class::new(exact("1/2"), vec![component]).unwrap()
    };
    let classes = vec![class(mean.clone()), class(-&mean)];
    Law::GaussianMixture(GaussianMixture::new(classes).unwrap())
}

fn accuracies(law: &Law, model: &Model, epsilon: f64) -> Accuracies {
    Line::new(law, model).unwrap().accuracies(epsilon).unwrap()
}

fn assert_close(found: Estimate, expected: f64) {
    let off = (found.value - expected).abs();
    assert!(off <= 2e-15 && off <= found.error + 1e-16, "{found:?}, {expected}");
    assert!(found.error < 1e-12, "{found:?}");
}

#[test]
fn a_linear_classifier_has_its_closed_form() {
    for (mean, deviation) in [("1", "1"), ("2", "0.5"), ("0.25", "3"), ("5", "0.1")] {
        let law = mirrored(mean, deviation);
        let (mu, s) = (exact(mean).to_f64(), exact(deviation).to_f64());
        // The slope of the logits does not matter, the sign of w x does.
        for slope in ["1", "1/100", "1000"] {
            let weights = vec![vec![exact(slope)], vec![Exact::integer(0)]];
            let model = Linear::new(weights, vec![Exact::integer(0); 2]).unwrap();
            let model = Model::Linear(model);
            for epsilon in [0.0, 0.125, 1.0, 2.0] {
                let found = accuracies(&law, &model, epsilon);
                assert_close(found.clean, phi(mu / s));
                assert_close(found.robust, phi((mu - epsilon) / s));
                // The posterior changes its answer where the classifier does.
                assert_close(found.self_consistent, 1.0);
            }
        }
    }
}

#[test]
fn no_classifier_is_more_robust_than_the_boundary_in_the_middle() {
    // Phi((mu - eps) / s) is the best of any classifier; thresholds elsewhere stay below it.
    let law = mirrored("1", "1");
    for tenths in -20..=20 {
        let bias = vec![Exact::integer(0), exact(&format!("{tenths}e-1"))];
        let weights = vec![vec![Exact::integer(1)], vec![Exact::integer(0)]];
        let model = Model::Linear(Linear::new(weights, bias).unwrap());
        let found = accuracies(&law, &model, 0.5).robust.value;
        let best = phi(0.5);
        assert!(if tenths == 0 { (found - best).abs() < 1e-15 } else { found < best }, "{found}");
    }
}

#[test]
fn three_classes_and_two_boundaries_each() {
    // Logits -x, 0.3 + 0.1 x, -0.2 + 0.8 x: class 1 between -3/11 and 5/7.
    let line = Line::new(
        &Law::resolve("three-classes").unwrap(),
        &Model::resolve("three-linear").unwrap(),
    );
    let line = line.unwrap();
    let (low, high) = (-3.0 / 11.0, 5.0 / 7.0);
    for epsilon in [0.0, 0.25, 0.49, 0.5] {
        let first = 0.5 * phi(low - epsilon + 2.0);
        let (a, b) = (low + epsilon, high - epsilon);
        let second = if a < b { 0.3 * (phi(2.0 * b) - phi(2.0 * a)) } else { 0.0 };
        let third = 0.2 * phi((2.0 - high - epsilon) / std::f64::consts::SQRT_2);
        assert_close(line.accuracies(epsilon).unwrap().robust, first + second + third);
    }
}

#[test]
fn a_boundary_in_the_wrong_place_is_not_self_consistent() {
    // The posterior changes its answer at 0, the classifier at 1: they disagree in between, and an x within epsilon of that is lost.
    let law = mirrored("1", "1");
    let weights = vec![vec![Exact::integer(1)], vec![Exact::integer(0)]];
    let bias = vec![Exact::integer(-1), Exact::integer(0)];
    let model = Model::Linear(Linear::new(weights, bias).unwrap());
    for epsilon in [0.0, 0.5] {
        let below = |x: f64| 0.5 * (phi(x - 1.0) + phi(x + 1.0));
        let expected = below(-epsilon) + below(-1.0 - epsilon);
        assert_close(accuracies(&law, &model, epsilon).self_consistent, expected);
    }
}

#[test]
fn a_tie_everywhere_goes_to_the_first_class() {
    let (symmetric, coin) = (Law::resolve("symmetric").unwrap(), Model::resolve("coin").unwrap());
    let found = accuracies(&symmetric, &coin, 1.0);
    assert_close(found.clean, 0.5);
    assert_close(found.robust, 0.5);
    // The first class is the likeliest where x < 0.
    assert_close(found.self_consistent, 0.5 * (phi(0.0) + phi(-2.0)));
    let twins = Law::resolve("twins").unwrap();
    let found = accuracies(&twins, &Model::Bayes(Bayes::new(twins.clone())), 1.0);
    assert_close(found.self_consistent, 1.0);
}

#[test]
fn a_radius_that_is_none_is_refused() {
    let line = Line::new(&Law::resolve("toy").unwrap(), &Model::resolve("toy-linear").unwrap());
    for radius in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(line.as_ref().unwrap().accuracies(radius).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        rng_seed: proptest::test_runner::RngSeed::Fixed(2202),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn accuracies_are_probabilities_in_their_order(
        case in (2..=4_usize).prop_flat_map(|classes| testing::case(classes..=classes)),
        more in testing::epsilon(),
    ) {
        let line = case.line().unwrap();
        let epsilon = case.epsilon.to_f64();
        let found = line.accuracies(epsilon).unwrap();
        let wider = line.accuracies(epsilon + more.to_f64()).unwrap();
        let bayes = Line::new(&case.law, &Model::Bayes(Bayes::new(case.law.clone()))).unwrap();
        let bayes = bayes.accuracies(epsilon).unwrap();
        let at_most = |a: Estimate, b: Estimate| a.value <= b.value + a.error + b.error + 1e-12;
        for accuracy in found.all() {
            prop_assert!(accuracy.value >= 0.0 && accuracy.value <= 1.0 + accuracy.error + 1e-14);
        }
        prop_assert!(at_most(found.robust, found.clean));
        prop_assert!(at_most(found.clean, bayes.clean), "no classifier beats the posterior: {found:?} {bayes:?}");
        prop_assert!((bayes.self_consistent.value - 1.0).abs() <= bayes.self_consistent.error + 1e-12);
        prop_assert!(at_most(found.clean, wider.clean) && at_most(wider.clean, found.clean));
        prop_assert!(at_most(wider.robust, found.robust));
        prop_assert!(at_most(wider.self_consistent, found.self_consistent));
    }

    /// Against a sum over a fine grid of x with a scan of each window.
    #[test]
    fn accuracies_are_what_a_scan_finds(case in testing::calm_case(2..=4)) {
        let line = case.line().unwrap();
        let epsilon = case.epsilon.to_f64();
        let found = line.accuracies(epsilon).unwrap();
        let (from, to) = line.hull();
        let step = (to - from) / 4000.0;
        let likeliest = |p: &[f64]| (1..p.len()).fold(0, |b, k| if p[k] > p[b] { k } else { b });
        // Radii are at most 3 and the law is wide, so that this is a small number.
        let reach = (1..100_000).find(|&i: &i32| step * f64::from(i) >= epsilon).unwrap();
        let wide = usize::try_from(reach).unwrap();
        let at = |i: i32| {
            let x = from + step * (f64::from(i) + 0.5);
            let (p, q) = (line.posterior(x), line.model(x));
            let (p, q) = (p.probabilities().entries(), q.probabilities().entries());
            let joint: Vec<f64> = p.iter().map(|p| p * line.density(x) * step).collect();
            (likeliest(p), likeliest(q), joint)
        };
        let grid: Vec<_> = (-reach..4000 + reach).map(at).collect();
        let (mut clean, mut robust, mut consistent) = (0.0, 0.0, 0.0);
        for i in 0..4000 {
            let centre = i + wide;
            let window = &grid[centre - wide..=centre + wide];
            let (_, own, joint) = &grid[centre];
            clean += joint[*own];
            if window.iter().all(|(_, other, _)| other == own) {
                robust += joint[*own];
            }
            if window.iter().all(|(data, model, _)| data == model) {
                consistent += joint.iter().sum::<f64>();
            }
        }
        // A boundary that is off by a step or two moves this much mass.
        let allowed = 12.0 * step * (0..4000).map(|i| line.density(from + step * f64::from(i))).fold(0.0, f64::max);
        for (found, scanned) in found.all().into_iter().zip([clean, robust, consistent]) {
            prop_assert!((found.value - scanned).abs() <= allowed, "{found:?}, {scanned}, {allowed}");
        }
    }
}
