//! `test.json`: the test of a run's weights, once its training has ended.

use candle_core::Device;
use serde::{Deserialize, Serialize};

use super::folder::RunFolder;
use super::state;
use super::trained::Trained;
use crate::cluster::{Communicator, agree};
use crate::data::{Batches, Dataset, Normalisation};
use crate::error::{Error, Result};
use crate::evaluation::{Predictions, evaluate};
use crate::experiment::ExperimentConfig;
use crate::files::{Versioned, storage, version};
use crate::network::Network;
use crate::training::{Score, TEST_BATCH};

pub(super) const TEST: &str = "test.json";
/// Longest file: a million images take about 65 MB.
const MAX_TEST: u64 = 256 << 20;

/// The test of a run at the end of its training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestResult {
    /// The epoch after which the weights were saved, counted from 1.
    pub epoch: usize,
    /// Mean test loss in nats, with label smoothing if there is any.
    pub loss: f64,
    /// Fraction of test images classified correctly.
    pub accuracy: f64,
    /// The prediction for each test image.
    pub predictions: Predictions,
}

impl TestResult {
    /// Returns loss and accuracy.
    #[must_use]
    pub fn score(&self) -> Score {
        Score {
            loss: self.loss,
            accuracy: self.accuracy,
        }
    }
}

/// Classifies all of `images`, whose batches the processes share.
pub(super) fn classify(
    network: &dyn Network,
    images: &Dataset,
    normalisation: &Normalisation,
    smoothing: f64,
    cluster: &dyn Communicator,
) -> Result<(Score, Predictions)> {
    let batches = Batches::new(images, normalisation, TEST_BATCH, network.device());
    Ok(evaluate(network, &batches, smoothing, cluster)?)
}

/// Tests the saved weights of a run on `images`, unless this has been done, and saves the result. Process 0 gives its folder
/// and gets the result; the others give `None`, and share the images.
pub(super) fn test_once(
    folder: Option<&RunFolder>,
    device: &Device,
    config: &ExperimentConfig,
    images: &Dataset,
    normalisation: &Normalisation,
    cluster: &dyn Communicator,
) -> Result<Option<TestResult>> {
    let found = folder.map(|folder| folder.tested(images)).transpose();
    let (saved, weights) = match agree(cluster, found)? {
        Some(Tested::Saved(result)) => (Some(result), None),
        Some(Tested::Not(weights)) => (None, Some(weights)),
        None => (None, None),
    };
    let Some(Trained { network, epoch, .. }) =
        state::share_weights(weights, device, config, cluster)?
    else {
        return Ok(saved);
    };
    let smoothing = config.training.label_smoothing;
    let (score, predictions) =
        classify(network.as_ref(), images, normalisation, smoothing, cluster)?;
    if !score.loss.is_finite() {
        let found = format!("the test loss is {}", score.loss);
        return Err(Error::Diverged { epoch, found });
    }
    let Some(folder) = folder else {
        return Ok(None);
    };
    let result = TestResult {
        epoch,
        loss: score.loss,
        accuracy: score.accuracy,
        predictions,
    };
    storage::replace_json(&folder.path.join(TEST), &Versioned::new(&result))?;
    Ok(Some(result))
}

/// The test of the saved weights, or the weights to test.
enum Tested {
    Saved(TestResult),
    Not(Trained),
}

impl RunFolder {
    /// Reads the test at the end of the training; `None` if it has not ended, and of runs of versions that did not save it.
    ///
    /// Fails with [`Error::File`] if the file cannot be read.
    pub fn test_result(&self) -> Result<Option<TestResult>> {
        let path = self.path.join(TEST);
        if !storage::exists(&path)? {
            return Ok(None);
        }
        let bytes = storage::read(&path, MAX_TEST)?;
        let result = version::parse(&bytes);
        result
            .map(Some)
            .map_err(|problem| Error::file(&path, problem))
    }

    /// Looks for a test of the saved weights on `images`.
    fn tested(&self, images: &Dataset) -> Result<Tested> {
        let trained = self.load()?;
        // A file that cannot be read is written again.
        if let Ok(Some(saved)) = self.test_result()
            && saved.epoch == trained.epoch
            && { saved.predictions.labels().iter() }.copied().eq(images
                .labels()
                .iter()
                .copied()
                .map(u16::from))
        {
            return Ok(Tested::Saved(saved));
        }
        Ok(Tested::Not(trained))
    }
}
