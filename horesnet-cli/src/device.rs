//! The device to run on.

use horesnet_train::cluster::{Alone, Communicator};
use horesnet_train::{Device, Processor, Result, gpu};

use crate::report;

/// Opens a device; notes the name of a GPU, or why a build for GPUs falls back to the CPU.
pub(crate) fn open(processor: Processor) -> Result<Device> {
    open_own(processor, &Alone)
}

/// [Opens](open) the device of a process: each process of a machine has a GPU of its own, from the one asked for on.
pub(crate) fn open_own(processor: Processor, cluster: &dyn Communicator) -> Result<Device> {
    let local = cluster.local_rank();
    let device = match processor {
        Processor::Auto => Processor::Cuda(local).open().unwrap_or_else(|why| {
            if cfg!(feature = "cuda") {
                report::note(format_args!("note: running on the CPU: {why}"));
            }
            Device::Cpu
        }),
        Processor::Cpu => Device::Cpu,
        Processor::Cuda(number) => Processor::Cuda(number.saturating_add(local)).open()?,
    };
    if let Some(name) = gpu::name(&device) {
        report::note(format_args!("note: running on {name}"));
    }
    Ok(device)
}
