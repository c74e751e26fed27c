//! Which result a caller wants of a block: its output, or only what it adds to its input.

use candle_core::{Result, Tensor};

use super::nesting::wants_increment;
use crate::autograd::{Coefficient, Operand, check_terms, combine_learned, weighted_sum_learned};
use crate::coefficients::Step;

/// The last combination of a block, with or without the block's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputKind {
    /// `x + Σ cᵢkᵢ`.
    Output,
    /// `Σ cᵢkᵢ`.
    Increment,
}

impl OutputKind {
    /// The increment if the caller of `block`, as a module, is another block; the output otherwise.
    pub fn wanted<B>(block: &B) -> Self {
        if wants_increment(block) {
            Self::Increment
        } else {
            Self::Output
        }
    }

    /// Forms this part from the block's input and its weighted stages.
    ///
    /// # Errors
    /// Terms of another shape, dtype or device than `x`, for the increment as for the output.
    pub fn of(self, x: &Operand, terms: &[(Coefficient, &Operand)]) -> Result<Tensor> {
        match self {
            Self::Output => combine_learned(x, terms),
            Self::Increment => {
                check_terms(x, terms)?;
                weighted_sum_learned(terms)
            }
        }
    }

    /// Forms the result and the estimate of its error, from the stages times `h·b_i` and `h·(b_i − b̂_i)`.
    ///
    /// # Errors
    /// Terms of another shape, dtype or device than `x`.
    pub fn with_error(
        self,
        h: &Step,
        x: &Operand,
        weights: &[(Coefficient, &Operand)],
        errors: &[(Coefficient, &Operand)],
    ) -> Result<(Tensor, Tensor)> {
        let error = weighted_sum_learned(errors)?;
        let whole = self.of(x, weights)?;
        let Some((control, tableau)) = h.control() else {
            return Ok((whole, error));
        };
        let Some(excess) = control.excess(x.tensor(), &error, tableau)? else {
            return Ok((whole, error));
        };
        let increment = match self {
            Self::Output => weighted_sum_learned(weights)?,
            Self::Increment => whole.clone(),
        };
        // The whole step and what is too much of it, so that a sample within the tolerance is exactly its whole step.
        Ok(((whole + increment.broadcast_mul(&excess)?)?, error))
    }
}
