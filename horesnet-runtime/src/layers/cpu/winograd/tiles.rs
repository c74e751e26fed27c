//! The transforms of Winograd's F(2×2, 3×3): what is multiplied instead of pixels.
//!
//! An image is cut into tiles of 2×2 outputs, each of which sees 4×4 inputs. Transformed, a 3×3 convolution of a tile is 16
//! products of channels by channels, where the plain way needs 36 (Lavin and Gray, CVPR 2016, arXiv:1509.09308). All
//! entries of the transforms are 0, ±1 and ±½: little is lost to rounding.
//!
//! A transformed group of images is 16 *planes*, one for each place of a transformed tile, each `[tiles, channels]`.

use std::ops::Range;

use crate::layers::cpu::float::Float;
use crate::layers::cpu::product::LANES;
use crate::layers::cpu::window::{Extent, Frame};

/// Places of a transformed tile.
pub(crate) const PLACES: usize = 16;

/// Channels transformed together.
const WIDTH: usize = 8;

/// The tiles of an image of one extent, channels aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tiles {
    height: usize,
    width: usize,
    down: usize,
    across: usize,
}

/// Numbers between the planes of so many tiles: a cache line more than they hold, as planes that begin at multiples of a
/// large power of 2 would share a few places of the cache.
pub(crate) fn stride(tiles: usize, channels: usize) -> usize {
    tiles * channels + LANES
}

impl Tiles {
    /// Of an image of this extent.
    pub(crate) fn of(image: Extent) -> Self {
        Self {
            height: image.height,
            width: image.width,
            down: image.height.div_ceil(2),
            across: image.width.div_ceil(2),
        }
    }

    /// How many.
    pub(crate) fn count(self) -> usize {
        self.down * self.across
    }

    /// The frame that a convolution with padding 1 reads, made of whole tiles.
    pub(crate) fn frame(self, channels: usize) -> Frame {
        Frame {
            image: Extent {
                height: self.height,
                width: self.width,
                channels,
            },
            top: 1,
            left: 1,
            height: 2 * self.down + 2,
            width: 2 * self.across + 2,
        }
    }

    /// Transforms what each tile of a span sees of a framed image, and writes it to the planes from place `first` on.
    #[inline(always)]
    pub(crate) fn see<T: Float>(
        self,
        span: Range<usize>,
        frame: &[T],
        channels: usize,
        planes: &mut [T],
        stride: usize,
        first: usize,
    ) {
        let (frame, _) = frame.as_chunks::<WIDTH>();
        let (planes, _) = planes.as_chunks_mut::<WIDTH>();
        let (chunks, stride) = (channels / WIDTH, stride / WIDTH);
        let line = (2 * self.across + 2) * chunks;
        for (index, tile) in span.enumerate() {
            let corner = self.corner(tile);
            let from = corner.0 * line + corner.1 * chunks;
            let to = (first + index) * chunks;
            for chunk in 0..chunks {
                let mut rows = [[[T::ZERO; WIDTH]; 4]; 4];
                for row in 0..4 {
                    let seen = &frame[from + row * line + chunk..][..=3 * chunks];
                    let [b, c] = [seen[chunks], seen[2 * chunks]];
                    rows[row] = seen_line([seen[0], b, c, seen[3 * chunks]]);
                }
                for column in 0..4 {
                    let places = seen_line(down(&rows, column));
                    for row in 0..4 {
                        planes[(4 * row + column) * stride + to + chunk] = places[row];
                    }
                }
            }
        }
    }

    /// Takes the planes from place `first` on back to the pixels of a span. False if there is a number that is not finite.
    #[inline(always)]
    pub(crate) fn show<T: Float>(
        self,
        span: Range<usize>,
        planes: &[T],
        channels: usize,
        stride: usize,
        first: usize,
        image: &mut [T],
    ) -> bool {
        // The product of 0 and what is not finite is not a number, and stays so when it is added to.
        let mut watch = [T::ZERO; WIDTH];
        let (planes, _) = planes.as_chunks::<WIDTH>();
        let (image, _) = image.as_chunks_mut::<WIDTH>();
        let (chunks, stride) = (channels / WIDTH, stride / WIDTH);
        for (index, tile) in span.enumerate() {
            let (y, x) = self.corner(tile);
            let (rows, columns) = (2.min(self.height - y), 2.min(self.width - x));
            let from = (first + index) * chunks;
            let to = (y * self.width + x) * chunks;
            for chunk in 0..chunks {
                let mut lines = [[[T::ZERO; WIDTH]; 2]; 4];
                for row in 0..4 {
                    let place = |column| planes[(4 * row + column) * stride + from + chunk];
                    lines[row] = shown_line([place(0), place(1), place(2), place(3)]);
                }
                for column in 0..columns {
                    let pixels = shown_line(down(&lines, column));
                    for row in 0..rows {
                        image[to + (row * self.width + column) * chunks + chunk] = pixels[row];
                        for lane in 0..WIDTH {
                            watch[lane] += pixels[row][lane] * T::ZERO;
                        }
                    }
                }
            }
        }
        watch == [T::ZERO; WIDTH]
    }

