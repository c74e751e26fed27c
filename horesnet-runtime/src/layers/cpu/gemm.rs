//! Matrix products of convolutions, in register tiles.
//!
//! [`LANES`] adjacent output channels are computed together, for several rows at a time: enough sums to keep the arithmetic
//! units busy, few enough to stay in registers. Weights are packed in the order in which they are read (see
//! [`super::pack`]).

// Tiles have one row or several, so the macros compare `at + rows` with the length, also for one row.
#![allow(clippy::int_plus_one)]

use super::float::{Float, mul_add};
use super::window::Im2col;

/// Channels computed together: two vectors of AVX2 in `f32`, four in `f64`.
pub(crate) const LANES: usize = 16;

/// Most rows of a tile of [`outer_products`]. With more, the compiler vectorises across the rows with AVX-512's gathers and
/// scatters, which is ten times slower.
const OUTER_ROWS: usize = 6;

/// Writes `Σ padded·weights` over the window of every pixel in `index` to `out`, which has `channels` per pixel.
#[inline(always)]
pub(crate) fn implicit_gemm<T: Float, const FUSED: bool, const ROWS: usize>(
    padded: &[T],
    index: &Im2col,
    weights: &[T],
    out: &mut [T],
    channels: usize,
) {
    let depth = index.depth() * LANES;
    for (block, weights) in weights.chunks_exact(depth).enumerate() {
        let first = block * LANES;
        let lanes = LANES.min(channels - first);
        let mut at = 0;
        macro_rules! tiles {
            ($rows:tt) => {
                while at + $rows <= index.bases.len() {
                    let tile = implicit_tile::<T, FUSED, $rows>(padded, index, at, weights);
                    store(&tile, &index.pixels[at..], out, channels, first, lanes);
                    at += $rows;
                }
            };
        }
        tiles!(ROWS);
        if ROWS > 4 {
            tiles!(4);
        }
        tiles!(1);
    }
}

#[inline(always)]
fn implicit_tile<T: Float, const FUSED: bool, const ROWS: usize>(
    padded: &[T],
    index: &Im2col,
    at: usize,
    weights: &[T],
) -> [[T; LANES]; ROWS] {
    let bases: &[usize; ROWS] = index.bases[at..]
        .first_chunk()
        .unwrap_or(&[usize::MAX; ROWS]);
    let mut sums = [[T::ZERO; LANES]; ROWS];
    let (mut weights, _) = weights.as_chunks::<LANES>();
    for &segment in &index.segments {
        let mut rows = [padded; ROWS];
        for row in 0..ROWS {
            rows[row] = &padded[bases[row] + segment..][..index.run];
        }
        let (now, later) = weights.split_at(index.run);
        weights = later;
        for read in 0..index.run {
            let weights = &now[read];
            for row in 0..ROWS {
                let x = rows[row][read];
                for lane in 0..LANES {
                    sums[row][lane] = mul_add::<T, FUSED>(x, weights[lane], sums[row][lane]);
                }
            }
        }
    }
    sums
}

#[inline(always)]
fn store<T: Float, const ROWS: usize>(
    tile: &[[T; LANES]; ROWS],
    pixels: &[usize],
    out: &mut [T],
    channels: usize,
    first: usize,
    lanes: usize,
) {
    for (sums, pixel) in tile.iter().zip(pixels) {
        let out = &mut out[pixel * channels + first..];
        if lanes == LANES {
            out[..LANES].copy_from_slice(sums);
        } else {
            out[..lanes].copy_from_slice(&sums[..lanes]);
        }
    }
}

