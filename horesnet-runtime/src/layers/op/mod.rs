//! What the ops of layers share: the state of a normalisation, access to elements, the way back through a norm.

pub(crate) mod convolve;
pub(crate) mod relu;

use candle_core::{DType, Result, Storage, Tensor, bail};
use rayon::prelude::*;

use super::cpu::float::{Float, elements};
use super::cpu::norm::{Channels, WayBack};
use super::cpu::piece;
use crate::autograd::GradNode;
use crate::combine::{Isa, Kernel};

/// The state of a normalisation for one input.
#[derive(Clone, Debug)]
pub(crate) struct Normal {
    pub(crate) mean: Vec<f64>,
    /// `1/√(variance + ε)`.
    pub(crate) inverse: Vec<f64>,
    /// Whether these are statistics of the input itself.
    pub(crate) batch: bool,
}

impl Normal {
    pub(crate) fn channels<T: Float>(&self, affine: &[T]) -> Result<Channels<T>> {
        let count = self.mean.len();
        if affine.len() != 2 * count {
            bail!(
                "a normalisation of {count} channels has {} weights and biases",
                affine.len()
            )
        }
        let (weight, bias) = affine.split_at(count);
        Ok(Channels::new(&self.mean, &self.inverse, weight, bias))
    }
}

/// What an op reads, and the handle for its gradient if candle tracks it.
pub(crate) struct Source {
    pub(crate) xs: Tensor,
    handle: Option<GradNode>,
}

impl Source {
    pub(crate) fn of(xs: &Tensor) -> Result<Self> {
        Ok(Self {
            xs: xs.clone(),
            handle: GradNode::of(xs)?,
        })
    }

    /// What stands for it in candle's graph.
    pub(crate) fn node(&self) -> Result<Tensor> {
        match &self.handle {
            Some(handle) => Ok(handle.node.clone()),
            None => Tensor::zeros((), DType::F32, self.xs.device()),
        }
    }

    /// Leaves a gradient on behalf of the op that has yielded `node`, and returns what the op has to say of it to candle.
    pub(crate) fn deposit(&self, node: &Tensor, gradient: Tensor) -> Result<Option<Tensor>> {
        let Some(handle) = &self.handle else {
            return Ok(None);
        };
        handle.accumulator.push(node.id(), 1.0, gradient);
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

/// Runs `read` on the elements of a contiguous CPU tensor.
pub(crate) fn with_elements<T: Float, R>(
    tensor: &Tensor,
    read: impl FnOnce(&[T]) -> Result<R>,
) -> Result<R> {
    let (storage, layout) = tensor.storage_and_layout();
    let Storage::Cpu(storage) = &*storage else {
        bail!("a layer on the CPU was given a tensor of another device")
    };
    read(elements(storage, layout)?)
}

/// Takes masked gradients back through a norm, in parallel.
pub(crate) fn go_back<T: Float>(xs: &[T], gradients: &mut [T], way: &WayBack<T>) {
    let piece = piece(way.count());
    let pieces = gradients.par_chunks_mut(piece);
    pieces
        .zip(xs.par_chunks(piece))
        .for_each(|(gradients, xs)| {
            Isa::best().run(GoBack { way, xs, gradients });
        });
}

struct GoBack<'a, T> {
    way: &'a WayBack<T>,
    xs: &'a [T],
    gradients: &'a mut [T],
}

impl<T: Float> Kernel for GoBack<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        self.way.apply::<FUSED>(self.xs, self.gradients);
    }
}
