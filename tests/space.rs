//! Many dimensions: what depends on one direction is a problem on the line, whatever way it is turned, and no choice of coordinates changes a risk.

use proptest::prelude::*;
use score_workbench::claims::{Claim, Evidence, Problem, Verdict};
use score_workbench::divergence::Divergence;
use score_workbench::enclosure::Effort;
use score_workbench::error::Error;
use score_workbench::exact::Exact;
use score_workbench::law::{Class, Component, Covariance, GaussianMixture, Law};
use score_workbench::model::{Activation, Bayes, Constant, Layer, Linear, Mlp, Model, Quadratic};
use score_workbench::perturbation::{Ball, Norm};
use score_workbench::quadrature::Estimate;
use score_workbench::risk::{Line, Risk};
use score_workbench::space::{Projected, Reduction};

fn exact(text: &str) -> Exact {
    text.parse().unwrap()
}

fn double(x: f64) -> Exact {
    Exact::from_f64(x).unwrap()
}

fn ball(norm: Norm, epsilon: &str) -> Ball {
    Ball::new(norm, exact(epsilon)).unwrap()
}

fn half() -> Exact {
    exact("1/2")
}

/// Classes of one component each.
fn law(classes: Vec<(Exact, Vec<Exact>, Covariance)>) -> Law {
    let class = |(prior, mean, covariance)| {
        let component = Component::new(Exact::integer(1), mean, covariance).unwrap();
        Class::new(prior, vec![component]).unwrap()
    };
    Law::GaussianMixture(GaussianMixture::new(classes.into_iter().map(class).collect()).unwrap())
}

/// `softmax(w . x + b, 0)`.
fn odds(w: Vec<Exact>, b: Exact) -> Model {
    let zero = vec![Exact::integer(0); w.len()];
    Model::Linear(Linear::new(vec![w, zero], vec![b, Exact::integer(0)]).unwrap())
}

type Rows = Vec<Vec<Exact>>;

fn sum(terms: impl Iterator<Item = Exact>) -> Exact {
    terms.collect::<Vec<_>>().iter().sum()
}

fn times(a: &Rows, b: &Rows) -> Rows {
    let entry = |row: &[Exact], j: usize| sum(row.iter().zip(b).map(|(x, y)| x * &y[j]));
    a.iter().map(|row| (0..b[0].len()).map(|j| entry(row, j)).collect()).collect()
}

/// `I - 2 v v' / v'v`: a rotation (with a reflection) in rationals, and its own inverse.
fn turn(v: &[i64]) -> Rows {
    let square = Exact::integer(v.iter().map(|v| v * v).sum());
    let entry = |i: usize, j: usize| {
        let part = Exact::integer(2 * v[i] * v[j]).checked_div(&square).unwrap();
        &Exact::integer(i64::from(i == j)) - &part
    };
    (0..v.len()).map(|i| (0..v.len()).map(|j| entry(i, j)).collect()).collect()
}

fn diagonal(entries: &[Exact]) -> Rows {
    let entry = |i: usize, j: usize| if i == j { entries[i].clone() } else { Exact::integer(0) };
    (0..entries.len()).map(|i| (0..entries.len()).map(|j| entry(i, j)).collect()).collect()
}

fn column(vector: &[Exact]) -> Rows {
    vector.iter().map(|x| vec![x.clone()]).collect()
}

fn turned(rows: &Rows, vector: &[Exact]) -> Vec<Exact> {
    times(rows, &column(vector)).into_iter().map(|mut row| row.remove(0)).collect()
}

/// The slides' toy along the first axis of `rotation`, noise of this variance along the others; with its linear model.
fn embedded(rotation: &Rows, noise: &Exact) -> (Law, Model) {
    let d = rotation.len();
    let class = |prior: &str, mean: i64, variance: i64| {
        let along = |x: Exact, rest: Exact| {
            let mut entries = vec![rest; d];
            entries[0] = x;
            entries
        };
        let mean = turned(rotation, &along(Exact::integer(mean), Exact::integer(0)));
        let covariance = diagonal(&along(Exact::integer(variance), noise.clone()));
        let covariance = times(&times(rotation, &covariance), rotation);
        (exact(prior), mean, Covariance::Full(covariance))
    };
    let law = law(vec![class("5/6", -1, 4), class("1/6", 1, 1)]);
    let axis: Vec<Exact> = rotation.iter().map(|row| -&row[0]).collect();
    (law, odds(axis, Exact::integer(1)))
}

fn toy() -> Line {
    Line::new(&Law::resolve("toy").unwrap(), &Model::resolve("toy-linear").unwrap()).unwrap()
}

fn agree(found: Estimate, expected: Estimate, most: f64) -> Result<(), TestCaseError> {
    let off = (found.value - expected.value).abs();
    prop_assert!(off <= most, "{found:?} {expected:?}");
    prop_assert!(off <= found.error + expected.error, "{found:?} {expected:?}");
    Ok(())
}

