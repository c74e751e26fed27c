//! A tensor prepared for combinations, and the way its gradient comes back from them.
//!
//! Candle's ops take at most three tensors and its gradient store adds one gradient at a time, which for a
//! block of s stages means s passes over memory for each. An operand therefore stands in candle's graph as a
//! one-element *handle*. A combination refers to the handles, which keeps candle's order right, and leaves its
//! gradient and coefficient in each operand's cell; when candle reaches the handle, all that lies in the cell
//! is summed in one pass.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use candle_core::{
    CpuStorage, CustomOp1, DType, Error, Layout, Result, Shape, Tensor, TensorId, bail,
};

use crate::combine::weighted_sum;

/// A tensor that takes part in combinations: the input of a block or the value of a stage.
///
/// Make one operand of a tensor and use it in every combination that needs it: its gradients from all of them
/// are then summed in one pass. A clone is the same operand.
///
/// ```
/// use horesnet_runtime::Operand;
/// use horesnet_runtime::candle_core::{Device, Result, Tensor};
///
/// # fn main() -> Result<()> {
/// let x = Operand::new(Tensor::zeros((2, 3), candle_core::DType::F32, &Device::Cpu)?)?;
/// assert_eq!(x.tensor().dims(), [2, 3]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Operand {
    tensor: Tensor,
    handle: Option<Handle>,
}

impl Operand {
    /// Makes a tensor of any shape and layout ready for combinations.
    ///
    /// # Errors
    ///
    /// If the dtype is not one of `f32`, `f64`, `bf16` and `f16`.
    pub fn new(tensor: Tensor) -> Result<Self> {
        let dtype = tensor.dtype();
        if !matches!(dtype, DType::F32 | DType::F64 | DType::BF16 | DType::F16) {
            return Err(Error::UnsupportedDTypeForOp(dtype, "combine").bt());
        }
        let handle = if tensor.track_op() {
            Some(Handle::new(&tensor)?)
        } else {
            None
        };
        Ok(Self { tensor, handle })
    }

    /// The tensor itself.
    #[must_use]
    pub fn tensor(&self) -> &Tensor {
        &self.tensor
    }

    pub(crate) fn handle(&self) -> Option<&Handle> {
        self.handle.as_ref()
    }
}

/// An operand in candle's graph: present only if candle tracks the operand.
#[derive(Clone, Debug)]
pub(crate) struct Handle {
    /// The handle tensor, whose op is [`Collect`].
    pub(crate) node: Tensor,
    pub(crate) cell: Arc<Cell>,
}

impl Handle {
    fn new(tensor: &Tensor) -> Result<Self> {
        let cell = Arc::<Cell>::default();
        let node = tensor.apply_op1(Collect { cell: cell.clone() })?;
        Ok(Self { node, cell })
    }
}

/// What backward passes have left for one operand.
#[derive(Debug, Default)]
pub(crate) struct Cell(Mutex<Vec<Deposit>>);

#[derive(Debug)]
struct Deposit {
    thread: ThreadId,
    from: TensorId,
    coefficient: f64,
    gradient: Tensor,
}

impl Cell {
    /// Leaves `coefficient·gradient` for the operand, on behalf of the combination whose result is `from`.
    pub(crate) fn deposit(&self, from: TensorId, coefficient: f64, gradient: Tensor) {
        let thread = thread::current().id();
        let mut deposits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A backward pass visits a combination once. A deposit of the same one is left over from a pass that
        // failed, or for an operand that no variable leads to, whose handle candle never visits.
        deposits.retain(|old| (old.thread, old.from) != (thread, from));
        deposits.push(Deposit {
            thread,
            from,
            coefficient,
            gradient,
        });
    }

    /// Takes this thread's last `count` deposits, in the order in which they were made.
    fn take(&self, count: usize) -> Vec<(f64, Tensor)> {
        let thread = thread::current().id();
        let mut deposits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = deposits.iter().filter(|d| d.thread == thread).count();
        let mut older = mine.saturating_sub(count);
        let mut taken = Vec::with_capacity(count);
        for deposit in std::mem::take(&mut *deposits) {
            if deposit.thread != thread {
                deposits.push(deposit);
            } else if older > 0 {
                older -= 1;
                deposits.push(deposit);
            } else {
                taken.push((deposit.coefficient, deposit.gradient));
            }
        }
        taken
    }
}

/// Forward, from a tensor to its handle; backward, from the cell to the tensor's gradient.
struct Collect {
    cell: Arc<Cell>,
}

impl CustomOp1 for Collect {
    fn name(&self) -> &'static str {
        "horesnet-operand"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        Ok(handle_storage())
    }

    fn bwd(&self, tensor: &Tensor, _handle: &Tensor, count: &Tensor) -> Result<Option<Tensor>> {
        // Every combination that deposited in this pass gave the handle a gradient of 1, so their sum says how
        // many deposits are of this pass. A pass that failed midway may have left others.
        let count = count.to_scalar::<f32>()? as usize;
        let taken = self.cell.take(count);
        if taken.len() != count {
            bail!(
                "{count} combinations gave an operand of shape {:?} a gradient, of which {} were found",
                tensor.shape(),
                taken.len()
            )
        }
        let mut operands = Vec::with_capacity(count);
        for (c, gradient) in taken {
            operands.push((c, Operand::new(gradient)?));
        }
        let terms: Vec<_> = operands.iter().map(|(c, g)| (*c, g)).collect();
        weighted_sum(&terms).map(Some)
    }
}

/// A scalar. It is `f32` because every device has that, and it only ever counts combinations.
pub(crate) fn handle_storage() -> (CpuStorage, Shape) {
    (CpuStorage::F32(vec![0.0]), Shape::from(()))
}
