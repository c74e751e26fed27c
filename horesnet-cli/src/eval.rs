//! `horesnet eval`: the test of a run's saved weights, held against what the run noted.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use horesnet_train::{EpochMetrics, RunFolder, Score, score};
use serde::Serialize;

use crate::Outcome;

/// The same weights on another processor may differ in the last bits; a loss that differs by more is of other weights.
const TOLERANCE: f64 = 1e-4;

/// Test the weights of a run again
///
/// Loads the weights of a run folder, tests them, and compares the result with the last line of metrics.jsonl: exit code
/// 1 if they differ.
#[derive(Args)]
pub(crate) struct Eval {
    /// Run folder, as `horesnet train` printed it
    run: PathBuf,

    /// Print the result as one line of JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    run: String,
    epoch: usize,
    test_loss: f64,
    test_accuracy: f64,
    reproduced: bool,
}

impl Eval {
    pub(crate) fn run(self) -> Outcome {
        let folder = RunFolder::open(self.run)?;
        let noted = folder.last_metrics()?;
        let found = score(&folder)?;
        let reproduced = agree(&found, &noted);
        let mut out = stdout();
        if self.json {
            let report = Report {
                run: folder.path().display().to_string(),
                epoch: noted.epoch,
                test_loss: found.loss,
                test_accuracy: found.accuracy,
                reproduced,
            };
            writeln!(out, "{}", serde_json::to_string(&report)?)?;
        } else {
            writeln!(out, "test accuracy  {:.2} %", 100.0 * found.accuracy)?;
            writeln!(out, "test loss      {:.4}", found.loss)?;
        }
        if reproduced {
            return Ok(ExitCode::SUCCESS);
        }
        eprintln!(
            "error: the run noted a test accuracy of {:.2} % and a test loss of {:.4} after epoch {}; \
             weights and metrics are not of the same state",
            100.0 * noted.test_accuracy,
            noted.test_loss,
            noted.epoch
        );
        Ok(ExitCode::FAILURE)
    }
}

fn agree(found: &Score, noted: &EpochMetrics) -> bool {
    let close = |a: f64, b: f64| (a - b).abs() <= TOLERANCE * (1.0 + b.abs());
    close(found.accuracy, noted.test_accuracy) && close(found.loss, noted.test_loss)
}