#[test]
fn a_turned_problem_is_the_one_on_the_line_exactly() {
    for v in [&[1, 1][..], &[2, -1, 2], &[1, 0, 3, -2]] {
        let (law, model) = embedded(&turn(v), &exact("3/7"));
        let projected = Projected::new(&law, &model).unwrap();
        let reduction = projected.reduction();
        assert_eq!((reduction.directions(), reduction.is_exact()), (1, true), "{v:?}");
        assert_eq!(reduction.dimension(), v.len());
        for risk in Risk::ALL {
            for divergence in [Divergence::L1, Divergence::Kl, Divergence::Hellinger] {
                let found = projected.risk(risk, divergence, &ball(Norm::L2, "1")).unwrap();
                agree(found, toy().risk(risk, divergence, 1.0).unwrap(), 1e-13).unwrap();
            }
        }
        let bounds = projected
            .enclosure(Risk::Score, Divergence::L1, &ball(Norm::L2, "1"), Effort::to(1e-9))
            .unwrap();
        // Known to 40 digits.
        assert!(
            bounds.interval.contains(0.380_776_156_641_295_5) && bounds.interval.width() < 1e-8
        );
    }
}

#[test]
fn a_hair_beside_the_direction_is_another_direction() {
    let (law, model) = embedded(&turn(&[2, -1, 2]), &exact("3/7"));
    let Model::Linear(linear) = &model else { unreachable!() };
    let mut w = linear.weights()[0].clone();
    w[1] = &w[1] + &exact("1e-30");
    let tilted = odds(w, Exact::integer(1));
    let reduction = Reduction::new(&law, &tilted).unwrap();
    // To doubles it is one direction; it is not called exact, and nothing is proved of it.
    assert_eq!((reduction.directions(), reduction.is_exact()), (1, false));
    assert!(reduction.blur() > 0.0 && reduction.blur() < 1e-13);
    let refused = Projected::new(&law, &tilted).unwrap().enclosure(
        Risk::Score,
        Divergence::L1,
        &ball(Norm::L2, "1"),
        Effort::to(1e-6),
    );
    assert_eq!(refused.unwrap_err(), Error::NotEnclosed { directions: 1 });
    // One that is seen makes two.
    let mut w = linear.weights()[0].clone();
    w[1] = &w[1] + &exact("1e-6");
    let tilted = odds(w, Exact::integer(1));
    assert_eq!(Reduction::new(&law, &tilted).unwrap().directions(), 2);
}

#[test]
fn every_kind_of_model_of_one_direction_is_the_one_on_the_line() {
    let rotation = turn(&[2, -1, 2]);
    let axis: Vec<Exact> = rotation.iter().map(|row| row[0].clone()).collect();
    let (law, _) = embedded(&rotation, &exact("2"));
    let toy_law = Law::resolve("toy").unwrap();
    let along = |t: &Exact| axis.iter().map(|u| t * u).collect::<Vec<_>>();
    for name in ["toy-linear", "toy-quadratic", "toy-bayes", "toy-tanh", "toy-relu", "coin"] {
        let on_line = Model::resolve(name).unwrap();
        let model = match &on_line {
            Model::Linear(m) => {
                let rows = m.weights().iter().map(|row| along(&row[0])).collect();
                Model::Linear(Linear::new(rows, m.bias().to_vec()).unwrap())
            }
            Model::Quadratic(m) => {
                let rows = m.weights().iter().map(|row| along(&row[0])).collect();
                let matrix =
                    |a: &Vec<Vec<Exact>>| times(&column(&along(&a[0][0])), &vec![axis.clone()]);
                let matrices = m.matrices().iter().map(matrix).collect();
                Model::Quadratic(Quadratic::new(matrices, rows, m.bias().to_vec()).unwrap())
            }
            Model::Mlp(m) => {
                let first = &m.layers()[0];
                let rows = first.weights().iter().map(|row| along(&row[0])).collect();
                let mut layers = m.layers().to_vec();
                layers[0] = Layer::new(rows, first.bias().to_vec()).unwrap();
                Model::Mlp(Mlp::new(m.activation(), layers).unwrap())
            }
            Model::Bayes(_) => Model::Bayes(Bayes::new(law.clone())),
            other => other.clone(),
        };
        let projected = Projected::new(&law, &model).unwrap();
        let line = Line::new(&toy_law, &on_line).unwrap();
        // The posterior of a law with full covariances is found by solving, in exact numbers.
        assert!(projected.reduction().is_exact(), "{name}");
        for risk in Risk::ALL {
            let found = projected.risk(risk, Divergence::Kl, &ball(Norm::L2, "1/2")).unwrap();
            agree(found, line.risk(risk, Divergence::Kl, 0.5).unwrap(), 1e-12).unwrap();
        }
        let found = projected.accuracies(&ball(Norm::L2, "1/2")).unwrap();
        for (found, expected) in found.all().into_iter().zip(line.accuracies(0.5).unwrap().all()) {
            agree(found, expected, 1e-12).unwrap();
        }
    }
}

