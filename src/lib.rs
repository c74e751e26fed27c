#![doc = include_str!("../README.md")]
//!
//! # The crate
//!
//! Start at [`ho_block!`]. Generated types implement [`Block`] and [`ModuleT`]; what their code calls is here too:
//! [`combine`], [`weighted_sum`], [`Operand`], [`Stages`].

pub use horesnet_runtime::*;
