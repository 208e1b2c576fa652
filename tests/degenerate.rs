//! Hard inputs: limits, ties, scales that differ by many orders of magnitude. Each risk is compared with a value that is known
//! apart from this library, by the formula or the argument in the test's comment; decimals are that formula, evaluated with 40
//! digits. Phi and phi are the standard normal distribution function and density, H is the entropy of a label distribution.
#![allow(clippy::excessive_precision, reason = "known values keep the digits that are known")]

use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::exact::Exact;
use score_workbench::law::{Class, Component, Covariance, GaussianMixture, Law};
use score_workbench::model::{Activation, Bayes, Constant, Layer, Linear, Mlp, Model};
use score_workbench::quadrature::Estimate;
use score_workbench::risk::{Line, Risk};
use score_workbench::simplex::Simplex;

/// `E H(P(x))` on the toy law, in nats.
const TOY_ENTROPY: f64 = 0.33606863334751103509;

fn exact(text: &str) -> Exact {
    text.parse().unwrap()
}

fn row(texts: &[&str]) -> Vec<Exact> {
    texts.iter().map(|text| exact(text)).collect()
}

fn column(texts: &[&str]) -> Vec<Vec<Exact>> {
    texts.iter().map(|text| row(&[text])).collect()
}

/// The law with one normal component a class, from (prior, mean, variance).
fn law(classes: &[[&str; 3]]) -> Law {
    let class = |[prior, mean, variance]: &[&str; 3]| {
        let covariance = Covariance::Isotropic(exact(variance));
        let normal = Component::new(exact("1"), row(&[mean]), covariance).unwrap();
        Class::new(exact(prior), vec![normal]).unwrap()
    };
    Law::GaussianMixture(GaussianMixture::new(classes.iter().map(class).collect()).unwrap())
}

fn constant(probabilities: &[&str]) -> Model {
    Model::Constant(Constant::new(row(probabilities)).unwrap())
}

fn linear(weights: &[&str], bias: &[&str]) -> Model {
    Model::Linear(Linear::new(column(weights), row(bias)).unwrap())
}

/// A relu network with one hidden layer; `last` by rows.
fn relu(weights: &[&str], bias: &[&str], last: &[&[&str]], last_bias: &[&str]) -> Model {
    let hidden = Layer::new(column(weights), row(bias)).unwrap();
    let last = Layer::new(last.iter().map(|texts| row(texts)).collect(), row(last_bias)).unwrap();
    Model::Mlp(Mlp::new(Activation::Relu, vec![hidden, last]).unwrap())
}

fn line(law: &Law, model: &Model) -> Line {
    Line::new(law, model).unwrap()
}

fn catalogue(law: &str, model: &str) -> Line {
    line(&Law::resolve(law).unwrap(), &Model::resolve(model).unwrap())
}

/// The stated error must cover the difference, up to the rounding of the known value.
#[track_caller]
fn agrees(found: Estimate, known: f64, what: &str) {
    let off = (found.value - known).abs();
    let covered = off <= found.error + 2.0 * f64::EPSILON * known.abs();
    assert!(found.value == known || covered, "{what}: {found:?}, known {known}, off by {off:e}");
    assert!(found.error <= 1e-11 * (1.0 + known.abs()), "{what}: a useless error, {found:?}");
}

#[track_caller]
fn compare(line: &Line, epsilon: f64, known: &[(Risk, Divergence, f64)]) {
    for &(risk, divergence, known) in known {
        let found = line.risk(risk, divergence, epsilon).unwrap();
        agrees(found, known, &format!("{risk} {divergence} at epsilon {epsilon}"));
    }
}

const ASSORTED: [(&str, &str); 6] = [
    ("toy", "toy-linear"),
    ("toy", "toy-relu"),
    ("needle", "toy-linear"),
    ("rare", "toy-linear"),
    ("three-classes", "three-silu"),
    ("four-classes", "four-linear"),
];

