//! Reads and writes files: bounded reads, atomic writes, safetensors, CSV, versions.
//! A crash leaves the old file or the new one, nothing in between.
//! Must not know networks, training or the meaning of the files.

pub mod csv;
pub mod path;
pub(crate) mod storage;
pub(crate) mod tensors;
pub(crate) mod version;

pub use version::Versioned;
