//! From an op of this crate to the tensor it makes.
//!
//! In candle's graph the op itself yields a handle, one number (see [`crate::handle`]), and puts what it has computed aside;
//! a second op, [`reveal`], makes that the value of a tensor. Ops of this crate that read the tensor find the handle under
//! the tensor's id and leave their gradients in its cell; for any other op the second op does that. A gradient on its
//! way between two ops of this crate is therefore never added to zeros, nor copied.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};

#[cfg(feature = "cuda")]
use candle_core::CudaStorage;
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Storage, Tensor, TensorId, bail};

use crate::handle::{Cell, Handle, handle_storage};

/// The result of one op, and the gradients that come back for it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    cell: Arc<Cell>,
    value: Mutex<Option<(Storage, Shape)>>,
}

impl Outcome {
    /// Puts a result aside; the handle's own value is returned.
    pub(crate) fn put(&self, value: CpuStorage, shape: Shape) -> (CpuStorage, Shape) {
        *self.value() = Some((Storage::Cpu(value), shape));
        handle_storage()
    }

    /// The same on a GPU.
    #[cfg(feature = "cuda")]
    pub(crate) fn put_cuda(
        &self,
        value: CudaStorage,
        shape: Shape,
    ) -> Result<(CudaStorage, Shape)> {
        let handle = crate::cuda::handle_storage(&value.device);
        *self.value() = Some((Storage::Cuda(value), shape));
        handle
    }

    /// Takes the result.
    fn take(&self) -> Result<(Storage, Shape)> {
        let Some(value) = self.value().take() else {
            bail!("an op has left no result")
        };
        Ok(value)
    }

    /// The gradient of the result, of which `count` parts were left.
    pub(crate) fn gradient(&self, count: &Tensor) -> Result<Tensor> {
        self.cell.total(count)
    }

    fn value(&self) -> MutexGuard<'_, Option<(Storage, Shape)>> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The tensor of a result whose op has yielded `node`.
pub(crate) fn reveal(node: Tensor, outcome: Arc<Outcome>) -> Result<Tensor> {
    let cell = outcome.cell.clone();
    let registration = Arc::new(OnceLock::new());
    let op = Reveal {
        outcome,
        _registration: registration.clone(),
    };
    let tensor = node.apply_op1(op)?;
    if tensor.track_op() {
        revealed().insert(tensor.id(), Handle { node, cell });
        // The first and only time it is set.
        registration.get_or_init(|| Registration(tensor.id()));
    }
    Ok(tensor)
}

/// The handle of a tensor that an op of this crate has made.
pub(crate) fn handle(id: TensorId) -> Option<Handle> {
    revealed().get(&id).cloned()
}

/// The handles of all tensors that ops of this crate have made and somebody can still read.
fn revealed() -> MutexGuard<'static, HashMap<TensorId, Handle>> {
    static REVEALED: LazyLock<Mutex<HashMap<TensorId, Handle>>> = LazyLock::new(Mutex::default);
    REVEALED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An entry among the [`revealed`]. The tensor's own op holds it, so the entry goes when the tensor goes.
#[derive(Debug)]
struct Registration(TensorId);

impl Drop for Registration {
    fn drop(&mut self) {
        // Unlocked before the handle is dropped: with it may go the last use of other tensors, and their entries.
        let handle = revealed().remove(&self.0);
        drop(handle);
    }
}

/// Forward, from the handle to the tensor; backward, into the cell.
struct Reveal {
    outcome: Arc<Outcome>,
    _registration: Arc<OnceLock<Registration>>,
}

impl CustomOp1 for Reveal {
    fn name(&self) -> &'static str {
        "horesnet-reveal"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        let (Storage::Cpu(value), shape) = self.outcome.take()? else {
            bail!("an op on the CPU has left a result on another device")
        };
        Ok((value, shape))
    }

    #[cfg(feature = "cuda")]
    fn cuda_fwd(&self, _: &CudaStorage, _: &Layout) -> Result<(CudaStorage, Shape)> {
        let (Storage::Cuda(value), shape) = self.outcome.take()? else {
            bail!("an op on a GPU has left a result on another device")
        };
        Ok((value, shape))
    }

    fn bwd(&self, node: &Tensor, tensor: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        self.outcome
            .cell
            .deposit(tensor.id(), 1.0, gradient.clone());
        node.ones_like().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Result, Var};

    use super::handle;
    use crate::combine::combine;
    use crate::operand::Operand;

    #[test]
    fn a_handle_is_known_as_long_as_its_tensor() -> Result<()> {
        let x = Operand::new(Var::new(&[1.0, 2.0], &Device::Cpu)?.as_tensor().clone())?;
        let y = combine(&x, &[(0.5, &x)])?;
        let (id, same) = (y.id(), y.clone());
        drop(y);
        assert!(handle(id).is_some());
        // An op that reads it keeps it for its way back only as long as it needs it: a combination does not.
        let z = combine(&Operand::new(same)?, &[(1.0, &x)])?;
        assert!(handle(id).is_none());
        let id = z.id();
        drop((x, z));
        assert!(handle(id).is_none());
        Ok(())
    }
}
