//! The evaluation of a classifier on labelled images: predictions, and figures and pictures of them.
//! Must not know training loops or where a run is stored.

mod calibration;
mod classes;
mod page;
mod pictures;
mod predictions;

pub use calibration::{Calibration, CalibrationBin};
pub use classes::{ClassScore, ConfusionMatrix};
pub use predictions::Predictions;

pub(crate) use page::sections;
pub(crate) use predictions::evaluate;
