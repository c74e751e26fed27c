//! Memory for training: what is freed is kept and used again.

/// Keeps memory that is freed instead of giving it back to the system.
///
/// The activations of a step are as large as those of the step before. By default glibc gives such memory back as soon as
/// it is freed, so that every step works on new pages, which the system clears one by one (docs/performance.md).
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn keep() {
    // SAFETY: both only change parameters of the allocator, which may be done at any time.
    unsafe {
        libc::mallopt(libc::M_MMAP_MAX, 0);
        libc::mallopt(libc::M_TRIM_THRESHOLD, libc::c_int::MAX);
    }
}

/// Other allocators keep memory by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn keep() {}