/// Madry and SCORE at a radius that leaves the standard risk, for every divergence.
fn compare_to_standard(epsilon: f64) {
    for (law, model) in ASSORTED {
        let line = catalogue(law, model);
        for divergence in Divergence::ALL {
            let Ok(standard) = line.standard(divergence) else {
                assert_eq!((law, divergence), ("needle", Divergence::ChiSquared));
                continue;
            };
            for risk in [Risk::Madry, Risk::Score] {
                let found = line.risk(risk, divergence, epsilon).unwrap();
                let error = found.error + standard.error;
                let what = format!("{law} {model} {risk} {divergence}");
                agrees(Estimate { error, ..found }, standard.value, &what);
            }
            let variation = line.variation(divergence, epsilon).unwrap();
            agrees(variation, 0.0, &format!("{law} {model} variation {divergence}"));
        }
    }
}

/// A window of width 0 leaves the standard risk.
#[test]
fn radius_zero() {
    compare_to_standard(0.0);
    // Known to 40 digits by two other methods.
    let known = [
        (Divergence::L1, 0.207999591005560691426400417648478228567450510),
        (Divergence::Kl, 0.0952048640546570101797555858282501570018808632),
    ];
    for (divergence, known) in known {
        let risks = [Risk::Standard, Risk::Madry, Risk::Score];
        compare(&catalogue("toy", "toy-linear"), 0.0, &risks.map(|risk| (risk, divergence, known)));
    }
}

/// A window far narrower than the rounding of x changes the risks by as little.
#[test]
fn radius_1e_300() {
    compare_to_standard(1e-300);
}

/// On the toy law the logit of P(0|u) is `(3/8)(u - 5/3)^2 + ln(5/2) - 2/3`: P(0|u) has the minimum
/// `m = 5 / (5 + 2 e^(2/3)) = 0.562..` at 5/3 and goes to 1 at both ends. A window that holds all of that sees every value in
/// [m, 1), and every D(P, q) is convex in P: its supremum is at P(0) = m or at P(0) = 1.
#[test]
fn a_window_over_everything_with_a_constant_model() {
    let m = 0.56208396835867991989_f64;
    for q in [0.5_f64, 0.8125] {
        let text = [q.to_string(), (1.0 - q).to_string()];
        let line = line(&Law::resolve("toy").unwrap(), &constant(&[&text[0], &text[1]]));
        let d = (1.0 - q).max(q - m);
        let kl = f64::max(-q.ln(), m * (m / q).ln() + (1.0 - m) * ((1.0 - m) / (1.0 - q)).ln());
        let hellinger = |p: f64| 1.0 - (p * q).sqrt() - ((1.0 - p) * (1.0 - q)).sqrt();
        let known = [
            (Divergence::L1, 2.0 * d),
            (Divergence::TotalVariation, d),
            (Divergence::Linf, d),
            (Divergence::L2, 2f64.sqrt() * d),
            (Divergence::SquaredError, 2.0 * d * d),
            (Divergence::ChiSquared, d * d / (q * (1.0 - q))),
            (Divergence::Kl, kl),
            (Divergence::Hellinger, hellinger(1.0).max(hellinger(m)).sqrt()),
        ];
        for epsilon in [50.0, 1000.0] {
            compare(&line, epsilon, &known.map(|(d, known)| (Risk::Score, d, known)));
            // A constant model has nothing to gain from the window.
            for divergence in Divergence::ALL {
                let standard = line.standard(divergence).unwrap();
                let madry = line.madry(divergence, epsilon).unwrap();
                let sum = Estimate { error: madry.error + standard.error, ..madry };
                agrees(sum, standard.value, &format!("madry {divergence} at epsilon {epsilon}"));
            }
        }
    }
}

