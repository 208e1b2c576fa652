//! The data of the figures: plain tables of numbers, from which the figures are drawn and which are written beside them.

use std::fmt::Write as _;

use rayon::prelude::*;

use crate::claims::Problem;
use crate::divergence::Divergence;
use crate::error::Error;
use crate::quadrature::{Estimate, Piece};
use crate::risk::{Integrand, Line, Place, Risk, Rule};
use crate::score_matching::{Method, Sampled, Study};

/// Named columns of equal length.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    names: Vec<String>,
    rows: Vec<Vec<f64>>,
}

impl Table {
    /// The table with these columns and rows; a row has one number per column.
    pub fn new(names: Vec<String>, rows: Vec<Vec<f64>>) -> Self {
        debug_assert!(rows.iter().all(|row| row.len() == names.len()));
        Self { names, rows }
    }

    /// The rows.
    pub fn rows(&self) -> &[Vec<f64>] {
        &self.rows
    }

    /// The column of this name; empty where there is none.
    pub fn column(&self, name: &str) -> Vec<f64> {
        let index = self.names.iter().position(|found| found == name);
        index.map_or_else(Vec::new, |i| self.rows.iter().map(|row| row[i]).collect())
    }

    /// Comma-separated values: a line of names, then a line per row, each number with the fewest digits that read back to it.
    pub fn csv(&self) -> String {
        let mut text = self.names.join(",");
        text.push('\n');
        for row in &self.rows {
            for (i, value) in row.iter().enumerate() {
                let comma = if i == 0 { "" } else { "," };
                write!(text, "{comma}{value}").expect("a string takes any text");
            }
            text.push('\n');
        }
        text
    }
}

/// Samples that a picture of the line needs: enough that straight segments between them look like the curves.
const COARSE: usize = 160;
/// How many times an interval of the coarse samples may be halved.
const DEPTH: u32 = 9;
/// How far a curve may be from the segment that is drawn for it, relative to its range.
const FLAT: f64 = 1e-3;
/// The part of the law's mass that a figure leaves out on either side.
const HIDDEN: f64 = 5e-4;

/// The interval of x that figures show: all but a thousandth of the mass, and a margin.
pub fn view(line: &Line, epsilon: f64) -> (f64, f64) {
    let hull = line.hull();
    let ends = line.integrand(Risk::Standard, Divergence::L1, 0.0);
    let seeds = seeds(hull, ends.pieces());
    let samples = refined(&seeds, |x| vec![line.density(x)]);
    let masses: Vec<f64> =
        samples.windows(2).map(|p| 0.5 * (p[1].0 - p[0].0) * (p[0].1[0] + p[1].1[0])).collect();
    let total: f64 = masses.iter().sum();
    let edge = |from_left: bool| {
        let mut seen = 0.0;
        let count = masses.len();
        let order = (0..count).map(|i| if from_left { i } else { count - 1 - i });
        for i in order {
            seen += masses[i];
            if seen >= HIDDEN * total {
                return samples[if from_left { i } else { i + 1 }].0;
            }
        }
        if from_left { hull.0 } else { hull.1 }
    };
    let (low, high) = (edge(true), edge(false));
    let margin = (0.04 * (high - low)).max(0.25 * epsilon.min(high - low));
    (low - margin, high + margin)
}

/// A value of x and the functions there.
type Sample = (f64, Vec<f64>);

/// Where to begin sampling: evenly, and at the ends of the pieces.
fn seeds<B>((from, to): (f64, f64), pieces: &[Piece<B>]) -> Vec<f64> {
    let step = (to - from) / COARSE as f64;
    let even = (0..=COARSE).map(|i| from + step * i as f64);
    let ends = pieces.iter().flat_map(|piece| [piece.from, piece.to]);
    let mut seeds: Vec<f64> = even.chain(ends).filter(|&x| x >= from && x <= to).collect();
    seeds.sort_by(f64::total_cmp);
    seeds.dedup();
    seeds
}

