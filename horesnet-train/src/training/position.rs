//! How far a training has come.

use super::Tally;

/// The position of a training between two steps.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Position {
    /// Completed epochs, including their scores.
    pub(crate) epochs: usize,
    /// Completed batches of the current epoch.
    pub(crate) batches: usize,
    /// Steps over all epochs.
    pub(crate) step: usize,
    /// The sums over these batches.
    pub(crate) tally: Tally,
    /// The time of the current epoch before the training was last stopped.
    pub(crate) seconds: f64,
}