/// `C^l1 = E max(2 (1 - P0), 2 (P0 - m))`; P0 = (1 + m)/2 at the two roots of a quadratic, so this is a sum of Phi's.
/// The model's sigmoid(1 - u) takes every value in (0, 1): `R_SCORE^l1 = 2` (P0 -> 1 where the model -> 0), and since P0 > 1/2,
/// `R_Madry^l1 = E 2 P0 = 5/3`. `KL(P(x), Q(u))` is largest where `Q(0|u) = e^(1 - u)`, at u = x + eps:
/// `R_Madry^kl = E[P0 (x + eps - 1)] - E H(P) = (5/6)(eps - 2) - E H(P)`, up to about e^-eps. The Hellinger distance is slower, 1 less
/// `(1/2) sqrt(Q(0|x + eps))`, with `E e^(-x/2) = (5/6) e + (1/6) e^(-3/8)`.
#[test]
fn a_window_over_everything_on_the_toy() {
    for epsilon in [50.0, 1000.0] {
        let kl = 5.0 / 6.0 * (epsilon - 2.0) - TOY_ENTROPY;
        let mean = 5.0 / 6.0 * 1f64.exp() + (-0.375f64).exp() / 6.0;
        let hellinger = 1.0 - 0.5 * (0.5 * (1.0 - epsilon)).exp() * mean;
        compare(
            &catalogue("toy", "toy-linear"),
            epsilon,
            &[
                (Risk::Variation, Divergence::L1, 0.76134698045372835481),
                (Risk::Score, Divergence::L1, 2.0),
                (Risk::Score, Divergence::Linf, 1.0),
                (Risk::Score, Divergence::Hellinger, hellinger),
                (Risk::Score, Divergence::JensenShannon, 2f64.ln().sqrt()),
                (Risk::Madry, Divergence::L1, 5.0 / 3.0),
                (Risk::Madry, Divergence::Kl, kl),
            ],
        );
    }
}

/// D(a, a) = 0, and with Q = P the Madry integrand is that of C. `toy-quadratic` is P up to the rounding of its logits.
#[test]
fn the_posterior_as_its_own_model() {
    for (law, model) in
        [("toy", "toy-bayes"), ("toy", "toy-quadratic"), ("three-classes", "three-bayes")]
    {
        let line = catalogue(law, model);
        for divergence in Divergence::ALL {
            for epsilon in [0.0, 0.25, 1.0] {
                let risks = line.risks(divergence, epsilon).unwrap();
                let what = format!("{model} {divergence} at epsilon {epsilon}");
                agrees(risks.standard, 0.0, &what);
                agrees(risks.score, 0.0, &what);
                let error = risks.madry.error + risks.variation.error;
                agrees(Estimate { error, ..risks.madry }, risks.variation.value, &what);
            }
        }
    }
}

/// Identical classes: P = (2/3, 1/3) everywhere, C = 0, and with a constant model every other risk is D(P, q).
#[test]
fn identical_classes() {
    let twins = Law::resolve("twins").unwrap();
    let against = |q: &[&str], known: &[(Divergence, f64)]| {
        let line = line(&twins, &constant(q));
        for epsilon in [0.0, 0.5, 50.0] {
            for &(divergence, known) in known {
                let risks = [Risk::Standard, Risk::Madry, Risk::Score];
                compare(&line, epsilon, &risks.map(|risk| (risk, divergence, known)));
            }
        }
    };
    against(
        &["1/2", "1/2"],
        &[
            // (2/3) ln(4/3) + (1/3) ln(2/3), (1/2) ln(9/8)
            (Divergence::Kl, 0.056633012265132490967),
            (Divergence::ReverseKl, 0.058891517828191727269),
            (Divergence::L1, 1.0 / 3.0),
            (Divergence::TotalVariation, 1.0 / 6.0),
            (Divergence::L2, 0.23570226039551584147),
            (Divergence::Linf, 1.0 / 6.0),
            // (1 - sqrt(1/3) - sqrt(1/6))^(1/2)
            (Divergence::Hellinger, 0.12000600129373205278),
            // with m = (7/12, 5/12)
            (Divergence::JensenShannon, 0.1198440301564773907),
            (Divergence::SquaredError, 1.0 / 18.0),
            (Divergence::ChiSquared, 1.0 / 9.0),
        ],
    );
    // A class that the model calls impossible: KL(P, q) and chi-squared are infinite, the others are not.
    against(
        &["1", "0"],
        &[
            (Divergence::ReverseKl, 0.40546510810816438198),
            (Divergence::L1, 2.0 / 3.0),
            (Divergence::TotalVariation, 1.0 / 3.0),
            (Divergence::L2, 0.47140452079103168293),
            (Divergence::Linf, 1.0 / 3.0),
            (Divergence::Hellinger, 0.42837299059613220118),
            (Divergence::JensenShannon, 0.36373633956328625183),
            (Divergence::SquaredError, 2.0 / 9.0),
        ],
    );
    let line = line(&twins, &constant(&["1", "0"]));
    for divergence in [Divergence::Kl, Divergence::ChiSquared] {
        for risk in [Risk::Standard, Risk::Madry, Risk::Score] {
            let found = line.risk(risk, divergence, 0.5).unwrap();
            assert_eq!(found, Estimate::exact(f64::INFINITY), "{risk} {divergence}");
        }
        let variation = line.variation(divergence, 0.5).unwrap();
        assert!(variation.value < 1e-15, "C has no model in it: {variation:?}");
    }
}

