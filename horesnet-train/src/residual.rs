//! The residual function of HO-ResNet: two 3×3 convolutions, normalisation and `ReLU` before each.

// Builders are passed by value, as everywhere in candle.
#![expect(clippy::needless_pass_by_value)]

use candle_core::{Result, Tensor};
use candle_nn::{Conv2d, Module, ModuleT, VarBuilder};

use crate::layers::{NormRelu, conv3x3};

/// `F(x) = conv(relu(norm(conv(relu(norm(x))))))`, same shape as `x`: one stage of a block.
///
/// No biases. Blocks of a [`HoResNet`](crate::HoResNet) have one of these for each stage, with weights of its own.
#[derive(Clone, Debug)]
pub struct ResidualFunction {
    norm1: NormRelu,
    conv1: Conv2d,
    norm2: NormRelu,
    conv2: Conv2d,
}

impl ResidualFunction {
    /// A residual function for `[batch, channels, height, width]`.
    pub fn new(channels: usize, vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            norm1: NormRelu::new(channels, vb.pp("norm1"))?,
            conv1: conv3x3(channels, channels, 1, vb.pp("conv1"))?,
            norm2: NormRelu::new(channels, vb.pp("norm2"))?,
            conv2: conv3x3(channels, channels, 1, vb.pp("conv2"))?,
        })
    }
}

impl ModuleT for ResidualFunction {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        let ys = self.norm1.forward_t(xs, train)?;
        let ys = self.conv1.forward(&ys)?;
        let ys = self.norm2.forward_t(&ys, train)?;
        self.conv2.forward(&ys)
    }
}
