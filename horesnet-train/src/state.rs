//! The state of training that layers see: seed, epoch, step and precision.
//!
//! All blocks of a network share one state, which the training loop advances. Layers draw from a stream chosen by seed, step
//! and name, so a resumed run draws the same numbers.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use candle_core::DType;
use horesnet::Clock;
use rand_chacha::ChaCha8Rng;

use crate::precision::Precision;
use crate::random;
use crate::recompute::Recompute;

thread_local! {
    /// The first image of this thread's part of the batch.
    static FIRST_IMAGE: Cell<usize> = const { Cell::new(0) };
}

/// Calls `run` on this thread for a part of a batch that begins at the image `first`.
pub(crate) fn with_first_image<R>(first: usize, run: impl FnOnce() -> R) -> R {
    let _scope = FirstImage(FIRST_IMAGE.replace(first));
    run()
}

/// Restores the first image, even after a panic.
struct FirstImage(usize);

impl Drop for FirstImage {
    fn drop(&mut self) {
        FIRST_IMAGE.set(self.0);
    }
}

/// The state of a network's training; clones share it.
///
/// ```
/// use horesnet_train::TrainState;
///
/// let state = TrainState::default();
/// let seen_by_a_layer = state.clone();
/// state.set(7, 30, 1.5);
/// assert_eq!(seen_by_a_layer.epoch(), 1.5);
/// ```
#[derive(Clone, Debug, Default)]
pub struct TrainState(Arc<State>);

#[derive(Debug, Default)]
struct State {
    seed: AtomicU64,
    step: AtomicU64,
    epoch: Clock,
    bf16: AtomicBool,
    recomputes_stages: AtomicBool,
}

impl TrainState {
    /// Sets the step, counted from 0 over the whole training, and the epochs before it, with their fraction.
    pub fn set(&self, seed: u64, step: usize, epoch: f64) {
        self.0.seed.store(seed, Ordering::Relaxed);
        self.0.step.store(step as u64, Ordering::Relaxed);
        self.0.epoch.set(epoch);
    }

    /// Sets the precision of training.
    pub fn set_precision(&self, precision: Precision) {
        let bf16 = precision == Precision::Bf16;
        self.0.bf16.store(bf16, Ordering::Relaxed);
    }

    /// Returns the dtype between layers of a network whose weights are of dtype `own`.
    pub(crate) fn dtype(&self, own: DType, train: bool) -> DType {
        if train && self.0.bf16.load(Ordering::Relaxed) {
            DType::BF16
        } else {
            own
        }
    }

    /// Sets whether residual functions are computed again in the backward pass.
    pub(crate) fn set_recompute(&self, recompute: Recompute) {
        let stages = recompute.has_stages();
        self.0.recomputes_stages.store(stages, Ordering::Relaxed);
    }

    /// Returns true if residual functions are computed again in the backward pass.
    pub(crate) fn recomputes_stages(&self) -> bool {
        self.0.recomputes_stages.load(Ordering::Relaxed)
    }

    /// Returns the epochs that have passed, with their fraction.
    #[must_use]
    pub fn epoch(&self) -> f64 {
        self.0.epoch.epochs()
    }

    /// Returns the clock by which step sizes decay along training.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.epoch
    }

    /// Returns the generator of the layer called `name` in this step, at the first image of this thread's part of the batch,
    /// where each image takes so many words.
    pub(crate) fn rng(&self, name: &str, words: usize) -> ChaCha8Rng {
        let step = u128::from(self.0.step.load(Ordering::Relaxed));
        let before = (FIRST_IMAGE.get() * words) as u128;
        // A stream has 2⁶⁸ words: room for 2³² a step.
        random::generator(
            self.0.seed.load(Ordering::Relaxed),
            name,
            (step << 32) + before,
        )
    }
}
