//! Convolution by Winograd's algorithm: 3×3, stride 1, padding 1, channels that fill vectors.
//! `lines` are the algorithms, and `transform` applies them to the `tiles` of images; `conv` and `weight_grad` multiply.
//! It must not know of direct convolution: it reports results that are not finite, and its caller recomputes them.

mod by_plane;
mod conv;
mod lines;
mod memory;
mod tiles;
mod transform;
mod weight_grad;

pub(crate) use by_plane::ByPlane;
pub(crate) use conv::Conv;
pub(crate) use tiles::Algorithm;
pub(crate) use weight_grad::WeightGrad;

use super::gemm::LANES;
use super::window::{ConvShape, ConvWindow};
use tiles::Tiles;

/// The fastest algorithm, if one applies and is faster than direct convolution.
pub(crate) fn fastest(shape: ConvShape) -> Option<Algorithm> {
    let window = ConvWindow {
        kernel: 3,
        stride: 1,
        padding: 1,
    };
    let is_full = |channels: usize| channels > 0 && channels.is_multiple_of(LANES);
    if shape.window != window || !is_full(shape.input.channels) || !is_full(shape.output.channels) {
        return None;
    }
    // Products of channels by channels.
    let products =
        |algorithm| Tiles::new(algorithm, shape.input).count() * Algorithm::planes(algorithm);
    let (small, large) = (products(Algorithm::F2), products(Algorithm::F4));
    let best = if 4 * large <= 3 * small {
        (Algorithm::F4, large)
    } else {
        (Algorithm::F2, small)
    };
    (10 * best.1 <= 7 * 9 * shape.input.pixels()).then_some(best.0)
}
