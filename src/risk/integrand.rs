//! The integrand of a risk, resolved into pieces.

use super::Risk;
use super::line::{Line, Which};
use super::mesh::{Mesh, Sample};
use super::monotone::Monotone;
use super::root::root;
use super::search::Search;
use super::sliding::{Place, sliding_maximum};
use crate::divergence::Divergence;
use crate::line::Side;
use crate::quadrature::{Estimate, Piece, integrate};
use crate::real::Real;
use crate::simplex::{Dense, Simplex};
use crate::tolerance;

/// How the integrand is computed on a piece.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// `D(P(x), Q(x))`.
    Pointwise,
    /// `D(P(u), Q(u))` with u at this place of the window: SCORE.
    Score(Place),
    /// The larger of `D(P(x), Q(u))` at two places, the place of the larger one first: Madry and C with two classes. As b moves away
    /// from a, D(a, b) grows, so that the supremum is where Q's logit difference is smallest or largest in the window.
    Extreme(Place, Place),
    /// `sup_u D(P(x), Q(u))` by a search of the window: Madry and C with more classes.
    Search,
}

/// The function `x -> sup D(.., ..)` under the expectation of a risk, resolved into pieces on which it is analytic.
#[derive(Clone, Debug)]
pub struct Integrand<'a> {
    line: &'a Line,
    divergence: Divergence,
    epsilon: f64,
    second: Which,
    pieces: Vec<Piece<Rule>>,
    /// Cuts for the quadrature in x.
    cuts: Vec<f64>,
    /// Cuts in the window's variable u, for the ends of the window.
    features: Vec<f64>,
    /// Where the function under the supremum turns or has a kink, if it is one function for all x.
    nodes: Vec<f64>,
    search: Option<Search<'a>>,
    rest: f64,
}

impl<'a> Integrand<'a> {
    pub(super) fn new(line: &'a Line, risk: Risk, divergence: Divergence, epsilon: f64) -> Self {
        let mut integrand = Self {
            line,
            divergence,
            epsilon,
            second: risk.second(),
            pieces: Vec::new(),
            cuts: Vec::new(),
            features: Vec::new(),
            nodes: Vec::new(),
            search: None,
            rest: 0.0,
        };
        let left = line.support().end(Side::Left, |x| integrand.near(risk, x));
        let right = line.support().end(Side::Right, |x| integrand.near(risk, x));
        integrand.rest = left.rest + right.rest;
        let range = (left.at, right.at);
        integrand.cuts = line.support().cuts(range.0, range.1);
        match risk {
            _ if epsilon == 0.0 => integrand.resolve_pointwise(range),
            Risk::Standard => integrand.resolve_pointwise(range),
            Risk::Score => integrand.resolve_score(range),
            Risk::Madry | Risk::Variation if line.classes() == 2 => {
                integrand.resolve_two_classes(range);
            }
            Risk::Madry | Risk::Variation => integrand.resolve_search(range),
        }
        integrand
    }

    /// The pieces, from left to right.
    #[must_use]
    pub fn pieces(&self) -> &[Piece<Rule>] {
        &self.pieces
    }

    /// Where the function under the supremum turns or has a kink, ascending: of `D(P(u), Q(u))` for SCORE, of Q's logit difference for Madry
    /// and C with two classes.
    pub(crate) fn nodes(&self) -> &[f64] {
        &self.nodes
    }

    /// Where in the window around x the supremum is, if it has to be searched for.
    pub(crate) fn maximiser(&self, x: f64) -> Option<Place> {
        self.search.as_ref().map(|search| search.supremum(x, &self.line.posterior(x)).place)
    }

    /// The integrand at x, without the density; outside of the pieces by the rule of the nearest one.
    #[must_use]
    pub fn supremum(&self, x: f64) -> f64 {
        let after = self.pieces.partition_point(|piece| piece.to < x);
        let piece = self.pieces.get(after).or(self.pieces.last());
        piece.map_or(f64::NAN, |piece| self.evaluate(piece.branch, x, || self.line.posterior(x)))
    }

