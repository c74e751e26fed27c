//! The learning rate over training: linear warm-up, then cosine decay to 0.

use std::f64::consts::PI;

/// The learning rate by step.
///
/// ```
/// use horesnet_train::Schedule;
///
/// let schedule = Schedule::new(0.1, 2, 6);
/// let rates: Vec<f64> = (0..6).map(|step| schedule.rate(step)).collect();
/// assert_eq!(rates[..3], [0.05, 0.1, 0.1]);
/// assert!((rates[4] - 0.05).abs() < 1e-12);
/// assert!(rates[5] > 0.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    peak: f64,
    warmup: usize,
    steps: usize,
}

impl Schedule {
    /// Warms up to `peak` in `warmup` steps, at most all but one, and decays in the rest of `steps`.
    #[must_use]
    pub fn new(peak: f64, warmup: usize, steps: usize) -> Self {
        Self {
            peak,
            warmup: warmup.min(steps.saturating_sub(1)),
            steps,
        }
    }

    /// Returns the rate of step `step`, counted from 0; 0 after the schedule.
    #[must_use]
    pub fn rate(&self, step: usize) -> f64 {
        if step < self.warmup {
            return self.peak * (step + 1) as f64 / self.warmup as f64;
        }
        if step >= self.steps {
            return 0.0;
        }
        let done = (step - self.warmup) as f64 / (self.steps - self.warmup) as f64;
        self.peak * 0.5 * (1.0 + (PI * done).cos())
    }
}
