//! The training loop: epochs of shuffled batches, each epoch ending with a test.
//!
//! Everything random comes from the seed, so two runs of a configuration agree to the last bit on one machine.

use std::time::Instant;

use candle_core::Device;
use serde::{Deserialize, Serialize};

use crate::augment::Augmentation;
use crate::batches::{Batches, ahead};
use crate::data::Split;
use crate::error::{Error, Result};
use crate::loss::{self, Score, Tally, evaluate};
use crate::network::Network;
use crate::normalisation::Normalisation;
use crate::schedule::Schedule;
use crate::sgd::Sgd;
use crate::variables::Variables;

/// Batch size of tests: large, as there are no gradients to hold, and one for all runs so that they can be repeated.
const TEST_BATCH: usize = 256;

/// How to train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// How often every training image is seen.
    pub epochs: usize,
    /// Images a step, at least 2.
    pub batch_size: usize,
    /// The peak learning rate, see [`Schedule`].
    pub learning_rate: f64,
    /// Epochs of warm-up.
    pub warmup_epochs: usize,
    /// Momentum, from 0 to below 1.
    pub momentum: f64,
    /// Whether the momentum is Nesterov's.
    pub nesterov: bool,
    /// Weight decay; norms and biases are spared.
    pub weight_decay: f64,
    /// Label smoothing, from 0 to below 1.
    pub label_smoothing: f64,
    /// What training images go through at random.
    pub augmentation: Augmentation,
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
            label_smoothing: 0.1,
            augmentation: Augmentation::default(),
            seed: 0,
        }
    }
}

impl TrainingConfig {
    /// Whether one can train like this; if not, which setting is wrong and what would be right.
    pub fn validate(&self) -> Result<()> {
        let require = |setting, holds: bool, value: &dyn std::fmt::Display, range: &str| {
            if holds {
                return Ok(());
            }
            Err(Error::setting(setting, format!("{value} is not {range}")))
        };
        let (epochs, batch) = (self.epochs, self.batch_size);
        let (rate, momentum) = (self.learning_rate, self.momentum);
        let (decay, smoothing) = (self.weight_decay, self.label_smoothing);
        require(
            "epochs",
            (1..=100_000).contains(&epochs),
            &epochs,
            "from 1 to 100000",
        )?;
        require(
            "batch_size",
            (2..=65_536).contains(&batch),
            &batch,
            "from 2 to 65536; batch normalisation needs two images",
        )?;
        require(
            "learning_rate",
            rate.is_finite() && rate > 0.0,
            &rate,
            "a finite number above 0",
        )?;
        require(
            "momentum",
            (0.0..1.0).contains(&momentum),
            &momentum,
            "from 0 to below 1",
        )?;
        require(
            "weight_decay",
            decay.is_finite() && decay >= 0.0,
            &decay,
            "a finite number from 0 up",
        )?;
        require(
            "label_smoothing",
            (0.0..1.0).contains(&smoothing),
            &smoothing,
            "from 0 to below 1",
        )?;
        require(
            "warmup_epochs",
            self.warmup_epochs <= epochs,
            &self.warmup_epochs,
            &format!("from 0 to the number of epochs, {epochs}"),
        )?;
        self.augmentation.validate()
    }
}

/// One line of `metrics.jsonl`.
///
/// Losses are in nats and contain the label smoothing, so that those of training and test compare; accuracies go from
/// 0 to 1. The training figures are means over the epoch's batches as they came, while the network was learning.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochMetrics {
    /// Counted from 1.
    pub epoch: usize,
    /// The learning rate of the epoch's last step.
    pub lr: f64,
    /// Mean training loss.
    pub train_loss: f64,
    /// Share of training images classified right.
    pub train_accuracy: f64,
    /// Mean test loss.
    pub test_loss: f64,
    /// Share of test images classified right.
    pub test_accuracy: f64,
    /// Wall-clock time of the epoch, the test included.
    pub seconds: f64,
}

/// Who wants to know how training goes. All methods do nothing unless written.
pub trait Progress {
    /// Training begins.
    fn start(&mut self, epochs: usize, batches: usize) {
        let _ = (epochs, batches);
    }

    /// A batch is done; both numbers count from 1.
    fn batch(&mut self, epoch: usize, batch: usize, loss: f64) {
        let _ = (epoch, batch, loss);
    }

    /// An epoch and its test are done.
    fn epoch(&mut self, metrics: &EpochMetrics) {
        let _ = metrics;
    }

    /// Training has ended, well or not.
    fn end(&mut self) {}
}

/// Nobody.
impl Progress for () {}

