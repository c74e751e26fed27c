//! The training loop: epochs of shuffled batches, each ending with a score on the validation images, or without them on the
//! test images.
//!
//! All random numbers depend on seed, epoch and step alone, so two runs of a configuration are bit-identical on one machine,
//! whether or not one of them was stopped and resumed.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Instant;

use candle_core::Tensor;

use super::metrics::{self, EpochMetrics, Progress};
use crate::cluster::{Alone, Communicator};
use crate::data::{Batch, Batches, Dataset, Normalisation, Split, prefetch};
use crate::error::{Error, Result};
use crate::network::Network;
use crate::network::variables::Variables;
use crate::training::loss::{self, evaluate_together};
use crate::training::parts::{Division, GradientOrder, PartsPass, Workers};
use crate::training::{Average, Optimiser, Schedule, Score, Tally, TrainingConfig};

/// Batch size of tests: large, because there are no gradients, and fixed, so that tests are reproducible.
pub(crate) const TEST_BATCH: usize = 256;

/// Trains `network`, whose weights are in `variables`, and calls `after_epoch` with the metrics of each epoch; its error ends
/// training.
///
/// If the weights are averaged, `variables` hold the average in `after_epoch` and at the end. With validation images, epochs
/// are scored on them, and the test images are not touched: [`test`](fn@test) the network once you have chosen it.
///
/// Fails with [`Error::Setting`] on an invalid configuration, with [`Error::Interrupted`] if `progress` stops it, and with
/// [`Error::Diverged`] as soon as the loss of a batch, a weight after an epoch, or the score of an epoch is not finite; `after_epoch`
/// is not called for that epoch.
pub fn train(
    network: &dyn Network,
    variables: &Variables,
    split: &Split,
    config: &TrainingConfig,
    progress: &mut dyn Progress,
    mut after_epoch: impl FnMut(&EpochMetrics) -> Result<()>,
) -> Result<Vec<EpochMetrics>> {
    let normalisation = Normalisation::of(&split.train);
    let mut training = Training::new(network, variables, split, normalisation, config, &Alone)?;
    let history = training.run(progress, |training, metrics| {
        training.averaged(|_| after_epoch(metrics))
    })?;
    training.swap()?;
    Ok(history)
}

/// Scores `network` on the test images of `split`, normalised like its training images.
pub fn test(network: &dyn Network, split: &Split, label_smoothing: f64) -> Result<Score> {
    let normalisation = Normalisation::of(&split.train);
    test_on(
        network,
        &split.test,
        &normalisation,
        label_smoothing,
        &Alone,
    )
}

/// Scores `network` on `images`, whose batches the processes share.
fn test_on(
    network: &dyn Network,
    images: &Dataset,
    normalisation: &Normalisation,
    label_smoothing: f64,
    cluster: &dyn Communicator,
) -> Result<Score> {
    let batches = Batches::new(images, normalisation, TEST_BATCH, network.device());
    Ok(evaluate_together(
        network,
        &batches,
        label_smoothing,
        cluster,
    )?)
}

/// The position of a training between two steps.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Position {
    /// Completed epochs, including their scores.
    pub(crate) epochs: usize,
    /// Completed batches of the current epoch.
    pub(crate) batches: usize,
    /// Steps over all epochs.
    pub(crate) step: usize,
    /// The sums over these batches.
    pub(crate) tally: Tally,
    /// The time of the current epoch before the training was last stopped.
    pub(crate) seconds: f64,
}

/// A training and its state between steps.
pub(crate) struct Training<'a> {
    network: &'a dyn Network,
    pub(crate) variables: &'a Variables,
    split: &'a Split,
    config: &'a TrainingConfig,
    division: Division,
    /// The threads of the parts, unless batches are computed as a whole.
    workers: Option<Workers>,
    /// The order in which the gradients of this network are complete.
    order: RefCell<Option<Arc<GradientOrder>>>,
    pub(crate) cluster: &'a dyn Communicator,
    normalisation: Normalisation,
    schedule: Schedule,
    pub(crate) optimiser: Optimiser,
    pub(crate) average: Option<Average>,
    pub(crate) position: Position,
    /// The epoch with the lowest held-out loss, and that loss.
    best: Option<(usize, f64)>,
    /// The start of the epoch, or of the rest of it.
    begun: Instant,
}

