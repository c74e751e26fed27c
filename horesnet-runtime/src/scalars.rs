//! Learned scalars in combinations: which coefficient depends on which of them, and how they get their gradients.
//!
//! A coefficient is `entry·s` of the one scalar of a block, or `entry + s_n` of a scalar of its own. The gradient of a
//! scalar is the sum of `factor·⟨k, g⟩` over all terms that depend on it, `g` the gradient of the term's combination.

use std::sync::Arc;

use candle_core::{Result, Tensor, bail};

use crate::dot::dots;
use crate::handle::Handle;
use crate::operand::Operand;
use crate::step::Coefficient;

/// The scalars of one evaluation of a block.
#[derive(Debug)]
pub(crate) struct Scalars<'a> {
    /// `[n]` in `f64`.
    operand: Operand,
    values: Vec<f64>,
    /// The row and column of the entry that each scalar is added to, ascending; the weights are the row after the last.
    /// Without them the first scalar multiplies all entries.
    entries: Option<&'a [(usize, usize)]>,
}

impl<'a> Scalars<'a> {
    pub(crate) fn new(tensor: Tensor, entries: Option<&'a [(usize, usize)]>) -> Result<Self> {
        let values = tensor.to_vec1()?;
        let operand = Operand::new(tensor)?;
        Ok(Self {
            operand,
            values,
            entries,
        })
    }

    /// The coefficient of the tableau's `entry` at a row and column.
    pub(crate) fn coefficient(&self, at: (usize, usize), entry: f64) -> Coefficient<'_> {
        let index = match self.entries {
            None => Some(0),
            Some(entries) => entries.binary_search(&at).ok(),
        };
        let scalar = index.and_then(|index| Some((index, self.values.get(index)?)));
        let Some((index, scalar)) = scalar else {
            return entry.into();
        };
        let (value, factor) = match self.entries {
            None => (entry * scalar, entry),
            Some(_) => (entry + scalar, 1.0),
        };
        let share = Share {
            scalars: &self.operand,
            index,
            factor,
        };
        Coefficient {
            value,
            share: Some(share),
        }
    }
}

/// How a coefficient depends on a scalar: it changes by `factor` times what that changes by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share<'a> {
    scalars: &'a Operand,
    index: usize,
    factor: f64,
}

/// What a combination remembers of its terms for the gradients of the scalars of one block.
pub(crate) struct Lesson {
    pub(crate) handle: Handle,
    scalars: usize,
    /// The index of a scalar, the factor, and the operand.
    terms: Vec<(usize, f64, Tensor)>,
}

/// One for each block whose scalars the terms depend on and candle tracks. Others hold no operand.
pub(crate) fn lessons(terms: &[(Coefficient, &Operand)]) -> Vec<Lesson> {
    let mut lessons: Vec<Lesson> = Vec::new();
    for (coefficient, operand) in terms {
        let Some(share) = coefficient.share else {
            continue;
        };
        let Some(handle) = share.scalars.handle() else {
            continue;
        };
        let term = (share.index, share.factor, operand.tensor().clone());
        let same = |lesson: &&mut Lesson| Arc::ptr_eq(&lesson.handle.cell, &handle.cell);
        match lessons.iter_mut().find(same) {
            Some(lesson) => lesson.terms.push(term),
            None => lessons.push(Lesson {
                handle: handle.clone(),
                scalars: share.scalars.tensor().elem_count(),
                terms: vec![term],
            }),
        }
    }
    lessons
}

impl Lesson {
    /// The gradient of the scalars, of a combination whose gradient is `g`.
    pub(crate) fn gradient(&self, g: &Tensor) -> Result<Tensor> {
        if keeps_graph() {
            bail!(
                "learned coefficients have no second derivatives: unset CANDLE_GRAD_DO_NOT_DETACH, or fix them"
            )
        }
        let ks: Vec<&Tensor> = self.terms.iter().map(|(_, _, k)| k).collect();
        let products = dots(g, &ks)?;
        let mut gradient = vec![0.0; self.scalars];
        for ((index, factor, _), product) in self.terms.iter().zip(products) {
            if let Some(gradient) = gradient.get_mut(*index) {
                *gradient += factor * product;
            }
        }
        Tensor::from_vec(gradient, self.scalars, self.handle.node.device())
    }
}

/// Whether candle differentiates its backward passes, as its own environment variable says.
fn keeps_graph() -> bool {
    std::env::var("CANDLE_GRAD_DO_NOT_DETACH").is_ok_and(|set| !set.is_empty() && set != "0")
}
