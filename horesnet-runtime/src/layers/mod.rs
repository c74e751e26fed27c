//! Fast layers for the residual functions of image networks, on the CPU.
//!
//! Images are **channels-last** here: `[batch, height, width, channels]`, contiguous. A row of a convolution's window is then
//! one run of numbers, so nothing is copied before it is multiplied; statistics, normalisation and pooling run along
//! memory. [`channels_last`] and [`channels_first`] convert; do it once where images enter a network.
//!
//! The layers hold candle's own ([`candle_nn::Conv2d`], [`candle_nn::BatchNorm`]) with weights in candle's shapes, so that
//! checkpoints stay as they are, and do what those do: to within rounding the results and the gradients are the same. On
//! other devices than the CPU, and for groups, dilations and kernels that are not square, they call them.
//!
//! Kernels of 3×3 with stride 1 and padding 1, from a multiple of 16 channels to another, take Winograd's way, with 4 products
//! for 9, if the image is not so small and odd that most of this is lost; all others take the plain one. In `f32` results
//! and gradients agree with candle's to 1e-5 of the largest. By Winograd's way a pixel is rounded like the largest number
//! of its 4×4 neighbourhood; what is not finite is computed again the plain way, so that infinities and NaNs stay where they
//! belong. The layers have no second derivatives.
//!
//! In training take gradients with [`horesnet::backward`](crate::backward()) rather than candle's own: it does not add
//! them to zeros.
//!
//! Sums over a batch are formed in parts that depend on the sizes alone: results do not depend on the number of threads.
//!
//! | layer | fuses |
//! |---|---|
//! | [`Conv2d`] | a convolution; no matrix of windows is formed |
//! | [`NormRelu`] | batch normalisation and `ReLU`; only the statistics are kept for the way back |
//! | [`NormReluConv`] | all three: what the convolution reads is formed a few images at a time, in the cache |
//! | [`max_pool`] | the largest of each window |
//! | [`global_average`] | the mean over height and width |
//!
//! ```
//! use horesnet_runtime::candle_core::{DType, Device, Result, Tensor};
//! use horesnet_runtime::candle_nn::{BatchNormConfig, Conv2dConfig, ModuleT, VarBuilder, VarMap};
//! use horesnet_runtime::candle_nn::{batch_norm, conv2d_no_bias};
//! use horesnet_runtime::layers::{NormReluConv, channels_last};
//!
//! # fn main() -> Result<()> {
//! let variables = VarMap::new();
//! let vb = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
//! let config = Conv2dConfig { padding: 1, ..Conv2dConfig::default() };
//! let unit = NormReluConv::new(
//!     batch_norm(3, BatchNormConfig::default(), vb.pp("norm"))?,
//!     conv2d_no_bias(3, 16, 3, config, vb.pp("conv"))?,
//! );
//! let images = Tensor::randn(0f32, 1f32, (2, 3, 8, 8), &Device::Cpu)?;
//! let ys = unit.forward_t(&channels_last(&images)?, true)?;
//! assert_eq!(ys.dims(), [2, 8, 8, 16]);
//! # Ok(())
//! # }
//! ```

mod conv;
mod cpu;
mod maximum;
mod norm;
mod op;
mod pool;
mod stock;
mod unit;

pub use conv::Conv2d;
pub use maximum::max_pool;
pub use norm::NormRelu;
pub use pool::global_average;
pub use unit::NormReluConv;

use candle_core::{DType, Result, Tensor};

use crate::combine::reserve;

/// `[batch, channels, height, width]`, as elsewhere in candle, to the `[batch, height, width, channels]` of these layers.
///
/// # Errors
/// Another number of dimensions than four.
pub fn channels_last(xs: &Tensor) -> Result<Tensor> {
    xs.permute((0, 2, 3, 1))?.contiguous()
}

/// The inverse of [`channels_last`].
///
/// # Errors
/// Another number of dimensions than four.
pub fn channels_first(xs: &Tensor) -> Result<Tensor> {
    xs.permute((0, 3, 1, 2))?.contiguous()
}

/// `xs` contiguous, or an error if there is no memory for that.
fn contiguous(xs: &Tensor) -> Result<Tensor> {
    if !xs.is_contiguous() {
        reserve(xs.elem_count(), xs.dtype().size_in_bytes())?;
    }
    xs.contiguous()
}

/// Runs `layer` in `f32` on what it was given, if that was `bf16` or `f16`, and rounds its result once.
fn widened(xs: &Tensor, layer: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    match xs.dtype() {
        half @ (DType::BF16 | DType::F16) => layer(&xs.to_dtype(DType::F32)?)?.to_dtype(half),
        _ => layer(xs),
    }
}
