//! Element types that layers compute in.

use std::fmt::Debug;

use candle_core::{CpuStorage, Layout, Result, WithDType, bail};
use rayon::prelude::*;

use crate::combine::reserve;

/// `f32` or `f64`.
pub(crate) trait Float: WithDType + Debug {
    const ZERO: Self;

    fn fused(self, times: Self, plus: Self) -> Self;
}

macro_rules! float {
    ($t:ty) => {
        impl Float for $t {
            const ZERO: Self = 0.0;

            #[inline(always)]
            fn fused(self, times: Self, plus: Self) -> Self {
                self.mul_add(times, plus)
            }
        }
    };
}

float!(f32);
float!(f64);

/// `a·b + c`, rounded once if `FUSED`.
#[inline(always)]
pub(crate) fn mul_add<T: Float, const FUSED: bool>(a: T, b: T, c: T) -> T {
    if FUSED { a.fused(b, c) } else { a * b + c }
}

/// The elements of a contiguous tensor.
pub(crate) fn elements<'a, T: Float>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [T]> {
    let all = T::cpu_storage_as_slice(storage)?;
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&all[start..end]),
        None => bail!("a layer was given a tensor that is not contiguous"),
    }
}

/// Returns `count` zeros, or an error if there is no memory for them.
pub(crate) fn zeros<T: Float>(count: usize) -> Result<Vec<T>> {
    reserve(count, size_of::<T>())?;
    Ok(vec![T::ZERO; count])
}

/// Returns `count` elements that `write(index, chunk)` has written in parallel, and what it returned, in order.
///
/// Each chunk is all zeros when `write` receives it.
pub(crate) fn par_fill<T: Float, R: Send>(
    count: usize,
    chunk: usize,
    write: impl Fn(usize, &mut [T]) -> R + Sync,
) -> Result<(Vec<T>, Vec<R>)> {
    reserve(count, size_of::<T>())?;
    let mut out = Vec::with_capacity(count);
    let chunks = out.spare_capacity_mut()[..count].par_chunks_mut(chunk.max(1));
    let returned = chunks.enumerate().map(|(index, chunk)| {
        // Zeros are written by the thread that needs them, and are in its cache when it does.
        for element in &mut *chunk {
            element.write(T::ZERO);
        }
        // SAFETY: every element has just been written, and both slices have the same layout.
        write(index, unsafe {
            &mut *(std::ptr::from_mut(chunk) as *mut [T])
        })
    });
    let returned = returned.collect();
    // SAFETY: the chunks cover all of `count`, and each was written.
    unsafe { out.set_len(count) };
    Ok((out, returned))
}
