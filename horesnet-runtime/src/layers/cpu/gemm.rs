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
    let blocks = channels / LANES;
    let mut block = 0;
    macro_rules! tiles {
        ($at:ident, $rows:tt, $blocks:tt) => {
            while $at + $rows <= count {
                let mut read: [&[[T; LANES]]; $blocks] = [&[]; $blocks];
                for next in 0..$blocks {
                    read[next] = packed(weights, depth, block + next);
                }
                let tile = gemm_tile::<T, FUSED, $rows, $blocks>(&rows[$at * depth..], depth, read);
                let out = &mut out[$at * channels + block * LANES..];
                for row in 0..$rows {
                    for next in 0..$blocks {
                        out[row * channels + next * LANES..][..LANES]
                            .copy_from_slice(&tile[next][row]);
                    }
                }
                $at += $rows;
            }
        };
    }
    // Two blocks share what is read of the rows. Sixteen sums keep two units busy, of four cycles each.
    while ROWS > 6 && block + 2 <= blocks {
        let mut at = 0;
        tiles!(at, 8, 2);
        tiles!(at, 4, 2);
        tiles!(at, 1, 2);
        block += 2;
    }
    while block < blocks {
        let mut at = 0;
        // Rows mostly come in eights.
        if ROWS > 6 {
            tiles!(at, 8, 1);
        }
        tiles!(at, 4, 1);
        tiles!(at, 1, 1);
        block += 1;
    }
}

#[inline(always)]
fn gemm_tile<T: Float, const FUSED: bool, const ROWS: usize, const BLOCKS: usize>(
    all: &[T],
    depth: usize,
    weights: [&[[T; LANES]]; BLOCKS],
) -> [[[T; LANES]; ROWS]; BLOCKS] {
    let mut rows = [all; ROWS];
    for row in 0..ROWS {
        rows[row] = &all[row * depth..][..depth];
    }
    let mut now = weights;
    for block in 0..BLOCKS {
        now[block] = &weights[block][..depth];
    }
    let mut sums = [[[T::ZERO; LANES]; ROWS]; BLOCKS];
    for read in 0..depth {
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
    let depth = index.depth();
    let (products, _) = products.as_chunks_mut::<LANES>();
    let blocks = products.len() / depth.max(1);
    let mut block = 0;
    macro_rules! tiles {
        ($at:ident, $first:ident, $segment:ident, $rows:tt, $blocks:tt) => {
            while $at + $rows <= index.run {
                let to = block * depth + $first + $at;
                outer_tile::<T, FUSED, $rows, $blocks>(
                    padded,
                    index,
                    $segment + $at,
                    &gradients[block * LANES..],
                    channels,
                    &mut products[to..],
                    depth,
                    fresh,
                );
                $at += $rows;
            }
        };
    }
    while ROWS > 6 && block + 2 <= blocks {
        let mut first = 0;
        for &segment in &index.segments {
            let mut at = 0;
            tiles!(at, first, segment, 6, 2);
            tiles!(at, first, segment, 4, 2);
            tiles!(at, first, segment, 1, 2);
            first += index.run;
        }
        block += 2;
    }
    while block < blocks {
        let mut first = 0;
        for &segment in &index.segments {
            let mut at = 0;
            if ROWS <= OUTER_ROWS {
                tiles!(at, first, segment, ROWS, 1);
            } else {
                tiles!(at, first, segment, OUTER_ROWS, 1);
            }
            if ROWS > 4 {
                tiles!(at, first, segment, 4, 1);
            }
            tiles!(at, first, segment, 1, 1);
            first += index.run;
        }
        block += 1;
    }
}

#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "a tile of one caller")]
fn outer_tile<T: Float, const FUSED: bool, const ROWS: usize, const BLOCKS: usize>(
    padded: &[T],
    index: &Im2col,
    offset: usize,
    gradients: &[T],
    channels: usize,
    products: &mut [[T; LANES]],
    stride: usize,
    fresh: bool,
) {
    let mut sums = [[[T::ZERO; LANES]; ROWS]; BLOCKS];
    if !fresh {
        for block in 0..BLOCKS {
            sums[block].copy_from_slice(&products[block * stride..][..ROWS]);
        }
    }
    for (pixel, &base) in index.bases.iter().enumerate() {
        let xs = &padded[base + offset..][..ROWS];
        let gradients = &gradients[pixel * channels..][..BLOCKS * LANES];
        for row in 0..ROWS {
            for block in 0..BLOCKS {
                for lane in 0..LANES {
                    sums[block][row][lane] = mul_add::<T, FUSED>(
                        xs[row],
                        gradients[block * LANES + lane],
                        sums[block][row][lane],
                    );
                }
            }
        }
    }
    for block in 0..BLOCKS {
        products[block * stride..][..ROWS].copy_from_slice(&sums[block]);
    }
}
