//! The data of a certificate: where the line is cut off, monotone pieces, cells and their integrals.

use std::ops::{Range, RangeInclusive};

use super::measure::Measure;
use super::not_certifiable;
use super::odds::{LogOdds, Normal};
use super::text::{below, rounded};
use crate::error::Error;
use crate::exact::Exact;
use crate::quadrature::{Piece, integrate};
use crate::risk::{Curve, Line, Risk};

/// The largest exponent that coq-interval's doubles are to meet: `exp(710)` is none any more.
const EXPONENT: f64 = 600.0;

/// The farthest that the line is cut off.
const FARTHEST: i32 = 10_000;

/// The parts of the width that the tails, the slack of the suprema and the integrals may take; the rest is for rounding.
const TAILS: f64 = 0.05;
const SLACK: f64 = 0.25;
const INTEGRALS: f64 = 0.6;

/// At how many points the function under the supremum is looked at.
const SAMPLES: i32 = 400;

/// What is to be certified.
#[derive(Clone, Debug)]
pub struct Problem {
    pub classes: Vec<Vec<Normal>>,
    pub h: LogOdds,
    pub m: LogOdds,
    pub measure: Measure,
    pub risk: Risk,
    pub epsilon: Exact,
    pub width: Exact,
}

/// A piece on which the function under the supremum is monotone.
#[derive(Clone, Debug)]
pub struct Monotone {
    pub from: Exact,
    pub to: Exact,
    pub rises: bool,
    /// How far the slope may have the wrong sign.
    pub slope: Exact,
}

/// A point at which it turns, and its value there.
#[derive(Clone, Debug)]
pub struct Node {
    pub at: Exact,
    pub level: Exact,
}

/// Where in the window the divergence is largest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Choice {
    Lower,
    Upper,
    /// The node of this number.
    Node(usize),
}

/// A cell, whose windows all have the same nodes inside and the same choice, and the integral over it.
#[derive(Clone, Debug)]
pub struct Cell {
    pub from: Exact,
    pub to: Exact,
    pub choice: Choice,
    /// The nodes inside the windows.
    pub nodes: Range<usize>,
    pub integral: Exact,
    pub width: Exact,
}

impl Cell {
    /// The monotone pieces that the windows meet: those around the nodes.
    pub fn pieces(&self) -> RangeInclusive<usize> {
        self.nodes.start..=self.nodes.end
    }
}

/// The data of a certificate.
#[derive(Clone, Debug)]
pub struct Pieces {
    /// The line is cut off at `-reach` and `reach`.
    pub reach: Exact,
    /// Beyond, the integrand falls at least at this rate.
    pub rate: Exact,
    /// How far from monotone a monotone piece may be.
    pub slack: Exact,
    pub monotone: Vec<Monotone>,
    pub nodes: Vec<Node>,
    pub cells: Vec<Cell>,
    /// The risk.
    pub value: Exact,
}

impl Problem {
    fn density(&self, x: f64) -> f64 {
        self.classes.iter().flatten().map(|normal| normal.density(x)).sum()
    }

    fn peak(&self) -> f64 {
        self.classes.iter().flatten().map(Normal::peak).sum()
    }

    /// The smallest standard deviation.
    fn narrowest(&self) -> f64 {
        let variances = self.classes.iter().flatten().map(|normal| normal.variance.to_f64());
        variances.fold(f64::INFINITY, f64::min).sqrt()
    }

    /// A bound of what lies beyond `-b` and `b`, and the rate at which the integrand falls there: `tails` and `falls` of
    /// `proofs/line_risks.v` and `proofs/mixtures.v`. `None` where it does not fall yet.
    fn tails(&self, b: f64) -> Option<(f64, Exact)> {
        let rate = |n: &Normal| (b - n.mean.to_f64().abs()) / n.variance.to_f64();
        let rates = self.classes.iter().flatten().map(rate);
        let rate = rates.fold(f64::INFINITY, f64::min) - 2.0 / b;
        if rate <= 1e-6 {
            return None;
        }
        let rate = below(&Exact::from_f64(0.999 * rate)?);
        let growth = 2.0 + self.measure.growth() * self.m.size(b + self.epsilon.to_f64());
        let mass = self.density(b) + self.density(-b);
        Some((2.0 * mass * growth / rate.to_f64(), rate))
    }

    /// The smallest integer beyond which next to nothing lies.
    fn reach(&self) -> Result<(Exact, Exact), Error> {
        let enough = TAILS * self.width.to_f64();
        let found = (1..=FARTHEST).find_map(|b| {
            let (rest, rate) = self.tails(f64::from(b))?;
            (rest <= enough).then(|| (Exact::integer(b.into()), rate))
        });
        let Some((b, rate)) = found else {
            return Err(not_certifiable(format!("mass beyond {FARTHEST}")));
        };
        let farthest = b.to_f64() + self.epsilon.to_f64();
        let exponent = self.h.exponent(farthest).max(self.m.exponent(farthest));
        if exponent > EXPONENT {
            let found =
                format!("log-odds of the size {exponent:.0} between {} and {farthest}", -farthest);
            return Err(not_certifiable(found));
        }
        Ok((b, rate))
    }

