//! Checks and repairs of a run folder before a training starts or resumes.

use std::fs;

use super::folder::{CHECKPOINT, MAX_METRICS, METRICS, MODEL, RunFolder};
use crate::error::{Error, Result};
use crate::files::storage;
use crate::training::EpochMetrics;

impl RunFolder {
    /// Fails with [`Error::FolderTaken`] if the folder holds results of a training.
    pub(crate) fn expect_untrained(&self) -> Result<()> {
        let mut results = [METRICS, MODEL, CHECKPOINT].into_iter();
        if results.any(|name| self.path.join(name).exists()) {
            let path = self.path.clone();
            return Err(Error::FolderTaken { path });
        }
        Ok(())
    }

    /// Removes the weights in the file `name`, if there are any, unless they can be read and `keep` holds for their epoch.
    pub(crate) fn remove_model(&self, name: &str, keep: impl Fn(usize) -> bool) -> Result<()> {
        if self.has(name)? && !self.load_file(name).is_ok_and(|model| keep(model.epoch)) {
            let path = self.path.join(name);
            fs::remove_file(&path).map_err(Error::io("remove", &path))?;
        }
        Ok(())
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

    /// Fails with [`Error::File`] if the weights are those after the last of `epochs`: without a checkpoint, a training would
    /// start over and lose them.
    pub(crate) fn expect_unfinished(&self, epochs: usize) -> Result<()> {
        if !storage::exists(&self.path.join(MODEL))? || self.load()?.epoch < epochs {
            return Ok(());
        }
        let problem = "does not exist, and the run has ended: there is nothing to resume";
        Err(Error::file(self.path.join(CHECKPOINT), problem))
    }
}
