//! Combinations as GPU kernels, without a GPU: they are assembled, run thread by thread on the CPU, and shown.

mod assembled;
mod equality;
mod machine;
mod memory;
mod planted;
mod program;
mod shown;
mod sums;
