//! The device to run on.

use horesnet_train::{Device, Processor, Result, gpu};

use crate::report;

/// Opens a device; notes the name of a GPU, or why a build for GPUs falls back to the CPU.
pub(crate) fn open(processor: Processor) -> Result<Device> {
    let device = match processor {
        Processor::Auto => Processor::Cuda(0).open().unwrap_or_else(|why| {
            if cfg!(feature = "cuda") {
                report::note(format_args!("note: running on the CPU: {why}"));
            }
            Device::Cpu
        }),
        other => other.open()?,
    };
    if let Some(name) = gpu::name(&device) {
        report::note(format_args!("note: running on {name}"));
    }
    Ok(device)
}
