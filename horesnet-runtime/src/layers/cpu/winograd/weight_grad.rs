//! The gradient of the kernel from images and gradients: transform both, multiply, transform the sums back.

use super::tiles::{Algorithm, TileGroup};
use super::transform::{gradient_transform, input_transform, weight_gradient};
use crate::combine::Isa;
use crate::layers::cpu::float::Float;
use crate::layers::cpu::gemm::{LANES, outer_products};
use crate::layers::cpu::norm::OptionalNorm;
use crate::layers::cpu::window::{ConvShape, Im2col};

/// Most sums of all planes that stay in the cache, beside what they are computed from.
const SUMS: usize = 1 << 16;

/// Computes the gradient of the kernel from images and gradients.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WeightGrad {
    group: TileGroup,
    inputs: usize,
    outputs: usize,
}

impl WeightGrad {
    /// By `algorithm`, or by that of smaller tiles if its sums would not stay in the cache.
    pub(crate) fn new(algorithm: Algorithm, shape: ConvShape) -> Self {
        let sums = algorithm.planes() * shape.input.channels * shape.output.channels;
        let algorithm = if sums > SUMS {
            Algorithm::F2
        } else {
            algorithm
        };
        Self {
            group: TileGroup::new(algorithm, shape.input),
            inputs: shape.input.channels,
            outputs: shape.output.channels,
        }
    }

    /// Adds the products of images `xs`, or of `relu(norm(xs))`, and `gradients` to `sums`, which must be 0 on entry.
    ///
    /// Returns false if a result is not finite; `sums` are then invalid.
    pub(crate) fn add<T: Float>(
        self,
        isa: Isa,
        xs: &[T],
        norm: OptionalNorm<T>,
        gradients: &[T],
        sums: &mut [T],
    ) -> bool {
        let Self {
            group,
            inputs,
            outputs,
        } = self;
        let mut padded = vec![T::ZERO; group.tiles.padded(inputs).elements()];
        let mut xs_planes = vec![T::ZERO; group.planes_len(inputs)];
        let mut gradient_planes = vec![T::ZERO; group.planes_len(outputs)];
        let mut products = vec![T::ZERO; group.planes() * inputs * outputs];
        let groups = xs.chunks(group.images_len(inputs));
        for (xs, gradients) in groups.zip(gradients.chunks(group.images_len(outputs))) {
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
                    &mut xs_planes,
                );
                gradient_transform(isa, group, span, outputs, gradients, &mut gradient_planes);
                let index = Im2col {
                    bases: (0..tiles).map(|tile| tile * inputs).collect(),
                    pixels: (0..tiles).collect(),
                    segments: vec![0],
                    run: inputs,
                };
                multiply(
                    isa,
                    self,
                    index,
                    &xs_planes,
                    &gradient_planes,
                    &mut products,
                );
            }
        }
        transform_back(isa, group.tiles.algorithm, &products, sums, inputs)
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
    ) -> () {
        let WeightGrad { group, inputs, outputs } = shape;
        let planes = xs.chunks_exact(group.stride(inputs));
        let planes = planes.zip(gradients.chunks_exact(group.stride(outputs)));
        for ((xs, gradients), sums) in planes.zip(products.chunks_exact_mut(inputs * outputs)) {
            outer_products::<T, FUSED, ROWS>(xs, &index, gradients, outputs, sums);
        }
    }
}

kernel! {
    /// Transforms the packed sums of all planes to those of the kernel; returns false if a number is not finite.
    fn transform_back<'a, T>(
        algorithm: Algorithm,
        products: &'a [T],
        sums: &'a mut [T],
        inputs: usize,
    ) -> bool {
        let (products, _) = products.as_chunks::<LANES>();
        let (sums, _) = sums.as_chunks_mut::<LANES>();
        let rows = products.len() / algorithm.planes();
        let mut watch = [T::ZERO; LANES];
        for row in 0..rows {
            let (block, input) = (row / inputs, row % inputs);
            let kernel = weight_gradient(algorithm, |plane| products[plane * rows + row]);
            for (index, weights) in kernel.as_flattened().iter().enumerate() {
                sums[(block * 9 + index) * inputs + input] = *weights;
                for lane in 0..LANES {
                    watch[lane] += weights[lane] * T::ZERO;
                }
            }
        }
        watch == [T::ZERO; LANES]
    }
}
