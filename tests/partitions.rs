//! What a partition may say and what it may not. Whoever wrote it, the enclosure that it shows contains the risk, or there is a flaw.

use score_workbench::divergence::Divergence;
use score_workbench::enclosure::{
    self, Cover, Effort, Flaw, Integrand, Known, Partition, Shape, Trend, Windows,
};
use score_workbench::exact::Exact;
use score_workbench::law::Law;
use score_workbench::model::Model;
use score_workbench::real::Interval;
use score_workbench::risk::{Line, Risk};
use serde_json::json;

/// A risk with a partition that shows it, and its value.
struct Shown {
    integrand: Integrand,
    partition: Partition,
    interval: Interval,
    value: f64,
}

fn shown(
    (law, model): (&str, &str),
    (risk, divergence, epsilon): (Risk, Divergence, &str),
    width: f64,
) -> Shown {
    let (law, model) = (Law::resolve(law).unwrap(), Model::resolve(model).unwrap());
    let epsilon: Exact = epsilon.parse().unwrap();
    let line = Line::new(&law, &model).unwrap();
    let found = enclosure::risk(&line, (risk, divergence, &epsilon), Effort::to(width)).unwrap();
    Shown {
        integrand: Integrand::new((&law, &model), risk, divergence, &epsilon).unwrap(),
        partition: found.partition.expect("a partition"),
        interval: found.interval,
        value: line.risk(risk, divergence, epsilon.to_f64()).unwrap().value,
    }
}

const TOY: (&str, &str) = ("toy", "toy-linear");
const THREE: (&str, &str) = ("three-classes", "three-linear");

/// Points, trends of either kind, and covers.
fn each_kind() -> Vec<Shown> {
    vec![
        shown(TOY, (Risk::Standard, Divergence::L1, "0"), 1e-6),
        shown(TOY, (Risk::Score, Divergence::Kl, "1"), 1e-6),
        shown(TOY, (Risk::Madry, Divergence::L1, "1"), 1e-6),
        shown(THREE, (Risk::Madry, Divergence::Kl, "1/2"), 1e-3),
    ]
}

impl Shown {
    fn again(&self, partition: &Partition) -> Result<Interval, Flaw> {
        partition.enclosure(&self.integrand)
    }

    /// The enclosure of a changed partition, which has none of its flaws.
    #[track_caller]
    fn changed(&self, change: impl FnOnce(&mut Partition)) -> Interval {
        let mut partition = self.partition.clone();
        change(&mut partition);
        let interval = self.again(&partition).expect("a partition without flaws");
        assert!(interval.contains(self.value), "{interval:?} without {}", self.value);
        interval
    }

    /// The flaw of a changed partition.
    #[track_caller]
    fn flaw(&self, change: impl FnOnce(&mut Partition)) -> Flaw {
        let mut partition = self.partition.clone();
        change(&mut partition);
        self.again(&partition).expect_err("a flaw")
    }
}

fn edges(partition: &mut Partition) -> &mut Vec<f64> {
    match &mut partition.windows {
        Windows::Trends { edges, .. } => edges,
        _ => panic!("trends"),
    }
}

fn trends(partition: &mut Partition) -> &mut Vec<Trend> {
    match &mut partition.windows {
        Windows::Trends { trends, .. } => trends,
        _ => panic!("trends"),
    }
}

fn covers(partition: &mut Partition) -> &mut Vec<Cover> {
    match &mut partition.windows {
        Windows::Covers(covers) => covers,
        _ => panic!("covers"),
    }
}

#[test]
fn a_partition_shows_what_was_found() {
    for shown in each_kind() {
        assert_eq!(shown.again(&shown.partition), Ok(shown.interval));
        assert!(shown.interval.contains(shown.value));
    }
}

/// More cells show the same number, at least as tightly; their covers may be those of the cell that they were cut from.
#[test]
fn other_cuts_overlap() {
    for shown in each_kind() {
        let interval = shown.changed(|partition| {
            let third = |pair: &[f64]| vec![pair[0], pair[0] + (pair[1] - pair[0]) / 3.0];
            let mut cells: Vec<f64> = partition.cells.windows(2).flat_map(third).collect();
            cells.push(*partition.cells.last().unwrap());
            partition.cells = cells;
            if let Windows::Covers(covers) = &mut partition.windows {
                // The curve is relative to the middle of the cell: of another cell it is another curve.
                let twice = |cover: &Cover| [cover.clone(), cover.clone()];
                *covers = covers.iter().flat_map(twice).collect();
            }
        });
        if !matches!(shown.partition.windows, Windows::Covers(_)) {
            assert!(
                interval.width() <= shown.interval.width() + 1e-15,
                "{interval:?} {:?}",
                shown.interval
            );
        }
    }
}

