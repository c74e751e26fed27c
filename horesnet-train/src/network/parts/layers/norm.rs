//! Normalisations, and the activation that follows each of them.

use candle_core::{Result as CandleResult, Tensor, bail};
use candle_nn::{BatchNorm, Init, Module, ModuleT, VarBuilder, batch_norm};
use horesnet::layers::{self, NormRelu, early_grad};

use crate::choice::choice;
use crate::error::Result;
use crate::limits::ensure;
use crate::network::parts::cost::Cost;
use crate::network::parts::layers::{Activation, Style};
use crate::network::parts::spec::{Affine, ModuleSpec};
use crate::precision::in_dtype;

/// Added to variances before their roots are taken.
pub(crate) const EPS: f64 = 1e-5;

choice! {
    /// The normalisation before each activation, with a weight and a bias a channel: `batch` or `group(N)`.
    Norm, "norm" {
        /// Each channel over the batch (Ioffe and Szegedy, arXiv 1502.03167).
        #[default]
        Batch = "batch",
        /// Groups of channels, each over its own image (Wu and He, arXiv 1803.08494): without running statistics, and images
        /// do not depend on each other.
        Group(usize) = "group(N)",
    }
}

impl Norm {
    /// Fails unless it can normalise `channels`.
    pub(crate) fn check(self, channels: usize) -> Result<()> {
        let Self::Group(groups) = self else {
            return Ok(());
        };
        let fits = groups > 0 && channels.is_multiple_of(groups);
        let problem = || format!("{groups} groups do not divide {channels} channels");
        ensure("norm", fits, problem)
    }
}

/// A normalisation and its activation over `[batch, …, channels]`.
#[derive(Clone, Debug)]
pub(crate) enum NormActivation {
    /// Batch norm and `ReLU` in one pass.
    Fast(NormRelu),
    Batch(BatchNorm, Activation),
    Group(GroupNorm, Activation),
}

impl NormActivation {
    pub(crate) fn new(style: Style, channels: usize, vb: VarBuilder) -> CandleResult<Self> {
        Ok(match (style.norm, style.activation) {
            (Norm::Batch, Activation::Relu) => Self::Fast(batch_norm(channels, EPS, vb)?.into()),
            (Norm::Batch, other) => Self::Batch(batch_norm(channels, EPS, vb)?, other),
            (Norm::Group(groups), other) => {
                Self::Group(GroupNorm::new(groups, channels, &vb)?, other)
            }
        })
    }

    /// The normalisation and the activation.
    pub(crate) fn specs(&self) -> CandleResult<[ModuleSpec; 2]> {
        Ok(match self {
            Self::Fast(layer) => [ModuleSpec::batch_norm(layer.layer())?, ModuleSpec::Relu],
            Self::Batch(norm, activation) => [ModuleSpec::batch_norm(norm)?, activation.spec()],
            Self::Group(norm, activation) => [norm.spec(), activation.spec()],
        })
    }

    /// Its cost on `numbers`; candle's operations do not say what they save.
    pub(crate) fn cost(&self, numbers: usize) -> Cost {
        match self {
            Self::Fast(_) => Cost::layer(0, numbers, numbers),
            _ => Cost::unknown(0),
        }
    }
}

impl ModuleT for NormActivation {
    fn forward_t(&self, xs: &Tensor, train: bool) -> CandleResult<Tensor> {
        match self {
            Self::Fast(layer) => layer.forward_t(xs, train),
            Self::Batch(norm, activation) => {
                in_dtype(xs, norm.running_mean().dtype(), |xs| {
                    // Candle's layer takes channels in the second dimension: `[pixels, channels]`.
                    let pixels = xs.flatten_to(xs.rank().saturating_sub(2))?;
                    let normal = layers::batch_norm(norm, &pixels, train)?;
                    activation.forward(&normal.reshape(xs.shape())?)
                })
            }
            Self::Group(norm, activation) => in_dtype(xs, norm.weight.dtype(), |xs| {
                activation.forward(&norm.forward(xs)?)
            }),
        }
    }
}

/// Group normalisation, channels last.
#[derive(Clone, Debug)]
pub(crate) struct GroupNorm {
    groups: usize,
    weight: Tensor,
    bias: Tensor,
}

