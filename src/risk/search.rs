//! The supremum over a window by search, for three and more classes: `sup_u D(p, Q(u))` with `|u - x| <= eps`.
//!
//! Q is sampled once so finely that its shape is known between the samples. For a given p the slope of `u -> D(p, Q(u))` is
//! evaluated at the samples in the window, without evaluating Q again; every change from rising to falling brackets a local
//! maximum. As x moves, the place of the maximum moves smoothly except where it jumps or leaves an end of the window, or where a
//! branch of the formula changes; [`Search::changes`] finds those x.

use super::line::{Line, Which};
use super::mesh::{Mesh, Probe, Sample, Slope};
use super::root::root;
use super::sliding::Place;
use crate::divergence::Divergence;
use crate::real::{Jet, Row, Traced};
use crate::simplex::{Dense, Simplex};
use crate::tolerance;

/// The second argument of a divergence, sampled.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    line: &'a Line,
    second: Which,
    divergence: Divergence,
    epsilon: f64,
    samples: Vec<(f64, Simplex<Dense<Probe>>)>,
    features: Vec<f64>,
}

/// The supremum over one window.
#[derive(Clone, Copy, Debug)]
pub struct Supremum {
    pub value: f64,
    pub place: Place,
}

/// What stays the same, or moves smoothly, while the supremum is analytic in x.
#[derive(Clone, Copy, Debug)]
struct State {
    x: f64,
    supremum: Supremum,
    path: u64,
}

impl<'a> Search<'a> {
    pub fn new(
        line: &'a Line,
        second: Which,
        divergence: Divergence,
        epsilon: f64,
        range: (f64, f64),
    ) -> Self {
        let sample = |u| {
            let (logits, scale) = line.probe_logits(second, u);
            let labels = Simplex::from_logits(&logits);
            let (p, ln_p) =
                (labels.probabilities().entries(), labels.log_probabilities().entries());
            Sample::new(u, scale, p.iter().chain(ln_p))
        };
        let mesh = Mesh::new(&line.seeds(range.0 - epsilon, range.1 + epsilon), &sample);
        let samples =
            mesh.samples().iter().map(|s| (s.x, line.probe_labels(second, s.x))).collect();
        Self { line, second, divergence, epsilon, samples, features: mesh.features() }
    }

    /// Cuts for the quadrature in the window's variable.
    pub fn features(&self) -> &[f64] {
        &self.features
    }

    /// The supremum for the window around `x`, where the first argument is `p`.
    pub fn supremum(&self, x: f64, p: &Simplex<Dense<f64>>) -> Supremum {
        let fixed = constant(p);
        let slope = |q: &Simplex<Dense<Probe>>| Slope::from(&self.divergence.eval(&fixed, q));
        let slope_at = |u: f64| slope(&self.line.probe_labels(self.second, u));
        let (from, to) = (x - self.epsilon, x + self.epsilon);
        let (first, last) = (slope_at(from), slope_at(to));
        let mut best = Supremum { value: first.value, place: Place::LeftEnd };
        if last.value > best.value {
            best = Supremum { value: last.value, place: Place::RightEnd };
        }
        let inside = self.samples.iter().skip(self.samples.partition_point(|s| s.0 <= from));
        let samples = inside.take_while(|s| s.0 < to).map(|(u, q)| (*u, slope(q)));
        let mut previous = (from, first);
        for next in samples.chain([(to, last)]) {
            let (a, b, distance) = (previous.1, next.1, next.0 - previous.0);
            // A peak between the two stays below twice their steeper tangent: most are not worth locating.
            let reach = a.value.max(b.value) + 2.0 * distance * a.slope.max(-b.slope);
            if a.slope > 0.0 && b.slope < 0.0 && reach > best.value {
                let width = tolerance::TURN * distance;
                let ends = ((previous.0, previous.1.slope), (next.0, next.1.slope));
                let u = root(|u| slope_at(u).slope, ends.0, ends.1, width);
                let value = self.divergence.eval(p, &self.line.labels(self.second, u));
                if value > best.value {
                    best = Supremum { value, place: Place::At(u) };
                }
            }
            previous = next;
        }
        best
    }

    fn state(&self, x: f64) -> State {
        let p = self.line.posterior(x);
        let supremum = self.supremum(x, &p);
        let q = self.line.probe_labels(self.second, supremum.place.point(x, self.epsilon));
        let path = self.divergence.eval(&constant(&p), &q).value().path();
        State { x, supremum, path }
    }

    /// The values of x between the ends of the `grid` at which the supremum is not analytic, as far as states at the points of
    /// the grid show.
    pub fn changes(&self, grid: &[f64]) -> Vec<f64> {
        let states: Vec<State> = grid.iter().map(|&x| self.state(x)).collect();
        let mut changes = Vec::new();
        for pair in states.windows(2) {
            self.changes_between(pair[0], pair[1], &mut changes);
        }
        changes
    }

    /// Adds the changes between two states, in ascending order.
    fn changes_between(&self, mut a: State, b: State, changes: &mut Vec<f64>) {
        while a.differs(&b) {
            let Some((before, after)) = self.first_change(a, b) else { break };
            changes.push(0.5 * (before.x + after.x));
            a = after;
        }
    }

    /// Two neighbouring states that differ; `None` where what looked like a jump of the maximiser turns out to be fast motion.
    fn first_change(&self, a: State, b: State) -> Option<(State, State)> {
        let (mut before, mut after) = (a, b);
        let apart = a.distance(&b);
        let mut halvings = 0;
        while after.x - before.x > tolerance::CHANGE * (1.0 + after.x.abs()) {
            let middle = self.state(0.5 * (before.x + after.x));
            if before.differs_in_kind(&middle)
                || (!middle.differs_in_kind(&after)
                    && before.distance(&middle) > middle.distance(&after))
            {
                after = middle;
            } else {
                before = middle;
            }
            halvings += 1;
            if !before.differs_in_kind(&after)
                && halvings == 4
                && before.distance(&after) < 0.25 * apart
            {
                return None;
            }
        }
        Some((before, after))
    }
}

impl State {
    fn differs(&self, other: &Self) -> bool {
        self.differs_in_kind(other) || self.distance(other) > 0.0
    }

    fn differs_in_kind(&self, other: &Self) -> bool {
        let kinds = [self, other].map(|s| std::mem::discriminant(&s.supremum.place));
        kinds[0] != kinds[1] || self.path != other.path
    }

    /// How far apart two interior maximisers are.
    fn distance(&self, other: &Self) -> f64 {
        match (self.supremum.place, other.supremum.place) {
            (Place::At(a), Place::At(b)) => (a - b).abs(),
            _ => 0.0,
        }
    }
}

/// A label distribution that does not depend on the variable.
fn constant(p: &Simplex<Dense<f64>>) -> Simplex<Dense<Probe>> {
    let lift = |row: &Dense<f64>| {
        let entries = row.entries();
        Row::from_fn(entries.len(), |k| Jet::fixed(Traced::new(entries[k])))
    };
    Simplex::from_parts(lift(p.probabilities()), lift(p.log_probabilities()))
}
