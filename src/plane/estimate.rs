//! The risks in the plane, estimated: two nested integrals of density times supremum.

use super::body::{Body, Vector, image, sum};
use super::compiled::{Compiled, ComponentOn, LawOn, ModelOn};
use super::field::{Field, Under};
use super::nested::{Accuracy, Branch, Found, integrate};
use super::problem::Plane;
use super::search::{Boundary, Inside, maxima};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::law::{GaussianMixture, Law};
use crate::model::Model;
use crate::quadrature::Estimate;
use crate::real::{Real, Softmax, Traced};
use crate::risk::{Risk, Which};
use crate::simplex::{Dense, Simplex};
use crate::tolerance;

/// Local maxima of a function in the plane.
type Maxima = Vec<(Vector, f64)>;

impl Plane {
    /// A risk, estimated; the perturbations of x are the vectors of `body`.
    ///
    /// # Errors
    /// [`Error::Overflow`] where the integrand leaves the range of doubles, [`Error::NoTail`] where it does not fall far out.
    pub fn risk(&self, risk: Risk, divergence: Divergence, body: &Body) -> Result<Estimate, Error> {
        if risk == Risk::Variation && body.is_point() {
            return Ok(Estimate::exact(0.0));
        }
        if self.excludes(risk, divergence) {
            return Ok(Estimate::exact(f64::INFINITY));
        }
        let estimate = Integrand::new(self, risk, divergence, body).integral()?;
        if estimate.value.is_finite() && estimate.error.is_finite() {
            Ok(estimate)
        } else {
            Err(Error::Overflow { risk, divergence })
        }
    }

    /// Whether a risk is infinite because the model excludes a label.
    pub(super) fn excludes(&self, risk: Risk, divergence: Divergence) -> bool {
        let infinite = matches!(divergence, Divergence::Kl | Divergence::ChiSquared);
        infinite && risk.second() == Which::Model && self.model().model().excludes_a_class()
    }

