//! The exponential moving average of the weights over the steps of a training.
//!
//! Tests and saved models use the average, which has less of the noise of single steps (Polyak and Juditsky 1992,
//! <https://doi.org/10.1137/0330046>); training continues with the weights themselves.

use candle_core::{Result, Tensor, Var, bail};

use super::optimiser::{Real, Update, is_fused, update};

/// The exponential moving average `a ← a + (1 − d)·(w − a)` of all variables, running statistics of norms included.
///
/// It starts at the initial weights, which carry no information, so the decay warms up: in step `t`, counted from 0, `d` is
/// `min(decay, (1 + t)/(10 + t))`.
///
/// ```
/// use candle_core::{DType, Device};
/// use horesnet_train::{Average, Variables};
///
/// let variables = Variables::seeded(0);
/// candle_nn::linear(3, 2, variables.builder(DType::F32, &Device::Cpu))?;
/// let mut average = Average::new(variables.all(), 0.99)?;
/// assert_eq!(average.decay(0), 0.1);
/// assert_eq!(average.decay(10_000), 0.99);
/// average.update(0)?; // after the first step
/// # Ok::<(), candle_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Average {
    decay: f64,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    weights: Var,
    average: Var,
}

impl Average {
    /// Starts an average of `vars`, by name, at their values; `decay` is from 0 to below 1.
    pub fn new(vars: impl IntoIterator<Item = (String, Var)>, decay: f64) -> Result<Self> {
        let entry = |(name, weights): (String, Var)| {
            let average = Var::from_tensor(&weights.as_detached_tensor().copy()?)?;
            Ok(Entry {
                name,
                weights,
                average,
            })
        };
        Ok(Self {
            decay,
            entries: vars.into_iter().map(entry).collect::<Result<_>>()?,
        })
    }

    /// Returns the decay of step `step`, counted from 0.
    #[must_use]
    pub fn decay(&self, step: usize) -> f64 {
        self.decay.min((1 + step) as f64 / (10 + step) as f64)
    }

    /// Adds the weights after step `step`, counted from 0: one pass over each, in place.
    pub fn update(&mut self, step: usize) -> Result<()> {
        let rate = 1.0 - self.decay(step);
        for entry in &self.entries {
            let weights = entry.weights.as_detached_tensor();
            let mean = entry.average.as_detached_tensor();
            if is_fused(&weights) {
                update(&mean, &weights, Approach { rate })?;
            } else {
                let step = ((weights - &mean)? * rate)?;
                entry.average.set(&(mean + step)?)?;
            }
        }
        Ok(())
    }

    /// Iterates over the averages by name.
    pub fn tensors(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        let entries = self.entries.iter();
        entries.map(|entry| (entry.name.as_str(), entry.average.as_tensor()))
    }

    /// Swaps the weights and their averages.
    pub(crate) fn swap(&mut self) -> Result<()> {
        for entry in &self.entries {
            let weights = entry.weights.as_detached_tensor().copy()?;
            entry.weights.set(&entry.average.as_detached_tensor())?;
            entry.average.set(&weights)?;
        }
        Ok(())
    }

    /// Sets the average of the variable `name`.
    pub(crate) fn restore(&mut self, name: &str, value: &Tensor) -> Result<()> {
        match self.entries.iter().find(|entry| entry.name == name) {
            Some(entry) => entry.average.set(&value.to_device(entry.average.device())?),
            None => bail!("no variable `{name}` is averaged"),
        }
    }
}

/// Moves each number by a share of the way to another.
struct Approach {
    rate: f64,
}

impl Update for Approach {
    fn update<T: Real>(&self, average: &mut [T], weights: &[T]) -> Result<()> {
        let rate = T::from_f64(self.rate);
        for (average, &weight) in average.iter_mut().zip(weights) {
            *average += rate * (weight - *average);
        }
        Ok(())
    }
}
