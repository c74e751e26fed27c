//! Training on a batch in parts, which threads and processes share.
//!
//! Each part goes through the network by itself, on a thread of its own. Only sums over the batch join them: statistics of
//! batch norm, gradients, losses and counts. These are formed over a balanced binary tree of the parts, whose number depends
//! on the settings alone, so their bits depend neither on the number of threads nor on that of processes.

mod batch_pass;
mod device;
mod division;
mod early;
mod gradient_sums;
mod part;
mod pass;
mod rendezvous;
mod slot;
#[cfg(test)]
mod tests;
mod totals;
mod tree;
mod workers;

pub(crate) use batch_pass::{BatchPass, PassInputs};
pub(crate) use device::{DevicePass, Exchanges};
pub(crate) use division::Division;
pub(crate) use early::GradientOrder;
pub(crate) use gradient_sums::GradientSums;
pub(crate) use pass::PartsPass;
pub(crate) use workers::Workers;
