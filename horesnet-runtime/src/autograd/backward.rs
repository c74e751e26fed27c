//! Candle's `backward`, with gradients of variables that are not added to zeros first.

use std::cell::RefCell;
use std::collections::HashMap;

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor, TensorId};

use super::combination;
use super::pass::BackwardPass;

/// The gradients of `loss` for all variables it depends on, as [`Tensor::backward`] gives them, sooner.
///
/// Candle adds whatever an op finds for a variable to a tensor of zeros. Here what ops of this crate find goes into the
/// store as it is, and what several of them find for one variable is summed in one pass.
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
/// Gradients of two variables may share memory, where they are equal: do not write to them in place.
///
/// While it runs, candle's own `backward` must not run on the same thread: not in the way back of an op of yours, nor
/// as a job of the same pool of threads. Call this function there too.
///
/// # Errors
/// Errors of the ops' backward passes.
pub fn backward(loss: &Tensor) -> Result<GradStore> {
    let _scope = Scope::enter();
    let mut store = loss.backward()?;
    for (_, (variable, mut gradients)) in CAPTURED.take().unwrap_or_default() {
        // From candle's own ops.
        gradients.extend(store.remove(&variable));
        let terms = gradients.into_iter().map(|gradient| (1.0, gradient));
        let gradient = combination::sum(terms.collect())?.contiguous()?;
        store.insert(&variable, gradient);
    }
    Ok(store)
}

/// A running call of [`backward`]. When it ends, even in a panic, the outer call has its gradients back.
struct Scope {
    outer: Option<Captured>,
    _pass: BackwardPass,
}

impl Scope {
    fn enter() -> Self {
        Self {
            outer: CAPTURED.replace(Some(Captured::new())),
            _pass: BackwardPass::begin(),
        }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        CAPTURED.set(self.outer.take());
    }
}

/// Variables, each with its gradients so far.
type Captured = HashMap<TensorId, (Tensor, Vec<Tensor>)>;

thread_local! {
    /// `Some` while [`backward`] runs.
    static CAPTURED: RefCell<Option<Captured>> = const { RefCell::new(None) };
}

/// Keeps the gradient of a variable for the running [`backward`]; returns any other, for candle's store.
pub(crate) fn capture_grad(of: &Tensor, gradient: Tensor) -> Option<Tensor> {
    if !of.is_variable() {
        return Some(gradient);
    }
    CAPTURED.with_borrow_mut(|captured| match captured {
        Some(captured) => {
            let entry = captured.entry(of.id());
            let (_, gradients) = entry.or_insert_with(|| (of.clone(), Vec::new()));
            gradients.push(gradient);
            None
        }
        None => Some(gradient),
    })
}
