//! Combinations `x + Σ cᵢkᵢ`, each in one pass over memory, forward and backward.

use candle_core::{Result, Tensor};

/// A tensor that takes part in several combinations.
#[derive(Clone, Debug)]
pub struct Operand {
    tensor: Tensor,
}

impl Operand {
    /// Makes a tensor ready for combinations.
    pub fn new(tensor: Tensor) -> Result<Self> {
        Ok(Self { tensor })
    }

    /// The tensor itself.
    #[must_use]
    pub fn tensor(&self) -> &Tensor {
        &self.tensor
    }
}

/// `x + Σ cᵢkᵢ`; all operands have the shape, dtype and device of `x`.
pub fn combine(x: &Operand, terms: &[(f64, &Operand)]) -> Result<Tensor> {
    let mut sum = x.tensor.clone();
    for (c, k) in terms {
        sum = (sum + (k.tensor() * *c)?)?;
    }
    Ok(sum)
}

/// `Σ cᵢkᵢ` of at least one term.
pub fn weighted_sum(terms: &[(f64, &Operand)]) -> Result<Tensor> {
    let Some(((c, k), rest)) = terms.split_first() else {
        candle_core::bail!("a weighted sum needs at least one term")
    };
    let first = Operand::new((k.tensor() * *c)?)?;
    combine(&first, rest)
}
