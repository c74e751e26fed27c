//! Storage of tensors: reading several at once, and reserving memory for results.

use std::ptr;

use candle_core::{CpuStorage, Error, Layout, Result, Storage, Tensor, bail};

/// Calls `read` with the CPU storage and layout of each tensor.
pub(super) fn with_elements<R>(
    tensors: &[&Tensor],
    read: impl FnOnce(&[(&CpuStorage, &Layout)]) -> Result<R>,
) -> Result<R> {
    with_storages(tensors, |storages| {
        let elements = storages.iter().map(|(storage, layout)| match storage {
            Storage::Cpu(storage) => Ok((storage, *layout)),
            _ => bail!("a combination on the CPU has an operand on another device"),
        });
        read(&elements.collect::<Result<Vec<_>>>()?)
    })
}

/// Calls `read` with the storage and layout of each tensor, on any device.
pub(crate) fn with_storages<R>(
    tensors: &[&Tensor],
    read: impl FnOnce(&[(&Storage, &Layout)]) -> Result<R>,
) -> Result<R> {
    // Locking one storage twice deadlocks if another thread waits to write to it, and operands may share one (`k.t()`,
    // `k.narrow(..)`), so each is locked once.
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
        let Some(storage) = storage else {
            bail!("an operand of a combination has no storage")
        };
        sources.push((storage, k.layout()));
    }
    read(&sources)
}

/// Fails if there is no memory for `count` elements of `bytes` bytes: a failed allocation would end the program.
pub(crate) fn reserve(count: usize, bytes: usize) -> Result<()> {
    let size = count.saturating_mul(bytes);
    Vec::<u8>::new().try_reserve_exact(size).map_err(|error| {
        Error::msg(format!(
            "no memory for a tensor of {count} elements: {error}"
        ))
    })
}
