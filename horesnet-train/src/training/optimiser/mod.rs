//! Optimisers: SGD with momentum, and AdamW.
//!
//! Norm scales, norm shifts and biases (rank 1 or 0) have no weight decay: pulling them to 0 regularises nothing. Learned
//! coefficients have a decay of their own.

mod adamw;
mod inplace;
mod parameters;
mod sgd;

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor, Var};
use candle_nn::Optimizer;

pub use adamw::{AdamW, AdamWConfig};
pub use sgd::{Sgd, SgdConfig};

pub(crate) use inplace::{Real, Update, is_fused, update};
pub(crate) use parameters::is_coefficient;

use super::TrainingConfig;
use crate::choice::choice;

choice! {
    /// The optimiser of a training.
    ///
    /// Convolutional networks with batch norm generalise best with [`Sgd`]; Transformers train with [`AdamW`].
    ///
    /// ```
    /// use horesnet_train::OptimiserKind;
    ///
    /// assert_eq!("adamw".parse::<OptimiserKind>()?, OptimiserKind::AdamW);
    /// # Ok::<(), horesnet_train::Error>(())
    /// ```
    OptimiserKind, "optimiser" {
        /// [`Sgd`].
        #[default]
        Sgd = "sgd",
        /// [`AdamW`].
        AdamW = "adamw",
    }
}

impl OptimiserKind {
    /// The learning rate and weight decay that suit most networks.
    pub(crate) fn defaults(self) -> [f64; 2] {
        match self {
            Self::Sgd => [0.1, 5e-4],
            Self::AdamW => [1e-3, 0.05],
        }
    }

    /// The prefixes of the names of its moments in a checkpoint.
    pub(crate) fn moments(self) -> &'static [&'static str] {
        match self {
            Self::Sgd => &sgd::MOMENTS,
            Self::AdamW => &adamw::MOMENTS,
        }
    }
}

/// The optimiser of a training, whose state a checkpoint holds.
pub(crate) enum Optimiser {
    Sgd(Sgd),
    AdamW(AdamW),
}

impl Optimiser {
    pub(crate) fn new(vars: Vec<(String, Var)>, config: &TrainingConfig) -> Result<Self> {
        Ok(match config.optimiser {
            OptimiserKind::Sgd => Self::Sgd(Sgd::named(vars, config.sgd())?),
            OptimiserKind::AdamW => Self::AdamW(AdamW::named(vars, config.adamw())?),
        })
    }

    /// Takes a step along gradients.
    pub(crate) fn step(&mut self, gradients: &GradStore, rate: f64) -> Result<()> {
        match self {
            Self::Sgd(sgd) => {
                sgd.set_learning_rate(rate);
                sgd.step(gradients)
            }
            Self::AdamW(adamw) => {
                adamw.set_learning_rate(rate);
                adamw.step(gradients)
            }
        }
    }

    /// Returns the moments of all variables, by name.
    pub(crate) fn moments(&self) -> Result<Vec<(String, Tensor)>> {
        match self {
            Self::Sgd(sgd) => sgd.parameters.moments(sgd::MOMENTS),
            Self::AdamW(adamw) => adamw.parameters.moments(adamw::MOMENTS),
        }
    }

    /// Restores the moment `name`; returns false if that is the name of none.
    pub(crate) fn restore(&mut self, name: &str, value: &Tensor) -> Result<bool> {
        match self {
            Self::Sgd(sgd) => sgd.parameters.restore(sgd::MOMENTS, name, value),
            Self::AdamW(adamw) => adamw.parameters.restore(adamw::MOMENTS, name, value),
        }
    }

    /// Sets the number of steps taken.
    pub(crate) fn set_steps(&mut self, steps: usize) {
        if let Self::AdamW(adamw) = self {
            adamw.steps = steps;
        }
    }
}
