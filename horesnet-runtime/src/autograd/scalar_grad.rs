//! Coefficients that depend on learned scalars, and the gradients of these scalars.
//!
//! The gradient of a scalar is the sum of `factor·⟨k, g⟩` over the terms that depend on it, where `g` is the gradient of
//! the term's combination.

use std::sync::Arc;

use candle_core::{Result, Tensor, bail};

use super::{GradNode, Operand};
use crate::combine::dots;

/// The factor of a stage in a combination: a number, which may depend on a variable.
#[derive(Clone, Copy, Debug)]
pub struct Coefficient<'a> {
    value: f64,
    share: Option<Share<'a>>,
}

/// The scalar that a coefficient depends on: an element of `scalars`, times `factor`.
#[derive(Clone, Copy, Debug)]
struct Share<'a> {
    scalars: &'a Operand,
    index: usize,
    factor: f64,
}

impl<'a> Coefficient<'a> {
    /// A coefficient whose derivative with respect to element `index` of `scalars` is `factor`.
    pub(crate) fn learned(value: f64, scalars: &'a Operand, index: usize, factor: f64) -> Self {
        let share = Some(Share {
            scalars,
            index,
            factor,
        });
        Self { value, share }
    }

    /// Its current value.
    #[must_use]
    pub const fn value(&self) -> f64 {
        self.value
    }

    /// Returns true if it is 1 and depends on nothing, so that multiplying by it needs no pass.
    #[expect(clippy::float_cmp, reason = "only exactly 1 needs no pass")]
    pub(super) fn is_one(&self) -> bool {
        self.share.is_none() && self.value == 1.0
    }
}

impl From<f64> for Coefficient<'_> {
    fn from(value: f64) -> Self {
        Self { value, share: None }
    }
}

/// The terms of a combination that the scalars of one block need for their gradient.
pub(super) struct ScalarGrad {
    pub(super) target: GradNode,
    scalars: usize,
    /// The index of a scalar, the factor, and the operand.
    terms: Vec<(usize, f64, Tensor)>,
}

impl ScalarGrad {
    /// Returns one for each block with scalars that the terms depend on and candle tracks. Other scalars keep no operand
    /// alive.
    pub(super) fn of(terms: &[(Coefficient, &Operand)]) -> Vec<Self> {
        let mut grads: Vec<Self> = Vec::new();
        for (coefficient, operand) in terms {
            let Some(share) = coefficient.share else {
                continue;
            };
            let Some(target) = share.scalars.grad_node() else {
                continue;
            };
            let term = (share.index, share.factor, operand.tensor().clone());
            let same =
                |grad: &&mut Self| Arc::ptr_eq(&grad.target.accumulator, &target.accumulator);
            match grads.iter_mut().find(same) {
                Some(grad) => grad.terms.push(term),
                None => grads.push(Self {
                    target: target.clone(),
                    scalars: share.scalars.tensor().elem_count(),
                    terms: vec![term],
                }),
            }
        }
        grads
    }

    /// The gradient of the scalars, where `g` is the gradient of the combination.
    pub(super) fn gradient(&self, g: &Tensor) -> Result<Tensor> {
        if keeps_graph() {
            bail!(
                "learned coefficients have no second derivatives: unset CANDLE_GRAD_DO_NOT_DETACH, or use fixed coefficients"
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
        Tensor::from_vec(gradient, self.scalars, self.target.node.device())
    }
}

/// Returns true if candle differentiates its backward passes, which its own environment variable decides.
pub(crate) fn keeps_graph() -> bool {
    std::env::var("CANDLE_GRAD_DO_NOT_DETACH").is_ok_and(|set| !set.is_empty() && set != "0")
}
