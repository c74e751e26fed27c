//! What an epoch came to, what blocks have learned of their coefficients, and who wants to know how training goes.

use std::collections::BTreeMap;

use candle_core::Result;
use serde::{Deserialize, Serialize};

use crate::network::Network;
use crate::sgd::is_coefficient;
use crate::variables::Variables;

/// What blocks have learned of their coefficients: by the name of a block, such as `group1.block1`, and the name of a
/// coefficient in it, such as `h`.
pub type LearnedCoefficients = BTreeMap<String, BTreeMap<String, f64>>;

/// One line of `metrics.jsonl`.
///
/// Losses are in nats and contain the label smoothing, so that those of training and test compare; accuracies go from
/// 0 to 1. The training figures are means over the epoch's batches as they came, while the network was learning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochMetrics {
    /// Counted from 1.
    pub epoch: usize,
    /// The learning rate of the epoch's last step.
    pub lr: f64,
    /// Mean training loss.
    pub train_loss: f64,
    /// Share of training images classified right.
    pub train_accuracy: f64,
    /// Mean test loss.
    pub test_loss: f64,
    /// Share of test images classified right.
    pub test_accuracy: f64,
    /// The coefficients that are learned, as they are in the test; none in most networks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub coefficients: LearnedCoefficients,
    /// Wall-clock time of the epoch, the test included; of an epoch that was taken up again, what it took since then.
    pub seconds: f64,
}

/// The coefficients of the blocks of `network` that are among its `variables`: those that it learns.
pub(super) fn learned(network: &dyn Network, variables: &Variables) -> Result<LearnedCoefficients> {
    let trained = variables.trained();
    let mut found = LearnedCoefficients::new();
    for around in network.blocks() {
        let (name, coefficients) = (around.name(), around.coefficients());
        let learns = trained
            .iter()
            .filter_map(|(variable, _)| variable.strip_prefix(name)?.strip_prefix('.'))
            .any(|rest| !rest.contains('.') && is_coefficient(rest));
        if learns {
            let values = coefficients.values()?.into_iter().collect();
            found.insert(name.to_owned(), values);
        }
    }
    Ok(found)
}

/// Who wants to know how training goes. All methods do nothing unless written.
pub trait Progress {
    /// Before training begins on a CPU: steps need about so many bytes of memory at their peak.
    fn memory(&mut self, bytes: u64) {
        let _ = bytes;
    }

    /// Training begins.
    fn start(&mut self, epochs: usize, batches: usize) {
        let _ = (epochs, batches);
    }

    /// After [`start`](Self::start), in a training that is taken up again: so many epochs are done already, and so many
    /// batches of the next.
    fn resume(&mut self, epochs: usize, batches: usize) {
        let _ = (epochs, batches);
    }

    /// A batch is done; both numbers count from 1.
    fn batch(&mut self, epoch: usize, batch: usize, loss: f64) {
        let _ = (epoch, batch, loss);
    }

    /// An epoch and its test are done.
    fn epoch(&mut self, metrics: &EpochMetrics) {
        let _ = metrics;
    }

    /// Asked after each batch: whether training shall stop here, with [`Error::Interrupted`](crate::Error::Interrupted).
    fn stops(&mut self) -> bool {
        false
    }

    /// Training has ended, well or not.
    fn end(&mut self) {}
}

/// Nobody.
impl Progress for () {}
