//! Experiments: their settings, put together from presets, files and options.
//!
//! Knows data, networks and training, but no run folders.

mod config;
mod differences;
pub mod presets;
mod settings;

pub use config::ExperimentConfig;
pub use settings::Settings;

pub(crate) use differences::{first_difference, flatten};
