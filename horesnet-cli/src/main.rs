//! The program `horesnet`: arguments in, tables and files out.
//!
//! Results go to stdout, progress and logs to stderr. Exit codes: 0 success, 1 a false claim or a failed check, 2 an error
//! of usage, input or files.

mod bench;
mod check;
mod cluster;
mod compare;
mod completions;
mod convert;
mod design;
mod device;
mod eval;
mod expand;
mod export;
mod input;
mod interrupt;
mod list;
mod memory;
mod output;
mod plot;
mod predict;
mod progress;
mod repair;
mod report;
mod show;
mod threads;
mod train;

use std::error::Error;
use std::process::{self, ExitCode};

use clap::{Parser, Subcommand};

/// Check Runge–Kutta schemes, turn them into residual network blocks, and train networks built from them
#[derive(Parser)]
#[command(name = "horesnet", version = env!("HORESNET_VERSION"), arg_required_else_help = true)]
#[command(after_help = "\
Examples:
  horesnet show rk4                   Draw a scheme and analyse it
  horesnet check schemes/mine.tab     Prove the order of your own scheme
  horesnet train                      Train RK4 blocks on handwritten digits
  horesnet eval runs/rk4-digits-seed0 Test the weights of that run
  horesnet predict runs/mine new.jpg  Classify an image with the network of a run
  horesnet export runs/rk4-digits-seed0 --to onnx -o rk4.onnx
                                      Write them for other programs

Exit codes: 0 success, 1 a false claim or a failed check, 2 an error of usage, input or files, 130 interrupted.")]
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
    Design(design::Design),
    Train(Box<train::Train>),
    Eval(eval::Eval),
    Predict(predict::Predict),
    Export(export::Export),
    Compare(Box<compare::Compare>),
    Bench(Box<bench::Bench>),
    Completions(completions::Completions),
    Man(completions::Man),
}

/// An exit code, or an error of usage, input or files.
type CommandResult = Result<ExitCode, Box<dyn Error>>;

fn main() -> ExitCode {
    memory::keep();
    threads::join_pool();
    let arguments = Cli::try_parse().unwrap_or_else(|error| {
        if cluster::is_first() {
            error.exit()
        }
        // Process 0 prints the error, or the help. An exit code other than 0 could end it before it has.
        process::exit(0)
    });
    let result = match arguments.command {
        Command::List(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Show(command) => command.run(),
        Command::Repair(command) => command.run(),
        Command::Expand(command) => command.run(),
        Command::Convert(command) => command.run(),
        Command::Plot(command) => command.run(),
        Command::Design(command) => command.run(),
        Command::Train(command) => cluster::run(|cluster| command.run(cluster)),
        Command::Eval(command) => command.run(),
        Command::Predict(command) => command.run(),
        Command::Export(command) => command.run(),
        Command::Compare(command) => cluster::run(|cluster| command.run(cluster)),
        Command::Bench(command) => command.run(),
        Command::Completions(command) => command.run(),
        Command::Man(command) => command.run(),
    };
    result.unwrap_or_else(|error| report::failure(&*error).into())
}
