//! From images to images: transform, multiply, transform back.

use super::tiles::{Algorithm, TileGroup};
use super::transform::{input_transform, output_transform, weight_transform};
use crate::combine::Isa;
use crate::layers::cpu::float::Float;
use crate::layers::cpu::gemm::{LANES, gemm};
use crate::layers::cpu::norm::OptionalNorm;
use crate::layers::cpu::window::ConvShape;

/// A convolution of images by Winograd's algorithm, or its transpose.
pub(crate) struct Conv<T> {
    group: TileGroup,
    from: usize,
    to: usize,
    /// For each plane: blocks of [`LANES`] written channels, for every channel read.
    weights: Vec<T>,
}

impl<T: Float> Conv<T> {
    /// From input to output; if `transposed`, from the output's gradient to the input's.
    pub(crate) fn new(
        algorithm: Algorithm,
        shape: ConvShape,
        kernel: &[T],
        transposed: bool,
    ) -> Self {
        let (inputs, outputs) = (shape.input.channels, shape.output.channels);
        if transposed {
            Self::read(
                algorithm,
                shape,
                outputs,
                inputs,
                |to, from, row, column| kernel[shape.weight(from, to, 2 - row, 2 - column)],
            )
        } else {
            Self::read(
                algorithm,
                shape,
                inputs,
                outputs,
                |to, from, row, column| kernel[shape.weight(to, from, row, column)],
            )
        }
    }

    fn read(
        algorithm: Algorithm,
        shape: ConvShape,
        from: usize,
        to: usize,
        weight: impl Fn(usize, usize, usize, usize) -> T,
    ) -> Self {
        let mut weights = vec![T::ZERO; algorithm.planes() * from * to];
        let mut planes: Vec<&mut [[T; LANES]]> = weights
            .chunks_exact_mut((from * to).max(1))
            .map(|plane| plane.as_chunks_mut().0)
            .collect();
        for block in 0..to / LANES {
            for read in 0..from {
                let mut kernel = [[[T::ZERO; LANES]; 3]; 3];
                for (row, kernel) in kernel.iter_mut().enumerate() {
                    for (column, kernel) in kernel.iter_mut().enumerate() {
                        for (lane, value) in kernel.iter_mut().enumerate() {
                            *value = weight(block * LANES + lane, read, row, column);
                        }
                    }
                }
                weight_transform(algorithm, &kernel, |plane, weights| {
                    planes[plane][block * from + read] = weights;
                });
            }
        }
        Self {
            group: TileGroup::new(algorithm, shape.input),
            from,
            to,
            weights,
        }
    }

    /// Writes the convolution of images `xs`, or of `relu(norm(xs))`, to `out`; returns false if a result is not finite.
    pub(crate) fn run(&self, isa: Isa, xs: &[T], norm: OptionalNorm<T>, out: &mut [T]) -> bool {
        let Self {
            group, from, to, ..
        } = *self;
        let mut padded = vec![T::ZERO; group.tiles.padded(from).elements()];
        let mut inputs = vec![T::ZERO; group.planes_len(from)];
        let mut products = vec![T::ZERO; group.planes_len(to)];
        let mut finite = true;
        let groups = xs.chunks(group.images_len(from));
        for (xs, out) in groups.zip(out.chunks_mut(group.images_len(to))) {
            for span in group.spans() {
                let tiles = xs.len() / (group.pixels * from) * span.len();
                input_transform(
                    isa,
                    group,
                    span.clone(),
                    from,
                    xs,
                    norm,
                    &mut padded,
                    &mut inputs,
                );
                multiply(isa, self, tiles, &inputs, &mut products);
                finite &= output_transform(isa, group, span, to, &products, out);
            }
        }
        finite
    }
}

kernel! {
    /// Multiplies all planes by their weights.
    fn multiply<'a, T>(
        conv: &'a Conv<T>,
        tiles: usize,
        inputs: &'a [T],
        products: &'a mut [T],
    ) -> () {
        let Conv { group, from, to, ref weights } = *conv;
        let planes = inputs.chunks_exact(group.stride(from));
        let planes = planes.zip(products.chunks_exact_mut(group.stride(to)));
        for ((inputs, products), weights) in planes.zip(weights.chunks_exact(from * to)) {
            gemm::<T, FUSED, ROWS>(&inputs[..tiles * from], from, weights, products, to);
        }
    }
}
