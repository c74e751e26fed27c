//! The speed at which a device copies its memory: the limit for ops that only move bytes.

use std::hint::black_box;
use std::time::Instant;

use candle_core::{DType, Device, Tensor};
use rayon::prelude::*;

use crate::Result;

/// Bytes read and written per second by a copy of `bytes` bytes: the median of nine copies, on the CPU with all threads.
pub(crate) fn of(device: &Device, bytes: usize) -> Result<f64> {
    if device.is_cpu() {
        return Ok(of_the_cpu(bytes));
    }
    let from = Tensor::zeros(bytes, DType::U8, device)?;
    let copy = || -> Result<()> {
        black_box(from.copy()?);
        Ok(device.synchronize()?)
    };
    copy()?;
    let rates = (0..9).map(|_| {
        let start = Instant::now();
        copy()?;
        Ok(2.0 * bytes as f64 / start.elapsed().as_secs_f64())
    });
    Ok(median(rates.collect::<Result<_>>()?))
}

fn of_the_cpu(bytes: usize) -> f64 {
    const PIECE: usize = 1 << 20;
    let from = vec![1u8; bytes];
    let mut to = vec![2u8; bytes];
    let rates = (0..9).map(|_| {
        let start = Instant::now();
        to.par_chunks_mut(PIECE)
            .zip(from.par_chunks(PIECE))
            .for_each(|(to, from)| to.copy_from_slice(from));
        black_box(&mut to);
        2.0 * bytes as f64 / start.elapsed().as_secs_f64()
    });
    median(rates.collect())
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
