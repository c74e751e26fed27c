//! Memory for training: what is freed is kept and used again, and how much there is.

use sysinfo::System;

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

/// Bytes of memory that are free to use, by what the system and the limits of a container say, if they say it.
pub(crate) fn free() -> Option<u64> {
    let mut system = System::new().ok()?;
    system.refresh_memory();
    let limited = system.cgroup_limits().map(|limits| limits.free_memory);
    let free = system.available_memory().min(limited.unwrap_or(u64::MAX));
    (free > 0).then_some(free)
}
