//! Batch normalisation and `ReLU` as one op.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::{NormStats, OpState, with_elements, with_stored};
use crate::autograd::argument;
use crate::combine::Isa;
use crate::layers::cpu::chunk_len;
use crate::layers::cpu::float::{elements, par_write, zeroed};
use crate::layers::cpu::norm;
use crate::layers::cpu::stored::Stored;
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
    fn forward<E: Stored>(&self, xs: &[E], affine: &[E::Float]) -> Result<Vec<E>> {
        let norm = self.stats.with_affine(affine)?;
        let chunk = chunk_len(self.stats.mean.len());
        let isa = Isa::best();
        let (out, _) = par_write(xs.len(), chunk, |index, out| {
            let xs = &xs[index * chunk..][..out.len()];
            E::widened(isa, xs, |xs| {
                E::rounded(isa, out, |out| {
                    let out = zeroed(out);
                    norm::norm_relu(isa, &norm, xs, out);
                    (out, ())
                })
            })
        })?;
        Ok(out)
    }

    /// The gradients of input and affine.
    fn backward<E: Stored>(
        &self,
        xs: &[E],
        affine: &[E::Float],
        gradient: &[E],
    ) -> Result<(Vec<E>, Vec<E::Float>)> {
        let norm = self.stats.with_affine(affine)?;
        let chunk = chunk_len(self.stats.mean.len());
        let isa = Isa::best();
        let (mut dxs, sums) = par_write(xs.len(), chunk, |index, dxs| {
            let at = index * chunk..index * chunk + dxs.len();
            E::widened(isa, &xs[at.clone()], |xs| {
                E::widened(isa, &gradient[at], |gradient| {
                    E::rounded(isa, dxs, |dxs| {
                        let dxs = zeroed(dxs);
                        dxs.copy_from_slice(gradient);
                        let sums = norm::relu_backward(isa, &norm, xs, dxs);
                        (dxs, sums)
                    })
                })
            })
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
        with_stored!(xs.dtype(), E => {
            let affine = elements(affine, layout)?;
            let out = with_elements::<E, _>(xs, |xs| self.forward(xs, affine))?;
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
        with_stored!(xs.dtype(), E => {
            let (dxs, daffine) = with_elements::<E, _>(xs, |xs| {
                with_elements(affine, |affine| {
                    with_elements(&gradient, |gradient| self.backward(xs, affine, gradient))
                })
            })?;
            let daffine = Tensor::from_vec(daffine, affine.shape(), xs.device())?;
            Ok((self.state.push_grad(node, dxs)?, Some(daffine)))
        })
    }
}
