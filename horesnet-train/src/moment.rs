//! When a network runs: the seed, step and epoch that what is decaying or left to chance in it depends on.
//!
//! All blocks of a network share one moment, which training moves on. Chance is drawn from a stream chosen by seed, step
//! and place, so a run that is taken up again at a step draws what it would have drawn.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use candle_core::DType;
use horesnet::Clock;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::precision::Precision;

/// The moment of a network; a clone is the same moment.
///
/// ```
/// use horesnet_train::Moment;
///
/// let moment = Moment::default();
/// let seen_by_a_layer = moment.clone();
/// moment.set(7, 30, 1.5);
/// assert_eq!(seen_by_a_layer.epoch(), 1.5);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Moment(Arc<State>);

#[derive(Debug, Default)]
struct State {
    seed: AtomicU64,
    step: AtomicU64,
    epoch: Clock,
    bf16: AtomicBool,
}

impl Moment {
    /// Moves on to a step, counted from 0 over the whole training, and to as many epochs as have passed by then.
    pub fn set(&self, seed: u64, step: usize, epoch: f64) {
        self.0.seed.store(seed, Ordering::Relaxed);
        self.0.step.store(step as u64, Ordering::Relaxed);
        self.0.epoch.set(epoch);
    }

    /// Trains in this precision from now on.
    pub fn set_precision(&self, precision: Precision) {
        let bf16 = precision == Precision::Bf16;
        self.0.bf16.store(bf16, Ordering::Relaxed);
    }

    /// The type of the numbers between layers, of a network whose weights are of type `own`.
    pub(crate) fn dtype(&self, own: DType, train: bool) -> DType {
        if train && self.0.bf16.load(Ordering::Relaxed) {
            DType::BF16
        } else {
            own
        }
    }

    /// How many epochs have passed, with their fraction.
    #[must_use]
    pub fn epoch(&self) -> f64 {
        self.0.epoch.epochs()
    }

    /// The clock that step sizes decay by along training.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.epoch
    }

    /// What `place`, the name of a layer, draws from in this step.
    pub(crate) fn rng(&self, place: &str) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.0.seed.load(Ordering::Relaxed));
        rng.set_stream(crate::variables::stream(place));
        // A stream has 2⁶⁸ words: room for 2³² a step.
        rng.set_word_pos(u128::from(self.0.step.load(Ordering::Relaxed)) << 32);
        rng
    }
}
