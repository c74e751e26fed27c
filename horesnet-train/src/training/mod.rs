//! Training: loop, optimisers, schedule, loss, average of the weights.
//! The parts can be used alone.
//! Must not know files or run folders.

mod average;
mod config;
pub(crate) mod loss;
mod metrics;
mod optimiser;
pub(crate) mod parts;
mod position;
mod schedule;
mod train;

pub use average::Average;
pub use config::TrainingConfig;
pub use loss::{Score, batch_loss, correct, cross_entropy, evaluate};
pub use metrics::{EpochMetrics, LearnedCoefficients, Progress};
pub use optimiser::{AdamW, AdamWConfig, OptimiserKind, Sgd, SgdConfig};
pub use schedule::Schedule;
pub use train::{test, train};

pub(crate) use loss::{Tally, evaluate_together};
pub(crate) use optimiser::Optimiser;
pub(crate) use position::Position;
pub(crate) use train::{TEST_BATCH, Training};
