//! Which entry of the catalogue a loss equals, up to a factor.
//!
//! The free numbers of an entry (beta, the bound of a clip, the factor) are proposed by least squares on some examples, rounded to few
//! digits where these do, and believed only if the entry with them agrees with the loss on all examples to within rounding.

use std::time::Instant;

use proptest::strategy::{Strategy, ValueTree};

use super::Broken;
use super::bench::{Bench, Example, Scale, agree};
use super::case::{Flavour, cases, class_counts};
use super::profile::{Kind, Profile, Reduction};
use super::reference::Entry;
use super::suite::runner;
use crate::divergence::Divergence;
use crate::exact::Exact;
use crate::objective::{Clipped, Discrepancy, Objective, Smoothing};

/// What a loss equals, as far as a sample tells.
#[derive(Clone, Debug, Default)]
pub struct Identification {
    /// The entries that it equals and the factors, negative where a sign is wrong, the plainest first. They are more than one where the entries are multiples of each
    /// other: on one-hot targets, or for two classes.
    pub entries: Vec<(Entry, Scale)>,
    /// On how many examples the loss and an entry were compared.
    pub cases: usize,
    /// The numbers of classes of these.
    pub classes: Vec<usize>,
    /// Why nothing was looked for, or where.
    pub note: Option<String>,
}

/// Examples per number of classes.
const EXAMPLES: usize = 48;

/// The shares of label smoothing that are tried.
const SHARES: [&str; 8] = ["0.1", "0.05", "0.2", "0.01", "0.02", "0.15", "0.25", "0.3"];

/// An example, what the loss is there, and how far rounding may put it.
struct Sample {
    example: Example,
    classes: usize,
    value: f64,
    slack: f64,
}

pub(super) fn identify(
    bench: &mut Bench,
    seed: u64,
    deadline: Option<Instant>,
) -> Result<Identification, Broken> {
    let nothing = |note: &str| Identification { note: Some(note.into()), ..Default::default() };
    if bench.dtype().bits() < 24 {
        return Ok(nothing("half precision has too few digits to tell the entries apart"));
    }
    let mut samples = vec![];
    let counts = class_counts(bench.profile());
    for count in &counts {
        let only = bench.profile().clone().classes(*count..=*count);
        let strategy = cases(&only.expect("a count that is allowed"), Flavour::Apart);
        let mut runner = runner(seed, &format!("identify {count}"));
        for _ in 0..EXAMPLES {
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Ok(nothing("the time ran out"));
            }
            let case =
                strategy.new_tree(&mut runner).expect("strategies that do not reject").current();
            let example = bench.example(&case, 0);
            let value = bench.value(&example)?;
            let slack = bench.slack(&example, value);
            samples.push(Sample { example, classes: *count, value, slack });
        }
    }
    if samples.iter().any(|sample| !sample.value.is_finite()) {
        return Ok(nothing("it is not finite inside the simplex"));
    }
    if samples.iter().all(|sample| sample.value.abs() <= sample.slack) {
        return Ok(nothing("it is 0 everywhere"));
    }
    let found = match bench.profile().kind() {
        Kind::Divergence => {
            Entry::divergences().filter_map(|entry| matched(bench, &samples, &entry)).collect()
        }
        Kind::Objective { attacked, .. } => objectives(bench, &samples, attacked),
    };
    let note =
        (counts == [2]).then(|| "for two classes many entries are multiples of each other".into());
    Ok(Identification { entries: found, cases: samples.len(), classes: counts, note })
}

/// The factor with which an entry is the loss on every sample; `None` where there is none.
fn matched(bench: &Bench, samples: &[Sample], entry: &Entry) -> Option<(Entry, Scale)> {
    let values: Vec<f64> =
        samples.iter().map(|sample| bench.evaluated(entry, &sample.example)).collect();
    if values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    // The mean over the classes is a reduction of its own, which a loss may have beside that over the examples.
    [Scale::Constant as fn(f64) -> Scale, Scale::PerClass].into_iter().find_map(|scale| {
        let unit: Vec<f64> =
            samples.iter().zip(&values).map(|(s, x)| scale(1.0).at(s.classes) * x).collect();
        let weights = samples.iter().map(|sample| sample.slack.powi(-2));
        let (mut product, mut square) = (0.0, 0.0);
        for ((sample, x), weight) in samples.iter().zip(&unit).zip(weights) {
            product += weight * sample.value * x;
            square += weight * x * x;
        }
        let factor = product / square;
        let fits = |factor: f64| {
            factor != 0.0
                && samples
                    .iter()
                    .zip(&unit)
                    .all(|(s, x)| agree(s.value, factor * x, s.slack * factor.abs().max(1.0)))
        };
        let rounded = rounded(factor).find(|factor| fits(*factor));
        rounded
            .or_else(|| fits(factor).then_some(factor))
            .map(|factor| (entry.clone(), scale(factor)))
    })
}

