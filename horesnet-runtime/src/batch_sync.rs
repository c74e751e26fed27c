//! Batch statistics over a batch that several threads or processes share.
//!
//! Each computes a *part* of the batch. A sum over the batch is then the sum of its parts, which [`BatchSync`] forms. Layers
//! and gradients must not know where the other parts are.

use std::cell::RefCell;
use std::sync::Arc;

use candle_core::{DType, Result, Tensor, TensorId};

/// Puts the numbers on the right into those on the left, in place; both are of consecutive parts of a batch.
pub type Combine = fn(&mut [f64], &[f64]);

/// Combines numbers of all parts of a batch.
pub trait BatchSync: Send + Sync {
    /// Combines the numbers of all parts, `own` among them, in an order that depends on the parts alone. All parts must call
    /// this in the same order.
    ///
    /// # Errors
    /// Another part has failed.
    fn all_reduce(&self, own: Vec<f64>, combine: Combine) -> Result<Vec<f64>>;

    /// Returns the number of pixels of all parts, `own` of them in this one. All parts must call this in the same order.
    ///
    /// # Errors
    /// Another part has failed.
    fn count(&self, own: usize) -> Result<f64> {
        let all = self.all_reduce(vec![own as f64], add)?;
        Ok(all.first().copied().unwrap_or_default())
    }

    /// Returns the sum of a tensor over all parts, on its device; the numbers are added as `f64`. All parts must call this in the
    /// same order.
    ///
    /// # Errors
    /// Another part has failed.
    fn sum(&self, own: &Tensor) -> Result<Tensor> {
        let numbers = own.to_dtype(DType::F64)?.flatten_all()?.to_vec1::<f64>()?;
        let all = self.all_reduce(numbers, add)?;
        Tensor::from_vec(all, own.shape(), own.device())?.to_dtype(own.dtype())
    }

    /// Returns true for the one of several parts with the same variables that updates running statistics.
    fn updates_statistics(&self) -> bool;

    /// Learns that the gradient of a variable has got its `count`-th term in a backward pass; returns true to
    /// [take](Self::take_gradient) the gradient now.
    fn has_terms(&self, variable: TensorId, count: usize) -> bool {
        let _ = (variable, count);
        false
    }

    /// Learns that the gradient of a variable has terms that only the end of a backward pass yields.
    fn has_late_terms(&self, variable: TensorId) {
        let _ = variable;
    }

    /// Takes the sum of the terms of a gradient so far.
    ///
    /// # Errors
    /// The gradient cannot be read.
    fn take_gradient(&self, variable: TensorId, gradient: Tensor) -> Result<()> {
        let _ = (variable, gradient);
        Ok(())
    }
}

thread_local! {
    static SYNC: RefCell<Option<Arc<dyn BatchSync>>> = const { RefCell::new(None) };
}

/// Calls `run` on this thread with batch statistics that are those of all parts of a batch.
///
/// Forward and backward pass of a part must both run in it.
pub fn synchronised<R>(sync: Arc<dyn BatchSync>, run: impl FnOnce() -> R) -> R {
    let _scope = Scope(SYNC.replace(Some(sync)));
    run()
}

/// Restores what was before, even after a panic.
struct Scope(Option<Arc<dyn BatchSync>>);

impl Drop for Scope {
    fn drop(&mut self) {
        SYNC.set(self.0.take());
    }
}

/// Returns the way to the other parts of the batch, if there are any.
pub(crate) fn current() -> Option<Arc<dyn BatchSync>> {
    SYNC.with_borrow(Clone::clone)
}

/// Adds numbers to others, one by one.
pub(crate) fn add(left: &mut [f64], right: &[f64]) {
    for (left, right) in left.iter_mut().zip(right) {
        *left += right;
    }
}