    /// The integral against the density.
    #[must_use]
    pub fn integral(&self) -> Estimate {
        let integrand = |rule, x| {
            let (density, posterior) = self.line.data(x);
            density * self.evaluate(rule, x, || posterior)
        };
        let noise = |rule, x| self.line.density(x) * self.noise(rule, x);
        let Estimate { value, error } = integrate(self.cells(), integrand, noise);
        Estimate { value, error: error + self.rest }
    }

    fn evaluate(&self, rule: Rule, x: f64, posterior: impl FnOnce() -> Simplex<Dense<f64>>) -> f64 {
        match rule {
            Rule::Pointwise => self.second_from(&posterior(), x),
            Rule::Score(place) => self.at_one_point(place.point(x, self.epsilon)),
            Rule::Extreme(larger, other) => {
                let posterior = posterior();
                let at = |place: Place| self.second_from(&posterior, place.point(x, self.epsilon));
                at(larger).max(at(other))
            }
            Rule::Search => self
                .search
                .as_ref()
                .map_or(f64::NAN, |search| search.supremum(x, &posterior()).value),
        }
    }

    /// How much the integrand at x changes when the logits of both arguments are off by their rounding errors.
    fn noise(&self, rule: Rule, x: f64) -> f64 {
        let places = match rule {
            Rule::Pointwise => return self.sensitivity(x, x),
            Rule::Score(place) => {
                let u = place.point(x, self.epsilon);
                return self.sensitivity(u, u);
            }
            Rule::Extreme(larger, other) => [Some(larger), Some(other)],
            Rule::Search => {
                let found = |search: &Search| search.supremum(x, &self.line.posterior(x)).place;
                [self.search.as_ref().map(found), None]
            }
        };
        let at = |place: Place| self.sensitivity(x, place.point(x, self.epsilon));
        places.into_iter().flatten().map(at).fold(0.0, f64::max)
    }

    /// How much `D(P(x), Q(u))` changes when the logits of P and Q are off by their rounding errors, in opposite directions.
    fn sensitivity(&self, x: f64, u: f64) -> f64 {
        let shaken = |by| {
            let p = self.line.shaken(Which::Data, x, by);
            self.divergence.eval(&p, &self.line.shaken(self.second, u, -by))
        };
        // Each way by itself: where D has its minimum 0 both change it alike.
        let still = self.second_from(&self.line.posterior(x), u);
        let change = |by| (shaken(by) - still).abs();
        change(self.line.shake()) + change(-self.line.shake())
    }

    /// `D(p, Q(u))`, Q being the second argument of the risk.
    fn second_from(&self, p: &Simplex<Dense<f64>>, u: f64) -> f64 {
        self.divergence.eval(p, &self.line.labels(self.second, u))
    }

    /// `D(P(u), Q(u))`.
    fn at_one_point(&self, u: f64) -> f64 {
        self.second_from(&self.line.posterior(u), u)
    }

    /// About how large density times supremum is at x: the largest of three points of the window. Bounds the tails.
    fn near(&self, risk: Risk, x: f64) -> f64 {
        let (density, posterior) = self.line.data(x);
        if let Some(diameter) = self.divergence.facts().diameter {
            return density * diameter;
        }
        let points = [x - self.epsilon, x, x + self.epsilon].into_iter();
        let largest = match risk {
            Risk::Standard => self.second_from(&posterior, x),
            Risk::Score => points.map(|u| self.at_one_point(u)).fold(0.0, f64::max),
            Risk::Madry | Risk::Variation => {
                points.map(|u| self.second_from(&posterior, u)).fold(0.0, f64::max)
            }
        };
        density * largest
    }

    /// `D(P(u), Q(u))` with its slope.
    fn sample_divergence(&self, u: f64) -> Sample {
        let (h, h_scale) = self.line.probe_logits(Which::Data, u);
        let (b, b_scale) = self.line.probe_logits(self.second, u);
        let (p, q) = (Simplex::from_logits(&h), Simplex::from_logits(&b));
        Sample::new(u, h_scale.max(b_scale), [&self.divergence.eval(&p, &q)])
    }

