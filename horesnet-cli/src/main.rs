//! The program `horesnet`: arguments in, tables and files out.

mod check;
mod expand;
mod list;
mod source;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Runge–Kutta schemes as residual network blocks.
#[derive(Parser)]
#[command(name = "horesnet", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::List),
    Check(check::Check),
    Expand(expand::Expand),
}

/// How a subcommand ends: an exit code, or an error of usage, input or files.
type Outcome = Result<ExitCode, Box<dyn Error>>;

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::List(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Expand(command) => command.run(),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}
