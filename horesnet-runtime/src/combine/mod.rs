//! Arithmetic of combinations on the CPU: weighted sums and inner products of tensors in any layout, for any instruction
//! set.
//! The layers share its dispatch, its allocation and its division of work.
//! It must not know of gradients, blocks or devices other than the CPU.

mod dispatch;
mod dot;
mod element;
mod kernel;
mod parallel;
mod storage;
mod view;

pub(crate) use dispatch::{Isa, Kernel};
pub(crate) use dot::dots;
#[cfg(feature = "cuda")]
pub(crate) use element::{Element, Sum};
pub(crate) use kernel::sum_tensors;
pub(crate) use parallel::{par_map, par_map_chunks};
pub(crate) use storage::reserve;
#[cfg(feature = "cuda")]
pub(crate) use storage::with_storages;
