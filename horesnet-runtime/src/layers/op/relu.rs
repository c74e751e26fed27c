//! Batch normalisation and `ReLU` as an op of candle's graph.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::{Normal, Source, go_back, with_elements, with_float};
use crate::autograd::{DeferredOutput, materialize};
use crate::combine::Isa;
use crate::layers::cpu::float::{Float, elements, written};
use crate::layers::cpu::norm;
use crate::layers::cpu::piece;

/// `relu(norm(xs))` of contiguous `xs`, pixels of channels.
pub(crate) fn activate(xs: &Tensor, affine: &Tensor, norm: Normal) -> Result<Tensor> {
    let source = Source::of(xs)?;
    let outcome = Arc::<DeferredOutput>::default();
    let node = source.node()?.apply_op2(
        affine,
        Activate {
            source,
            norm,
            outcome: outcome.clone(),
        },
    )?;
    materialize(node, outcome)
}

/// From a handle and affine to a handle.
struct Activate {
    source: Source,
    norm: Normal,
    outcome: Arc<DeferredOutput>,
}

impl Activate {
    /// The length of a piece of whole pixels.
    fn piece(&self) -> usize {
        piece(self.norm.mean.len())
    }

    fn forward<T: Float>(&self, xs: &[T], affine: &[T]) -> Result<CpuStorage> {
        let channels = self.norm.channels(affine)?;
        let piece = self.piece();
        let (out, _) = written(xs.len(), piece, |index, out| {
            Isa::best().run(norm::Activate {
                channels: &channels,
                xs: &xs[index * piece..][..out.len()],
                out,
            });
        })?;
        Ok(T::to_cpu_storage_owned(out))
    }

    /// The gradients of input and affine.
    fn backward<T: Float>(
        &self,
        xs: &[T],
        affine: &[T],
        gradient: &[T],
    ) -> Result<(Vec<T>, Vec<T>)> {
        let channels = self.norm.channels(affine)?;
        let piece = self.piece();
        let (mut dxs, sums) = written(xs.len(), piece, |index, dxs| {
            dxs.copy_from_slice(&gradient[index * piece..][..dxs.len()]);
            Isa::best().run(norm::Mask {
                channels: &channels,
                xs: &xs[index * piece..][..dxs.len()],
                gradients: dxs,
            })
        })?;
        let (weight, bias) = channels.parameter_gradients(&sums);
        let pixels = xs.len() / self.norm.mean.len();
        let moved = self.norm.batch.then_some((&*weight, &*bias, pixels));
        go_back(xs, &mut dxs, &channels.way_back(moved));
        let affine = weight.iter().chain(&bias).map(|&g| T::from_f64(g));
        Ok((dxs, affine.collect()))
    }
}

impl CustomOp2 for Activate {
    fn name(&self) -> &'static str {
        "horesnet-norm-relu"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        affine: &CpuStorage,
        affine_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let xs = &self.source.xs;
        let out = with_float!(xs.dtype(), T => {
            let affine = elements(affine, affine_layout)?;
            with_elements::<T, _>(xs, |xs| self.forward(xs, affine))
        })?;
        Ok(self.outcome.put(out, xs.shape().clone()))
    }

    fn bwd(
        &self,
        _: &Tensor,
        affine: &Tensor,
        node: &Tensor,
        count: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = self.outcome.gradient(count)?.contiguous()?;
        let xs = &self.source.xs;
        with_float!(xs.dtype(), T => {
            let (dxs, daffine) = with_elements::<T, _>(xs, |xs| {
                with_elements(affine, |affine| {
                    with_elements(&gradient, |gradient| self.backward(xs, affine, gradient))
                })
            })?;
            let dxs = Tensor::from_vec(dxs, xs.shape(), xs.device())?;
            Ok((
                self.source.deposit(node, dxs)?,
                Some(Tensor::from_vec(daffine, affine.shape(), xs.device())?),
            ))
        })
    }
}
