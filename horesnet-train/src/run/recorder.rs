//! Saves a run to its folder during training, and restores it from there.

use std::path::PathBuf;

use serde_json::Value;

use super::folder::{BEST, CHECKPOINT, METRICS, MODEL, REPORT};
use super::lock::Lock;
use super::summary::Summary;
use super::test_result::TestResult;
use crate::data::Dataset;
use crate::device;
use crate::error::{Error, Result};
use crate::evaluation::sections;
use crate::experiment::ExperimentConfig;
use crate::files::storage;
use crate::network::Describe;
use crate::run::checkpoint::{self, TrainingInputs};
use crate::run::{RunFolder, events, report};
use crate::training::{EpochMetrics, Training};

/// Saves a run to its folder.
///
/// Writes after each epoch its line of metrics, the best weights if they are better, the checkpoint where one is due, and the
/// model, in this order: a run resumes at its checkpoint and repeats later epochs, so a checkpoint never lacks the best weights
/// before it, and a model never lacks its checkpoint.
pub(crate) struct Recorder<'a> {
    pub(super) folder: &'a RunFolder,
    pub(super) lock: Lock,
    pub(super) config: &'a ExperimentConfig,
    pub(super) inputs: TrainingInputs,
    pub(super) parameters: usize,
    pub(super) history: Vec<EpochMetrics>,
    /// The epoch of the last checkpoint.
    pub(super) kept: Option<usize>,
    /// The epoch with the lowest validation loss.
    pub(super) best: Option<usize>,
    /// The event file of this session, once it exists.
    pub(super) events: Option<PathBuf>,
}

