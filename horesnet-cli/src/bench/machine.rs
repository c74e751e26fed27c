//! The machine that runs a benchmark.

use std::thread;

use horesnet_train::benchmark::{instruction_set, threads};
use serde::Serialize;
use sysinfo::{CpuRefreshKind, RefreshKind, System};

/// The processor, and how much of it is used.
#[derive(Serialize)]
pub(super) struct Machine {
    /// The name that the processor gives itself, if any.
    pub(super) cpu: Option<String>,
    /// Logical cores available to the program.
    pub(super) cores: Option<usize>,
    /// Threads of the layers.
    pub(super) threads: usize,
    /// The instruction set of the layers.
    pub(super) instruction_set: &'static str,
    /// `HORESNET_MAX_CPU_ISA`, if set.
    pub(super) max_cpu_isa: Option<String>,
}

impl Machine {
    pub(super) fn new() -> Self {
        let kind = RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing());
        let system = System::new_with_specifics(kind);
        let name = system.cpus().first().map(|cpu| cpu.brand().trim());
        Self {
            cpu: name.filter(|name| !name.is_empty()).map(str::to_owned),
            cores: thread::available_parallelism().ok().map(usize::from),
            threads: threads(),
            instruction_set: instruction_set(),
            max_cpu_isa: std::env::var("HORESNET_MAX_CPU_ISA").ok(),
        }
    }
}
