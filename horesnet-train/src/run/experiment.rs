//! Runs: training from a configuration to a folder, and resuming from there.

use candle_core::{DType, Device};

use super::checkpoint::TrainingInputs;
use super::folder::RunFolder;
use super::recorder::Recorder;
use super::state;
use super::summary::Summary;
use super::test_result::test_once;
use crate::cluster::{Alone, Communicator, agree, expect_equal};
use crate::data::{ModelInfo, Split};
use crate::error::{Error, Result};
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
    let config = folder.config()?;
    config.expect_data(&split)?;
    train_in(
        Some(folder),
        folder.device(),
        config,
        split,
        false,
        progress,
        &Alone,
    )
    .and_then(summary)
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
    let config = folder.config()?;
    config.expect_data(&split)?;
    train_in(
        Some(folder),
        folder.device(),
        config,
        split,
        true,
        progress,
        &Alone,
    )
    .and_then(summary)
}

/// Fails on every process, with [`Error::Cluster`] or [`Error::Setting`] on one, unless all have equal configurations and data
/// sets, and devices of one kind, and the batches can be shared out among them.
pub fn expect_together(
    config: &ExperimentConfig,
    split: &Split,
    device: &Device,
    cluster: &dyn Communicator,
) -> Result<()> {
    if cluster.size() == 1 {
        return Ok(());
    }
    let on = |is_cpu: bool| if is_cpu { "the CPU" } else { "a GPU" };
    let own = device.is_cpu();
    expect_equal(cluster, &own, |first| {
        let (here, there) = (on(own), on(first));
        let problem = || {
            format!(
                "it runs on {here}, and process 0 on {there}; start one process for each GPU, or use --device cpu"
            )
        };
        (first != own).then(problem)
    })?;
    agree(cluster, config.training.expect_processes(cluster.size()))?;
    let inputs = agree(cluster, TrainingInputs::of(config, split))?;
    expect_equal(cluster, &inputs, |first| inputs.difference_from(&first))
}

/// Trains with several processes, or [resumes](resume) if `resumes`, each on its `device`. Process 0 gives its folder, all others
/// `None`.
///
/// `config` is that of the folder, and `split` its data set, on every process, which [`expect_together`] has compared. Weights and
/// metrics, but for times, are bit-identical to those of one process with the same settings. Process 0 returns the summary.
///
/// Fails like [`run`] and [`resume`], with [`Error::Elsewhere`] if another process does, and with [`Error::Together`] around an
/// error that all others have learnt of. After any other error the processes must be ended, because the others wait.
pub fn run_together(
    folder: Option<&RunFolder>,
    device: &Device,
    config: ExperimentConfig,
    split: Split,
    resumes: bool,
    progress: &mut dyn Progress,
    cluster: &dyn Communicator,
) -> Result<Option<Summary>> {
    let checked = config.expect_data(&split).and_then(|()| match folder {
        Some(folder) if !resumes => folder.expect_untrained(),
        _ => Ok(()),
    });
    agree(cluster, checked)?;
    train_in(folder, device, config, split, resumes, progress, cluster)
}

/// The summary of a process that has the folder.
fn summary(summary: Option<Summary>) -> Result<Summary> {
    summary.ok_or_else(no_folder)
}

fn no_folder() -> Error {
    Error::setting("run", "it has no folder")
}

fn train_in(
    folder: Option<&RunFolder>,
    device: &Device,
    mut config: ExperimentConfig,
    split: Split,
    resumes: bool,
    progress: &mut dyn Progress,
    cluster: &dyn Communicator,
) -> Result<Option<Summary>> {
    let lock = agree(cluster, folder.map(RunFolder::lock).transpose())?;
    let is_measured = config.model.is_some();
    let info = config.model.take();
    let info = info.unwrap_or_else(|| ModelInfo::of(&split.train));
    let normalisation = info.normalisation(split.train.white());
    config.model = Some(info);
    let split = agree(cluster, config.held_out(split))?;
    let inputs = agree(cluster, TrainingInputs::of(&config, &split))?;
    if device.is_cpu()
        && let Some(bytes) = config.step_bytes(&split)?
    {
        progress.memory(bytes);
    }
    let variables = match folder.map(RunFolder::checkpoint).transpose()?.flatten() {
        // The checkpoint has the weights; the file of initial weights may be gone.
        Some(_) => Variables::seeded(config.training.seed),
        // Process 0 sends its own.
        None if folder.is_none() => Variables::seeded(config.training.seed),
        None => config.initial_variables()?,
    };
    let vb = variables.builder(DType::F32, device);
    let network = config.network.build(vb)?;
    let mut training = agree(
        cluster,
        Training::new(
            network.as_ref(),
            &variables,
            &split,
            normalisation.clone(),
            &config.training,
            cluster,
        ),
    )?;
    let mut recorder = folder.zip(lock).map(|(folder, lock)| Recorder {
        folder,
        lock,
        config: &config,
        inputs: inputs.clone(),
        parameters: variables.parameters(),
        history: Vec::new(),
        kept: None,
        best: None,
        events: None,
    });
    let mut begin = || {
        let Some(recorder) = &mut recorder else {
            return Ok(());
        };
        if resumes {
            recorder.resume(&mut training)?;
        }
        match config.model.as_ref().filter(|_| !is_measured) {
            Some(info) => recorder.folder.save_info(info),
            None => Ok(()),
        }
    };
    agree(cluster, begin())?;
    state::share(&mut training, &inputs, cluster)?;
    let trained = training.run(progress, |training, metrics| {
        let saved = recorder
            .as_mut()
            .map(|recorder| recorder.epoch(training, metrics));
        agree(cluster, saved.transpose().map(|_| ()))
    });
    if let Err(Error::Interrupted { .. }) = trained {
        let saved = recorder
            .as_mut()
            .map(|recorder| recorder.checkpoint(&training));
        agree(cluster, saved.transpose())?;
    }
    trained?;
    let kept = recorder.as_ref().map(Recorder::expect_kept);
    agree(cluster, kept.transpose())?;
    let tested = test_once(
        folder,
        device,
        &config,
        &split.test,
        &normalisation,
        cluster,
    );
    let ended = match recorder {
        None => tested.map(|_| None),
        Some(recorder) => {
            let tested = tested.and_then(|test| test.ok_or_else(no_folder));
            recorder.end(&split.test, tested).map(Some)
        }
    };
    agree(cluster, ended)
}
