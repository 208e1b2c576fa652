//! Where a function rises and where it falls, proved.

use super::integrand::Integrand;
use crate::real::{Interval, Real};
use crate::simplex::{Dense, Simplex};

/// What is known of a function between two points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    /// It does not fall.
    Rising,
    /// It does not rise.
    Falling,
    /// It is concave, and a curve that is close to its maximum is known.
    Concave,
    /// Nothing.
    Unknown,
}

/// A place where the function can have an extremum, and what is known there.
#[derive(Clone, Debug)]
pub struct Peak {
    /// The place: an interval of which nothing is known, or the point between two trends.
    pub at: Interval,
    /// The values of what is under the supremum, where they do not depend on x.
    pub value: Interval,
    /// The labels of the second argument, where they do.
    pub labels: Option<Simplex<Dense<Interval>>>,
}

impl Peak {
    /// Whether nothing tells the two apart.
    pub(super) fn resembles(&self, other: &Self) -> bool {
        let meet = |a: Interval, b: Interval| a.at_most(b).is_none() && b.at_most(a).is_none();
        match (&self.labels, &other.labels) {
            (Some(a), Some(b)) => {
                let (a, b) = (a.log_probabilities().entries(), b.log_probabilities().entries());
                a.iter().zip(b).all(|(a, b)| meet(*a, *b))
            }
            _ => true,
        }
    }

    /// The two as one: for values the larger, for labels what contains both.
    pub(super) fn join(&mut self, other: &Self) {
        self.at = self.at.hull(other.at);
        self.value = self.value.max(&other.value);
        if let (Some(a), Some(b)) = (&self.labels, &other.labels) {
            self.labels = Some(a.hull(b));
        }
    }
}

/// A function of one variable, cut into intervals on each of which its trend is known or not.
///
/// On any window the supremum is at an end of the window, in an interval of unknown trend, or where rising turns to falling.
#[derive(Clone, Debug)]
pub struct Shape {
    cover: Interval,
    peaks: Vec<Peak>,
}

impl Shape {
    /// The shape with the trends between neighbouring `edges`, ascending; one fewer than edges. The trends must have been proved.
    #[must_use]
    pub fn new(integrand: &Integrand, edges: &[f64], trends: &[Trend]) -> Self {
        let between = edges.windows(2).zip(trends);
        let mut peaks = Vec::new();
        let mut last = None;
        for (pair, &trend) in between {
            let turns = match (last, trend) {
                (Some(Trend::Rising), Trend::Falling) => true,
                (Some(Trend::Falling), Trend::Rising) => integrand.is_two_sided(),
                _ => false,
            };
            if turns {
                peaks.push(integrand.peak(Interval::point(pair[0])));
            }
            if trend == Trend::Unknown {
                peaks.push(integrand.peak(Interval::new(pair[0], pair[1])));
            }
            last = Some(trend);
        }
        Self { cover: Interval::new(edges[0], edges[edges.len() - 1]), peaks }
    }

    /// Whether the function is known on an interval.
    #[must_use]
    pub fn covers(&self, u: Interval) -> bool {
        u.is_in(self.cover)
    }

    /// The peaks that meet an interval.
    pub fn peaks_in(&self, u: Interval) -> impl Iterator<Item = &Peak> {
        let first = self.peaks.partition_point(|peak| peak.at.upper() < u.lower());
        self.peaks[first..].iter().take_while(move |peak| peak.at.lower() <= u.upper())
    }
}
