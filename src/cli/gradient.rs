//! `score gradient`: how noisy the gradient of SCORE becomes when the data gradient is estimated.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use score_workbench::error::Error;
use score_workbench::exact::Exact;
use score_workbench::perturbation::Norm;
use score_workbench::report::{self, export};
use score_workbench::score_matching::{Plan, Row, Sampled, Study};

use super::arguments::{Format, Pair};
use super::exit::{Exit, Failure};
use super::output::{self, Table};

/// Measure how noisy the gradient of SCORE becomes when the score is estimated from samples
///
/// At x the gradient of KL(P(x), Q(x)) by the input has a part that only the data know: the score of
/// p(x|y) minus that of p(x). It is exact here, or fitted to a data set by implicit or by denoising
/// score matching. The table has the mean squared error of the gradient over x, with one label for
/// each x or with the labels averaged out, and the part of the latter that is variance over data
/// sets. Integrals are computed, data sets are drawn; what is drawn has its standard error.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    pair: Pair,
    /// Sizes of the data sets, separated by commas
    #[arg(long, value_name = "N,..", default_value = "30,100,300,1000,3000,10000")]
    samples: Sizes,
    /// How many data sets of each size
    #[arg(long, value_name = "R", default_value_t = 100)]
    sets: usize,
    /// Variance of the noise of denoising score matching, in the units of x squared
    #[arg(long, value_name = "V", default_value = "1/4", allow_hyphen_values = true)]
    noise: Exact,
    /// Seed of the data sets: the same seed, the same numbers
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// Write the figure as SVG and its data as CSV into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// text, json or csv
    #[arg(long, value_name = "F", default_value = "text")]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  score gradient --law toy --model toy-linear --samples 100,1000
  score gradient --law toy --model toy-linear --samples 100,1000 --sets 20 --out gradient";

/// A list of sizes.
#[derive(Clone, Debug)]
struct Sizes(Vec<usize>);

impl FromStr for Sizes {
    type Err = Error;

    /// Whole numbers separated by commas.
    fn from_str(text: &str) -> Result<Self, Error> {
        let size = |text: &str| {
            text.parse().map_err(|_| Error::NotACount { found: text.chars().take(40).collect() })
        };
        text.split(',').map(size).collect::<Result<_, _>>().map(Self)
    }
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let problem = arguments.pair.problem(Norm::default(), None)?;
    let plan = Plan {
        sizes: arguments.samples.0.clone(),
        sets: arguments.sets,
        noise: arguments.noise.clone(),
        seed: arguments.seed,
    };
    let spinner = output::spinner("drawing data sets");
    let study = problem.line().and_then(|line| Study::new(line, &plan));
    spinner.finish_and_clear();
    let study = study.map_err(|cause| {
        let argument = match &cause {
            Error::NotPositive { .. } => "--noise".to_owned(),
            Error::TooFew { what: "samples", .. } => "--samples".to_owned(),
            Error::TooFew { .. } => "--sets".to_owned(),
            _ => arguments.pair.to_string(),
        };
        Failure::Argument { argument, cause }
    })?;
    let (law, model) = (problem.law(), problem.model());
    output::write(&match arguments.format {
        Format::Text => text(law, model, &study),
        Format::Json => export::gradient_json(law, model, &plan, &study),
        Format::Csv => export::gradient_csv(law, model, &study),
    })?;
    if let Some(folder) = &arguments.out {
        for path in report::gradient(folder, &format!("{law}, {model}"), &study)? {
            output::remark(&path.display().to_string());
        }
    }
    Ok(Exit::Holds)
}

fn text(law: &str, model: &str, study: &Study) -> String {
    let headings =
        ["samples", "score", "error, one label", "error, labels averaged", "of it, variance"];
    let mut table = Table::new(headings);
    let exact = output::estimate(study.exact, 4);
    table.row(["any".into(), "exact".into(), exact.into(), "0".into(), "0".into()]);
    let mut last = None;
    for Row { samples, method, error, averaged, variance } in &study.rows {
        let size = if last == Some(samples) { String::new() } else { samples.to_string() };
        last = Some(samples);
        let [error, averaged, variance] = [error, averaged, variance].map(|s| sampled(*s));
        table.row([size, method.to_string(), error, averaged, variance].map(Into::into));
    }
    let signal = output::estimate(study.signal, 4);
    output::heading(&format!("law {law}, model {model}: E of the squared gradient {signal}"))
        + &table.render()
}

/// A sampled mean with its standard error, in as many digits as that leaves.
fn sampled(Sampled { mean, standard_error }: Sampled) -> String {
    let digits = if mean.abs() < 1e4 && mean.abs() >= 1e-3 {
        let decimals = (1.0 - standard_error.log10().floor()).clamp(0.0, 12.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 12")]
        let decimals = decimals as usize;
        format!("{mean:.decimals$}")
    } else {
        format!("{mean:.2e}")
    };
    format!("{digits} (s.e. {standard_error:.1e})")
}
