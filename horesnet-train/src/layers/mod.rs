//! The layers networks are built from, in one place. Images are `[batch, height, width, channels]`.
//!
//! Batch normalisation, `ReLU` and convolution come as one fast layer; other norms and activations are made of candle's
//! operations.

mod activation;
mod linear;
mod norm;
mod unit;

pub use activation::Activation;
pub use norm::Norm;

pub(crate) use linear::{Linear, linear};
pub(crate) use norm::NormActivation;
pub(crate) use unit::Unit;

use candle_core::Result;
use candle_nn::{Conv2dConfig, VarBuilder, conv2d_no_bias};

use crate::complexity::Cost;

/// How a network normalises, and what follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// The normalisation.
    pub norm: Norm,
    /// The activation after each normalisation.
    pub activation: Activation,
}

impl Style {
    /// Whether norm and activation, and a convolution after them, come as one fast layer.
    fn is_fast(self) -> bool {
        self == Self::default()
    }

    /// What norm and activation cost. Those of candle's operations do not say what they keep.
    pub(crate) fn cost(self, channels: usize, pixels: usize) -> Cost {
        if self.is_fast() {
            Cost::norm(channels, pixels)
        } else {
            Cost::unknown(2 * channels as u64, 0)
        }
    }

    /// What norm, activation and a convolution cost.
    pub(crate) fn unit_cost(self, kernel: usize, channels: [usize; 2], pixels: [usize; 2]) -> Cost {
        if self.is_fast() {
            return Cost::norm_conv(kernel, channels, pixels);
        }
        let norm = self.cost(channels[0], pixels[0]);
        norm.then(Cost::conv(kernel, channels, pixels))
    }
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