/// Identical classes: P is the prior everywhere, and D(a, a) = 0.
#[test]
fn identical_classes_do_not_vary() {
    let line = catalogue("twins", "toy-linear");
    for epsilon in [0.0, 0.5, 50.0] {
        compare(&line, epsilon, &Divergence::ALL.map(|d| (Risk::Variation, d, 0.0)));
    }
}

/// A class of probability 0 that the toy law does have: `R_Standard^l1 = E 2 P1 = 2/6`, and half of it for linf; far out
/// P0 -> 1, and at 5/3 P1 has its maximum 1 - m.
#[test]
fn an_impossible_class_of_the_toy() {
    let line = line(&Law::resolve("toy").unwrap(), &constant(&["1", "0"]));
    let one_minus_m = 0.43791603164132008011;
    compare(
        &line,
        50.0,
        &[
            (Risk::Standard, Divergence::L1, 1.0 / 3.0),
            (Risk::Madry, Divergence::Linf, 1.0 / 6.0),
            (Risk::Score, Divergence::L1, 2.0 * one_minus_m),
            (Risk::Score, Divergence::Kl, f64::INFINITY),
            (Risk::Madry, Divergence::ChiSquared, f64::INFINITY),
        ],
    );
}

/// Standard deviations of 1/100 and 10. With a fair coin `R_Standard^l1 = E |P0 - P1|`, the total variation between the two
/// normal classes: they cross at the roots of a quadratic, so this is a sum of Phi's. A window of half-width 1 or more always
/// holds points where P0 < e^-1000: `R_SCORE = D((0, 1), coin)`. A window over everything: with M = 0.99900.. the maximum of P0,
/// `C^l1 = E max(2 P0, 2 (M - P0))`, again a sum of Phi's.
#[test]
fn a_needle() {
    let line = line(&Law::resolve("needle").unwrap(), &constant(&["1/2", "1/2"]));
    let score = [
        (Risk::Standard, Divergence::L1, 0.99683637240690117918),
        (Risk::Score, Divergence::L1, 1.0),
        (Risk::Score, Divergence::Kl, 2f64.ln()),
        (Risk::Score, Divergence::SquaredError, 0.5),
        (Risk::Score, Divergence::ChiSquared, 1.0),
    ];
    for epsilon in [1.0, 30.0, 1000.0] {
        compare(&line, epsilon, &score);
    }
    for epsilon in [500.0, 1000.0] {
        compare(&line, epsilon, &[(Risk::Variation, Divergence::L1, 1.995841373199460596)]);
    }
}