#[test]
fn along_a_coordinate_every_ball_is_the_interval() {
    let pad = |x: Exact, rest: Exact| vec![rest.clone(), rest.clone(), x, rest];
    let class = |prior: &str, mean: i64, variance: i64| {
        let mean = pad(Exact::integer(mean), exact("5/3"));
        let covariance = Covariance::Diagonal(pad(Exact::integer(variance), exact("2/7")));
        (exact(prior), mean, covariance)
    };
    let law = law(vec![class("5/6", -1, 4), class("1/6", 1, 1)]);
    let zero = Exact::integer(0);
    let model = odds(pad(Exact::integer(-1), zero.clone()), Exact::integer(1));
    let projected = Projected::new(&law, &model).unwrap();
    assert!(projected.encloses(&ball(Norm::L2, "1/4")));
    for norm in Norm::ALL {
        let radius = projected.reduction().radius(&ball(norm, "1/4"));
        assert!(radius.is_exact());
        for risk in Risk::ALL {
            let found = projected.risk(risk, Divergence::L1, &ball(norm, "1/4")).unwrap();
            agree(found, toy().risk(risk, Divergence::L1, 0.25).unwrap(), 1e-13).unwrap();
        }
    }
}

#[test]
fn an_irrational_radius_is_enclosed_between_rationals() {
    // Along (1, 1) the ball of l2 is an interval of half-width 2^(1/2) eps.
    let class = |sign: i64| {
        (half(), vec![Exact::integer(sign); 2], Covariance::Isotropic(Exact::integer(2)))
    };
    let law = law(vec![class(1), class(-1)]);
    let model = odds(vec![exact("3/4"); 2], exact("1/5"));
    let projected = Projected::new(&law, &model).unwrap();
    let ball = ball(Norm::L2, "1/2");
    let radius = projected.reduction().radius(&ball);
    assert!(projected.reduction().is_exact() && !radius.is_exact());
    assert!(*radius.below() < radius.above());
    let root = &radius.above() * &radius.above();
    let truth = &(ball.epsilon() * ball.epsilon()) * &projected.reduction().square();
    assert!(root > truth && radius.below() * radius.below() < truth);
    for risk in Risk::ALL {
        let bounds = projected.enclosure(risk, Divergence::L1, &ball, Effort::to(1e-8)).unwrap();
        let found = projected.risk(risk, Divergence::L1, &ball).unwrap();
        assert!(bounds.interval.contains(found.value) && bounds.interval.width() < 1e-7);
    }
}

/// `S^-1 (m_1 - m_0)` of a covariance that is written in two ways: one line, and what is on it is proved.
#[test]
fn the_direction_of_a_shared_covariance_is_solved_for_exactly() {
    let numbers = |row: [i64; 3]| row.map(Exact::integer).to_vec();
    let full = Covariance::Full([[2, 1, 1], [1, 3, 1], [1, 1, 4]].map(numbers).to_vec());
    let factor = vec![vec![Exact::integer(1)]; 3];
    let low_rank = Covariance::LowRank { diagonal: numbers([1, 2, 3]), factor };
    let own = |covariance: &Covariance| {
        let class = |prior, mean| (exact(prior), numbers(mean), covariance.clone());
        let law = law(vec![class("1/3", [1, 0, 2]), class("2/3", [-1, 1, 0])]);
        Projected::new(&law, &Model::Bayes(Bayes::new(law.clone()))).unwrap()
    };
    let [one, other] = [&full, &low_rank].map(own);
    for projected in [&one, &other] {
        let reduction = projected.reduction();
        assert_eq!((reduction.directions(), reduction.is_exact()), (1, true));
        for norm in Norm::ALL {
            let ball = ball(norm, "1/4");
            let found = projected.risk(Risk::Variation, Divergence::Kl, &ball).unwrap();
            let effort = Effort::to(1e-8);
            let proved = projected.enclosure(Risk::Variation, Divergence::Kl, &ball, effort);
            assert!(proved.unwrap().interval.contains(found.value), "{norm}");
        }
    }
    assert_eq!(one.reduction().law(), other.reduction().law());
    // Along S^-1 (m_1 - m_0) the squared distance of the means is d' S^-1 d, and S^-1 (-2, 1, -2) = (-21, 15, -7) / 17.
    let Law::GaussianMixture(mixture) = one.reduction().law();
    let [first, second] = [0, 1].map(|k| &mixture.classes()[k].components()[0]);
    let gap = &second.mean()[0] - &first.mean()[0];
    let squared = (&gap * &gap).checked_div(&first.covariance().variance(0)).unwrap();
    assert_eq!(squared, exact("71/17"));
}

