//! Certificates: what was found about a claim on an instance, in a form that can be checked without trusting what found it.
//!
//! A certificate is one JSON object. It states the instance in exact numbers, the claim and its verdict; and for each risk in it the
//! partition on which the risk was enclosed, with what was shown on each cell. [`write`](fn@write) makes one; [`check`](fn@check)
//! believes nothing of it: it computes the enclosure of every cell anew, adds them up, and evaluates the claim on the sums. It
//! searches for nothing, so that what has to be believed is the table below and no more.
//!
//! | what is believed | where |
//! |---|---|
//! | interval arithmetic, jets and Taylor enclosures | `real/interval`, `real/jet.rs`, `real/taylor.rs` |
//! | the formulas: log densities, logits, divergences | `law`, `model`, `divergence` |
//! | the enclosure of a cell and of the tails | `enclosure/{integrand,shape,cover,tail,partition}.rs` |
//! | which risks are infinite, and which are 0 or equal by definition | `risk/infinite.rs`, `claims/instance.rs` |
//! | the claim's inequalities | the file of the claim |
//! | this checker | `certificate/check.rs` |
//!
//! [`coq`] writes one risk as a theorem, for those who would rather believe Coq.
//!
//! Results do not depend on the machine: IEEE doubles and correctly rounded functions are the same everywhere. So the checker asks for
//! the very numbers that the certificate states, and any change to one of them is noticed.
//!
//! # Format, version 1
//!
//! | key | |
//! |---|---|
//! | `format`, `version` | `"score-certificate"`, 1 |
//! | `claim`, `divergence`, `norm`, `epsilon` | names; the radius as an exact number |
//! | `law`, `model` | as in the files of laws and models, numbers as exact texts |
//! | `assumptions` | what is taken for granted, in words |
//! | `verdict`, `slack`, `comparisons` | what was found; bounds of the smallest slack and of each inequality's: `[lower, upper]` |
//! | `risks` | a list, one entry for each risk that the claim speaks of |
//!
//! An entry of `risks`:
//!
//! | key | |
//! |---|---|
//! | `of`, `risk`, `divergence`, `epsilon` | `"model"` or `"data"` (the data's own posterior taken as the model), and which risk it is |
//! | `enclosure` | `{"within": [lower, upper]}`, or `"infinite"` |
//! | `shown` | for a finite risk an object with the keys below |
//! | `cells` | the ends of the cells, ascending |
//! | `parts` | the enclosure of the integral over each cell |
//! | `tails` | what is left and right of the cells at most |
//! | `windows` | `"points"`; or `{"trends": {"edges", "trends"}}`: where the function under the supremum rises (`r`), falls (`f`) or is not known (`u`); or `{"covers": [..]}`, for each cell such a list, with `c` where it is concave, and the coefficients of a `curve` |

mod check;
pub mod coq;
mod write;

pub use check::{Rejection, check};
pub use write::write;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::claims::Whose;
use crate::enclosure::{Cover, Trend, Windows};
use crate::law::Law;
use crate::model::{Bayes, Model};
use crate::real::Interval;

/// The name of the format.
const FORMAT: &str = "score-certificate";
/// The version that is written and read.
const VERSION: u32 = 1;

/// What every certificate takes for granted.
const ASSUMPTIONS: [&str; 3] = [
    "doubles follow IEEE 754, rounded to nearest",
    "exp, ln, ln_1p, exp_m1 and tanh of CORE-MATH are rounded to one of the two doubles around the true value",
    "for two classes D(a, b) does not fall as b moves away from a",
];

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    format: Cow<'a, str>,
    version: u32,
    claim: String,
    divergence: String,
    norm: String,
    epsilon: String,
    law: serde_json::Value,
    model: serde_json::Value,
    assumptions: Vec<Cow<'a, str>>,
    verdict: String,
    slack: Bounds,
    comparisons: Vec<Inequality>,
    risks: Vec<Entry>,
}

/// `[lower, upper]`
type Bounds = [f64; 2];

fn bounds(interval: Interval) -> Bounds {
    [interval.lower(), interval.upper()]
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inequality {
    name: String,
    slack: Bounds,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    of: Whose,
    risk: String,
    divergence: String,
    epsilon: String,
    enclosure: Total,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shown: Option<Shown>,
}

/// The model whose risk it is: the one of the instance, or the data's own posterior.
fn second<'a>(whose: Whose, law: &Law, model: &'a Model) -> Cow<'a, Model> {
    match whose {
        Whose::Model => Cow::Borrowed(model),
        Whose::Data => Cow::Owned(Model::Bayes(Bayes::new(law.clone()))),
    }
}

/// The bounds of a risk, or that it is infinite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Total {
    Within(Bounds),
    Infinite,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    cells: Vec<f64>,
    parts: Vec<Bounds>,
    tails: [f64; 2],
    windows: Described,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Described {
    Points,
    Trends(Intervals),
    Covers(Vec<Intervals>),
}

/// Intervals between edges, with a letter for what is known on each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Intervals {
    edges: Vec<f64>,
    trends: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    curve: Vec<f64>,
}

fn letter(trend: Trend) -> char {
    match trend {
        Trend::Rising => 'r',
        Trend::Falling => 'f',
        Trend::Concave => 'c',
        Trend::Unknown => 'u',
    }
}

fn trend(letter: char) -> Option<Trend> {
    [Trend::Rising, Trend::Falling, Trend::Concave, Trend::Unknown]
        .into_iter()
        .find(|trend| self::letter(*trend) == letter)
}

impl Described {
    fn of(windows: &Windows) -> Self {
        let intervals = |edges: &[f64], trends: &[Trend], curve: &[f64]| Intervals {
            edges: edges.to_vec(),
            trends: trends.iter().copied().map(letter).collect(),
            curve: curve.to_vec(),
        };
        match windows {
            Windows::Points => Self::Points,
            Windows::Trends { edges, trends } => Self::Trends(intervals(edges, trends, &[])),
            Windows::Covers(covers) => {
                let cover = |c: &Cover| intervals(&c.edges, &c.trends, &c.curve);
                Self::Covers(covers.iter().map(cover).collect())
            }
        }
    }

    /// `None` where a letter means nothing, or a curve is given where there is none.
    fn windows(&self) -> Option<Windows> {
        let trends = |intervals: &Intervals| -> Option<Vec<Trend>> {
            intervals.trends.chars().map(trend).collect()
        };
        Some(match self {
            Self::Points => Windows::Points,
            Self::Trends(all) if !all.curve.is_empty() => return None,
            Self::Trends(all) => Windows::Trends { edges: all.edges.clone(), trends: trends(all)? },
            Self::Covers(covers) => {
                let cover = |intervals: &Intervals| {
                    Some(Cover {
                        edges: intervals.edges.clone(),
                        trends: trends(intervals)?,
                        curve: intervals.curve.clone(),
                    })
                };
                Windows::Covers(covers.iter().map(cover).collect::<Option<_>>()?)
            }
        })
    }
}
