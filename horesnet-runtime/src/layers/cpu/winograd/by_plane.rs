//! The gradient of a large kernel: many images are transformed, and then each plane is multiplied by one thread, so that only
//! the sums of one plane are in its cache.

use std::mem::MaybeUninit;

use super::tiles::{Algorithm, TileGroup};
use super::transform::{gradient_transform, input_transform, weight_gradient};
use super::weight_grad::index;
use crate::combine::{Isa, par_map, par_map_chunks};
use crate::layers::cpu::float::Float;
use crate::layers::cpu::gemm::{LANES, outer_products};
use crate::layers::cpu::norm::OptionalNorm;
use crate::layers::cpu::stored::Stored;
use crate::layers::cpu::window::ConvShape;

/// Most elements of the planes that are kept at a time.
const PLANES: usize = 1 << 22;

/// Computes the gradient of the kernel from all images of a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ByPlane {
    group: TileGroup,
    inputs: usize,
    outputs: usize,
}

/// Transformed tiles of some images: planes of images and of gradients.
pub(crate) struct Part<T> {
    tiles: usize,
    xs: Vec<T>,
    gradients: Vec<T>,
}

impl ByPlane {
    /// `None` if the planes of one group of images would take too much memory.
    pub(crate) fn new(algorithm: Algorithm, shape: ConvShape) -> Option<Self> {
        let found = Self {
            group: TileGroup::new(algorithm, shape.input),
            inputs: shape.input.channels,
            outputs: shape.output.channels,
        };
        (found.group_len() <= PLANES).then_some(found)
    }

    /// Elements of the planes of a group of images.
    fn group_len(self) -> usize {
        let planes = self.group.planes_len(self.inputs) + self.group.planes_len(self.outputs);
        planes * self.group.spans().count()
    }

    /// Writes the products of images `xs`, or of `relu(norm(xs))`, and `gradients` to `sums`.
    ///
    /// Returns false if a result is not finite; `sums` are then invalid.
    pub(crate) fn run<E: Stored>(
        self,
        isa: Isa,
        xs: &[E],
        norm: OptionalNorm<E::Float>,
        gradients: &[E],
        sums: &mut [MaybeUninit<E::Float>],
    ) -> bool {
        let Self {
            group,
            inputs,
            outputs,
        } = self;
        let stride = inputs * outputs + LANES;
        let mut products = vec![E::Float::ZERO; group.planes() * stride];
        let groups = (PLANES / self.group_len().max(1)).max(1);
        let xs = xs.chunks(groups * group.images_len(inputs));
        let gradients = gradients.chunks(groups * group.images_len(outputs));
        for (xs, gradients) in xs.zip(gradients) {
            let xs: Vec<&[E]> = xs.chunks(group.images_len(inputs)).collect();
            let gradients: Vec<&[E]> = gradients.chunks(group.images_len(outputs)).collect();
            let parts = par_map(xs.len(), |at| {
                E::widened(isa, xs[at], |xs| {
                    E::widened(isa, gradients[at], |gradients| {
                        self.transform(isa, xs, norm, gradients)
                    })
                })
            });
            par_map_chunks(&mut products, stride, |plane, sums| {
                multiply(isa, self, plane, &parts, &mut sums[..inputs * outputs]);
            });
        }
        weight_gradient(isa, group.tiles.algorithm, &products, stride, inputs, sums)
    }

    /// The planes of a group of images, for each span of tiles.
    fn transform<T: Float>(
        self,
        isa: Isa,
        xs: &[T],
        norm: OptionalNorm<T>,
        gradients: &[T],
    ) -> Vec<Part<T>> {
        let Self {
            group,
            inputs,
            outputs,
        } = self;
        let mut padded = vec![T::ZERO; group.tiles.padded(inputs).elements()];
        let images = xs.len() / (group.pixels * inputs);
        let spans = group.spans().map(|span| {
            let mut part = Part {
                tiles: images * span.len(),
                xs: vec![T::ZERO; group.planes_len(inputs)],
                gradients: vec![T::ZERO; group.planes_len(outputs)],
            };
            let (from, to) = (span.clone(), span);
            input_transform(
                isa,
                group,
                from,
                inputs,
                xs,
                norm,
                &mut padded,
                &mut part.xs,
            );
            gradient_transform(isa, group, to, outputs, gradients, &mut part.gradients);
            part
        });
        spans.collect()
    }
}

kernel! {
    /// Adds the products of one plane of all parts.
    fn multiply<'a, T>(
        shape: ByPlane,
        plane: usize,
        parts: &'a [Vec<Part<T>>],
        sums: &'a mut [T],
    ) -> () {
        let ByPlane { group, inputs, outputs } = shape;
        for part in parts.iter().flatten() {
            let xs = &part.xs[plane * group.stride(inputs)..];
            let gradients = &part.gradients[plane * group.stride(outputs)..];
            let index = index(part.tiles, inputs);
            outer_products::<T, FUSED, ROWS>(xs, &index, gradients, outputs, sums, false);
        }
    }
}
