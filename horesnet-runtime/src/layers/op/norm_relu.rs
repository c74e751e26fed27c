//! Batch normalisation and `ReLU` as one op.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::{NormStats, OpState, with_elements, with_float};
use crate::autograd::argument;
use crate::combine::Isa;
use crate::layers::cpu::chunk_len;
use crate::layers::cpu::float::{Float, elements, par_fill};
use crate::layers::cpu::norm;
use crate::profile::{Work, span};

/// `relu(norm(xs))` of contiguous `xs`, pixels of channels.
pub(crate) fn norm_relu(xs: &Tensor, affine: &Tensor, stats: NormStats) -> Result<Tensor> {
    OpState::run(xs, |node, state| {
        node.apply_op2(&argument(affine), NormReluOp { state, stats })
    })
}

/// From a grad node and affine to a grad node.
struct NormReluOp {
    state: OpState,
    stats: NormStats,
}

impl NormReluOp {
    fn forward<T: Float>(&self, xs: &[T], affine: &[T]) -> Result<Vec<T>> {
        let norm = self.stats.with_affine(affine)?;
        let chunk = chunk_len(self.stats.mean.len());
        let (out, _) = par_fill(xs.len(), chunk, |index, out| {
            let xs = &xs[index * chunk..][..out.len()];
            norm::norm_relu(Isa::best(), &norm, xs, out);
        })?;
        Ok(out)
    }

    /// The gradients of input and affine.
    fn backward<T: Float>(
        &self,
        xs: &[T],
        affine: &[T],
        gradient: &[T],
    ) -> Result<(Vec<T>, Vec<T>)> {
        let norm = self.stats.with_affine(affine)?;
        let chunk = chunk_len(self.stats.mean.len());
        let (mut dxs, sums) = par_fill(xs.len(), chunk, |index, dxs| {
            let at = index * chunk..index * chunk + dxs.len();
            dxs.copy_from_slice(&gradient[at.clone()]);
            norm::relu_backward(Isa::best(), &norm, &xs[at], dxs)
        })?;
        let daffine = self.stats.backward(&norm, xs, &mut dxs, &sums, true)?;
        Ok((dxs, daffine))
    }
}

impl CustomOp2 for NormReluOp {
    fn name(&self) -> &'static str {
        "horesnet-norm-relu"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        affine: &CpuStorage,
        layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let _span = span(Work::Normalisation);
        let xs = &self.state.xs;
        with_float!(xs.dtype(), T => {
            let affine = elements(affine, layout)?;
            let out = with_elements::<T, _>(xs, |xs| self.forward(xs, affine))?;
            Ok(self.state.put(out, xs.shape()))
        })
    }

    fn bwd(
        &self,
        _: &Tensor,
        affine: &Tensor,
        node: &Tensor,
        count: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let _span = span(Work::Normalisation);
        let gradient = self.state.gradient(count)?;
        let xs = &self.state.xs;
        with_float!(xs.dtype(), T => {
            let (dxs, daffine) = with_elements::<T, _>(xs, |xs| {
                with_elements(affine, |affine| {
                    with_elements(&gradient, |gradient| self.backward(xs, affine, gradient))
                })
            })?;
            let daffine = Tensor::from_vec(daffine, affine.shape(), xs.device())?;
            Ok((self.state.push_grad(node, dxs)?, Some(daffine)))
        })
    }
}
