//! Speed of training and evaluation on the CPU, and where the time of a step goes.
//! Takes the steps of a real training, with batches from the thread that augments them.
//! Must not know files or run folders.

mod floor;
mod rates;

use std::time::{Duration, Instant};

use candle_core::{DType, Device, Tensor};
use horesnet::no_grad;
use horesnet::profile::{Recording, record};

pub use floor::Floor;
pub use horesnet::profile::{Work, instruction_set, threads};
pub use rates::Rates;

use crate::cluster::Alone;
use crate::data::{Batches, ModelInfo, Split, prefetch};
use crate::error::{Error, Result};
use crate::experiment::ExperimentConfig;
use crate::network::{Describe, Network};
use crate::training::{TEST_BATCH, Training};

/// Rounds of training and evaluation in turn.
const ROUNDS: usize = 7;
/// Shares of the time: training steps, evaluation, and each speed of the machine.
const TRAINING: f64 = 0.65;
const EVALUATION: f64 = 0.25;
const MACHINE: f64 = 0.05;
/// Batches that are ready when training goes on after an evaluation: the time to make them would not count.
const READY: usize = 2;

/// The measurements of a network on this machine.
#[derive(Clone, Debug)]
pub struct Benchmark {
    /// Images a training step.
    pub batch_size: usize,
    /// Images an evaluation at once.
    pub evaluation_batch: usize,
    /// Training steps measured.
    pub steps: usize,
    /// Images per second of training, a number for each round.
    pub training: Rates,
    /// Images per second of evaluation, a number for each round.
    pub evaluation: Rates,
    /// Seconds of a training step by kind of work; they sum to the mean time of a step.
    pub parts: [(Part, f64); 6],
    /// Least time of a step on this machine.
    pub floor: Floor,
}

/// A part of the time of a training step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Work of the ops of HoresNet.
    Work(Work),
    /// Waiting for images.
    Data,
}

impl Benchmark {
    /// Seconds of a training step, the mean.
    #[must_use]
    pub fn step(&self) -> f64 {
        self.parts.iter().map(|(_, seconds)| seconds).sum()
    }

    /// Seconds of a part of a training step.
    #[must_use]
    pub fn seconds(&self, part: Part) -> f64 {
        let of_part = self.parts.iter().filter(|(other, _)| *other == part);
        of_part.map(|(_, seconds)| seconds).sum()
    }
}

/// Measures the network of an experiment that is [fitted](ExperimentConfig::fitted_to) to `split`, for about `seconds`.
///
/// Weights stay nearly as they are: the learning rate is tiny. Fails with [`Error::Interrupted`] once `stops` returns true,
/// and like [`train`](crate::train).
pub fn benchmark(
    config: &ExperimentConfig,
    split: Split,
    seconds: f64,
    stops: impl Fn() -> bool,
) -> Result<Benchmark> {
    let mut training_config = config.training.clone();
    training_config.learning_rate = 1e-9;
    training_config.epochs = training_config.epochs.max(1);
    let info = config.model.clone();
    let info = info.unwrap_or_else(|| ModelInfo::of(&split.train));
    let normalisation = info.normalisation(split.train.white());
    let split = config.held_out(split)?;
    let variables = config.initial_variables()?;
    let network = config
        .network
        .build(variables.builder(DType::F32, &Device::Cpu))?;
    let network = network.as_ref();

    let test = Batches::new(&split.test, &normalisation, TEST_BATCH, network.device());
    let Some(images) = test.in_order().next() else {
        return Err(Error::data(&config.data, "it has no test images"));
    };
    let (batches, augmentation) = (
        Batches::new(
            &split.train,
            &normalisation,
            training_config.batch_size,
            network.device(),
        ),
        &training_config.augmentation,
    );
    augmentation.validate()?;
    let count = batches.len();
    let endless = (1..).flat_map(|epoch| {
        let drawn = batches.shuffled_on_cpu(augmentation, training_config.seed, epoch);
        drawn.into_iter().flatten()
    });
    let mut training = Training::new(
        network,
        &variables,
        &split,
        normalisation.clone(),
        &training_config,
        &Alone,
    )?;
    let mut rounds = Rounds::new(network, images?.images, seconds);
    let measured: std::result::Result<(), End> = prefetch(network.device(), endless, |batch| {
        let waited = rounds.idle.elapsed();
        let images = batch.labels.elem_count();
        let (step, recording) = record(|| training.step(&batch, count, false));
        step?;
        rounds.step(images, waited, &recording)?;
        if stops() {
            let batch = training.position.batches;
            return Err(Error::Interrupted { epoch: 1, batch }.into());
        }
        if rounds.has_ended() {
            return Err(End::Complete);
        }
        rounds.idle = Instant::now();
        Ok(())
    });
    match measured {
        Err(End::Failed(error)) => return Err(error),
        Err(End::Complete) | Ok(()) => {}
    }
    let machine = Duration::from_secs_f64(seconds * MACHINE);
    let floor = Floor::measure(config, &split, rounds.moved(), machine)?;
    Ok(rounds.benchmark(training_config.batch_size, floor))
}

