//! Experiment settings, layered from defaults, presets, files and options.
//! Settings are read once, by the types that use them; each remembers where it was written.
//! Must not know run folders.

mod config;
mod differences;
mod lines;
pub mod presets;
mod settings;

pub use config::ExperimentConfig;
pub use settings::Settings;

pub(crate) use differences::{first_difference, flatten};
