//! `R_SCORE^l1` to first order in the radius (Theorem 4).

use super::largest::{Deep, Derivatives, Largest};
use super::line::{Line, Which};
use super::mean::{Cells, range};
use super::mesh::{Probe, Sample};
use super::region::{self, Region};
use crate::divergence::norm::l1;
use crate::error::Error;
use crate::quadrature::Estimate;
use crate::real::{Real, Row, Traced};
use crate::simplex::{Dense, Simplex};

/// The coefficient c of `R_SCORE^l1(eps) = R_Standard^l1 + c eps + o(eps)`, in two forms.
///
/// With `d_y = p_d(y|.) - p_theta(y|.)`, its signs `s_y` and `Y_d(x) = argmax_y p_d(y|x)`,
///
/// ```text
/// signs = E | sum_y s_y d_y' |          paper = 2 E | d_Y_d' |
/// ```
///
/// They agree where the signs are one against the rest at `Y_d`, so always for two classes; `mixed` is the probability that they are not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expansion {
    /// The coefficient, in general.
    pub signs: Estimate,
    /// The paper's form of it.
    pub paper: Estimate,
    /// The probability of an x at which the signs are not one against the rest at `Y_d(x)`: where the paper's condition fails.
    pub mixed: Estimate,
}

/// How smooth P and Q are, which bounds the remainder.
#[derive(Clone, Debug, PartialEq)]
pub struct Smoothness {
    /// G, the largest `|d_y'|` over x and y.
    pub slope: Estimate,
    /// M, the largest `|d_y''|`; over both sides of each kink, where there are kinks.
    pub curvature: Estimate,
    /// Where some `d_y` is not differentiable.
    pub kinks: Vec<f64>,
}

/// P or Q with slopes.
type Labels = Simplex<Dense<Probe>>;
/// `d_y` of every class.
type Differences = Dense<Probe>;
/// A function of P and Q with their slopes.
type OfLabels<'f> = &'f dyn Fn([&Labels; 2]) -> f64;

impl Line {
    /// The coefficient of Theorem 4.
    ///
    /// ```
    /// use score_workbench::{law::Law, model::Model, risk::Line};
    /// let line = Line::new(&Law::resolve("toy")?, &Model::resolve("toy-linear")?)?;
    /// let expansion = line.expansion();
    /// assert!((expansion.signs.value - 0.1376430739547).abs() < 1e-13);
    /// assert_eq!(expansion.signs, expansion.paper); // two classes
    /// # Ok::<(), score_workbench::error::Error>(())
    /// ```
    #[must_use]
    pub fn expansion(&self) -> Expansion {
        let slope = |x: f64| {
            let [p, q] = self.probes(x, 0.0);
            steepest(&differences(&p, &q))
        };
        let (interval, rest) = range(self, |x| self.density(x) * (1.0 + slope(x)));
        let mean = |cells: &Cells, f: OfLabels| {
            let at = |x: f64, by: f64| {
                let [p, q] = self.probes(x, by);
                f([&p, &q])
            };
            let noise = |x: f64| {
                let still = at(x, 0.0);
                let change = |by| (at(x, by) - still).abs();
                self.density(x) * (change(self.shake()) + change(-self.shake()))
            };
            let mut mean = cells.integral(|x| self.density(x) * at(x, 0.0), noise);
            mean.error += rest;
            mean
        };
        let of_signs = |[p, q]: [&Labels; 2]| steepest(&differences(p, q));
        let first = |x: f64| self.sampled(x, |d, _| d.entries()[0]);
        if self.classes() == 2 {
            // d_0 + d_1 = 0: no sign changes the sum, and d_0 has no kink where it is zero.
            let signs = mean(&Cells::new(self, interval, &first, &[]), &of_signs);
            return Expansion { signs, paper: signs, mixed: Estimate::exact(0.0) };
        }
        // Where a sign changes, and where the likeliest class under the data does.
        let zeros = |k: usize| {
            let sample = |x: f64| self.sampled(x, |d, _| d.entries()[k]);
            region::crossings(self, interval, &[0.0], &sample)
        };
        let mut known: Vec<f64> = (0..self.classes()).flat_map(zeros).map(|end| end.at).collect();
        let total = |x: f64| self.sampled(x, |_, [p, q]| l1(p, q));
        let signs = mean(&Cells::new(self, interval, &total, &known), &of_signs);
        let changes = region::changes(self, Which::Data, interval);
        known.extend(changes.into_iter().map(|end| end.at));
        let leading = |x: f64| self.sampled(x, |d, [p, _]| of_likeliest(p, d));
        let cells = Cells::new(self, interval, &leading, &known);
        let of_leading =
            |[p, q]: [&Labels; 2]| 2.0 * slope_of(&of_likeliest(p, &differences(p, q))).abs();
        let paper = mean(&cells, &of_leading);
        let is_mixed =
            |[p, q]: [&Labels; 2]| f64::from(u8::from(!one_against_rest(p, &differences(p, q))));
        Expansion { signs, paper, mixed: mean(&cells, &is_mixed) }
    }

    /// Bounds of the slopes and curvatures of `p_d(y|.) - p_theta(y|.)` where windows of radius `epsilon` around the law's mass reach.
    ///
    /// # Errors
    /// None for a line that exists.
    pub fn smoothness(&self, epsilon: f64) -> Result<Smoothness, Error> {
        let derivatives = Derivatives::new(self, epsilon)?;
        // With two classes the second difference is the negative of the first.
        let classes = if self.classes() == 2 { 1 } else { self.classes() };
        let difference = |k: usize| {
            let derivatives = &derivatives;
            move |x: f64| -> Deep {
                let [p, q] = derivatives.labels(x);
                p.zip(&q, Real::difference).entries()[k]
            }
        };
        let over = |largest: &dyn Fn(usize) -> Largest| {
            (1..classes).fold(largest(0), |all, k| all.or(largest(k)))
        };
        let slope = over(&|k| derivatives.largest::<1>(difference(k)));
        let curvature = over(&|k| derivatives.largest::<2>(difference(k)));
        Ok(Smoothness { slope: slope.value, curvature: curvature.value, kinks: curvature.kinks })
    }

