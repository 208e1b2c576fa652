//! `score refute`: the search for instances that violate a claim.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use rayon::prelude::*;
use score_workbench::claims::Scope;
use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::refute::{Goal, Limits, Outcome, Search, describe_law, describe_model};
use score_workbench::report::refutation::Refutation;

use super::arguments::{Budget, ClaimName, Count, Divergences, Format};
use super::exit::{Exit, Failure};
use super::output;

/// Search for instances that violate a claim, or come closest
///
/// Each inequality of the claim is searched for by itself, also for divergences that do not satisfy
/// the claim's hypotheses: there a violation is what dropping them allows. A violation is simplified
/// to short decimals and shown with its slack; without one, the instance that comes closest is.
/// The same seed gives the same result unless the time runs out first.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Claim whose inequalities are to be violated (see score list claims)
    #[arg(value_name = "CLAIM")]
    claim: ClaimName,
    /// Divergences, separated by commas, or all; every one that the claim has inequalities for if left out
    #[arg(long, value_name = "D,..|all")]
    divergence: Option<Divergences>,
    /// Time for the search, in seconds or minutes: 60s, 2m
    #[arg(long, value_name = "T", default_value = "60s", allow_hyphen_values = true)]
    budget: Budget,
    /// Rounds of restarts after which to stop, found or not; left out, only the time stops it
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    rounds: Option<Count>,
    /// Seed of the random numbers
    #[arg(long, value_name = "N", default_value = "0", allow_hyphen_values = true)]
    seed: Count,
    /// Write each instance as files into this folder, and continue the search that is there
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// text, json or csv
    #[arg(long, value_name = "F", default_value = "text")]
    format: Format,
}

const EXAMPLES: &str = "\
Exit codes: 0 a violation is proved, 2 error, 3 none is proved.

Examples:
  score refute theorem-1 --divergence kl
  score refute theorem-1 --divergence l1 --budget 2s
  score refute overfitting-floor --budget 2s --out closest --format json";

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let claim = arguments.claim.0;
    let divergences = arguments.divergences()?;
    let mut search = Search::new(claim, &divergences, arguments.seed.0)?;
    let folder = arguments.out.as_deref();
    if let Some(folder) = folder {
        search.resume(folder).map_err(Failure::argument("--out"))?;
        if search.restarts() > 0 {
            output::note(&format!("{} restarts are there already", search.restarts()));
        }
    }
    let outcomes = outcomes(arguments, &mut search)?;
    let mut folders = Vec::new();
    for (i, outcome) in outcomes.iter().enumerate() {
        let first = outcomes.iter().position(|o| o.goal.divergence() == outcome.goal.divergence());
        let number = 1 + i - first.unwrap_or(i);
        let name = format!("{}-{}-{number}", claim.name, outcome.goal.divergence());
        folders.push(match folder {
            Some(folder) => outcome.write(folder, &name)?,
            None => None,
        });
    }
    let refutation = Refutation {
        claim,
        seed: arguments.seed.0,
        restarts: search.restarts(),
        outcomes: &outcomes,
        folders: &folders,
    };
    let summary = summary(&refutation);
    output::write(&match arguments.format {
        Format::Text => text(&refutation) + &summary + "\n",
        Format::Json => refutation.json(),
        Format::Csv => refutation.csv(),
    })?;
    if arguments.format != Format::Text {
        output::remark(&summary);
    }
    for divergence in divergences {
        if outcomes.iter().all(|outcome| outcome.goal.divergence() != divergence)
            && arguments.divergence.is_some()
        {
            output::note(&format!("{} has no inequality for {divergence}", claim.name));
        }
    }
    let proved = outcomes.iter().filter_map(Outcome::violation).any(|found| found.is_proved());
    Ok(if proved { Exit::Holds } else { Exit::Undecided })
}

impl Arguments {
    /// The divergences that are asked for, each once; those that the claim speaks of where none is.
    fn divergences(&self) -> Result<Vec<Divergence>, Failure> {
        let Some(Divergences(asked)) = &self.divergence else {
            return Ok(Goal::divergences(self.claim.0));
        };
        if let Scope::Only(only) = self.claim.0.scope
            && let Some(other) = asked.iter().find(|divergence| **divergence != only)
        {
            return Err(Failure::argument("--divergence")(Error::NotInScope {
                claim: self.claim.0.name,
                found: *other,
                only,
            }));
        }
        let mut asked = asked.clone();
        let mut seen = Vec::new();
        asked.retain(|divergence| {
            let new = !seen.contains(divergence);
            seen.push(*divergence);
            new
        });
        Ok(asked)
    }
}

