//! The layer of batch normalisation and `ReLU`.

use candle_core::{Result, Tensor, Var, bail};
use candle_nn::{BatchNorm, ModuleT};

use super::cpu::statistics;
use super::op::relu::activate;
use super::op::{Normal, with_elements, with_float};
use super::{contiguous, stock, widened};
use crate::combine::Isa;

/// `relu(norm(xs))` over `[…, channels]`, fast on the CPU; the same shape comes out.
///
/// Weights, running statistics, `ε` and momentum are those of the layer it is made from. In training the batch's statistics
/// are used and the running ones updated, as candle does; a batch of a single pixel is an error then.
///
/// ```
/// use horesnet_runtime::candle_core::{DType, Device, ModuleT, Result, Tensor};
/// use horesnet_runtime::candle_nn::{VarBuilder, VarMap, batch_norm};
/// use horesnet_runtime::layers::NormRelu;
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
    /// The layer it was made from.
    #[must_use]
    pub fn layer(&self) -> &BatchNorm {
        &self.layer
    }

    /// The normalisation of contiguous `xs`, and its weight and bias as one tensor. In training updates the running
    /// statistics.
    pub(crate) fn normal(&self, xs: &Tensor, train: bool) -> Result<(Normal, Tensor)> {
        let channels = self.layer.running_mean().elem_count();
        if xs.dims().last() != Some(&channels) || channels == 0 {
            bail!(
                "a normalisation of {channels} channels was given {:?}; channels are last here",
                xs.shape()
            )
        }
        let eps = self.layer.eps();
        let inverse = |variance: &[f64]| variance.iter().map(|v| 1.0 / (v + eps).sqrt()).collect();
        let normal = if train {
            let pixels = xs.elem_count() / channels;
            if pixels < 2 {
                bail!(
                    "batch statistics need two pixels or more, and {:?} has {pixels}",
                    xs.shape()
                )
            }
            let found = with_float!(xs.dtype(), T => {
                with_elements::<T, _>(xs, |xs| Ok(statistics::of(Isa::best(), xs, channels)))
            })?;
            let unbiased = pixels as f64 / (pixels - 1) as f64;
            let variance: Vec<f64> = found.variance.iter().map(|v| v * unbiased).collect();
            self.update(self.layer.running_mean(), &found.mean)?;
            self.update(self.layer.running_var(), &variance)?;
            Normal {
                inverse: inverse(&found.variance),
                mean: found.mean,
                batch: true,
            }
        } else {
            Normal {
                mean: numbers(self.layer.running_mean())?,
                inverse: inverse(&numbers(self.layer.running_var())?),
                batch: false,
            }
        };
        let affine = if let Some((weight, bias)) = self.layer.weight_and_bias() {
            Tensor::stack(&[weight, bias], 0)?.to_dtype(xs.dtype())?
        } else {
            let ones = Tensor::ones(channels, xs.dtype(), xs.device())?;
            Tensor::stack(&[&ones, &ones.zeros_like()?], 0)?
        };
        Ok((normal, affine))
    }

    /// Moves running statistics towards those of a batch.
    fn update(&self, running: &Tensor, batch: &[f64]) -> Result<()> {
        let momentum = self.layer.momentum();
        let old = numbers(running)?;
        let moved: Vec<f64> = std::iter::zip(old, batch)
            .map(|(old, new)| (1.0 - momentum) * old + momentum * new)
            .collect();
        let moved = Tensor::from_vec(moved, running.shape(), running.device())?;
        // A layer's running statistics are variables; of a variable this is another name, not a copy.
        Var::from_tensor(running)?.set(&moved.to_dtype(running.dtype())?)
    }
}

/// The values of a small tensor.
fn numbers(tensor: &Tensor) -> Result<Vec<f64>> {
    tensor.to_dtype(candle_core::DType::F64)?.to_vec1()
}

impl ModuleT for NormRelu {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        if !xs.device().is_cpu() {
            return stock::norm_relu(&self.layer, xs, train);
        }
        widened(xs, |xs| {
            let xs = contiguous(xs)?;
            let (norm, affine) = self.normal(&xs, train)?;
            activate(&xs, &affine, norm)
        })
    }
}