/// `Q = softmax(-a x, 0)` with a = 1e4 against `P(0|x) = sigmoid(-2x)`. In the limit of a step `R_Standard^l1 = 2 E min(P0, P1) =
/// 2 Phi(-1)`. On either side of 0, Q lies between P and the step, hence the correction is exactly `-2 E sigmoid(-a |x|)`; with
/// x = t/a it is `-4 p_d(0) ln 2 / a`, the next term has `p_d''(0) = 0`, and the one after it a^-5 = 1e-20.
/// `KL = -H(P) + a |x| min(P0, P1) + softplus(-a |x|)`, so
/// `R_Standard^kl = a (phi(1) - Phi(-1)) + phi(1) pi^2 / (6 a) - E H(P)`, up to a^-5.
#[test]
fn logits_of_1e4() {
    compare(
        &catalogue("symmetric", "steep"),
        0.0,
        &[
            (Risk::Standard, Divergence::L1, 0.31724341933272270625),
            (Risk::Standard, Divergence::TotalVariation, 0.31724341933272270625 / 2.0),
            (Risk::Standard, Divergence::Kl, 832.79842931923866428),
        ],
    );
    // The same size from the bias: ln Q1 = -1e4, e^-1e4 is no double, and KL = 1e4 P1 - H(P). chi-squared is about e^10000 E P1^2:
    // finite, but no double.
    let line = line(&Law::resolve("toy").unwrap(), &linear(&["0", "0"], &["1e4", "0"]));
    let kl = 1666.3305980333191556;
    let risks = [Risk::Standard, Risk::Madry];
    compare(&line, 1.0, &risks.map(|risk| (risk, Divergence::Kl, kl)));
    compare(&line, 1.0, &risks.map(|risk| (risk, Divergence::L1, 1.0 / 3.0)));
    for risk in [Risk::Standard, Risk::Madry, Risk::Score] {
        assert_eq!(
            line.risk(risk, Divergence::ChiSquared, 1.0),
            Err(Error::Overflow { risk, divergence: Divergence::ChiSquared })
        );
    }
}

/// P1 = sigmoid(2x - ln(1e12 - 1)) where x has mass is tiny. `E 2 P1 = 2e-12`, and it must come out to its own digits, not only to
/// those of 1. The joint densities cross at 13.8, beyond which there is 1e-12 Phi(-12.8): `E |P0 - P1| = 1 - 2e-12`. A window over
/// everything sees P0 from 0 to 1: `C^l1 = E 2 max(P0, P1) = 2 - 2e-12`.
#[test]
fn a_prior_of_1e_12() {
    let law = Law::resolve("rare").unwrap();
    let certain = line(&law, &constant(&["1", "0"]));
    let found = certain.standard(Divergence::L1).unwrap();
    agrees(found, 2e-12, "E 2 P1");
    assert!((found.value / 2e-12 - 1.0).abs() < 1e-11, "{found:?}");
    compare(&certain, 50.0, &[(Risk::Score, Divergence::L1, 2.0)]);
    let coin = line(&law, &constant(&["1/2", "1/2"]));
    compare(&coin, 50.0, &[(Risk::Standard, Divergence::L1, 1.0 - 2e-12)]);
    compare(&coin, 50.0, &[(Risk::Variation, Divergence::L1, 2.0 - 2e-12)]);
}

/// P is uniform, Q = softmax(u, 0, .., 0), x standard normal. A window of half-width 50 sees Q(0) from 0 to 1: l1 is largest at
/// Q(0) = 1, `2 (1 - 1/K)`. `KL = -ln K + ln(e^u + K - 1) - u/K` is convex in u, at the right end `(1 - 1/K)(x + 50) - ln K`, which
/// for K > 2 is the larger one unless x < -15; for K = 2 it is `(50 + |x|)/2 - ln 2`.
#[test]
fn equal_classes() {
    let priors = ["1/2", "1/3", "1/4", "1/5", "1/6"];
    let kl = [
        24.705795099841487369,
        32.234721044665223642,
        36.113705638880109381,
        38.390562087565899625,
        39.874907197438611666,
    ];
    for ((prior, kl), classes) in priors.into_iter().zip(kl).zip(2_u8..) {
        let mut weights = vec!["0"; usize::from(classes)];
        let bias = weights.clone();
        weights[0] = "1";
        let law = law(&vec![[prior, "0", "1"]; usize::from(classes)]);
        let l1 = 2.0 * (1.0 - 1.0 / f64::from(classes));
        let known = |risk| [(risk, Divergence::L1, l1), (risk, Divergence::Kl, kl)];
        let line = line(&law, &linear(&weights, &bias));
        for risk in [Risk::Madry, Risk::Score] {
            compare(&line, 50.0, &known(risk));
        }
        for divergence in Divergence::ALL {
            compare(&line, 1.0, &[(Risk::Variation, divergence, 0.0)]);
        }
        let uniform = self::line(&law, &constant(&vec![prior; usize::from(classes)]));
        for divergence in Divergence::ALL {
            compare(&uniform, 1.0, &Risk::ALL.map(|risk| (risk, divergence, 0.0)));
        }
    }
}