/// Two classes in dimension d with one covariance `diag(noise) + f f'`, and a linear model.
#[derive(Clone, Debug)]
struct Case {
    means: [Vec<f64>; 2],
    noise: Vec<f64>,
    factor: Vec<f64>,
    w: Vec<f64>,
    b: f64,
}

fn case(d: std::ops::Range<usize>) -> impl Strategy<Value = Case> {
    d.prop_flat_map(|d| {
        let row = move || prop::collection::vec(-1.0..1.0, d);
        let noise = prop::collection::vec(0.5..2.0, d);
        (row(), row(), noise, row(), row(), -0.5..0.5)
            .prop_map(|(m, n, noise, factor, w, b)| Case { means: [m, n], noise, factor, w, b })
    })
}

fn numbers(row: &[f64]) -> Vec<Exact> {
    row.iter().map(|x| double(*x)).collect()
}

impl Case {
    fn low_rank(&self) -> Covariance {
        Covariance::LowRank {
            diagonal: numbers(&self.noise),
            factor: self.factor.iter().map(|f| vec![double(*f)]).collect(),
        }
    }

    fn full(&self) -> Covariance {
        let f = column(&numbers(&self.factor));
        let mut rows = times(&f, &vec![numbers(&self.factor)]);
        for (i, row) in rows.iter_mut().enumerate() {
            row[i] = &row[i] + &double(self.noise[i]);
        }
        Covariance::Full(rows)
    }

    fn law(&self, covariance: &Covariance) -> Law {
        let [a, b] = self.means.each_ref().map(|mean| (half(), numbers(mean), covariance.clone()));
        law(vec![a, b])
    }

    fn model(&self) -> Model {
        odds(numbers(&self.w), double(self.b))
    }

    /// The coordinates moved to other places, with other signs.
    fn moved(&self, order: &[usize], signs: &[f64]) -> Self {
        let vector = |v: &[f64]| (0..v.len()).map(|i| signs[i] * v[order[i]]).collect::<Vec<_>>();
        Self {
            means: self.means.each_ref().map(|mean| vector(mean)),
            noise: order.iter().map(|&i| self.noise[i]).collect(),
            factor: vector(&self.factor),
            w: vector(&self.w),
            b: self.b,
        }
    }

    /// With coordinates that say nothing of the label and that the model does not look at.
    fn padded(&self) -> Self {
        let longer = |v: &[f64], more: [f64; 2]| [v, &more].concat();
        Self {
            means: self.means.each_ref().map(|mean| longer(mean, [0.7, -3.0])),
            noise: longer(&self.noise, [0.3, 5.0]),
            factor: longer(&self.factor, [0.0; 2]),
            w: longer(&self.w, [0.0; 2]),
            b: self.b,
        }
    }

    fn translated(&self, by: f64) -> Self {
        let shift = by * self.w.iter().sum::<f64>();
        let means = self.means.each_ref().map(|mean| mean.iter().map(|m| m + by).collect());
        Self { means, b: self.b - shift, ..self.clone() }
    }

    /// `I - 2 v v' / v'v` times x, to rounding.
    fn turned(&self, v: &[f64]) -> (Law, Model) {
        let square: f64 = v.iter().map(|v| v * v).sum();
        let vector = |x: &[f64]| {
            let along: f64 = v.iter().zip(x).map(|(v, x)| v * x).sum();
            x.iter().zip(v).map(|(x, v)| x - 2.0 * along / square * v).collect::<Vec<f64>>()
        };
        let d = v.len();
        let covariance = |i: usize, j: usize| {
            let own = if i == j { self.noise[i] } else { 0.0 };
            own + self.factor[i] * self.factor[j]
        };
        let half_way: Vec<Vec<f64>> =
            (0..d).map(|i| vector(&(0..d).map(|j| covariance(i, j)).collect::<Vec<_>>())).collect();
        let columns: Vec<Vec<f64>> = (0..d)
            .map(|j| vector(&half_way.iter().map(|row| row[j]).collect::<Vec<_>>()))
            .collect();
        let entry = |i: usize, j: usize| double(0.5 * (columns[i][j] + columns[j][i]));
        let rows = (0..d).map(|i| (0..d).map(|j| entry(i, j)).collect()).collect();
        let means = self.means.each_ref().map(|mean| vector(mean));
        let turned = Self { means, w: vector(&self.w), ..self.clone() };
        (turned.law(&Covariance::Full(rows)), turned.model())
    }
}

