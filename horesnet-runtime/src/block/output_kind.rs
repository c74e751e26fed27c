//! The result that a caller wants of a block.

use std::cell::OnceCell;

use candle_core::{Error, Result, Tensor};

use super::nesting::wants_increment;

/// What an evaluation of a block returns.
#[derive(Clone, Copy, Debug)]
pub enum OutputKind<'a> {
    /// `x + h·Σ bᵢkᵢ`.
    Output,
    /// `h·Σ bᵢkᵢ`.
    Increment,
    /// The output, and in the cell `h·Σ (bᵢ − b̂ᵢ)kᵢ`.
    OutputAndError(&'a OnceCell<Tensor>),
}

/// The increment if the caller of `block`, as a module, is another block; the output otherwise.
pub fn wanted<'a, B>(block: &B) -> OutputKind<'a> {
    if wants_increment(block) {
        OutputKind::Increment
    } else {
        OutputKind::Output
    }
}

/// Calls `run` for a block's output and the estimate of its error.
///
/// # Errors
/// Errors of `run`.
pub fn with_error(run: impl FnOnce(OutputKind) -> Result<Tensor>) -> Result<(Tensor, Tensor)> {
    let error = OnceCell::new();
    let output = run(OutputKind::OutputAndError(&error))?;
    let none = || Error::Msg("the block has formed no error estimate".to_owned());
    Ok((output, error.into_inner().ok_or_else(none)?))
}
