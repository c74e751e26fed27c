//! The gradient of the kernel from images and gradients: transform both, multiply, transform the sums back.

use std::mem::MaybeUninit;

use super::memory::{prefetch, with_scratch};
use super::tiles::{Algorithm, TileGroup};
use super::transform::{gradient_transform, input_transform, weight_gradient};
use crate::combine::Isa;
use crate::layers::cpu::float::Float;
use crate::layers::cpu::gemm::{LANES, outer_products};
use crate::layers::cpu::norm::OptionalNorm;
use crate::layers::cpu::window::{ConvShape, Im2col};

/// Most sums of all planes that stay in the cache, beside what they are computed from.
const SUMS: usize = 1 << 18;

/// Computes the gradient of the kernel from images and gradients.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WeightGrad {
    group: TileGroup,
    inputs: usize,
    outputs: usize,
}

impl WeightGrad {
    /// True if the sums of all planes stay in the cache.
    pub(crate) fn is_small(algorithm: Algorithm, shape: ConvShape) -> bool {
        algorithm.planes() * shape.input.channels * shape.output.channels <= SUMS
    }

    /// By `algorithm`, or by that of smaller tiles if its sums would not stay in the cache.
    pub(crate) fn new(algorithm: Algorithm, shape: ConvShape) -> Self {
        let algorithm = if Self::is_small(algorithm, shape) {
            algorithm
        } else {
            Algorithm::F2
        };
        Self {
            group: TileGroup::new(algorithm, shape.input),
            inputs: shape.input.channels,
            outputs: shape.output.channels,
        }
    }

    /// Writes the products of images `xs`, or of `relu(norm(xs))`, and `gradients` to `sums`.
    ///
    /// Returns false if a result is not finite; `sums` are then invalid.
    pub(crate) fn run<T: Float>(
        self,
        isa: Isa,
        xs: &[T],
        norm: OptionalNorm<T>,
        gradients: &[T],
        sums: &mut [MaybeUninit<T>],
    ) -> bool {
        let Self {
            group,
            inputs,
            outputs,
        } = self;
        let mut padded = vec![T::ZERO; group.tiles.padded(inputs).elements()];
        let lens = [
            group.planes_len(inputs),
            group.planes_len(outputs),
            group.planes() * self.stride(),
        ];
        with_scratch(lens, |[xs_planes, gradient_planes, products]| {
            let mut fresh = true;
            let groups = xs.chunks(group.images_len(inputs));
            let gradients = gradients.chunks(group.images_len(outputs));
            let mut groups = groups.zip(gradients).peekable();
            while let Some((xs, gradients)) = groups.next() {
                if let Some((xs, gradients)) = groups.peek() {
                    prefetch(xs);
                    prefetch(gradients);
                }
                for span in group.spans() {
                    let tiles = xs.len() / (group.pixels * inputs) * span.len();
                    input_transform(
                        isa,
                        group,
                        span.clone(),
                        inputs,
                        xs,
                        norm,
                        &mut padded,
                        xs_planes,
                    );
                    gradient_transform(isa, group, span, outputs, gradients, gradient_planes);
                    let index = index(tiles, inputs);
                    multiply(
                        isa,
                        self,
                        index,
                        xs_planes,
                        gradient_planes,
                        products,
                        fresh,
                    );
                    fresh = false;
                }
            }
            let (algorithm, stride) = (group.tiles.algorithm, self.stride());
            weight_gradient(isa, algorithm, products, stride, inputs, sums)
        })
    }

    /// Distance between two planes of sums: a cache line more than they hold, as in [`TileGroup::stride`].
    fn stride(self) -> usize {
        self.inputs * self.outputs + LANES
    }
}

/// The rows of a plane of `tiles`.
pub(super) fn index(tiles: usize, channels: usize) -> Im2col {
    Im2col {
        bases: (0..tiles).map(|tile| tile * channels).collect(),
        pixels: (0..tiles).collect(),
        segments: vec![0],
        run: channels,
    }
}

kernel! {
    /// Adds the products of all planes.
    fn multiply<'a, T>(
        shape: WeightGrad,
        index: Im2col,
        xs: &'a [T],
        gradients: &'a [T],
        products: &'a mut [T],
        fresh: bool,
    ) -> () {
        let WeightGrad { group, inputs, outputs } = shape;
        let planes = xs.chunks_exact(group.stride(inputs));
        let planes = planes.zip(gradients.chunks_exact(group.stride(outputs)));
        for ((xs, gradients), sums) in planes.zip(products.chunks_exact_mut(shape.stride())) {
            let sums = &mut sums[..inputs * outputs];
            outer_products::<T, FUSED, ROWS>(xs, &index, gradients, outputs, sums, fresh);
        }
    }
}
