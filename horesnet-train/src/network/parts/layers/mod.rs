//! Convolutions, linear layers, norms and activations, on images `[batch, height, width, channels]`.
//! Batch norm, `ReLU` and convolution form one fast layer; other norms and activations run in candle's ops.
//! Must not know blocks or networks.

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
use horesnet::layers::Conv2d;

use crate::network::parts::cost::{Cost, Size};
use crate::network::parts::spec::{ConvSpec, ModuleSpec};

/// The normalisation of a network, and the activation after each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// The normalisation.
    pub norm: Norm,
    /// The activation after each normalisation.
    pub activation: Activation,
}

/// A square convolution without bias, padded so that stride 1 keeps the size: `[batch, height, width, in]` to
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

/// Describes a convolution as data.
pub(crate) fn conv_spec(conv: &Conv2d) -> ModuleSpec {
    let (layer, config) = (conv.layer(), conv.layer().config());
    ModuleSpec::Conv(ConvSpec {
        weight: layer.weight().clone(),
        stride: config.stride,
        padding: config.padding,
    })
}

/// The cost of such a convolution for images of `size`, which becomes that of the output.
pub(crate) fn conv_cost(conv: &Conv2d, size: &mut Size) -> Cost {
    let before = size.pixels();
    *size = size.strided(conv.layer().config().stride);
    match conv.layer().weight().dims() {
        [outputs, inputs, kernel, _] => {
            Cost::conv(*kernel, [*inputs, *outputs], [before, size.pixels()])
        }
        _ => Cost::unknown(0),
    }
}
