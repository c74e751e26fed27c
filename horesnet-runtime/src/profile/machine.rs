//! Speeds of the machine, with all threads and the instructions that the layers use.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::combine::{Isa, Kernel};

/// The instruction set that layers and combinations use on this machine.
#[must_use]
pub fn instruction_set() -> &'static str {
    match Isa::best() {
        Isa::Portable => "portable",
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => "AVX2",
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => "AVX-512",
    }
}

/// The number of threads that layers and combinations use.
#[must_use]
pub fn threads() -> usize {
    rayon::current_num_threads()
}

/// Measures multiply-adds of `f32` per second, by independent sums in registers: the best of rounds for `time` in all.
#[must_use]
pub fn multiply_add_rate(time: Duration) -> f64 {
    best(time, || {
        let sums = (0..threads()).into_par_iter().with_max_len(1);
        sums.for_each(|_| {
            black_box(Isa::best().run(MultiplyAdds(black_box(1e-9))));
        });
        (threads() * STEPS * ROWS * LANES) as f64
    })
}

/// Measures bytes read and written per second by copies of `bytes` bytes: the best of rounds for `time` in all.
#[must_use]
pub fn copy_rate(bytes: usize, time: Duration) -> f64 {
    const PIECE: usize = 1 << 14;
    let words = (bytes / size_of::<u64>()).max(1);
    let from = vec![1_u64; words];
    let mut to = vec![2_u64; words];
    best(time, || {
        let pieces = to.par_chunks_mut(PIECE).zip(from.par_chunks(PIECE));
        pieces.for_each(|(to, from)| to.copy_from_slice(from));
        black_box(&mut to);
        (2 * words * size_of::<u64>()) as f64
    })
}

/// The best rate of rounds, each of which returns its amount of work.
fn best(time: Duration, mut round: impl FnMut() -> f64) -> f64 {
    let start = Instant::now();
    let mut rate = 0.0;
    loop {
        let begun = Instant::now();
        let work = round();
        rate = f64::max(rate, work / begun.elapsed().as_secs_f64());
        if start.elapsed() >= time {
            return rate;
        }
    }
}

/// Numbers of a row, as many as the widest vectors hold, and rows of sums: enough to hide the latency of multiply-add.
const LANES: usize = 16;
const ROWS: usize = 12;
const STEPS: usize = 1 << 18;

/// Sums of products in registers.
struct MultiplyAdds(f32);

impl Kernel for MultiplyAdds {
    type Output = f32;

    #[inline(always)]
    fn run<const FUSED: bool, const TILE: usize>(self) -> f32 {
        // As many rows as the registers hold, as in the kernels of the layers; the work is the same.
        if TILE >= ROWS {
            rows::<FUSED, ROWS>(self.0, STEPS)
        } else if TILE >= ROWS / 2 {
            rows::<FUSED, { ROWS / 2 }>(self.0, 2 * STEPS)
        } else {
            rows::<FUSED, { ROWS / 4 }>(self.0, 4 * STEPS)
        }
    }
}

#[inline(always)]
fn rows<const FUSED: bool, const COUNT: usize>(x: f32, steps: usize) -> f32 {
    let mut sums = [[0.0_f32; LANES]; COUNT];
    let factor = [x; LANES];
    for _ in 0..steps {
        for row in &mut sums {
            for (sum, factor) in row.iter_mut().zip(&factor) {
                // The products depend on the sums, so that no step can be left out.
                *sum = if FUSED {
                    sum.mul_add(*factor, x)
                } else {
                    *sum * *factor + x
                };
            }
        }
    }
    sums.iter().flatten().sum()
}