/// Samples of several functions at once, refined by halving until the segments between neighbours are close to the curves.
fn refined(seeds: &[f64], f: impl Fn(f64) -> Vec<f64> + Sync) -> Vec<Sample> {
    let mut samples: Vec<Sample> = seeds.par_iter().map(|&x| (x, f(x))).collect();
    let columns = samples.first().map_or(0, |first| first.1.len());
    let spread: Vec<f64> = (0..columns)
        .map(|k| {
            let finite = samples.iter().map(|s| s.1[k]).filter(|v| v.is_finite());
            let (low, high) =
                finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
            (high - low).max(f64::MIN_POSITIVE)
        })
        .collect();
    for _ in 0..DEPTH {
        let mut next = Vec::with_capacity(samples.len());
        // An interval is halved where the chord over its two neighbours misses the sample between them.
        let bent = |i: usize| {
            i > 0 && i + 1 < samples.len() && {
                let ((a, va), (b, vb), (c, vc)) = (&samples[i - 1], &samples[i], &samples[i + 1]);
                let share = (b - a) / (c - a);
                (0..columns).any(|k| {
                    let chord = va[k] + share * (vc[k] - va[k]);
                    (vb[k] - chord).abs() > FLAT * spread[k]
                })
            }
        };
        let bends: Vec<bool> = (0..samples.len()).map(bent).collect();
        for (i, sample) in samples.iter().enumerate() {
            next.push(sample.clone());
            if i + 1 < samples.len() && (bends[i] || bends[i + 1]) {
                let x = 0.5 * (sample.0 + samples[i + 1].0);
                next.push((x, f(x)));
            }
        }
        let done = next.len() == samples.len() || next.len() > 1500;
        samples = next;
        if done {
            break;
        }
    }
    samples
}

/// The column of `p_d(x)`.
pub const DENSITY: &str = "p_d(x)";

/// The column of `p_d(y=k|x)`.
pub fn posterior(k: usize) -> String {
    format!("p_d(y={k}|x)")
}

/// The column of `p_theta(y=k|x)`.
pub fn model(k: usize) -> String {
    format!("p_theta(y={k}|x)")
}

/// `x`, `p_d(x)`, the posterior P(x) and the model Q(x), a column for each class.
pub fn curves(line: &Line, view: (f64, f64)) -> Table {
    let classes = line.classes();
    let ends = line.integrand(Risk::Standard, Divergence::L1, 0.0);
    let samples = refined(&seeds(view, ends.pieces()), |x| {
        let (p, q) = (line.posterior(x), line.model(x));
        let all = [line.density(x)].into_iter();
        let p = p.probabilities().entries().iter().copied();
        all.chain(p).chain(q.probabilities().entries().iter().copied()).collect()
    });
    let mut names = vec!["x".to_owned(), DENSITY.to_owned()];
    names.extend((0..classes).map(posterior));
    names.extend((0..classes).map(model));
    table(names, samples)
}

fn table(names: Vec<String>, samples: Vec<Sample>) -> Table {
    let rows = samples.into_iter().map(|(x, values)| [vec![x], values].concat()).collect();
    Table::new(names, rows)
}

/// The integrands of `R_Standard`, `R_Madry` and `R_SCORE`, without the density, and the pieces of the last two.
#[derive(Debug)]
pub struct Integrands {
    /// `x`, `p_d(x)`, and a column per risk, under its name.
    pub values: Table,
    /// The pieces of the SCORE supremum, see [`pieces`].
    pub score: Table,
    /// The pieces of the Madry supremum.
    pub madry: Table,
}

/// The integrands for one divergence and radius.
pub fn integrands(
    line: &Line,
    divergence: Divergence,
    epsilon: f64,
    view: (f64, f64),
) -> Integrands {
    let of = |risk| line.integrand(risk, divergence, epsilon);
    let (standard, madry, score) = (of(Risk::Standard), of(Risk::Madry), of(Risk::Score));
    let all = [standard.pieces(), madry.pieces(), score.pieces()].concat();
    let samples = refined(&seeds(view, &all), |x| {
        vec![line.density(x), standard.supremum(x), madry.supremum(x), score.supremum(x)]
    });
    let names = ["x", DENSITY].into_iter();
    let risks = [Risk::Standard, Risk::Madry, Risk::Score].map(Risk::name);
    Integrands {
        values: table(names.chain(risks).map(String::from).collect(), samples),
        score: pieces(&score, view),
        madry: pieces(&madry, view),
    }
}

