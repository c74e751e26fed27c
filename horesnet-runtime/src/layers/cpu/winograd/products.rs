//! From images and gradients to the gradient of the kernel: transform both, multiply, transform the sums back.

use std::ops::Range;

use super::tiles::{PLACES, narrow};
use super::{Group, See};
use crate::combine::{Isa, Kernel};
use crate::layers::cpu::float::Float;
use crate::layers::cpu::norm::Channels;
use crate::layers::cpu::pack::Sizes;
use crate::layers::cpu::product::{LANES, outer};
use crate::layers::cpu::window::{Extent, Reads};

/// From images and gradients to the gradient of the kernel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Products {
    group: Group,
    inputs: usize,
    outputs: usize,
}

impl Products {
    pub(crate) fn new(image: Extent, sizes: Sizes) -> Self {
        Self {
            group: Group::new(image),
            inputs: sizes.inputs,
            outputs: sizes.outputs,
        }
    }

    /// As the plain way's; false, and `sums` not to be used, if a result is not finite. `sums` are all 0 before.
    pub(crate) fn add<T: Float>(
        self,
        isa: Isa,
        xs: &[T],
        norm: Option<&Channels<T>>,
        gradients: &[T],
        sums: &mut [T],
    ) -> bool {
        let Self {
            group,
            inputs,
            outputs,
        } = self;
        let mut frame = vec![T::ZERO; group.tiles.frame(inputs).elements()];
        let mut seen = vec![T::ZERO; group.planes(inputs)];
        let mut spread = vec![T::ZERO; group.planes(outputs)];
        let mut places = vec![T::ZERO; PLACES * inputs * outputs];
        let groups = xs.chunks(group.images * group.pixels * inputs);
        let gradients = gradients.chunks(group.images * group.pixels * outputs);
        for (xs, gradients) in groups.zip(gradients) {
            for span in group.spans() {
                isa.run(See {
                    group,
                    span: span.clone(),
                    channels: inputs,
                    xs,
                    norm,
                    frame: &mut frame,
                    planes: &mut seen,
                });
                isa.run(Spread {
                    group,
                    span: span.clone(),
                    channels: outputs,
                    gradients,
                    planes: &mut spread,
                });
                let tiles = xs.len() / (group.pixels * inputs) * span.len();
                isa.run(Add {
                    shape: self,
                    reads: reads(tiles, inputs),
                    seen: &seen,
                    spread: &spread,
                    places: &mut places,
                });
            }
        }
        isa.run(Narrow {
            places: &places,
            sums,
            inputs,
        })
    }
}

/// What the product of one plane reads.
fn reads(tiles: usize, channels: usize) -> Reads {
    Reads {
        bases: (0..tiles).map(|tile| tile * channels).collect(),
        pixels: (0..tiles).collect(),
        segments: vec![0],
        run: channels,
    }
}

/// Transforms a span of gradients into planes.
struct Spread<'a, T> {
    group: Group,
    span: Range<usize>,
    channels: usize,
    gradients: &'a [T],
    planes: &'a mut [T],
}

impl<T: Float> Kernel for Spread<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        let Group { tiles, pixels, .. } = self.group;
        let stride = self.group.stride(self.channels);
        let images = self.gradients.chunks_exact(pixels * self.channels);
        for (index, gradients) in images.enumerate() {
            let first = index * self.span.len();
            let span = self.span.clone();
            tiles.spread(span, gradients, self.channels, self.planes, stride, first);
        }
    }
}

/// Adds the products of all planes to the sums of all places.
struct Add<'a, T> {
    shape: Products,
    reads: Reads,
    seen: &'a [T],
    spread: &'a [T],
    places: &'a mut [T],
}

impl<T: Float> Kernel for Add<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        let Products {
            group,
            inputs,
            outputs,
        } = self.shape;
        let planes = self.seen.chunks_exact(group.stride(inputs));
        let planes = planes.zip(self.spread.chunks_exact(group.stride(outputs)));
        let places = self.places.chunks_exact_mut(inputs * outputs);
        for ((seen, spread), sums) in planes.zip(places) {
            outer::<T, FUSED, ROWS>(seen, &self.reads, spread, outputs, sums);
        }
    }
}

/// Takes the sums of all places, packed, to those of the kernel; false if a number is not finite.
struct Narrow<'a, T> {
    places: &'a [T],
    sums: &'a mut [T],
    inputs: usize,
}

impl<T: Float> Kernel for Narrow<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) -> bool {
        let (places, _) = self.places.as_chunks::<LANES>();
        let (sums, _) = self.sums.as_chunks_mut::<LANES>();
        let rows = places.len() / PLACES;
        let mut watch = [T::ZERO; LANES];
        for row in 0..rows {
            let (block, input) = (row / self.inputs, row % self.inputs);
            let mut wide = [[[T::ZERO; LANES]; 4]; 4];
            for place in 0..PLACES {
                wide[place / 4][place % 4] = places[place * rows + row];
            }
            for (index, weights) in narrow(&wide).as_flattened().iter().enumerate() {
                sums[(block * 9 + index) * self.inputs + input] = *weights;
                for lane in 0..LANES {
                    watch[lane] += weights[lane] * T::ZERO;
                }
            }
        }
        watch == [T::ZERO; LANES]
    }
}
