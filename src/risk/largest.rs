//! How large a derivative becomes over an interval.

use super::line::{Line, Pair, Which};
use super::mesh::{Mesh, Probe, Sample};
use super::monotone::Monotone;
use crate::error::Error;
use crate::quadrature::Estimate;
use crate::real::{Jet, Traced};
use crate::simplex::{Dense, Simplex};

/// Three derivatives and a fingerprint.
pub type Deep = Jet<Traced, 4>;

/// Label distributions with their derivatives, and the interval that matters.
#[derive(Debug)]
pub struct Derivatives<'a> {
    line: &'a Line,
    pair: Pair<Deep>,
    range: (f64, f64),
}

/// The largest absolute value of a derivative, and the places where it does not exist.
#[derive(Clone, Debug, PartialEq)]
pub struct Largest {
    /// The largest absolute value. The estimate assumes that the mesh has seen every feature; it is no bound that is proved.
    pub value: Estimate,
    /// The kinks of the function.
    pub kinks: Vec<f64>,
}

impl Largest {
    /// The larger of two, with the kinks of both.
    pub fn or(mut self, other: Self) -> Self {
        self.kinks.extend(other.kinks);
        self.kinks.sort_by(f64::total_cmp);
        self.kinks.dedup();
        if other.value.value > self.value.value {
            self.value = other.value;
        }
        self
    }
}

impl<'a> Derivatives<'a> {
    /// The derivatives of what `line` holds, on the interval that windows of radius `epsilon` reach.
    pub fn new(line: &'a Line, epsilon: f64) -> Result<Self, Error> {
        let (from, to) = line.hull();
        let pair = line.compiled(&Jet::fixed(Traced::new(0.0)))?;
        Ok(Self { line, pair, range: (from - epsilon, to + epsilon) })
    }

    /// P and Q at x.
    pub fn labels(&self, x: f64) -> [Simplex<Dense<Deep>>; 2] {
        let at = Jet::variable(Traced::new(x));
        [Which::Data, Which::Model].map(|which| self.pair.labels(which, &at))
    }

    /// The largest absolute value of the derivative of order `ORDER`, 1 or 2, of `f`: the derivative is followed to each of its turning
    /// points.
    pub fn largest<const ORDER: usize>(&self, f: impl Fn(f64) -> Deep) -> Largest {
        let sample = |x| {
            let taylor = *f(x).coefficients();
            let times = |k: i32, n: usize| taylor[n] * Traced::new(f64::from(k));
            let derivative = match ORDER {
                1 => [times(1, 1), times(2, 2)],
                _ => [times(2, 2), times(6, 3)],
            };
            Sample::new(x, derivative[0].value().abs(), [&Probe::from_coefficients(derivative)])
        };
        let (from, to) = self.range;
        let mesh = Mesh::new(&self.line.seeds(from, to), &sample);
        let turns = Monotone::new(&mesh, &sample);
        let nodes = turns.nodes().iter().map(|node| node.value);
        let samples = mesh.samples().iter().map(|sample| sample.channels[0].value);
        // Beside a kink the derivative may be largest on the side that no node is on.
        let value = nodes.chain(samples).map(f64::abs).fold(0.0, f64::max);
        Largest { value: Estimate { value, error: ROUNDING * value }, kinks: mesh.kinks().to_vec() }
    }
}

/// The relative error of a derivative at its turning point, where an error of the place counts by its square: that of the jets.
const ROUNDING: f64 = 1e-12;
