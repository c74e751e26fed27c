//! What a folder must be like for a training to begin or to go on in it, and what is put right before it does.

use std::fs;

use super::{CHECKPOINT, MAX_METRICS, METRICS, MODEL, RunFolder};
use crate::error::{Error, Result};
use crate::storage;
use crate::training::EpochMetrics;

impl RunFolder {
    /// Fails with [`Error::FolderTaken`] if there are results of a training.
    pub(crate) fn expect_untrained(&self) -> Result<()> {
        if [METRICS, MODEL, CHECKPOINT]
            .iter()
            .any(|name| self.path.join(name).exists())
        {
            let path = self.path.clone();
            return Err(Error::FolderTaken { path });
        }
        Ok(())
    }

    /// Removes weights of an epoch after the first `epochs`, and such as cannot be read.
    pub(crate) fn forget_model_after(&self, epochs: usize) -> Result<()> {
        let path = self.path.join(MODEL);
        let exists = fs::exists(&path).map_err(Error::io("read", &path))?;
        if exists && self.load().map_or(true, |model| model.epoch > epochs) {
            fs::remove_file(&path).map_err(Error::io("remove", &path))?;
        }
        Ok(())
    }

    /// Keeps the metrics of the first `epochs` and gives them.
    ///
    /// Fails with [`Error::File`] if they are not all there.
    pub(crate) fn cut(&self, epochs: usize) -> Result<Vec<EpochMetrics>> {
        let path = self.path.join(METRICS);
        let mut history = self.history()?;
        history.truncate(epochs);
        let all = history.iter().map(|metrics| metrics.epoch);
        if !all.eq(1..=epochs) {
            return Err(Error::file(
                path,
                format!("lacks epochs before the checkpoint, which was made after epoch {epochs}"),
            ));
        }
        if fs::exists(&path).map_err(Error::io("read", &path))? {
            let bytes = storage::read(&path, MAX_METRICS)?;
            let lines = bytes.split_inclusive(|byte| *byte == b'\n').take(epochs);
            let length = lines.map(<[u8]>::len).sum();
            if let Some(kept) = bytes.get(..length).filter(|kept| kept.len() < bytes.len()) {
                storage::replace(&path, kept)?;
            }
        }
        Ok(history)
    }

    /// Fails with [`Error::File`] if the weights are those after the last of `epochs`: without a checkpoint, there is then
    /// nothing to go on with and something to lose.
    pub(crate) fn expect_unfinished(&self, epochs: usize) -> Result<()> {
        if !fs::exists(self.path.join(MODEL)).map_err(Error::io("read", &self.path))?
            || self.load()?.epoch < epochs
        {
            return Ok(());
        }
        let problem = "does not exist, and the run has ended: there is nothing to go on with";
        Err(Error::file(self.path.join(CHECKPOINT), problem))
    }
}
