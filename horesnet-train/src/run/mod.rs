//! Runs on disk: folder, checkpoints, metrics, charts, reports.
//! Trains an experiment, resumes it, and evaluates its weights.
//! Must not know comparisons.

pub(crate) mod charts;
mod checkpoint;
mod classifier;
mod evaluation;
mod events;
mod experiment;
mod folder;
mod learned_members;
mod lock;
pub(crate) mod model;
mod own_schemes;
mod recorder;
mod report;
mod resumption;
mod state;
mod summary;
mod test_images;
mod test_result;
mod trained;

pub use classifier::{Classifier, Prediction};
pub use evaluation::{Evaluation, score, score_weights};
pub use experiment::{expect_together, resume, resume_on, run, run_on, run_together};
pub use folder::RunFolder;
pub use summary::Summary;
pub use test_result::TestResult;
pub use trained::Trained;

pub(crate) use folder::COMPARISON;