/// A number to one digit, two, ..
fn rounded(x: f64) -> impl Iterator<Item = f64> {
    (0..8).filter_map(move |digits| format!("{x:.digits$e}").parse().ok())
}

/// The search for a training objective.
struct Search<'a, 'b> {
    bench: &'a Bench<'b>,
    samples: &'a [Sample],
    found: Vec<(Entry, Scale)>,
}

fn objectives(bench: &Bench, samples: &[Sample], attacked: bool) -> Vec<(Entry, Scale)> {
    let mut search = Search { bench, samples, found: vec![] };
    let shares = SHARES.map(|share| share.parse::<Exact>().expect("a decimal"));
    let smoothings = shares
        .into_iter()
        .flat_map(|share| [Smoothing::All(share.clone()), Smoothing::Others(share)]);
    let smoothings: Vec<Smoothing> = smoothings.collect();
    let mut firsts: Vec<(Discrepancy, Option<Smoothing>)> =
        Discrepancy::all().map(|first| (first, None)).collect();
    for first in [
        Discrepancy::CrossEntropy,
        Discrepancy::Divergence(Divergence::Kl),
        Discrepancy::Divergence(Divergence::SquaredError),
    ] {
        firsts.extend(smoothings.iter().map(|smoothing| (first, Some(smoothing.clone()))));
    }
    let plain = |divergence| Entry::Divergence { divergence, reversed: false, squared: false };
    let seconds = Divergence::ALL.into_iter().filter(|_| attacked);
    let seconds: Vec<(Divergence, Vec<f64>)> =
        seconds.filter_map(|second| Some((second, search.values(&plain(second))?))).collect();
    for (first, smoothing) in &firsts {
        let with = |objective: Objective| match smoothing {
            Some(smoothing) => objective.smoothed(smoothing.clone()).ok(),
            None => Some(objective),
        };
        let standard = with(Objective::standard(*first));
        search.clipped(standard.clone(), Clipped::Total);
        if !attacked {
            continue;
        }
        search.clipped(with(Objective::pgd_at(*first)), Clipped::Robust);
        let Some(clean) = standard.and_then(|o| search.values(&Entry::Objective(o))) else {
            continue;
        };
        for (second, robust) in &seconds {
            search.trades([&clean, robust], |beta| {
                with(Objective::trades(*first, *second, beta).ok()?)
            });
        }
    }
    search.found
}

/// The positive numbers that a double may stand for: it to one digit, two, .., and all of it.
fn written(x: f64) -> impl Iterator<Item = Exact> {
    let rounded = (0..8).map(move |digits| format!("{x:.digits$e}"));
    let texts = rounded.chain([format!("{x:e}")]);
    texts.filter_map(|text| text.parse::<Exact>().ok()).filter(Exact::is_positive)
}

impl Search<'_, '_> {
    /// An entry on the samples; `None` where it is infinite on one.
    fn values(&self, entry: &Entry) -> Option<Vec<f64>> {
        let values = self.samples.iter().map(|sample| self.bench.evaluated(entry, &sample.example));
        let values: Vec<f64> = values.collect();
        values.iter().all(|value| value.is_finite()).then_some(values)
    }

    /// Keeps an objective if it is a multiple of the loss.
    fn fits(&mut self, objective: Option<Objective>) -> bool {
        let entry = objective.map(Entry::Objective);
        let matched = entry.and_then(|entry| matched(self.bench, self.samples, &entry));
        let fits = matched.is_some();
        self.found.extend(matched);
        fits
    }

    /// An objective of one term, by itself and with a clip.
    fn clipped(&mut self, objective: Option<Objective>, on: Clipped) {
        let Some(objective) = objective else { return };
        if self.fits(Some(objective.clone())) {
            return;
        }
        let Some(values) = self.values(&Entry::Objective(objective.clone())) else { return };
        if let Some([factor, shift]) = self.coefficients(&self.positive(), [&values, &self.ones()])
        {
            let mut bounds = written(-shift / factor);
            bounds.any(|bound| self.fits(objective.clone().clip(bound, on).ok()));
        }
    }

