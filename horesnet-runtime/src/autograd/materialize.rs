//! Turns the output of an op into a tensor that remembers the op's grad node.
//!
//! Ops of this crate that read the tensor find its grad node by the tensor's id and push their gradients to its
//! accumulator; for any other op, [`Materialize`] pushes them. So a gradient between two ops of this crate is never copied
//! and never added to zeros.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};

#[cfg(feature = "cuda")]
use candle_core::CudaStorage;
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Storage, Tensor, TensorId, bail};

use super::accumulate_grad::{GradAccumulator, PartialGrad};
use super::grad_node::{GradNode, node_storage};
use super::tape;

/// The output of an op that is not a tensor yet, and the accumulator of its gradients.
#[derive(Debug, Default)]
pub(crate) struct DeferredOutput {
    accumulator: Arc<GradAccumulator>,
    value: Mutex<Option<(Storage, Shape)>>,
}

impl DeferredOutput {
    /// Stores the output, and returns the value of the op's grad node.
    pub(crate) fn put(&self, value: CpuStorage, shape: Shape) -> (CpuStorage, Shape) {
        *self.value() = Some((Storage::Cpu(value), shape));
        node_storage()
    }

    /// [`put`](Self::put) on a GPU.
    #[cfg(feature = "cuda")]
    pub(crate) fn put_cuda(
        &self,
        value: CudaStorage,
        shape: Shape,
    ) -> Result<(CudaStorage, Shape)> {
        let node = crate::gpu::node_storage(&value.device);
        *self.value() = Some((Storage::Cuda(value), shape));
        node
    }

    /// Stores a copy of a tensor as the output.
    pub(crate) fn put_copy(&self, tensor: &Tensor) -> Result<()> {
        // A view may have a larger storage than its own elements.
        let is_whole = |tensor: &Tensor| {
            let (storage, layout) = tensor.storage_and_layout();
            let elements = match &*storage {
                Storage::Cpu(CpuStorage::F32(xs)) => xs.len(),
                Storage::Cpu(CpuStorage::F64(xs)) => xs.len(),
                Storage::Cpu(CpuStorage::BF16(xs)) => xs.len(),
                Storage::Cpu(CpuStorage::F16(xs)) => xs.len(),
                _ => return false,
            };
            layout.is_contiguous() && layout.start_offset() == 0 && elements == tensor.elem_count()
        };
        let own = (!is_whole(tensor)).then(|| tensor.force_contiguous());
        let (storage, layout) = tensor.storage_and_layout();
        let copy = match own.transpose()? {
            Some(own) => own.storage_and_layout().0.try_clone(own.layout())?,
            None => storage.try_clone(layout)?,
        };
        *self.value() = Some((copy, tensor.shape().clone()));
        Ok(())
    }

    /// The gradient of the output, the sum of `count` partial gradients.
    pub(crate) fn gradient(&self, count: &Tensor) -> Result<Tensor> {
        self.accumulator.sum(count)
    }

    /// The gradients of the output that are left, in the order in which they came.
    pub(crate) fn partial_grads(&self) -> Vec<PartialGrad> {
        self.accumulator.take_all()
    }

    fn take(&self) -> Result<(Storage, Shape)> {
        let Some(value) = self.value().take() else {
            bail!("an op has stored no output")
        };
        Ok(value)
    }

    fn value(&self) -> MutexGuard<'_, Option<(Storage, Shape)>> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Turns the output of the op that yielded `node` into a tensor.
pub(crate) fn materialize(node: Tensor, output: Arc<DeferredOutput>) -> Result<Tensor> {
    let tensor = materialize_as(node, output, true)?;
    tape::made(tensor.id());
    Ok(tensor)
}

/// [`materialize`] that lets ops of this crate find the grad node only if `is_known`; else the tensor is like one of candle's
/// ops, whose gradients candle sums.
pub(crate) fn materialize_as(
    node: Tensor,
    output: Arc<DeferredOutput>,
    is_known: bool,
) -> Result<Tensor> {
    let accumulator = output.accumulator.clone();
    let registration = Arc::new(OnceLock::new());
    let op = Materialize {
        output,
        _registration: registration.clone(),
    };
    let tensor = node.apply_op1(op)?;
    if is_known && tensor.track_op() {
        registry().insert(tensor.id(), GradNode { node, accumulator });
        // The first and only time it is set.
        registration.get_or_init(|| Registration(tensor.id()));
    }
    Ok(tensor)
}

/// Returns true if an op of this crate has made the tensor, so that others find its grad node.
pub(crate) fn is_materialized(tensor: &Tensor) -> bool {
    registry().contains_key(&tensor.id())
}

/// The grad node of a tensor that an op of this crate has made.
pub(super) fn grad_node(id: TensorId) -> Option<GradNode> {
    registry().get(&id).cloned()
}

/// The grad nodes of all live tensors that ops of this crate have made.
fn registry() -> MutexGuard<'static, HashMap<TensorId, GradNode>> {
    static REGISTRY: LazyLock<Mutex<HashMap<TensorId, GradNode>>> = LazyLock::new(Mutex::default);
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An entry of the [`registry`]. The tensor's own op holds it, so the entry is removed when the tensor is dropped.
#[derive(Debug)]
struct Registration(TensorId);

impl Drop for Registration {
    fn drop(&mut self) {
        // Unlocked before the node is dropped: that may drop other tensors, and their entries.
        let node = registry().remove(&self.0);
        drop(node);
    }
}

/// Forward, from the grad node to the tensor; backward, into the accumulator.
struct Materialize {
    output: Arc<DeferredOutput>,
    _registration: Arc<OnceLock<Registration>>,
}

impl CustomOp1 for Materialize {
    fn name(&self) -> &'static str {
        "horesnet-materialize"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        let (Storage::Cpu(value), shape) = self.output.take()? else {
            bail!("an op on the CPU has stored an output on another device")
        };
        Ok((value, shape))
    }

    #[cfg(feature = "cuda")]
    fn cuda_fwd(&self, _: &CudaStorage, _: &Layout) -> Result<(CudaStorage, Shape)> {
        let (Storage::Cuda(value), shape) = self.output.take()? else {
            bail!("an op on a GPU has stored an output on another device")
        };
        Ok((value, shape))
    }

    fn bwd(&self, node: &Tensor, tensor: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let gradient = gradient.clone();
        self.output.accumulator.push(tensor.id(), 1.0, gradient);
        node.ones_like().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Result, Var};

    use super::grad_node;
    use crate::autograd::{Operand, combine};

    #[test]
    fn a_grad_node_is_known_as_long_as_its_tensor() -> Result<()> {
        let x = Operand::new(Var::new(&[1.0, 2.0], &Device::Cpu)?.as_tensor().clone())?;
        let y = combine(&x, &[(0.5, &x)])?;
        let (id, same) = (y.id(), y.clone());
        drop(y);
        assert!(grad_node(id).is_some());
        // An op that reads it keeps it for its backward pass only if it needs it: a combination does not.
        let z = combine(&Operand::new(same)?, &[(1.0, &x)])?;
        assert!(grad_node(id).is_none());
        let id = z.id();
        drop((x, z));
        assert!(grad_node(id).is_none());
        Ok(())
    }
}
