//! The convolution of some images by Winograd's way: 3×3, stride 1, padding 1, channels that fill vectors.
//!
//! Sums of differences take part, so an infinity makes more numbers NaN than it should. Who calls is told if a result is
//! not finite, and has to compute it the plain way.

mod correlation;
mod products;
mod tiles;

pub(crate) use correlation::Correlation;
pub(crate) use products::Products;

use std::ops::Range;

use super::float::Float;
use super::image;
use super::norm::Channels;
use super::product::LANES;
use super::window::{Extent, Window};
use crate::combine::Kernel;
use tiles::{PLACES, Tiles};

/// Tiles that small images are put together for, about: enough for the products, few enough for the cache.
const GROUP: usize = 32;

/// Tiles of a large image that are transformed at a time, at most.
const SPAN: usize = 128;

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

/// Images of one extent that are transformed together, or one after the other a span of tiles at a time.
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

    /// The tiles of each image that are transformed at a time: all, if the images are small.
    fn spans(self) -> impl Iterator<Item = Range<usize>> {
        let count = self.tiles.count();
        (0..count)
            .step_by(SPAN)
            .map(move |first| first..count.min(first + SPAN))
    }

    /// The length of all planes.
    fn planes(self, channels: usize) -> usize {
        PLACES * self.stride(channels)
    }

    /// From one plane to the next.
    fn stride(self, channels: usize) -> usize {
        tiles::stride(self.images * self.tiles.count().min(SPAN), channels)
    }
}

/// Transforms a span of images `xs`, or of `relu(norm(xs))`, into planes.
struct See<'a, T> {
    group: Group,
    span: Range<usize>,
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
            // Of a second span there is one image, and its frame is full.
            if self.span.start == 0 {
                image::fill::<T, FUSED>(shape, xs, self.norm, self.frame);
            }
            let first = index * self.span.len();
            let span = self.span.clone();
            tiles.see(span, self.frame, self.channels, self.planes, stride, first);
        }
    }
}
