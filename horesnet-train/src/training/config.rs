//! How to train: epochs, batches, learning rate, and what keeps the weights in bounds.

use std::fmt::Display;

use candle_core::Device;
use serde::{Deserialize, Serialize};

use crate::augment::Augmentation;
use crate::device::expect_bf16;
use crate::error::{Error, Result};
use crate::precision::Precision;
use crate::sgd::SgdConfig;

/// How to train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainingConfig {
    /// How often every training image is seen.
    pub epochs: usize,
    /// Images a step, at least 2 and at most as many as there are to train on.
    pub batch_size: usize,
    /// The peak learning rate, see [`Schedule`](crate::Schedule).
    pub learning_rate: f64,
    /// Epochs of warm-up.
    pub warmup_epochs: usize,
    /// Momentum, from 0 to below 1.
    pub momentum: f64,
    /// Whether the momentum is Nesterov's.
    pub nesterov: bool,
    /// Weight decay; norms, biases and coefficients are spared.
    pub weight_decay: f64,
    /// Weight decay of learned coefficients of blocks.
    pub coefficient_decay: f64,
    /// Gradients whose norm, taken over all weights together, is larger are scaled down to it; 0 leaves all as they are.
    pub clip_norm: f64,
    /// Label smoothing, from 0 to below 1.
    pub label_smoothing: f64,
    /// What training images go through at random.
    pub augmentation: Augmentation,
    /// How much of the average of the weights stays in each step, see [`Average`](crate::Average); 0 is no average.
    pub ema: f64,
    /// Epochs from one checkpoint to the next; the last epoch always has one.
    pub checkpoint_every: usize,
    /// The type of the numbers between layers.
    pub precision: Precision,
    /// Where all randomness comes from: initial weights, shuffling, augmentation.
    pub seed: u64,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            epochs: 10,
            batch_size: 32,
            learning_rate: 0.1,
            warmup_epochs: 1,
            momentum: 0.9,
            nesterov: true,
            weight_decay: 5e-4,
            coefficient_decay: 0.0,
            clip_norm: 0.0,
            label_smoothing: 0.1,
            augmentation: Augmentation::default(),
            ema: 0.0,
            checkpoint_every: 1,
            precision: Precision::Full,
            seed: 0,
        }
    }
}

/// What a setting must be, if it is not.
type Rule<'a> = (&'static str, bool, &'a dyn Display, &'a str);

impl TrainingConfig {
    /// Whether one can train like this; if not, which setting is wrong and what would be right.
    pub fn validate(&self) -> Result<()> {
        let finite = |value: f64| value.is_finite() && value >= 0.0;
        let below_1 = |value: f64| (0.0..1.0).contains(&value);
        let (epochs, rate) = (self.epochs, self.learning_rate);
        let warmup = format!("from 0 to the number of epochs, {epochs}");
        let not_negative = "a finite number from 0 up";
        let rules: [Rule<'_>; 11] = [
            (
                "epochs",
                (1..=100_000).contains(&epochs),
                &epochs,
                "from 1 to 100000",
            ),
            (
                "batch_size",
                (2..=65_536).contains(&self.batch_size),
                &self.batch_size,
                "from 2 to 65536; batch normalisation needs two images",
            ),
            (
                "learning_rate",
                finite(rate) && rate > 0.0,
                &rate,
                "a finite number above 0",
            ),
            (
                "momentum",
                below_1(self.momentum),
                &self.momentum,
                "from 0 to below 1",
            ),
            (
                "weight_decay",
                finite(self.weight_decay),
                &self.weight_decay,
                not_negative,
            ),
            (
                "coefficient_decay",
                finite(self.coefficient_decay),
                &self.coefficient_decay,
                not_negative,
            ),
            (
                "clip_norm",
                finite(self.clip_norm),
                &self.clip_norm,
                not_negative,
            ),
            (
                "label_smoothing",
                below_1(self.label_smoothing),
                &self.label_smoothing,
                "from 0 to below 1",
            ),
            (
                "warmup_epochs",
                self.warmup_epochs <= epochs,
                &self.warmup_epochs,
                &warmup,
            ),
            ("ema", below_1(self.ema), &self.ema, "from 0 to below 1"),
            (
                "checkpoint_every",
                (1..=100_000).contains(&self.checkpoint_every),
                &self.checkpoint_every,
                "from 1 to 100000",
            ),
        ];
        for (setting, holds, value, range) in rules {
            if !holds {
                return Err(Error::setting(setting, format!("{value} is not {range}")));
            }
        }
        self.augmentation.validate()
    }

    /// Whether `device` can train like this: not all GPUs know `bf16`.
    ///
    /// # Errors
    /// [`Error::Setting`] that says what it would take.
    pub fn suits_device(&self, device: &Device) -> Result<()> {
        match self.precision {
            Precision::Full => Ok(()),
            Precision::Bf16 => expect_bf16(device),
        }
    }

    /// Fails if a batch is larger than the training set of so many images.
    pub(crate) fn suits(&self, images: usize) -> Result<()> {
        if self.batch_size <= images {
            return Ok(());
        }
        let problem = format!(
            "{} is more than the {images} images there are to train on",
            self.batch_size
        );
        Err(Error::setting("batch_size", problem))
    }

    /// What of this is the optimiser's.
    #[must_use]
    pub fn sgd(&self) -> SgdConfig {
        SgdConfig {
            momentum: self.momentum,
            nesterov: self.nesterov,
            weight_decay: self.weight_decay,
            coefficient_decay: self.coefficient_decay,
            clip_norm: self.clip_norm,
        }
    }
}
