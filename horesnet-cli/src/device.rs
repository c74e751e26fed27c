//! Where to run.

use horesnet_train::{Device, Processor, Result, gpu};

use crate::report;

/// The device asked for. Says which GPU it is, and of a build for GPUs why it is none.
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
