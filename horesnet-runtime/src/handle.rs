//! How gradients travel between ops of this crate.
//!
//! Candle's ops take at most three tensors, and its gradient store adds one gradient at a time to a tensor of zeros: of a
//! block of s stages, s passes over memory and more for each tensor. To candle's graph, a tensor that ops of this crate read
//! is therefore a *handle*, one number. An op refers to handles, which keeps candle's order right, and leaves its gradient
//! and a coefficient in each handle's cell; when candle reaches the handle, all that lies in the cell is summed in one
//! pass. What passes through candle's own store is how many deposits there are.
//!
//! A tensor that an op of this crate has made has a handle from the start (see [`crate::reveal`]); any other gets one
//! when it is first needed.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};

#[cfg(feature = "cuda")]
use candle_core::CudaStorage;
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, TensorId, bail};

use crate::backward::found;
use crate::{combine, pass, reveal};

/// A tensor in candle's graph, for ops of this crate.
#[derive(Clone, Debug)]
pub(crate) struct Handle {
    /// One number.
    pub(crate) node: Tensor,
    pub(crate) cell: Arc<Cell>,
}

impl Handle {
    /// The handle of a tensor; none if candle does not track it.
    pub(crate) fn of(tensor: &Tensor) -> Result<Option<Self>> {
        if !tensor.track_op() {
            return Ok(None);
        }
        if let Some(handle) = reveal::handle(tensor.id()) {
            return Ok(Some(handle));
        }
        let cell = Arc::<Cell>::default();
        let node = tensor.apply_op1(Collect { cell: cell.clone() })?;
        Ok(Some(Self { node, cell }))
    }
}

/// What backward passes have left for one tensor.
#[derive(Debug, Default)]
pub(crate) struct Cell(Mutex<Vec<Deposit>>);

#[derive(Debug)]
struct Deposit {
    thread: ThreadId,
    pass: u64,
    from: TensorId,
    coefficient: f64,
    gradient: Tensor,
}

impl Cell {
    /// Leaves `coefficient·gradient` for the tensor, on behalf of the op whose result is `from`.
    pub(crate) fn deposit(&self, from: TensorId, coefficient: f64, gradient: Tensor) {
        let (thread, pass) = (thread::current().id(), pass::current());
        let mut deposits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What is left of passes that have ended, they failed to take. A pass visits an op once, so a deposit of the same
        // op is left over from a pass of candle's own that failed, or for a tensor that no variable leads to, whose handle
        // candle never visits.
        deposits.retain(|old| {
            old.thread != thread
                || (pass::is_open(old.pass) && (old.pass, old.from) != (pass, from))
        });
        deposits.push(Deposit {
            thread,
            pass,
            from,
            coefficient,
            gradient,
        });
    }

    /// The sum of the deposits of this pass, which are as many as `count` says. A pass that failed midway may have
    /// left others.
    pub(crate) fn total(&self, count: &Tensor) -> Result<Tensor> {
        if !count.device().is_cpu() && pass::is_numbered(pass::current()) {
            // To ask a GPU for the number is to wait for it, and a pass with a number of its own knows its deposits.
            return combine::total(self.take_all());
        }
        let count = count.to_scalar::<f32>()? as usize;
        let taken = self.take(count);
        if taken.len() != count {
            bail!(
                "{count} ops gave a tensor a gradient, of which {} were found",
                taken.len()
            )
        }
        combine::total(taken)
    }

    /// Takes all deposits of this pass.
    fn take_all(&self) -> Vec<(f64, Tensor)> {
        self.take(usize::MAX)
    }

    /// Takes the last `count` deposits of this pass, in the order in which they were made.
    fn take(&self, count: usize) -> Vec<(f64, Tensor)> {
        let (thread, pass) = (thread::current().id(), pass::current());
        let other = |d: &Deposit| (d.thread, d.pass) != (thread, pass);
        let mut deposits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = deposits.iter().filter(|d| !other(d)).count();
        let mut older = mine.saturating_sub(count);
        let mut taken = Vec::with_capacity(mine.min(count));
        for deposit in std::mem::take(&mut *deposits) {
            if other(&deposit) {
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
        "horesnet-handle"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        Ok(handle_storage())
    }

    #[cfg(feature = "cuda")]
    fn cuda_fwd(&self, tensor: &CudaStorage, _: &Layout) -> Result<(CudaStorage, Shape)> {
        crate::cuda::handle_storage(&tensor.device)
    }

    fn bwd(&self, tensor: &Tensor, _handle: &Tensor, count: &Tensor) -> Result<Option<Tensor>> {
        Ok(found(tensor, self.cell.total(count)?))
    }
}

/// A scalar. It is `f32` because every device has that, and it only ever counts deposits.
pub(crate) fn handle_storage() -> (CpuStorage, Shape) {
    (CpuStorage::F32(vec![0.0]), Shape::from(()))
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Result, Tensor};

    use super::Cell;
    use crate::pass::Pass;

    #[test]
    fn a_pass_takes_all_that_is_its_own() -> Result<()> {
        let (cell, gradient) = (Cell::default(), Tensor::new(1.0, &Device::Cpu)?);
        let deposit = |c: f64| -> Result<()> {
            cell.deposit(gradient.copy()?.id(), c, gradient.clone());
            Ok(())
        };
        deposit(1.0)?;
        let _outer = Pass::begin();
        deposit(2.0)?;
        deposit(3.0)?;
        let inner = Pass::begin();
        deposit(4.0)?;
        let coefficients =
            |taken: Vec<(f64, Tensor)>| -> Vec<f64> { taken.into_iter().map(|(c, _)| c).collect() };
        assert_eq!(coefficients(cell.take_all()), [4.0]);
        drop(inner);
        assert_eq!(coefficients(cell.take_all()), [2.0, 3.0]);
        assert!(cell.take_all().is_empty());
        Ok(())
    }
}
