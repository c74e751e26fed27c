//! From images to images: transform, multiply, transform back.

use std::mem::MaybeUninit;

use super::memory::{line_offset, prefetch, with_scratch};
use super::tiles::{Algorithm, TileGroup};
use super::transform::{input_transform, output_transform, weight_transform};
use crate::combine::{Isa, par_map_chunks};
use crate::layers::cpu::float::{Float, written, zeroed};
use crate::layers::cpu::gemm::{LANES, gemm};
use crate::layers::cpu::norm::OptionalNorm;
use crate::layers::cpu::window::ConvShape;

/// Fewest kernels that threads share. One thread transforms fewer in 20 µs.
const PARALLEL: usize = 1 << 11;

/// A convolution of images by Winograd's algorithm, or its transpose.
pub(crate) struct Conv<T> {
    group: TileGroup,
    from: usize,
    to: usize,
    /// For each plane: blocks of [`LANES`] written channels, for every channel read.
    weights: Weights<T>,
}

/// Planes that begin with a cache line.
struct Weights<T> {
    memory: Vec<T>,
    start: usize,
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
        weight: impl Fn(usize, usize, usize, usize) -> T + Sync,
    ) -> Self {
        let stride = weights_stride(from, to);
        let len = algorithm.planes() * stride;
        let mut memory: Vec<T> = Vec::with_capacity(len + LANES);
        let space = memory.spare_capacity_mut();
        let start = line_offset(space.as_ptr());
        zeroed(&mut space[..start]);
        let (space, _) = space[start..][..len].as_chunks_mut::<LANES>();
        // By blocks of written channels, so that threads share them: of each plane, the channels read.
        let mut blocks: Vec<Vec<_>> = (0..to / LANES).map(|_| Vec::new()).collect();
        for plane in space.chunks_exact_mut(stride / LANES) {
            plane[from * to / LANES] = written([T::ZERO; LANES]);
            for (block, plane) in blocks.iter_mut().zip(plane.chunks_exact_mut(from)) {
                block.push(plane);
            }
        }
        let together = if from * to < PARALLEL {
            blocks.len()
        } else {
            1
        };
        par_map_chunks(&mut blocks, together, |first, blocks| {
            for (block, planes) in (first * together..).zip(blocks) {
                #[expect(
                    clippy::needless_range_loop,
                    reason = "`read` is an index within each plane"
                )]
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
                        planes[plane][read] = written(weights);
                    });
                }
            }
        });
        // SAFETY: every block of every plane has been written, and the line between two planes.
        unsafe { memory.set_len(start + len) };
        Self {
            group: TileGroup::new(algorithm, shape.input),
            from,
            to,
            weights: Weights { memory, start },
        }
    }

    /// Writes the convolution of images `xs`, or of `relu(norm(xs))`, to `out`; returns false if a result is not finite.
    pub(crate) fn run(
        &self,
        isa: Isa,
        xs: &[T],
        norm: OptionalNorm<T>,
        out: &mut [MaybeUninit<T>],
    ) -> bool {
        let Self {
            group, from, to, ..
        } = *self;
        let mut padded = vec![T::ZERO; group.tiles.padded(from).elements()];
        let lens = [group.planes_len(from), group.planes_len(to)];
        with_scratch(lens, |[inputs, products]| {
            self.run_in(isa, xs, norm, out, &mut padded, inputs, products)
        })
    }

    #[expect(clippy::too_many_arguments, reason = "the buffers of one caller")]
    fn run_in(
        &self,
        isa: Isa,
        xs: &[T],
        norm: OptionalNorm<T>,
        out: &mut [MaybeUninit<T>],
        padded: &mut [T],
        inputs: &mut [T],
        products: &mut [T],
    ) -> bool {
        let Self {
            group, from, to, ..
        } = *self;
        let mut finite = true;
        let groups = xs.chunks(group.images_len(from));
        let mut groups = groups.zip(out.chunks_mut(group.images_len(to))).peekable();
        while let Some((xs, out)) = groups.next() {
            prefetch(out);
            if let Some((next, _)) = groups.peek() {
                prefetch(next);
            }
            for span in group.spans() {
                let tiles = xs.len() / (group.pixels * from) * span.len();
                input_transform(isa, group, span.clone(), from, xs, norm, padded, inputs);
                multiply(isa, self, tiles, inputs, products);
                finite &= output_transform(isa, group, span, to, products, out);
            }
        }
        finite
    }
}

/// Distance between two planes of weights: a cache line more than they hold, as in [`TileGroup::stride`].
fn weights_stride(from: usize, to: usize) -> usize {
    from * to + LANES
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
        for ((inputs, products), weights) in planes.zip(weights.memory[weights.start..].chunks_exact(weights_stride(from, to))) {
            let weights = &weights[..from * to];
            gemm::<T, FUSED, ROWS>(&inputs[..tiles * from], from, weights, products, to);
        }
    }
}