impl GroupNorm {
    fn new(groups: usize, channels: usize, vb: &VarBuilder) -> CandleResult<Self> {
        if groups == 0 || !channels.is_multiple_of(groups) {
            bail!("{groups} groups do not divide {channels} channels")
        }
        Ok(Self {
            groups,
            weight: vb.get_with_hints(channels, "weight", Init::Const(1.0))?,
            bias: vb.get_with_hints(channels, "bias", Init::Const(0.0))?,
        })
    }

    fn spec(&self) -> ModuleSpec {
        ModuleSpec::GroupNorm {
            groups: self.groups,
            affine: Affine::of(&self.weight, &self.bias),
            eps: EPS,
        }
    }
}

impl Module for GroupNorm {
    fn forward(&self, xs: &Tensor) -> CandleResult<Tensor> {
        let channels = self.weight.elem_count();
        let batch = xs.dim(0)?;
        let pixels = xs.elem_count() / (batch * channels).max(1);
        let groups = xs.reshape((batch, pixels, self.groups, channels / self.groups))?;
        let centred = groups.broadcast_sub(&groups.mean_keepdim((1, 3))?)?;
        let deviation = (centred.sqr()?.mean_keepdim((1, 3))? + EPS)?.sqrt()?;
        let normal = centred.broadcast_div(&deviation)?.reshape(xs.shape())?;
        normal
            .broadcast_mul(&early_grad(&self.weight)?)?
            .broadcast_add(&early_grad(&self.bias)?)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device, Result, Tensor};
    use candle_nn::{Activation as Candle, Module, ModuleT, VarBuilder, VarMap, group_norm};
    use horesnet::layers::{channels_first, channels_last};

    use super::{EPS, Norm, NormActivation};
    use crate::network::parts::layers::{Activation, Style};

    fn close(a: &Tensor, b: &Tensor) -> bool {
        let apart = (a - b).unwrap().abs().unwrap().max_all().unwrap();
        apart.to_scalar::<f64>().unwrap() < 1e-12
    }

    #[test]
    fn group_norm_is_candles_with_channels_last() -> Result<()> {
        let map = VarMap::new();
        let vb = VarBuilder::from_varmap(&map, DType::F64, &Device::Cpu);
        let style = Style {
            norm: Norm::Group(2),
            activation: Activation::Silu,
        };
        let layer = NormActivation::new(style, 6, vb.clone())?;
        for (index, var) in map.all_vars().iter().enumerate() {
            let values = Tensor::arange(0.0, 6.0, &Device::Cpu)?;
            var.set(&(values * (0.5 + index as f64))?)?;
        }
        let xs = Tensor::randn(1.0, 2.0, (3, 4, 5, 6), &Device::Cpu)?;
        let reference = group_norm(2, 6, EPS, vb)?.forward(&channels_first(&xs)?)?;
        let expected = Candle::Silu.forward(&channels_last(&reference)?)?;
        assert!(close(&layer.forward_t(&xs, true)?, &expected));
        Ok(())
    }

    #[test]
    fn batch_norm_with_any_activation_keeps_the_same_statistics() -> Result<()> {
        let xs = Tensor::randn(1.0, 2.0, (3, 4, 5, 2), &Device::Cpu)?;
        let made = |activation| -> Result<(VarMap, Tensor)> {
            let map = VarMap::new();
            let vb = VarBuilder::from_varmap(&map, DType::F64, &Device::Cpu);
            let style = Style {
                norm: Norm::Batch,
                activation,
            };
            let layer = NormActivation::new(style, 2, vb)?;
            layer.forward_t(&xs, true)?;
            let ys = layer.forward_t(&xs, false)?;
            Ok((map, ys))
        };
        let (fast, relu) = made(Activation::Relu)?;
        let (slow, gelu) = made(Activation::Gelu)?;
        for (name, var) in fast.data().lock().unwrap().iter() {
            let other = slow.data().lock().unwrap()[name].clone();
            assert!(close(var.as_tensor(), other.as_tensor()), "{name}");
        }
        // The same normal numbers: where they are far above 0, both activations leave them as they are.
        assert!((relu - gelu)?.abs()?.max_all()?.to_scalar::<f64>()? < 0.2);
        Ok(())
    }
}