/// Writes `rows·weights` to `out`.
///
/// `out` has `channels` per row, a multiple of [`LANES`]; `rows` have `depth` numbers each.
///
/// Separate from [`implicit_gemm`] because, with contiguous rows, all sums stay in registers.
#[inline(always)]
pub(crate) fn gemm<T: Float, const FUSED: bool, const ROWS: usize>(
    rows: &[T],
    depth: usize,
    weights: &[T],
    out: &mut [T],
    channels: usize,
) {
    let count = rows.len() / depth;
    for (block, weights) in weights.chunks_exact(depth * LANES).enumerate() {
        let (weights, _) = weights.as_chunks::<LANES>();
        let mut at = 0;
        macro_rules! tiles {
            ($rows:tt) => {
                while at + $rows <= count {
                    let tile = gemm_tile::<T, FUSED, $rows>(&rows[at * depth..], depth, weights);
                    let out = &mut out[at * channels + block * LANES..];
                    for row in 0..$rows {
                        out[row * channels..][..LANES].copy_from_slice(&tile[row]);
                    }
                    at += $rows;
                }
            };
        }
        // Four rows keep the units of two vectors busy, and mostly leave no remainder.
        if ROWS > 6 {
            tiles!(ROWS);
        }
        tiles!(4);
        tiles!(1);
    }
}

#[inline(always)]
fn gemm_tile<T: Float, const FUSED: bool, const ROWS: usize>(
    all: &[T],
    depth: usize,
    weights: &[[T; LANES]],
) -> [[T; LANES]; ROWS] {
    let mut rows = [all; ROWS];
    for row in 0..ROWS {
        rows[row] = &all[row * depth..][..depth];
    }
    let weights = &weights[..depth];
    let mut sums = [[T::ZERO; LANES]; ROWS];
    for read in 0..depth {
        let weights = &weights[read];
        for row in 0..ROWS {
            let x = rows[row][read];
            for lane in 0..LANES {
                sums[row][lane] = mul_add::<T, FUSED>(x, weights[lane], sums[row][lane]);
            }
        }
    }
    sums
}

/// Adds `Σ padded·gradients` over all pixels in `index` to `products`, packed as weights are.
/// `gradients` has `channels` per pixel, a multiple of [`LANES`].
#[inline(always)]
pub(crate) fn outer_products<T: Float, const FUSED: bool, const ROWS: usize>(
    padded: &[T],
    index: &Im2col,
    gradients: &[T],
    channels: usize,
    products: &mut [T],
) {
    let depth = index.depth() * LANES;
    for (block, products) in products.chunks_exact_mut(depth).enumerate() {
        let gradients = &gradients[block * LANES..];
        let (mut products, _) = products.as_chunks_mut::<LANES>();
        for &segment in &index.segments {
            let (now, later) = products.split_at_mut(index.run);
            products = later;
            let mut at = 0;
            macro_rules! tiles {
                ($rows:tt) => {
                    while at + $rows <= index.run {
                        let (tile, at_tile) = (&mut now[at..], segment + at);
                        outer_tile::<T, FUSED, $rows>(
                            padded, index, at_tile, gradients, channels, tile,
                        );
                        at += $rows;
                    }
                };
            }
            if ROWS <= OUTER_ROWS {
                tiles!(ROWS);
            } else {
                tiles!(OUTER_ROWS);
            }
            if ROWS > 4 {
                tiles!(4);
            }
            tiles!(1);
        }
    }
}

#[inline(always)]
fn outer_tile<T: Float, const FUSED: bool, const ROWS: usize>(
    padded: &[T],
    index: &Im2col,
    offset: usize,
    gradients: &[T],
    channels: usize,
    products: &mut [[T; LANES]],
) {
    let Some(products) = products.first_chunk_mut::<ROWS>() else {
        return;
    };
    let mut sums = *products;
    for (pixel, &base) in index.bases.iter().enumerate() {
        let xs = &padded[base + offset..][..ROWS];
        let gradients = &gradients[pixel * channels..][..LANES];
        for row in 0..ROWS {
            for lane in 0..LANES {
                sums[row][lane] = mul_add::<T, FUSED>(xs[row], gradients[lane], sums[row][lane]);
            }
        }
    }
    *products = sums;
}
