//! The residual function of HO-ResNet: two 3×3 convolutions, normalisation and `ReLU` before each.

// Builders are passed by value, as everywhere in candle.
#![expect(clippy::needless_pass_by_value)]

use candle_core::{Result, Tensor};
use candle_nn::{ModuleT, VarBuilder};
use horesnet::layers::NormReluConv;

use crate::layers::norm_relu_conv;

/// `F(x) = conv(relu(norm(conv(relu(norm(x))))))`, same shape as `x`: one stage of a block.
///
/// Images are `[batch, height, width, channels]`. No biases. Blocks of a [`HoResNet`](crate::HoResNet) have one of these for each stage, with weights of its own.
#[derive(Clone, Debug)]
pub struct ResidualFunction {
    first: NormReluConv,
    second: NormReluConv,
}

impl ResidualFunction {
    /// A residual function for `[batch, height, width, channels]`.
    pub fn new(channels: usize, vb: VarBuilder) -> Result<Self> {
        let unit = |norm, conv| norm_relu_conv(channels, channels, 1, vb.pp(norm), vb.pp(conv));
        Ok(Self {
            first: unit("norm1", "conv1")?,
            second: unit("norm2", "conv2")?,
        })
    }
}

impl ModuleT for ResidualFunction {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        self.second
            .forward_t(&self.first.forward_t(xs, train)?, train)
    }
}