/// Without its last cells a partition has a larger tail: the enclosure grows to the side of the upper bound, and stays one.
#[test]
fn dropped_cells_are_in_the_tail() {
    for shown in each_kind() {
        for count in [1, 3] {
            let first = shown.changed(|partition| {
                partition.cells.drain(..count);
                if let Windows::Covers(covers) = &mut partition.windows {
                    covers.drain(..count);
                }
            });
            let last = shown.changed(|partition| {
                partition.cells.truncate(partition.cells.len() - count);
                if let Windows::Covers(covers) = &mut partition.windows {
                    covers.truncate(covers.len() - count);
                }
            });
            for interval in [first, last] {
                assert!(
                    interval.width() > shown.interval.width(),
                    "{interval:?} {:?}",
                    shown.interval
                );
                assert!(interval.lower() <= shown.interval.upper());
            }
        }
        // One point and two tails; no cell at all.
        let point = shown.changed(|partition| {
            partition.cells.truncate(1);
            if let Windows::Covers(covers) = &mut partition.windows {
                covers.clear();
            }
        });
        assert_eq!(point.lower(), 0.0);
    }
}

#[test]
fn cells_that_are_none() {
    for shown in each_kind() {
        let empty = shown.flaw(|partition| partition.cells.clear());
        assert_eq!(empty, Flaw::Empty);
        let (a, b) = (shown.partition.cells[2], shown.partition.cells[3]);
        let unsorted = shown.flaw(|partition| partition.cells.swap(2, 3));
        assert!(matches!(unsorted, Flaw::Cells { .. }), "{unsorted:?} {a} {b}");
        let twice = shown.flaw(|partition| partition.cells[3] = a);
        assert_eq!(twice, Flaw::Cells { from: a, to: a });
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for at in [0, 2, shown.partition.cells.len() - 1] {
                let flaw = shown.flaw(|partition| partition.cells[at] = odd);
                assert!(matches!(flaw, Flaw::Cells { .. }), "{flaw:?}");
            }
            // A single end, which has no neighbour to compare with.
            let mut partition = shown.partition.clone();
            partition.cells = vec![odd];
            if let Windows::Covers(covers) = &mut partition.windows {
                covers.clear();
            }
            assert!(
                matches!(shown.again(&partition), Err(Flaw::Cells { .. })),
                "{odd}: {:?}",
                shown.again(&partition)
            );
        }
    }
}

#[test]
fn windows_of_another_kind() {
    for shown in each_kind() {
        let others = [
            Windows::Points,
            Windows::Trends { edges: vec![-100.0, 100.0], trends: vec![Trend::Unknown] },
            Windows::Covers(vec![Cover::default(); shown.partition.cells.len() - 1]),
        ];
        let same = |other: &Windows| {
            std::mem::discriminant(other) == std::mem::discriminant(&shown.partition.windows)
        };
        for other in others.into_iter().filter(|other| !same(other)) {
            assert_eq!(shown.flaw(|partition| partition.windows = other), Flaw::Kind);
        }
    }
}

#[test]
fn trends_that_are_not_shown() {
    for shown in &each_kind()[1..3] {
        let mut partition = shown.partition.clone();
        let known = trends(&mut partition).clone();
        assert!(known.contains(&Trend::Rising) || known.contains(&Trend::Falling));
        for (n, trend) in known.iter().enumerate() {
            // Less may be said than is known.
            let wrong = match trend {
                Trend::Rising => [Trend::Falling, Trend::Concave],
                Trend::Falling => [Trend::Rising, Trend::Concave],
                _ => [Trend::Rising, Trend::Falling],
            };
            for claimed in wrong {
                let flaw = shown.flaw(|partition| trends(partition)[n] = claimed);
                assert!(matches!(flaw, Flaw::Trend { trend, .. } if trend == claimed), "{flaw:?}");
            }
        }
        let unknown = shown.changed(|partition| trends(partition).fill(Trend::Unknown));
        assert!(unknown.width() > shown.interval.width());
    }
}

#[test]
fn edges_that_leave_something_out() {
    for shown in &each_kind()[1..3] {
        let reaches = |edges: &mut Vec<f64>| {
            let last = edges.len() - 1;
            (edges[0], edges[last])
        };
        let mut partition = shown.partition.clone();
        let (from, to) = reaches(edges(&mut partition));
        assert_eq!(shown.flaw(|partition| edges(partition)[0] = from.next_up()), Flaw::Edges);
        let last = |partition: &mut Partition, to: f64| *edges(partition).last_mut().unwrap() = to;
        assert_eq!(shown.flaw(|partition| last(partition, to.next_down())), Flaw::Edges);
        assert_eq!(shown.flaw(|partition| edges(partition).swap(0, 1)), Flaw::Edges);
        assert_eq!(shown.flaw(|partition| edges(partition)[1] = f64::NAN), Flaw::Edges);
        assert_eq!(shown.flaw(|partition| last(partition, f64::INFINITY)), Flaw::Edges);
        assert_eq!(shown.flaw(|partition| edges(partition).truncate(1)), Flaw::Lengths);
        assert_eq!(shown.flaw(|partition| edges(partition).clear()), Flaw::Lengths);
        assert_eq!(
            shown.flaw(|partition| {
                trends(partition).pop();
            }),
            Flaw::Lengths
        );
        // A cell more, whose windows reach farther than the edges.
        assert_eq!(shown.flaw(|partition| partition.cells.push(to + 1.0)), Flaw::Edges);
    }
}

