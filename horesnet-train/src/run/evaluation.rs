//! Tests of the weights of a run.

use std::path::Path;

use super::folder::RunFolder;
use super::trained::Trained;
use crate::data::Dataset;
use crate::drawing::page;
use crate::error::Result;
use crate::evaluation::{Predictions, sections};
use crate::network::weights;
use crate::training::{EpochMetrics, Score};

/// Other processors differ in the last bits; a larger difference means other weights or images.
const TOLERANCE: f64 = 1e-4;

/// A test of weights.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The epoch after which the weights were saved, counted from 1; `None` for weights of another file.
    pub epoch: Option<usize>,
    /// Their loss and accuracy now.
    pub score: Score,
    /// The prediction for each image.
    pub predictions: Predictions,
    /// The test images.
    pub images: Dataset,
    /// The score in the run of the same weights on these images, if it was saved.
    pub recorded: Option<Score>,
    /// False if the checkpoint is of other images or labels, `None` for images of
    /// [another folder](RunFolder::with_test_in).
    pub of_training: Option<bool>,
}

impl Evaluation {
    /// Returns true if loss and accuracy match the recorded ones up to 10⁻⁴, `None` if there are none.
    #[must_use]
    pub fn reproduced(&self) -> Option<bool> {
        let close = |a: f64, b: f64| (a - b).abs() <= TOLERANCE * (1.0 + b.abs());
        let (found, then) = (self.score, self.recorded?);
        Some(close(found.accuracy, then.accuracy) && close(found.loss, then.loss))
    }

    /// Returns a self-contained HTML page: figures, confusion matrix, precision and recall of each class, reliability diagram,
    /// and the images that are most wrong.
    #[must_use]
    pub fn html(&self, title: &str) -> String {
        page::html(
            title,
            &sections(&self.predictions, &self.images, self.epoch),
        )
    }
}

/// Tests the weights in `folder`: those with the lowest validation loss, or without validation images the last ones.
///
/// Images are normalised as in training, whatever the training images are now. Fails with
/// [`Error::Data`](crate::Error::Data) if their shape or classes have changed.
pub fn score(folder: &RunFolder) -> Result<Evaluation> {
    let config = folder.config()?;
    let images = folder.test_images(&config)?;
    let Trained { network, epoch, .. } = folder.load()?;
    let mut evaluation = images.evaluate(network.as_ref(), &config, Some(epoch))?;
    if evaluation.of_training.is_some() {
        evaluation.recorded = folder.recorded(epoch)?;
    }
    Ok(evaluation)
}

/// Tests the weights of the safetensors file `path` with the configuration of `folder`.
///
/// Fails like [`load_weights`](crate::load_weights) and [`score`].
pub fn score_weights(folder: &RunFolder, path: impl AsRef<Path>) -> Result<Evaluation> {
    let config = folder.config()?;
    let images = folder.test_images(&config)?;
    let (network, _) = weights::load(path.as_ref(), &config.network, folder.device())?;
    // Step sizes that decay along training are those of its end.
    let (state, training) = (network.state(), &config.training);
    state.set(training.seed, 0, training.epochs as f64);
    images.evaluate(network.as_ref(), &config, None)
}

impl RunFolder {
    /// Returns the test score of the weights after `epoch`, if it was saved.
    pub(crate) fn recorded(&self, epoch: usize) -> Result<Option<Score>> {
        if let Some(result) = self.test_result()?.filter(|result| result.epoch == epoch) {
            return Ok(Some(result.score()));
        }
        let history = self.history()?;
        let mut metrics = history
            .iter()
            .rev()
            .filter(|metrics| metrics.epoch == epoch);
        Ok(metrics.find_map(EpochMetrics::test))
    }
}