/// Along two directions that are known exactly: for every kind of model, the enclosure contains what is estimated along directions in doubles.
#[test]
fn estimates_are_within_what_is_proved_along_two_directions() {
    let case = Case {
        means: [vec![0.6, -0.2, 0.5, 0.1], vec![-0.4, 0.3, -0.1, 0.2]],
        noise: vec![1.0, 1.25, 0.75, 1.5],
        factor: vec![0.5, -0.25, 0.5, 0.75],
        w: vec![1.0, 0.5, -0.75, 0.25],
        b: 0.25,
    };
    let law = case.law(&case.low_rank());
    let w = numbers(&case.w);
    let other = Case { means: [case.w.clone(), vec![0.0; 4]], ..case.clone() };
    let zero = vec![exact("0"); 4];
    let square = times(&column(&w), &vec![w.iter().map(|w| w * &exact("1/8")).collect()]);
    let quadratic = Quadratic::new(
        vec![square, vec![zero.clone(); 4]],
        vec![w.clone(), zero.clone()],
        vec![exact("1/4"), exact("0")],
    );
    let twice = w.iter().map(|w| w * &exact("-2")).collect();
    let layers = vec![
        Layer::new(vec![w.clone(), twice], vec![exact("1/2"), exact("0")]).unwrap(),
        Layer::new(vec![vec![exact("1"), exact("1/2")], vec![exact("0"); 2]], vec![exact("0"); 2])
            .unwrap(),
    ];
    let models = [
        case.model(),
        Model::Bayes(Bayes::new(other.law(&case.low_rank()))),
        Model::Quadratic(quadratic.unwrap()),
        Model::Mlp(Mlp::new(Activation::Tanh, layers).unwrap()),
    ];
    for (i, model) in models.iter().enumerate() {
        let projected = Projected::new(&law, model).unwrap();
        assert_eq!(projected.reduction().directions(), 2);
        assert!(!projected.reduction().is_exact());
        for norm in if i == 0 { &Norm::ALL[..] } else { &[Norm::L2] } {
            let ball = ball(*norm, "1/5");
            assert!(projected.encloses(&ball));
            for risk in Risk::ALL {
                let effort = Effort::in_the_plane(0.1);
                let found = projected.risk(risk, Divergence::Kl, &ball).unwrap();
                let proved = projected.enclosure(risk, Divergence::Kl, &ball, effort).unwrap();
                let interval = proved.interval;
                assert!(proved.shortfall.is_none() && interval.width() < 0.11, "{proved:?}");
                assert!(interval.contains(found.value), "{model:?} {norm} {risk}: {interval:?}");
            }
        }
    }
    // One hair beside, and three matter: nothing is proved of the two that doubles see.
    let Law::GaussianMixture(mixture) = &law;
    let first = mixture.classes()[0].components()[0].mean().to_vec();
    let hair = |i: usize| if i == 0 { &first[0] + &exact("1e-30") } else { first[i].clone() };
    let tilted: Vec<Exact> = (0..4).map(hair).collect();
    let component = |mean: Vec<Exact>, weight: &str| {
        Component::new(exact(weight), mean, case.low_rank()).unwrap()
    };
    let classes = vec![
        Class::new(half(), vec![component(first, "1/2"), component(tilted, "1/2")]).unwrap(),
        mixture.classes()[1].clone(),
    ];
    let law = Law::GaussianMixture(GaussianMixture::new(classes).unwrap());
    let projected = Projected::new(&law, &case.model()).unwrap();
    assert!(projected.reduction().directions() == 2);
    assert!(!projected.encloses(&ball(Norm::L2, "1/4")));
}

/// Covariances of their own, turned: what the posterior depends on is found in exact numbers, and what is proved is proved of the problem that was turned.
#[test]
fn covariances_of_their_own_are_seen_through() {
    let rotation = turn(&[1, 2, -1, 3]);
    let (toy, _) = embedded(&rotation, &exact("3/4"));
    let own = Model::Bayes(Bayes::new(toy.clone()));
    let reduction = Reduction::new(&toy, &own).unwrap();
    assert_eq!((reduction.directions(), reduction.is_exact()), (1, true));

    let means = [["1", "0"], ["-1", "1/2"]].map(|mean| mean.map(exact).to_vec());
    let covariances = [["1", "1/4", "1/2"], ["1/2", "0", "1"]].map(|entries| {
        let [a, b, c] = entries.map(exact);
        vec![vec![a, b.clone()], vec![b, c]]
    });
    let class = |k: usize| (half(), means[k].clone(), Covariance::Full(covariances[k].clone()));
    let plane = law(vec![class(0), class(1)]);
    let class = |k: usize| {
        let mut wide = diagonal(&["0", "0", "3/4", "5/4"].map(exact));
        for (row, own) in wide.iter_mut().zip(&covariances[k]) {
            row[..2].clone_from_slice(own);
        }
        let mean = [means[k].clone(), vec![exact("0"); 2]].concat();
        let covariance = Covariance::Full(times(&times(&rotation, &wide), &rotation));
        (half(), turned(&rotation, &mean), covariance)
    };
    let turned = law(vec![class(0), class(1)]);
    let [plane, turned] = [plane, turned]
        .map(|law| Projected::new(&law, &Model::Bayes(Bayes::new(law.clone()))).unwrap());
    let ball = ball(Norm::L2, "1/4");
    assert!(turned.encloses(&ball) && turned.reduction().directions() == 2);
    let effort = Effort::in_the_plane(0.05);
    let truth = plane.risk(Risk::Variation, Divergence::L1, &ball).unwrap().value;
    let proved = turned.enclosure(Risk::Variation, Divergence::L1, &ball, effort).unwrap();
    assert!(proved.shortfall.is_none() && proved.interval.contains(truth), "{proved:?} {truth}");
}

