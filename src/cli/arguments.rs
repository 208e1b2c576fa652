//! Types of arguments, each with its own reader, and groups of arguments that commands share.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use score_workbench::claims::{Claim, Problem};
use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::exact::Exact;
use score_workbench::law::Law;
use score_workbench::model::Model;
use score_workbench::perturbation::{Ball, Norm};
use score_workbench::quantity::Quantity;
use score_workbench::span::{Draws, Interval};

use super::exit::Failure;
use super::output;

/// A list of divergences.
#[derive(Clone, Debug)]
pub struct Divergences(pub Vec<Divergence>);

impl FromStr for Divergences {
    type Err = Error;

    /// Names separated by commas, or `all`.
    fn from_str(text: &str) -> Result<Self, Error> {
        if text == "all" {
            return Ok(Self(Divergence::ALL.to_vec()));
        }
        let names = text.split(',').map(|name| divergence_or(name, "all"));
        names.collect::<Result<_, _>>().map(Self)
    }
}

/// The divergence of this name; an error also names what else may stand in its place.
fn divergence_or(name: &str, other: &str) -> Result<Divergence, Error> {
    name.parse().map_err(|error| match error {
        Error::Unknown { what, found, mut allowed } => {
            allowed.push(other.into());
            Error::Unknown { what, found, allowed }
        }
        error => error,
    })
}

/// A list of radii.
#[derive(Clone, Debug)]
pub struct Epsilons(pub Vec<Exact>);

impl FromStr for Epsilons {
    type Err = Error;

    /// Numbers >= 0 separated by commas.
    fn from_str(text: &str) -> Result<Self, Error> {
        text.split(',').map(epsilon).collect::<Result<_, _>>().map(Self)
    }
}

/// One radius.
fn epsilon(text: &str) -> Result<Exact, Error> {
    let epsilon: Exact = text.parse()?;
    Ok(Ball::new(Norm::default(), epsilon)?.epsilon().clone())
}

/// One radius where a command takes no list.
#[derive(Clone, Debug)]
pub struct Epsilon(pub Exact);

impl FromStr for Epsilon {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        epsilon(text).map(Self)
    }
}

/// The width of an enclosure: above 0.
#[derive(Clone, Copy, Debug)]
pub struct Width(pub f64);

impl FromStr for Width {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let width: Exact = text.parse()?;
        if width.is_positive() {
            Ok(Self(width.to_f64()))
        } else {
            Err(Error::NotPositive { what: "width", found: width })
        }
    }
}

/// How long something may take.
#[derive(Clone, Copy, Debug)]
pub struct Budget(pub Duration);

impl FromStr for Budget {
    type Err = Error;

    /// A number above 0 with its unit, `s` or `m`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let not_a_time = || Error::NotATime { found: text.chars().take(40).collect() };
        let (number, unit) = match (text.strip_suffix('s'), text.strip_suffix('m')) {
            (Some(number), _) => (number, 1.0),
            (None, Some(number)) => (number, 60.0),
            (None, None) => return Err(not_a_time()),
        };
        let number: Exact = number.parse().map_err(|_| not_a_time())?;
        let time = Duration::try_from_secs_f64(unit * number.to_f64()).map_err(|_| not_a_time())?;
        if time.is_zero() { Err(not_a_time()) } else { Ok(Self(time)) }
    }
}

/// A whole number.
#[derive(Clone, Copy, Debug)]
pub struct Count(pub u64);

impl FromStr for Count {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let error = || Error::NotACount { found: text.chars().take(40).collect() };
        text.parse().map(Self).map_err(|_| error())
    }
}

/// A claim by its name.
#[derive(Clone, Copy, Debug)]
pub struct ClaimName(pub &'static Claim);

impl FromStr for ClaimName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Claim::named(name).map(Self)
    }
}

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A table for people.
    #[default]
    Text,
    /// One JSON object.
    Json,
    /// A header, then one line a result.
    Csv,
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            "csv" => Ok(Self::Csv),
            _ => Err(unknown("format", name, &["text", "json", "csv"])),
        }
    }
}

/// The error for a name that is not among those allowed.
pub fn unknown(what: &'static str, found: &str, allowed: &[&str]) -> Error {
    let allowed = allowed.iter().map(ToString::to_string).collect();
    Error::Unknown { what, found: found.into(), allowed }
}

