//! The transforms of Winograd's F(2×2, 3×3).
//!
//! An image is split into tiles of 2×2 outputs, each of which reads 4×4 inputs. Transformed, a 3×3 convolution of a tile is
//! 16 products of channels by channels, where direct convolution needs 36 (Lavin and Gray, CVPR 2016, arXiv:1509.09308).
//! All entries of the transforms are 0, ±1 and ±½, so little is lost to rounding.
//!
//! A transformed group of images is 16 *planes*, one for each position in a transformed tile, each `[tiles, channels]`.

use std::ops::Range;

use crate::layers::cpu::float::Float;
use crate::layers::cpu::gemm::LANES;
use crate::layers::cpu::norm::{OptionalNorm, fill};
use crate::layers::cpu::window::{Extent, Padded};

/// Positions in a transformed tile.
pub(crate) const PLANES: usize = 16;

/// Channels transformed together.
const WIDTH: usize = 8;

/// Approximate number of tiles in a group of small images: enough for the products, few enough for the cache.
const GROUP: usize = 32;

/// Most tiles of a large image that are transformed at a time.
const SPAN: usize = 128;

/// The tiles of an image.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tiles {
    height: usize,
    width: usize,
    down: usize,
    across: usize,
}

impl Tiles {
    pub(crate) fn new(image: Extent) -> Self {
        Self {
            height: image.height,
            width: image.width,
            down: image.height.div_ceil(2),
            across: image.width.div_ceil(2),
        }
    }

    pub(crate) fn count(self) -> usize {
        self.down * self.across
    }

    /// The padded image that a convolution with padding 1 reads, made of whole tiles.
    pub(crate) fn padded(self, channels: usize) -> Padded {
        Padded {
            image: Extent {
                height: self.height,
                width: self.width,
                channels,
            },
            margin: 1,
            height: 2 * self.down + 2,
            width: 2 * self.across + 2,
        }
    }

    /// First row and column of a tile's outputs.
    #[inline(always)]
    fn corner(self, tile: usize) -> (usize, usize) {
        (2 * (tile / self.across), 2 * (tile % self.across))
    }

    /// First row and column of a tile's outputs, and how many rows and columns of them the image has.
    #[inline(always)]
    fn outputs(self, tile: usize) -> (usize, usize, usize, usize) {
        let (y, x) = self.corner(tile);
        (y, x, 2.min(self.height - y), 2.min(self.width - x))
    }
}

/// Images that are transformed together if they are small, or one by one in spans of tiles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TileGroup {
    pub(crate) tiles: Tiles,
    /// Images in a full group.
    images: usize,
    pub(crate) pixels: usize,
}

impl TileGroup {
    pub(crate) fn new(image: Extent) -> Self {
        let tiles = Tiles::new(image);
        Self {
            tiles,
            images: (GROUP / tiles.count().max(1)).max(1),
            pixels: image.pixels(),
        }
    }

    /// Length of a full group of images.
    pub(crate) fn images_len(self, channels: usize) -> usize {
        self.images * self.pixels * channels
    }

    /// The tiles of each image that are transformed at a time: all, if the images are small.
    pub(crate) fn spans(self) -> impl Iterator<Item = Range<usize>> {
        let count = self.tiles.count();
        (0..count)
            .step_by(SPAN)
            .map(move |first| first..count.min(first + SPAN))
    }

    /// Length of all planes.
    pub(crate) fn planes_len(self, channels: usize) -> usize {
        PLANES * self.stride(channels)
    }

    /// Distance between two planes: a cache line more than a plane holds, because planes a large power of 2 apart would
    /// compete for the same few cache lines.
    pub(crate) fn stride(self, channels: usize) -> usize {
        self.images * self.tiles.count().min(SPAN) * channels + LANES
    }
}

