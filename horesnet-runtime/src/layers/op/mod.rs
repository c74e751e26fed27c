//! Ops of the layers in candle's graph: each reads its input itself and passes grad nodes.
//! They check shapes and dtypes, call the arithmetic of `cpu`, and push gradients to `autograd`.
//! They must not know of the layers, their weights, or running statistics.

pub(crate) mod conv;
pub(crate) mod norm_relu;

use std::sync::Arc;

use candle_core::{CpuStorage, DType, Result, Shape, Storage, Tensor, WithDType, bail};

use super::cpu::chunk_len;
use super::cpu::float::{Float, elements};
use super::cpu::norm::{ChannelNorm, GradSums, norm_backward};
use super::cpu::stored::Stored;
use crate::autograd::{DeferredOutput, GradNode, materialize};
use crate::batch_sync as sync;
use crate::combine::{Isa, par_map_chunks};
use crate::profile::{Work, span};

/// The statistics that a normalisation uses for one input.
#[derive(Clone, Debug)]
pub(crate) struct NormStats {
    pub(crate) mean: Vec<f64>,
    /// `1/√(variance + ε)`.
    pub(crate) inverse: Vec<f64>,
    /// The pixels of the batch if these are its statistics, which depend on the input.
    pub(crate) pixels: Option<usize>,
}

impl NormStats {
    pub(crate) fn with_affine<T: Float>(&self, affine: &[T]) -> Result<ChannelNorm<T>> {
        let count = self.mean.len();
        if affine.len() != 2 * count {
            bail!(
                "expected {} weights and biases for a normalisation of {count} channels, found {}",
                2 * count,
                affine.len()
            )
        }
        let (weight, bias) = affine.split_at(count);
        Ok(ChannelNorm::new(&self.mean, &self.inverse, weight, bias))
    }

    /// Turns gradients of the norm's output, with their `sums`, into those of `xs`; returns the gradient of the affine.
    ///
    /// Skips `xs` if `needs_input` is false. Other parts of the batch add to the sums: statistics depend on every pixel.
    pub(crate) fn backward<E: Stored>(
        &self,
        norm: &ChannelNorm<E::Float>,
        xs: &[E],
        gradients: &mut [E],
        sums: &[GradSums<E::Float>],
        needs_input: bool,
    ) -> Result<Vec<E::Float>> {
        let _span = span(Work::Normalisation);
        let (weight, bias) = norm.parameter_gradients(sums);
        if needs_input {
            let (mut all_weight, mut all_bias) = (weight.clone(), bias.clone());
            if let (Some(sync), Some(_)) = (sync::current(), self.pixels) {
                let own = weight.iter().chain(&bias).copied().collect();
                let all = sync.all_reduce(own, sync::add)?;
                let (weight, bias) = all.split_at(weight.len());
                (all_weight, all_bias) = (weight.to_vec(), bias.to_vec());
            }
            let sums = |pixels| (&*all_weight, &*all_bias, pixels);
            let backward = norm.backward(self.pixels.map(sums));
            let chunk = chunk_len(self.mean.len());
            par_map_chunks(gradients, chunk, |index, gradients| {
                let (isa, xs) = (Isa::best(), &xs[index * chunk..][..gradients.len()]);
                E::widened(isa, xs, |xs| {
                    E::updated(isa, gradients, |gradients| {
                        norm_backward(isa, &backward, xs, gradients);
                    });
                });
            });
        }
        let affine = weight.iter().chain(&bias);
        Ok(affine.map(|&g| E::Float::from_f64(g)).collect())
    }
}

/// The input of an op with its grad node, if candle tracks it, and the op's output.
pub(crate) struct OpState {
    pub(crate) xs: Tensor,
    grad_node: Option<GradNode>,
    output: Arc<DeferredOutput>,
}

impl OpState {
    /// Runs an op on `xs`: `apply(node, state)` applies the op that holds `state` to the grad node.
    pub(crate) fn run(
        xs: &Tensor,
        apply: impl FnOnce(Tensor, Self) -> Result<Tensor>,
    ) -> Result<Tensor> {
        let grad_node = GradNode::of(xs)?;
        let node = match &grad_node {
            Some(grad_node) => grad_node.node.clone(),
            None => Tensor::zeros((), DType::F32, xs.device())?,
        };
        let output = Arc::<DeferredOutput>::default();
        let state = Self {
            xs: xs.clone(),
            grad_node,
            output: output.clone(),
        };
        materialize(apply(node, state)?, output)
    }

    /// Stores the output; returns the value of the op's grad node.
    pub(crate) fn put<T: WithDType>(
        &self,
        output: Vec<T>,
        shape: impl Into<Shape>,
    ) -> (CpuStorage, Shape) {
        self.output
            .put(T::to_cpu_storage_owned(output), shape.into())
    }

    /// The gradient of the output, contiguous, from the `count` of its partial gradients.
    pub(crate) fn gradient(&self, count: &Tensor) -> Result<Tensor> {
        self.output.gradient(count)?.contiguous()
    }

    /// Pushes the gradient of `xs` for the op that yielded `node`; returns what the op gives to candle.
    pub(crate) fn push_grad<T: WithDType>(
        &self,
        node: &Tensor,
        gradient: Vec<T>,
    ) -> Result<Option<Tensor>> {
        let Some(grad_node) = &self.grad_node else {
            return Ok(None);
        };
        let gradient = Tensor::from_vec(gradient, self.xs.shape(), self.xs.device())?;
        grad_node.accumulator.push(node.id(), 1.0, gradient);
        node.ones_like().map(Some)
    }
}

/// Calls `$body` with `$t` the type of the elements of `$dtype`.
macro_rules! with_float {
    ($dtype:expr, $t:ident => $body:expr) => {
        match $dtype {
            candle_core::DType::F32 => {
                type $t = f32;
                $body
            }
            candle_core::DType::F64 => {
                type $t = f64;
                $body
            }
            other => Err(candle_core::Error::UnsupportedDTypeForOp(other, "layer").bt()),
        }
    };
}
pub(crate) use with_float;

/// Like [`with_float`], also for `bf16` and `f16`.
macro_rules! with_stored {
    ($dtype:expr, $t:ident => $body:expr) => {
        match $dtype {
            candle_core::DType::BF16 => {
                type $t = half::bf16;
                $body
            }
            candle_core::DType::F16 => {
                type $t = half::f16;
                $body
            }
            other => crate::layers::op::with_float!(other, $t => $body),
        }
    };
}
pub(crate) use with_stored;

/// Runs `read` on the elements of a contiguous CPU tensor.
pub(crate) fn with_elements<T: WithDType, R>(
    tensor: &Tensor,
    read: impl FnOnce(&[T]) -> Result<R>,
) -> Result<R> {
    let (storage, layout) = tensor.storage_and_layout();
    let Storage::Cpu(storage) = &*storage else {
        bail!("expected a tensor on the CPU, found one on another device")
    };
    read(elements(storage, layout)?)
}
