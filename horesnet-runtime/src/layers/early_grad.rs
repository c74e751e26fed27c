//! Variables whose gradients candle's ops compute, yielded before the backward pass ends.

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType};

use super::cpu::float::elements;
use super::op::with_float;
use crate::autograd::capture_grad;
use crate::batch_sync;

/// Returns `variable` for an op of candle's, so that its gradient reaches [other parts](super::synchronised) of the batch as
/// soon as candle has it, and not with the end of the backward pass. Values and gradients are the same, to the bit.
///
/// A batch that is not in parts, and a tensor that is no variable, need nothing: this is then the tensor itself, otherwise a copy.
///
/// # Errors
/// A dtype that is not floating-point, or no memory for a copy.
pub fn early_grad(variable: &Tensor) -> Result<Tensor> {
    let is_shared = variable.is_variable() && variable.device().is_cpu();
    if !is_shared || batch_sync::current().is_none() {
        return Ok(variable.clone());
    }
    variable.contiguous()?.apply_op1(EarlyGrad)
}

/// The identity.
struct EarlyGrad;

impl CustomOp1 for EarlyGrad {
    fn name(&self) -> &'static str {
        "horesnet-early-grad"
    }

    fn cpu_fwd(&self, variable: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        with_float!(variable.dtype(), T => {
            let copy = elements::<T>(variable, layout)?.to_vec();
            Ok((T::to_cpu_storage_owned(copy), layout.shape().clone()))
        })
    }

    fn bwd(&self, variable: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        capture_grad(variable, gradient.clone())
    }
}
