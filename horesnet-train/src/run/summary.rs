//! The results of a run.

use serde::Serialize;

use crate::precision::Precision;

/// The results of a run: the last line of `train --json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The scheme of the blocks.
    pub scheme: String,
    /// The step size over the depth, as text.
    pub coefficients: String,
    /// See [`Describe::depth`](crate::Describe::depth).
    pub depth: usize,
    /// The number of trained scalars.
    pub parameters: usize,
    /// Epochs trained.
    pub epochs: usize,
    /// Wall-clock time of all epochs, in seconds.
    pub seconds: f64,
    /// Mean loss over the last epoch.
    pub train_loss: f64,
    /// Fraction of test images classified correctly after the last epoch.
    pub test_accuracy: f64,
    /// The device of the last epoch, `cpu` or `cuda:0`.
    pub device: String,
    /// The dtype between layers in training.
    pub precision: Precision,
    /// The run folder.
    pub run: String,
}
