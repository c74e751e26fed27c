//! Checks and repairs of a run folder before a training starts or resumes.

use std::fs;

use super::folder::{BEST, CHECKPOINT, MAX_METRICS, METRICS, MODEL, RunFolder};
use super::test_result::TEST;
use crate::error::{Error, Result};
use crate::files::storage;
use crate::training::{EpochMetrics, Position};

impl RunFolder {
    /// Fails with [`Error::FolderTaken`] if the folder holds results of a training.
    pub(crate) fn expect_untrained(&self) -> Result<()> {
        let mut results = [METRICS, MODEL, BEST, CHECKPOINT, TEST].into_iter();
        if results.any(|name| self.path.join(name).exists()) {
            let path = self.path.clone();
            return Err(Error::FolderTaken { path });
        }
        Ok(())
    }

    /// Removes the last weights if they are of later epochs than `epochs`, or cannot be read.
    pub(crate) fn remove_model_after(&self, epochs: usize) -> Result<()> {
        match self.epoch_of(MODEL) {
            Ok(epoch) if epoch.is_none_or(|epoch| epoch <= epochs) => Ok(()),
            _ => self.remove(MODEL),
        }
    }

    /// Returns true if `best.safetensors` has the weights after `best`, the best epoch before the checkpoint at `position`;
    /// removes those of a later epoch, which replaced them before the next checkpoint.
    ///
    /// Fails with [`Error::File`] if they are lost or damaged, unless the checkpoint has them too.
    pub(crate) fn has_best(&self, best: Option<usize>, position: Position) -> Result<bool> {
        let epochs = position.epochs;
        let found = self.epoch_of(BEST)?;
        if found.is_some_and(|found| found > epochs) {
            self.remove(BEST)?;
            return Ok(false);
        }
        match best.filter(|best| found != Some(*best)) {
            None => Ok(true),
            Some(epoch) if epoch == epochs && position.batches == 0 => Ok(false),
            Some(epoch) => {
                let problem = format!(
                    "does not hold the weights after epoch {epoch}, the best before the checkpoint, and the training cannot \
                     resume without them"
                );
                Err(Error::file(self.path.join(BEST), problem))
            }
        }
    }

    fn remove(&self, name: &str) -> Result<()> {
        let path = self.path.join(name);
        fs::remove_file(&path).map_err(Error::io("remove", &path))
    }

    /// Truncates the metrics to the first `epochs` and returns them.
    ///
    /// Fails with [`Error::File`] if one is missing.
    pub(crate) fn truncate_metrics(&self, epochs: usize) -> Result<Vec<EpochMetrics>> {
        let path = self.path.join(METRICS);
        let mut history = self.history()?;
        history.truncate(epochs);
        let all = history.iter().map(|metrics| metrics.epoch);
        if !all.eq(1..=epochs) {
            let problem =
                format!("lacks epochs before the checkpoint, which was made after epoch {epochs}");
            return Err(Error::file(path, problem));
        }
        if storage::exists(&path)? {
            let bytes = storage::read(&path, MAX_METRICS)?;
            let lines = bytes.split_inclusive(|byte| *byte == b'\n').take(epochs);
            let length = lines.map(<[u8]>::len).sum();
            if let Some(kept) = bytes.get(..length).filter(|kept| kept.len() < bytes.len()) {
                storage::replace(&path, kept)?;
            }
        }
        Ok(history)
    }

    /// Fails with [`Error::File`] if the training has ended, or the folder is an export: without a checkpoint, a training would
    /// start over and lose the weights.
    pub(crate) fn expect_unfinished(&self, epochs: usize) -> Result<()> {
        let is_last = self.epoch_of(MODEL)?.is_some_and(|epoch| epoch >= epochs);
        let is_export = self.has(MODEL)? && !self.has(METRICS)?;
        if !(is_last || is_export || self.has(TEST)?) {
            return Ok(());
        }
        let problem = "does not exist, and the run has ended: there is nothing to resume";
        Err(Error::file(self.path.join(CHECKPOINT), problem))
    }
}
