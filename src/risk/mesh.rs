//! Sampling a function until its shape is known: where it turns, and where it has kinks.

use smallvec::SmallVec;

use crate::real::{Jet, Traced};
use crate::tolerance;

/// A value with its derivative and the fingerprint of its branches.
pub type Probe = Jet<Traced, 2>;

/// The value of a function and its derivative.
#[derive(Clone, Copy, Debug)]
pub struct Slope {
    pub value: f64,
    pub slope: f64,
}

impl From<&Probe> for Slope {
    fn from(probe: &Probe) -> Self {
        let [value, slope] = probe.coefficients();
        Self { value: value.value(), slope: slope.value() }
    }
}

/// What is known at one point: several functions of x with their derivatives.
#[derive(Clone, Debug)]
pub struct Sample {
    pub x: f64,
    /// The fingerprint of all branches taken; constant where every channel is smooth.
    pub path: u64,
    pub channels: SmallVec<[Slope; 2]>,
    /// How much of a channel may be rounding, besides the rounding of its own value.
    noise: f64,
}

impl Sample {
    /// The sample of the functions whose values at `x` are `probes`, computed from numbers of the size `scale`.
    pub fn new<'a>(x: f64, scale: f64, probes: impl IntoIterator<Item = &'a Probe>) -> Self {
        let mut path = 0_u64;
        let channels = probes
            .into_iter()
            .map(|probe| {
                path = path.rotate_left(17) ^ probe.value().path();
                Slope::from(probe)
            })
            .collect();
        Self { x, path, channels, noise: tolerance::SHAKE * scale }
    }

    /// How much of a channel of this value may be rounding.
    pub fn noise(&self, value: f64) -> f64 {
        tolerance::NOISE * (1.0 + value.abs()) + self.noise
    }
}

/// A function, sampled so finely that between neighbours each channel is close to its cubic Hermite interpolant.
#[derive(Clone, Debug)]
pub struct Mesh {
    samples: Vec<Sample>,
    kinks: Vec<f64>,
}

impl Mesh {
    /// Samples at the `seeds` (ascending) and then wherever neighbours do not predict what lies between them.
    ///
    /// Kinks are cut out: a sample lies close on either side of each.
    pub fn new(seeds: &[f64], sample: &impl Fn(f64) -> Sample) -> Self {
        let mut mesh = Self { samples: vec![sample(seeds[0])], kinks: Vec::new() };
        for &x in &seeds[1..] {
            mesh.reach(sample(x), sample, 0);
        }
        mesh
    }

    /// Appends samples up to and including `end`.
    fn reach(&mut self, end: Sample, sample: &impl Fn(f64) -> Sample, depth: u32) {
        let start = self.last().clone();
        let width = end.x - start.x;
        if width <= 0.0 {
            return;
        }
        let full = self.samples.len() >= tolerance::SAMPLES || depth >= tolerance::DEPTH;
        if full || width <= tolerance::THIN * (start.x.abs() + end.x.abs()) {
            if start.path != end.path {
                self.kinks.push(end.x);
            }
            self.samples.push(end);
        } else if start.path != end.path {
            let (before, after) = first_kink(&start, &end, sample);
            self.reach(before, sample, depth + 1);
            self.kinks.push(after.x);
            self.samples.push(after);
            self.reach(end, sample, depth + 1);
        } else {
            let middle = sample(0.5 * (start.x + end.x));
            let known = middle.path == start.path && predicted(&start, &middle, &end);
            if known {
                self.samples.extend([middle, end]);
            } else {
                self.reach(middle, sample, depth + 1);
                self.reach(end, sample, depth + 1);
            }
        }
    }

    fn last(&self) -> &Sample {
        self.samples.last().expect("a mesh has at least one sample")
    }

    /// The samples in ascending order.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// Where the fingerprint changes.
    pub fn kinks(&self) -> &[f64] {
        &self.kinks
    }

    /// Cuts for quadrature: a cell is at most [`tolerance::GRADE`] times as wide as the smallest distance of samples in it and
    /// as the cells beside it, so that its nodes see whatever the mesh was refined for, boundary layers included.
    pub fn features(&self) -> Vec<f64> {
        let mut cuts = vec![self.samples[0].x];
        let (mut start, mut finest) = (self.samples[0].x, f64::INFINITY);
        for pair in self.samples.windows(2) {
            let (from, to) = (pair[0].x, pair[1].x);
            // The two sides of a kink are no scale of the function.
            if pair[0].path != pair[1].path {
                continue;
            }
            finest = finest.min(to - from);
            if to - start > tolerance::GRADE * finest {
                cuts.push(from);
                (start, finest) = (from, to - from);
            }
        }
        cuts.push(self.last().x);
        let graded = grade(&cuts);
        let mirrored: Vec<f64> = graded.iter().rev().map(|x| -x).collect();
        let graded = grade(&mirrored);
        // A kink inside a cell would have to be found by bisection, and a network or a piecewise model can have a thousand.
        let mut cuts: Vec<f64> =
            graded.iter().map(|x| -x).chain(self.kinks.iter().copied()).collect();
        cuts.sort_by(f64::total_cmp);
        cuts
    }
}

/// Adds cuts such that no cell is more than [`tolerance::GRADE`] times as wide as the one before it.
fn grade(cuts: &[f64]) -> Vec<f64> {
    let mut graded = cuts[..1].to_vec();
    let mut width = f64::INFINITY;
    for pair in cuts.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        width = width.max(tolerance::KINK * (1.0 + from.abs()));
        while to - from > tolerance::GRADE * width {
            width *= tolerance::GRADE;
            from += width;
            graded.push(from);
        }
        width = to - from;
        graded.push(to);
    }
    graded
}

/// Whether the samples at both ends predict the one in the middle, channel by channel: the cubic Hermite interpolant errs
/// by a small part of how much the channel varies there, or by no more than rounding.
fn predicted(start: &Sample, middle: &Sample, end: &Sample) -> bool {
    let width = end.x - start.x;
    let channels = start.channels.iter().zip(&middle.channels).zip(&end.channels);
    channels.into_iter().all(|((a, m), b)| {
        let guess = 0.5 * (a.value + b.value) + 0.125 * width * (a.slope - b.slope);
        let variation = (b.value - a.value).abs() + 0.125 * width * (a.slope.abs() + b.slope.abs());
        let error = (m.value - guess).abs();
        !error.is_finite() || error <= tolerance::SHAPE * variation + middle.noise(m.value)
    })
}

/// The first change of the fingerprint between two samples, cut down to [`tolerance::KINK`].
fn first_kink(start: &Sample, end: &Sample, sample: &impl Fn(f64) -> Sample) -> (Sample, Sample) {
    let (mut before, mut after) = (start.clone(), end.clone());
    while after.x - before.x > tolerance::KINK * (1.0 + after.x.abs()) {
        let x = 0.5 * (before.x + after.x);
        let middle = sample(x);
        if middle.path == start.path {
            before = middle;
        } else {
            after = middle;
        }
    }
    (before, after)
}
