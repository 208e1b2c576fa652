//! `score man`: manual pages.

use std::str::FromStr;

use clap::Args;
use score_workbench::error::Error;

use super::arguments::unknown;
use super::exit::{Exit, Failure};
use super::{definition, output};

/// Print a manual page in roff
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The command that the page is about; if left out, score itself
    #[arg(value_name = "COMMAND")]
    command: Option<Page>,
}

const EXAMPLES: &str = "\
Examples:
  score man > score.1
  score man verify > score-verify.1";

/// What the foot of a page says.
const SOURCE: &str = concat!("score ", env!("CARGO_PKG_VERSION"));

/// A command that has a page.
#[derive(Clone, Debug)]
struct Page(String);

impl FromStr for Page {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let definition = definition();
        let names: Vec<_> = definition.get_subcommands().map(clap::Command::get_name).collect();
        if names.contains(&name) {
            Ok(Self(name.to_owned()))
        } else {
            Err(unknown("command", name, &names))
        }
    }
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut definition = definition();
    // Gives every command its full name and its copy of the global options.
    definition.build();
    let page = arguments.command.as_ref().and_then(|Page(name)| definition.find_subcommand(name));
    let page = page.unwrap_or(&definition).clone();
    let name = page.get_display_name().unwrap_or(page.get_name()).to_owned();
    let mut roff = Vec::new();
    clap_mangen::Man::new(page)
        .title(name)
        .source(SOURCE)
        .render(&mut roff)
        .map_err(Failure::Output)?;
    output::write(&String::from_utf8_lossy(&roff))?;
    Ok(Exit::Holds)
}