/// relu(x - 1) - relu(1 - x) = x - 1: a network with kinks in its units that is `toy-linear`, whose risks are known to 40 digits.
#[test]
fn kinks_that_cancel() {
    let model = relu(&["1", "-1"], &["-1", "1"], &[&["-1", "1"], &["0", "0"]], &["0", "0"]);
    let line = line(&Law::resolve("toy").unwrap(), &model);
    compare(
        &line,
        1.0,
        &[
            (Risk::Standard, Divergence::L1, 0.207999591005560691426400417648478228567450510),
            (Risk::Standard, Divergence::Kl, 0.0952048640546570101797555858282501570018808632),
            (Risk::Score, Divergence::L1, 0.380776156641295512924698216890170485216763010),
            (Risk::Score, Divergence::Kl, 0.266354033846580063468176320175175351450733739),
        ],
    );
}

/// P = (1/2, 1/2), x standard normal, and the logit difference r(x) = relu(x) + relu(x - 1): chi-squared is `(cosh r(u) - 1) / 2`,
/// which grows with u, so the supremum is at x + eps; E e^(+-r(x + eps)) is e^(linear) against a normal density on each of three
/// pieces.
#[test]
fn kinks_under_the_supremum() {
    let model = relu(&["1", "1"], &["0", "-1"], &[&["1", "1"], &["0", "0"]], &["0", "0"]);
    let line = line(&law(&[["1/2", "0", "1"], ["1/2", "0", "1"]]), &model);
    for (epsilon, known) in
        [(0.0, 0.52524439259008028085), (0.5, 1.6142985262490850515), (3.0, 273.67020736810553667)]
    {
        let risks = [Risk::Madry, Risk::Score];
        compare(&line, epsilon, &risks.map(|risk| (risk, Divergence::ChiSquared, known)));
    }
}

/// Law and model moved by 1e6 together: the risks do not change, x has lost six digits, and the stated error says so.
#[test]
fn translation() {
    let law = law(&[["5/6", "999999", "4"], ["1/6", "1000001", "1"]]);
    let line = line(&law, &linear(&["-1", "0"], &["1000001", "0"]));
    for (risk, divergence, known) in [
        (Risk::Standard, Divergence::L1, 0.207999591005560691426400417648478228567450510),
        (Risk::Standard, Divergence::Kl, 0.0952048640546570101797555858282501570018808632),
        (Risk::Score, Divergence::L1, 0.380776156641295512924698216890170485216763010),
        (Risk::Score, Divergence::Kl, 0.266354033846580063468176320175175351450733739),
    ] {
        let found = line.risk(risk, divergence, 1.0).unwrap();
        let off = (found.value - known).abs();
        assert!(
            off <= found.error && found.error < 1e-7,
            "{risk} {divergence}: {found:?}, {off:e}"
        );
    }
    let there = catalogue("toy", "toy-linear");
    for risk in [Risk::Madry, Risk::Variation] {
        for divergence in [Divergence::L1, Divergence::Kl, Divergence::Hellinger] {
            let [here, there] = [&line, &there].map(|l| l.risk(risk, divergence, 1.0).unwrap());
            let off = (here.value - there.value).abs();
            let error = here.error + there.error;
            assert!(off <= error && error < 1e-7, "{risk} {divergence}: {here:?}, {off:e}");
        }
    }
}

/// A radius whose square is no double: the logits of P at the ends of the window are lost, and with them the supremum. `C^l1` is
/// still 0.761.., as for every window over everything; nothing but an error is to be expected, and no other number.
#[test]
fn a_radius_of_1e300() {
    let line = catalogue("toy", "toy-linear");
    for risk in [Risk::Variation, Risk::Madry, Risk::Score] {
        for divergence in [Divergence::L1, Divergence::Kl, Divergence::ChiSquared] {
            let found = line.risk(risk, divergence, 1e300);
            assert!(found.is_err(), "{risk} {divergence}: {found:?}");
        }
    }
}

