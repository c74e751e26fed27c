//! The training loop: epochs of shuffled batches, each epoch ending with a test.
//!
//! Everything random comes from the seed, the epoch and the step, so two runs of a configuration agree to the last bit on
//! one machine, whether or not one of them was stopped and taken up again.

mod config;
mod metrics;

use std::time::Instant;

use candle_core::{Tensor, Var};

pub use config::TrainingConfig;
pub use metrics::{EpochMetrics, LearnedCoefficients, Progress};

use crate::average::Average;
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

/// Trains `network`, whose weights are in `variables`; `after_epoch` is called with the metrics of each epoch and may
/// end training with an error.
///
/// With an average of the weights, `after_epoch` finds the average in `variables`, and there it is in the end.
///
/// Fails with [`Error::Setting`] on a configuration that cannot be used, with [`Error::Interrupted`] if `progress` stops
/// it, and with [`Error::Diverged`] as soon as the loss of a batch, or after an epoch a weight or the test loss, is not a
/// finite number; `after_epoch` is not called for that epoch.
pub fn train(
    network: &dyn Network,
    variables: &Variables,
    split: &Split,
    config: &TrainingConfig,
    progress: &mut dyn Progress,
    mut after_epoch: impl FnMut(&EpochMetrics) -> Result<()>,
) -> Result<Vec<EpochMetrics>> {
    let mut training = Training::new(network, variables, split, config)?;
    let history = training.run(progress, |training, metrics| {
        training.averaged(|_| after_epoch(metrics))
    })?;
    training.swap()?;
    Ok(history)
}

/// The score of `network` on the test images of `split`, which are normalised as its training images are.
pub fn test(network: &dyn Network, split: &Split, label_smoothing: f64) -> Result<Score> {
    let normalisation = Normalisation::of(&split.train);
    let batches = Batches::new(&split.test, &normalisation, TEST_BATCH, network.device());
    Ok(evaluate(network, &batches, label_smoothing)?)
}

/// Where a training stands between two steps.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Position {
    /// Epochs that are over, their test included.
    pub(crate) epochs: usize,
    /// Batches done in the epoch after those.
    pub(crate) batches: usize,
    /// Steps over all epochs.
    pub(crate) step: usize,
    /// What the batches done in this epoch came to.
    pub(crate) tally: Tally,
}

/// A training under way: what is trained, and what one step hands to the next.
pub(crate) struct Training<'a> {
    network: &'a dyn Network,
    variables: &'a Variables,
    split: &'a Split,
    config: &'a TrainingConfig,
    normalisation: Normalisation,
    schedule: Schedule,
    pub(crate) sgd: Sgd,
    pub(crate) average: Option<Average>,
    pub(crate) position: Position,
}

impl<'a> Training<'a> {
    /// A training that has not begun.
    ///
    /// Fails with [`Error::Setting`] on a configuration that cannot be used.
    pub(crate) fn new(
        network: &'a dyn Network,
        variables: &'a Variables,
        split: &'a Split,
        config: &'a TrainingConfig,
    ) -> Result<Self> {
        config.validate()?;
        config.suits(split.train.len())?;
        config.suits_device(network.device())?;
        network.moment().set_precision(config.precision);
        let average = if config.ema > 0.0 {
            Some(Average::new(variables.all(), config.ema)?)
        } else {
            None
        };
        let mut training = Self {
            network,
            variables,
            split,
            config,
            normalisation: Normalisation::of(&split.train),
            schedule: Schedule::new(config.learning_rate, 0, 0),
            sgd: Sgd::new(variables.trained(), config.sgd()),
            average,
            position: Position::default(),
        };
        let batches = training.batches().len();
        training.schedule = Schedule::new(
            config.learning_rate,
            batches * config.warmup_epochs,
            batches * config.epochs,
        );
        Ok(training)
    }

    /// All epochs that are left, with `after_epoch` after each.
    pub(crate) fn run(
        &mut self,
        progress: &mut dyn Progress,
        mut after_epoch: impl FnMut(&mut Self, &EpochMetrics) -> Result<()>,
    ) -> Result<Vec<EpochMetrics>> {
        progress.start(self.config.epochs, self.batches().len());
        if self.position != Position::default() {
            progress.resume(self.position.epochs, self.position.batches);
        }
        let history = (self.position.epochs..self.config.epochs)
            .map(|_| {
                let metrics = self.epoch(progress)?;
                after_epoch(self, &metrics)?;
                progress.epoch(&metrics);
                Ok(metrics)
            })
            .collect();
        progress.end();
        history
    }

