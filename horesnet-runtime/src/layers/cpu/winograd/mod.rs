//! Convolution by Winograd's algorithm: 3×3, stride 1, padding 1, channels that fill vectors.
//! `tiles` transforms; `conv` and `weight_grad` multiply what it has transformed.
//! It must not know of direct convolution: it reports results that are not finite, and its caller recomputes them.

mod conv;
mod tiles;
mod weight_grad;

pub(crate) use conv::Conv;
pub(crate) use weight_grad::WeightGrad;

use super::gemm::LANES;
use super::window::{ConvShape, ConvWindow};
use tiles::{PLANES, Tiles};

/// Returns true if the algorithm applies, and is faster than direct convolution.
pub(crate) fn is_faster(shape: ConvShape) -> bool {
    let window = ConvWindow {
        kernel: 3,
        stride: 1,
        padding: 1,
    };
    let is_full = |channels: usize| channels > 0 && channels.is_multiple_of(LANES);
    let products = Tiles::new(shape.input).count() * PLANES;
    shape.window == window
        && is_full(shape.input.channels)
        && is_full(shape.output.channels)
        && 10 * products <= 7 * 9 * shape.input.pixels()
}
