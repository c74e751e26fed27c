//! Step sizes that decay over the depth of a network or over its training.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A step size that decays with depth: `h_l = h₀·rate^l` at depth `l`, counted in blocks from the input of the network.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::Decaying;
///
/// let decay = Decaying::new(0.5).with_initial(4.0);
/// let steps: Vec<f64> = (0..4).map(|depth| decay.at_depth(depth).h()).collect();
/// assert_eq!(steps, [4.0, 2.0, 1.0, 0.5]);
/// ```
///
/// Any number is accepted, and the formula applies to it unchanged. With a negative rate, the sign of `h` alternates. With a
/// rate above 1, `h` grows, to infinity if the network is deep enough. With a rate of 0, `h` is `h₀` at depth 0 and 0 at all
/// other depths. With a rate of `NaN`, `h` is `NaN` at all depths but 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decaying {
    initial: f64,
    rate: f64,
    depth: usize,
}

impl Decaying {
    /// Creates a decay by `rate` with `h₀ = 1`, at depth 0.
    ///
    /// ```
    /// # use horesnet_runtime as horesnet;
    /// assert_eq!(horesnet::Decaying::new(0.9).h(), 1.0);
    /// ```
    #[must_use]
    pub const fn new(rate: f64) -> Self {
        Self {
            initial: 1.0,
            rate,
            depth: 0,
        }
    }

    /// Sets `h₀`.
    ///
    /// ```
    /// # use horesnet_runtime as horesnet;
    /// assert_eq!(horesnet::Decaying::new(0.9).with_initial(0.1).h(), 0.1);
    /// ```
    #[must_use]
    pub const fn with_initial(self, initial: f64) -> Self {
        Self { initial, ..self }
    }

    /// Sets the depth of the block.
    ///
    /// ```
    /// # use horesnet_runtime as horesnet;
    /// let third = horesnet::Decaying::new(0.5).at_depth(7).at_depth(2);
    /// assert_eq!(third.h(), 0.25);
    /// ```
    #[must_use]
    pub const fn at_depth(self, depth: usize) -> Self {
        Self { depth, ..self }
    }

    /// The step size, `h₀·rate^depth`.
    #[must_use]
    pub fn h(&self) -> f64 {
        // `powi` takes an `i32`. Past its range the power is 0, ±1 or infinite, and the exact depth matters only for the
        // sign: an odd depth stays odd.
        let depth =
            i32::try_from(self.depth).unwrap_or(i32::MAX - i32::from(self.depth.is_multiple_of(2)));
        self.initial * self.rate.powi(depth)
    }

    /// Decays over training instead of depth: `h₀·rate^t`, with `t` from `clock`.
    #[must_use]
    pub fn over(&self, clock: &Clock) -> Annealed {
        Annealed {
            initial: self.initial,
            rate: self.rate,
            clock: clock.clone(),
        }
    }
}

/// A step size that decays over training: `h = h₀·rate^t` after `t` epochs, which may be fractional.
///
/// Made from a [`Decaying`] and a [`Clock`] with [`Decaying::over`].
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::{Clock, Decaying};
///
/// let clock = Clock::default();
/// let decay = Decaying::new(0.25).with_initial(2.0).over(&clock);
/// assert_eq!(decay.h(), 2.0);
/// clock.set(0.5);
/// assert_eq!(decay.h(), 1.0);
/// ```
///
/// As with [`Decaying`], any number is accepted. A negative rate makes `h` `NaN` where `t` is not a whole number.
#[derive(Clone, Debug)]
pub struct Annealed {
    initial: f64,
    rate: f64,
    clock: Clock,
}

impl Annealed {
    /// The step size, `h₀·rate^t`.
    #[must_use]
    pub fn h(&self) -> f64 {
        self.initial * self.rate.powf(self.clock.epochs())
    }
}

/// The number of epochs of training that have passed.
///
/// A clone is the same clock: training sets it, and all blocks of a network read it, on any thread.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<AtomicU64>);

impl Clock {
    /// Sets the number of epochs, which may be fractional.
    pub fn set(&self, epochs: f64) {
        self.0.store(epochs.to_bits(), Ordering::Relaxed);
    }

    /// The epochs that have passed; 0 before the first [`set`](Self::set).
    #[must_use]
    pub fn epochs(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}