/// Covers say something of one cell. Of another they say too little, and are found out or cost width; never truth.
#[test]
fn covers_of_another_cell() {
    let shown = &each_kind()[3];
    let count = shown.partition.cells.len() - 1;
    assert_eq!(
        shown.flaw(|partition| {
            covers(partition).pop();
        }),
        Flaw::Lengths
    );
    assert_eq!(shown.flaw(|partition| covers(partition).swap(0, count - 1)), Flaw::Edges);
    assert_eq!(shown.flaw(|partition| covers(partition)[1].edges.truncate(1)), Flaw::Edges);
    assert_eq!(
        shown.flaw(|partition| {
            covers(partition)[1].edges.remove(0);
        }),
        Flaw::Edges
    );
    // Neighbours' covers, stretched so that they reach.
    let stretched = |partition: &mut Partition, of: usize| {
        let count = covers(partition).len();
        let mut others = covers(partition).clone();
        others.rotate_left(of);
        for (n, cover) in others.iter_mut().enumerate().take(count) {
            let window =
                shown.integrand.window(Interval::new(partition.cells[n], partition.cells[n + 1]));
            let last = cover.edges.len() - 1;
            cover.edges[0] = cover.edges[0].min(window.lower());
            cover.edges[last] = cover.edges[last].max(window.upper());
        }
        *covers(partition) = others;
    };
    for of in [1, count / 2] {
        assert!(
            shown.changed(|partition| stretched(partition, of)).width() > shown.interval.width()
        );
    }
    // Whatever is said of the trends, and wherever the curve runs: what is not so costs width.
    for trend in [Trend::Rising, Trend::Falling, Trend::Concave, Trend::Unknown] {
        let said = shown.changed(|partition| {
            for cover in covers(partition) {
                cover.trends.fill(trend);
            }
        });
        assert!(said.width() >= shown.interval.width(), "{trend:?}");
    }
    for curve in
        [vec![], vec![0.0], vec![f64::NAN], vec![f64::INFINITY], vec![1e300; 4], vec![0.0, 5.0]]
    {
        shown.changed(|partition| {
            for cover in covers(partition) {
                cover.curve.clone_from(&curve);
            }
        });
    }
}

/// A law that turns at 0, and a network whose logit rises and falls between two bounds around there.
fn turning() -> (Law, Model) {
    let class =
        |mean: &str| json!({ "prior": "1/2", "components": [{ "mean": [mean], "variance": 1 }] });
    let law = json!({ "kind": "gaussian-mixture", "classes": [class("-1"), class("1")] });
    let model = json!({
        "kind": "mlp",
        "activation": "tanh",
        "layers": [
            { "weights": [["4"], ["4"], ["4"]], "bias": ["4", "0", "-4"] },
            { "weights": [["2", "-4", "2"], ["0", "0", "0"]], "bias": ["0", "0"] },
        ],
    });
    (Law::from_json(&law, "a law").unwrap(), Model::from_json(&model, "a model").unwrap())
}

/// Where nothing is known of a wide interval, the supremum over it is at one of its points for some x and at another for other x: a
/// function with a kink. The enclosure is compared with a sum of values at points of the windows.
#[test]
fn the_place_of_a_peak_may_depend_on_x() {
    let (law, model) = turning();
    let line = Line::new(&law, &model).unwrap();
    for divergence in
        [Divergence::SquaredError, Divergence::L1, Divergence::Kl, Divergence::Hellinger]
    {
        let integrand =
            Integrand::new((&law, &model), Risk::Madry, divergence, &"6".parse().unwrap()).unwrap();
        let shape = Shape::new(&integrand, &[-20.0, -3.0, 3.0, 20.0], &[Trend::Unknown; 3]);
        let samples: Vec<_> = (0..=6000).map(|n| line.model(f64::from(n) * 1e-3 - 3.0)).collect();
        for radius in [0.05, 0.1, 0.3] {
            let enclosed = integrand.integral(Interval::new(-radius, radius), Known::Shape(&shape));
            // A sum of values at points of the windows, from below: the middle of a cell of a function that is convex in its halves.
            let count = 40;
            let step = 2.0 * radius / f64::from(count);
            let at_least: f64 = (0..count)
                .map(|n| {
                    let x = (f64::from(n) + 0.5) * step - radius;
                    let here = line.posterior(x);
                    let largest =
                        samples.iter().map(|q| divergence.eval(&here, q)).fold(0.0, f64::max);
                    step * line.density(x) * largest
                })
                .sum();
            assert!(
                enclosed.upper() >= at_least * (1.0 - 1e-3),
                "{divergence} {radius}: {enclosed:?} below {at_least}"
            );
        }
    }
}
