//! The command line `score`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
