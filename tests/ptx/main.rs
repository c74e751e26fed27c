//! Combinations as GPU kernels, without a GPU: assembled, run thread by thread on the CPU, and kept as snapshots.

mod assembled;
mod equality;
mod machine;
mod memory;
mod planted;
mod program;
mod shown;
mod sums;
