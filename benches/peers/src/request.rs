//! The requests of `compare.py`: one JSON object per line, the same for all peers.

use std::path::PathBuf;

use serde::Deserialize;

/// A line of standard input.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Request {
    /// Describes this peer: layout, allocator, threads.
    About,
    /// Returns the constants `A` and `B` of a generated block.
    Tableau { scheme: String },
    /// Writes the weights and the inputs that all peers use.
    Export { network: Network },
    /// Writes logits and gradients of one step of training, for comparison; in `f64` if `double`.
    Check {
        network: Network,
        double: bool,
        answers: PathBuf,
    },
    /// Prepares a row, and returns a few numbers that summarise its results.
    Prepare { row: Row },
    /// Repeats the prepared row.
    Run { times: usize },
    /// Measures what one repetition adds to resident memory.
    Memory,
    /// Measures how fast memory is copied.
    Bandwidth { bytes: usize },
}

/// The measurement behind one line of the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Row {
    /// `x + Σ cᵢkᵢ`.
    Combination {
        terms: usize,
        shape: [usize; 4],
        backward: bool,
    },
    /// A 3×3 convolution of stride 1, as many channels out as in.
    Convolution {
        batch: usize,
        channels: usize,
        size: usize,
        backward: bool,
    },
    /// Batch normalisation with the statistics of the batch, then `ReLU`.
    Norm {
        batch: usize,
        channels: usize,
        size: usize,
        backward: bool,
    },
    /// A pass of evaluation or a step of training.
    Network { network: Network, train: bool },
}

/// A network, and the file that holds its weights and inputs. Requests to PyTorch contain the tableau as well.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Network {
    pub(crate) scheme: String,
    pub(crate) widths: Vec<usize>,
    pub(crate) blocks: Vec<usize>,
    pub(crate) batch: usize,
    pub(crate) size: usize,
    pub(crate) file: PathBuf,
}
