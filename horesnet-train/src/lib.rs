//! Networks of higher-order residual blocks, data sets, training, checkpoints and reports.
//!
//! [`HoResNet`] is the network, [`run`] trains one as an [`ExperimentConfig`] says and leaves everything in a
//! [`RunFolder`], [`score`] tests it again from there. The parts can be used alone: [`Sgd`], [`Average`],
//! [`Schedule`], [`Batches`], [`cross_entropy`].
//!
//! Each stage of a block has weights of its own, as in HO-ResNet. The order of the scheme is then a guide to the design
//! of the network and not a property of the trained network.
//!
//! The bundled digits are *Optical Recognition of Handwritten Digits* by E. Alpaydin and C. Kaynak, UCI Machine
//! Learning Repository (1998), <https://doi.org/10.24432/C50P49>, CC BY 4.0.

mod attack;
mod augment;
mod average;
mod batches;
mod chance;
mod charts;
mod checkpoint;
mod choice;
mod coefficients;
mod comparison;
pub mod complexity;
pub mod data;
mod device;
mod differences;
#[doc(hidden)]
pub mod drawing;
mod error;
mod events;
mod experiment;
mod folder;
mod layer;
mod layers;
mod loss;
mod model;
mod moment;
mod nesting;
mod network;
mod normalisation;
mod outline;
mod page;
mod precision;
pub mod presets;
mod recorder;
mod report;
mod residual;
mod robustness;
mod schedule;
pub mod schemes;
mod settings;
mod sgd;
mod stage;
mod storage;
mod tensors;
mod training;
mod variables;
mod weights;

pub use candle_core::Device;
pub use horesnet::gpu;

pub use attack::{Attack, PixelRange};
pub use augment::{Augmentation, RandAugment};
pub use average::Average;
pub use batches::{Batch, Batches, Mixed};
pub use coefficients::{Coefficients, DynCoefficients};
pub use comparison::{
    ComparisonConfig, ComparisonRow, Statistic, compare, table as comparison_table,
};
pub use device::Processor;
pub use error::{Error, Result};
pub use experiment::{Evaluation, ExperimentConfig, Summary, resume, run, score, score_weights};
pub use folder::{RunFolder, Trained};
pub use layer::{BlockLayer, Surroundings};
pub use layers::{Activation, Norm, Style};
pub use loss::{Score, batch_loss, correct, cross_entropy, evaluate};
pub use moment::Moment;
pub use nesting::{Nesting, Place};
pub use network::{
    CfResNet, CfResNetConfig, Describe, Functions, HoResNet, HoResNetConfig, Network,
    NetworkConfig, Shape, Stem, Transition, Vit, VitConfig,
};
pub use normalisation::Normalisation;
pub use precision::Precision;
pub use residual::{Residual, ResidualConfig, ResidualFunction};
pub use robustness::robustness;
pub use schedule::Schedule;
pub use settings::Settings;
pub use sgd::{Sgd, SgdConfig};
pub use stage::{DynBlock, StageFunction};
pub use training::{EpochMetrics, LearnedCoefficients, Progress, TrainingConfig, test, train};
pub use variables::Variables;
pub use weights::{load_weights, save_weights};

/// The pages whose examples are of this crate.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../docs/networks.md")]
    struct Networks;
    #[doc = include_str!("../../docs/weights.md")]
    struct Weights;
}
