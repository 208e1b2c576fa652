//! Properties of the divergences, the claims and the risks on random inputs.
//!
//! The seed is fixed, so that a run can be repeated; `PROPTEST_RNG_SEED` and `PROPTEST_CASES` explore further. Failing cases are
//! kept in `proptest-regressions` and tried first.
#![cfg(feature = "testing")]

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{FileFailurePersistence, RngSeed, TestRunner};
use score_workbench::claims::{CLAIMS, Check, Scope, Verdict};
use score_workbench::divergence::{Divergence, Inequality, Triangle};
use score_workbench::error::Error;
use score_workbench::exact::Exact;
use score_workbench::law::{Class, Component, Covariance, GaussianMixture, Law};
use score_workbench::model::{Bayes, Constant, Layer, Linear, Mlp, Model, Piecewise, Quadratic};
use score_workbench::quadrature::Estimate;
use score_workbench::risk::{Integrand, Line, Risk, Rule};
use score_workbench::simplex::Simplex;
use score_workbench::testing::{self, Case, Labels};

fn config(cases: u32) -> ProptestConfig {
    let from_environment = ProptestConfig::default();
    ProptestConfig {
        cases: if std::env::var_os("PROPTEST_CASES").is_some() {
            from_environment.cases
        } else {
            cases
        },
        rng_seed: match from_environment.rng_seed {
            RngSeed::Random => RngSeed::Fixed(2202),
            given @ RngSeed::Fixed(_) => given,
        },
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "proptest-regressions/properties.txt",
        ))),
        ..from_environment
    }
}

/// `count` values of a strategy, always the same.
fn samples<S: Strategy>(strategy: &S, count: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    let mut sample = || strategy.new_tree(&mut runner).expect("a strategy that does not reject");
    (0..count).map(|_| sample().current()).collect()
}

fn labels(p: &[f64]) -> Labels {
    Simplex::from_probabilities(p).expect("probabilities")
}

fn metrics() -> impl Iterator<Item = Divergence> {
    Divergence::ALL.into_iter().filter(|divergence| divergence.is_metric())
}

fn triple() -> impl Strategy<Value = [Labels; 3]> {
    (2..=6_usize).prop_flat_map(|k| {
        (testing::label_pair(k), testing::label_pair(k), 0..3_usize).prop_map(
            |((a, b), (c, _), turn)| {
                let mut triple = [a, b, c];
                triple.rotate_left(turn);
                triple
            },
        )
    })
}

fn largest_difference(p: &Labels, q: &Labels) -> f64 {
    let (p, q) = (p.probabilities().entries(), q.probabilities().entries());
    p.iter().zip(q).fold(0.0, |largest, (a, b)| f64::max(largest, (a - b).abs()))
}

/// Distances are at most 2 and each is a root or a sum of a few roundings.
const DISTANCE_ROUNDING: f64 = 1e-14;

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn metrics_are_metrics([a, b, c] in triple()) {
        for metric in metrics() {
            let d = |p, q| metric.eval(p, q);
            prop_assert_eq!(d(&a, &a), 0.0, "{}", metric);
            prop_assert!((d(&a, &b) - d(&b, &a)).abs() <= DISTANCE_ROUNDING, "{metric} is symmetric");
            let (direct, way_round) = (d(&a, &c), d(&a, &b) + d(&b, &c));
            prop_assert!(direct <= way_round + DISTANCE_ROUNDING, "{metric}: {direct} > {way_round}");
            let apart = largest_difference(&a, &b);
            // linf is the smallest of the distances up to the factors of the table.
            prop_assert!(d(&a, &b) >= 0.3 * apart - DISTANCE_ROUNDING, "{metric} separates");
        }
    }

    #[test]
    fn divergences_are_not_negative_and_vanish_at_equality((a, b) in (2..=6_usize).prop_flat_map(testing::label_pair)) {
        for divergence in Divergence::ALL {
            prop_assert!(divergence.eval(&a, &b) >= 0.0, "{}", divergence);
            prop_assert_eq!(divergence.eval(&a, &a), 0.0, "{}", divergence);
        }
    }

    #[test]
    fn squared_error_satisfies_its_relaxed_triangle_inequality([a, b, c] in triple()) {
        for divergence in Divergence::ALL {
            if let Triangle::Relaxed(c0) = divergence.facts().triangle {
                let d = |p, q| divergence.eval(p, q);
                prop_assert!((d(&a, &b) - d(&b, &a)).abs() <= DISTANCE_ROUNDING);
                prop_assert!(d(&a, &c) <= f64::from(c0) * (d(&a, &b) + d(&b, &c)) + DISTANCE_ROUNDING);
            }
        }
    }

    #[test]
    fn bounds_by_kl_hold((a, b) in (2..=6_usize).prop_flat_map(testing::label_pair)) {
        let t = Divergence::Kl.eval(&a, &b);
        for divergence in Divergence::ALL {
            let value = divergence.eval(&a, &b);
            for bound in divergence.facts().bounds {
                let allowed = bound.at(&t) * (1.0 + 1e-14) + DISTANCE_ROUNDING;
                prop_assert!(value <= allowed, "{divergence} = {value} > {bound} at t = {t}");
            }
        }
    }

    #[test]
    fn diameters_are_not_exceeded((a, b) in (2..=6_usize).prop_flat_map(testing::label_pair)) {
        for divergence in Divergence::ALL {
            if let Some(diameter) = divergence.facts().diameter {
                prop_assert!(divergence.eval(&a, &b) <= diameter * (1.0 + 1e-15), "{divergence}");
            }
        }
    }
}

