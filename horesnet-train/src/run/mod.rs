//! Runs on disk: folder, checkpoints, metrics, charts, reports.
//! Trains an experiment, resumes it, and evaluates its weights.
//! Must not know comparisons.

pub(crate) mod charts;
mod checkpoint;
mod classifier;
mod events;
mod experiment;
mod folder;
mod lock;
pub(crate) mod model;
pub(crate) mod page;
mod recorder;
mod report;
mod resumption;
mod summary;
mod test_images;

pub use classifier::{Classifier, Prediction};
pub use experiment::{Evaluation, resume, run, score, score_weights};
pub use folder::{RunFolder, Trained};
pub use summary::Summary;

pub(crate) use folder::COMPARISON;