/// Searches, with a bar on standard error; then simplifies and proves.
fn outcomes(arguments: &Arguments, search: &mut Search) -> Result<Vec<Outcome>, Failure> {
    let Budget(budget) = arguments.budget;
    let begin = Instant::now();
    let limits = Limits {
        deadline: begin.checked_add(budget),
        rounds: arguments.rounds.map(|Count(rounds)| rounds),
    };
    let seconds = usize::try_from(budget.as_secs()).unwrap_or(usize::MAX).max(1);
    let bar = output::progress(seconds, "searching");
    let searched = search.run(limits, arguments.out.as_deref(), |restarts| {
        bar.set_message(format!("searching: {restarts} restarts"));
        bar.set_position(begin.elapsed().as_secs());
    });
    bar.finish_and_clear();
    searched?;
    let bar = output::progress(search.goals().len(), "simplifying");
    let search = &*search;
    let outcomes = (0..search.goals().len()).into_par_iter().map(|goal| {
        let outcome = Outcome::new(search, goal);
        bar.inc(1);
        outcome
    });
    let outcomes = outcomes.collect::<Result<Vec<_>, Error>>();
    bar.finish_and_clear();
    Ok(outcomes?)
}

/// The outcomes for people: a heading for each divergence, a block for each inequality.
fn text(refutation: &Refutation) -> String {
    let mut text = String::new();
    let claim = refutation.claim.name;
    let both: Vec<_> = refutation.outcomes.iter().zip(refutation.folders).collect();
    for group in both.chunk_by(|a, b| a.0.goal.divergence() == b.0.goal.divergence()) {
        let goal = &group[0].0.goal;
        let divergence = goal.divergence();
        text += &output::heading(&match goal.dropped() {
            Some(reason) => format!("{claim} for {divergence}: not claimed, since {reason}"),
            None => format!("{claim} for {divergence}"),
        });
        for (outcome, folder) in group {
            text += &block(outcome, folder.as_ref());
        }
        text.push('\n');
    }
    text
}

fn block(outcome: &Outcome, folder: Option<&PathBuf>) -> String {
    let inequality = outcome.goal.inequality();
    let Some(instance) = &outcome.instance else {
        let reason = match outcome.restarts {
            0 => "no restart was done in the time",
            _ => "nothing found; on every instance both sides are 0, or one is infinite",
        };
        return format!("  {inequality}: {reason}\n");
    };
    let verdict = match &instance.violation {
        Some(violation) => format!("violated, {}", violation.evidence),
        None if instance.is_tight() => "no violation found; tight, the sides agree on".into(),
        None => "no violation found; the closest is".into(),
    };
    let slack = output::estimate(instance.slack().estimate(), 4);
    let size = instance.slack();
    let relative = match instance.violation {
        Some(_) => format!("{} of the larger side", percent(instance.relative())),
        None if size.value().abs() <= size.error() => "nothing to within the error".into(),
        None => format!(
            "{} of the larger side, {} of the smallest summand",
            percent(instance.relative()),
            percent(instance.tightness)
        ),
    };
    let candidate = &instance.candidate;
    let mut text = format!("  {inequality}: {verdict}\n");
    let [left, right] = instance.comparison.sides;
    let lines = [
        ("sides", format!("{left:.6} and {right:.6}")),
        ("slack", format!("{slack}, {relative}")),
        ("law", describe_law(&candidate.law)),
        ("model", describe_model(&candidate.model)),
        ("epsilon", candidate.epsilon.to_string()),
        ("files", folder.map_or(String::new(), |folder| folder.display().to_string())),
    ];
    for (name, line) in lines.iter().filter(|(_, line)| !line.is_empty()) {
        let _ = writeln!(text, "    {name:7}  {line}");
    }
    text
}

/// A share with three digits.
fn percent(share: f64) -> String {
    format!("{} %", output::digits(100.0 * share, 3))
}

/// The number of each outcome, in words.
fn summary(refutation: &Refutation) -> String {
    let violations: Vec<_> = refutation.outcomes.iter().filter_map(Outcome::violation).collect();
    let proved = violations.iter().filter(|violation| violation.is_proved()).count();
    let total = refutation.outcomes.len();
    format!(
        "{total} inequalities, {} restarts: {} violated ({proved} proved), {} without a violation",
        refutation.restarts,
        violations.len(),
        total - violations.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        let time = |text: &str| text.parse::<Budget>().map(|Budget(time)| time.as_secs_f64());
        assert_eq!(time("60s"), Ok(60.0));
        assert_eq!(time("1/2m"), Ok(30.0));
        assert_eq!(time("0.5s"), Ok(0.5));
        for bad in ["60", "0s", "-1s", "s", "m", "", "5h", "1e300m", "nans"] {
            let error = time(bad).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("found `{bad}`")) && error.contains("60s"),
                "{error}"
            );
        }
    }
}
