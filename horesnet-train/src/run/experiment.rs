//! Runs: training from a configuration to a folder, resuming, and testing from there.

use std::path::Path;

use candle_core::DType;

use super::checkpoint::TrainingInputs;
use super::folder::{RunFolder, Trained};
use super::recorder::Recorder;
use super::summary::Summary;
use crate::data::ModelInfo;
use crate::error::{Error, Result};
use crate::network::variables::Variables;
use crate::network::{Describe, weights};
use crate::training::{EpochMetrics, Progress, Score, Training};

/// Trains with the configuration of `folder`, and saves the results in it.
///
/// Fails with [`Error::FolderTaken`] if `folder` has results already, with [`Error::File`] if another training uses it, with
/// [`Error::Unsaved`] if it can no longer be written to, with [`Error::Removed`] if it was removed, and like
/// [`train`](crate::train). When training diverges, the folder holds the last good epoch; when `progress` stops it, the state
/// after the last step, from which [`resume`] continues.
///
/// ```no_run
/// use horesnet_train::{ExperimentConfig, RunFolder, run};
///
/// let folder = RunFolder::create("runs/first", &ExperimentConfig::default())?;
/// let summary = run(&folder, &mut ())?;
/// println!("{:.1} % of the test digits are right", 100.0 * summary.test_accuracy);
/// # Ok::<(), horesnet_train::Error>(())
/// ```
pub fn run(folder: &RunFolder, progress: &mut dyn Progress) -> Result<Summary> {
    folder.expect_untrained()?;
    train_in(folder, progress, |_, _| Ok(()))
}

/// Resumes the run in `folder` where it was stopped. Weights and metrics, but for times, are bit-identical to those of an
/// uninterrupted run on the same machine.
///
/// Continues from the last checkpoint, or starts over without one, and repeats later epochs. If the run has ended, writes
/// its charts, report and weights again. Fails with [`Error::File`] if the checkpoint is damaged, has another configuration
/// or other data (the message says what differs), or if another training uses the folder.
pub fn resume(folder: &RunFolder, progress: &mut dyn Progress) -> Result<Summary> {
    train_in(folder, progress, |recorder, training| {
        recorder.resume(training)
    })
}

fn train_in(
    folder: &RunFolder,
    progress: &mut dyn Progress,
    begin: impl FnOnce(&mut Recorder<'_>, &mut Training<'_>) -> Result<()>,
) -> Result<Summary> {
    let mut config = folder.config()?;
    let lock = folder.lock()?;
    let split = config.load_data()?;
    let is_measured = config.model.is_some();
    config
        .model
        .get_or_insert_with(|| ModelInfo::of(&split.train));
    if folder.device().is_cpu()
        && let Some(bytes) = config.step_bytes(&split)?
    {
        progress.memory(bytes);
    }
    let variables = match folder.checkpoint()? {
        // The checkpoint has the weights; the file of initial weights may be gone.
        Some(_) => Variables::seeded(config.training.seed),
        None => config.initial_variables()?,
    };
    let vb = variables.builder(DType::F32, folder.device());
    let network = config.network.build(vb)?;
    let mut training = Training::new(network.as_ref(), &variables, &split, &config.training)?;
    let mut recorder = Recorder {
        folder,
        lock,
        config: &config,
        inputs: TrainingInputs::of(&config, &split)?,
        parameters: variables.parameters(),
        history: Vec::new(),
        kept: None,
        events: None,
    };
    begin(&mut recorder, &mut training)?;
    if let Some(info) = config.model.as_ref().filter(|_| !is_measured) {
        folder.save_info(info)?;
    }
    let trained = training.run(progress, |training, metrics| {
        recorder.epoch(training, metrics)
    });
    if let Err(Error::Interrupted { .. }) = trained {
        recorder.checkpoint(&training)?;
    }
    trained?;
    recorder.end()
}

/// Other processors differ in the last bits; a larger difference means other weights or images.
const TOLERANCE: f64 = 1e-4;

/// A new test of the weights of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The epoch after which the weights were saved, counted from 1.
    pub epoch: usize,
    /// Their score now.
    pub score: Score,
    /// The metrics of that epoch in the run, if they were saved and are of these images.
    pub recorded: Option<EpochMetrics>,
    /// False if the checkpoint is of other images or labels, `None` for images of
    /// [another folder](RunFolder::with_test_in).
    pub of_training: Option<bool>,
}

impl Evaluation {
    /// Returns true if loss and accuracy match the recorded ones up to 10⁻⁴, `None` if there are none.
    #[must_use]
    pub fn reproduced(&self) -> Option<bool> {
        let close = |a: f64, b: f64| (a - b).abs() <= TOLERANCE * (1.0 + b.abs());
        let (found, then) = (self.score, self.recorded.as_ref()?);
        Some(close(found.accuracy, then.test_accuracy) && close(found.loss, then.test_loss))
    }
}

/// Tests the weights in `folder`, and finds the metrics of their epoch.
///
/// Images are normalised as in training, whatever the training images are now. Fails with [`Error::Data`] if their shape or
/// classes have changed.
pub fn score(folder: &RunFolder) -> Result<Evaluation> {
    let config = folder.config()?;
    let images = folder.test_images(&config)?;
    let Trained { network, epoch, .. } = folder.load()?;
    let score = images.score(network.as_ref(), &config)?;
    let mut recorded = None;
    if images.of_training.is_some() {
        let mut history = folder.history()?.into_iter().rev();
        recorded = history.find(|metrics| metrics.epoch == epoch);
    }
    Ok(Evaluation {
        epoch,
        score,
        recorded,
        of_training: images.of_training,
    })
}

/// Tests the weights of the safetensors file `path` with the configuration of `folder`.
///
/// Fails like [`load_weights`](crate::load_weights) and [`score`].
pub fn score_weights(folder: &RunFolder, path: impl AsRef<Path>) -> Result<Score> {
    let config = folder.config()?;
    let images = folder.test_images(&config)?;
    let (network, _) = weights::load(path.as_ref(), &config.network, folder.device())?;
    // Step sizes that decay along training are those of its end.
    let (state, training) = (network.state(), &config.training);
    state.set(training.seed, 0, training.epochs as f64);
    images.score(network.as_ref(), &config)
}
