//! Metrics of epochs, learned coefficients, and the interface that follows a training.

use std::collections::BTreeMap;

use candle_core::Result;
use serde::{Deserialize, Serialize};

use super::sgd::is_coefficient;
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
    /// Mean test loss.
    pub test_loss: f64,
    /// Fraction of test images classified correctly.
    pub test_accuracy: f64,
    /// The learned coefficients during the test; empty in most networks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub coefficients: LearnedCoefficients,
    /// Wall-clock time of the epoch in seconds, including the test; of a resumed epoch, the time since then.
    pub seconds: f64,
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

    /// Called after each epoch and its test.
    fn epoch(&mut self, metrics: &EpochMetrics) {}

    /// Returns true to stop training after a batch, with [`Error::Interrupted`](crate::Error::Interrupted).
    fn stops(&mut self) -> bool {
        false
    }

    /// Called when training has ended, with or without an error.
    fn end(&mut self) {}
}

impl Progress for () {}
