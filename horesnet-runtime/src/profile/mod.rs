//! Time of training by kind of work, and the speed of the machine: the measurements of `horesnet bench`.
//! Ops of this crate open a [`span`]; nothing is measured outside of [`record`] and of a [timeline](trace).
//! Must not know of layers, blocks or gradients.

mod clock;
mod machine;
pub mod trace;

pub use clock::{Recording, Span, Work, record, span};
pub use machine::{copy_rate, instruction_set, multiply_add_rate, threads};

pub(crate) use clock::moves;
