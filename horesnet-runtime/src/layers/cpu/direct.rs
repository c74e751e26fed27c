//! The convolution of some images the plain way: every number that a window sees times its weight.

use super::float::Float;
use super::image;
use super::norm::Channels;
use super::pack::{self, Sizes};
use super::product::{LANES, gather, outer};
use super::window::{Extent, Frame, Reads, Window, backward, forward};
use crate::combine::{Isa, Kernel};

/// From images to images: the convolution itself, or the way of gradients back to its input.
pub(crate) struct Correlation<T> {
    frame: Frame,
    /// What is read for some of the pixels written, and the weights for it.
    passes: Vec<(Reads, Vec<T>)>,
    output: Extent,
}

impl<T: Float> Correlation<T> {
    /// From the input to the output.
    pub(crate) fn forward(
        window: Window,
        input: Extent,
        output: Extent,
        sizes: Sizes,
        kernel: &[T],
    ) -> Self {
        let (frame, reads) = forward(window, input, output);
        Self {
            frame,
            passes: vec![(reads, pack::forward(sizes, kernel))],
            output,
        }
    }

    /// From the output's gradient to the input's.
    pub(crate) fn backward(
        window: Window,
        input: Extent,
        output: Extent,
        sizes: Sizes,
        kernel: &[T],
    ) -> Self {
        let (frame, phases) = backward(window, input, output);
        let pass = |phase| {
            let weights = pack::backward(sizes, kernel, &phase);
            (phase.reads, weights)
        };
        Self {
            frame,
            passes: phases.into_iter().map(pass).collect(),
            output: input,
        }
    }

    /// Writes the outputs of images `xs`, or of `relu(norm(xs))`, to `out`.
    pub(crate) fn run(&self, isa: Isa, xs: &[T], norm: Option<&Channels<T>>, out: &mut [T]) {
        isa.run(Correlate {
            correlation: self,
            xs,
            norm,
            out,
        });
    }
}

struct Correlate<'a, T> {
    correlation: &'a Correlation<T>,
    xs: &'a [T],
    norm: Option<&'a Channels<T>>,
    out: &'a mut [T],
}

impl<T: Float> Kernel for Correlate<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        let Correlation {
            frame: shape,
            ref passes,
            output,
        } = *self.correlation;
        let mut frame = vec![T::ZERO; shape.elements()];
        let images = self.xs.chunks_exact(shape.image.elements().max(1));
        let outs = self.out.chunks_exact_mut(output.elements().max(1));
        for (xs, out) in images.zip(outs) {
            image::fill::<T, FUSED>(shape, xs, self.norm, &mut frame);
            for (reads, weights) in passes {
                gather::<T, FUSED, ROWS>(&frame, reads, weights, out, output.channels);
            }
        }
    }
}

/// From images and gradients to the gradient of the kernel.
pub(crate) struct Products {
    frame: Frame,
    reads: Reads,
    output: Extent,
}

impl Products {
    pub(crate) fn new(window: Window, input: Extent, output: Extent) -> Self {
        let (frame, reads) = forward(window, input, output);
        Self {
            frame,
            reads,
            output,
        }
    }

    /// Adds to `sums`, packed as weights are, the products of images `xs`, or of `relu(norm(xs))`, and `gradients`.
    pub(crate) fn add<T: Float>(
        &self,
        isa: Isa,
        xs: &[T],
        norm: Option<&Channels<T>>,
        gradients: &[T],
        sums: &mut [T],
    ) {
        isa.run(Add {
            products: self,
            xs,
            norm,
            gradients,
            sums,
        });
    }
}

struct Add<'a, T> {
    products: &'a Products,
    xs: &'a [T],
    norm: Option<&'a Channels<T>>,
    gradients: &'a [T],
    sums: &'a mut [T],
}

impl<T: Float> Kernel for Add<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        let Products {
            frame: shape,
            ref reads,
            output,
        } = *self.products;
        let mut frame = vec![T::ZERO; shape.elements()];
        let channels = output.channels.next_multiple_of(LANES);
        let mut whole = vec![T::ZERO; output.pixels() * channels];
        let images = self.xs.chunks_exact(shape.image.elements().max(1));
        let gradients = self.gradients.chunks_exact(output.elements().max(1));
        for (xs, gradients) in images.zip(gradients) {
            image::fill::<T, FUSED>(shape, xs, self.norm, &mut frame);
            let gradients = if channels == output.channels {
                gradients
            } else {
                let pixels = gradients.chunks_exact(output.channels);
                for (to, from) in whole.chunks_exact_mut(channels).zip(pixels) {
                    to[..output.channels].copy_from_slice(from);
                }
                &whole
            };
            outer::<T, FUSED, ROWS>(&frame, reads, gradients, channels, self.sums);
        }
    }
}