    /// Transforms the gradients of a span for the gradient of the kernel, and writes them to the planes from place `first` on.
    #[inline(always)]
    pub(crate) fn spread<T: Float>(
        self,
        span: Range<usize>,
        image: &[T],
        channels: usize,
        planes: &mut [T],
        stride: usize,
        first: usize,
    ) {
        let (image, _) = image.as_chunks::<WIDTH>();
        let (planes, _) = planes.as_chunks_mut::<WIDTH>();
        let (chunks, stride) = (channels / WIDTH, stride / WIDTH);
        for (index, tile) in span.enumerate() {
            let (y, x) = self.corner(tile);
            let (rows, columns) = (2.min(self.height - y), 2.min(self.width - x));
            let from = (y * self.width + x) * chunks;
            let to = (first + index) * chunks;
            for chunk in 0..chunks {
                let mut lines = [[[T::ZERO; WIDTH]; 4]; 2];
                for row in 0..rows {
                    let mut pair = [[T::ZERO; WIDTH]; 2];
                    for column in 0..columns {
                        pair[column] = image[from + (row * self.width + column) * chunks + chunk];
                    }
                    lines[row] = spread_line(pair);
                }
                for column in 0..4 {
                    let places = spread_line([lines[0][column], lines[1][column]]);
                    for row in 0..4 {
                        planes[(4 * row + column) * stride + to + chunk] = places[row];
                    }
                }
            }
        }
    }

    /// The first row and column of a tile's outputs.
    #[inline(always)]
    fn corner(self, tile: usize) -> (usize, usize) {
        (2 * (tile / self.across), 2 * (tile % self.across))
    }
}

/// The 3×3 weights of some channels as 4×4.
#[inline(always)]
pub(crate) fn widen<T: Float>(kernel: &[[[T; LANES]; 3]; 3]) -> [[[T; LANES]; 4]; 4] {
    let [a, b, c] = kernel;
    let [a, b, c] = [widened_line(*a), widened_line(*b), widened_line(*c)];
    let mut places = [[[T::ZERO; LANES]; 4]; 4];
    for column in 0..4 {
        let line = widened_line([a[column], b[column], c[column]]);
        for row in 0..4 {
            places[row][column] = line[row];
        }
    }
    places
}

/// The 4×4 gradients of transformed weights as those of the 3×3: the transpose of [`widen`].
#[inline(always)]
pub(crate) fn narrow<T: Float>(places: &[[[T; LANES]; 4]; 4]) -> [[[T; LANES]; 3]; 3] {
    let [a, b, c, d] = places;
    let rows = [
        narrowed_line(*a),
        narrowed_line(*b),
        narrowed_line(*c),
        narrowed_line(*d),
    ];
    let mut kernel = [[[T::ZERO; LANES]; 3]; 3];
    for (column, line) in [0, 1, 2]
        .map(|c| narrowed_line(down(&rows, c)))
        .iter()
        .enumerate()
    {
        for (kernel, weights) in kernel.iter_mut().zip(line) {
            kernel[column] = *weights;
        }
    }
    kernel
}

/// A column of four rows.
#[inline(always)]
fn down<T: Copy, const N: usize>(rows: &[[T; N]; 4], column: usize) -> [T; 4] {
    let [a, b, c, d] = rows;
    [a[column], b[column], c[column], d[column]]
}

#[inline(always)]
fn widened_line<T: Float>([a, b, c]: [[T; LANES]; 3]) -> [[T; LANES]; 4] {
    let half = T::from_f64(0.5);
    let (outer, inner) = (scale(sum(a, c), half), scale(b, half));
    [a, sum(outer, inner), difference(outer, inner), c]
}

#[inline(always)]
fn narrowed_line<T: Float>([a, b, c, d]: [[T; LANES]; 4]) -> [[T; LANES]; 3] {
    let half = T::from_f64(0.5);
    let both = scale(sum(b, c), half);
    [sum(a, both), scale(difference(b, c), half), sum(both, d)]
}

#[inline(always)]
fn seen_line<T: Float>([a, b, c, d]: [[T; WIDTH]; 4]) -> [[T; WIDTH]; 4] {
    [
        difference(a, c),
        sum(b, c),
        difference(c, b),
        difference(b, d),
    ]
}

#[inline(always)]
fn shown_line<T: Float>([a, b, c, d]: [[T; WIDTH]; 4]) -> [[T; WIDTH]; 2] {
    [sum(a, sum(b, c)), difference(difference(b, c), d)]
}

#[inline(always)]
fn spread_line<T: Float>([a, b]: [[T; WIDTH]; 2]) -> [[T; WIDTH]; 4] {
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
