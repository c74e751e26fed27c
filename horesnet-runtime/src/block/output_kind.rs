//! The kind of result that a caller requests from a block.

use std::cell::OnceCell;

use candle_core::{Error, Result, Tensor};

use super::nesting::wants_increment;

/// The result that an evaluation of a block returns.
#[derive(Clone, Copy, Debug)]
pub enum OutputKind<'a> {
    /// `x + h·Σ bᵢkᵢ`.
    Output,
    /// `h·Σ bᵢkᵢ`.
    Increment,
    /// The output; the error estimate `h·Σ (bᵢ − b̂ᵢ)kᵢ` is stored in the cell.
    OutputAndError(&'a OnceCell<Tensor>),
}

/// The kind of result for `block` called as a module: the increment if the caller is another block, otherwise the output.
pub fn wanted<'a, B>(block: &B) -> OutputKind<'a> {
    if wants_increment(block) {
        OutputKind::Increment
    } else {
        OutputKind::Output
    }
}

/// Calls `run`, and returns a block's output with its error estimate.
///
/// # Errors
/// Errors of `run`.
pub fn with_error(run: impl FnOnce(OutputKind) -> Result<Tensor>) -> Result<(Tensor, Tensor)> {
    let error = OnceCell::new();
    let output = run(OutputKind::OutputAndError(&error))?;
    let none = || Error::Msg("the block has formed no error estimate".to_owned());
    Ok((output, error.into_inner().ok_or_else(none)?))
}
