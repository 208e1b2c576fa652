//! `score completions`: what a shell needs to complete arguments.

use std::str::FromStr;

use clap::{Args, ValueEnum};
use clap_complete::Shell;
use score_workbench::error::Error;

use super::arguments::unknown;
use super::exit::{Exit, Failure};
use super::{definition, output};

/// Print the script that completes arguments in a shell
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// bash, elvish, fish, powershell or zsh
    #[arg(value_name = "SHELL")]
    shell: ShellName,
}

const EXAMPLES: &str = "\
Examples:
  score completions bash > score.bash
  score completions zsh > _score";

/// A shell by its name.
#[derive(Clone, Copy, Debug)]
struct ShellName(Shell);

impl FromStr for ShellName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let shell = Shell::value_variants().iter().find(|shell| shell.to_string() == name);
        shell.copied().map(Self).ok_or_else(|| {
            let names: Vec<_> = Shell::value_variants().iter().map(ToString::to_string).collect();
            unknown("shell", name, &names.iter().map(String::as_str).collect::<Vec<_>>())
        })
    }
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell.0, &mut definition(), "score", &mut script);
    output::write(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Holds)
}
