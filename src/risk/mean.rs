//! Integrals over the line of functions that are as smooth as something that a mesh has sampled.

use super::line::Line;
use super::mesh::{Mesh, Sample};
use super::monotone::Monotone;
use crate::line::Side;
use crate::quadrature::{Estimate, Piece, integrate};
use crate::tolerance;

/// The line, cut into cells that a quadrature can begin with.
#[derive(Clone, Debug)]
pub struct Cells {
    cells: Vec<Piece<Inside>>,
    jumps: Vec<Jump>,
}

/// The part of a cell that belongs to it for certain: a function that jumps at a cut is looked at on the cell's own side only.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Inside {
    from: f64,
    to: f64,
}

/// A place where a function may jump, on either side of it, and how well it is known.
#[derive(Clone, Copy, Debug)]
struct Jump {
    left: f64,
    right: f64,
    error: f64,
}

impl Cells {
    /// Cells from `from` to `to` for functions that are smooth where the fingerprint of `sample` is constant, where its first channel does
    /// not turn, and away from the places `known`. A fingerprint is bisected to [`tolerance::KINK`]; a place that is known is exact.
    pub fn new(
        line: &Line,
        (from, to): (f64, f64),
        sample: &impl Fn(f64) -> Sample,
        known: &[f64],
    ) -> Self {
        let mesh = Mesh::new(&line.seeds(from, to), sample);
        let turns = Monotone::new(&mesh, sample);
        let thin = |x: f64| tolerance::KINK * (1.0 + x.abs());
        let mut known = known.to_vec();
        known.sort_by(f64::total_cmp);
        let is_known = |x: f64| {
            let next = known.partition_point(|&place| place < x - 2.0 * thin(x));
            known.get(next).is_some_and(|&place| place <= x + 2.0 * thin(x))
        };
        // Where functions may jump, with how well that is known.
        let found = mesh.kinks().iter().filter(|&&kink| !is_known(kink));
        let mut kinks: Vec<(f64, f64)> = found.map(|&kink| (kink, thin(kink))).collect();
        kinks.extend(known.iter().map(|&place| (place, 4.0 * f64::EPSILON * place.abs())));
        kinks.retain(|&(x, _)| x > from + thin(x) && x < to - thin(x));
        kinks.sort_by(|a, b| a.0.total_cmp(&b.0));
        kinks.dedup_by(|b, a| b.0 - a.0 <= thin(a.0));
        let beside = |x: f64| {
            let next = kinks.partition_point(|kink| kink.0 < x - 3.0 * thin(x));
            kinks.get(next).is_some_and(|kink| kink.0 <= x + 3.0 * thin(x))
        };
        let mut cuts = line.support().cuts(from, to);
        cuts.extend(mesh.features());
        cuts.extend(turns.nodes().iter().map(|node| node.x));
        cuts.retain(|&x| x > from + thin(x) && x < to - thin(x) && !beside(x));
        cuts.extend(kinks.iter().map(|kink| kink.0));
        cuts.extend([from, to]);
        cuts.sort_by(f64::total_cmp);
        cuts.dedup_by(|b, a| *b - *a <= thin(*a) && !kinks.iter().any(|kink| kink.0 == *b));
        let margin = |x: f64| if beside(x) { 2.0 * thin(x) } else { 0.0 };
        let cell = |pair: &[f64]| {
            let (from, to) = (pair[0], pair[1]);
            let inside = Inside { from: from + margin(from), to: to - margin(to) };
            Piece { from, to, branch: inside }
        };
        let cells = cuts.windows(2).map(cell).collect();
        let jump = |&(x, error): &(f64, f64)| Jump {
            left: x - 2.0 * thin(x),
            right: x + 2.0 * thin(x),
            error,
        };
        Self { cells, jumps: kinks.iter().map(jump).collect() }
    }

    /// The integral of `f`; `noise` says how much rounding changes it.
    pub fn integral(&self, f: impl Fn(f64) -> f64, noise: impl Fn(f64) -> f64) -> Estimate {
        let inside = |Inside { from, to }, x: f64| if from < to { x.clamp(from, to) } else { x };
        let mut estimate = integrate(
            self.cells.iter().copied(),
            |cell, x| f(inside(cell, x)),
            |cell, x| noise(inside(cell, x)),
        );
        let jumps = self.jumps.iter();
        estimate.error +=
            jumps.map(|jump| (f(jump.right) - f(jump.left)).abs() * jump.error).sum::<f64>();
        estimate
    }
}

/// The part of the line that matters for an integrand at most `near`, and what the rest of the line contributes at most, by the fall of
/// `near` at its ends.
pub fn range(line: &Line, near: impl Fn(f64) -> f64) -> ((f64, f64), f64) {
    let [left, right] = [Side::Left, Side::Right].map(|side| line.support().end(side, &near));
    ((left.at, right.at), left.rest + right.rest)
}