kernel! {
    /// Transforms the inputs of a span of tiles, from images `xs` or `relu(norm(xs))`, to planes.
    fn input_transform<'a, T>(
        group: TileGroup,
        span: Range<usize>,
        channels: usize,
        xs: &'a [T],
        norm: OptionalNorm<'a, T>,
        padded: &'a mut [T],
        planes: &'a mut [T],
    ) -> () {
        let TileGroup { tiles, pixels, .. } = group;
        let (planes, _) = planes.as_chunks_mut::<WIDTH>();
        let (chunks, stride) = (channels / WIDTH, group.stride(channels) / WIDTH);
        let line = (2 * tiles.across + 2) * chunks;
        for (index, xs) in xs.chunks_exact(pixels * channels).enumerate() {
            // From the second span on, there is only one image, and it is already in `padded`.
            if span.start == 0 {
                fill::<T, FUSED>(tiles.padded(channels), xs, norm, padded);
            }
            let (padded, _) = padded.as_chunks::<WIDTH>();
            let first = index * span.len();
            for (index, tile) in span.clone().enumerate() {
                let (y, x) = tiles.corner(tile);
                let from = y * line + x * chunks;
                let to = (first + index) * chunks;
                for chunk in 0..chunks {
                    let mut rows = [[[T::ZERO; WIDTH]; 4]; 4];
                    for row in 0..4 {
                        let read = &padded[from + row * line + chunk..][..=3 * chunks];
                        let [b, c] = [read[chunks], read[2 * chunks]];
                        rows[row] = input_line([read[0], b, c, read[3 * chunks]]);
                    }
                    for column in 0..4 {
                        let transformed = input_line(down(&rows, column));
                        for row in 0..4 {
                            planes[(4 * row + column) * stride + to + chunk] = transformed[row];
                        }
                    }
                }
            }
        }
    }
}

kernel! {
    /// Transforms planes back to a span of images `out`; returns false if a number is not finite.
    fn output_transform<'a, T>(
        group: TileGroup,
        span: Range<usize>,
        channels: usize,
        planes: &'a [T],
        out: &'a mut [T],
    ) -> bool {
        let TileGroup { tiles, pixels, .. } = group;
        // 0 times a number that is not finite is NaN, and a sum with NaN stays NaN.
        let mut watch = [T::ZERO; WIDTH];
        let (planes, _) = planes.as_chunks::<WIDTH>();
        let (chunks, stride) = (channels / WIDTH, group.stride(channels) / WIDTH);
        for (index, out) in out.chunks_exact_mut(pixels * channels).enumerate() {
            let (image, _) = out.as_chunks_mut::<WIDTH>();
            let first = index * span.len();
            for (index, tile) in span.clone().enumerate() {
                let (y, x, rows, columns) = tiles.outputs(tile);
                let from = (first + index) * chunks;
                let to = (y * tiles.width + x) * chunks;
                for chunk in 0..chunks {
                    let mut lines = [[[T::ZERO; WIDTH]; 2]; 4];
                    for row in 0..4 {
                        let plane = |column| planes[(4 * row + column) * stride + from + chunk];
                        lines[row] = output_line([plane(0), plane(1), plane(2), plane(3)]);
                    }
                    for column in 0..columns {
                        let pixels = output_line(down(&lines, column));
                        for row in 0..rows {
                            image[to + (row * tiles.width + column) * chunks + chunk] = pixels[row];
                            for lane in 0..WIDTH {
                                watch[lane] += pixels[row][lane] * T::ZERO;
                            }
                        }
                    }
                }
            }
        }
        watch == [T::ZERO; WIDTH]
    }
}

kernel! {
    /// Transforms a span of gradients to planes, for the gradient of the kernel.
    fn gradient_transform<'a, T>(
        group: TileGroup,
        span: Range<usize>,
        channels: usize,
        gradients: &'a [T],
        planes: &'a mut [T],
    ) -> () {
        let TileGroup { tiles, pixels, .. } = group;
        let (planes, _) = planes.as_chunks_mut::<WIDTH>();
        let (chunks, stride) = (channels / WIDTH, group.stride(channels) / WIDTH);
        for (index, image) in gradients.chunks_exact(pixels * channels).enumerate() {
            let (image, _) = image.as_chunks::<WIDTH>();
            let first = index * span.len();
            for (index, tile) in span.clone().enumerate() {
                let (y, x, rows, columns) = tiles.outputs(tile);
                let from = (y * tiles.width + x) * chunks;
                let to = (first + index) * chunks;
                for chunk in 0..chunks {
                    let mut lines = [[[T::ZERO; WIDTH]; 4]; 2];
                    for row in 0..rows {
                        let mut pair = [[T::ZERO; WIDTH]; 2];
                        for column in 0..columns {
                            pair[column] = image[from + (row * tiles.width + column) * chunks + chunk];
                        }
                        lines[row] = gradient_line(pair);
                    }
                    for column in 0..4 {
                        let transformed = gradient_line([lines[0][column], lines[1][column]]);
                        for row in 0..4 {
                            planes[(4 * row + column) * stride + to + chunk] = transformed[row];
                        }
                    }
                }
            }
        }
    }
}