/// How a column of numbers says where in the window the maximum is: -1 at its left end, 0 at a fixed point, 1 at its right end, 2 where
/// it is searched for (more than two classes), 3 where the window is the point itself.
pub fn place_code(rule: Rule) -> f64 {
    match rule {
        Rule::Score(place) | Rule::Extreme(place, _) => match place {
            Place::LeftEnd => -1.0,
            Place::At(_) => 0.0,
            Place::RightEnd => 1.0,
        },
        Rule::Search => 2.0,
        Rule::Pointwise => 3.0,
    }
}

/// The pieces that meet the view: `from`, `to`, `place` (see [`place_code`]) and `at`, the fixed point, NaN where there is none.
fn pieces(integrand: &Integrand, view: (f64, f64)) -> Table {
    let seen = integrand.pieces().iter().filter(|piece| piece.to > view.0 && piece.from < view.1);
    let rows = seen.map(|piece| {
        let at = match piece.branch {
            Rule::Score(Place::At(u)) | Rule::Extreme(Place::At(u), _) => u,
            _ => f64::NAN,
        };
        vec![piece.from, piece.to, place_code(piece.branch), at]
    });
    Table::new(["from", "to", "place", "at"].map(String::from).to_vec(), rows.collect())
}

/// The column of the lower end of Theorem 1's band, `|R_Madry - C|`.
pub const LOWER: &str = "lower";
/// The column of its upper end, `R_Madry + C`.
pub const UPPER: &str = "upper";

/// A risk, NaN where its integrand leaves the range of doubles.
///
/// # Errors
/// As [`Problem::risk`], but for [`Error::Overflow`].
pub fn risk(
    problem: &Problem,
    risk: Risk,
    divergence: Divergence,
    epsilon: f64,
) -> Result<Estimate, Error> {
    match problem.risk(risk, divergence, epsilon) {
        Err(Error::Overflow { .. }) => Ok(Estimate { value: f64::NAN, error: f64::NAN }),
        other => other,
    }
}

/// The four risks against epsilon, a column per risk under its name, and the band of Theorem 1.
///
/// # Errors
/// Where a risk cannot be computed.
pub fn risks(problem: &Problem, divergence: Divergence, epsilons: &[f64]) -> Result<Table, Error> {
    let rows = epsilons.par_iter().map(|&epsilon| {
        let mut row = vec![epsilon];
        for risk in Risk::ALL {
            row.push(self::risk(problem, risk, divergence, epsilon)?.value);
        }
        let (madry, variation) = (row[2], row[4]);
        row.extend([(madry - variation).abs(), madry + variation]);
        Ok(row)
    });
    let risks = Risk::ALL.map(Risk::name);
    let names = ["eps"].into_iter().chain(risks).chain([LOWER, UPPER]).map(String::from);
    Ok(Table::new(names.collect(), rows.collect::<Result<_, Error>>()?))
}

/// The column of the size of the data sets.
pub const SAMPLES: &str = "samples";
/// The column of `E G^2`, the same in every row.
pub const SIGNAL: &str = "signal";
/// The column of the squared error of one label with the exact score, the same in every row.
pub const EXACT: &str = "exact";

/// The columns of a method's mean squared error with the labels averaged out, of its standard error, of the part that is variance over
/// data sets, and of the error with one label.
pub fn gradient_error(method: Method) -> [String; 4] {
    ["averaged", "standard_error", "variance", "one_label"].map(|what| format!("{method}_{what}"))
}

/// The errors of sampled gradients against the size of the data sets.
pub fn gradient_errors(study: &Study) -> Table {
    let names = [SAMPLES, SIGNAL, EXACT].map(String::from).into_iter();
    let names = names.chain(Method::ALL.into_iter().flat_map(gradient_error));
    let sizes = study.rows.chunk_by(|a, b| a.samples == b.samples);
    let rows = sizes.map(|rows| {
        let mut row = vec![rows[0].samples as f64, study.signal.value, study.exact.value];
        for own in rows {
            let Sampled { mean, standard_error } = own.averaged;
            row.extend([mean, standard_error, own.variance.mean, own.error.mean]);
        }
        row
    });
    Table::new(names.collect(), rows.collect())
}