    /// The probability of an x at which some class has `|p_d(y|x) - p_theta(y|x)| < radius`.
    #[must_use]
    pub fn near_ties(&self, radius: f64) -> Estimate {
        let range = self.hull();
        let near = (0..self.classes()).map(|k| {
            let sample = |x: f64| self.sampled(x, |d, _| d.entries()[k]);
            let cuts = region::crossings(self, range, &[-radius, radius], &sample);
            let inside = |x: f64| sample(x).channels[0].value.abs() < radius;
            Region::between(&cuts, range, inside)
        });
        Region::union(near).probability(self.line_law().components())
    }

    /// P and Q at x with their slopes, x and the logits off by a relative `by`.
    fn probes(&self, x: f64, by: f64) -> [Labels; 2] {
        let shaken = |which, by: f64| {
            let (logits, _) = self.probe_logits(which, x * (1.0 + by));
            let entries = logits.entries();
            let off = |k: usize| if k.is_multiple_of(2) { by } else { -by };
            let factor = |k: usize| Traced::new(1.0 + off(k));
            // Coefficient by coefficient: a logit of -inf has no product with a jet.
            let shaken = |k: usize| {
                Probe::from_coefficients(entries[k].coefficients().map(|c| c * factor(k)))
            };
            let shaken = Row::from_fn(entries.len(), shaken);
            Simplex::from_logits(&Dense::new(shaken))
        };
        if by == 0.0 {
            return [Which::Data, Which::Model].map(|which| self.probe_labels(which, x));
        }
        [shaken(Which::Data, by), shaken(Which::Model, -by)]
    }

    /// A sample of a function of P and Q, which gets their differences too.
    fn sampled(&self, x: f64, f: impl Fn(&Differences, [&Labels; 2]) -> Probe) -> Sample {
        let [p, q] = self.probes(x, 0.0);
        let scale = [Which::Data, Which::Model].map(|which| self.probe_logits(which, x).1);
        Sample::new(x, scale[0].max(scale[1]), [&f(&differences(&p, &q), [&p, &q])])
    }
}

/// `sup_{|v| <= 1}` of the slope of `sum_y |d_y|` in the direction v.
fn steepest(differences: &Differences) -> f64 {
    match differences.entries() {
        [d, _] => 2.0 * slope_of(d).abs(),
        all => rise(all.iter().map(|d| (d.value().value(), slope_of(d)))),
    }
}

/// `|sum_y s_y d_y'|` from the values and slopes of the `d_y`, and where `d_y = 0` exactly `|d_y'|` besides, since there the absolute value
/// rises either way. On a set of positive probability with `d_y = 0` almost every slope is zero, so that under a law with a density the
/// second part adds nothing to a mean.
fn rise(values: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut signed, mut tied) = (0.0, 0.0);
    for (value, slope) in values {
        if value == 0.0 {
            tied += slope.abs();
        } else {
            signed += value.signum() * slope;
        }
    }
    signed.abs() + tied
}

fn differences(p: &Labels, q: &Labels) -> Differences {
    p.zip(q, Real::difference)
}

fn slope_of(probe: &Probe) -> f64 {
    probe.coefficients()[1].value()
}

/// `d_y` at the first y with the largest `p_d(y|x)`; the choice leaves its trace in the fingerprint.
fn of_likeliest(p: &Labels, differences: &Differences) -> Probe {
    let (p, d) = (p.probabilities().entries(), differences.entries());
    let (mut largest, mut chosen) = (p[0], d[0]);
    for k in 1..p.len() {
        let excess = largest - p[k];
        chosen = excess.select(&chosen, &d[k]);
        largest = excess.select(&largest, &p[k]);
    }
    chosen
}

/// Whether every other `d_y` has the sign opposite to that of the likeliest class; zeros have either.
fn one_against_rest(p: &Labels, differences: &Differences) -> bool {
    let p: Vec<f64> = p.probabilities().entries().iter().map(|p| p.value().value()).collect();
    let likeliest = (1..p.len()).fold(0, |best, k| if p[k] > p[best] { k } else { best });
    let d: Vec<f64> = differences.entries().iter().map(|d| d.value().value()).collect();
    let opposite = |sign: f64| {
        d.iter()
            .enumerate()
            .all(|(k, d)| if k == likeliest { d * sign >= 0.0 } else { d * sign <= 0.0 })
    };
    opposite(1.0) || opposite(-1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_a_tie_the_absolute_slopes_count() {
        let find = |values: &[(f64, f64)]| rise(values.iter().copied());
        // P = Q at the point: sum |d_y'|, not |sum d_y'| = 0.
        assert_eq!(find(&[(0.0, 0.5), (0.0, -0.25), (0.0, -0.25)]), 1.0);
        assert_eq!(find(&[(0.1, 0.5), (-0.1, -0.25), (0.0, -0.25)]), 1.0);
        assert_eq!(find(&[(0.1, 0.5), (-0.05, 0.25), (-0.05, -0.75)]), 1.0);
        // One against the rest: twice the slope of the one.
        assert_eq!(find(&[(0.1, -0.5), (-0.05, 0.25), (-0.05, 0.25)]), 1.0);
    }
}
