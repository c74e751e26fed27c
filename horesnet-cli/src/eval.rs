//! `horesnet eval`: tests the saved weights of a run and compares with the test at the end of its training.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use horesnet_train::{
    ClassScore, ConfusionMatrix, Evaluation, Processor, RunFolder, Score, score, score_weights,
};
use serde::Serialize;

use crate::{CommandResult, device, output, report};

/// Test the weights of a run, class by class, and compare the result with the test at the end of its training
///
/// Tests the weights in a run folder: those with the lowest validation loss, or without validation images the last ones.
/// Exits with 1 if the result differs from that of the training or is not finite. `horesnet train --help` lists the files of
/// a run folder.
#[derive(Args)]
#[command(after_help = "\
Examples:
  horesnet eval runs/rk4-digits-seed0
  horesnet eval runs/rk4-digits-seed0 --at-least 0.98 --json
  horesnet eval runs/rk4-digits-seed0 --weights mine.safetensors
  horesnet eval runs/rk4-folder-seed0 --test-only new-pictures --html test.html")]
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

    /// Write a page with the confusion matrix, a reliability diagram and the images that are most wrong to this file
    #[arg(long, value_name = "FILE.html")]
    html: Option<PathBuf>,

    /// Replace the page if it exists
    #[arg(long, requires = "html")]
    force: bool,

    /// Print the result as one line of JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    run: String,
    /// `None` for weights of another file.
    epoch: Option<usize>,
    images: usize,
    test_loss: f64,
    test_accuracy: f64,
    /// `None` with at most ten classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    top_5_accuracy: Option<f64>,
    /// Expected calibration error over 15 bins.
    ece: f64,
    /// `None` if the run has no test of these weights.
    reproduced: Option<bool>,
    classes: Vec<Class>,
    /// A row for each class: its images by predicted class.
    confusion_matrix: ConfusionMatrix,
}

#[derive(Serialize)]
struct Class {
    name: String,
    #[serde(flatten)]
    score: ClassScore,
}

impl Report {
    fn of(run: &Path, evaluation: &Evaluation) -> Self {
        let (predictions, names) = (&evaluation.predictions, evaluation.images.class_names());
        let confusion_matrix = predictions.confusion_matrix(names.len());
        let scores = names.iter().cloned().zip(confusion_matrix.scores());
        Self {
            run: run.display().to_string(),
            epoch: evaluation.epoch,
            images: predictions.len(),
            test_loss: evaluation.score.loss,
            test_accuracy: evaluation.score.accuracy,
            top_5_accuracy: predictions.top_5_accuracy(names.len()),
            ece: predictions.ece(),
            reproduced: evaluation.reproduced(),
            classes: scores.map(|(name, score)| Class { name, score }).collect(),
            confusion_matrix,
        }
    }

    fn print(&self) -> std::io::Result<()> {
        let percent = |share: f64| format!("{:.2} %", 100.0 * share);
        let mut lines = vec![
            ("images", self.images.to_string()),
            ("test accuracy", percent(self.test_accuracy)),
            ("test loss", format!("{:.4}", self.test_loss)),
            ("calibration error", percent(self.ece)),
        ];
        let top_5 = self
            .top_5_accuracy
            .map(|top_5| ("top-5 accuracy", percent(top_5)));
        lines.splice(2..2, top_5);
        let epoch = self.epoch.map(|epoch| ("epoch", epoch.to_string()));
        lines.splice(..0, epoch);
        let figures = lines
            .iter()
            .map(|(name, value)| format!("{name:<19}{value}\n"));
        report::print(figures.collect::<String>() + "\n" + &self.table())
    }

    /// A line for each class.
    fn table(&self) -> String {
        let names = self.classes.iter().map(|class| class.name.chars().count());
        let wide = names.max().unwrap_or(0).max(5);
        let percent =
            |share: Option<f64>| share.map_or("–".to_owned(), |p| format!("{:.2}", 100.0 * p));
        let line = |Class { name, score }: &Class| {
            let [precision, recall] = [score.precision, score.recall].map(percent);
            let images = score.support;
            format!("{name:<wide$}  {images:>8}  {precision:>13}  {recall:>10}\n")
        };
        let lines: String = self.classes.iter().map(line).collect();
        format!(
            "{:<wide$}  {:>8}  precision (%)  recall (%)\n{lines}",
            "class", "images"
        )
    }
}

impl Eval {
    pub(crate) fn run(self) -> CommandResult {
        if let Some(file) = &self.html {
            output::expect_new(file, self.force)?;
        }
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
        let evaluation = match &self.weights {
            Some(file) => score_weights(&folder, file)?,
            None => score(&folder)?,
        };
        let report = Report::of(&self.run, &evaluation);
        if self.json {
            report::json(report)?;
        } else {
            report.print()?;
        }
        if let Some(file) = &self.html {
            let title = format!("Test of {}", self.run.display());
            output::write(file, evaluation.html(&title).as_bytes())?;
        }
        let consistent = match self.weights {
            Some(_) => is_finite(evaluation.score),
            None => compare(&evaluation),
        };
        let accurate = self.is_accurate(evaluation.score);
        Ok(if consistent && accurate {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
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

/// Returns true unless the test in the run differs; reports a difference or a missing test.
fn compare(evaluation: &Evaluation) -> bool {
    let Some(noted) = &evaluation.recorded else {
        if evaluation.of_training.is_some() {
            report::note(
                "note: the run has no test of these weights, which it saves at the end of the training: nothing to compare with",
            );
        }
        return true;
    };
    let holds = evaluation.reproduced() != Some(false);
    if !holds {
        let reason = if evaluation.of_training == Some(false) {
            "the images or labels are not those of the training"
        } else {
            "weights and test are from different states, or from devices that round differently"
        };
        report::error(format_args!(
            "the run has a test accuracy of {:.2} % and a test loss of {:.4} for these weights; {reason}",
            100.0 * noted.accuracy,
            noted.loss,
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
