//! Mean and variance of each channel over a batch.
//!
//! Each chunk of the batch is centred at its own mean while in the cache, and chunks are merged in order (Chan, Golub and
//! `LeVeque`, The American Statistician 37 (1983) 242): no digits are lost where the mean is large.

use candle_core::Result;

use super::chunk_len;
use super::float::mul_add;
use super::norm::row_len;
use super::stored::Stored;
use crate::batch_sync as sync;
use crate::combine::{Isa, par_map};

/// Mean and variance of each channel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BatchStats {
    /// The pixels of all parts of the batch.
    pub(crate) pixels: usize,
    pub(crate) mean: Vec<f64>,
    /// Divided by the number of pixels.
    pub(crate) variance: Vec<f64>,
}

/// The statistics of a batch of which `xs` is this thread's part: pixels of `channels`.
///
/// # Errors
/// Another part has failed.
pub(crate) fn batch_stats<E: Stored>(isa: Isa, xs: &[E], channels: usize) -> Result<BatchStats> {
    let own = part_stats(isa, xs, channels);
    let whole = match sync::current() {
        Some(sync) => ChunkStats::from_numbers(&sync.all_reduce(own.into_numbers(), merge)?),
        None => own,
    };
    let pixels = whole.pixels.max(1.0);
    Ok(BatchStats {
        pixels: whole.pixels as usize,
        mean: whole.mean,
        variance: whole.squares.iter().map(|s| s / pixels).collect(),
    })
}

/// Merges statistics as numbers.
fn merge(left: &mut [f64], right: &[f64]) {
    let mut merged = ChunkStats::from_numbers(left);
    merged.merge(&ChunkStats::from_numbers(right));
    left.copy_from_slice(&merged.into_numbers());
}

fn part_stats<E: Stored>(isa: Isa, xs: &[E], channels: usize) -> ChunkStats {
    let chunk = chunk_len(channels);
    let chunks = par_map(xs.len().div_ceil(chunk), |index| {
        let xs = &xs[index * chunk..];
        E::widened(isa, &xs[..chunk.min(xs.len())], |xs| {
            measure(isa, xs, channels)
        })
    });
    let mut whole = ChunkStats {
        pixels: 0.0,
        mean: vec![0.0; channels],
        squares: vec![0.0; channels],
    };
    for chunk in chunks {
        whole.merge(&chunk);
    }
    whole
}

/// Means, and sums of squared deviations.
pub(crate) struct ChunkStats {
    pixels: f64,
    mean: Vec<f64>,
    squares: Vec<f64>,
}

impl ChunkStats {
    /// Pixels, means and squares, one after the other.
    fn into_numbers(self) -> Vec<f64> {
        let mut numbers = vec![self.pixels];
        numbers.extend(self.mean);
        numbers.extend(self.squares);
        numbers
    }

    fn from_numbers(numbers: &[f64]) -> Self {
        let (pixels, rest) = numbers
            .split_first()
            .map_or((0.0, numbers), |(p, rest)| (*p, rest));
        let (mean, squares) = rest.split_at(rest.len() / 2);
        Self {
            pixels,
            mean: mean.to_vec(),
            squares: squares.to_vec(),
        }
    }

    fn merge(&mut self, other: &Self) {
        let pixels = self.pixels + other.pixels;
        let weight = other.pixels / pixels;
        let means = self.mean.iter_mut().zip(&other.mean);
        for ((mean, other_mean), (squares, other_squares)) in
            means.zip(self.squares.iter_mut().zip(&other.squares))
        {
            let apart = other_mean - *mean;
            *mean += apart * weight;
            *squares += other_squares + apart * apart * self.pixels * weight;
        }
        self.pixels = pixels;
    }
}

kernel! {
    fn measure<'a, T>(xs: &'a [T], channels: usize) -> ChunkStats {
        let row = row_len(channels);
        let pixels = (xs.len() / channels) as f64;
        let fold = |sums: &[T]| {
            let mut folded = vec![0.0; channels];
            for sums in sums.chunks(channels) {
                for (folded, sum) in folded.iter_mut().zip(sums) {
                    *folded += sum.to_f64();
                }
            }
            folded
        };
        let mut sums = vec![T::ZERO; row];
        for xs in xs.chunks(row) {
            for (sum, &x) in sums.iter_mut().zip(xs) {
                *sum += x;
            }
        }
        let mut mean = fold(&sums);
        for mean in &mut mean {
            *mean /= pixels;
        }
        let centre: Vec<T> = (0..row).map(|i| T::from_f64(mean[i % channels])).collect();
        sums.fill(T::ZERO);
        for xs in xs.chunks(row) {
            for ((sum, &x), &centre) in sums.iter_mut().zip(xs).zip(&centre) {
                let x = x - centre;
                *sum = mul_add::<T, FUSED>(x, x, *sum);
            }
        }
        let squares = fold(&sums);
        ChunkStats { pixels, mean, squares }
    }
}