/// A ball whose image is a hair beside its length lies between no two bodies of doubles, and nothing is proved.
#[test]
fn an_image_too_flat_is_not_enclosed() {
    let covariance = || Covariance::Diagonal(["1", "1e-40", "1"].map(exact).to_vec());
    let class = |mean: [&str; 3]| (half(), mean.map(exact).to_vec(), covariance());
    let law = law(vec![class(["1", "1e-20", "0"]), class(["-1", "0", "0"])]);
    let model = odds(["1", "0", "0"].map(exact).to_vec(), exact("0"));
    let projected = Projected::new(&law, &model).unwrap();
    let ball = ball(Norm::L1, "1/3");
    let found = projected.enclosure(Risk::Madry, Divergence::L1, &ball, Effort::in_the_plane(0.1));
    assert_eq!(found.unwrap_err(), Error::NotEnclosed { directions: 2 });
    assert!(!projected.encloses(&ball));
}

/// C, and the risks of the law's posterior: problems of one direction.
fn own(law: &Law, norm: Norm) -> [Estimate; 2] {
    let model = Model::Bayes(Bayes::new(law.clone()));
    let projected = Projected::new(law, &model).unwrap();
    assert_eq!(projected.reduction().directions(), 1);
    [Divergence::L1, Divergence::Kl]
        .map(|divergence| projected.risk(Risk::Variation, divergence, &ball(norm, "1/5")).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However a covariance is written, it is the same.
    #[test]
    fn forms_of_a_covariance_agree(case in case(2..8)) {
        for norm in Norm::ALL {
            let [full, low_rank] = [case.full(), case.low_rank()].map(|c| own(&case.law(&c), norm));
            let plain = Case { factor: vec![0.0; case.factor.len()], ..case.clone() };
            let diagonal = Covariance::Diagonal(numbers(&case.noise));
            let [bare, own_bare] = [plain.low_rank(), diagonal].map(|c| own(&plain.law(&c), norm));
            for (a, b) in full.into_iter().zip(low_rank).chain(bare.into_iter().zip(own_bare)) {
                agree(a, b, 1e-12)?;
            }
        }
    }

    /// What the coordinates are called, where they begin and what else is measured changes nothing; nor does a rotation for l2.
    #[test]
    fn coordinates_do_not_matter(
        case in case(3..7),
        order in Just((0..7).collect::<Vec<usize>>()).prop_shuffle(),
        signs in prop::collection::vec(prop::sample::select(vec![-1.0, 1.0]), 7),
        by in -5.0..5.0,
        v in prop::collection::vec(0.1..1.0, 7),
    ) {
        let d = case.w.len();
        let order: Vec<usize> = order.into_iter().filter(|i| *i < d).collect();
        for norm in Norm::ALL {
            let expected = own(&case.law(&case.low_rank()), norm);
            let others = [case.moved(&order, &signs), case.padded(), case.translated(by)];
            for other in others {
                for (a, b) in own(&other.law(&other.low_rank()), norm).into_iter().zip(expected) {
                    agree(a, b, 1e-12)?;
                }
            }
        }
        let expected = own(&case.law(&case.low_rank()), Norm::L2);
        let (turned, _) = case.turned(&v[..d]);
        for (a, b) in own(&turned, Norm::L2).into_iter().zip(expected) {
            agree(a, b, 1e-11)?;
        }
    }

    /// The linear classifier of a law with a shared covariance has the accuracy Phi((w . mu - eps ||w||_q) / (w' Sigma w)^(1/2)) in every norm, though
    /// the posterior depends on another direction.
    #[test]
    fn linear_classifiers_have_their_robust_accuracy(case in case(2..40)) {
        let law = case.law(&case.low_rank());
        let projected = Projected::new(&law, &case.model()).unwrap();
        prop_assert_eq!(projected.reduction().directions(), 2);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let noise: f64 = case.w.iter().zip(&case.noise).map(|(w, v)| w * w * v).sum();
        let deviation = (noise + dot(&case.w, &case.factor).powi(2)).sqrt();
        let phi = |t: f64| 0.5 * libm::erfc(-t / std::f64::consts::SQRT_2);
        for norm in Norm::ALL {
            let found = projected.accuracies(&ball(norm, "1/20")).unwrap();
            let accuracy = |reach: f64| {
                let margin = |k: usize, sign: f64| sign * (dot(&case.w, &case.means[k]) + case.b);
                0.5 * (phi((margin(0, 1.0) - reach) / deviation) + phi((margin(1, -1.0) - reach) / deviation))
            };
            prop_assert!((found.clean.value - accuracy(0.0)).abs() < 1e-12);
            let reach = norm.dual().length(&case.w) / 20.0;
            prop_assert!((found.robust.value - accuracy(reach)).abs() < 1e-12);
            prop_assert!(found.self_consistent.value <= 1.0 && found.self_consistent.error < 1e-11);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2))]

    /// The same of two directions.
    #[test]
    fn coordinates_do_not_matter_to_two_directions(
        case in case(3..5),
        v in prop::collection::vec(0.1..1.0, 5),
    ) {
        let d = case.w.len();
        let risk = |(law, model): (&Law, &Model), risk, norm| {
            let projected = Projected::new(law, model).unwrap();
            assert_eq!(projected.reduction().directions(), 2);
            projected.risk(risk, Divergence::L1, &ball(norm, "1/5")).unwrap()
        };
        let (law, model) = (case.law(&case.low_rank()), case.model());
        let reversed: Vec<usize> = (0..d).rev().collect();
        let moved = case.moved(&reversed, &[-1.0, 1.0, -1.0, 1.0, -1.0]).padded().translated(2.0);
        for norm in [Norm::Linf, Norm::L1] {
            let expected = risk((&law, &model), Risk::Madry, norm);
            let found = risk((&moved.law(&moved.low_rank()), &moved.model()), Risk::Madry, norm);
            agree(found, expected, 1e-7)?;
        }
        let turned = case.turned(&v[..d]);
        for each in [Risk::Standard, Risk::Madry, Risk::Score] {
            let expected = risk((&law, &model), each, Norm::L2);
            agree(risk((&turned.0, &turned.1), each, Norm::L2), expected, 1e-7)?;
        }
    }
}

