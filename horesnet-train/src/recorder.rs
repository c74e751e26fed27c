//! What a run leaves on the disk while it goes on, and how it is taken up from there.

use std::path::PathBuf;

use serde_json::Value;

use crate::checkpoint::{self, Origin};
use crate::device;
use crate::error::{Error, Result};
use crate::events;
use crate::experiment::{ExperimentConfig, Summary};
use crate::folder::RunFolder;
use crate::network::Describe;
use crate::report;
use crate::storage;
use crate::training::{EpochMetrics, Training};

/// Keeps a run in its folder.
///
/// After each epoch: its line of metrics, the checkpoint where one is due, the model. In this order, because a run is
/// taken up at its checkpoint: what is there of later epochs then is made again, and a model without its checkpoint
/// could only be that of a run that is not to be taken up at all.
pub(crate) struct Recorder<'a> {
    folder: &'a RunFolder,
    config: &'a ExperimentConfig,
    origin: Origin,
    parameters: usize,
    history: Vec<EpochMetrics>,
    /// The epoch after which the last checkpoint was made.
    kept: Option<usize>,
    /// The event file of this session, once it has begun.
    events: Option<PathBuf>,
}

impl<'a> Recorder<'a> {
    /// A recorder of a run that has not begun.
    pub(crate) fn new(
        folder: &'a RunFolder,
        config: &'a ExperimentConfig,
        origin: Origin,
        parameters: usize,
    ) -> Self {
        Self {
            folder,
            config,
            origin,
            parameters,
            history: Vec::new(),
            kept: None,
            events: None,
        }
    }

    /// Takes `training` to the last checkpoint, or to the beginning if there is none, and forgets what came later.
    pub(crate) fn take_up(&mut self, training: &mut Training<'_>) -> Result<()> {
        if let Some(path) = self.folder.checkpoint()? {
            checkpoint::restore(&path, self.config, &self.origin, training)?;
            self.kept = Some(training.position.epochs);
        } else {
            self.folder.expect_unfinished(self.config.training.epochs)?;
        }
        let position = training.position;
        self.history = self.folder.cut(position.epochs)?;
        if position.epochs > 0 && position.batches == 0 {
            let saved = self.folder.save_model(training.model(), position.epochs);
            return saved.map_err(|source| self.unsaved(source));
        }
        self.folder.forget_model_after(position.epochs)
    }

    /// Keeps the state after an epoch.
    pub(crate) fn epoch(&mut self, training: &Training<'_>, metrics: &EpochMetrics) -> Result<()> {
        let epoch = metrics.epoch;
        let setting = &self.config.training;
        let due = epoch.is_multiple_of(setting.checkpoint_every) || epoch == setting.epochs;
        self.history.push(metrics.clone());
        let written = self.write_epoch(training, metrics, due);
        written.map_err(|source| self.unsaved(source))
    }

    /// Keeps the state between two steps.
    pub(crate) fn checkpoint(&mut self, training: &Training<'_>) -> Result<()> {
        let saved = self.save(training);
        saved.map_err(|source| self.unsaved(source))
    }

    /// What the run came to, once it has ended.
    pub(crate) fn end(&self) -> Result<Summary> {
        let summary = self.summary()?;
        self.folder.draw(&self.history, &self.title())?;
        self.report()?;
        Ok(summary)
    }

    fn write_epoch(
        &mut self,
        training: &Training<'_>,
        metrics: &EpochMetrics,
        due: bool,
    ) -> Result<()> {
        self.folder.note(metrics)?;
        if due {
            self.save(training)?;
        }
        self.folder.save_model(training.model(), metrics.epoch)?;
        let begun = self.events.is_some();
        let path = match self.events.take() {
            Some(path) => path,
            None => self.folder.next_events()?,
        };
        let mut events = events::epoch(metrics);
        if !begun {
            events.splice(..0, events::head(metrics.epoch));
        }
        storage::append(&path, &events)?;
        self.events = Some(path);
        if due { self.report() } else { Ok(()) }
    }

    fn save(&mut self, training: &Training<'_>) -> Result<()> {
        let bytes = checkpoint::to_bytes(&self.origin, training)?;
        self.folder.save_checkpoint(&bytes)?;
        self.kept = Some(training.position.epochs);
        Ok(())
    }

    fn report(&self) -> Result<()> {
        let configuration = serde_json::to_value(self.config).unwrap_or(Value::Null);
        let page = report::html(
            &self.title(),
            &self.summary()?,
            &configuration,
            &self.history,
        );
        self.folder.save_report(page)
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
        Ok(Summary {
            scheme: network.scheme(),
            coefficients: network.coefficients().to_string(),
            depth: network.depth()?,
            parameters: self.parameters,
            epochs: self.history.len(),
            seconds: self.history.iter().map(|metrics| metrics.seconds).sum(),
            train_loss: last.map_or(f64::NAN, |metrics| metrics.train_loss),
            test_accuracy: last.map_or(f64::NAN, |metrics| metrics.test_accuracy),
            device: device::name(self.folder.device()),
            precision: self.config.training.precision,
            run: self.folder.path().display().to_string(),
        })
    }

    fn unsaved(&self, source: Error) -> Error {
        Error::Unsaved {
            kept: self.kept,
            source: Box::new(source),
        }
    }
}