/// P = (1/2, 1/2), x standard normal, and Q the posterior of N(0, 1) against N(0, v): `Q0 / Q1 = sqrt(v) e^(x^2 (1/v - 1) / 2)`, so
/// `chi-squared = (E[Q0/Q1] + E[Q1/Q0]) / 4 - 1/2 = (sqrt(v) / sqrt(2 - 1/v) - 1) / 4` for v > 1/2, and infinite for v <= 1/2: a class
/// with less than half the variance of the law's.
#[test]
fn chi_squared_at_the_edge_of_infinity() {
    let standard = law(&[["1/2", "0", "1"], ["1/2", "0", "1"]]);
    let against = |variance: &str| {
        let other = law(&[["1/2", "0", "1"], ["1/2", "0", variance]]);
        line(&standard, &Model::Bayes(Bayes::new(other))).standard(Divergence::ChiSquared)
    };
    for variance in ["0.1", "0.499", "0.4999999", "1/2"] {
        assert_eq!(against(variance), Ok(Estimate::exact(f64::INFINITY)), "{variance}");
    }
    agrees(against("2").unwrap(), 0.038675134594812882255, "v = 2");
    agrees(against("0.6").unwrap(), 0.085410196624968454461, "v = 0.6");
}

/// Just above the threshold the integrand's mass lies where the density underflows: at v = 0.501 the integrand decays like
/// N(0, 250), at v = 0.51 like N(0, 25.5). What cannot be seen must be in the stated error, or be an error.
#[test]
fn chi_squared_near_the_edge_of_infinity() {
    let standard = law(&[["1/2", "0", "1"], ["1/2", "0", "1"]]);
    for (variance, known) in [
        ("0.51", 0.65156114601284809361),
        ("0.501", 2.5506751418184865948),
        ("0.500001", 88.138524425013737187),
    ] {
        let other = law(&[["1/2", "0", "1"], ["1/2", "0", variance]]);
        let line = line(&standard, &Model::Bayes(Bayes::new(other)));
        if let Ok(found) = line.standard(Divergence::ChiSquared) {
            let off = (found.value - known).abs();
            assert!(off <= found.error, "v = {variance}: {found:?}, known {known}, off by {off:e}");
        }
    }
}

/// The toy law against the posterior that has class 1 with variance v instead of 1. In the tails the law is class 0, N(-1, 4), and
/// `p_d P1^2 / Q1` goes like `e^(-x^2 (1 - 1 / (2 v)) + ..)`: infinite where class 1 is given less than half its variance. The
/// window changes what is linear in x, which decides only at v = 1/2.
#[test]
fn chi_squared_of_a_thin_class() {
    let toy = Law::resolve("toy").unwrap();
    for (variance, infinite) in [("0.4", true), ("0.49", true), ("0.6", false), ("3", false)] {
        let other = law(&[["5/6", "-1", "4"], ["1/6", "1", variance]]);
        let line = line(&toy, &Model::Bayes(Bayes::new(other)));
        for (risk, epsilon) in [(Risk::Standard, 0.0), (Risk::Score, 0.25)] {
            let found = line.risk(risk, Divergence::ChiSquared, epsilon).unwrap();
            assert_eq!(found.value.is_infinite(), infinite, "{risk}, v = {variance}: {found:?}");
        }
    }
}

/// Label distributions at a corner, which windows over everything reach, are no special case of any divergence.
#[test]
fn corners_of_the_simplex() {
    let [left, right] = [[1.0, 0.0], [0.0, 1.0]].map(|p| Simplex::from_probabilities(&p).unwrap());
    for divergence in Divergence::ALL {
        assert_eq!(divergence.eval(&left, &left), 0.0, "{divergence}");
        let diameter = divergence.facts().diameter.unwrap_or(f64::INFINITY);
        let found = divergence.eval(&left, &right);
        assert!(found == diameter || (found - diameter).abs() < 1e-15, "{divergence}: {found}");
    }
}
