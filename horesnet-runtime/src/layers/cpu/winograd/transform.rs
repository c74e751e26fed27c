//! From images to planes and back, tile by tile, for each algorithm.

use std::ops::Range;

use super::lines::{F2, F4, Lines};
use super::tiles::{Algorithm, TileGroup};
use crate::layers::cpu::float::Float;
use crate::layers::cpu::gemm::LANES;
use crate::layers::cpu::norm::{OptionalNorm, fill};

/// Channels transformed together.
const WIDTH: usize = 8;

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
        for (index, xs) in xs.chunks_exact(group.pixels * channels).enumerate() {
            // From the second span on, there is only one image, and it is already in `padded`.
            if span.start == 0 {
                fill::<T, FUSED>(group.tiles.padded(channels), xs, norm, padded);
            }
            let place = Place { group, span: span.clone(), channels, index };
            match group.tiles.algorithm {
                Algorithm::F2 => inputs::<T, F2, FUSED, 2, 4>(&place, padded, planes),
                Algorithm::F4 => inputs::<T, F4, FUSED, 4, 6>(&place, padded, planes),
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
        // 0 times a number that is not finite is NaN, and a sum with NaN stays NaN.
        let mut watch = [T::ZERO; WIDTH];
        for (index, image) in out.chunks_exact_mut(group.pixels * channels).enumerate() {
            let place = Place { group, span: span.clone(), channels, index };
            match group.tiles.algorithm {
                Algorithm::F2 => outputs::<T, F2, FUSED, 2, 4>(&place, planes, image, &mut watch),
                Algorithm::F4 => outputs::<T, F4, FUSED, 4, 6>(&place, planes, image, &mut watch),
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
        for (index, image) in gradients.chunks_exact(group.pixels * channels).enumerate() {
            let place = Place { group, span: span.clone(), channels, index };
            match group.tiles.algorithm {
                Algorithm::F2 => self::gradients::<T, F2, FUSED, 2, 4>(&place, image, planes),
                Algorithm::F4 => self::gradients::<T, F4, FUSED, 4, 6>(&place, image, planes),
            }
        }
    }
}

/// The tiles of one image of a group, and where they are in the planes.
struct Place {
    group: TileGroup,
    span: Range<usize>,
    channels: usize,
    index: usize,
}

impl Place {
    /// Blocks of channels in a pixel, and blocks between two planes.
    #[inline(always)]
    fn chunks(&self) -> (usize, usize) {
        (
            self.channels / WIDTH,
            self.group.stride(self.channels) / WIDTH,
        )
    }

    /// Each tile of the span with the offset of its channels in a plane.
    #[inline(always)]
    fn tiles(&self) -> impl Iterator<Item = (usize, usize)> {
        let (chunks, first) = (self.channels / WIDTH, self.index * self.span.len());
        let tiles = self.span.clone().enumerate();
        tiles.map(move |(at, tile)| (tile, (first + at) * chunks))
    }
}

#[inline(always)]
fn inputs<T: Float, W: Lines<OUT, IN>, const FUSED: bool, const OUT: usize, const IN: usize>(
    place: &Place,
    padded: &[T],
    planes: &mut [T],
) {
    let (chunks, stride) = place.chunks();
    let tiles = place.group.tiles;
    let line = tiles.padded(chunks).width * chunks;
    let (padded, _) = padded.as_chunks::<WIDTH>();
    let (planes, _) = planes.as_chunks_mut::<WIDTH>();
    for (tile, to) in place.tiles() {
        let (y, x) = tiles.corner(tile);
        let from = y * line + x * chunks;
        for chunk in 0..chunks {
            let mut rows = [[[T::ZERO; WIDTH]; IN]; IN];
            for row in 0..IN {
                let read = &padded[from + row * line + chunk..][..=(IN - 1) * chunks];
                let mut pixels = [[T::ZERO; WIDTH]; IN];
                for column in 0..IN {
                    pixels[column] = read[column * chunks];
                }
                rows[row] = W::input::<T, FUSED, WIDTH>(pixels);
            }
            for column in 0..IN {
                let transformed = W::input::<T, FUSED, WIDTH>(down(&rows, column));
                for row in 0..IN {
                    planes[(IN * row + column) * stride + to + chunk] = transformed[row];
                }
            }
        }
    }
}

#[inline(always)]
fn outputs<T: Float, W: Lines<OUT, IN>, const FUSED: bool, const OUT: usize, const IN: usize>(
    place: &Place,
    planes: &[T],
    image: &mut [T],
    watch: &mut [T; WIDTH],
) {
    let (chunks, stride) = place.chunks();
    let tiles = place.group.tiles;
    let (planes, _) = planes.as_chunks::<WIDTH>();
    let (image, _) = image.as_chunks_mut::<WIDTH>();
    for (tile, from) in place.tiles() {
        let (y, x, rows, columns) = tiles.outputs(tile);
        let to = (y * tiles.width + x) * chunks;
        for chunk in 0..chunks {
            let mut lines = [[[T::ZERO; WIDTH]; OUT]; IN];
            for row in 0..IN {
                let mut products = [[T::ZERO; WIDTH]; IN];
                for column in 0..IN {
                    products[column] = planes[(IN * row + column) * stride + from + chunk];
                }
                lines[row] = W::output::<T, FUSED, WIDTH>(products);
            }
            for column in 0..columns {
                let pixels = W::output::<T, FUSED, WIDTH>(down(&lines, column));
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

#[inline(always)]
fn gradients<T: Float, W: Lines<OUT, IN>, const FUSED: bool, const OUT: usize, const IN: usize>(
    place: &Place,
    image: &[T],
    planes: &mut [T],
) {
    let (chunks, stride) = place.chunks();
    let tiles = place.group.tiles;
    let (image, _) = image.as_chunks::<WIDTH>();
    let (planes, _) = planes.as_chunks_mut::<WIDTH>();
    for (tile, to) in place.tiles() {
        let (y, x, rows, columns) = tiles.outputs(tile);
        let from = (y * tiles.width + x) * chunks;
        for chunk in 0..chunks {
            let mut lines = [[[T::ZERO; WIDTH]; IN]; OUT];
            for row in 0..rows {
                let mut pixels = [[T::ZERO; WIDTH]; OUT];
                for column in 0..columns {
                    pixels[column] = image[from + (row * tiles.width + column) * chunks + chunk];
                }
                lines[row] = W::gradient::<T, FUSED, WIDTH>(pixels);
            }
            for column in 0..IN {
                let transformed = W::gradient::<T, FUSED, WIDTH>(down(&lines, column));
                for row in 0..IN {
                    planes[(IN * row + column) * stride + to + chunk] = transformed[row];
                }
            }
        }
    }
}

/// Transforms the 3×3 weights of some channels, and calls `write` with each plane.
#[inline(always)]
pub(crate) fn weight_transform<T: Float>(
    algorithm: Algorithm,
    kernel: &[[[T; LANES]; 3]; 3],
    write: impl FnMut(usize, [T; LANES]),
) {
    match algorithm {
        Algorithm::F2 => weights::<T, F2, 2, 4>(kernel, write),
        Algorithm::F4 => weights::<T, F4, 4, 6>(kernel, write),
    }
}

#[inline(always)]
fn weights<T: Float, W: Lines<OUT, IN>, const OUT: usize, const IN: usize>(
    kernel: &[[[T; LANES]; 3]; 3],
    mut write: impl FnMut(usize, [T; LANES]),
) {
    let rows = kernel.map(W::weight::<T, LANES>);
    for column in 0..IN {
        let line = W::weight::<T, LANES>(down(&rows, column));
        for (row, weights) in line.into_iter().enumerate() {
            write(IN * row + column, weights);
        }
    }
}

/// Maps gradients of transformed weights, which `read` gives by plane, to those of the weights: the transpose of
/// [`weight_transform`].
#[inline(always)]
pub(crate) fn weight_gradient<T: Float>(
    algorithm: Algorithm,
    read: impl Fn(usize) -> [T; LANES],
) -> [[[T; LANES]; 3]; 3] {
    match algorithm {
        Algorithm::F2 => weight_gradients::<T, F2, 2, 4>(read),
        Algorithm::F4 => weight_gradients::<T, F4, 4, 6>(read),
    }
}

#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "columns of rows")]
fn weight_gradients<T: Float, W: Lines<OUT, IN>, const OUT: usize, const IN: usize>(
    read: impl Fn(usize) -> [T; LANES],
) -> [[[T; LANES]; 3]; 3] {
    let mut rows = [[[T::ZERO; LANES]; 3]; IN];
    for row in 0..IN {
        let mut sums = [[T::ZERO; LANES]; IN];
        for column in 0..IN {
            sums[column] = read(IN * row + column);
        }
        rows[row] = W::weight_gradient::<T, LANES>(sums);
    }
    let mut kernel = [[[T::ZERO; LANES]; 3]; 3];
    for column in 0..3 {
        let line = W::weight_gradient::<T, LANES>(down(&rows, column));
        for row in 0..3 {
            kernel[row][column] = line[row];
        }
    }
    kernel
}

/// A column of some rows of `N` channels.
#[inline(always)]
fn down<T: Float, const N: usize, const ROWS: usize, const COLUMNS: usize>(
    rows: &[[[T; N]; COLUMNS]; ROWS],
    column: usize,
) -> [[T; N]; ROWS] {
    let mut line = [[T::ZERO; N]; ROWS];
    for row in 0..ROWS {
        line[row] = rows[row][column];
    }
    line
}
