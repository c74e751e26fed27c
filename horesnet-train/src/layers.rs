//! The layers networks are built from, in one place: fast ones, whose images are `[batch, height, width, channels]`.

use candle_core::Result;
use candle_nn::{Conv2dConfig, VarBuilder, batch_norm, conv2d_no_bias};
use horesnet::layers::{NormRelu, NormReluConv};

/// What is added to variances before their roots are taken.
const EPS: f64 = 1e-5;

/// A 3×3 convolution without bias, padding 1: `[batch, height, width, in]` to
/// `[batch, ⌈height/stride⌉, ⌈width/stride⌉, out]`.
pub(crate) fn conv3x3(
    in_channels: usize,
    out_channels: usize,
    stride: usize,
    vb: VarBuilder,
) -> Result<candle_nn::Conv2d> {
    let config = Conv2dConfig {
        padding: 1,
        stride,
        ..Conv2dConfig::default()
    };
    conv2d_no_bias(in_channels, out_channels, 3, config, vb)
}

/// Batch normalisation, then `ReLU`.
pub(crate) fn norm_relu(channels: usize, vb: VarBuilder) -> Result<NormRelu> {
    Ok(batch_norm(channels, EPS, vb)?.into())
}

/// Batch normalisation, `ReLU`, then [`conv3x3`].
pub(crate) fn norm_relu_conv(
    in_channels: usize,
    out_channels: usize,
    stride: usize,
    norm: VarBuilder,
    conv: VarBuilder,
) -> Result<NormReluConv> {
    Ok(NormReluConv::new(
        batch_norm(in_channels, EPS, norm)?,
        conv3x3(in_channels, out_channels, stride, conv)?,
    ))
}
