//! Cases that random tests have found, by hand.
#![cfg(feature = "testing")]

use score_workbench::claims::{Claim, Verdict};
use score_workbench::divergence::Divergence;
use score_workbench::exact::Exact;
use score_workbench::law::{Class, Component, Covariance, GaussianMixture, Law};
use score_workbench::model::{Constant, Linear, Model};
use score_workbench::real::Jet;
use score_workbench::risk::{Line, Risk};
use score_workbench::simplex::{Dense, Simplex};
use score_workbench::testing::Case;

fn exact(text: &str) -> Exact {
    text.parse().unwrap()
}

/// For each class its prior, and the weight, mean and variance of its components.
fn mixture(classes: &[(&str, &[[&str; 3]])]) -> Law {
    let normal = |[weight, mean, variance]: &[&str; 3]| {
        let covariance = Covariance::Isotropic(exact(variance));
        Component::new(exact(weight), vec![exact(mean)], covariance).unwrap()
    };
    let class = |(prior, components): &(&str, &[[&str; 3]])| {
        Class::new(exact(prior), components.iter().map(normal).collect()).unwrap()
    };
    Law::GaussianMixture(GaussianMixture::new(classes.iter().map(class).collect()).unwrap())
}

/// For each of two classes its prior, mean and variance.
fn law([a, b]: &[[&str; 3]; 2]) -> Law {
    mixture(&[(a[0], &[["1", a[1], a[2]]]), (b[0], &[["1", b[1], b[2]]])])
}

fn constant(probabilities: &[&str]) -> Model {
    Model::Constant(Constant::new(probabilities.iter().map(|p| exact(p)).collect()).unwrap())
}

#[test]
fn jets_of_every_divergence_exist_at_an_impossible_class() {
    type Second = Jet<f64, 2>;
    let model = constant(&["1", "0"]).line(&Second::fixed(0.0)).unwrap();
    let q = Simplex::from_logits(&model.logits(&Second::variable(0.5)));
    let p = Simplex::from_logits(&Dense::new([Second::variable(0.5), Second::fixed(0.0)]));
    for divergence in Divergence::ALL {
        let jet = divergence.eval(&p, &q);
        assert!(
            jet.value().is_infinite() || jet.derivative(1).is_finite(),
            "{divergence}: {jet:?}"
        );
    }
}

#[test]
fn score_finds_the_maximum_against_an_impossible_class() {
    // P(0|x) is smallest between the two components of class 0, so that D(P(u), (1, 0)) peaks inside the window.
    let law = law(&[["1/2", "0", "100"], ["1/2", "1", "1"]]);
    let line = Line::new(&law, &constant(&["1", "0"])).unwrap();
    for divergence in [Divergence::L1, Divergence::Hellinger, Divergence::JensenShannon] {
        let integrand = line.integrand(Risk::Score, divergence, 3.0);
        let at = |u: f64| divergence.eval(&line.posterior(u), &line.model(u));
        let peak = (-300..=300).map(|i| at(f64::from(i) / 100.0)).fold(0.0, f64::max);
        assert!(
            integrand.supremum(0.5) >= peak - 1e-9,
            "{divergence}: {}",
            integrand.supremum(0.5)
        );
    }
}

#[test]
fn an_infinite_kl_leaves_corollary_1_decided() {
    let case = Case {
        law: law(&[["1/2", "0", "1"], ["1/2", "1", "1"]]),
        model: constant(&["1", "0"]),
        divergence: Divergence::L1,
        epsilon: exact("1"),
    };
    let problem = case.problem().unwrap();
    let instance = problem.instance(case.divergence, case.ball().unwrap());
    let check = Claim::named("corollary-1").unwrap().check(&instance).unwrap();
    assert_eq!(check.verdict, Verdict::Holds, "{:#?}", check.terms);
}

#[test]
fn the_stated_error_covers_the_rounding_of_a_needle_far_from_0() {
    // With a window over the whole line the supremum is 2 |0 - 7/13| everywhere.
    let model = constant(&["7/13", "6/13"]);
    for (mean, variance) in [("8", "1/200"), ("9.97", "1e-4"), ("-6.123", "3e-4"), ("3", "1e-2")] {
        let law = law(&[["1/2", mean, variance], ["1/2", "-1", "16"]]);
        let line = Line::new(&law, &model).unwrap();
        let found = line.score(Divergence::L1, 1000.0).unwrap();
        let off = (found.value - 14.0 / 13.0).abs();
        assert!(off <= found.error, "mean {mean}, variance {variance}: off by {off:e}, {found:?}");
    }
}

