//! Memory for training: keeps freed memory for reuse, and measures what is available.

use sysinfo::System;

/// Keeps freed memory instead of returning it to the system.
///
/// Each step allocates the same activations again. By default glibc returns such memory at once, so every step works on
/// fresh pages, which the system clears one by one (docs/performance.md).
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn keep() {
    // SAFETY: both only change parameters of the allocator, which is allowed at any time.
    unsafe {
        libc::mallopt(libc::M_MMAP_MAX, 0);
        libc::mallopt(libc::M_TRIM_THRESHOLD, libc::c_int::MAX);
    }
}

/// Other allocators keep memory by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn keep() {}

/// Available bytes of memory within the limits of the system and of a container, if known.
pub(crate) fn free() -> Option<u64> {
    let mut system = System::new();
    system.refresh_memory();
    let limited = system.cgroup_limits().map(|limits| limits.free_memory);
    let free = system.available_memory().min(limited.unwrap_or(u64::MAX));
    (free > 0).then_some(free)
}
