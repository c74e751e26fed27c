//! Networks of higher-order residual blocks, data sets, training, checkpoints and reports.
//!
//! [`HoResNet`] is the network; [`run`] trains one with an [`ExperimentConfig`] and saves the results in a [`RunFolder`];
//! [`score`] tests it from there, [`Classifier`] classifies images with it, and [`export`] writes it for other programs. The
//! parts can be used alone: [`Sgd`], [`AdamW`], [`Average`], [`Schedule`], [`Batches`], [`cross_entropy`].
//!
//! Each stage of a block has its own weights, as in HO-ResNet, so the order of the scheme guides the design of the network
//! but is not a property of the trained network.
//!
//! The bundled digits are *Optical Recognition of Handwritten Digits* by E. Alpaydin and C. Kaynak, UCI Machine
//! Learning Repository (1998), <https://doi.org/10.24432/C50P49>, CC BY 4.0.

mod augment;
#[doc(hidden)]
pub mod benchmark;
mod choice;
pub mod cluster;
mod comparison;
mod config;
pub mod data;
mod device;
#[doc(hidden)]
pub mod drawing;
mod error;
mod evaluation;
mod experiment;
pub mod export;
mod files;
mod limits;
mod network;
mod precision;
mod random;
mod recompute;
mod robustness;
mod run;
mod state;
mod training;

pub use candle_core::Device;
pub use horesnet::gpu;

pub use augment::{Augmentation, RandAugment};
pub use comparison::{
    ComparisonConfig, ComparisonRow, PairedDifference, Statistic, compare, compare_together,
    differences, table as comparison_table,
};
pub use data::{Batch, Batches, Image, ImageSize, Mixed, ModelInfo, Normalisation};
pub use device::Processor;
pub use error::{Error, Result};
pub use evaluation::{Calibration, CalibrationBin, ClassScore, ConfusionMatrix, Predictions};
pub use experiment::{ExperimentConfig, Settings, presets};
pub use files::Versioned;
#[doc(hidden)]
pub use files::{csv, path};
pub use network::coefficients::{BlockCoefficients, DynCoefficients};
pub use network::cost as complexity;
pub use network::nesting::{Nesting, StagePosition};
pub use network::parts::block_layer::{BlockLayer, BlockOptions};
pub use network::parts::layers::{Activation, Norm, Style};
pub use network::parts::residual::{Residual, ResidualConfig, ResidualFunction};
pub use network::parts::spec;
pub use network::parts::stage::{DynBlock, StageFunction};
pub use network::schemes;
pub use network::variables::Variables;
pub use network::weights::{load_weights, save_weights};
pub use network::{
    CfResNet, CfResNetConfig, Describe, Functions, HoResNet, HoResNetConfig, Input, Layer, Layers,
    Network, NetworkConfig, SequentialNetwork, Shape, Stem, Tableaux, Transition, Vit, VitConfig,
    scheme_name,
};
pub use precision::Precision;
pub use recompute::Recompute;
pub use robustness::{Attack, PixelRange, robustness};
pub use run::{
    Classifier, Evaluation, Prediction, RunFolder, Summary, TestResult, Trained, expect_together,
    resume, resume_on, run, run_on, run_together, score, score_weights,
};
pub use state::TrainState;
pub use training::{
    AdamW, AdamWConfig, Average, EpochMetrics, LearnedCoefficients, OptimiserKind, Progress,
    Schedule, Score, Sgd, SgdConfig, TrainingConfig, batch_loss, correct, cross_entropy, evaluate,
    test, train,
};