/// Transforms the 3×3 weights of some channels to 4×4.
#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "columns of rows")]
pub(crate) fn weight_transform<T: Float>(kernel: &[[[T; LANES]; 3]; 3]) -> [[[T; LANES]; 4]; 4] {
    let rows = kernel.map(weight_line);
    let mut tile = [[[T::ZERO; LANES]; 4]; 4];
    for column in 0..4 {
        let line = weight_line(down(&rows, column));
        for row in 0..4 {
            tile[row][column] = line[row];
        }
    }
    tile
}

/// Maps gradients of transformed weights to those of the weights: the transpose of [`weight_transform`].
#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "columns of rows")]
pub(crate) fn weight_transform_transposed<T: Float>(
    tile: &[[[T; LANES]; 4]; 4],
) -> [[[T; LANES]; 3]; 3] {
    let rows = tile.map(transposed_line);
    let mut kernel = [[[T::ZERO; LANES]; 3]; 3];
    for column in 0..3 {
        let line = transposed_line(down(&rows, column));
        for row in 0..3 {
            kernel[row][column] = line[row];
        }
    }
    kernel
}

/// A column of some rows.
#[inline(always)]
fn down<T: Copy, const N: usize, const M: usize>(rows: &[[T; N]; M], column: usize) -> [T; M] {
    rows.map(|row| row[column])
}

#[inline(always)]
fn weight_line<T: Float>([a, b, c]: [[T; LANES]; 3]) -> [[T; LANES]; 4] {
    let half = T::from_f64(0.5);
    let (outer, inner) = (scale(sum(a, c), half), scale(b, half));
    [a, sum(outer, inner), difference(outer, inner), c]
}

#[inline(always)]
fn transposed_line<T: Float>([a, b, c, d]: [[T; LANES]; 4]) -> [[T; LANES]; 3] {
    let half = T::from_f64(0.5);
    let both = scale(sum(b, c), half);
    [sum(a, both), scale(difference(b, c), half), sum(both, d)]
}

#[inline(always)]
fn input_line<T: Float>([a, b, c, d]: [[T; WIDTH]; 4]) -> [[T; WIDTH]; 4] {
    [
        difference(a, c),
        sum(b, c),
        difference(c, b),
        difference(b, d),
    ]
}

#[inline(always)]
fn output_line<T: Float>([a, b, c, d]: [[T; WIDTH]; 4]) -> [[T; WIDTH]; 2] {
    [sum(a, sum(b, c)), difference(difference(b, c), d)]
}

#[inline(always)]
fn gradient_line<T: Float>([a, b]: [[T; WIDTH]; 2]) -> [[T; WIDTH]; 4] {
    [
        a,
        sum(a, b),
        difference(a, b),
        difference([T::ZERO; WIDTH], b),
    ]
}

#[inline(always)]
fn sum<T: Float, const N: usize>(mut a: [T; N], b: [T; N]) -> [T; N] {
    for lane in 0..N {
        a[lane] += b[lane];
    }
    a
}

#[inline(always)]
fn difference<T: Float, const N: usize>(mut a: [T; N], b: [T; N]) -> [T; N] {
    for lane in 0..N {
        a[lane] -= b[lane];
    }
    a
}

#[inline(always)]
fn scale<T: Float, const N: usize>(mut a: [T; N], factor: T) -> [T; N] {
    for a in &mut a {
        *a *= factor;
    }
    a
}
