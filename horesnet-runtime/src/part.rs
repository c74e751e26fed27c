//! What a caller wants of a block: its output, or only what it adds to its input.

use candle_core::{Result, Tensor};

use crate::combine::{check_terms, increment, output};
use crate::nested::wants_increment;
use crate::operand::Operand;
use crate::step::Coefficient;

/// The last combination of a block, with or without the block's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `x + Σ cᵢkᵢ`.
    Output,
    /// `Σ cᵢkᵢ`.
    Increment,
}

impl Part {
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
            Self::Output => output(x, terms),
            Self::Increment => {
                check_terms(x, terms)?;
                increment(terms)
            }
        }
    }
}
