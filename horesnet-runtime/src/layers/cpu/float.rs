//! Element types that layers compute in.

use std::fmt::Debug;
use std::mem::MaybeUninit;
use std::sync::Mutex;

use candle_core::{CpuStorage, Layout, Result, WithDType, bail};

use crate::combine::{par_map_chunks, reserve};

/// `f32` or `f64`.
pub(crate) trait Float: WithDType + Debug {
    const ZERO: Self;

    fn fused(self, times: Self, plus: Self) -> Self;

    /// Buffers that no thread uses now.
    fn scratch() -> &'static Mutex<Vec<Vec<Self>>>;
}

macro_rules! float {
    ($t:ty) => {
        impl Float for $t {
            const ZERO: Self = 0.0;

            #[inline(always)]
            fn fused(self, times: Self, plus: Self) -> Self {
                self.mul_add(times, plus)
            }

            fn scratch() -> &'static Mutex<Vec<Vec<Self>>> {
                static SCRATCH: Mutex<Vec<Vec<$t>>> = Mutex::new(Vec::new());
                &SCRATCH
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
pub(crate) fn elements<'a, T: WithDType>(
    storage: &'a CpuStorage,
    layout: &Layout,
) -> Result<&'a [T]> {
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
/// `write` returns its chunk with all elements written. No memory is cleared first.
pub(crate) fn par_write<T: WithDType, R: Send>(
    count: usize,
    chunk: usize,
    write: impl for<'a> Fn(usize, &'a mut [MaybeUninit<T>]) -> (&'a mut [T], R) + Sync,
) -> Result<(Vec<T>, Vec<R>)> {
    reserve(count, size_of::<T>())?;
    let mut out = Vec::with_capacity(count);
    let space = &mut out.spare_capacity_mut()[..count];
    let returned = par_map_chunks(space, chunk, |index, chunk| {
        let expected = std::ptr::from_mut(&mut *chunk).cast::<T>();
        let len = chunk.len();
        let (written, returned) = write(index, chunk);
        assert!(written.len() == len && written.as_mut_ptr() == expected);
        returned
    });
    // SAFETY: the chunks cover all of `count`, and `write` has returned each of them as written.
    unsafe { out.set_len(count) };
    Ok((out, returned))
}

/// Like [`par_write`], but each chunk is all zeros when `write` receives it.
pub(crate) fn par_fill<T: Float, R: Send>(
    count: usize,
    chunk: usize,
    write: impl Fn(usize, &mut [T]) -> R + Sync,
) -> Result<(Vec<T>, Vec<R>)> {
    par_write(count, chunk, |index, chunk| {
        let chunk = zeroed(chunk);
        let returned = write(index, chunk);
        (chunk, returned)
    })
}

/// Elements as memory that holds them.
#[inline(always)]
pub(crate) fn written<T, const N: usize>(elements: [T; N]) -> [MaybeUninit<T>; N] {
    elements.map(MaybeUninit::new)
}

/// Clears memory.
pub(crate) fn zeroed<T: Float>(chunk: &mut [MaybeUninit<T>]) -> &mut [T] {
    for element in &mut *chunk {
        element.write(T::ZERO);
    }
    // SAFETY: every element has just been written.
    unsafe { assume_written(chunk) }
}

/// Returns memory as the elements that it holds.
///
/// # Safety
/// Every element has been written.
pub(crate) unsafe fn assume_written<T>(chunk: &mut [MaybeUninit<T>]) -> &mut [T] {
    // SAFETY: both slices have the same layout, and the elements have been written.
    unsafe { &mut *(std::ptr::from_mut(chunk) as *mut [T]) }
}
