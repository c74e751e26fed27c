//! The exponential moving average of the weights over the steps of a training.
//!
//! It is the average that is tested and kept, while training goes on with the weights themselves: averaging takes out the
//! noise of single steps (Polyak and Juditsky 1992, <https://doi.org/10.1137/0330046>).

use candle_core::{CpuStorage, InplaceOp2, Layout, Result, Tensor, Var, WithDType, bail};

/// The average: `a ← a + (1 − d)·(w − a)` after each step, running statistics of norms included.
///
/// The average starts at the initial weights, which are worth nothing. So `d` is not the decay asked for in the first
/// steps: in step `t`, counted from 0, it is `min(decay, (1 + t)/(10 + t))`.
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
    /// An average of `vars`, by name, that starts at what they are; `decay` goes from 0 to below 1.
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

    /// How much of the average stays in step `step`, counted from 0.
    #[must_use]
    pub fn decay(&self, step: usize) -> f64 {
        self.decay.min((1 + step) as f64 / (10 + step) as f64)
    }

    /// Takes in the weights after step `step`, counted from 0: one pass over each, in place.
    pub fn update(&mut self, step: usize) -> Result<()> {
        let rate = 1.0 - self.decay(step);
        for Entry {
            weights, average, ..
        } in &self.entries
        {
            let weights = weights.as_detached_tensor();
            let fused = weights.device().is_cpu()
                && matches!(
                    weights.dtype(),
                    candle_core::DType::F32 | candle_core::DType::F64
                );
            let average_tensor = average.as_detached_tensor();
            if fused {
                average_tensor.inplace_op2(&weights, &Approach { rate })?;
            } else {
                let step = ((weights - &average_tensor)? * rate)?;
                average.set(&(average_tensor + step)?)?;
            }
        }
        Ok(())
    }

    /// The averages by name.
    pub fn tensors(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        let entries = self.entries.iter();
        entries.map(|entry| (entry.name.as_str(), entry.average.as_tensor()))
    }

    /// Exchanges the weights and their averages.
    pub(crate) fn swap(&mut self) -> Result<()> {
        for entry in &self.entries {
            let weights = entry.weights.as_detached_tensor().copy()?;
            entry.weights.set(&entry.average.as_detached_tensor())?;
            entry.average.set(&weights)?;
        }
        Ok(())
    }

    /// Goes on from the average of `name` that was kept.
    pub(crate) fn restore(&mut self, name: &str, value: &Tensor) -> Result<()> {
        match self.entries.iter().find(|entry| entry.name == name) {
            Some(entry) => entry.average.set(&value.to_device(entry.average.device())?),
            None => bail!("no variable `{name}` is averaged"),
        }
    }
}

/// Moves a tensor by a share of the way to another.
struct Approach {
    rate: f64,
}

impl InplaceOp2 for Approach {
    fn name(&self) -> &'static str {
        "horesnet-average"
    }

    fn cpu_fwd(
        &self,
        average: &mut CpuStorage,
        layout: &Layout,
        weights: &CpuStorage,
        weights_layout: &Layout,
    ) -> Result<()> {
        let (Some((start, end)), Some((from, to))) = (
            layout.contiguous_offsets(),
            weights_layout.contiguous_offsets(),
        ) else {
            bail!("an average needs contiguous variables")
        };
        match (average, weights) {
            (CpuStorage::F32(a), CpuStorage::F32(w)) => {
                approach(&mut a[start..end], &w[from..to], self.rate as f32);
            }
            (CpuStorage::F64(a), CpuStorage::F64(w)) => {
                approach(&mut a[start..end], &w[from..to], self.rate);
            }
            _ => bail!("an average and its weights differ in dtype"),
        }
        Ok(())
    }
}

fn approach<T: WithDType>(average: &mut [T], weights: &[T], rate: T) {
    for (average, &weight) in average.iter_mut().zip(weights) {
        *average += rate * (weight - *average);
    }
}
