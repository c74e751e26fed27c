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
    /// Epochs trained, fewer than planned if they no longer improved.
    pub epochs: usize,
    /// Wall-clock time of all epochs, in seconds.
    pub seconds: f64,
    /// Mean loss over the last epoch.
    pub train_loss: f64,
    /// The epoch with the lowest validation loss, if there are validation images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_epoch: Option<usize>,
    /// Fraction of validation images classified correctly after that epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub val_accuracy: Option<f64>,
    /// Fraction of test images classified correctly by the weights after the best epoch, or without validation images after
    /// the last epoch; `None` before the end of the training.
    pub test_accuracy: Option<f64>,
    /// The device of the last epoch, `cpu` or `cuda:0`.
    pub device: String,
    /// The dtype between layers in training.
    pub precision: Precision,
    /// The run folder.
    pub run: String,
}
