//! The convolution of some images by Winograd's way: 3×3, stride 1, padding 1, channels that fill vectors.
//!
//! Sums of differences take part, so an infinity makes more numbers NaN than it should. Who calls is told if a result is
//! not finite, and has to compute it the plain way.

use super::float::Float;
use super::image;
use super::norm::Channels;
use super::pack::Sizes;
use super::product::{LANES, multiply, outer};
use super::tiles::{PLACES, Tiles, narrow, stride, widen};
use super::window::{Extent, Reads, Window};
use crate::dispatch::{Isa, Kernel};

/// Tiles in a group of images, about: enough for the products, few enough for the cache.
const GROUP: usize = 32;

/// Whether this way is open, and shorter than the plain one.
pub(crate) fn suits(window: Window, input: Extent, outputs: usize) -> bool {
    let usual = Window {
        kernel: 3,
        stride: 1,
        padding: 1,
    };
    let full = |channels: usize| channels > 0 && channels.is_multiple_of(LANES);
    let products = Tiles::of(input).count() * PLACES;
    window == usual
        && full(input.channels)
        && full(outputs)
        && 10 * products <= 7 * 9 * input.pixels()
}

/// Images of one extent that are transformed together.
#[derive(Clone, Copy, Debug)]
struct Group {
    tiles: Tiles,
    /// Images in a full group.
    images: usize,
    pixels: usize,
}

impl Group {
    fn new(image: Extent) -> Self {
        let tiles = Tiles::of(image);
        Self {
            tiles,
            images: (GROUP / tiles.count().max(1)).max(1),
            pixels: image.pixels(),
        }
    }

    /// The length of all planes of a full group.
    fn planes(self, channels: usize) -> usize {
        PLACES * self.stride(channels)
    }

    fn stride(self, channels: usize) -> usize {
        stride(self.images * self.tiles.count(), channels)
    }

    /// What the product of one plane reads: the pixels of `images` images.
    fn reads(self, images: usize, channels: usize) -> Reads {
        let tiles = images * self.tiles.count();
        Reads {
            bases: (0..tiles).map(|tile| tile * channels).collect(),
            pixels: (0..tiles).collect(),
            segments: vec![0],
            run: channels,
        }
    }
}

/// Transforms images `xs`, or `relu(norm(xs))`, into planes.
struct See<'a, T> {
    group: Group,
    channels: usize,
    xs: &'a [T],
    norm: Option<&'a Channels<T>>,
    frame: &'a mut [T],
    planes: &'a mut [T],
}

impl<T: Float> Kernel for See<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        let Group { tiles, pixels, .. } = self.group;
        let shape = tiles.frame(self.channels);
        let stride = self.group.stride(self.channels);
        for (index, xs) in self.xs.chunks_exact(pixels * self.channels).enumerate() {
            image::fill::<T, FUSED>(shape, xs, self.norm, self.frame);
            let first = index * tiles.count();
            tiles.see(self.frame, self.channels, self.planes, stride, first);
        }
    }
}

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
            isa.run(See {
                group,
                channels: from,
                xs,
                norm,
                frame: &mut frame,
                planes: &mut seen,
            });
            isa.run(Multiply {
                correlation: self,
                tiles: xs.len() / (group.pixels * from) * group.tiles.count(),
                seen: &seen,
                products: &mut products,
            });
            finite &= isa.run(Show {
                group,
                channels: to,
                planes: &products,
                out,
            });
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

/// Takes planes back to images; false if a number is not finite.
struct Show<'a, T> {
    group: Group,
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
            let first = index * tiles.count();
            finite &= tiles.show(self.planes, self.channels, stride, first, out);
        }
        finite
    }
}

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
            isa.run(See {
                group,
                channels: inputs,
                xs,
                norm,
                frame: &mut frame,
                planes: &mut seen,
            });
            isa.run(Spread {
                group,
                channels: outputs,
                gradients,
                planes: &mut spread,
            });
            isa.run(Add {
                shape: self,
                reads: group.reads(xs.len() / (group.pixels * inputs), inputs),
                seen: &seen,
                spread: &spread,
                places: &mut places,
            });
        }
        isa.run(Narrow {
            places: &places,
            sums,
            inputs,
        })
    }
}

/// Transforms gradients into planes.
struct Spread<'a, T> {
    group: Group,
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
            let first = index * tiles.count();
            tiles.spread(gradients, self.channels, self.planes, stride, first);
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