#[test]
fn every_divergence_that_is_no_metric_violates_a_metric_axiom() {
    let triples = samples(&triple(), 2000);
    let ratio = |divergence: Divergence, [a, b, c]: &[Labels; 3]| {
        let way_round = divergence.eval(a, b) + divergence.eval(b, c);
        divergence.eval(a, c) / way_round
    };
    for divergence in Divergence::ALL.into_iter().filter(|divergence| !divergence.is_metric()) {
        let finite = triples.iter().filter(|t| ratio(divergence, t).is_finite());
        let worst = finite
            .max_by(|s, t| ratio(divergence, s).total_cmp(&ratio(divergence, t)))
            .expect("some triple has finite divergences");
        let found = ratio(divergence, worst);
        let shown = worst.each_ref().map(|p| p.probabilities().entries().to_vec());
        println!("{divergence}: D(a, c) = {found} (D(a, b) + D(b, c)) at {shown:?}");
        let needed = match divergence.facts().triangle {
            Triangle::Metric => unreachable!("filtered"),
            // A violation of the triangle inequality, close to the constant that is claimed.
            Triangle::Relaxed(c0) => 0.95 * f64::from(c0),
            // No constant: far more than any that could be meant.
            Triangle::None => 10.0,
        };
        assert!(found > needed, "{divergence}: only {found}");
        if divergence.facts().triangle == Triangle::None {
            let asymmetric = triples.iter().find(|[a, b, _]| {
                let (there, back) = (divergence.eval(a, b), divergence.eval(b, a));
                there.is_finite() && back.is_finite() && (there - back).abs() > 0.1
            });
            assert!(asymmetric.is_some(), "{divergence} looks symmetric");
        }
    }
}

#[test]
fn bounds_by_kl_are_approached() {
    // Around the middle for Pinsker's inequality, from a corner for the Hellinger distance and for large divergences.
    let middle = (1..=60).map(|i| 0.49 * 0.8_f64.powi(i)).map(|h| [0.5 + h, 0.5 - h]);
    let pairs = middle.map(|p| (labels(&p), labels(&[p[1], p[0]])));
    let corner = (1..=60).map(|i| 0.6_f64.powi(i)).flat_map(|q| [q, 1.0 - q]);
    let pairs: Vec<(Labels, Labels)> =
        pairs.chain(corner.map(|q| (labels(&[1.0, 0.0]), labels(&[q, 1.0 - q])))).collect();
    for divergence in Divergence::ALL {
        for bound in divergence.facts().bounds {
            let ratio = |(a, b): &(Labels, Labels)| {
                let t = Divergence::Kl.eval(a, b);
                // Below, the logarithms of probabilities given as doubles have lost their digits.
                if t > 1e-6 { divergence.eval(a, b) / bound.at(&t) } else { 0.0 }
            };
            let best = pairs.iter().map(ratio).fold(0.0, f64::max);
            println!("{divergence} reaches {best:.6} of {bound}");
            // For the Jensen-Shannon distance sqrt(ln 2) of it is the most that any pair reaches.
            let sharp = if divergence == Divergence::JensenShannon { 0.832_554 } else { 1.0 };
            assert!(best > 0.97 * sharp && best < sharp * (1.0 + 1e-6), "{divergence}: {best}");
            let saturates = matches!(
                bound.inequality,
                Inequality::BretagnolleHuber | Inequality::BretagnolleHuberSquared
            );
            assert_eq!(saturates, bound.at(&f64::INFINITY).is_finite());
        }
    }
}

