//! Candle's batch normalisation with the statistics of all parts of a batch.

use std::sync::Arc;

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, Var, WithDType, bail};
use candle_nn::{BatchNorm, ModuleT};

use super::cpu::float::{Float, elements};
use super::op::with_float;
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
    let pixels = once(|| sync.all_reduce(vec![xs.dim(0)? as f64], sync::add))?;
    let pixels = pixels.first().copied().unwrap_or_default();
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
        Some((weight, bias)) => normal.broadcast_mul(weight)?.broadcast_add(bias),
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
    xs.contiguous()?.apply_op1(AllReduce(sync.clone()))
}

struct AllReduce(Arc<dyn BatchSync>);

impl AllReduce {
    fn sum<T: Float>(&self, own: &[T]) -> Result<Vec<T>> {
        let own = own.iter().map(|x| x.to_f64()).collect();
        let all = self.0.all_reduce(own, sync::add)?;
        Ok(all.into_iter().map(T::from_f64).collect())
    }
}

impl CustomOp1 for AllReduce {
    fn name(&self) -> &'static str {
        "horesnet-all-reduce"
    }

    fn cpu_fwd(&self, xs: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        with_float!(xs.dtype(), T => {
            let sums = once(|| self.sum::<T>(elements(xs, layout)?))?;
            Ok((T::to_cpu_storage_owned(sums), layout.shape().clone()))
        })
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let gradient = gradient.contiguous()?;
        with_float!(gradient.dtype(), T => {
            let own = gradient.flatten_all()?.to_vec1::<T>()?;
            let sums = self.sum(&own)?;
            Tensor::from_vec(sums, gradient.shape(), gradient.device()).map(Some)
        })
    }
}
