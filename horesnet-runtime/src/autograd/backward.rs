//! Candle's `backward`, without adding the gradients of variables to zeros first.

use std::cell::RefCell;
use std::collections::HashMap;

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor, TensorId};

use super::combination;
use super::pass::BackwardPass;
use crate::batch_sync;

/// Computes the gradients of `loss` for all variables it depends on, like [`Tensor::backward`] but faster.
///
/// Candle adds every gradient of a variable to a tensor of zeros. Here, gradients from ops of this crate go into the store
/// directly, and several gradients of one variable are summed in one pass.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{Device, Result, Tensor, Var};
/// use horesnet::{Operand, backward, combine};
///
/// # fn main() -> Result<()> {
/// let x = Var::new(&[1.0, 2.0], &Device::Cpu)?;
/// let k = Var::new(&[10.0, 20.0], &Device::Cpu)?;
/// let operand = |var: &Var| Operand::new(var.as_tensor().clone());
/// let y = combine(&operand(&x)?, &[(0.5, &operand(&k)?)])?;
/// let gradients = backward(&y.sum_all()?)?;
/// assert_eq!(gradients.get(&k).unwrap().to_vec1::<f64>()?, [0.5, 0.5]);
/// # Ok(())
/// # }
/// ```
///
/// Equal gradients of two variables may share memory: do not write to them in place.
///
/// While this function runs, candle's own `backward` must not run on the same thread, neither in the backward pass of your
/// own op nor as a job of the same thread pool. Call this function there too.
///
/// Candle visits and drops a graph recursively, which takes about 4 kB of stack per RK4 step of two ops: 2,000 steps fit in
/// the 8 MB stack of a main thread. For longer chains, build, differentiate and drop the graph on a thread with a larger
/// [stack](std::thread::Builder::stack_size), or cut the chain with [`Tensor::detach`].
///
/// # Errors
/// Errors of the ops' backward passes.
pub fn backward(loss: &Tensor) -> Result<GradStore> {
    let _scope = Scope::enter();
    let mut store = loss.backward()?;
    let Captured {
        gradients: captured,
        replayed,
    } = CAPTURED.take().unwrap_or_default();
    for (_, (variable, gradient)) in replayed {
        let gradient = match store.remove(&variable) {
            Some(own) => (gradient + own)?,
            None => gradient,
        };
        store.insert(&variable, gradient);
    }
    for (_, (variable, mut gradients)) in captured {
        // From candle's own ops.
        if let Some(gradient) = store.remove(&variable) {
            if let Some(sync) = batch_sync::current() {
                sync.has_late_terms(variable.id());
            }
            gradients.push(gradient);
        }
        let terms = gradients.into_iter().map(|gradient| (1.0, gradient));
        let gradient = combination::sum(terms.collect())?.contiguous()?;
        store.insert(&variable, gradient);
    }
    Ok(store)
}

/// A running call of [`backward`]. When it ends, even by a panic, it restores the captured gradients of the outer call.
struct Scope {
    outer: Option<Captured>,
    _pass: BackwardPass,
}

impl Scope {
    fn enter() -> Self {
        Self {
            outer: CAPTURED.replace(Some(Captured::default())),
            _pass: BackwardPass::begin(),
        }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        CAPTURED.set(self.outer.take());
    }
}

/// Gradients of variables so far.
#[derive(Default)]
struct Captured {
    /// From ops of this crate: to be summed.
    gradients: HashMap<TensorId, (Tensor, Vec<Tensor>)>,
    /// From candle's own ops within functions that have been computed again: their sum.
    replayed: HashMap<TensorId, (Tensor, Tensor)>,
}

thread_local! {
    /// `Some` while [`backward`] runs.
    static CAPTURED: RefCell<Option<Captured>> = const { RefCell::new(None) };
}

/// Keeps the gradient of a variable for the running [`backward`]; returns any other, for candle's store.
///
/// # Errors
/// Another thread or process takes the gradient, and fails.
pub(crate) fn capture_grad(of: &Tensor, gradient: Tensor) -> Result<Option<Tensor>> {
    if !of.is_variable() {
        return Ok(Some(gradient));
    }
    let sync = batch_sync::current();
    let mut complete = None;
    let other = CAPTURED.with_borrow_mut(|captured| match captured {
        Some(captured) => {
            let entry = captured.gradients.entry(of.id());
            let (_, gradients) = entry.or_insert_with(|| (of.clone(), Vec::new()));
            gradients.push(gradient);
            if sync
                .as_ref()
                .is_some_and(|sync| sync.has_terms(of.id(), gradients.len()))
            {
                complete = Some(std::mem::take(gradients));
                captured.gradients.remove(&of.id());
            }
            None
        }
        None => Some(gradient),
    });
    if let (Some(sync), Some(gradients)) = (sync, complete) {
        let terms = gradients.into_iter().map(|gradient| (1.0, gradient));
        sync.take_gradient(of.id(), combination::sum(terms.collect())?)?;
    }
    Ok(other)
}

/// Takes the sum of the gradients of a variable from candle's own ops within functions that have been computed again.
pub(crate) fn take_replayed(variable: TensorId) -> Option<Tensor> {
    CAPTURED.with_borrow_mut(|captured| {
        let (_, sum) = captured.as_mut()?.replayed.remove(&variable)?;
        Some(sum)
    })
}

/// Keeps that sum for the running [`backward`].
pub(crate) fn keep_replayed(variable: &Tensor, sum: Tensor) {
    CAPTURED.with_borrow_mut(|captured| {
        if let Some(captured) = captured {
            let sum = (variable.clone(), sum);
            captured.replayed.insert(variable.id(), sum);
        }
    });
}
