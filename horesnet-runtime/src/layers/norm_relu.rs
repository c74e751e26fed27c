//! Batch normalisation and `ReLU`.

use candle_core::{Result, Tensor, Var, bail};
use candle_nn::{BatchNorm, ModuleT};

use super::cpu::norm_stats::{BatchStats, batch_stats};
use super::cpu::stored::float_dtype;
use super::op::norm_relu::norm_relu;
use super::op::{NormStats, with_elements, with_stored};
use super::{contiguous, fallback};
use crate::autograd::once;
use crate::batch_sync as sync;
use crate::combine::Isa;
use crate::profile::{Work, span};

/// `relu(norm(xs))` over `[…, channels]`, fast on the CPU; the output has the shape of `xs`.
///
/// It shares weights, running statistics, `ε` and momentum with the layer it is made from. As in candle, training uses the
/// batch's statistics and updates the running ones. Training on a single pixel is an error.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{DType, Device, ModuleT, Result, Tensor};
/// use horesnet::candle_nn::{VarBuilder, VarMap, batch_norm};
/// use horesnet::layers::NormRelu;
///
/// # fn main() -> Result<()> {
/// let variables = VarMap::new();
/// let vb = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
/// let layer = NormRelu::from(batch_norm(1, 0.0, vb)?);
/// let xs = Tensor::new(&[[1f32], [3.0]], &Device::Cpu)?;
/// assert_eq!(layer.forward_t(&xs, true)?.to_vec2::<f32>()?, [[0.0], [1.0]]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct NormRelu {
    layer: BatchNorm,
}

impl From<BatchNorm> for NormRelu {
    fn from(layer: BatchNorm) -> Self {
        Self { layer }
    }
}

impl NormRelu {
    /// Returns the layer it was made from.
    #[must_use]
    pub fn layer(&self) -> &BatchNorm {
        &self.layer
    }

    /// The statistics for contiguous `xs`, and weight and bias as one tensor; updates the running statistics in training.
    pub(crate) fn stats_and_affine(&self, xs: &Tensor, train: bool) -> Result<(NormStats, Tensor)> {
        let _span = span(Work::Normalisation);
        let channels = self.layer.running_mean().elem_count();
        if xs.dims().last() != Some(&channels) || channels == 0 {
            bail!(
                "expected {channels} channels for a normalisation, found {:?}; channels are last here",
                xs.shape()
            )
        }
        let mut pixels = None;
        let (mean, variance) = if train {
            let stats = once(|| self.batch_stats(xs))?;
            pixels = Some(stats.pixels);
            (stats.mean, stats.variance)
        } else {
            let (mean, variance) = (self.layer.running_mean(), self.layer.running_var());
            (to_f64s(mean)?, to_f64s(variance)?)
        };
        let eps = self.layer.eps();
        let stats = NormStats {
            mean,
            inverse: variance.iter().map(|v| 1.0 / (v + eps).sqrt()).collect(),
            pixels,
        };
        let dtype = float_dtype(xs.dtype());
        let affine = if let Some((weight, bias)) = self.layer.weight_and_bias() {
            Tensor::stack(&[weight, bias], 0)?.to_dtype(dtype)?
        } else {
            let ones = Tensor::ones(channels, dtype, xs.device())?;
            Tensor::stack(&[&ones, &ones.zeros_like()?], 0)?
        };
        Ok((stats, affine))
    }

    /// The statistics of a batch, towards which it moves the running ones.
    fn batch_stats(&self, xs: &Tensor) -> Result<BatchStats> {
        let channels = self.layer.running_mean().elem_count();
        let stats = with_stored!(xs.dtype(), E => {
            with_elements::<E, _>(xs, |xs| batch_stats(Isa::best(), xs, channels))
        })?;
        if stats.pixels < 2 {
            bail!(
                "expected two pixels or more for batch statistics, found {} in {:?}",
                stats.pixels,
                xs.shape()
            )
        }
        if sync::current().is_none_or(|sync| sync.updates_statistics()) {
            let unbiased = stats.pixels as f64 / (stats.pixels - 1) as f64;
            let variance: Vec<f64> = stats.variance.iter().map(|v| v * unbiased).collect();
            self.update(self.layer.running_mean(), &stats.mean)?;
            self.update(self.layer.running_var(), &variance)?;
        }
        Ok(stats)
    }

    /// Moves running statistics towards those of a batch.
    fn update(&self, running: &Tensor, batch: &[f64]) -> Result<()> {
        let momentum = self.layer.momentum();
        let old = to_f64s(running)?;
        let moved: Vec<f64> = std::iter::zip(old, batch)
            .map(|(old, new)| (1.0 - momentum) * old + momentum * new)
            .collect();
        let moved = Tensor::from_vec(moved, running.shape(), running.device())?;
        // A layer's running statistics are variables: `from_tensor` makes an alias of one, not a copy.
        Var::from_tensor(running)?.set(&moved.to_dtype(running.dtype())?)
    }
}

/// The values of a small tensor.
fn to_f64s(tensor: &Tensor) -> Result<Vec<f64>> {
    tensor.to_dtype(candle_core::DType::F64)?.to_vec1()
}

impl ModuleT for NormRelu {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        if !xs.device().is_cpu() {
            return fallback::norm_relu(&self.layer, xs, train);
        }
        let xs = contiguous(xs)?;
        let (stats, affine) = self.stats_and_affine(&xs, train)?;
        norm_relu(&xs, &affine, stats)
    }
}
