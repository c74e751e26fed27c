//! Learned scalars of a block, and the coefficients that depend on them.

use candle_core::{Result, Tensor};

use crate::autograd::{Coefficient, Operand};

/// The scalars of one evaluation of a block.
///
/// A coefficient is `entry·s` if the block has one scalar, or `entry + s_n` if each coefficient has its own.
#[derive(Debug)]
pub(super) struct Scalars<'a> {
    /// `[n]` in `f64`.
    operand: Operand,
    values: Vec<f64>,
    /// The row and column of the entry that each scalar is added to, ascending; the weights are the row after the last.
    /// If `None`, the first scalar multiplies all entries.
    entries: Option<&'a [(usize, usize)]>,
    /// −1 if the step goes backwards, else 1.
    sign: f64,
}

impl<'a> Scalars<'a> {
    pub(super) fn new(tensor: Tensor, entries: Option<&'a [(usize, usize)]>) -> Result<Self> {
        let values = tensor.to_vec1()?;
        let operand = Operand::new(tensor)?;
        Ok(Self {
            operand,
            values,
            entries,
            sign: 1.0,
        })
    }

    /// Those of the opposite step.
    pub(super) fn reversed(self) -> Self {
        Self {
            sign: -self.sign,
            ..self
        }
    }

    /// The coefficient for the tableau's `entry` at a row and column.
    pub(super) fn coefficient(&self, at: (usize, usize), entry: f64) -> Coefficient<'_> {
        let index = match self.entries {
            None => Some(0),
            Some(entries) => entries.binary_search(&at).ok(),
        };
        let scalar = index.and_then(|index| Some((index, self.values.get(index)?)));
        let Some((index, scalar)) = scalar else {
            return (self.sign * entry).into();
        };
        let (value, factor) = match self.entries {
            None => (entry * scalar, entry),
            Some(_) => (entry + scalar, 1.0),
        };
        let (value, factor) = (self.sign * value, self.sign * factor);
        Coefficient::learned(value, &self.operand, index, factor)
    }
}
