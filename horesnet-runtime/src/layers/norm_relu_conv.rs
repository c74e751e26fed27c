//! The pre-activation unit of residual networks: normalisation, `ReLU`, convolution.

use candle_core::{Module, Result, Tensor};
use candle_nn::{BatchNorm, ModuleT};

use super::contiguous;
use super::conv::Conv2d;
use super::norm_relu::NormRelu;

/// `conv(relu(norm(xs)))` of `[batch, height, width, in]` in one op, fast on the CPU.
///
/// It keeps the input and the statistics for its backward pass, and writes nothing between the layers. See the
/// [module](super) for an example.
#[derive(Clone, Debug)]
pub struct NormReluConv {
    norm: NormRelu,
    conv: Conv2d,
}

impl NormReluConv {
    /// Fuses candle's layers, whose weights it shares.
    #[must_use]
    pub fn new(norm: BatchNorm, conv: candle_nn::Conv2d) -> Self {
        Self {
            norm: norm.into(),
            conv: conv.into(),
        }
    }

    /// Returns the normalisation and `ReLU`.
    #[must_use]
    pub fn norm(&self) -> &NormRelu {
        &self.norm
    }

    /// Returns the convolution.
    #[must_use]
    pub fn conv(&self) -> &Conv2d {
        &self.conv
    }
}

impl ModuleT for NormReluConv {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        let Some(window) = self.conv.window(xs) else {
            return self.conv.forward(&self.norm.forward_t(xs, train)?);
        };
        let xs = contiguous(xs)?;
        let norm = self.norm.stats_and_affine(&xs, train)?;
        self.conv.run(&xs, window, Some(norm))
    }
}