#[test]
fn what_is_infinite_stays_so_without_an_error() {
    let (law, _) = embedded(&turn(&[2, -1, 2]), &exact("2"));
    let certain =
        Model::Constant(Constant::new(vec![Exact::integer(1), Exact::integer(0)]).unwrap());
    let toy = Law::resolve("toy").unwrap();
    for law in [law, toy] {
        let found = Projected::new(&law, &certain).unwrap();
        let found = found.risk(Risk::Madry, Divergence::Kl, &ball(Norm::L2, "1")).unwrap();
        assert_eq!((found.value, found.error), (f64::INFINITY, 0.0));
    }
}

#[test]
fn theorem_4_holds_in_two_directions() {
    let (law, model) =
        (Law::resolve("bhagoji").unwrap(), Model::resolve("bhagoji-robust").unwrap());
    for norm in [Norm::L2, Norm::L1] {
        let problem = Problem::new(("bhagoji", &law), ("bhagoji-robust", &model), norm).unwrap();
        assert_eq!(problem.reduction().describe(), "8 dimensions, 2 directions");
        let instance = problem.instance(Divergence::L1, ball(norm, "1/8"));
        let check = Claim::named("theorem-4").unwrap().check(&instance).unwrap();
        assert_eq!(check.verdict, Verdict::Holds, "{check:?}");
        // The bound is small enough to tell a coefficient that is off by a tenth.
        let term = |name: &str| {
            let of_name = check.terms.iter().find(|term| term.name.starts_with(name));
            of_name.unwrap_or_else(|| panic!("{name}")).value.value()
        };
        let quotient = term("(R_SCORE - R_Standard)/eps at eps/16");
        assert!((quotient - term("c")).abs() <= term("M") / 128.0);
        assert!(term("M") / 128.0 < 0.1 * term("c"));
    }
}

#[test]
fn claims_of_two_directions_are_proved_on_request() {
    let (law, model) =
        (Law::resolve("bhagoji").unwrap(), Model::resolve("bhagoji-robust").unwrap());
    let problem = Problem::new(("bhagoji", &law), ("bhagoji-robust", &model), Norm::L2).unwrap();
    let instance = problem.instance(Divergence::L1, ball(Norm::L2, "1/4"));
    for name in ["theorem-1", "corollary-1"] {
        let claim = Claim::named(name).unwrap();
        let estimated = claim.check(&instance.enclosed_to(1e-4)).unwrap();
        assert_eq!((estimated.verdict, estimated.evidence), (Verdict::Holds, Evidence::Estimated));
        let proved = claim.check(&instance.enclosed_in_the_plane_to(1e-4)).unwrap();
        assert_eq!((proved.verdict, proved.evidence), (Verdict::Holds, Evidence::Enclosed));
        let slack = proved.slack.unwrap().enclosure().unwrap();
        assert!(slack.lower() > 0.0 && slack.contains(estimated.slack.unwrap().value()));
    }
    // Of derivatives nothing is proved, on request or not.
    let claim = Claim::named("theorem-4").unwrap();
    let found = claim.check(&instance.enclosed_in_the_plane_to(1e-4)).unwrap();
    assert_eq!(found, claim.check(&instance).unwrap());
}

