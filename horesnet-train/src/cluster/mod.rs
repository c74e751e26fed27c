//! Processes that train together: who there is, how they exchange bytes, and sums over all of them.
//! [`Alone`] is one process; with the feature `mpi`, `Mpi` is those that `mpirun` or `srun` started.
//! Must not know networks, data or run folders. Layers and networks must not know of it.

mod agree;
mod alone;
mod butterfly;
mod exchange;
#[cfg(feature = "mpi")]
mod mpi;
#[cfg(feature = "nccl")]
mod nccl;
mod slices;
mod tensors;
#[cfg(test)]
pub(crate) mod threads;

pub use agree::{agree, broadcast_json, expect_program, gather_json};
pub use alone::Alone;
pub use exchange::TensorExchange;
#[cfg(feature = "mpi")]
pub use mpi::Mpi;

pub(crate) use agree::{expect_equal, gather};
pub(crate) use butterfly::{Message, all_reduce};
pub(crate) use exchange::{sum_gathered, sum_sliced};
pub(crate) use slices::{Addend, sum_slices};
pub(crate) use tensors::broadcast_tensor;

use std::sync::Arc;

use candle_core::Device;

use crate::error::Result;

/// One of the processes of a training, and its way to the others.
///
/// All processes call the same methods in the same order. No method computes: sums are formed by HoresNet, in an order that
/// does not depend on the number of processes.
pub trait Communicator {
    /// The number of this process, from 0.
    fn rank(&self) -> usize;

    /// The number of processes.
    fn size(&self) -> usize;

    /// Sends bytes to another process, and returns those that it sends.
    fn exchange(&self, with: usize, bytes: &[u8]) -> Vec<u8>;

    /// Sends the n-th of equal slices of `bytes` to process n; returns the slices of all for this one.
    fn all_to_all(&self, bytes: &[u8]) -> Vec<u8>;

    /// Returns the bytes of all processes in order; each gives equally many.
    fn all_gather(&self, own: &[u8]) -> Vec<u8>;

    /// Returns the bytes of process 0.
    fn broadcast(&self, bytes: Vec<u8>) -> Vec<u8>;

    /// The name of the machine, for messages.
    fn host(&self) -> String;

    /// The number of this process among those of its machine, from 0.
    fn local_rank(&self) -> usize;

    /// Returns the way of tensors on `device` to every `stride`-th process, a power of two; `None` if this process is not one of
    /// them. Each process has a GPU of its own.
    ///
    /// # Errors
    /// There is no way between the devices.
    fn tensors(&self, device: &Device, stride: usize) -> Result<Option<Arc<dyn TensorExchange>>>;
}
