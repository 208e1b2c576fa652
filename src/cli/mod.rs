//! Reads the arguments, runs the command, ends with its exit code.

mod arguments;
mod certificate;
mod check_loss;
mod completions;
#[cfg(feature = "train")]
mod evaluate;
mod exit;
mod gradient;
mod list;
mod man;
mod optimal;
mod output;
mod plot;
mod refute;
mod reproduce;
mod risk;
#[cfg(feature = "train")]
mod train;
mod verify;

use std::error::Error as _;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};

use exit::{Exit, Failure};

/// A workbench for the theory of robust and accurate classification (SCORE)
///
/// Computes the standard, Madry's and SCORE's risk of a model under a known data law, and checks
/// the theorems about them. Laws and models are TOML files or names of the built-in catalogue.
#[derive(Debug, Parser)]
#[command(name = "score", version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Exit codes: 0 all hold, 1 something is refuted, 2 error, 3 something is undecided.

Examples:
  score list
  score risk --law toy --model toy-linear --divergence l1 --epsilon 1
  score verify theorem-1 --law toy --model toy-linear";

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Arguments),
    Risk(risk::Arguments),
    Verify(verify::Arguments),
    Certificate(certificate::Arguments),
    Refute(refute::Arguments),
    CheckLoss(check_loss::Arguments),
    Plot(plot::Arguments),
    Gradient(gradient::Arguments),
    Optimal(optimal::Arguments),
    Reproduce(reproduce::Arguments),
    #[cfg(feature = "train")]
    Train(train::Arguments),
    #[cfg(feature = "train")]
    Evaluate(Box<evaluate::Arguments>),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let exit = match Cli::try_parse() {
        Ok(cli) => run(&cli.command).unwrap_or_else(|failure| {
            output::error(&failure.to_string());
            Exit::Error
        }),
        Err(error) => refuse(&error),
    };
    exit.into()
}

fn run(command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::List(arguments) => list::run(arguments),
        Command::Risk(arguments) => risk::run(arguments),
        Command::Verify(arguments) => verify::run(arguments),
        Command::Certificate(arguments) => certificate::run(arguments),
        Command::Refute(arguments) => refute::run(arguments),
        Command::CheckLoss(arguments) => check_loss::run(arguments),
        Command::Plot(arguments) => plot::run(arguments),
        Command::Gradient(arguments) => gradient::run(arguments),
        Command::Optimal(arguments) => optimal::run(arguments),
        Command::Reproduce(arguments) => reproduce::run(arguments),
        #[cfg(feature = "train")]
        Command::Train(arguments) => train::run(arguments),
        #[cfg(feature = "train")]
        Command::Evaluate(arguments) => evaluate::run(arguments),
        Command::Completions(arguments) => completions::run(arguments),
        Command::Man(arguments) => man::run(arguments),
    }
}

/// The command line as clap sees it, for completions and man pages.
fn definition() -> clap::Command {
    Cli::command()
}

/// Answers a request for help or the version; says on one line what is wrong with arguments that
/// could not be read.
fn refuse(error: &clap::Error) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // Whoever closed the pipe does not read on.
            let _ = error.print();
        }
        _ => output::error(&reason(error)),
    }
    if error.use_stderr() { Exit::Error } else { Exit::Holds }
}

/// What clap has to say, without the usage; of a bad value, the argument and the reader's own words.
fn reason(error: &clap::Error) -> String {
    if let (ErrorKind::ValueValidation, Some(cause)) = (error.kind(), error.source()) {
        let argument = match error.get(ContextKind::InvalidArg) {
            Some(ContextValue::String(argument)) => argument.split(' ').next().unwrap_or_default(),
            _ => "",
        };
        return format!("{}: {cause}", argument.trim_matches(['<', '>', '[', ']', '.']));
    }
    let text = error.render().to_string();
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("For more information"));
    lines.collect::<Vec<_>>().join(" ").trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_definition_is_consistent() {
        super::definition().debug_assert();
    }
}
