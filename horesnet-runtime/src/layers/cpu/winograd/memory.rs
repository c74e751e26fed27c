//! Memory and caches: scratch buffers that threads use in turn, from one convolution to the next, and prefetching.

use std::sync::PoisonError;

use crate::layers::cpu::float::Float;
use crate::layers::cpu::gemm::LANES;

/// Runs `work` on slices of the lengths `lens`, with the numbers that earlier work has left there.
///
/// As many buffers are kept as threads have used at a time.
pub(super) fn with_scratch<T: Float, R, const N: usize>(
    lens: [usize; N],
    work: impl FnOnce([&mut [T]; N]) -> R,
) -> R {
    let free = || T::scratch().lock().unwrap_or_else(PoisonError::into_inner);
    let mut buffer = free().pop().unwrap_or_default();
    let len: usize = lens.iter().sum();
    if buffer.len() < len + LANES {
        buffer.resize(len + LANES, T::ZERO);
    }
    // Vectors that begin with a cache line are read at once.
    let start = line_offset(buffer.as_ptr());
    let mut rest = &mut buffer[start..][..len];
    let slices = lens.map(|len| {
        let slice;
        (slice, rest) = std::mem::take(&mut rest).split_at_mut(len);
        slice
    });
    let returned = work(slices);
    free().push(buffer);
    returned
}

/// The first of the next [`LANES`] elements that begins a cache line.
pub(super) fn line_offset<T>(memory: *const T) -> usize {
    memory.align_offset(64).min(LANES)
}

/// Most bytes to bring to the cache ahead: as many as leave room for the planes.
const AHEAD: usize = 1 << 16;

/// Brings memory that will be read or written soon to the cache while other work goes on.
#[inline]
pub(super) fn prefetch<T>(memory: &[T]) {
    #[cfg(target_arch = "x86_64")]
    for line in memory.chunks(64 / size_of::<T>()).take(AHEAD / 64) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch changes no memory.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (memory, AHEAD);
}
