//! From images to images: transform, multiply, transform back.

use std::ops::Range;

use super::tiles::{PLACES, widen};
use super::{Group, See};
use crate::combine::{Isa, Kernel};
use crate::layers::cpu::float::Float;
use crate::layers::cpu::norm::Channels;
use crate::layers::cpu::pack::Sizes;
use crate::layers::cpu::product::{LANES, multiply};
use crate::layers::cpu::window::Extent;

/// From images to images: the convolution itself, or the way of gradients back to its input.
pub(crate) struct Correlation<T> {
    group: Group,
    from: usize,
    to: usize,
    /// Of each place: blocks of [`LANES`] channels that are written, for every channel that is read.
    weights: Vec<T>,
}

impl<T: Float> Correlation<T> {
    /// From the input to the output.
    pub(crate) fn forward(image: Extent, sizes: Sizes, kernel: &[T]) -> Self {
        let read = |to, from, row, column| kernel[sizes.at(to, from, row, column)];
        Self::new(image, sizes.inputs, sizes.outputs, read)
    }

    /// From the output's gradient to the input's.
    pub(crate) fn backward(image: Extent, sizes: Sizes, kernel: &[T]) -> Self {
        let read = |to, from, row, column| kernel[sizes.at(from, to, 2 - row, 2 - column)];
        Self::new(image, sizes.outputs, sizes.inputs, read)
    }

    fn new(
        image: Extent,
        from: usize,
        to: usize,
        read: impl Fn(usize, usize, usize, usize) -> T,
    ) -> Self {
        let mut weights = vec![T::ZERO; PLACES * from * to];
        let mut places: Vec<&mut [[T; LANES]]> = weights
            .chunks_exact_mut((from * to).max(1))
            .map(|place| place.as_chunks_mut().0)
            .collect();
        for block in 0..to / LANES {
            for input in 0..from {
                let mut kernel = [[[T::ZERO; LANES]; 3]; 3];
                for (row, kernel) in kernel.iter_mut().enumerate() {
                    for (column, kernel) in kernel.iter_mut().enumerate() {
                        for (lane, weight) in kernel.iter_mut().enumerate() {
                            *weight = read(block * LANES + lane, input, row, column);
                        }
                    }
                }
                let wide = widen(&kernel);
                for (place, weights) in places.iter_mut().enumerate() {
                    weights[block * from + input] = wide[place / 4][place % 4];
                }
            }
        }
        Self {
            group: Group::new(image),
            from,
            to,
            weights,
        }
    }

    /// As the plain way's; false if a result is not finite.
    pub(crate) fn run(
        &self,
        isa: Isa,
        xs: &[T],
        norm: Option<&Channels<T>>,
        out: &mut [T],
    ) -> bool {
        let Self {
            group, from, to, ..
        } = *self;
        let mut frame = vec![T::ZERO; group.tiles.frame(from).elements()];
        let mut seen = vec![T::ZERO; group.planes(from)];
        let mut products = vec![T::ZERO; group.planes(to)];
        let mut finite = true;
        let groups = xs.chunks(group.images * group.pixels * from);
        for (xs, out) in groups.zip(out.chunks_mut(group.images * group.pixels * to)) {
            for span in group.spans() {
                isa.run(See {
                    group,
                    span: span.clone(),
                    channels: from,
                    xs,
                    norm,
                    frame: &mut frame,
                    planes: &mut seen,
                });
                isa.run(Multiply {
                    correlation: self,
                    tiles: xs.len() / (group.pixels * from) * span.len(),
                    seen: &seen,
                    products: &mut products,
                });
                finite &= isa.run(Show {
                    group,
                    span,
                    channels: to,
                    planes: &products,
                    out: &mut *out,
                });
            }
        }
        finite
    }
}

/// The products of all planes.
struct Multiply<'a, T> {
    correlation: &'a Correlation<T>,
    tiles: usize,
    seen: &'a [T],
    products: &'a mut [T],
}

impl<T: Float> Kernel for Multiply<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        let Correlation {
            group,
            from,
            to,
            ref weights,
        } = *self.correlation;
        let planes = self.seen.chunks_exact(group.stride(from));
        let planes = planes.zip(self.products.chunks_exact_mut(group.stride(to)));
        for ((seen, products), weights) in planes.zip(weights.chunks_exact(from * to)) {
            let seen = &seen[..self.tiles * from];
            multiply::<T, FUSED, ROWS>(seen, from, weights, products, to);
        }
    }
}

/// Takes planes back to a span of images; false if a number is not finite.
struct Show<'a, T> {
    group: Group,
    span: Range<usize>,
    channels: usize,
    planes: &'a [T],
    out: &'a mut [T],
}

impl<T: Float> Kernel for Show<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) -> bool {
        let Group { tiles, pixels, .. } = self.group;
        let stride = self.group.stride(self.channels);
        let mut finite = true;
        let images = self.out.chunks_exact_mut(pixels * self.channels);
        for (index, out) in images.enumerate() {
            let first = index * self.span.len();
            let span = self.span.clone();
            finite &= tiles.show(span, self.planes, self.channels, stride, first, out);
        }
        finite
    }
}