    /// The function that has to be monotone in pieces.
    fn level(&self, x: f64) -> f64 {
        match self.risk {
            Risk::Score => self.measure.level(self.h.at(x), self.m.at(x)),
            _ => self.m.at(x),
        }
    }

    fn curve(&self) -> Option<Curve> {
        match self.risk {
            Risk::Standard => None,
            Risk::Score => Some(self.measure.curve()),
            Risk::Madry => Some(Curve::ModelOdds),
            Risk::Variation => Some(Curve::DataOdds),
        }
    }

    /// Whether rounding is all that a slope would show under the supremum of SCORE.
    fn vanishes(&self, farthest: f64, slack: f64) -> bool {
        let at = |i: i32| farthest * f64::from(i) / f64::from(SAMPLES);
        let largest = (-SAMPLES..=SAMPLES).map(|i| self.level(at(i)).abs()).fold(0.0, f64::max);
        self.risk == Risk::Score && largest <= slack
    }

    /// The divergence at a window around x, from a level.
    fn height(&self, x: f64, level: f64) -> f64 {
        match self.risk {
            Risk::Score => self.measure.height(level),
            _ => self.measure.odds(self.h.at(x), level),
        }
    }

    /// The divergence at a choice in the window around x.
    fn chosen(&self, x: f64, choice: Choice, nodes: &[Node]) -> f64 {
        let level = match choice {
            Choice::Lower => self.level(x - self.epsilon.to_f64()),
            Choice::Upper => self.level(x + self.epsilon.to_f64()),
            Choice::Node(i) => nodes[i].level.to_f64(),
        };
        self.height(x, level)
    }

    /// The stretch in parts, on each of which one choice is the largest, weighted by the density, up to half the slack; the other half
    /// is for rounding. From the left, each part is as long as can be.
    fn choices(&self, stretch: &Stretch, nodes: &[Node], slack: f64) -> Vec<(Stretch, Choice)> {
        let (from, to) = (stretch.from.to_f64(), stretch.to.to_f64());
        let inside = stretch.nodes.clone().map(Choice::Node);
        let choices: Vec<Choice> =
            [Choice::Lower, Choice::Upper].into_iter().chain(inside).collect();
        let room = 0.5 * slack * self.peak();
        let is_largest = |choice: Choice, x: f64| {
            let best = choices.iter().map(|&c| self.chosen(x, c, nodes)).fold(f64::MIN, f64::max);
            self.density(x) * (best - self.chosen(x, choice, nodes)) <= room
        };
        let step =
            ((to - from) / f64::from(SAMPLES)).min(self.narrowest() / 8.0).max(1e-5 * (to - from));
        // How far to the right a choice stays the largest.
        let end = |choice: Choice, start: f64| {
            let mut reached = start;
            while reached < to {
                let next = (reached + step).min(to);
                if !is_largest(choice, next) {
                    let (mut low, mut high) = (reached, next);
                    while high - low > 1e-13 * low.abs().max(1.0) {
                        let middle = f64::midpoint(low, high);
                        if is_largest(choice, middle) { low = middle } else { high = middle }
                    }
                    return low;
                }
                reached = next;
            }
            to
        };
        let mut parts = Vec::new();
        let mut start = stretch.from.clone();
        while start < stretch.to {
            let x = start.to_f64();
            let ends = choices.iter().map(|&choice| (end(choice, x), choice));
            let (end, choice) =
                ends.max_by(|a, b| a.0.total_cmp(&b.0)).expect("a window has two ends");
            // What hardly moves is left to Coq to judge.
            let cut = rounded(end.max(x + 1e-3 * step), 13);
            let stop = if end < to && cut < stretch.to { cut } else { stretch.to.clone() };
            let part = Stretch { from: start, to: stop.clone(), nodes: stretch.nodes.clone() };
            parts.push((part, choice));
            start = stop;
        }
        parts
    }

    /// The integral of density times divergence at the choice.
    fn integral(&self, from: f64, to: f64, choice: Choice, nodes: &[Node]) -> f64 {
        // So narrow that no component hides between the nodes of the rule.
        let step = self.narrowest().min(to - from).max(1e-3 * (to - from));
        let count = ((to - from) / step).ceil();
        let end = |i: f64| from + (to - from) * (i / count);
        let starts = std::iter::successors(Some(0.0), |i| Some(i + 1.0)).take_while(|i| *i < count);
        let cells = starts.map(|i| Piece { from: end(i), to: end(i + 1.0), branch: () });
        integrate(cells, |(), x| self.density(x) * self.chosen(x, choice, nodes), |(), _| 0.0).value
    }
}