    /// Calls `act` while the variables hold the average of the weights, where there is one.
    pub(crate) fn averaged<T>(&mut self, act: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.swap()?;
        let done = act(self);
        self.swap()?;
        done
    }

    /// What is tested and kept, by name: the average of the weights where there is one, or the weights.
    pub(crate) fn model(&self) -> Vec<(String, Tensor)> {
        match &self.average {
            Some(average) => {
                let tensors = average.tensors();
                tensors
                    .map(|(name, tensor)| (name.to_owned(), tensor.clone()))
                    .collect()
            }
            None => plain(self.variables.all()),
        }
    }

    /// The weights themselves and the running statistics, by name.
    pub(crate) fn weights(&self) -> Vec<(String, Var)> {
        self.variables.all()
    }

    fn batches(&self) -> Batches<'_> {
        batches(self.network, self.split, &self.normalisation, self.config)
    }

    fn swap(&mut self) -> Result<()> {
        match &mut self.average {
            Some(average) => Ok(average.swap()?),
            None => Ok(()),
        }
    }

    /// The rest of one epoch, and its test.
    fn epoch(&mut self, progress: &mut dyn Progress) -> Result<EpochMetrics> {
        let start = Instant::now();
        let epoch = self.position.epochs + 1;
        self.learn(epoch, progress)?;
        let diverged = |found| Err(Error::Diverged { epoch, found });
        // The losses so far were of the weights before each step: the last step has not been looked at.
        if let Some(name) = self.variables.not_finite()? {
            return diverged(format!("`{name}` is no longer finite"));
        }
        let moment = self.network.moment();
        moment.set(self.config.seed, self.position.step, epoch as f64);
        let (test, coefficients) = self.averaged(|this| {
            let test = test(this.network, this.split, this.config.label_smoothing)?;
            Ok((test, metrics::learned(this.network, this.variables)?))
        })?;
        if !test.loss.is_finite() {
            return diverged(format!("the test loss is {}", test.loss));
        }
        let train = self.position.tally.score();
        self.position = Position {
            epochs: epoch,
            step: self.position.step,
            ..Position::default()
        };
        Ok(EpochMetrics {
            epoch,
            lr: self.schedule.rate(self.position.step.saturating_sub(1)),
            train_loss: train.loss,
            train_accuracy: train.accuracy,
            test_loss: test.loss,
            test_accuracy: test.accuracy,
            coefficients,
            seconds: start.elapsed().as_secs_f64(),
        })
    }

    /// Every training image once that has not been seen in this epoch.
    fn learn(&mut self, epoch: usize, progress: &mut dyn Progress) -> Result<()> {
        let config = self.config;
        // A copy, as what follows changes the rest.
        let normalisation = self.normalisation.clone();
        let batches = batches(self.network, self.split, &normalisation, config);
        let count = batches.len();
        let drawn = batches.drawn_shuffled(&config.augmentation, config.seed, epoch)?;
        let rest = drawn.skip(self.position.batches);
        ahead(self.network.device(), rest, |batch| {
            let Position { step, batches, .. } = self.position;
            let passed = step as f64 / count as f64;
            self.network.moment().set(config.seed, step, passed);
            let logits = self.network.forward_t(&batch.images, true)?;
            let loss = loss::batch_loss(&logits, &batch, config.label_smoothing)?;
            let value = loss::value(&loss)?;
            let done = batches + 1;
            if !value.is_finite() {
                let found = format!("the loss of batch {done} of {count} is {value}");
                return Err(Error::Diverged { epoch, found });
            }
            let rate = self.schedule.rate(step);
            self.sgd.step(&horesnet::backward(&loss)?, rate)?;
            if let Some(average) = &mut self.average {
                average.update(step)?;
            }
            let correct = loss::correct(&logits, &batch.labels)?;
            self.position.step += 1;
            self.position.batches = done;
            let tally = &mut self.position.tally;
            tally.add(batch.labels.elem_count(), value, correct);
            progress.batch(epoch, done, value);
            if progress.stops() {
                return Err(Error::Interrupted { epoch, batch: done });
            }
            Ok(())
        })
    }
}

fn batches<'a>(
    network: &'a dyn Network,
    split: &'a Split,
    normalisation: &'a Normalisation,
    config: &TrainingConfig,
) -> Batches<'a> {
    let size = config.batch_size;
    Batches::new(&split.train, normalisation, size, network.device())
}

fn plain(vars: Vec<(String, Var)>) -> Vec<(String, Tensor)> {
    let tensors = vars.into_iter();
    tensors
        .map(|(name, var)| (name, var.into_inner()))
        .collect()
}
