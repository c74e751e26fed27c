//! Accumulates the gradients that ops leave for one tensor, and sums them when candle reaches it.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};

#[cfg(feature = "cuda")]
use candle_core::CudaStorage;
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, TensorId, bail};

use super::backward::capture_grad;
use super::grad_node::node_storage;
use super::{combination, pass};

/// Gradients that backward passes have left for one tensor.
#[derive(Debug, Default)]
pub(crate) struct GradAccumulator(Mutex<Vec<PartialGrad>>);

/// A term of a gradient, `coefficient·gradient`, left by the op that yielded the node `from`.
#[derive(Debug)]
pub(crate) struct PartialGrad {
    thread: ThreadId,
    pass: u64,
    pub(crate) from: TensorId,
    pub(crate) coefficient: f64,
    pub(crate) gradient: Tensor,
}

impl GradAccumulator {
    /// Leaves `coefficient·gradient` for the tensor, on behalf of the op that yielded the node `from`.
    pub(crate) fn push(&self, from: TensorId, coefficient: f64, gradient: Tensor) {
        let (thread, pass) = (thread::current().id(), pass::current());
        let mut partial = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Gradients left by failed passes are dropped. A pass visits an op once, so an older gradient of the same op was
        // left by a failed pass of candle's own, or is for a tensor that depends on no variable, whose node candle never
        // visits.
        partial.retain(|old| {
            old.thread != thread
                || (pass::is_open(old.pass) && (old.pass, old.from) != (pass, from))
        });
        partial.push(PartialGrad {
            thread,
            pass,
            from,
            coefficient,
            gradient,
        });
    }

    /// Takes and sums the `count` gradients of this pass. A failed pass may have left others.
    pub(crate) fn sum(&self, count: &Tensor) -> Result<Tensor> {
        if !count.device().is_cpu() && pass::is_numbered(pass::current()) {
            // Reading the count would wait for the GPU; a numbered pass knows its gradients without it.
            return sum_partial_grads(self.take_all());
        }
        let count = count.to_scalar::<f32>()? as usize;
        let taken = self.take(count);
        if taken.len() != count {
            bail!(
                "expected gradients of a tensor from {count} ops, found {}",
                taken.len()
            )
        }
        sum_partial_grads(taken)
    }

    /// Takes the gradients of this pass, oldest first.
    pub(crate) fn take_all(&self) -> Vec<PartialGrad> {
        self.take(usize::MAX)
    }

    /// Takes the last `count` gradients of this pass, oldest first.
    fn take(&self, count: usize) -> Vec<PartialGrad> {
        let (thread, pass) = (thread::current().id(), pass::current());
        let other = |grad: &PartialGrad| (grad.thread, grad.pass) != (thread, pass);
        let mut partial = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = partial.iter().filter(|grad| !other(grad)).count();
        let mut older = mine.saturating_sub(count);
        let mut taken = Vec::with_capacity(mine.min(count));
        for grad in std::mem::take(&mut *partial) {
            if other(&grad) {
                partial.push(grad);
            } else if older > 0 {
                older -= 1;
                partial.push(grad);
            } else {
                taken.push(grad);
            }
        }
        taken
    }
}

/// Sums gradients in one pass.
pub(crate) fn sum_partial_grads(grads: Vec<PartialGrad>) -> Result<Tensor> {
    let terms = grads.into_iter();
    combination::sum(
        terms
            .map(|grad| (grad.coefficient, grad.gradient))
            .collect(),
    )
}

/// Forward, from a tensor to its grad node; backward, from the accumulator to the tensor's gradient.
pub(super) struct AccumulateGrad(pub(super) Arc<GradAccumulator>);

impl CustomOp1 for AccumulateGrad {
    fn name(&self) -> &'static str {
        "horesnet-accumulate-grad"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        Ok(node_storage())
    }

    #[cfg(feature = "cuda")]
    fn cuda_fwd(&self, tensor: &CudaStorage, _: &Layout) -> Result<(CudaStorage, Shape)> {
        crate::gpu::node_storage(&tensor.device)
    }

    fn bwd(&self, tensor: &Tensor, _node: &Tensor, count: &Tensor) -> Result<Option<Tensor>> {
        capture_grad(tensor, self.0.sum(count)?)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Result, Tensor};

    use super::GradAccumulator;
    use crate::autograd::pass::BackwardPass;

    #[test]
    fn a_pass_takes_all_that_is_its_own() -> Result<()> {
        let (accumulator, gradient) = (GradAccumulator::default(), Tensor::new(1.0, &Device::Cpu)?);
        let push = |c: f64| -> Result<()> {
            accumulator.push(gradient.copy()?.id(), c, gradient.clone());
            Ok(())
        };
        let take = || -> Vec<f64> {
            let taken = accumulator.take(usize::MAX);
            taken.into_iter().map(|grad| grad.coefficient).collect()
        };
        push(1.0)?;
        let _outer = BackwardPass::begin();
        push(2.0)?;
        push(3.0)?;
        let inner = BackwardPass::begin();
        push(4.0)?;
        assert_eq!(take(), [4.0]);
        drop(inner);
        assert_eq!(take(), [2.0, 3.0]);
        assert!(take().is_empty());
        Ok(())
    }
}
