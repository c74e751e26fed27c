//! Matrix products of convolutions, in register tiles.
//!
//! [`LANES`] adjacent output channels are computed together, for several rows at a time: enough sums to keep the arithmetic
//! units busy, few enough to stay in registers. Weights are packed in the order in which they are read (see
//! [`super::pack`]).

// Tiles have one row or several, so the macros compare `at + rows` with the length, also for one row.
#![allow(clippy::int_plus_one)]

use std::mem::MaybeUninit;

use super::float::{Float, mul_add, written};
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
    out: &mut [MaybeUninit<T>],
    channels: usize,
) {
    let depth = index.depth();
    let blocks = weights.len() / (depth * LANES).max(1);
    let mut block = 0;
    macro_rules! tiles {
        ($at:ident, $rows:tt, $blocks:tt) => {
            while $at + $rows <= index.bases.len() {
                let weights: [&[[T; LANES]]; $blocks] =
                    std::array::from_fn(|next| packed(weights, depth, block + next));
                let tile = implicit_tile::<T, FUSED, $rows, $blocks>(padded, index, $at, weights);
                for next in 0..$blocks {
                    let first = (block + next) * LANES;
                    let pixels = &index.pixels[$at..];
                    store(&tile[next], pixels, out, channels, first);
                }
                $at += $rows;
            }
        };
    }
    // Two blocks share what is read of the images, where the registers hold that many sums.
    while ROWS > 6 && block + 2 <= blocks {
        let mut at = 0;
        tiles!(at, 6, 2);
        tiles!(at, 4, 2);
        tiles!(at, 1, 2);
        block += 2;
    }
    while block < blocks {
        let mut at = 0;
        if ROWS > 6 {
            tiles!(at, 8, 1);
        } else {
            tiles!(at, ROWS, 1);
        }
        if ROWS > 4 {
            tiles!(at, 4, 1);
        }
        tiles!(at, 1, 1);
        block += 1;
    }
}

/// One block of packed weights.
#[inline(always)]
fn packed<T>(weights: &[T], depth: usize, block: usize) -> &[[T; LANES]] {
    let (weights, _) = weights[block * depth * LANES..].as_chunks();
    &weights[..depth]
}

#[inline(always)]
fn implicit_tile<T: Float, const FUSED: bool, const ROWS: usize, const BLOCKS: usize>(
    padded: &[T],
    index: &Im2col,
    at: usize,
    mut weights: [&[[T; LANES]]; BLOCKS],
) -> [[[T; LANES]; ROWS]; BLOCKS] {
    let bases: &[usize; ROWS] = index.bases[at..]
        .first_chunk()
        .unwrap_or(&[usize::MAX; ROWS]);
    let mut sums = [[[T::ZERO; LANES]; ROWS]; BLOCKS];
    for &segment in &index.segments {
        let mut rows = [padded; ROWS];
        for row in 0..ROWS {
            rows[row] = &padded[bases[row] + segment..][..index.run];
        }
        let mut now = weights;
        for block in 0..BLOCKS {
            (now[block], weights[block]) = weights[block].split_at(index.run);
        }
        for read in 0..index.run {
            for row in 0..ROWS {
                let x = rows[row][read];
                for block in 0..BLOCKS {
                    let (sums, weights) = (&mut sums[block][row], &now[block][read]);
                    for lane in 0..LANES {
                        sums[lane] = mul_add::<T, FUSED>(x, weights[lane], sums[lane]);
                    }
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
    out: &mut [MaybeUninit<T>],
    channels: usize,
    first: usize,
) {
    let lanes = LANES.min(channels - first);
    for (sums, pixel) in tile.iter().zip(pixels) {
        let out = &mut out[pixel * channels + first..];
        if let (Some(out), LANES) = (out.first_chunk_mut::<LANES>(), lanes) {
            *out = written(*sums);
        } else {
            for (out, &sum) in out[..lanes].iter_mut().zip(sums) {
                out.write(sum);
            }
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
    for block in 0..channels / LANES {
        let weights = packed(weights, depth, block);
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
        // Eight vectors of sums keep two units of four cycles busy, and rows mostly come in eights.
        if ROWS > 6 {
            tiles!(8);
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

/// Adds `Σ padded·gradients` over all pixels in `index` to `products`, packed as weights are; if `fresh`, overwrites them.
/// `gradients` has `channels` per pixel, a multiple of [`LANES`].
#[inline(always)]
pub(crate) fn outer_products<T: Float, const FUSED: bool, const ROWS: usize>(
    padded: &[T],
    index: &Im2col,
    gradients: &[T],
    channels: usize,
    products: &mut [T],
    fresh: bool,
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
                            padded, index, at_tile, gradients, channels, tile, fresh,
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
    fresh: bool,
) {
    let Some(products) = products.first_chunk_mut::<ROWS>() else {
        return;
    };
    let mut sums = if fresh {
        [[T::ZERO; LANES]; ROWS]
    } else {
        *products
    };
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
