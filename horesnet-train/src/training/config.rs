//! Settings of a training: epochs, batches, learning rate, regularisation.

use candle_core::Device;

use crate::augment::Augmentation;
use crate::config::config;
use crate::device::expect_bf16;
use crate::error::Result;
use crate::limits::{below_one, ensure, not_negative, require, within};
use crate::precision::Precision;
use crate::recompute::Recompute;
use crate::training::parts::Division;
use crate::training::{AdamWConfig, OptimiserKind, SgdConfig};

config! {
    /// The settings of a training.
    pub struct TrainingConfig {
        /// Passes over the training images.
        pub epochs: usize = 10,
        /// Images a step, from 2 to the number of training images.
        pub batch_size: usize = 32,
        /// Parts that a batch is divided into, a power of two up to 4096. Threads and processes share them, and results depend on
        /// their number, but not on that of threads or processes.
        pub parts: usize = 1,
        /// Micro-batches that a batch is computed in, one after the other, to save memory; a power of two, at most the number
        /// of parts.
        pub accumulate: usize = 1,
        /// What a step computes again in the backward pass, to keep less memory until then; results are the same to the bit.
        pub recompute: Recompute = Recompute::None,
        /// Batch norm has the statistics of all parts of a batch; if false, each part has its own (ghost batch norm, Hoffer et
        /// al., arXiv 1705.08741), and the running statistics are those of the first part.
        pub norm_sync: bool = true,
        /// The optimiser.
        pub optimiser: OptimiserKind = OptimiserKind::Sgd,
        /// The peak learning rate, see [`Schedule`](crate::Schedule).
        pub learning_rate: f64 = 0.1,
        /// Epochs of warm-up.
        pub warmup_epochs: usize = 1,
        /// Momentum of SGD, from 0 to below 1.
        pub momentum: f64 = 0.9,
        /// Uses Nesterov's momentum in SGD.
        pub nesterov: bool = true,
        /// Decay of AdamW's first moment, from 0 to below 1.
        pub beta1: f64 = 0.9,
        /// Decay of AdamW's second moment, from 0 to below 1.
        pub beta2: f64 = 0.999,
        /// Weight decay of matrices and kernels; norms, biases and coefficients have none.
        pub weight_decay: f64 = 5e-4,
        /// Weight decay of the learned coefficients of blocks.
        pub coefficient_decay: f64 = 0.0,
        /// Largest norm of the gradient of all weights together, to which it is scaled down; 0 does not clip.
        pub clip_norm: f64 = 0.0,
        /// Label smoothing, from 0 to below 1.
        pub label_smoothing: f64 = 0.1,
        /// Random changes of training images.
        pub augmentation: Augmentation = Augmentation::default(),
        /// Decay of the average of the weights, see [`Average`](crate::Average); 0 is no average.
        pub ema: f64 = 0.0,
        /// The share of training images that a [run](crate::run) holds out for validation, from 0 to below 1, see [`Split::hold_out`](crate::data::Split::hold_out);
        /// ignored if the data set has validation images.
        pub validation: f64 = 0.0,
        /// Stops training after this many epochs without a lower validation loss; 0 never does.
        pub patience: usize = 0,
        /// Epochs from one checkpoint to the next; the best epochs and the last one always have one.
        pub checkpoint_every: usize = 1,
        /// The dtype between layers.
        pub precision: Precision = Precision::Full,
        /// The seed of all randomness: initial weights, shuffling, augmentation, dropout.
        pub seed: u64 = 0,
    }
}

impl TrainingConfig {
    /// Fails with [`Error::Setting`](crate::Error::Setting) on a value out of range.
    pub fn validate(&self) -> Result<()> {
        within("epochs", self.epochs, 1..=100_000)?;
        let reason = "from 2 to 65536; batch normalisation needs two images";
        let holds = (2..=65_536).contains(&self.batch_size);
        require("batch_size", holds, self.batch_size, reason)?;
        let holds = (1..=4096).contains(&self.parts) && self.parts.is_power_of_two();
        require("parts", holds, self.parts, "a power of two from 1 to 4096")?;
        let holds = (1..=4096).contains(&self.accumulate) && self.accumulate.is_power_of_two();
        require(
            "accumulate",
            holds,
            self.accumulate,
            "a power of two from 1 to 4096",
        )?;
        Division::new(self, 1)?;
        let budget = match self.recompute {
            Recompute::Budget(mib) => mib,
            _ => 1,
        };
        let expected = "a budget of 1 MiB or more";
        require("recompute", budget > 0, self.recompute, expected)?;
        let rate = self.learning_rate;
        let holds = rate.is_finite() && rate > 0.0;
        require("learning_rate", holds, rate, "a finite number above 0")?;
        below_one("momentum", self.momentum)?;
        below_one("beta1", self.beta1)?;
        below_one("beta2", self.beta2)?;
        not_negative("weight_decay", self.weight_decay)?;
        not_negative("coefficient_decay", self.coefficient_decay)?;
        not_negative("clip_norm", self.clip_norm)?;
        below_one("label_smoothing", self.label_smoothing)?;
        let expected = format!("from 0 to the number of epochs, {}", self.epochs);
        let holds = self.warmup_epochs <= self.epochs;
        require("warmup_epochs", holds, self.warmup_epochs, expected)?;
        below_one("ema", self.ema)?;
        below_one("validation", self.validation)?;
        within("checkpoint_every", self.checkpoint_every, 1..=100_000)?;
        self.augmentation.validate()
    }

    /// Fails with [`Error::Setting`](crate::Error::Setting) on a GPU without `bf16` if the precision asks for it.
    pub fn expect_device(&self, device: &Device) -> Result<()> {
        match self.precision {
            Precision::Full => Ok(()),
            Precision::Bf16 => expect_bf16(device),
        }
    }

    /// Fails with [`Error::Setting`](crate::Error::Setting) if so many processes cannot share a batch.
    pub(crate) fn expect_processes(&self, processes: usize) -> Result<()> {
        Division::new(self, processes).map(|_| ())
    }

    /// Fails with [`Error::Setting`](crate::Error::Setting) if a batch is larger than the training set, or if there are no
    /// validation images to stop by; takes the numbers of images.
    pub(crate) fn expect_images(&self, [images, validation]: [usize; 2]) -> Result<()> {
        let size = self.batch_size;
        ensure("batch_size", size <= images, || {
            format!("expected at most the {images} training images, found {size}")
        })?;
        let holds = self.patience == 0 || validation > 0;
        ensure("patience", holds, || {
            "there are no validation images to stop by; set `validation`, such as 0.1".to_owned()
        })
    }

    /// Returns the settings of AdamW.
    #[must_use]
    pub fn adamw(&self) -> AdamWConfig {
        AdamWConfig {
            learning_rate: self.learning_rate,
            beta1: self.beta1,
            beta2: self.beta2,
            weight_decay: self.weight_decay,
            coefficient_decay: self.coefficient_decay,
            clip_norm: self.clip_norm,
            ..AdamWConfig::default()
        }
    }

    /// Returns the settings of SGD.
    #[must_use]
    pub fn sgd(&self) -> SgdConfig {
        SgdConfig {
            learning_rate: self.learning_rate,
            momentum: self.momentum,
            nesterov: self.nesterov,
            weight_decay: self.weight_decay,
            coefficient_decay: self.coefficient_decay,
            clip_norm: self.clip_norm,
        }
    }
}
