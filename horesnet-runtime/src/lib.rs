//! What generated blocks call: stage functions, combinations, coefficients, nesting.
//!
//! Users depend on `horesnet`, which re-exports this crate. Generated code names this crate through
//! `$crate`, so a renamed dependency works.

pub use candle_core;
pub use candle_core::{Result, Tensor};
pub use candle_nn;
pub use candle_nn::ModuleT;
#[doc(hidden)]
pub use horesnet_macros as __macros;

mod block;
mod coefficients;
mod combine;
mod element;
mod join;
mod kernel;
mod nested;
mod operand;
mod part;
mod stages;
mod view;

pub use block::Block;
pub use coefficients::Decaying;
pub use combine::{combine, weighted_sum};
pub use nested::wants_increment;
pub use operand::Operand;
pub use part::Part;
pub use stages::Stages;

/// Turns a Butcher tableau into a residual block.
#[macro_export]
macro_rules! ho_block {
    ($($input:tt)*) => { $crate::__macros::ho_block! { [$crate] $($input)* } };
}

/// Calls `callback! { (rk4, Rk4), … }` with every bundled scheme: its name and the name of its type.
#[macro_export]
macro_rules! for_each_scheme {
    ($callback:ident) => {
        $crate::__macros::for_each_scheme! { [$crate] $callback }
    };
}
