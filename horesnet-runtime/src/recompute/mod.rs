//! Functions that keep their input in place of their graph, which they record again in the backward pass.
//! `op` is their op in candle's graph, `replay` runs one again, `schedule` says which values of a sequence are kept.
//! It must not know of blocks or layers, whose small values are on a tape of `autograd`.
//!
//! # Method
//!
//! Forward, a function runs within [`no_grad`](crate::no_grad()), so its graph is never recorded. Backward, it runs again with its graph, from an
//! input that is a leaf, and candle differentiates that graph within the pass that is under way: gradients of variables join
//! those of the rest of the network term by term, and the terms of the input's gradient are handed on one by one. So every sum
//! has the terms and the order that it has without recomputing, and gradients are the same to the bit.

mod fingerprint;
mod input;
mod op;
mod replay;
mod schedule;

use std::sync::Arc;

use candle_core::{Result, Tensor};

use op::run;

pub use schedule::{Move, Schedule};

/// A function of a tensor that can be called again in the backward pass. Its name stands in errors.
#[derive(Clone)]
pub struct Recomputable {
    name: Arc<str>,
    function: Arc<Function>,
}

type Function = dyn Fn(&Tensor) -> Result<Tensor> + Send + Sync;

impl Recomputable {
    /// Names a function.
    pub fn new(
        name: impl Into<Arc<str>>,
        function: impl Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            function: Arc::new(function),
        }
    }

    /// Calls the function, which keeps its graph.
    ///
    /// # Errors
    /// Errors of the function.
    pub fn call(&self, x: &Tensor) -> Result<Tensor> {
        (self.function)(x)
    }
}

/// Calls `function` on `x`, keeps only `x` for the backward pass, and computes the rest again there.
///
/// This is gradient checkpointing, as PyTorch's `torch.utils.checkpoint`. Outputs and gradients are those of a direct call to
/// the bit. The [layers](crate::layers) of this crate keep batch statistics and update running ones once. Use
/// [`backward`](crate::backward()) for gradients; candle's own is refused.
///
/// A function must give the same output when it is called again. On the CPU this is checked: one that draws random numbers is
/// refused in the backward pass. Candle's `BatchNorm` would move its running statistics twice; use
/// [`NormRelu`](crate::layers::NormRelu) or [`Blocks`](crate::Block) of layers that do not.
///
/// The order of a sum differs, and its last bits may, in two cases: candle's own ops read a variable both inside and outside
/// of `function`; or candle's own ops read `x` several times inside of it and something else reads `x` outside.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{Device, Result, Tensor, Var};
/// use horesnet::{Recomputable, backward, checkpoint};
///
/// # fn main() -> Result<()> {
/// let w = Var::new(&[2.0, 3.0], &Device::Cpu)?;
/// let weight = w.as_tensor().clone();
/// let square = Recomputable::new("square", move |x: &Tensor| (x * &weight)?.sqr());
/// let x = Tensor::new(&[1.0, 10.0], &Device::Cpu)?;
/// let gradients = backward(&checkpoint(&square, &x)?.sum_all()?)?;
/// assert_eq!(gradients.get(&w).unwrap().to_vec1::<f64>()?, [4.0, 600.0]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Errors of the function. In the backward pass: another output than before, candle's own `backward`, second derivatives.
pub fn checkpoint(function: &Recomputable, x: &Tensor) -> Result<Tensor> {
    run(std::slice::from_ref(function), Schedule::new(1, 0), x)
}

/// Calls functions one after the other on `x`, keeps `x` and as many values between them as the schedule says, and computes
/// the others again in the backward pass.
///
/// Otherwise like [`checkpoint`].
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{Device, Result, Tensor, Var};
/// use horesnet::{Recomputable, Schedule, backward, checkpoint_sequence};
///
/// # fn main() -> Result<()> {
/// let x = Var::new(&[2.0], &Device::Cpu)?;
/// let square = Recomputable::new("square", |x: &Tensor| x.sqr());
/// // x⁸ with one value kept besides x.
/// let y = checkpoint_sequence(&[square.clone(), square.clone(), square], Schedule::new(3, 1), &x)?;
/// let gradients = backward(&y)?;
/// assert_eq!(gradients.get(&x).unwrap().to_vec1::<f64>()?, [8.0 * 128.0]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As [`checkpoint`]; a schedule for another number of functions.
pub fn checkpoint_sequence(
    functions: &[Recomputable],
    schedule: Schedule,
    x: &Tensor,
) -> Result<Tensor> {
    run(functions, schedule, x)
}
