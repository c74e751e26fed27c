//! Direct convolution of some images: every number in a window times its weight.

use std::mem::MaybeUninit;

use super::float::{Float, zeroed};
use super::gemm::{LANES, implicit_gemm, outer_products};
use super::norm::{OptionalNorm, fill};
use super::pack;
use super::window::{ConvShape, Extent, Im2col, Padded};

/// A direct convolution of images, or its transpose.
pub(crate) struct Conv<T> {
    padded: Padded,
    /// Index and weights for some of the pixels written.
    phases: Vec<(Im2col, Vec<T>)>,
    output: Extent,
    /// True if the phases write every pixel.
    is_covered: bool,
}

impl<T: Float> Conv<T> {
    /// From input to output; if `transposed`, from the output's gradient to the input's.
    pub(crate) fn new(shape: ConvShape, kernel: &[T], transposed: bool) -> Self {
        if transposed {
            let (padded, phases) = shape.transposed();
            let written: usize = phases.iter().map(|phase| phase.index.pixels.len()).sum();
            let phases = phases.into_iter().map(|phase| {
                let weights = pack::transposed(shape, kernel, &phase);
                (phase.index, weights)
            });
            Self {
                padded,
                phases: phases.collect(),
                output: shape.input,
                is_covered: written == shape.input.pixels(),
            }
        } else {
            let (padded, index) = shape.forward();
            Self {
                padded,
                phases: vec![(index, pack::forward(shape, kernel))],
                output: shape.output,
                is_covered: true,
            }
        }
    }
}

kernel! {
    /// Writes the convolution of images `xs`, or of `relu(norm(xs))`, to all of `out`.
    fn convolve<'a, T>(
        conv: &'a Conv<T>,
        xs: &'a [T],
        norm: OptionalNorm<'a, T>,
        out: &'a mut [MaybeUninit<T>],
    ) -> () {
        let Conv { padded: shape, ref phases, output, is_covered } = *conv;
        if !is_covered {
            zeroed(out);
        }
        let mut padded = vec![T::ZERO; shape.elements()];
        let images = xs.chunks_exact(shape.image.elements().max(1));
        let outs = out.chunks_exact_mut(output.elements().max(1));
        for (xs, out) in images.zip(outs) {
            fill::<T, FUSED>(shape, xs, norm, &mut padded);
            for (index, weights) in phases {
                implicit_gemm::<T, FUSED, ROWS>(&padded, index, weights, out, output.channels);
            }
        }
    }
}

/// Computes the gradient of the kernel from images and gradients.
pub(crate) struct WeightGrad {
    padded: Padded,
    index: Im2col,
    output: Extent,
}

impl WeightGrad {
    pub(crate) fn new(shape: ConvShape) -> Self {
        let (padded, index) = shape.forward();
        Self {
            padded,
            index,
            output: shape.output,
        }
    }
}

kernel! {
    /// Adds the products of images `xs`, or of `relu(norm(xs))`, and `gradients` to `sums`, packed as weights are.
    fn add_weight_grad<'a, T>(
        weight_grad: &'a WeightGrad,
        xs: &'a [T],
        norm: OptionalNorm<'a, T>,
        gradients: &'a [T],
        sums: &'a mut [T],
    ) -> () {
        let WeightGrad { padded: shape, ref index, output } = *weight_grad;
        let mut padded = vec![T::ZERO; shape.elements()];
        let channels = output.channels.next_multiple_of(LANES);
        let mut whole = vec![T::ZERO; output.pixels() * channels];
        let images = xs.chunks_exact(shape.image.elements().max(1));
        let gradients = gradients.chunks_exact(output.elements().max(1));
        for (xs, gradients) in images.zip(gradients) {
            fill::<T, FUSED>(shape, xs, norm, &mut padded);
            let gradients = if channels == output.channels {
                gradients
            } else {
                let pixels = gradients.chunks_exact(output.channels);
                for (to, from) in whole.chunks_exact_mut(channels).zip(pixels) {
                    to[..output.channels].copy_from_slice(from);
                }
                &whole
            };
            outer_products::<T, FUSED, ROWS>(&padded, index, gradients, channels, sums, false);
        }
    }
}