    fn resolve_pointwise(&mut self, range: (f64, f64)) {
        let sample = |u| self.sample_divergence(u);
        let mesh = Mesh::new(&self.line.seeds(range.0, range.1), &sample);
        // The turning points are cuts too: where a square root of a sum touches zero it has a kink without a branch.
        let shape = Monotone::new(&mesh, &sample);
        let ends = shape.nodes().windows(2);
        self.pieces = ends
            .map(|pair| Piece { from: pair[0].x, to: pair[1].x, branch: Rule::Pointwise })
            .collect();
        self.add_cuts(mesh.features());
    }

    fn resolve_score(&mut self, range: (f64, f64)) {
        let sample = |u| self.sample_divergence(u);
        let window = (range.0 - self.epsilon, range.1 + self.epsilon);
        let mesh = Mesh::new(&self.line.seeds(window.0, window.1), &sample);
        let shape = Monotone::new(&mesh, &sample);
        let f = |u| self.at_one_point(u);
        self.pieces = sliding_maximum(&f, &shape, self.epsilon, range)
            .into_iter()
            .map(|Piece { from, to, branch }| Piece { from, to, branch: Rule::Score(branch) })
            .collect();
        self.nodes = shape.nodes().iter().map(|node| node.x).collect();
        self.features = mesh.features();
    }

    /// The logit difference of two classes, and the probability of the first for the resolution of the mesh.
    fn sample_two_classes(&self, which: Which, u: f64) -> Sample {
        let (logits, scale) = self.line.probe_logits(which, u);
        let [first, second] = logits.entries() else { unreachable!("two classes") };
        let difference = *first - *second;
        let probability = difference.logistic();
        Sample::new(u, scale, [&difference, &probability])
    }

    fn resolve_two_classes(&mut self, range: (f64, f64)) {
        let (epsilon, second) = (self.epsilon, self.second);
        let window = (range.0 - epsilon, range.1 + epsilon);
        let sample = |u| self.sample_two_classes(second, u);
        let mesh = Mesh::new(&self.line.seeds(window.0, window.1), &sample);
        let shape = Monotone::new(&mesh, &sample);
        let difference = |u| {
            let logits = self.line.logits(second, u);
            logits.entries()[0] - logits.entries()[1]
        };
        let high = sliding_maximum(&difference, &shape, epsilon, range);
        let low = sliding_maximum(&|u| -difference(u), &shape.negated(), epsilon, range);
        let data = |x| self.sample_two_classes(Which::Data, x);
        let local = Mesh::new(&self.line.seeds(range.0, range.1), &data);
        self.add_cuts(local.features());
        self.nodes = shape.nodes().iter().map(|node| node.x).collect();
        self.features = mesh.features();
        self.pieces = self.larger_extreme(&high, &low);
    }

    /// Which end of the range of Q in the window is farther from P(x), on pieces. Where that changes is a cut; the integrand takes the
    /// larger of both everywhere, so that a change that was missed costs cells and not truth.
    fn larger_extreme(&self, high: &[Piece<Place>], low: &[Piece<Place>]) -> Vec<Piece<Rule>> {
        let mut pieces: Vec<Piece<Rule>> = Vec::new();
        let mut push = |from: f64, to: f64, larger: Place, other: Place| {
            let branch = Rule::Extreme(larger, other);
            match pieces.last_mut() {
                Some(last) if last.branch == branch => last.to = to,
                _ if to > from => pieces.push(Piece { from, to, branch }),
                _ => {}
            }
        };
        for (from, to, high, low) in overlay(high, low) {
            let excess = |x: f64| {
                let posterior = self.line.posterior(x);
                let at = |place: Place| self.second_from(&posterior, place.point(x, self.epsilon));
                at(high) - at(low)
            };
            let mut push_side = |from, to, excess: f64| {
                let (larger, other) = if excess >= 0.0 { (high, low) } else { (low, high) };
                push(from, to, larger, other);
            };
            let mut last = (from, excess(from));
            for x in self.cuts(Rule::Extreme(high, low), from, to).into_iter().chain([to]) {
                let next = (x, excess(x));
                if last.1 * next.1 < 0.0 {
                    let width = tolerance::CROSSING * (1.0 + x.abs());
                    let middle = root(excess, last, next, width);
                    push_side(last.0, middle, last.1);
                    push_side(middle, x, next.1);
                } else {
                    push_side(last.0, x, last.1 + next.1);
                }
                last = next;
            }
        }
        pieces
    }