#[test]
fn in_dimension_2_risks_are_proved() {
    let class = |mean: [&str; 2], variances: [&str; 2]| {
        let covariance = Covariance::Diagonal(variances.map(exact).to_vec());
        (half(), mean.map(exact).to_vec(), covariance)
    };
    let law = law(vec![class(["1", "0"], ["1", "2"]), class(["-1", "0"], ["1", "2"])]);
    let model = odds(vec![Exact::integer(1), exact("1/2")], Exact::integer(0));
    let projected = Projected::new(&law, &model).unwrap();
    assert!(projected.line().is_err());
    let effort = Effort { cells: 2000, ..Effort::in_the_plane(1e-2) };
    // A third is no double: it is enclosed between the two beside it.
    for epsilon in ["1/3", "1/4"] {
        let ball = ball(Norm::Linf, epsilon);
        let found = projected.risk(Risk::Madry, Divergence::L1, &ball).unwrap();
        let bounds = projected.enclosure(Risk::Madry, Divergence::L1, &ball, effort).unwrap();
        assert!(bounds.interval.contains(found.value), "{found:?} {bounds:?}");
        assert!(bounds.interval.width() < 0.2);
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let flat = |d: usize, variance: [&str; 2]| {
        let class = |k: usize| {
            (half(), vec![Exact::integer(0); d], Covariance::Isotropic(exact(variance[k])))
        };
        law(vec![class(0), class(1)])
    };
    let model = odds(vec![Exact::integer(1); 5], Exact::integer(0));
    let found = Reduction::new(&flat(4, ["1", "1"]), &model).unwrap_err();
    assert_eq!(found, Error::DimensionsDiffer { law: 4, model: 5 });
    let found = Reduction::new(&flat(5, ["1", "2"]), &model).unwrap_err();
    assert_eq!(found, Error::TooManyDirections { found: 5, most: 3 });
    // Two matter, and are the plane itself.
    let model = odds(vec![Exact::integer(1); 2], Exact::integer(0));
    let plane = Reduction::new(&flat(2, ["1", "2"]), &model).unwrap();
    assert_eq!((plane.directions(), plane.is_exact(), plane.blur()), (2, true, 0.0));
    let network = |rows: Vec<Vec<Exact>>| {
        let n = rows.len();
        let first = Layer::new(rows, vec![Exact::integer(0); n]).unwrap();
        let last =
            Layer::new(vec![vec![Exact::integer(1); n]; 2], vec![Exact::integer(0); 2]).unwrap();
        Model::Mlp(Mlp::new(Activation::Tanh, vec![first, last]).unwrap())
    };
    let unit = |i: usize| (0..5).map(|j| Exact::integer(i64::from(i == j))).collect::<Vec<_>>();
    let law = flat(5, ["1", "1"]);
    let found = Reduction::new(&law, &network((0..4).map(unit).collect())).unwrap_err();
    assert_eq!(found, Error::TooManyDirections { found: 4, most: 3 });
    assert_eq!(Reduction::new(&law, &network((0..3).map(unit).collect())).unwrap().directions(), 3);
    assert_eq!(Reduction::new(&law, &network(vec![unit(0), unit(1)])).unwrap().directions(), 2);
    assert_eq!(
        Reduction::new(&law, &network(vec![vec![Exact::integer(0); 5]])).unwrap().directions(),
        0
    );
}

/// Of a million dimensions, two.
#[test]
fn a_million_dimensions() {
    let d = 1_000_000;
    let class = |sign: f64| {
        let mean = (0..d).map(|i| double(sign * 1e-3 * f64::from(1 + i % 7))).collect();
        (half(), mean, Covariance::Isotropic(Exact::integer(1)))
    };
    let law = law(vec![class(1.0), class(-1.0)]);
    let w: Vec<f64> = (0..d).map(|i| 1e-3 * f64::from(2 + i % 5)).collect();
    let projected = Projected::new(&law, &odds(numbers(&w), Exact::integer(0))).unwrap();
    assert_eq!(projected.reduction().describe(), "1000000 dimensions, 2 directions");
    let found = projected.accuracies(&ball(Norm::Linf, "1/1000")).unwrap();
    let phi = |t: f64| 0.5 * libm::erfc(-t / std::f64::consts::SQRT_2);
    let mean = |i: i32| 1e-3 * f64::from(1 + i % 7);
    let along: f64 = (0..d).zip(&w).map(|(i, w)| w * mean(i)).sum();
    let margin = along - 1e-3 * w.iter().sum::<f64>();
    let deviation = w.iter().map(|w| w * w).sum::<f64>().sqrt();
    assert!((found.robust.value - phi(margin / deviation)).abs() < 1e-10);
}
