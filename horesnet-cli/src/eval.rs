//! `horesnet eval`: tests the saved weights of a run and compares with its metrics.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use horesnet_train::{Evaluation, Processor, RunFolder, Score, score, score_weights};
use serde::Serialize;

use crate::{CommandResult, device, report};

/// Test the weights of a run and compare the result with its metrics
///
/// Tests the weights in a run folder and compares the result with the line of metrics.jsonl for their epoch. Exits with 1
/// if the two differ or a result is not finite. `horesnet train --help` lists the files of a run folder.
#[derive(Args)]
#[command(after_help = "\
Examples:
  horesnet eval runs/rk4-digits-seed0
  horesnet eval runs/rk4-digits-seed0 --at-least 0.98 --json
  horesnet eval runs/rk4-digits-seed0 --weights mine.safetensors
  horesnet eval runs/rk4-folder-seed0 --test-only new-pictures")]
pub(crate) struct Eval {
    /// Run folder, as printed by `horesnet train`
    run: PathBuf,

    /// Test these weights in the network of the run: a safetensors file of another run or of PyTorch
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,

    /// Read the data set from this folder [default: the folder used in training]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// Test on the images in this folder alone: one folder for each class, or the test files of the data set
    #[arg(long, value_name = "DIR", conflicts_with = "data_dir")]
    test_only: Option<PathBuf>,

    /// Test on cpu, cuda:0, cuda:1, … or auto, the first GPU if there is one
    #[arg(long, value_name = "NAME", default_value_t)]
    device: Processor,

    /// Exit with 1 if the test accuracy, from 0 to 1, is below this
    #[arg(long, value_parser = share, allow_negative_numbers = true, value_name = "ACCURACY")]
    at_least: Option<f64>,

    /// Print the result as one line of JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    run: String,
    /// `None` for weights of another file.
    epoch: Option<usize>,
    test_loss: f64,
    test_accuracy: f64,
    /// `None` if the run has no metrics for these weights.
    reproduced: Option<bool>,
}

impl Eval {
    pub(crate) fn run(self) -> CommandResult {
        let mut folder = RunFolder::open(&self.run)?.on(device::open(self.device)?);
        if let Some(dir) = &self.data_dir {
            folder = folder.with_data_in(dir)?;
        }
        if let Some(dir) = &self.test_only {
            folder = folder.with_test_in(dir);
        }
        if folder.config()?.model.is_none() {
            report::note(
                "note: config.json does not say which classes and normalisation the training had, as this version writes it: \
                 both are taken from the training images as they are now",
            );
        }
        report::skipped(folder.skipped()?);
        let (measured, consistent) = if let Some(file) = &self.weights {
            let measured = score_weights(&folder, file)?;
            self.print(None, measured, None)?;
            (measured, is_finite(measured))
        } else {
            let evaluation = score(&folder)?;
            let (epoch, measured) = (evaluation.epoch, evaluation.score);
            self.print(Some(epoch), measured, evaluation.reproduced())?;
            (measured, compare(&evaluation))
        };
        let accurate = self.is_accurate(measured);
        Ok(if consistent && accurate {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    fn print(
        &self,
        epoch: Option<usize>,
        measured: Score,
        reproduced: Option<bool>,
    ) -> std::io::Result<()> {
        if self.json {
            return report::json(Report {
                run: self.run.display().to_string(),
                epoch,
                test_loss: measured.loss,
                test_accuracy: measured.accuracy,
                reproduced,
            });
        }
        let epoch = epoch.map_or(String::new(), |epoch| format!("epoch          {epoch}\n"));
        let accuracy = 100.0 * measured.accuracy;
        report::sent(writeln!(
            stdout(),
            "{epoch}test accuracy  {accuracy:.2} %\ntest loss      {:.4}",
            measured.loss
        ))
    }

    /// Returns true if the accuracy is at least the one required; reports otherwise.
    fn is_accurate(&self, measured: Score) -> bool {
        let Some(wanted) = self.at_least else {
            return true;
        };
        let accuracy = measured.accuracy;
        if accuracy < wanted {
            report::error(format_args!(
                "the test accuracy is {accuracy:.4}, below the {wanted} asked for"
            ));
        }
        accuracy >= wanted
    }
}

/// Returns true unless the metrics of the run differ; reports a difference or missing metrics.
fn compare(evaluation: &Evaluation) -> bool {
    let epoch = evaluation.epoch;
    let Some(noted) = &evaluation.recorded else {
        if evaluation.of_training.is_some() {
            report::note(format_args!(
                "note: metrics.jsonl has no line for epoch {epoch}, after which the weights were saved: nothing to compare with"
            ));
        }
        return true;
    };
    let holds = evaluation.reproduced() != Some(false);
    if !holds {
        let reason = if evaluation.of_training == Some(false) {
            "the images or labels are not those of the training"
        } else {
            "weights and metrics are from different states, or from devices that round differently"
        };
        report::note(format_args!(
            "error: metrics.jsonl has a test accuracy of {:.2} % and a test loss of {:.4} after epoch {epoch}; {reason}",
            100.0 * noted.test_accuracy,
            noted.test_loss,
        ));
    }
    holds
}

/// Returns true if the loss is finite; reports otherwise.
fn is_finite(measured: Score) -> bool {
    if !measured.loss.is_finite() {
        report::error(format_args!(
            "the test loss is {}: a weight is not finite, or too large",
            measured.loss
        ));
    }
    measured.loss.is_finite()
}

/// Parses a number from 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("write a number from 0 to 1, such as 0.98".to_owned()),
    }
}