/// The end of the measured steps.
enum End {
    Complete,
    Failed(Error),
}

impl<E: Into<Error>> From<E> for End {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Measurements of all rounds so far.
struct Rounds<'a> {
    network: &'a dyn Network,
    /// Images of an evaluation.
    test: Tensor,
    /// Time of a round's training and evaluation, and of all rounds.
    time: [f64; 2],
    limit: f64,
    training: Vec<f64>,
    evaluation: Vec<f64>,
    /// Of this round.
    images: usize,
    seconds: f64,
    /// Steps of this round before it is measured.
    skipped: usize,
    /// Sums over measured steps.
    steps: usize,
    parts: [(Part, f64); 6],
    moved_bytes: u64,
    combinations: u64,
    /// The start of all, and the end of the last step or evaluation.
    start: Instant,
    idle: Instant,
}

impl<'a> Rounds<'a> {
    fn new(network: &'a dyn Network, test: Tensor, seconds: f64) -> Self {
        let [conv, norm, sum, update, other] = Work::ALL.map(Part::Work);
        let parts = [conv, norm, sum, update, Part::Data, other];
        let round = seconds / ROUNDS as f64;
        Self {
            network,
            test,
            time: [round * TRAINING, round * EVALUATION],
            limit: seconds * (TRAINING + EVALUATION),
            training: Vec::new(),
            evaluation: Vec::new(),
            images: 0,
            seconds: 0.0,
            skipped: 0,
            steps: 0,
            parts: parts.map(|part| (part, 0.0)),
            moved_bytes: 0,
            combinations: 0,
            start: Instant::now(),
            idle: Instant::now(),
        }
    }

    fn has_ended(&self) -> bool {
        let rounds = self.evaluation.len();
        // Slow steps make fewer rounds.
        let is_late = self.start.elapsed().as_secs_f64() >= self.limit;
        rounds >= ROUNDS || (rounds > 0 && is_late)
    }

    /// Bytes of the combinations of a step, and combinations of a step.
    fn moved(&self) -> [f64; 2] {
        [self.moved_bytes, self.combinations].map(|sum| sum as f64 / self.steps.max(1) as f64)
    }

    /// Adds a step; evaluates at the end of a round.
    fn step(&mut self, images: usize, waited: Duration, recording: &Recording) -> Result<()> {
        let waited = waited.as_secs_f64();
        let total = recording.total().as_secs_f64();
        // The first steps of all also fill caches and start threads.
        if self.skipped < READY {
            self.skipped += 1;
            return Ok(());
        }
        self.images += images;
        self.seconds += waited + total;
        self.steps += 1;
        self.moved_bytes += recording.moved_bytes;
        self.combinations += recording.combinations;
        for (part, sum) in &mut self.parts {
            *sum += match part {
                Part::Work(work) => recording.time(*work).as_secs_f64(),
                Part::Data => waited,
            };
        }
        if self.seconds >= self.time[0] {
            self.training.push(self.images as f64 / self.seconds);
            (self.images, self.seconds, self.skipped) = (0, 0.0, 0);
            self.evaluate()?;
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<()> {
        if self.evaluation.is_empty() {
            no_grad(|| self.network.forward_t(&self.test, false))?;
        }
        let (start, mut images) = (Instant::now(), 0);
        loop {
            let logits = no_grad(|| self.network.forward_t(&self.test, false))?;
            images += logits.dim(0)?;
            let seconds = start.elapsed().as_secs_f64();
            if seconds >= self.time[1] {
                self.evaluation.push(images as f64 / seconds);
                return Ok(());
            }
        }
    }

    fn benchmark(self, batch_size: usize, floor: Floor) -> Benchmark {
        let steps = self.steps.max(1) as f64;
        Benchmark {
            batch_size,
            evaluation_batch: self.test.dim(0).unwrap_or(0),
            steps: self.steps,
            training: Rates::new(self.training),
            evaluation: Rates::new(self.evaluation),
            parts: self.parts.map(|(part, seconds)| (part, seconds / steps)),
            floor,
        }
    }
}