impl Recorder<'_> {
    /// Restores `training` from the last checkpoint, if there is one, and removes metrics and weights of later epochs.
    pub(crate) fn resume(&mut self, training: &mut Training<'_>) -> Result<()> {
        if let Some(path) = self.folder.checkpoint()? {
            checkpoint::restore(&path, self.config, &self.inputs, training)?;
            self.kept = Some(training.position.epochs);
        } else {
            self.folder.expect_unfinished(self.config.training.epochs)?;
        }
        let position = training.position;
        self.history = self.folder.truncate_metrics(position.epochs)?;
        for metrics in &self.history {
            training.compare(metrics);
        }
        self.best = training.best();
        if !self.folder.has_best(self.best, position)? {
            if self.best == Some(position.epochs) && position.batches == 0 {
                self.save_model(BEST, training, position.epochs)?;
            } else {
                // The repeated epochs bring the better ones again.
                training.forget_best();
                self.best = None;
            }
        }
        if position.epochs > 0 && position.batches == 0 {
            return self.save_model(MODEL, training, position.epochs);
        }
        self.folder.remove_model_after(position.epochs)
    }

    /// Saves the weights after `epoch` as the file `name`.
    fn save_model(&self, name: &str, training: &Training<'_>, epoch: usize) -> Result<()> {
        let saved = { self.folder }.save_model(name, training.model(), epoch, self.config);
        saved.map_err(|source| self.unsaved(source))
    }

    /// Saves the state after an epoch.
    pub(crate) fn epoch(&mut self, training: &Training<'_>, metrics: &EpochMetrics) -> Result<()> {
        self.history.push(metrics.clone());
        let written = self.write_epoch(training, metrics);
        written.map_err(|source| self.unsaved(source))
    }

    /// Saves the state between two steps.
    pub(crate) fn checkpoint(&mut self, training: &Training<'_>) -> Result<()> {
        let held = self.expect_held(training.position.epochs);
        let saved = held.and_then(|()| self.save(training));
        saved.map_err(|source| self.unsaved(source))
    }

    /// Draws charts and report of a run that has ended, and returns its summary; takes the test of its weights on `images`.
    pub(crate) fn end(&self, images: &Dataset, tested: Result<TestResult>) -> Result<Summary> {
        let test = match tested {
            Err(error) if matches!(error.own(), Error::Diverged { .. }) => return Err(error),
            tested => tested.map_err(|source| self.unsaved(source))?,
        };
        let drawn = self.folder.draw(&self.history, &self.title());
        let sections = sections(&test.predictions, images, Some(test.epoch));
        let summary = Summary {
            test_accuracy: Some(test.accuracy),
            ..self.summary()?
        };
        let reported = drawn.and_then(|()| self.report(&summary, &sections));
        reported.map_err(|source| self.unsaved(source))?;
        self.expect_kept()?;
        Ok(summary)
    }

    fn write_epoch(&mut self, training: &Training<'_>, metrics: &EpochMetrics) -> Result<()> {
        let (epoch, setting) = (metrics.epoch, &self.config.training);
        self.best = training.best();
        let is_best = self.best == Some(epoch);
        let due = is_best || epoch.is_multiple_of(setting.checkpoint_every) || training.has_ended();
        self.expect_held(epoch - 1)?;
        self.folder.append_metrics(metrics)?;
        self.folder
            .keep_members(&self.config.network, &metrics.coefficients)?;
        if is_best {
            { self.folder }.save_model(BEST, training.model(), epoch, self.config)?;
        }
        if due {
            self.save(training)?;
        }
        { self.folder }.save_model(MODEL, training.model(), epoch, self.config)?;
        let mut events = events::epoch(metrics);
        let path = if let Some(path) = self.events.take() {
            path
        } else {
            events.splice(..0, events::head(epoch));
            self.folder.next_events()?
        };
        storage::append(&path, &events)?;
        self.events = Some(path);
        if due {
            self.report(&self.summary()?, &[])?;
        }
        Ok(())
    }

    /// Fails if the folder has been removed, or lacks files of the epochs so far.
    pub(crate) fn expect_kept(&self) -> Result<()> {
        self.expect_held(self.history.len())
    }

    /// Fails if the folder has been removed, or lacks files that it had after this number of epochs.
    fn expect_held(&self, epochs: usize) -> Result<()> {
        let mut kept = Vec::new();
        if epochs > 0 {
            kept.push(METRICS);
        }
        if self.kept.is_some() {
            kept.push(CHECKPOINT);
        }
        self.lock.expect_held(&kept)
    }

    fn save(&mut self, training: &Training<'_>) -> Result<()> {
        let bytes = checkpoint::to_bytes(&self.inputs, training)?;
        self.folder.replace(CHECKPOINT, &bytes)?;
        self.kept = Some(training.position.epochs);
        Ok(())
    }

    fn report(&self, summary: &Summary, test: &[String]) -> Result<()> {
        let configuration = serde_json::to_value(self.config).unwrap_or(Value::Null);
        let page = report::html(&self.title(), summary, &configuration, &self.history, test);
        self.folder.replace(REPORT, page.as_bytes())
    }

    fn title(&self) -> String {
        format!(
            "{} {} on {}, {} parameters",
            self.config.network.scheme(),
            self.config.network.coefficients(),
            self.config.data,
            self.parameters
        )
    }

    fn summary(&self) -> Result<Summary> {
        let network = &self.config.network;
        let last = self.history.last();
        let best = self
            .history
            .iter()
            .find(|metrics| self.best == Some(metrics.epoch));
        Ok(Summary {
            scheme: network.scheme(),
            coefficients: network.coefficients().to_string(),
            depth: network.depth()?,
            parameters: self.parameters,
            epochs: self.history.len(),
            seconds: self.history.iter().map(|metrics| metrics.seconds).sum(),
            train_loss: last.map_or(f64::NAN, |metrics| metrics.train_loss),
            best_epoch: best.map(|metrics| metrics.epoch),
            val_accuracy: best.and_then(|metrics| metrics.val_accuracy),
            test_accuracy: last.and_then(|metrics| metrics.test_accuracy),
            device: device::name(self.folder.device()),
            precision: self.config.training.precision,
            run: self.folder.path().display().to_string(),
        })
    }

    /// Says what a failed write leaves: the last checkpoint, or nothing if the folder is gone.
    fn unsaved(&self, source: Error) -> Error {
        match self.lock.expect_held(&[]) {
            Err(removed) => removed,
            Ok(()) if matches!(source, Error::Removed { .. }) => source,
            Ok(()) => Error::Unsaved {
                kept: self.kept,
                source: Box::new(source),
            },
        }
    }
}
