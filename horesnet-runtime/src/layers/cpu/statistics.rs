//! Mean and variance of each channel over a batch.
//!
//! Each piece of the batch is centred at its own mean while it lies in the cache, and the pieces are joined in order (Chan,
//! Golub and `LeVeque`, The American Statistician 37 (1983) 242): no digits are lost where the mean is large.

use rayon::prelude::*;

use super::float::{Float, mul_add};
use super::{piece, wide};
use crate::combine::{Isa, Kernel};

/// Of each channel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statistics {
    pub(crate) mean: Vec<f64>,
    /// Divided by the number of pixels.
    pub(crate) variance: Vec<f64>,
}

/// The statistics of `xs`, whole pixels of `channels`; at least one.
pub(crate) fn of<T: Float>(isa: Isa, xs: &[T], channels: usize) -> Statistics {
    let pieces: Vec<Piece> = xs
        .par_chunks(piece(channels))
        .map(|xs| isa.run(Measure { xs, channels }))
        .collect();
    let mut whole = Piece {
        pixels: 0.0,
        mean: vec![0.0; channels],
        squares: vec![0.0; channels],
    };
    for piece in pieces {
        whole.join(&piece);
    }
    let pixels = whole.pixels.max(1.0);
    Statistics {
        mean: whole.mean,
        variance: whole.squares.iter().map(|s| s / pixels).collect(),
    }
}

/// Means, and sums of the squares of what deviates from them.
struct Piece {
    pixels: f64,
    mean: Vec<f64>,
    squares: Vec<f64>,
}

impl Piece {
    fn join(&mut self, other: &Self) {
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

struct Measure<'a, T> {
    xs: &'a [T],
    channels: usize,
}

impl<T: Float> Kernel for Measure<'_, T> {
    type Output = Piece;

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) -> Piece {
        let Self { xs, channels } = self;
        let wide = wide(channels);
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
        let mut sums = vec![T::ZERO; wide];
        for xs in xs.chunks(wide) {
            for (sum, &x) in sums.iter_mut().zip(xs) {
                *sum += x;
            }
        }
        let mut mean = fold(&sums);
        for mean in &mut mean {
            *mean /= pixels;
        }
        let centre: Vec<T> = (0..wide).map(|i| T::from_f64(mean[i % channels])).collect();
        sums.fill(T::ZERO);
        for xs in xs.chunks(wide) {
            for ((sum, &x), &centre) in sums.iter_mut().zip(xs).zip(&centre) {
                let x = x - centre;
                *sum = mul_add::<T, FUSED>(x, x, *sum);
            }
        }
        // What rounding of the centre leaves is in both: the mean is that of the numbers as they are.
        let squares = fold(&sums);
        Piece {
            pixels,
            mean,
            squares,
        }
    }
}
