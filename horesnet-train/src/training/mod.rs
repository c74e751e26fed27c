//! Training: loop, optimiser, schedule, loss, average of the weights.
//! The parts can be used alone.
//! Must not know files or run folders.

mod average;
mod config;
mod inplace;
pub(crate) mod loss;
mod metrics;
mod schedule;
mod sgd;
mod train;

pub use average::Average;
pub use config::TrainingConfig;
pub use loss::{Score, batch_loss, correct, cross_entropy, evaluate};
pub use metrics::{EpochMetrics, LearnedCoefficients, Progress};
pub use schedule::Schedule;
pub use sgd::{Sgd, SgdConfig};
pub use train::{test, train};

pub(crate) use loss::Tally;
pub(crate) use train::{Position, Training, test_on};
