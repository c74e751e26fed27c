//! Least time of a training step, from the speeds of the machine.

use std::time::Duration;

use horesnet::profile::{copy_rate, multiply_add_rate};

use crate::data::Split;
use crate::error::Result;
use crate::experiment::ExperimentConfig;
use crate::network::cost::Complexity;

/// A copy of fewer bytes would measure how threads are woken.
const LEAST_COPY: usize = 1 << 20;
const LARGEST_COPY: usize = 1 << 28;

/// The work of a training step and the speeds of the machine.
#[derive(Clone, Copy, Debug)]
pub struct Floor {
    /// Multiply-adds of the layers in a step, with direct convolution.
    pub multiply_adds: f64,
    /// Multiply-adds per second of all threads.
    pub multiply_add_rate: f64,
    /// Bytes that the combinations of a step read and write.
    pub bytes: f64,
    /// Bytes per second that a copy of the size of a combination reads and writes.
    pub copy_rate: f64,
}

impl Floor {
    /// Measures the machine for `time` each; `bytes` and `count` are those of the combinations of a step.
    pub(super) fn measure(
        config: &ExperimentConfig,
        split: &Split,
        [bytes, count]: [f64; 2],
        time: Duration,
    ) -> Result<Self> {
        let batch = config.training.batch_size;
        let costs = Complexity::of(&config.network, split.train.image_shape(), batch)?;
        // The gradients of inputs and weights take as many multiply-adds each as the forward pass; images have no gradient.
        let passes = |at: usize| if at == 0 { 2 } else { 3 };
        let parts = costs.parts.iter().enumerate();
        let image: u64 = parts
            .map(|(at, part)| passes(at) * part.multiply_adds)
            .sum();
        let size = (bytes / count.max(1.0) / 2.0) as usize;
        Ok(Self {
            multiply_adds: image as f64 * batch as f64,
            multiply_add_rate: multiply_add_rate(time),
            bytes,
            copy_rate: copy_rate(size.clamp(LEAST_COPY, LARGEST_COPY), time),
        })
    }

    /// Seconds of the multiply-adds of a step at the speed of the machine.
    #[must_use]
    pub fn arithmetic(&self) -> f64 {
        self.multiply_adds / self.multiply_add_rate
    }

    /// Seconds of the combinations of a step at the speed of a copy.
    #[must_use]
    pub fn combinations(&self) -> f64 {
        self.bytes / self.copy_rate
    }
}