#[test]
fn diameters_are_attained_at_corners_or_there_are_none() {
    for classes in 2..=6 {
        let corner = |k: usize| {
            let mut p = vec![0.0; classes];
            p[k] = 1.0;
            labels(&p)
        };
        for divergence in Divergence::ALL {
            let value = divergence.eval(&corner(0), &corner(classes - 1));
            let diameter = divergence.facts().diameter.unwrap_or(f64::INFINITY);
            assert!(value == diameter || (value - diameter).abs() < 1e-15, "{divergence}: {value}");
        }
    }
}

// Maps of laws and models that leave the risks as they are.

fn exact(n: i64) -> Exact {
    Exact::integer(n)
}

fn over(a: &Exact, b: &Exact) -> Exact {
    a.checked_div(b).expect("a divisor that is not 0")
}

/// The law of `scale x + shift`.
fn moved_law(law: &Law, scale: &Exact, shift: &Exact) -> Law {
    let Law::GaussianMixture(mixture) = law;
    let component = |c: &Component| {
        let variance = &(scale * scale) * &*c.covariance().variance(0);
        let mean = &(scale * &c.mean()[0]) + shift;
        Component::new(c.weight().clone(), vec![mean], Covariance::Isotropic(variance)).unwrap()
    };
    let class = |c: &Class| {
        Class::new(c.prior().clone(), c.components().iter().map(component).collect()).unwrap()
    };
    Law::GaussianMixture(
        GaussianMixture::new(mixture.classes().iter().map(class).collect()).unwrap(),
    )
}

/// The model that is at `scale x + shift` what `model` is at x.
fn moved_model(model: &Model, scale: &Exact, shift: &Exact) -> Model {
    // w x + b in terms of the new variable.
    let affine = |w: &Exact, b: &Exact| {
        let w = over(w, scale);
        let b = b - &(&w * shift);
        (w, b)
    };
    let column = |rows: &[Vec<Exact>], bias: &[Exact]| {
        let moved = rows.iter().zip(bias).map(|(row, b)| affine(&row[0], b));
        moved.map(|(w, b)| (vec![w], b)).collect::<(Vec<Vec<Exact>>, Vec<Exact>)>()
    };
    match model {
        Model::Linear(m) => {
            let (weights, bias) = column(m.weights(), m.bias());
            Model::Linear(Linear::new(weights, bias).unwrap())
        }
        Model::Quadratic(m) => {
            let (mut matrices, mut weights, mut bias) = (vec![], vec![], vec![]);
            for ((a, w), b) in m.matrices().iter().zip(m.weights()).zip(m.bias()) {
                let a = over(&a[0][0], &(scale * scale));
                let (w, b) = affine(&w[0], b);
                let square = &(&a * shift) * shift;
                weights.push(vec![&w - &(&(&exact(2) * &a) * shift)]);
                bias.push(&b + &square);
                matrices.push(vec![vec![a]]);
            }
            Model::Quadratic(Quadratic::new(matrices, weights, bias).unwrap())
        }
        Model::Bayes(m) => Model::Bayes(Bayes::new(moved_law(m.law(), scale, shift))),
        Model::Mlp(m) => {
            let first = &m.layers()[0];
            let (weights, bias) = column(first.weights(), first.bias());
            let first = Layer::new(weights, bias).unwrap();
            let layers = [&[first], &m.layers()[1..]].concat();
            Model::Mlp(Mlp::new(m.activation(), layers).unwrap())
        }
        Model::Constant(m) => Model::Constant(m.clone()),
        Model::Piecewise(m) => {
            let knots = m.knots().iter().map(|knot| &(knot * scale) + shift).collect();
            Model::Piecewise(Piecewise::new(knots, m.logits().to_vec()).unwrap())
        }
    }
}

/// The classes in reverse order.
fn reversed_law(law: &Law) -> Law {
    let Law::GaussianMixture(mixture) = law;
    let classes = mixture.classes().iter().rev().cloned().collect();
    Law::GaussianMixture(GaussianMixture::new(classes).unwrap())
}

