//! The convolution layer.

use candle_core::{Result, Tensor};
use candle_nn::Module;

use super::cpu::stored::float_dtype;
use super::cpu::window::ConvWindow;
use super::op::{self, NormStats};
use super::{contiguous, fallback};

/// A convolution of `[batch, height, width, in]` to `[batch, height′, width′, out]`, fast on the CPU.
///
/// It shares the weights of the layer it is made from. It covers any square kernel, stride and padding, and falls back to
/// that layer for groups, dilation and other devices.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{DType, Device, Module, Result, Tensor};
/// use horesnet::candle_nn::{Conv2dConfig, VarBuilder, conv2d_no_bias};
/// use horesnet::layers::Conv2d;
///
/// # fn main() -> Result<()> {
/// let vb = VarBuilder::zeros(DType::F32, &Device::Cpu);
/// let config = Conv2dConfig { padding: 1, stride: 2, ..Conv2dConfig::default() };
/// let conv = Conv2d::from(conv2d_no_bias(3, 16, 3, config, vb)?);
/// let xs = Tensor::zeros((2, 32, 32, 3), DType::F32, &Device::Cpu)?;
/// assert_eq!(conv.forward(&xs)?.dims(), [2, 16, 16, 16]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Conv2d {
    layer: candle_nn::Conv2d,
}

impl From<candle_nn::Conv2d> for Conv2d {
    fn from(layer: candle_nn::Conv2d) -> Self {
        Self { layer }
    }
}

impl Conv2d {
    /// Returns the layer it was made from.
    #[must_use]
    pub fn layer(&self) -> &candle_nn::Conv2d {
        &self.layer
    }

    /// The window, if fast code covers this layer on the device of `xs`.
    pub(crate) fn window(&self, xs: &Tensor) -> Option<ConvWindow> {
        let config = self.layer.config();
        let &[_, _, kernel, columns] = self.layer.weight().dims() else {
            return None;
        };
        let is_plain = config.groups == 1 && config.dilation == 1 && config.stride > 0;
        let is_square = kernel == columns && kernel > 0;
        (is_plain && is_square && xs.device().is_cpu()).then_some(ConvWindow {
            kernel,
            stride: config.stride,
            padding: config.padding,
        })
    }

    /// Convolves `xs`, or `relu(norm(xs))`, on the CPU.
    pub(crate) fn run(
        &self,
        xs: &Tensor,
        window: ConvWindow,
        norm: Option<(NormStats, Tensor)>,
    ) -> Result<Tensor> {
        let kernel = self
            .layer
            .weight()
            .to_dtype(float_dtype(xs.dtype()))?
            .contiguous()?;
        let ys = op::conv::conv(xs, &kernel, window, norm)?;
        match self.layer.bias() {
            Some(bias) => ys.broadcast_add(&bias.to_dtype(ys.dtype())?),
            None => Ok(ys),
        }
    }
}

impl Module for Conv2d {
    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        match self.window(xs) {
            Some(window) => self.run(&contiguous(xs)?, window, None),
            None => fallback::conv(&self.layer, xs),
        }
    }
}
