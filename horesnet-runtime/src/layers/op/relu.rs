//! Batch normalisation and `ReLU` as an op of candle's graph.

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::{Normal, go_back, with_elements, with_float};
use crate::layers::cpu::dispatch::{Isa, Kernel};
use crate::layers::cpu::float::{Float, elements, zeros};
use crate::layers::cpu::norm::{Channels, Sums};
use crate::layers::cpu::piece;

/// `(xs, affine)` to `relu(norm(xs))`, of pixels of channels.
pub(crate) struct Activate {
    pub(crate) norm: Normal,
}

impl Activate {
    /// The length of a piece of whole pixels.
    fn piece(&self) -> usize {
        piece(self.norm.mean.len())
    }

    fn forward<T: Float>(&self, xs: &[T], affine: &[T]) -> Result<CpuStorage> {
        let channels = self.norm.channels(affine)?;
        let mut out = zeros(xs.len())?;
        let pieces = out.par_chunks_mut(self.piece());
        pieces
            .zip(xs.par_chunks(self.piece()))
            .for_each(|(out, xs)| {
                Isa::best().run(ActivatePiece {
                    channels: &channels,
                    xs,
                    out,
                });
            });
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
        let mut dxs = zeros(xs.len())?;
        let pieces = dxs.par_chunks_mut(self.piece());
        let pieces = pieces.zip(xs.par_chunks(self.piece()));
        let sums: Vec<Sums<T>> = pieces
            .zip(gradient.par_chunks(self.piece()))
            .map(|((dxs, xs), gradient)| {
                dxs.copy_from_slice(gradient);
                Isa::best().run(MaskPiece {
                    channels: &channels,
                    xs,
                    dxs,
                })
            })
            .collect();
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
        xs: &CpuStorage,
        xs_layout: &Layout,
        affine: &CpuStorage,
        affine_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let out = with_float!(xs.dtype(), T => {
            self.forward(elements::<T>(xs, xs_layout)?, elements(affine, affine_layout)?)
        })?;
        Ok((out, xs_layout.shape().clone()))
    }

    fn bwd(
        &self,
        xs: &Tensor,
        affine: &Tensor,
        _out: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        with_float!(xs.dtype(), T => {
            let (dxs, daffine) = with_elements::<T, _>(xs, |xs| {
                with_elements(affine, |affine| {
                    with_elements(&gradient, |gradient| self.backward(xs, affine, gradient))
                })
            })?;
            Ok((
                Some(Tensor::from_vec(dxs, xs.shape(), xs.device())?),
                Some(Tensor::from_vec(daffine, affine.shape(), xs.device())?),
            ))
        })
    }
}

struct ActivatePiece<'a, T> {
    channels: &'a Channels<T>,
    xs: &'a [T],
    out: &'a mut [T],
}

impl<T: Float> Kernel for ActivatePiece<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        self.channels.activate::<FUSED>(self.xs, self.out);
    }
}

struct MaskPiece<'a, T> {
    channels: &'a Channels<T>,
    xs: &'a [T],
    dxs: &'a mut [T],
}

impl<T: Float> Kernel for MaskPiece<'_, T> {
    type Output = Sums<T>;

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) -> Sums<T> {
        let mut sums = self.channels.sums();
        self.channels.mask::<FUSED>(self.xs, self.dxs, &mut sums);
        sums
    }
}
