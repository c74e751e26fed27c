//! The program `horesnet`: arguments in, tables and files out.
//!
//! Results go to stdout, progress and logs to stderr. It exits with 0 if all is well, 1 if a claim or a check failed, 2 on
//! an error of usage, input or files.

mod augmentation;
mod check;
mod compare;
mod convert;
mod describe;
mod device;
mod eval;
mod expand;
mod list;
mod memory;
mod output;
mod plot;
mod progress;
mod repair;
mod report;
mod show;
mod source;
mod train;

use std::error::Error;
use std::io;
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
    Show(show::Show),
    Repair(repair::Repair),
    Expand(expand::Expand),
    Convert(convert::Convert),
    Plot(plot::Plot),
    Train(Box<train::Train>),
    Eval(eval::Eval),
    Compare(Box<compare::Compare>),
}

/// How a subcommand ends: an exit code, or an error of usage, input or files.
type Outcome = Result<ExitCode, Box<dyn Error>>;

fn main() -> ExitCode {
    memory::keep();
    let outcome = match Cli::parse().command {
        Command::List(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Show(command) => command.run(),
        Command::Repair(command) => command.run(),
        Command::Expand(command) => command.run(),
        Command::Convert(command) => command.run(),
        Command::Plot(command) => command.run(),
        Command::Train(command) => command.run(),
        Command::Eval(command) => command.run(),
        Command::Compare(command) => command.run(),
    };
    outcome.unwrap_or_else(|error| {
        if is_broken_pipe(error.as_ref()) {
            return ExitCode::SUCCESS;
        }
        report::error(error);
        ExitCode::from(2)
    })
}

/// Whether whoever read the results had enough of them, as in `horesnet … | head`.
fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
