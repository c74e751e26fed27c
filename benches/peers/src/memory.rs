//! Resident memory as Linux counts it.

use std::fs;

use serde_json::{Value, json};

use crate::Result;

/// Measures the resident memory before a `step`, its growth and its peak, in bytes, and the page faults of a step.
///
/// Memory that earlier steps have freed is returned to the system first; otherwise it would hide the growth.
pub(crate) fn of(step: &mut dyn FnMut() -> Result<()>) -> Result<Value> {
    let faulted = page_faults()?;
    step()?;
    let faults = page_faults()?.saturating_sub(faulted);
    trim();
    let before = status("VmRSS:")?;
    fs::write("/proc/self/clear_refs", "5")?;
    step()?;
    let peak = status("VmHWM:")?;
    let growth = peak.saturating_sub(before);
    Ok(json!({ "faults": faults, "before": before, "growth": growth, "peak": peak }))
}

/// Page faults since this process began: field 10 of `/proc/self/stat`, the eighth after the name.
fn page_faults() -> Result<u64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let field = fields.split_whitespace().nth(7);
    Ok(field.ok_or("/proc/self/stat is short")?.parse()?)
}

/// A field of `/proc/self/status`, in bytes.
fn status(field: &str) -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let kib: u64 = status
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .and_then(|rest| rest.split_whitespace().next())
        .ok_or_else(|| format!("no {field} in /proc/self/status"))?
        .parse()?;
    Ok(kib * 1024)
}

/// Gives freed memory back to the system.
#[cfg(feature = "mimalloc")]
fn trim() {
    // SAFETY: it takes no pointers, and each thread looks after its own heap.
    let collect = || unsafe { libmimalloc_sys::mi_collect(true) };
    // Twice, because memory that one thread returns to another is freed at the other's next collection.
    for _ in 0..2 {
        collect();
        rayon::broadcast(|_| collect());
    }
}

/// Gives freed memory back to the system.
#[cfg(all(not(feature = "mimalloc"), target_os = "linux", target_env = "gnu"))]
fn trim() {
    // SAFETY: it takes no pointers, and may be called at any time from any thread.
    unsafe { libc::malloc_trim(0) };
}

#[cfg(not(any(feature = "mimalloc", all(target_os = "linux", target_env = "gnu"))))]
fn trim() {}