fn reversed_model(model: &Model) -> Model {
    fn back<T: Clone>(rows: &[T]) -> Vec<T> {
        rows.iter().rev().cloned().collect()
    }
    match model {
        Model::Linear(m) => Model::Linear(Linear::new(back(m.weights()), back(m.bias())).unwrap()),
        Model::Quadratic(m) => Model::Quadratic(
            Quadratic::new(back(m.matrices()), back(m.weights()), back(m.bias())).unwrap(),
        ),
        Model::Bayes(m) => Model::Bayes(Bayes::new(reversed_law(m.law()))),
        Model::Mlp(m) => {
            let mut layers = m.layers().to_vec();
            let last = layers.pop().unwrap();
            layers.push(Layer::new(back(last.weights()), back(last.bias())).unwrap());
            Model::Mlp(Mlp::new(m.activation(), layers).unwrap())
        }
        Model::Constant(m) => Model::Constant(Constant::new(back(m.probabilities())).unwrap()),
        Model::Piecewise(m) => {
            let logits = m.logits().iter().map(|row| back(row)).collect();
            Model::Piecewise(Piecewise::new(m.knots().to_vec(), logits).unwrap())
        }
    }
}

/// The same law with every component written as two halves.
fn split_law(law: &Law) -> Law {
    let Law::GaussianMixture(mixture) = law;
    let class = |c: &Class| {
        let halves = c.components().iter().flat_map(|c| {
            let weight = over(c.weight(), &exact(2));
            let half = Component::new(weight, c.mean().to_vec(), c.covariance().clone()).unwrap();
            [half.clone(), half]
        });
        Class::new(c.prior().clone(), halves.collect()).unwrap()
    };
    Law::GaussianMixture(
        GaussianMixture::new(mixture.classes().iter().map(class).collect()).unwrap(),
    )
}

/// Two classes with everything that is hard, and more classes with laws that are easy: there a supremum takes a search.
fn any_case() -> impl Strategy<Value = Case> {
    prop_oneof![7 => testing::case(2..=2), 3 => testing::calm_case(3..=4)]
}

/// What the risks may differ by beyond their errors when the inputs are rounded differently: relative to 1 + the risk.
const INPUT_ROUNDING: f64 = 1e-11;

/// What two sums over different cells may differ by beyond their errors, where a narrow component lies far from 0 and the nodes are
/// rounded on its scale; relative to 1 + the risk.
const SUM_ROUNDING: f64 = 1e-13;

fn agree(a: Estimate, b: Estimate) -> bool {
    let rounding = INPUT_ROUNDING * (1.0 + a.value.abs());
    a.value == b.value || (a.value - b.value).abs() <= a.error + b.error + rounding
}