/// A law and a model.
#[derive(Args, Clone, Debug)]
pub struct Pair {
    /// Data law: a name of the catalogue, or the path of a TOML file
    #[arg(long, value_name = "L")]
    pub law: String,
    /// Model: a name of the catalogue, or the path of a TOML file
    #[arg(long, value_name = "M")]
    pub model: String,
}

impl Pair {
    /// Reads both; notes about them go to standard error.
    pub fn resolve(&self) -> Result<(Law, Model), Failure> {
        let law = Law::resolve(&self.law).map_err(Failure::argument("--law"))?;
        let model = Model::resolve(&self.model).map_err(Failure::argument("--model"))?;
        for (name, notes) in [(&self.law, law.notes()), (&self.model, model.notes())] {
            for note in notes {
                output::note(&format!("{name}: {note}"));
            }
        }
        Ok((law, model))
    }

    /// Reads both, and joins them; with draws, what depends on too many directions is sampled.
    pub fn problem(&self, norm: Norm, draws: Option<Draws>) -> Result<Problem, Failure> {
        let (law, model) = self.resolve()?;
        let (law, model) = ((&*self.law, &law), (&*self.model, &model));
        let problem = match draws {
            Some(draws) => Problem::sampled(law, model, norm, draws),
            None => Problem::new(law, model, norm),
        };
        problem.map_err(Failure::argument(self.to_string()))
    }
}

/// As it was written on the command line.
impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "--law {} --model {}", self.law, self.model)
    }
}

/// Whether and how a sample may answer.
#[derive(Args, Clone, Copy, Debug)]
pub struct Sampling {
    /// Where more than three directions matter, answer from N random draws, with confidence intervals
    #[arg(long, value_name = "N")]
    sample: Option<Count>,
    /// Seed of the draws
    #[arg(long, value_name = "S", default_value = "0", requires = "sample")]
    seed: Count,
}

impl Sampling {
    /// The draws, where they are asked for.
    pub fn draws(self) -> Result<Option<Draws>, Failure> {
        let draws = self.sample.map(|Count(count)| Draws::new(count, self.seed.0));
        draws.transpose().map_err(Failure::argument("--sample"))
    }

    /// What a reader has to know of numbers of which some are sampled.
    pub fn note(self, sampled: impl IntoIterator<Item = Quantity>) {
        let Some(worst) = sampled.into_iter().filter_map(Quantity::sample).max_by(|a, b| {
            (a.interval, a.doubt).partial_cmp(&(b.interval, b.doubt)).unwrap_or(Ordering::Equal)
        }) else {
            return;
        };
        let limit = match worst.interval {
            Interval::Bernstein => "by the empirical Bernstein inequality",
            Interval::Normal => {
                "by the empirical Bernstein inequality, and where D is unbounded by the central limit theorem, so for many draws only"
            }
        };
        output::note(&format!(
            "sampled from {} draws, seed {}: an interval misses its risk with probability {} at most, {limit}; a supremum that is searched counts \
             as what was found at the lower end, and as a bound from above at the upper end",
            worst.draws, self.seed.0, worst.doubt
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message<T: FromStr<Err = Error> + fmt::Debug>(text: &str) -> String {
        text.parse::<T>().unwrap_err().to_string()
    }

    #[test]
    fn lists_are_read() {
        let Epsilons(epsilons) = "1/4,1,8/255".parse().unwrap();
        let shown: Vec<_> = epsilons.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["0.25", "1", "8/255"]);
        let Divergences(divergences) = "l1,kl".parse().unwrap();
        assert_eq!(divergences, [Divergence::L1, Divergence::Kl]);
        let Divergences(all) = "all".parse().unwrap();
        assert_eq!(all, Divergence::ALL);
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(message::<Epsilons>("1,-1/2"), "found -0.5; epsilon must be >= 0");
        assert!(message::<Epsilons>("1,,2").starts_with("found ``, which is not a number"));
        assert!(message::<Epsilon>("1,2").starts_with("found `1,2`, which is not a number"));
        assert!(message::<Epsilons>("NaN").starts_with("found `NaN`, which is not a number"));
        let divergence = message::<Divergences>("kl,l3");
        assert!(divergence.starts_with("unknown divergence `l3` (did you mean `l"), "{divergence}");
        assert!(divergence.ends_with("chi-squared, all"), "{divergence}");
        let format = message::<Format>("jsn");
        assert_eq!(format, "unknown format `jsn` (did you mean `json`?); allowed: text, json, csv");
        assert!(message::<ClaimName>("theorem-2").contains("(did you mean `theorem-1`?)"));
    }
}