impl<'a> Training<'a> {
    /// Prepares a training.
    ///
    /// Fails with [`Error::Setting`] on an invalid configuration.
    pub(crate) fn new(
        network: &'a dyn Network,
        variables: &'a Variables,
        split: &'a Split,
        normalisation: Normalisation,
        config: &'a TrainingConfig,
        cluster: &'a dyn Communicator,
    ) -> Result<Self> {
        config.validate()?;
        let division = Division::new(config, cluster.size())?;
        if !division.is_whole() && !network.device().is_cpu() {
            let problem = "batches are divided into parts on the CPU alone; set parts to 1";
            return Err(Error::setting("parts", problem));
        }
        config.expect_images(split.counts(0.0))?;
        config.expect_device(network.device())?;
        network.state().set_precision(config.precision);
        let images = division.images_at_a_time(config.batch_size, cluster.size());
        network.set_recompute(config.recompute, split.train.image_shape(), images)?;
        let workers = || Workers::new(division.at_a_time(cluster.size()));
        let workers = (!division.is_whole()).then(workers);
        let average = (config.ema > 0.0).then(|| Average::new(variables.all(), config.ema));
        let batches = batches(network, split, &normalisation, config).len();
        let (warmup, steps) = (batches * config.warmup_epochs, batches * config.epochs);
        Ok(Self {
            network,
            variables,
            split,
            config,
            division,
            workers: workers.transpose()?,
            order: RefCell::default(),
            cluster,
            normalisation,
            schedule: Schedule::new(config.learning_rate, warmup, steps),
            optimiser: Optimiser::new(variables.trained(), config)?,
            average: average.transpose()?,
            position: Position::default(),
            best: None,
            begun: Instant::now(),
        })
    }

    /// Runs the remaining epochs, with `after_epoch` after each.
    pub(crate) fn run(
        &mut self,
        progress: &mut dyn Progress,
        mut after_epoch: impl FnMut(&mut Self, &EpochMetrics) -> Result<()>,
    ) -> Result<Vec<EpochMetrics>> {
        let batches = batches(self.network, self.split, &self.normalisation, self.config);
        progress.start(self.config.epochs, batches.len());
        if self.position != Position::default() {
            progress.resume(self.position.epochs, self.position.batches);
        }
        let mut history = Vec::new();
        let mut train = || {
            while !self.has_ended() {
                let metrics = self.epoch(progress)?;
                self.compare(&metrics);
                after_epoch(self, &metrics)?;
                progress.epoch(&metrics);
                history.push(metrics);
            }
            Ok(())
        };
        let ended = train();
        progress.end();
        ended.map(|()| history)
    }

    /// Remembers an epoch if it has the lowest held-out loss so far: a finer measure than the accuracy of few images.
    pub(crate) fn compare(&mut self, metrics: &EpochMetrics) {
        let loss = metrics.held_out().loss;
        if self.best.is_none_or(|(_, best)| loss < best) {
            self.best = Some((metrics.epoch, loss));
        }
    }

    /// Returns the epoch with the lowest held-out loss so far, and that loss.
    pub(crate) fn best_loss(&self) -> Option<(usize, f64)> {
        self.best
    }

    /// Sets the epoch with the lowest held-out loss so far.
    pub(crate) fn set_best_loss(&mut self, best: Option<(usize, f64)>) {
        self.best = best;
    }

    /// Forgets which epoch was the best.
    pub(crate) fn forget_best(&mut self) {
        self.best = None;
    }

    /// Returns the epoch with the lowest validation loss so far, if there are validation images.
    pub(crate) fn best(&self) -> Option<usize> {
        let best = self.best.filter(|_| self.split.validation.is_some());
        best.map(|(epoch, _)| epoch)
    }

    /// Returns true after the last epoch, and once epochs no longer improve.
    pub(crate) fn has_ended(&self) -> bool {
        let (epochs, patience) = (self.position.epochs, self.config.patience);
        let is_stale = |best: usize| patience > 0 && epochs >= best.saturating_add(patience);
        epochs >= self.config.epochs || self.best().is_some_and(is_stale)
    }

    /// Calls `act` while the variables hold the average of the weights, if there is one.
    pub(crate) fn averaged<T>(&mut self, act: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.swap()?;
        let done = act(self);
        self.swap()?;
        done
    }

    /// Returns the model to test and save, by name: the average of the weights if there is one, else the weights.
    pub(crate) fn model(&self) -> Vec<(String, Tensor)> {
        match &self.average {
            Some(average) => {
                let owned = |(name, tensor): (&str, &Tensor)| (name.to_owned(), tensor.clone());
                average.tensors().map(owned).collect()
            }
            None => self.variables.tensors(),
        }
    }

    fn swap(&mut self) -> Result<()> {
        Ok(self.average.as_mut().map_or(Ok(()), Average::swap)?)
    }