    /// The gradient of the difference of the two logits, where that is the same everywhere.
    fn slope(&self, which: Which) -> Option<Vector> {
        if self.classes() != 2 {
            return None;
        }
        match (which, self.model().model()) {
            (Which::Data, _) => shared_slope(self.law().mixture(), &self.value.law),
            (Which::Model, Model::Linear(model)) => {
                let w = model.weights();
                Some([0, 1].map(|i| (&w[0][i] - &w[1][i]).to_f64()))
            }
            (Which::Model, Model::Constant(_)) => Some([0.0; 2]),
            (Which::Model, Model::Bayes(model)) => {
                let Law::GaussianMixture(mixture) = model.law();
                match &self.value.model {
                    ModelOn::Posterior(law) => shared_slope(mixture, law),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// For two normal classes with one covariance: the precision times the difference of the means.
fn shared_slope(mixture: &GaussianMixture, law: &LawOn<f64>) -> Option<Vector> {
    let classes = mixture.classes();
    let [a, b] = [classes[0].components(), classes[1].components()];
    let shared = a.len() == 1 && b.len() == 1 && a[0].covariance() == b[0].covariance();
    shared.then(|| {
        let apart = [0, 1].map(|i| (&a[0].mean()[i] - &b[0].mean()[i]).to_f64());
        let first = law.components().next().expect("a law has components");
        first.precision_times(apart)
    })
}

/// How the supremum is taken.
#[derive(Clone, Debug)]
enum Rule {
    /// There is no window.
    Point,
    /// Two classes, and the logit difference of the second argument is affine: it changes by at most this within the body.
    Affine(f64),
    /// Two classes: the largest and the smallest logit difference of the second argument are searched.
    Extremes { boundary: Boundary, highest: Maxima, lowest: Maxima },
    /// One function of u for all x.
    Same { boundary: Boundary, peaks: Maxima },
    /// A function of u that depends on x.
    From { boundary: Boundary, inside: Inside<'static> },
}

/// Density times supremum.
struct Integrand<'a> {
    plane: &'a Plane,
    risk: Risk,
    divergence: Divergence,
    field: Field<'a>,
    traced: Compiled<Traced>,
    rule: Rule,
    body: &'a Body,
    ridges: Vec<Ridge>,
    /// How far out the components are followed, in standard deviations.
    reach: f64,
    /// What is beyond.
    rest: f64,
}

/// The supremum of Madry's risk where the posterior depends on more than the plane that the model sees.
pub(crate) struct Window<'a>(Integrand<'a>);

impl<'a> Window<'a> {
    /// Of a model in the plane, over a body that is not a point.
    pub fn new(plane: &'a Plane, risk: Risk, divergence: Divergence, body: &'a Body) -> Self {
        Self(Integrand::new(plane, risk, divergence, body))
    }

    /// The largest `D(p, Q(u))` over the body around x, and by which formula.
    pub fn supremum(&self, x: Vector, p: Simplex<Dense<f64>>) -> (f64, Branch) {
        self.0.supremum(x, p)
    }
}

/// A normal component along the axes of the integrals.
#[derive(Clone, Copy, Debug)]
struct Ridge {
    /// Mean and deviation of the outer coordinate.
    mean: f64,
    deviation: f64,
    /// Of the inner one: its mean at that of the outer one, by how much it moves with the outer one, its deviation.
    inner: f64,
    slope: f64,
    spread: f64,
}

impl Ridge {
    fn new(component: &ComponentOn<f64>) -> Self {
        let [[a, _], [b, c]] = component.spread();
        let [mean, inner] = component.mean;
        Self { mean, deviation: a, inner, slope: b / a, spread: c }
    }
}

impl<'a> Integrand<'a> {
    fn new(plane: &'a Plane, risk: Risk, divergence: Divergence, body: &'a Body) -> Self {
        let field = Field::new(plane);
        let traced = plane.compiled(&Traced::new(0.0));
        let mut integrand = Self {
            plane,
            risk,
            divergence,
            field,
            traced,
            rule: Rule::Point,
            body,
            ridges: plane.value.law.components().map(Ridge::new).collect(),
            reach: tolerance::PLANE_REACH,
            rest: 0.0,
        };
        integrand.rule = integrand.choose();
        integrand
    }

    fn choose(&self) -> Rule {
        if self.risk == Risk::Standard || self.body.is_point() {
            return Rule::Point;
        }
        let second = self.risk.second();
        let boundary = || Boundary::new(self.body, self.scale());
        if self.risk == Risk::Score {
            let affine = [Which::Data, Which::Model].map(|which| self.plane.slope(which).is_some());
            // Two affine logit differences leave a direction in which D does not fall: the supremum is on the boundary.
            let peaks = if affine == [true; 2] {
                Vec::new()
            } else {
                self.maxima(&Under::Same(self.divergence))
            };
            return Rule::Same { boundary: boundary(), peaks };
        }
        if let Some(slope) = self.plane.slope(second) {
            return Rule::Affine(self.body.support(&slope));
        }
        if self.plane.classes() == 2 {
            let [highest, lowest] =
                [1.0, -1.0].map(|sign| self.maxima(&Under::Difference(second, sign)));
            return Rule::Extremes { boundary: boundary(), highest, lowest };
        }
        // KL is convex in logits, so in u where they are affine.
        let convex = self.divergence == Divergence::Kl
            && second == Which::Model
            && matches!(self.plane.model().model(), Model::Linear(_));
        let inside = if convex { Inside::Nowhere } else { Inside::Search };
        Rule::From { boundary: boundary(), inside }
    }

    /// The length over which the logits change by something of order one, where they change fastest in the mass.
    fn scale(&self) -> f64 {
        let mut steepest: f64 = 0.0;
        let means = self.plane.value.law.components().map(|component| component.mean);
        for u in self.ring(3.0).into_iter().chain(means) {
            for which in [Which::Data, Which::Model] {
                for axis in [[1.0, 0.0], [0.0, 1.0]] {
                    steepest = steepest.max(self.field.spread(which, u, axis));
                }
            }
        }
        1.0 / steepest.max(1e-3)
    }

    /// Points so many standard deviations out.
    fn ring(&self, reach: f64) -> Vec<Vector> {
        const DIRECTIONS: u32 = 16;
        let mut samples = Vec::new();
        for component in self.plane.value.law.components() {
            let spread = component.spread();
            for i in 0..DIRECTIONS {
                let angle = std::f64::consts::TAU * f64::from(i) / f64::from(DIRECTIONS);
                let unit = [reach * angle.cos(), reach * angle.sin()];
                samples.push(sum(component.mean, image(&spread, unit)));
            }
        }
        samples
    }

    fn maxima(&self, under: &Under) -> Maxima {
        let radius = self.body.radius();
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for u in self.ring(tolerance::REACH) {
            for i in 0..2 {
                low[i] = low[i].min(u[i] - radius);
                high[i] = high[i].max(u[i] + radius);
            }
        }
        maxima(&self.field, under, (low, high), tolerance::PLANE_GRID)
    }

    /// Density and supremum at x.
    fn at(&self, x: Vector) -> (f64, f64, Branch) {
        let data = self.plane.value.law.log_joint(&x);
        let Softmax { p, ln_p, log_total } = f64::softmax(data.entries());
        let density = log_total.exp();
        if density == 0.0 {
            return (0.0, 0.0, Branch::default());
        }
        let (value, branch) = self.supremum(x, Simplex::from_parts(p, ln_p));
        (density, value, branch)
    }

    /// The supremum at x, for this posterior; without a window it is that of the law.
    fn supremum(&self, x: Vector, posterior: Simplex<Dense<f64>>) -> (f64, Branch) {
        let second = self.risk.second();
        let from =
            |b: f64| self.divergence.eval(&posterior, &Simplex::from_logits(&Dense::new([b, 0.0])));
        let difference = || {
            let logits = self.plane.value.logits(second, &x);
            logits.entries()[0] - logits.entries()[1]
        };
        match &self.rule {
            Rule::Point => self.pointwise(x),
            Rule::Affine(by) => {
                let b = difference();
                let (low, high) = (from(b - by), from(b + by));
                let branch =
                    Branch { kind: u64::from(high > low), margin: high - low, ..Branch::default() };
                (low.max(high), branch)
            }
            Rule::Extremes { boundary, highest, lowest } => {
                let search = |sign, inside: &Maxima| {
                    let under = Under::Difference(second, sign);
                    boundary.supremum(&self.field, &under, x, Inside::At(inside))
                };
                let (top, bottom) = (search(1.0, highest), search(-1.0, lowest));
                let (high, low) = (from(top.value), from(-bottom.value));
                let (value, at, side) =
                    if high > low { (high, top.branch, 1) } else { (low, bottom.branch, 0) };
                // Either may come first: the other side, or another place on this one.
                let margin = at.margin.min((high - low).abs());
                (value, Branch { kind: 2 * at.kind + side, place: at.place, margin })
            }
            Rule::Same { boundary, peaks } => {
                let under = Under::Same(self.divergence);
                let found = boundary.supremum(&self.field, &under, x, Inside::At(peaks));
                (found.value, found.branch)
            }
            Rule::From { boundary, inside } => {
                let under = Under::From(self.divergence, second, posterior);
                let found = boundary.supremum(&self.field, &under, x, *inside);
                (found.value, found.branch)
            }
        }
    }

    /// `D(P(x), Q(x))`.
    fn pointwise(&self, x: Vector) -> (f64, Branch) {
        let x = x.map(Traced::new);
        let [h, b] = [Which::Data, self.risk.second()].map(|which| self.traced.logits(which, &x));
        let found = self.divergence.eval(&Simplex::from_logits(&h), &Simplex::from_logits(&b));
        // Of two classes a distance has a kink where P = Q, and roots of sums do not show it.
        let margin = match (h.entries(), b.entries()) {
            ([h0, h1], [b0, b1]) => (h0.value() - h1.value()) - (b0.value() - b1.value()),
            _ => f64::INFINITY,
        };
        let kind = found.path() ^ u64::from(margin >= 0.0);
        (found.value(), Branch { kind, margin, ..Branch::default() })
    }

    /// How far to go, so that what is beyond is negligible beside `total`.
    fn extend(&mut self, total: f64) -> Result<(), Error> {
        loop {
            // What is inside of another component's ellipse is not beyond.
            let inside = |x: &Vector| {
                let mut components = self.plane.value.law.components();
                components.any(|component| component.distance(*x) < 0.999 * self.reach)
            };
            let ring = self.ring(self.reach).into_iter().filter(|x| !inside(x));
            let largest = ring.map(|x| {
                let (density, value, _) = self.at(x);
                density * value
            });
            // A Gaussian ring: 2 pi times the product of the deviations, twice for a factor that grows.
            let area: f64 = self.ridges.iter().map(|r| r.deviation * r.spread).sum();
            self.rest = 4.0 * std::f64::consts::PI * area * largest.fold(0.0, f64::max);
            if self.rest <= tolerance::TAIL.max(tolerance::PLANE_REST * total) {
                return Ok(());
            }
            self.reach += 0.5;
            if !self.rest.is_finite() || self.reach > tolerance::FARTHEST {
                return Err(Error::NoTail { risk: self.risk, divergence: self.divergence });
            }
        }
    }

    fn integral(mut self) -> Result<Estimate, Error> {
        let total = self.rough().max(tolerance::PLANE_FLOOR);
        self.extend(total)?;
        let outer = self.outer();
        let width = outer[outer.len() - 1] - outer[0];
        let faceted = match &self.rule {
            Rule::Point | Rule::Affine(_) => false,
            Rule::Extremes { boundary, .. }
            | Rule::Same { boundary, .. }
            | Rule::From { boundary, .. } => boundary.is_faceted(),
        };
        let (share, inner) = if faceted { tolerance::FACETED } else { tolerance::NESTED };
        let accuracy = Accuracy {
            enough: share * total,
            change: tolerance::NESTED_CHANGE.0,
            cells: tolerance::NESTED_CELLS.0,
        };
        let found = integrate(&outer, |s| self.line(s, inner * total / width), accuracy);
        Ok(Estimate { value: found.value, error: found.error + self.rest })
    }

    /// The order of magnitude of the risk.
    fn rough(&self) -> f64 {
        let accuracy = Accuracy { enough: f64::INFINITY, change: 1.0, cells: 0 };
        integrate(&self.outer(), |s| self.line(s, f64::INFINITY), accuracy).value
    }

    /// Cells of the outer coordinate.
    fn outer(&self) -> Vec<f64> {
        let ridge = |r: &Ridge| (r.mean, r.deviation, self.reach);
        cuts(&self.ridges.iter().map(ridge).collect::<Vec<_>>())
    }

    /// The integral over the line of inner coordinates at an outer one.
    fn line(&self, s: f64, enough: f64) -> Found {
        let mut ends = Vec::new();
        for r in &self.ridges {
            let z = (s - r.mean) / r.deviation;
            let left = self.reach * self.reach - z * z;
            if left > 0.0 {
                ends.push((r.inner + r.slope * (s - r.mean), r.spread, left.sqrt()));
            }
        }
        if ends.is_empty() {
            return Found { value: 0.0, error: 0.0, branch: Branch::default() };
        }
        let at = |t: f64| {
            let (density, value, branch) = self.at([s, t]);
            let value = if density == 0.0 { 0.0 } else { density * value };
            Found { value, error: 0.0, branch }
        };
        let cells = if enough == f64::INFINITY { 0 } else { tolerance::NESTED_CELLS.1 };
        integrate(&cuts(&ends), at, Accuracy { enough, change: tolerance::NESTED_CHANGE.1, cells })
    }
}

/// Cells for normal components given by mean, deviation and reach: no wider than the narrowest with mass in it asks for.
pub(crate) fn cuts(components: &[(f64, f64, f64)]) -> Vec<f64> {
    let mut cuts: Vec<(f64, f64)> = Vec::new();
    for &(mean, deviation, reach) in components {
        let step = reach / (reach / tolerance::PLANE_CELL).ceil();
        let mut z = -reach;
        while z < reach + 0.5 * step {
            cuts.push((mean + deviation * z.min(reach), deviation * step));
            z += step;
        }
    }
    cuts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (low, high) = (cuts[0].0, cuts[cuts.len() - 1].0);
    let mut kept: Vec<f64> = vec![low];
    for (at, step) in cuts {
        let last = kept[kept.len() - 1];
        if at - last > 0.5 * step && high - at > 0.25 * step {
            kept.push(at);
        }
    }
    kept.push(high.max(low + f64::MIN_POSITIVE));
    kept
}

/// The integrand at a point.
#[cfg(test)]
pub(super) fn density_times_supremum(
    plane: &Plane,
    (risk, divergence, body): (Risk, Divergence, &Body),
    x: Vector,
) -> f64 {
    let (density, value, _) = Integrand::new(plane, risk, divergence, body).at(x);
    density * value
}
