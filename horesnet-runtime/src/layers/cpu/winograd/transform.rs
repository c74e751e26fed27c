//! From images to planes and back, tile by tile, for each algorithm.

// Rows and columns of arrays of arrays. With iterators and closures, the compiler leaves vectors in memory.
#![allow(clippy::needless_range_loop)]

use std::mem::MaybeUninit;
use std::ops::Range;

use super::lines::{F2, F4, Lines};
use super::tiles::{Algorithm, TileGroup};
use crate::layers::cpu::float::{Float, written};
use crate::layers::cpu::gemm::LANES;
use crate::layers::cpu::norm::{OptionalNorm, fill};

/// Calls `$run` with the lines of an algorithm.
macro_rules! by_lines {
    ($algorithm:expr, $run:ident($($argument:expr),*)) => {
        match $algorithm {
            Algorithm::F2 => $run::<T, F2, FUSED, 2, 4>($($argument),*),
            Algorithm::F4 => $run::<T, F4, FUSED, 4, 6>($($argument),*),
        }
    };
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
        for (index, xs) in xs.chunks_exact(group.pixels * channels).enumerate() {
            // From the second span on, there is only one image, and it is already in `padded`.
            if span.start == 0 {
                fill::<T, FUSED>(group.tiles.padded(channels), xs, norm, padded);
            }
            let place = Place { group, span: span.clone(), channels, index };
            by_lines!(group.tiles.algorithm, inputs(&place, padded, planes));
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
        out: &'a mut [MaybeUninit<T>],
    ) -> bool {
        let mut finite = true;
        for (index, image) in out.chunks_exact_mut(group.pixels * channels).enumerate() {
            let place = Place { group, span: span.clone(), channels, index };
            finite &= by_lines!(group.tiles.algorithm, outputs(&place, planes, image));
        }
        finite
    }
}

