//! Networks of higher-order residual blocks, data sets, training, checkpoints and reports.
//!
//! [`HoResNet`] is the network, [`run`] trains one as an [`ExperimentConfig`] says and leaves everything in a
//! [`RunFolder`], [`score`] tests it again from there. The parts can be used alone: [`Sgd`], [`Schedule`],
//! [`Batches`], [`cross_entropy`].
//!
//! Each stage of a block has weights of its own, as in HO-ResNet. The order of the scheme is then a guide to the design
//! of the network and not a property of the trained network.
//!
//! The bundled digits are *Optical Recognition of Handwritten Digits* by E. Alpaydin and C. Kaynak, UCI Machine
//! Learning Repository (1998), <https://doi.org/10.24432/C50P49>, CC BY 4.0.

mod attack;
mod augment;
mod batches;
mod charts;
mod checkpoint;
mod coefficients;
pub mod complexity;
pub mod data;
mod error;
mod experiment;
mod folder;
mod layers;
mod loss;
mod moment;
mod nesting;
mod network;
mod normalisation;
mod outline;
mod residual;
mod schedule;
pub mod schemes;
mod sgd;
mod stage;
mod storage;
mod training;
mod variables;

pub use attack::{Attack, PixelRange};
pub use augment::{Augmentation, RandAugment};
pub use batches::{Batch, Batches, Mixed};
pub use coefficients::Coefficients;
pub use error::{Error, Result};
pub use experiment::{Evaluation, ExperimentConfig, Summary, run, score};
pub use folder::{RunFolder, Trained};
pub use loss::{Score, batch_loss, correct, cross_entropy, evaluate};
pub use moment::Moment;
pub use nesting::{Nesting, Place};
pub use network::{Describe, HoResNet, HoResNetConfig, Network, NetworkConfig, Vit, VitConfig};
pub use normalisation::Normalisation;
pub use residual::ResidualFunction;
pub use schedule::Schedule;
pub use sgd::Sgd;
pub use stage::{DynBlock, StageFunction};
pub use training::{EpochMetrics, Progress, TrainingConfig, test, train};
pub use variables::Variables;
