//! Files: bounded reads, atomic writes, safetensors, versions.
//!
//! Knows nothing of networks, training and what the files mean.

pub(crate) mod storage;
pub(crate) mod tensors;
pub(crate) mod version;

pub use version::Versioned;
