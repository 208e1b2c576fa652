//! Cases that random tests have found, by hand.
#![cfg(feature = "testing")]

use score_workbench::claims::{Claim, Verdict};
use score_workbench::divergence::Divergence;
use score_workbench::exact::Exact;
use score_workbench::law::{Class, Component, Covariance, GaussianMixture, Law};
use score_workbench::model::{Constant, Model};
use score_workbench::real::Jet;
use score_workbench::risk::Line;
use score_workbench::simplex::{Dense, Simplex};
use score_workbench::testing::Case;

fn exact(text: &str) -> Exact {
    text.parse().unwrap()
}

/// One normal distribution per class: prior, mean, variance.
fn law(classes: &[[&str; 3]]) -> Law {
    let class = |[prior, mean, variance]: &[&str; 3]| {
        let covariance = Covariance::Isotropic(exact(variance));
        let normal = Component::new(exact("1"), vec![exact(mean)], covariance).unwrap();
        Class::new(exact(prior), vec![normal]).unwrap()
    };
    Law::GaussianMixture(GaussianMixture::new(classes.iter().map(class).collect()).unwrap())
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
        let integrand = line.integrand(score_workbench::risk::Risk::Score, divergence, 3.0);
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
