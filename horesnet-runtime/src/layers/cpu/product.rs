//! The matrix products of convolutions, in register tiles.
//!
//! `LANES` neighbouring channels of the output side are computed together, for some rows at a time: enough sums to keep
//! the arithmetic units busy, few enough to stay in registers. Weights are packed so that the products run
//! through them in order (see [`super::pack`]).

use super::float::{Float, mul_add};
use super::window::Reads;

/// Channels computed together: two vectors of AVX2 in `f32`, four in `f64`.
pub(crate) const LANES: usize = 16;

/// Most rows of a tile of [`outer`]. Of more, the compiler makes vectors across the rows where it has AVX-512's scattered
/// loads and stores: ten times as slow.
const OUTER_ROWS: usize = 6;

/// Writes, for every pixel that `reads` names, `Σ frame·weights` over its window to `out`, which has `channels` a pixel.
#[inline(always)]
pub(crate) fn gather<T: Float, const FUSED: bool, const ROWS: usize>(
    frame: &[T],
    reads: &Reads,
    weights: &[T],
    out: &mut [T],
    channels: usize,
) {
    let depth = reads.depth() * LANES;
    for (block, weights) in weights.chunks_exact(depth).enumerate() {
        let first = block * LANES;
        let lanes = LANES.min(channels - first);
        let mut at = 0;
        while at + ROWS <= reads.bases.len() {
            let tile = gather_tile::<T, FUSED, ROWS>(frame, reads, at, weights);
            store(&tile, &reads.pixels[at..], out, channels, first, lanes);
            at += ROWS;
        }
        while ROWS > 4 && at + 4 <= reads.bases.len() {
            let tile = gather_tile::<T, FUSED, 4>(frame, reads, at, weights);
            store(&tile, &reads.pixels[at..], out, channels, first, lanes);
            at += 4;
        }
        while at < reads.bases.len() {
            let tile = gather_tile::<T, FUSED, 1>(frame, reads, at, weights);
            store(&tile, &reads.pixels[at..], out, channels, first, lanes);
            at += 1;
        }
    }
}

#[inline(always)]
fn gather_tile<T: Float, const FUSED: bool, const ROWS: usize>(
    frame: &[T],
    reads: &Reads,
    at: usize,
    weights: &[T],
) -> [[T; LANES]; ROWS] {
    let bases: &[usize; ROWS] = reads.bases[at..]
        .first_chunk()
        .unwrap_or(&[usize::MAX; ROWS]);
    let mut sums = [[T::ZERO; LANES]; ROWS];
    let (mut weights, _) = weights.as_chunks::<LANES>();
    for &segment in &reads.segments {
        let mut rows = [frame; ROWS];
        for row in 0..ROWS {
            rows[row] = &frame[bases[row] + segment..][..reads.run];
        }
        let (now, later) = weights.split_at(reads.run);
        weights = later;
        for read in 0..reads.run {
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

/// Writes `rows·weights` to `out`, which has `channels` a row, a multiple of [`LANES`]; `rows` have `depth` numbers each.
///
/// It is [`gather`] of rows that lie one after the other, and a loop of its own because with so little to keep beside them
/// all sums stay in registers.
#[inline(always)]
pub(crate) fn multiply<T: Float, const FUSED: bool, const ROWS: usize>(
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
        // Four rows keep the units of two vectors busy, and mostly leave no rest.
        while ROWS > 6 && at + ROWS <= count {
            let tile = multiply_tile::<T, FUSED, ROWS>(&rows[at * depth..], depth, weights);
            store_rows(&tile, &mut out[at * channels + block * LANES..], channels);
            at += ROWS;
        }
        while at + 4 <= count {
            let tile = multiply_tile::<T, FUSED, 4>(&rows[at * depth..], depth, weights);
            store_rows(&tile, &mut out[at * channels + block * LANES..], channels);
            at += 4;
        }
        while at < count {
            let tile = multiply_tile::<T, FUSED, 1>(&rows[at * depth..], depth, weights);
            store_rows(&tile, &mut out[at * channels + block * LANES..], channels);
            at += 1;
        }
    }
}

#[inline(always)]
fn multiply_tile<T: Float, const FUSED: bool, const ROWS: usize>(
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

#[inline(always)]
fn store_rows<T: Float, const ROWS: usize>(
    tile: &[[T; LANES]; ROWS],
    out: &mut [T],
    channels: usize,
) {
    for row in 0..ROWS {
        out[row * channels..][..LANES].copy_from_slice(&tile[row]);
    }
}

/// Adds to `products`, packed as weights are, `Σ frame·gradients` over all pixels that `reads` names in order.
/// `gradients` has `channels` a pixel, a multiple of [`LANES`].
#[inline(always)]
pub(crate) fn outer<T: Float, const FUSED: bool, const ROWS: usize>(
    frame: &[T],
    reads: &Reads,
    gradients: &[T],
    channels: usize,
    products: &mut [T],
) {
    let depth = reads.depth() * LANES;
    for (block, products) in products.chunks_exact_mut(depth).enumerate() {
        let gradients = &gradients[block * LANES..];
        let (mut products, _) = products.as_chunks_mut::<LANES>();
        for &segment in &reads.segments {
            let (now, later) = products.split_at_mut(reads.run);
            products = later;
            let mut at = 0;
            while ROWS <= OUTER_ROWS && at + ROWS <= reads.run {
                let tile = &mut now[at..];
                outer_tile::<T, FUSED, ROWS>(frame, reads, segment + at, gradients, channels, tile);
                at += ROWS;
            }
            while ROWS > OUTER_ROWS && at + OUTER_ROWS <= reads.run {
                let tile = &mut now[at..];
                outer_tile::<T, FUSED, OUTER_ROWS>(
                    frame,
                    reads,
                    segment + at,
                    gradients,
                    channels,
                    tile,
                );
                at += OUTER_ROWS;
            }
            while ROWS > 4 && at + 4 <= reads.run {
                let tile = &mut now[at..];
                outer_tile::<T, FUSED, 4>(frame, reads, segment + at, gradients, channels, tile);
                at += 4;
            }
            while at < reads.run {
                let tile = &mut now[at..];
                outer_tile::<T, FUSED, 1>(frame, reads, segment + at, gradients, channels, tile);
                at += 1;
            }
        }
    }
}

#[inline(always)]
fn outer_tile<T: Float, const FUSED: bool, const ROWS: usize>(
    frame: &[T],
    reads: &Reads,
    offset: usize,
    gradients: &[T],
    channels: usize,
    products: &mut [[T; LANES]],
) {
    let Some(products) = products.first_chunk_mut::<ROWS>() else {
        return;
    };
    let mut sums = *products;
    for (pixel, &base) in reads.bases.iter().enumerate() {
        let xs = &frame[base + offset..][..ROWS];
        let gradients = &gradients[pixel * channels..][..LANES];
        for row in 0..ROWS {
            for lane in 0..LANES {
                sums[row][lane] = mul_add::<T, FUSED>(xs[row], gradients[lane], sums[row][lane]);
            }
        }
    }
    *products = sums;
}
