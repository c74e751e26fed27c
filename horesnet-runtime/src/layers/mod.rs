//! Fast layers for the residual functions of image networks, on the CPU.
//! They hold candle's layers, and hand tensors to the ops of `op`, which compute with `cpu`.
//! They must not know of blocks, coefficients, or networks.
//!
//! Images are **channels-last** here: `[batch, height, width, channels]`, contiguous. One row of a convolution's window is
//! then contiguous, so nothing is copied before it is multiplied, and statistics, normalisation and pooling read memory in
//! order. Convert with [`channels_last`] and [`channels_first`], once, where images enter a network.
//!
//! The layers hold candle's own ([`candle_nn::Conv2d`], [`candle_nn::BatchNorm`]) with weights in candle's shapes, so
//! checkpoints are interchangeable. Results and gradients agree with candle's to within rounding: in `f32` to 1e-5 of the
//! largest value. On devices other than the CPU, and for groups, dilations and kernels that are not square, they call
//! candle's.
//!
//! 3×3 convolutions with stride 1, padding 1 and multiples of 16 channels use Winograd's algorithm: a quarter of the products
//! in tiles of 4×4 outputs, and 4 in place of 9 in tiles of 2×2, for images that tiles of 4×4 do not fit. All others are
//! direct, as are images so small, with odd sides, that most of the gain is lost. With Winograd's algorithm, the rounding
//! error of a pixel is relative to the largest number in its neighbourhood of 6×6 or 4×4. Results that are not finite are
//! computed again directly, so infinities and NaNs stay where they belong. The layers have no second derivatives.
//!
//! In training, compute gradients with [`horesnet::backward`](crate::backward()) rather than candle's own: it does not add
//! them to zeros first.
//!
//! How sums over a batch are split depends on the sizes alone, so results are bit-identical for any number of threads.
//!
//! | layer | fuses |
//! |---|---|
//! | [`Conv2d`] | a convolution; no im2col matrix is formed |
//! | [`NormRelu`] | batch normalisation and `ReLU`; only the statistics are kept for the backward pass |
//! | [`NormReluConv`] | all three: what the convolution reads is formed a few images at a time, in the cache |
//! | [`max_pool`] | the maximum of each window |
//! | [`global_avg_pool`] | the mean over height and width |
//!
//! ```
//! # use horesnet_runtime as horesnet;
//! use horesnet::candle_core::{DType, Device, Result, Tensor};
//! use horesnet::candle_nn::{BatchNormConfig, Conv2dConfig, ModuleT, VarBuilder, VarMap};
//! use horesnet::candle_nn::{batch_norm, conv2d_no_bias};
//! use horesnet::layers::{NormReluConv, channels_last};
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
mod early_grad;
mod fallback;
mod global_avg_pool;
mod max_pool;
mod norm_relu;
mod norm_relu_conv;
mod op;
mod sync_norm;

#[doc(hidden)]
pub use crate::batch_sync::{BatchSync, Combine, synchronised};
pub use conv::Conv2d;
pub use early_grad::early_grad;
pub use global_avg_pool::global_avg_pool;
pub use max_pool::max_pool;
pub use norm_relu::NormRelu;
pub use norm_relu_conv::NormReluConv;
#[doc(hidden)]
pub use sync_norm::batch_norm;

use candle_core::{DType, Result, Tensor};

use crate::combine::reserve;
use cpu::permute;
use cpu::window::Extent;
use op::{with_elements, with_float};

/// Permutes `[batch, channels, height, width]`, candle's usual layout, to the `[batch, height, width, channels]` of these
/// layers.
///
/// # Errors
/// A tensor that is not four-dimensional.
pub fn channels_last(xs: &Tensor) -> Result<Tensor> {
    let (batch, channels, height, width) = xs.dims4()?;
    let image = Extent {
        height,
        width,
        channels,
    };
    let is_float = matches!(xs.dtype(), DType::F32 | DType::F64);
    // Candle's own permutation takes several times as long, but knows gradients.
    if !is_float || !xs.is_contiguous() || !xs.device().is_cpu() || xs.track_op() {
        return xs.permute((0, 2, 3, 1))?.contiguous();
    }
    with_float!(xs.dtype(), T => {
        let permuted = with_elements::<T, _>(xs, |xs| permute::channels_last(xs, image))?;
        Tensor::from_vec(permuted, (batch, height, width, channels), xs.device())
    })
}

/// The inverse of [`channels_last`].
///
/// # Errors
/// A tensor that is not four-dimensional.
pub fn channels_first(xs: &Tensor) -> Result<Tensor> {
    xs.permute((0, 3, 1, 2))?.contiguous()
}

/// `xs` made contiguous; an error if there is no memory for that.
fn contiguous(xs: &Tensor) -> Result<Tensor> {
    if !xs.is_contiguous() {
        reserve(xs.elem_count(), xs.dtype().size_in_bytes())?;
    }
    xs.contiguous()
}

/// Runs `layer` on `xs` made contiguous, `bf16` and `f16` in `f32`; an error if there is no memory for that.
fn on_cpu(xs: &Tensor, layer: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    match xs.dtype() {
        half @ (DType::BF16 | DType::F16) => {
            layer(&contiguous(&xs.to_dtype(DType::F32)?)?)?.to_dtype(half)
        }
        _ => layer(&contiguous(xs)?),
    }
}
