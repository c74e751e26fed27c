//! The pre-activation unit of residual networks: normalisation, `ReLU`, convolution.

use candle_core::{Module, Result, Tensor};
use candle_nn::{BatchNorm, ModuleT};

use super::conv::Conv2d;
use super::norm::NormRelu;
use super::op::convolve::convolve;
use super::{contiguous, widened};

/// `conv(relu(norm(xs)))` of `[batch, height, width, in]`, fast on the CPU: what two layers would do, in one op that
/// writes nothing between them. For the way back it keeps its input and the statistics.
///
/// The module's page has an example.
#[derive(Clone, Debug)]
pub struct NormReluConv {
    norm: NormRelu,
    conv: Conv2d,
}

impl NormReluConv {
    /// From candle's layers, whose weights it shares.
    #[must_use]
    pub fn new(norm: BatchNorm, conv: candle_nn::Conv2d) -> Self {
        Self {
            norm: norm.into(),
            conv: conv.into(),
        }
    }

    /// The first half.
    #[must_use]
    pub fn norm(&self) -> &NormRelu {
        &self.norm
    }

    /// The second half.
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
        widened(xs, |xs| {
            let xs = contiguous(xs)?;
            let (norm, affine) = self.norm.normal(&xs, train)?;
            let kernel = self.conv.kernel(&xs)?;
            self.conv
                .biased(convolve(&xs, &kernel, &affine, window, Some(norm))?)
        })
    }
}
