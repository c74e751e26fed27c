//! The layers networks are built from, in one place, so that faster ones can take their place for all of them.

use candle_core::{Result, Tensor};
use candle_nn::{BatchNorm, Conv2d, Conv2dConfig, ModuleT, VarBuilder, batch_norm, conv2d_no_bias};

/// A 3×3 convolution without bias, padding 1: `[batch, in, height, width]` to
/// `[batch, out, ⌈height/stride⌉, ⌈width/stride⌉]`.
pub(crate) fn conv3x3(
    in_channels: usize,
    out_channels: usize,
    stride: usize,
    vb: VarBuilder,
) -> Result<Conv2d> {
    let config = Conv2dConfig {
        padding: 1,
        stride,
        ..Conv2dConfig::default()
    };
    conv2d_no_bias(in_channels, out_channels, 3, config, vb)
}

/// Batch normalisation over `[batch, channels, height, width]`, then `ReLU`.
#[derive(Clone, Debug)]
pub(crate) struct NormRelu {
    norm: BatchNorm,
}

impl NormRelu {
    pub(crate) fn new(channels: usize, vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            norm: batch_norm(channels, 1e-5, vb)?,
        })
    }
}

impl ModuleT for NormRelu {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        self.norm.forward_t(xs, train)?.relu()
    }
}