    /// TRADES with these two terms, by itself, with a clip of its sum, or of its second term.
    fn trades(
        &mut self,
        [clean, robust]: [&[f64]; 2],
        trades: impl Fn(Exact) -> Option<Objective>,
    ) {
        let all: Vec<usize> = (0..self.samples.len()).collect();
        if let Some([factor, weight]) = self.coefficients(&all, [clean, robust]) {
            written(weight / factor).any(|beta| self.fits(trades(beta)));
            return;
        }
        let ones = self.ones();
        let clip = |search: &mut Self, [factor, weight, shift]: [f64; 3], on: Clipped| {
            let over = if on == Clipped::Total { factor } else { weight };
            written(weight / factor).any(|beta| {
                let mut bounds = written(-shift / over);
                bounds.any(|bound| {
                    search.fits(trades(beta.clone()).and_then(|o| o.clip(bound, on).ok()))
                })
            })
        };
        if let Some(found) = self.coefficients(&self.positive(), [clean, robust, &ones])
            && clip(self, found, Clipped::Total)
        {
            return;
        }
        // Where the robust term is large it exceeds the bound, if it does anywhere.
        let mut largest = all;
        largest.sort_by(|i, j| robust[*j].total_cmp(&robust[*i]));
        for share in [2, 4, 8] {
            let top = &largest[..self.samples.len() / share];
            if let Some(found) = self.coefficients(top, [clean, robust, &ones]) {
                clip(self, found, Clipped::Robust);
                return;
            }
        }
    }

    /// Where the loss is not 0.
    fn positive(&self) -> Vec<usize> {
        let positive = |i: &usize| self.samples[*i].value > self.samples[*i].slack;
        (0..self.samples.len()).filter(positive).collect()
    }

    fn ones(&self) -> Vec<f64> {
        vec![1.0; self.samples.len()]
    }

    /// Least squares; `None` where they leave more over than rounding explains.
    fn coefficients<const N: usize>(
        &self,
        rows: &[usize],
        columns: [&[f64]; N],
    ) -> Option<[f64; N]> {
        least_squares(self.samples, rows, &columns)?.try_into().ok()
    }
}

/// How much more than rounding least squares may leave over: they are a proposal.
const LEFT: f64 = 100.0;

/// The coefficients with which the columns sum to the loss on these samples, to within rounding; by Gram and Schmidt.
fn least_squares(samples: &[Sample], rows: &[usize], columns: &[&[f64]]) -> Option<Vec<f64>> {
    if rows.len() < 2 * columns.len() {
        return None;
    }
    let weighted = |x: &dyn Fn(usize) -> f64| -> Vec<f64> {
        rows.iter().map(|i| x(*i) / samples[*i].slack).collect()
    };
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut basis: Vec<Vec<f64>> = vec![];
    let mut triangle: Vec<Vec<f64>> = vec![];
    for column in columns {
        let mut rest = weighted(&|i| column[i]);
        let length = dot(&rest, &rest).sqrt();
        let mut entries = vec![];
        for direction in &basis {
            let along = dot(direction, &rest);
            rest.iter_mut().zip(direction).for_each(|(x, d)| *x -= along * d);
            entries.push(along);
        }
        let left = dot(&rest, &rest).sqrt();
        // A column that the others sum to has no coefficient of its own.
        if left <= 1e-6 * length || left == 0.0 {
            return None;
        }
        for x in &mut rest {
            *x /= left;
        }
        entries.push(left);
        basis.push(rest);
        triangle.push(entries);
    }
    let mut rest = weighted(&|i| samples[i].value);
    let mut coefficients: Vec<f64> = basis
        .iter()
        .map(|direction| {
            let along = dot(direction, &rest);
            rest.iter_mut().zip(direction).for_each(|(x, d)| *x -= along * d);
            along
        })
        .collect();
    if rest.iter().any(|x| x.abs() > LEFT) {
        return None;
    }
    for j in (0..coefficients.len()).rev() {
        coefficients[j] /= triangle[j][j];
        for i in 0..j {
            coefficients[i] -= triangle[j][i] * coefficients[j];
        }
    }
    (coefficients[0] != 0.0).then_some(coefficients)
}

impl Identification {
    /// The first entry in words, with its factor; `None` where nothing fits.
    #[must_use]
    pub fn text(&self, profile: &Profile) -> Option<String> {
        let (entry, scale) = self.entries.first()?;
        let reduced = match profile.reduces_by() {
            Reduction::None => String::new(),
            reduction => format!(", {reduction} over the batch"),
        };
        Some(format!("{}{reduced}", scale.times(entry)))
    }
}