#[test]
fn a_tie_between_large_risks_is_a_tie() {
    // R_Madry(P) = C = 4e6 nats, each with an error of 1e-15 of itself, which is more than 1e-9.
    let case = Case {
        law: law(&[["10/11", "0", "1/10"], ["1/11", "0", "1"]]),
        model: constant(&["1/2", "1/2"]),
        divergence: Divergence::Kl,
        epsilon: exact("1000"),
    };
    let problem = case.problem().unwrap();
    let instance = problem.instance(case.divergence, case.ball().unwrap());
    let check = Claim::named("self-consistency").unwrap().check(&instance).unwrap();
    assert_eq!(check.verdict, Verdict::Holds, "{:#?}", check.terms);
}

#[test]
fn rounding_does_not_refute_self_consistency() {
    // R_Madry(P) and C are the same integral, cut into different cells: they differ by 2.6e-15 of themselves.
    let wide = [["11/82", "3.29", "1/2"], ["1/82", "0", "0.0099"], ["35/41", "3", "9.3"]];
    let case = Case {
        law: mixture(&[("30/31", &[["1", "4", "0.0057"]]), ("1/31", &wide)]),
        model: Model::Linear(
            Linear::new(
                vec![vec![exact("1.4")], vec![exact("4.8")]],
                vec![exact("2.54"), exact("2.2")],
            )
            .unwrap(),
        ),
        divergence: Divergence::Kl,
        epsilon: exact("1000"),
    };
    let problem = case.problem().unwrap();
    let instance = problem.instance(case.divergence, case.ball().unwrap());
    let check = Claim::named("self-consistency").unwrap().check(&instance).unwrap();
    assert_ne!(check.verdict, Verdict::Refuted, "{:#?}", check.terms);
}

#[test]
fn the_coefficient_of_theorem_4_has_an_error_at_an_impossible_class() {
    // Shaking a logit of -inf by a jet made the error NaN.
    let law = mixture(&[
        ("1/4", &[["1", "-1", "1"]]),
        ("1/4", &[["1", "0", "1"]]),
        ("1/2", &[["1", "2", "1"]]),
    ]);
    let line = Line::new(&law, &constant(&["0", "1", "0"])).unwrap();
    let expansion = line.expansion();
    for estimate in [expansion.signs, expansion.paper, expansion.mixed] {
        assert!(estimate.value > 0.0 && estimate.error < 1e-12, "{expansion:?}");
    }
    let slope = (line.score(Divergence::L1, 1e-6).unwrap().value
        - line.standard(Divergence::L1).unwrap().value)
        / 1e-6;
    assert!((slope - expansion.signs.value).abs() < 1e-5, "{slope}, {expansion:?}");
}

#[test]
fn a_narrow_component_is_smoothed_without_the_logits_of_the_others() {
    // The narrow component's logit is -1e6 where the others have their mass; its rounding is no noise there.
    let law = mixture(&[("10/11", &[["1", "0", "1e-4"]]), ("1/11", &[["1", "-6.9", "1"]])]);
    let rows = vec![vec![exact("-1")], vec![exact("0")]];
    let model = Model::Linear(Linear::new(rows, vec![exact("1"), exact("0")]).unwrap());
    let smoothed = Line::new(&law, &model).unwrap().smoothed(&exact("0")).unwrap();
    let [risk, derivative, _] = smoothed.derivatives();
    assert!(risk.error < 1e-13 && derivative.error < 1e-10, "{risk:?}, {derivative:?}");
    let formula = smoothed.semantic_slope();
    assert!((formula.value - derivative.value).abs() <= formula.error + derivative.error);
}

#[test]
fn a_gradient_below_the_normal_doubles_rounds_absolutely() {
    let law = law(&[["1/2", "7.01", "1e-3"], ["1/2", "-5", "1/10"]]);
    let line = Line::new(&law, &constant(&["1/2", "1/2"])).unwrap();
    let gradient = line.gradient(7.01);
    let off = (gradient.total - gradient.model - gradient.data).abs();
    assert!(off <= gradient.noise && gradient.noise < 1e-300, "{gradient:?}");
}
