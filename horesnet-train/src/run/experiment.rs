//! Runs: training from a configuration to a folder, and resuming from there.

use candle_core::DType;

use super::checkpoint::TrainingInputs;
use super::folder::RunFolder;
use super::recorder::Recorder;
use super::summary::Summary;
use crate::data::{ModelInfo, Split};
use crate::error::{Error, Result};
#[cfg(doc)]
use crate::experiment::ExperimentConfig;
use crate::network::Describe;
use crate::network::variables::Variables;
use crate::training::{Progress, Training};

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
/// println!("test accuracy {:?}", summary.test_accuracy);
/// # Ok::<(), horesnet_train::Error>(())
/// ```
pub fn run(folder: &RunFolder, progress: &mut dyn Progress) -> Result<Summary> {
    folder.expect_untrained()?;
    run_on(folder, folder.config()?.load()?, progress)
}

/// [Trains](run) on a data set that has been loaded already, [that](ExperimentConfig::load) of the configuration of `folder`.
pub fn run_on(folder: &RunFolder, split: Split, progress: &mut dyn Progress) -> Result<Summary> {
    folder.expect_untrained()?;
    folder.config()?.expect_data(&split)?;
    train_in(folder, split, progress, |_, _| Ok(()))
}

/// Resumes the run in `folder` where it was stopped. Weights and metrics, but for times, are bit-identical to those of an
/// uninterrupted run on the same machine.
///
/// Continues from the last checkpoint, or starts over without one, and repeats later epochs. If the run has ended, writes
/// its charts, report and weights again. Fails with [`Error::File`] if the checkpoint is damaged, has another configuration
/// or other data (the message says what differs), or if another training uses the folder.
pub fn resume(folder: &RunFolder, progress: &mut dyn Progress) -> Result<Summary> {
    resume_on(folder, folder.config()?.load()?, progress)
}

/// [Resumes](resume) on a data set that has been loaded already, [that](ExperimentConfig::load) of the configuration of
/// `folder`.
pub fn resume_on(folder: &RunFolder, split: Split, progress: &mut dyn Progress) -> Result<Summary> {
    folder.config()?.expect_data(&split)?;
    train_in(folder, split, progress, |recorder, training| {
        recorder.resume(training)
    })
}

fn train_in(
    folder: &RunFolder,
    split: Split,
    progress: &mut dyn Progress,
    begin: impl FnOnce(&mut Recorder<'_>, &mut Training<'_>) -> Result<()>,
) -> Result<Summary> {
    let mut config = folder.config()?;
    let lock = folder.lock()?;
    let is_measured = config.model.is_some();
    let info = config.model.take();
    let info = info.unwrap_or_else(|| ModelInfo::of(&split.train));
    let normalisation = info.normalisation(split.train.white());
    config.model = Some(info);
    let split = config.held_out(split)?;
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
    let mut training = Training::new(
        network.as_ref(),
        &variables,
        &split,
        normalisation.clone(),
        &config.training,
    )?;
    let mut recorder = Recorder {
        folder,
        lock,
        config: &config,
        inputs: TrainingInputs::of(&config, &split)?,
        parameters: variables.parameters(),
        history: Vec::new(),
        kept: None,
        best: None,
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
    recorder.end(&split.test, &normalisation)
}
