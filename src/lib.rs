//! Butcher tableaux turned into network code.
pub use horesnet_runtime::*;