    fn resolve_search(&mut self, range: (f64, f64)) {
        let data = |x| {
            let (logits, scale) = self.line.probe_logits(Which::Data, x);
            Sample::new(x, scale, Simplex::from_logits(&logits).probabilities().entries())
        };
        let local = Mesh::new(&self.line.seeds(range.0, range.1), &data);
        let search = Search::new(self.line, self.second, self.divergence, self.epsilon, range);
        self.add_cuts(local.features());
        self.features = search.features().to_vec();
        let mut grid = self.cuts(Rule::Search, range.0, range.1);
        grid.insert(0, range.0);
        grid.push(range.1);
        let mut from = range.0;
        for to in search.changes(&grid).into_iter().chain([range.1]) {
            if to > from {
                self.pieces.push(Piece { from, to, branch: Rule::Search });
                from = to;
            }
        }
        self.search = Some(search);
    }

    fn add_cuts(&mut self, cuts: Vec<f64>) {
        self.cuts.extend(cuts);
        self.cuts.sort_by(f64::total_cmp);
    }

    /// Where a cell of the quadrature should end between `from` and `to`, ascending: where the density or the data's posterior
    /// asks for it, and where the ends of the window meet a feature of what is under the supremum.
    fn cuts(&self, rule: Rule, from: f64, to: f64) -> Vec<f64> {
        let places = match rule {
            Rule::Pointwise => [None, None],
            Rule::Score(place) => [Some(place), None],
            Rule::Extreme(larger, other) => [Some(larger), Some(other)],
            Rule::Search => [Some(Place::LeftEnd), Some(Place::RightEnd)],
        };
        let mut cuts: Vec<f64> = within(&self.cuts, from, to).to_vec();
        for place in places.into_iter().flatten() {
            let shift = place.point(0.0, self.epsilon);
            if !matches!(place, Place::At(_)) {
                let features = within(&self.features, from + shift, to + shift);
                cuts.extend(features.iter().map(|u| u - shift));
            }
        }
        cuts.retain(|&x| x > from && x < to);
        cuts.sort_by(f64::total_cmp);
        cuts
    }

    /// The pieces, cut into cells that the quadrature can begin with.
    pub(crate) fn cells(&self) -> Vec<Piece<Rule>> {
        let mut cells = Vec::new();
        for piece in &self.pieces {
            let mut from = piece.from;
            for to in self.cuts(piece.branch, piece.from, piece.to) {
                if to - from > tolerance::KINK * (1.0 + from.abs()) {
                    cells.push(Piece { from, to, branch: piece.branch });
                    from = to;
                }
            }
            cells.push(Piece { from, to: piece.to, branch: piece.branch });
        }
        cells
    }
}

/// The part of an ascending list that lies in `[from, to]`.
fn within(list: &[f64], from: f64, to: f64) -> &[f64] {
    &list[list.partition_point(|&x| x < from)..list.partition_point(|&x| x <= to)]
}

/// The common refinement of two lists of pieces of one interval.
fn overlay<'p>(
    high: &'p [Piece<Place>],
    low: &'p [Piece<Place>],
) -> impl Iterator<Item = (f64, f64, Place, Place)> + 'p {
    let (mut i, mut j) = (0, 0);
    let mut from = high[0].from;
    std::iter::from_fn(move || {
        let (a, b) = (high.get(i)?, low.get(j)?);
        let (start, to) = (from, a.to.min(b.to));
        i += usize::from(a.to <= to);
        j += usize::from(b.to <= to);
        from = to;
        Some((start, to, a.branch, b.branch))
    })
}