kernel! {
    /// Transforms a span of gradients to planes, for the gradient of the kernel.
    fn gradient_transform<'a, T>(
        group: TileGroup,
        span: Range<usize>,
        channels: usize,
        all: &'a [T],
        planes: &'a mut [T],
    ) -> () {
        for (index, image) in all.chunks_exact(group.pixels * channels).enumerate() {
            let place = Place { group, span: span.clone(), channels, index };
            by_lines!(group.tiles.algorithm, gradients(&place, image, planes));
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
    /// Blocks of [`LANES`] channels in a pixel, and blocks between two planes.
    #[inline(always)]
    fn chunks(&self) -> (usize, usize) {
        (
            self.channels / LANES,
            self.group.stride(self.channels) / LANES,
        )
    }

    /// Each tile of the span with the offset of its channels in a plane.
    #[inline(always)]
    fn tiles(&self) -> impl Iterator<Item = (usize, usize)> {
        let (chunks, first) = (self.channels / LANES, self.index * self.span.len());
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
    let (padded, _) = padded.as_chunks();
    let (planes, _) = planes.as_chunks_mut();
    // Not set to zeros again for each tile.
    let mut rows = [[[T::ZERO; LANES]; IN]; IN];
    for (tile, to) in place.tiles() {
        let (y, x) = tiles.corner(tile);
        assert!((IN * IN - 1) * stride + to + chunks <= planes.len());
        let from = y * line + x * chunks;
        for chunk in 0..chunks {
            for row in 0..IN {
                let read = &padded[from + row * line + chunk..][..=(IN - 1) * chunks];
                let mut pixels = [[T::ZERO; LANES]; IN];
                for column in 0..IN {
                    // SAFETY: `read` has `(IN - 1) * chunks` elements and one more.
                    pixels[column] = unsafe { *read.get_unchecked(column * chunks) };
                }
                rows[row] = W::input::<T, FUSED, LANES>(pixels);
            }
            for column in 0..IN {
                let transformed = W::input::<T, FUSED, LANES>(down(&rows, column));
                for row in 0..IN {
                    let at = (IN * row + column) * stride + to + chunk;
                    // SAFETY: asserted above, for the last plane and block.
                    unsafe { *planes.get_unchecked_mut(at) = transformed[row] };
                }
            }
        }
    }
}

#[inline(always)]
fn outputs<T: Float, W: Lines<OUT, IN>, const FUSED: bool, const OUT: usize, const IN: usize>(
    place: &Place,
    planes: &[T],
    image: &mut [MaybeUninit<T>],
) -> bool {
    // 0 times a number that is not finite is NaN, and a sum with NaN stays NaN.
    let mut watch = [T::ZERO; LANES];
    let (chunks, stride) = place.chunks();
    let tiles = place.group.tiles;
    let (planes, _) = planes.as_chunks();
    let (image, _) = image.as_chunks_mut();
    let mut lines = [[[T::ZERO; LANES]; OUT]; IN];
    for (tile, from) in place.tiles() {
        let (y, x, rows, columns) = tiles.outputs(tile);
        let to = (y * tiles.width + x) * chunks;
        assert!((IN * IN - 1) * stride + from + chunks <= planes.len());
        assert!(to + ((rows - 1) * tiles.width + columns) * chunks <= image.len());
        for chunk in 0..chunks {
            for row in 0..IN {
                let mut products = [[T::ZERO; LANES]; IN];
                for column in 0..IN {
                    let at = (IN * row + column) * stride + from + chunk;
                    // SAFETY: asserted above, for the last plane and block.
                    products[column] = unsafe { *planes.get_unchecked(at) };
                }
                lines[row] = W::output::<T, FUSED, LANES>(products);
            }
            for column in 0..columns {
                let pixels = W::output::<T, FUSED, LANES>(down(&lines, column));
                for row in 0..rows {
                    let at = to + (row * tiles.width + column) * chunks + chunk;
                    // SAFETY: asserted above, for the last row, column and block.
                    unsafe { *image.get_unchecked_mut(at) = written(pixels[row]) };
                    for lane in 0..LANES {
                        watch[lane] += pixels[row][lane] * T::ZERO;
                    }
                }
            }
        }
    }
    watch == [T::ZERO; LANES]
}

#[inline(always)]
fn gradients<T: Float, W: Lines<OUT, IN>, const FUSED: bool, const OUT: usize, const IN: usize>(
    place: &Place,
    image: &[T],
    planes: &mut [T],
) {
    let (chunks, stride) = place.chunks();
    let tiles = place.group.tiles;
    let (image, _) = image.as_chunks();
    let (planes, _) = planes.as_chunks_mut();
    let mut lines = [[[T::ZERO; LANES]; IN]; OUT];
    for (tile, to) in place.tiles() {
        let (y, x, rows, columns) = tiles.outputs(tile);
        let from = (y * tiles.width + x) * chunks;
        assert!((IN * IN - 1) * stride + to + chunks <= planes.len());
        for chunk in 0..chunks {
            for row in 0..rows {
                let mut pixels = [[T::ZERO; LANES]; OUT];
                for column in 0..columns {
                    pixels[column] = image[from + (row * tiles.width + column) * chunks + chunk];
                }
                lines[row] = W::gradient::<T, FUSED, LANES>(pixels);
            }
            for row in rows..OUT {
                lines[row] = [[T::ZERO; LANES]; IN];
            }
            for column in 0..IN {
                let transformed = W::gradient::<T, FUSED, LANES>(down(&lines, column));
                for row in 0..IN {
                    let at = (IN * row + column) * stride + to + chunk;
                    // SAFETY: asserted above, for the last plane and block.
                    unsafe { *planes.get_unchecked_mut(at) = transformed[row] };
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

kernel! {
    /// Maps planes of packed sums, `stride` apart, to the packed `sums` of the kernel: the transpose of
    /// [`weight_transform`]. Returns false if a number is not finite.
    fn weight_gradient<'a, T>(
        algorithm: Algorithm,
        products: &'a [T],
        stride: usize,
        inputs: usize,
        sums: &'a mut [MaybeUninit<T>],
    ) -> bool {
        by_lines!(algorithm, weight_gradients(products, stride, inputs, sums))
    }
}

#[inline(always)]
fn weight_gradients<
    T: Float,
    W: Lines<OUT, IN>,
    const FUSED: bool,
    const OUT: usize,
    const IN: usize,
>(
    products: &[T],
    stride: usize,
    inputs: usize,
    sums: &mut [MaybeUninit<T>],
) -> bool {
    let (products, _) = products.as_chunks();
    let (sums, _) = sums.as_chunks_mut();
    let stride = stride / LANES;
    let mut watch = [T::ZERO; LANES];
    let mut rows = [[[T::ZERO; LANES]; 3]; IN];
    for from in 0..sums.len() / 9 {
        for row in 0..IN {
            let mut line = [[T::ZERO; LANES]; IN];
            for column in 0..IN {
                line[column] = products[(IN * row + column) * stride + from];
            }
            rows[row] = W::weight_gradient::<T, LANES>(line);
        }
        let (block, input) = (from / inputs, from % inputs);
        for column in 0..3 {
            let line = W::weight_gradient::<T, LANES>(down(&rows, column));
            for row in 0..3 {
                let to = (block * 9 + row * 3 + column) * inputs + input;
                sums[to] = written(line[row]);
                for lane in 0..LANES {
                    watch[lane] += line[row][lane] * T::ZERO;
                }
            }
        }
    }
    watch == [T::ZERO; LANES]
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