/// Windows with the same nodes inside.
struct Stretch {
    from: Exact,
    to: Exact,
    nodes: Range<usize>,
}

impl Stretch {
    fn new(from: &Exact, to: &Exact, epsilon: &Exact, nodes: &[Node]) -> Self {
        let doubled = from + to;
        let inside = |n: &&Node| {
            let distance = &(&n.at + &n.at) - &doubled;
            distance.abs() < epsilon + epsilon
        };
        let first = nodes
            .iter()
            .position(|n| inside(&n))
            .unwrap_or_else(|| nodes.iter().take_while(|n| &n.at + &n.at < doubled).count());
        let last = first + nodes[first..].iter().take_while(inside).count();
        Self { from: from.clone(), to: to.clone(), nodes: first..last }
    }
}

impl Pieces {
    pub fn new(problem: &Problem, line: &Line) -> Result<Self, Error> {
        let (reach, rate) = problem.reach()?;
        let b = reach.to_f64();
        let width = problem.width.to_f64();
        let farthest = &reach + &problem.epsilon;
        let slack = below_f64(SLACK * width / (18.0 * b * problem.peak()));
        if problem.vanishes(farthest.to_f64(), slack.to_f64()) {
            return Err(not_certifiable("a model that hardly differs from the posterior"));
        }
        let nodes = nodes(problem, line, farthest.to_f64(), slack.to_f64());
        let monotone = monotone(problem, &farthest, &nodes, slack.to_f64());
        let cuts = cuts(&reach, &problem.epsilon, &nodes);
        let stretches =
            cuts.windows(2).map(|pair| Stretch::new(&pair[0], &pair[1], &problem.epsilon, &nodes));
        let parts: Vec<(Stretch, Choice)> = stretches
            .flat_map(|stretch| problem.choices(&stretch, &nodes, slack.to_f64()))
            .collect();
        let each = below_f64(INTEGRALS * width / parts.len() as f64);
        let decimals = places(0.01 * each.to_f64());
        let cell = |(Stretch { from, to, nodes: inside }, choice)| {
            let integral = problem.integral(from.to_f64(), to.to_f64(), choice, &nodes);
            let integral = rounded(integral, decimals);
            Cell { from, to, choice, nodes: inside, integral, width: each.clone() }
        };
        let cells: Vec<Cell> = parts.into_iter().map(cell).collect();
        let total: Exact = cells.iter().map(|cell| &cell.integral).sum();
        let value = rounded(total.to_f64(), places(0.01 * width));
        Ok(Self { reach, rate, slack, monotone, nodes, cells, value })
    }
}

/// A number of one digit just below a positive double.
fn below_f64(x: f64) -> Exact {
    below(&Exact::from_f64(x).expect("a width is a finite double"))
}

/// How many decimals a number needs to be rounded by no more than `error`.
fn places(error: f64) -> usize {
    (1..40).find(|&places| 0.5 * 10f64.powi(-places) <= error).unwrap_or(40).unsigned_abs() as usize
}

fn nodes(problem: &Problem, line: &Line, farthest: f64, slack: f64) -> Vec<Node> {
    let Some(curve) = problem.curve() else { return Vec::new() };
    let node = |x: f64| {
        let at = rounded(x, 13);
        let level = problem.level(at.to_f64());
        Node { at, level: rounded(level, places(0.1 * slack)) }
    };
    line.turning_points(curve, -farthest, farthest).into_iter().map(node).collect()
}

fn monotone(problem: &Problem, farthest: &Exact, nodes: &[Node], slack: f64) -> Vec<Monotone> {
    if problem.risk == Risk::Standard {
        return Vec::new();
    }
    let inner = nodes.iter().map(|node| node.at.clone());
    let ends: Vec<Exact> = [-farthest].into_iter().chain(inner).chain([farthest.clone()]).collect();
    let piece = |pair: &[Exact]| {
        let [a, b] = [&pair[0], &pair[1]].map(|end| problem.level(end.to_f64()));
        let slope = below_f64(slack / (&pair[1] - &pair[0]).to_f64());
        Monotone { from: pair[0].clone(), to: pair[1].clone(), rises: b >= a, slope }
    };
    ends.windows(2).map(piece).collect()
}

/// Where a node enters or leaves the window.
fn cuts(reach: &Exact, epsilon: &Exact, nodes: &[Node]) -> Vec<Exact> {
    let moved = nodes.iter().flat_map(|node| [&node.at - epsilon, &node.at + epsilon]);
    let mut cuts: Vec<Exact> = moved.filter(|x| x.abs() < *reach).collect();
    cuts.extend([-reach, reach.clone()]);
    cuts.sort();
    cuts.dedup();
    cuts
}
