//! The convolution layer.

use candle_core::{Result, Tensor};
use candle_nn::Module;

use super::cpu::window::Window;
use super::op::convolve::convolve;
use super::{contiguous, stock, widened};

/// A convolution of `[batch, height, width, in]` to `[batch, height′, width′, out]`, fast on the CPU.
///
/// Its weights are those of the layer it is made from. Any square kernel, stride and padding is covered; with groups or
/// dilation, and on other devices, it does what that layer does.
///
/// ```
/// use horesnet_runtime::candle_core::{DType, Device, Module, Result, Tensor};
/// use horesnet_runtime::candle_nn::{Conv2dConfig, VarBuilder, conv2d_no_bias};
/// use horesnet_runtime::layers::Conv2d;
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
    /// The layer it was made from.
    #[must_use]
    pub fn layer(&self) -> &candle_nn::Conv2d {
        &self.layer
    }

    /// The window, if fast code covers this layer.
    pub(crate) fn window(&self, xs: &Tensor) -> Option<Window> {
        let config = self.layer.config();
        let (rows, columns) = match self.layer.weight().dims() {
            [_, _, rows, columns] => (*rows, *columns),
            _ => return None,
        };
        let plain = config.groups == 1 && config.dilation == 1 && config.stride > 0;
        let square = rows == columns && rows > 0;
        (plain && square && xs.device().is_cpu()).then_some(Window {
            kernel: rows,
            stride: config.stride,
            padding: config.padding,
        })
    }

    /// The kernel in the dtype of `xs`, contiguous.
    pub(crate) fn kernel(&self, xs: &Tensor) -> Result<Tensor> {
        self.layer.weight().to_dtype(xs.dtype())?.contiguous()
    }

    /// Adds the bias, if there is one, to what came out of the convolution.
    pub(crate) fn biased(&self, out: Tensor) -> Result<Tensor> {
        match self.layer.bias() {
            Some(bias) => out.broadcast_add(&bias.to_dtype(out.dtype())?),
            None => Ok(out),
        }
    }
}

impl Module for Conv2d {
    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        let Some(window) = self.window(xs) else {
            return stock::conv(&self.layer, xs);
        };
        widened(xs, |xs| {
            let xs = contiguous(xs)?;
            let kernel = self.kernel(&xs)?;
            self.biased(convolve(&xs, &kernel, &kernel, window, None)?)
        })
    }
}
