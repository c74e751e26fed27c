//! The layers networks are built from, in one place. Images are `[batch, height, width, channels]`.
//!
//! Batch normalisation, `ReLU` and convolution come as one fast layer; other norms and activations are made of candle's
//! operations.

mod activation;
mod norm;
mod unit;

pub use activation::Activation;
pub use norm::Norm;

pub(crate) use norm::NormActivation;
pub(crate) use unit::Unit;

use candle_core::Result;
use candle_nn::{Conv2dConfig, VarBuilder, conv2d_no_bias};

/// How a network normalises, and what follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// The normalisation.
    pub norm: Norm,
    /// The activation after each normalisation.
    pub activation: Activation,
}

/// A square convolution without bias, padded so that with stride 1 the size stays: `[batch, height, width, in]` to
/// `[batch, ⌈height/stride⌉, ⌈width/stride⌉, out]` for an odd `kernel`.
pub(crate) fn conv(
    in_channels: usize,
    out_channels: usize,
    kernel: usize,
    stride: usize,
    vb: VarBuilder,
) -> Result<candle_nn::Conv2d> {
    let config = Conv2dConfig {
        padding: kernel / 2,
        stride,
        ..Conv2dConfig::default()
    };
    conv2d_no_bias(in_channels, out_channels, kernel, config, vb)
}