/// Trains `network`, whose weights are in `variables`; `after_epoch` is called with the metrics of each epoch and may
/// end training with an error.
///
/// Fails with [`Error::Setting`] on a configuration that cannot be used, and with [`Error::Diverged`] as soon as the loss
/// of a batch, or after an epoch a weight or the test loss, is not a finite number; `after_epoch` is not called for that
/// epoch.
pub fn train(
    network: &dyn Network,
    variables: &Variables,
    split: &Split,
    config: &TrainingConfig,
    progress: &mut dyn Progress,
    mut after_epoch: impl FnMut(&EpochMetrics) -> Result<()>,
) -> Result<Vec<EpochMetrics>> {
    config.validate()?;
    let device = Device::Cpu;
    let normalisation = Normalisation::of(&split.train);
    let batches = Batches::new(&split.train, &normalisation, config.batch_size, &device);
    let steps = batches.len() * config.epochs;
    let mut pass = Pass {
        network,
        variables,
        batches: &batches,
        config,
        schedule: Schedule::new(
            config.learning_rate,
            batches.len() * config.warmup_epochs,
            steps,
        ),
        sgd: Sgd::new(
            variables.trained().into_iter().map(|(_, var)| var),
            config.momentum,
            config.nesterov,
            config.weight_decay,
        ),
        step: 0,
    };
    progress.start(config.epochs, batches.len());
    let history = (1..=config.epochs)
        .map(|epoch| {
            let metrics = pass.epoch(epoch, split, progress)?;
            after_epoch(&metrics)?;
            progress.epoch(&metrics);
            Ok(metrics)
        })
        .collect();
    progress.end();
    history
}

/// The score of `network` on the test images of `split`, which are normalised as its training images are.
pub fn test(network: &dyn Network, split: &Split, label_smoothing: f64) -> Result<Score> {
    let device = Device::Cpu;
    let normalisation = Normalisation::of(&split.train);
    let batches = Batches::new(&split.test, &normalisation, TEST_BATCH, &device);
    Ok(evaluate(network, &batches, label_smoothing)?)
}

/// What one epoch hands to the next.
struct Pass<'a> {
    network: &'a dyn Network,
    variables: &'a Variables,
    batches: &'a Batches<'a>,
    config: &'a TrainingConfig,
    schedule: Schedule,
    sgd: Sgd,
    step: usize,
}

impl Pass<'_> {
    /// One epoch and its test.
    fn epoch(
        &mut self,
        epoch: usize,
        split: &Split,
        progress: &mut dyn Progress,
    ) -> Result<EpochMetrics> {
        let start = Instant::now();
        let train = self.learn(epoch, progress)?;
        let diverged = |found| Err(Error::Diverged { epoch, found });
        // The losses so far were of the weights before each step: the last step has not been looked at.
        if let Some(name) = self.variables.not_finite()? {
            return diverged(format!("`{name}` is no longer finite"));
        }
        let test = test(self.network, split, self.config.label_smoothing)?;
        if !test.loss.is_finite() {
            return diverged(format!("the test loss is {}", test.loss));
        }
        Ok(EpochMetrics {
            epoch,
            lr: self.schedule.rate(self.step.saturating_sub(1)),
            train_loss: train.loss,
            train_accuracy: train.accuracy,
            test_loss: test.loss,
            test_accuracy: test.accuracy,
            seconds: start.elapsed().as_secs_f64(),
        })
    }

    /// Every training image once.
    fn learn(&mut self, epoch: usize, progress: &mut dyn Progress) -> Result<Score> {
        let mut tally = Tally::default();
        let mut done = 0;
        let config = self.config;
        let shuffled = self
            .batches
            .shuffled(&config.augmentation, config.seed, epoch)?;
        ahead(shuffled, |batch| {
            done += 1;
            let passed = self.step as f64 / self.batches.len() as f64;
            self.network
                .moment()
                .set(self.config.seed, self.step, passed);
            let logits = self.network.forward_t(&batch.images, true)?;
            let loss = loss::batch_loss(&logits, &batch, self.config.label_smoothing)?;
            let value = loss::value(&loss)?;
            if !value.is_finite() {
                let batches = self.batches.len();
                let found = format!("the loss of batch {done} of {batches} is {value}");
                return Err(Error::Diverged { epoch, found });
            }
            let rate = self.schedule.rate(self.step);
            self.sgd.step(&horesnet::backward(&loss)?, rate)?;
            self.step += 1;
            let correct = loss::correct(&logits, &batch.labels)?;
            tally.add(batch.labels.elem_count(), value, correct);
            progress.batch(epoch, done, value);
            Ok(())
        })?;
        Ok(tally.score())
    }
}