/// Each risk of the case; `None` where it leaves the range of doubles.
fn risks(case: &Case) -> Result<[Option<Estimate>; 4], TestCaseError> {
    let line = case.line().expect("a law and a model that fit");
    let mut estimates = [None; 4];
    for (risk, estimate) in Risk::ALL.into_iter().zip(&mut estimates) {
        *estimate = match line.risk(risk, case.divergence, case.epsilon.to_f64()) {
            Ok(found) => Some(found),
            Err(Error::Overflow { .. }) => {
                prop_assert!(
                    case.divergence.facts().diameter.is_none(),
                    "a bounded integrand overflows"
                );
                None
            }
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
    }
    Ok(estimates)
}

fn same_risks(name: &str, original: &Case, changed: &Case) -> Result<(), TestCaseError> {
    for ((risk, a), b) in Risk::ALL.into_iter().zip(risks(original)?).zip(risks(changed)?) {
        let same = match (a, b) {
            (Some(a), Some(b)) => agree(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        prop_assert!(same, "{name}: {} is {a:?} and then {b:?}", risk.symbol());
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn risks_do_not_depend_on_the_names_of_the_classes(case in any_case()) {
        let changed = Case {
            law: reversed_law(&case.law),
            model: reversed_model(&case.model),
            ..case.clone()
        };
        same_risks("reversed", &case, &changed)?;
    }

    #[test]
    fn risks_do_not_depend_on_the_origin(case in any_case(), shift in testing::decimal(20)) {
        let one = exact(1);
        let changed = Case {
            law: moved_law(&case.law, &one, &shift),
            model: moved_model(&case.model, &one, &shift),
            ..case.clone()
        };
        same_risks("translated", &case, &changed)?;
    }

    #[test]
    fn risks_do_not_depend_on_the_unit(case in any_case(), scale in testing::magnitude(-2..=2)) {
        let zero = exact(0);
        let changed = Case {
            law: moved_law(&case.law, &scale, &zero),
            model: moved_model(&case.model, &scale, &zero),
            epsilon: &case.epsilon * &scale,
            ..case.clone()
        };
        same_risks("scaled", &case, &changed)?;
    }

    #[test]
    fn risks_do_not_depend_on_how_a_mixture_is_written(case in any_case()) {
        let changed = Case { law: split_law(&case.law), ..case.clone() };
        same_risks("split", &case, &changed)?;
    }

    #[test]
    fn risks_do_not_fall_as_epsilon_grows(case in any_case(), more in testing::epsilon()) {
        let larger = Case { epsilon: &case.epsilon + &more, ..case.clone() };
        for ((risk, small), large) in Risk::ALL.into_iter().zip(risks(&case)?).zip(risks(&larger)?) {
            if let (Some(small), Some(large)) = (small, large) {
                let rounding = SUM_ROUNDING * (1.0 + small.value);
                let allowed = large.value + small.error + large.error + rounding;
                prop_assert!(small.value <= allowed, "{}: {small:?} then {large:?}", risk.symbol());
            }
        }
    }

    #[test]
    fn at_the_posterior_score_vanishes_and_madry_is_the_variation(
        case in any_case()
    ) {
        let posterior = Model::Bayes(Bayes::new(case.law.clone()));
        let models = [Some(posterior), posterior_as_quadratic(&case.law)];
        for model in models.into_iter().flatten() {
            let case = Case { model, ..case.clone() };
            let [standard, madry, score, variation] = risks(&case)?;
            // Logits of a quadratic model are rounded doubles up to about 1e5, and a root is taken of the square.
            for zero in [standard, score].into_iter().flatten() {
                prop_assert!(zero.value.abs() <= zero.error + 1e-10, "{:?}: {zero:?} should vanish", case.model);
            }
            match (madry, variation) {
                (Some(madry), Some(variation)) => {
                    prop_assert!(agree(madry, variation), "{:?}: R_Madry {madry:?}, C {variation:?}", case.model);
                }
                (madry, variation) => prop_assert!(madry.is_none() && variation.is_none()),
            }
        }
    }
}

/// The posterior of a law whose classes have one component each, written as a quadratic model.
fn posterior_as_quadratic(law: &Law) -> Option<Model> {
    let Law::GaussianMixture(mixture) = law;
    let (mut matrices, mut weights, mut bias) = (vec![], vec![], vec![]);
    for class in mixture.classes() {
        let [component] = class.components() else { return None };
        let (mean, variance) = (&component.mean()[0], component.covariance().variance(0));
        let half_precision = over(&exact(1), &(&exact(2) * &*variance));
        let logarithm = class.prior().to_f64().ln() - 0.5 * variance.to_f64().ln();
        weights.push(vec![over(mean, &variance)]);
        bias.push(&Exact::from_f64(logarithm)? - &(&(mean * mean) * &half_precision));
        matrices.push(vec![vec![-&half_precision]]);
    }
    Some(Model::Quadratic(Quadratic::new(matrices, weights, bias).unwrap()))
}

proptest! {
    #![proptest_config(config(24))]

    #[test]
    fn claims_hold(case in any_case()) {
        let problem = case.problem().expect("a law and a model that fit");
        for claim in CLAIMS {
            let divergence = match claim.scope {
                Scope::Any => case.divergence,
                Scope::Only(only) => only,
            };
            let instance = problem.instance(divergence, case.ball().expect("a radius"));
            match claim.check(&instance) {
                Ok(check) => {
                    // Undecided only between numbers so large that their rounding hides the slack.
                    let decided = match check.verdict {
                        Verdict::Holds | Verdict::NotApplicable => true,
                        Verdict::Refuted => false,
                        Verdict::Undecided => rounding_explains(&check),
                    };
                    prop_assert!(decided, "{}: {check:#?}", claim.name);
                }
                Err(Error::Overflow { .. }) => {
                    prop_assert!(divergence.facts().diameter.is_none(), "a bounded integrand overflows");
                }
                Err(error) => prop_assert!(false, "{}: {error}", claim.name),
            }
        }
    }
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn integrands_are_the_supremum_over_the_window(
        case in any_case(),
        places in proptest::collection::vec(0.0..1.0_f64, 6),
        inside in proptest::collection::vec(-1.0..=1.0_f64, 40),
    ) {
        let line = case.line().expect("a law and a model that fit");
        let epsilon = case.epsilon.to_f64();
        for risk in [Risk::Madry, Risk::Score, Risk::Variation] {
            let finite = matches!(line.risk(risk, case.divergence, epsilon), Ok(found) if found.value.is_finite());
            if !finite || epsilon == 0.0 {
                continue;
            }
            let integrand = line.integrand(risk, case.divergence, epsilon);
            for place in &places {
                supremum_is_attained(&line, &integrand, risk, &case, *place, &inside)?;
            }
        }
    }
}

/// Whether every undecided slack of a check is within the rounding of the largest number that entered. Ten away from 0 a
/// node rounds by a 1e-13 of the width of a component of variance 1e-4, and a sum of slopes by as much; the errors are upper estimates.
fn rounding_explains(check: &Check) -> bool {
    let sizes = check.terms.iter().map(|term| term.value.value().abs()).filter(|x| x.is_finite());
    let rounding = 1e-11 * sizes.fold(0.0, f64::max);
    let slacks = check.terms.iter().filter(|term| term.name.starts_with("slack"));
    slacks.map(|term| term.value).all(|s| s.value() >= s.error() || s.error() <= rounding)
}

/// What the risk takes the supremum of, at x and u.
fn pointwise(line: &Line, risk: Risk, divergence: Divergence, x: f64, u: f64) -> f64 {
    let (first, second) = match risk {
        Risk::Standard => (line.posterior(x), line.model(x)),
        Risk::Madry => (line.posterior(x), line.model(u)),
        Risk::Score => (line.posterior(u), line.model(u)),
        Risk::Variation => (line.posterior(x), line.posterior(u)),
    };
    divergence.eval(&first, &second)
}

fn supremum_is_attained(
    line: &Line,
    integrand: &Integrand,
    risk: Risk,
    case: &Case,
    place: f64,
    inside: &[f64],
) -> Result<(), TestCaseError> {
    let epsilon = case.epsilon.to_f64();
    let pieces = integrand.pieces();
    let (from, to) = (pieces[0].from, pieces[pieces.len() - 1].to);
    // Half of the points go where the mass is.
    let (low, high) = line.hull();
    let x = if place < 0.5 {
        from + 2.0 * place * (to - from)
    } else {
        low + (2.0 * place - 1.0) * (high - low)
    };
    let f = |u: f64| pointwise(line, risk, case.divergence, x, u);
    let found = integrand.supremum(x);
    let rounding = 1e-9 * (found.abs() + 1e-3);
    let steps = inside.iter().copied().chain([-1.0, 0.0, 1.0]);
    let (at, searched) = steps
        .map(|step| x + step * epsilon)
        .map(|u| (u, f(u)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .expect("a window is not empty");
    prop_assert!(
        found >= searched - rounding,
        "{}, x = {x}: {found} is less than {searched} at {at}",
        risk.symbol()
    );
    let piece = pieces.iter().find(|piece| x <= piece.to).unwrap_or(&pieces[pieces.len() - 1]);
    match piece.branch {
        Rule::Pointwise => prop_assert!(false, "a window of width 0"),
        Rule::Score(place) | Rule::Extreme(place, _) => {
            let u = place.point(x, epsilon);
            prop_assert!(
                (u - x).abs() <= epsilon + 1e-9 * (1.0 + x.abs()),
                "{u} is not in the window of {x}"
            );
            prop_assert_eq!(f(u), found);
        }
        // The search does not say where; climb from the best point of a grid.
        Rule::Search => {
            let climbed = climb(&f, x, epsilon);
            prop_assert!(
                found <= climbed + 1e-6 * (found.abs() + 1e-3),
                "{}, x = {x}: {found} but the window has only {climbed}",
                risk.symbol()
            );
        }
    }
    Ok(())
}

/// The largest value in the window, by ever finer grids around the best point.
fn climb(f: &impl Fn(f64) -> f64, x: f64, epsilon: f64) -> f64 {
    let (mut centre, mut width, mut best) = (x, epsilon, f64::NEG_INFINITY);
    for _ in 0..14 {
        let middle = centre;
        for step in -100..=100 {
            let u = (middle + width * f64::from(step) / 100.0).clamp(x - epsilon, x + epsilon);
            let value = f(u);
            if value > best {
                (best, centre) = (value, u);
            }
        }
        width /= 8.0;
    }
    best
}
