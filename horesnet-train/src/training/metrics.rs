//! Metrics of epochs, learned coefficients, and the interface that follows a training.

use std::collections::BTreeMap;

use candle_core::Result;
use serde::{Deserialize, Serialize};

use super::Score;
use super::optimiser::is_coefficient;
use crate::network::Network;
use crate::network::variables::Variables;

/// Learned coefficients by the name of a block, such as `group1.block1`, and the name of a coefficient in it, such as `h`.
pub type LearnedCoefficients = BTreeMap<String, BTreeMap<String, f64>>;

/// The metrics of an epoch: a line of `metrics.jsonl`.
///
/// Losses are in nats and include label smoothing, in training and test alike; accuracies are from 0 to 1. Training figures
/// are means over the batches of the epoch, each before its step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochMetrics {
    /// Counted from 1.
    pub epoch: usize,
    /// The learning rate of the epoch's last step.
    pub lr: f64,
    /// Mean training loss.
    pub train_loss: f64,
    /// Fraction of training images classified correctly.
    pub train_accuracy: f64,
    /// Mean validation loss, if there are validation images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub val_loss: Option<f64>,
    /// Fraction of validation images classified correctly, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub val_accuracy: Option<f64>,
    /// Mean test loss, unless there are validation images: the test is then after the training, once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_loss: Option<f64>,
    /// Fraction of test images classified correctly, unless there are validation images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_accuracy: Option<f64>,
    /// The learned coefficients after the epoch; empty in most networks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub coefficients: LearnedCoefficients,
    /// Wall-clock time of the epoch in seconds, including validation or test, without that between a stop and a resumption.
    pub seconds: f64,
}

impl EpochMetrics {
    /// Returns the score by which epochs are compared: on the validation images, or on the test images without them.
    #[must_use]
    pub fn held_out(&self) -> Score {
        Score {
            loss: self.val_loss.or(self.test_loss).unwrap_or(f64::NAN),
            accuracy: self.val_accuracy.or(self.test_accuracy).unwrap_or(f64::NAN),
        }
    }

    /// Returns the score on the test images, if the epoch was tested.
    #[must_use]
    pub fn test(&self) -> Option<Score> {
        let (loss, accuracy) = (self.test_loss?, self.test_accuracy?);
        Some(Score { loss, accuracy })
    }

    /// Returns true if the epoch was scored on validation images.
    #[must_use]
    pub fn is_validated(&self) -> bool {
        self.val_loss.is_some()
    }
}

/// Returns the coefficients that the blocks of `network` learn: those among its `variables`.
pub(super) fn learned(network: &dyn Network, variables: &Variables) -> Result<LearnedCoefficients> {
    let trained = variables.trained();
    let mut found = LearnedCoefficients::new();
    for block in network.blocks() {
        let name = block.name();
        let mut own = trained
            .iter()
            .filter_map(|(variable, _)| variable.strip_prefix(name)?.strip_prefix('.'));
        if own.any(|rest| !rest.contains('.') && is_coefficient(rest)) {
            let values = block.coefficients().values()?;
            found.insert(name.to_owned(), values.into_iter().collect());
        }
    }
    Ok(found)
}

/// Follows a training; by default, methods do nothing.
#[expect(unused_variables, reason = "the names are documentation")]
pub trait Progress {
    /// Called before training on a CPU with an estimate of a step's peak memory.
    fn memory(&mut self, bytes: u64) {}

    /// Called when training begins.
    fn start(&mut self, epochs: usize, batches: usize) {}

    /// Called after [`start`](Self::start) when a training resumes, with the completed epochs and batches of the next.
    fn resume(&mut self, epochs: usize, batches: usize) {}

    /// Called after each batch; both numbers count from 1.
    fn batch(&mut self, epoch: usize, batch: usize, loss: f64) {}

    /// Called after each epoch and its validation or test.
    fn epoch(&mut self, metrics: &EpochMetrics) {}

    /// Returns true to stop training after a batch, with [`Error::Interrupted`](crate::Error::Interrupted).
    fn stops(&mut self) -> bool {
        false
    }

    /// Called when training has ended, with or without an error.
    fn end(&mut self) {}
}

impl Progress for () {}
