//! Candle's batch normalisation with the statistics of all parts of a batch.

use std::sync::Arc;

#[cfg(feature = "cuda")]
use candle_core::CudaStorage;
#[cfg(feature = "cuda")]
use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Storage, Tensor, Var, bail};
use candle_nn::{BatchNorm, ModuleT};

use super::early_grad::early_grad;
use crate::autograd::{is_replayed, once};
use crate::batch_sync::{self as sync, BatchSync};

/// `norm(xs)` of `[pixels, channels]`, as [`BatchNorm`] computes it, over [all parts](super::synchronised) of a batch.
///
/// # Errors
/// As [`BatchNorm`], or if another part has failed.
pub fn batch_norm(norm: &BatchNorm, xs: &Tensor, train: bool) -> Result<Tensor> {
    if !train {
        return norm.forward_t(xs, train);
    }
    let Some(sync) = sync::current() else {
        return keep_statistics(norm, || norm.forward_t(xs, train));
    };
    let pixels = once(|| sync.count(xs.dim(0)?))?;
    if pixels < 2.0 {
        bail!("expected two pixels or more for batch statistics, found {pixels}")
    }
    let mean = (all_reduce(&sync, &xs.sum(0)?)? / pixels)?;
    let centred = xs.broadcast_sub(&mean)?;
    let variance = (all_reduce(&sync, &centred.sqr()?.sum(0)?)? / pixels)?;
    if sync.updates_statistics() && !is_replayed() {
        let unbiased = (&variance * (pixels / (pixels - 1.0)))?;
        update(norm, norm.running_mean(), &mean)?;
        update(norm, norm.running_var(), &unbiased)?;
    }
    let normal = centred.broadcast_div(&(variance + norm.eps())?.sqrt()?)?;
    match norm.weight_and_bias() {
        Some((weight, bias)) => normal
            .broadcast_mul(&early_grad(weight)?)?
            .broadcast_add(&early_grad(bias)?),
        None => Ok(normal),
    }
}

/// Runs candle's layer, which moves its running statistics; puts them back if it has moved them before, for this batch.
fn keep_statistics(norm: &BatchNorm, run: impl FnOnce() -> Result<Tensor>) -> Result<Tensor> {
    if !is_replayed() {
        return run();
    }
    let (mean, variance) = (norm.running_mean(), norm.running_var());
    let kept = [mean, variance].map(|running| running.detach().copy());
    let ys = run();
    for (running, kept) in [mean, variance].into_iter().zip(kept) {
        // Running statistics are variables: `from_tensor` makes an alias of one, not a copy.
        Var::from_tensor(running)?.set(&kept?)?;
    }
    ys
}

/// Moves running statistics towards those of a batch.
fn update(norm: &BatchNorm, running: &Tensor, batch: &Tensor) -> Result<()> {
    let momentum = norm.momentum();
    let moved = ((running.detach() * (1.0 - momentum))? + (batch.detach() * momentum)?)?;
    // Running statistics are variables: `from_tensor` makes an alias of one, not a copy.
    Var::from_tensor(running)?.set(&moved)
}

/// Sums a tensor over all parts. The gradient of a part's tensor is the sum of the gradients of all, as each depends on it.
fn all_reduce(sync: &Arc<dyn BatchSync>, xs: &Tensor) -> Result<Tensor> {
    xs.apply_op1(AllReduce {
        sum: once(|| sync.sum(&xs.detach())?.contiguous())?,
        sync: sync.clone(),
    })
}

struct AllReduce {
    sync: Arc<dyn BatchSync>,
    sum: Tensor,
}

impl CustomOp1 for AllReduce {
    fn name(&self) -> &'static str {
        "horesnet-all-reduce"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        match &*self.sum.storage_and_layout().0 {
            Storage::Cpu(sum) => Ok((sum.clone(), self.sum.shape().clone())),
            _ => bail!("a sum over the parts of a batch is on another device than its terms"),
        }
    }

    #[cfg(feature = "cuda")]
    fn cuda_fwd(&self, _: &CudaStorage, _: &Layout) -> Result<(CudaStorage, Shape)> {
        let (storage, layout) = self.sum.storage_and_layout();
        match &*storage {
            Storage::Cuda(sum) => Ok((sum.try_clone(layout)?, layout.shape().clone())),
            _ => bail!("a sum over the parts of a batch is on another device than its terms"),
        }
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        self.sync.sum(&gradient.detach()).map(Some)
    }
}
