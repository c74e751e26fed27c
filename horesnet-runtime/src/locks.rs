//! Reading several tensors at once.

use std::ptr;

use candle_core::{CpuStorage, Layout, Result, Storage, Tensor, bail};

/// Calls `read` with the elements of each tensor and how they lie.
pub(crate) fn with_storages<R>(
    tensors: &[&Tensor],
    read: impl FnOnce(&[(&CpuStorage, &Layout)]) -> Result<R>,
) -> Result<R> {
    // Locking one storage twice waits for ever if another thread is waiting to write to it, and operands may well
    // share one (`k.t()`, `k.narrow(..)`), so each is looked up first and locked once.
    let addresses: Vec<usize> = tensors
        .iter()
        .map(|k| ptr::from_ref(&*k.storage_and_layout().0).addr())
        .collect();
    let mut locked = Vec::with_capacity(tensors.len());
    for (i, k) in tensors.iter().enumerate() {
        let first = addresses.iter().position(|a| *a == addresses[i]);
        locked.push((first, (first == Some(i)).then(|| k.storage_and_layout().0)));
    }
    let mut sources = Vec::with_capacity(tensors.len());
    for (k, (first, _)) in tensors.iter().zip(&locked) {
        let storage = first
            .and_then(|i| locked.get(i))
            .and_then(|l| l.1.as_deref());
        let Some(Storage::Cpu(storage)) = storage else {
            bail!("a combination on the CPU has an operand on another device")
        };
        sources.push((storage, k.layout()));
    }
    read(&sources)
}
