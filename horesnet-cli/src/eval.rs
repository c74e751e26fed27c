//! `horesnet eval`: the test of a run's saved weights, held against what the run noted.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use horesnet_train::{Evaluation, Processor, RunFolder, Score, score, score_weights};
use serde::Serialize;

use crate::{Outcome, device, report};

/// Test the weights of a run again
///
/// Loads the weights of a run folder, tests them, and compares the result with the line of metrics.jsonl of their epoch:
/// exit code 1 if they differ or are not finite. `horesnet train --help` says what else a run folder holds.
#[derive(Args)]
pub(crate) struct Eval {
    /// Run folder, as `horesnet train` printed it
    run: PathBuf,

    /// Test this safetensors file, a run's or one of PyTorch, on the data of the run and as its network
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,

    /// Folder with the files of the data set [default: where they were in training]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// Where to test: cpu, cuda:0, cuda:1, … or auto, the first GPU if there is one
    #[arg(long, value_name = "NAME", default_value_t)]
    device: Processor,

    /// Exit with 1 if less than this share of the test images, from 0 to 1, is classified right
    #[arg(long, value_parser = share, allow_negative_numbers = true, value_name = "ACCURACY")]
    at_least: Option<f64>,

    /// Print the result as one line of JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    run: String,
    /// Nothing for weights of another file.
    epoch: Option<usize>,
    test_loss: f64,
    test_accuracy: f64,
    /// Nothing if the run noted no metrics for these weights.
    reproduced: Option<bool>,
}

impl Eval {
    pub(crate) fn run(self) -> Outcome {
        let mut folder = RunFolder::open(&self.run)?.on(device::open(self.device)?);
        if let Some(dir) = &self.data_dir {
            folder = folder.with_data_in(dir)?;
        }
        let (found, noted_holds) = if let Some(file) = &self.weights {
            let found = score_weights(&folder, file)?;
            report::sent(self.print(None, found, None))?;
            (found, is_finite(found))
        } else {
            let evaluation = score(&folder)?;
            let (epoch, found) = (evaluation.epoch, evaluation.score);
            report::sent(self.print(Some(epoch), found, evaluation.reproduced()))?;
            (found, compare(&evaluation))
        };
        let accurate = self.is_accurate(found);
        Ok(if noted_holds && accurate {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    fn print(
        &self,
        epoch: Option<usize>,
        found: Score,
        reproduced: Option<bool>,
    ) -> std::io::Result<()> {
        let mut out = stdout().lock();
        if self.json {
            let report = Report {
                run: self.run.display().to_string(),
                epoch,
                test_loss: found.loss,
                test_accuracy: found.accuracy,
                reproduced,
            };
            return writeln!(out, "{}", serde_json::to_string(&report)?);
        }
        if let Some(epoch) = epoch {
            writeln!(out, "epoch          {epoch}")?;
        }
        writeln!(out, "test accuracy  {:.2} %", 100.0 * found.accuracy)?;
        writeln!(out, "test loss      {:.4}", found.loss)
    }

    /// Whether the accuracy asked for is reached; if not, says so.
    fn is_accurate(&self, found: Score) -> bool {
        let Some(wanted) = self.at_least else {
            return true;
        };
        let found = found.accuracy;
        if found < wanted {
            report::error(format_args!(
                "the test accuracy is {found:.4}, below the {wanted} asked for"
            ));
        }
        found >= wanted
    }
}

/// Whether the run noted nothing else for these weights; if it did, or noted nothing at all, says so.
fn compare(evaluation: &Evaluation) -> bool {
    let epoch = evaluation.epoch;
    let Some(noted) = &evaluation.recorded else {
        report::note(format_args!(
            "note: metrics.jsonl has no line for epoch {epoch}, after which the weights were saved; \
             there is nothing to compare with"
        ));
        return true;
    };
    let holds = evaluation.reproduced() != Some(false);
    if !holds {
        report::note(format_args!(
            "error: the run noted a test accuracy of {:.2} % and a test loss of {:.4} after epoch {epoch}; \
             weights and metrics are not of the same state, or it was tested on a device that rounds otherwise",
            100.0 * noted.test_accuracy,
            noted.test_loss,
        ));
    }
    holds
}

/// Whether the weights of a file give a loss; if not, says so.
fn is_finite(found: Score) -> bool {
    if !found.loss.is_finite() {
        report::error(format_args!(
            "the test loss is {}: a weight is not finite, or too large",
            found.loss
        ));
    }
    found.loss.is_finite()
}

/// A number from 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("write a number from 0 to 1, such as 0.98".to_owned()),
    }
}