    /// Runs the rest of an epoch, and scores it.
    fn epoch(&mut self, progress: &mut dyn Progress) -> Result<EpochMetrics> {
        self.begun = Instant::now();
        let epoch = self.position.epochs + 1;
        self.learn(epoch, progress)?;
        let diverged = |found| Err(Error::Diverged { epoch, found });
        // Losses are those of the weights before each step, so none shows the last step.
        if let Some(name) = self.variables.not_finite()? {
            return diverged(format!("`{name}` is no longer finite"));
        }
        let state = self.network.state();
        state.set(self.config.seed, self.position.step, epoch as f64);
        let validation = self.split.validation.as_ref();
        let (name, images) = validation.map_or(("test", &self.split.test), |v| ("validation", v));
        let (score, coefficients) = self.averaged(|this| {
            let smoothing = this.config.label_smoothing;
            let (network, normalisation) = (this.network, &this.normalisation);
            let score = test_on(network, images, normalisation, smoothing, this.cluster)?;
            Ok((score, metrics::learned(this.network, this.variables)?))
        })?;
        if !score.loss.is_finite() {
            return diverged(format!("the {name} loss is {}", score.loss));
        }
        let [val, test] = if validation.is_some() {
            [Some(score), None]
        } else {
            [None, Some(score)]
        };
        let seconds = self.position.seconds + self.begun.elapsed().as_secs_f64();
        let train = self.position.tally.score();
        self.position.epochs = epoch;
        self.position.batches = 0;
        self.position.tally = Tally::default();
        self.position.seconds = 0.0;
        Ok(EpochMetrics {
            epoch,
            lr: self.schedule.rate(self.position.step.saturating_sub(1)),
            train_loss: train.loss,
            train_accuracy: train.accuracy,
            val_loss: val.map(|score| score.loss),
            val_accuracy: val.map(|score| score.accuracy),
            test_loss: test.map(|score| score.loss),
            test_accuracy: test.map(|score| score.accuracy),
            coefficients,
            seconds,
        })
    }

    /// Returns the time of the current epoch so far, in seconds.
    pub(crate) fn seconds(&self) -> f64 {
        match self.position.batches {
            0 => 0.0,
            _ => self.position.seconds + self.begun.elapsed().as_secs_f64(),
        }
    }

    /// Trains on the remaining batches of an epoch.
    fn learn(&mut self, epoch: usize, progress: &mut dyn Progress) -> Result<()> {
        let (config, normalisation) = (self.config, self.normalisation.clone());
        let batches = batches(self.network, self.split, &normalisation, config);
        let count = batches.len();
        let (augmentation, seed) = (&config.augmentation, config.seed);
        let drawn: Box<dyn Iterator<Item = _> + Send> = if self.division.is_whole() {
            Box::new(batches.shuffled_on_cpu(augmentation, seed, epoch)?)
        } else {
            let (division, cluster) = (self.division, self.cluster);
            let (rank, size) = (cluster.rank(), cluster.size());
            let own = move |batch| division.images_of_process(batch, rank, size);
            Box::new(batches.shared_on_cpu(augmentation, seed, epoch, own)?)
        };
        let rest = drawn.skip(self.position.batches);
        prefetch(self.network.device(), rest, |batch| {
            let is_alone = self.cluster.size() == 1;
            let stops = !is_alone && progress.stops();
            let (value, all_stop) = self.step(&batch, count, stops)?;
            let done = self.position.batches;
            progress.batch(epoch, done, value);
            if all_stop || (is_alone && progress.stops()) {
                return Err(Error::Interrupted { epoch, batch: done });
            }
            Ok(())
        })
    }

    /// Trains on the next batch, of `count` in an epoch; returns its loss before the step, and true if a process `stops`.
    pub(crate) fn step(&mut self, batch: &Batch, count: usize, stops: bool) -> Result<(f64, bool)> {
        let config = self.config;
        let Position { step, batches, .. } = self.position;
        let passed = step as f64 / count as f64;
        self.network.state().set(config.seed, step, passed);
        let done = batches + 1;
        let epoch = self.position.epochs + 1;
        let expect_finite = |value: f64| {
            let found = format!("the loss of batch {done} of {count} is {value}");
            let finite = value.is_finite().then_some(());
            finite.ok_or(Error::Diverged { epoch, found })
        };
        let rate = self.schedule.rate(step);
        let (value, correct, stops) = if let Some(workers) = &self.workers {
            let pass = PartsPass {
                network: self.network,
                variables: self.variables,
                division: self.division,
                workers,
                cluster: self.cluster,
                smoothing: config.label_smoothing,
                norm_sync: config.norm_sync,
                order: &self.order,
            };
            let sums = pass.run(batch, stops)?;
            expect_finite(sums.loss)?;
            let found = (sums.loss, sums.correct, sums.stops);
            self.optimiser.step(&pass.gradients(sums)?, rate)?;
            found
        } else {
            let logits = self.network.forward_t(&batch.images, true)?;
            let loss = loss::batch_loss(&logits, batch, config.label_smoothing)?;
            let value = loss::value(&loss)?;
            expect_finite(value)?;
            self.optimiser.step(&horesnet::backward(&loss)?, rate)?;
            (value, loss::correct(&logits, &batch.labels)?, stops)
        };
        if let Some(average) = &mut self.average {
            average.update(step)?;
        }
        self.position.step += 1;
        self.position.batches = done;
        let tally = &mut self.position.tally;
        tally.add(batch.labels.elem_count(), value, correct);
        Ok((value, stops))
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
