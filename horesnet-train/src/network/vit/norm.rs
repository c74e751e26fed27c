//! Layer normalisation, and layers after one.

use candle_core::{Module, Result, Tensor};
use candle_nn::ops::layer_norm_slow;
use candle_nn::{Init, ModuleT, VarBuilder};
use horesnet::layers::early_grad;

use crate::error;
use crate::network::parts::spec::{Affine, ModuleSpec, Specify};
use crate::precision::in_dtype;

/// Added to variances before their roots are taken.
const EPS: f32 = 1e-5;

/// Normalises each token of `[…, width]` to mean 0 and variance 1; a weight and a bias follow.
pub(super) struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
}

impl LayerNorm {
    pub(super) fn new(width: usize, vb: &VarBuilder) -> Result<Self> {
        Ok(Self {
            weight: vb.get_with_hints(width, "weight", Init::Const(1.0))?,
            bias: vb.get_with_hints(width, "bias", Init::Const(0.0))?,
        })
    }

    pub(super) fn spec(&self) -> ModuleSpec {
        ModuleSpec::LayerNorm {
            affine: Affine::of(&self.weight, &self.bias),
            eps: EPS.into(),
        }
    }
}

impl Module for LayerNorm {
    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        // `candle_nn::LayerNorm` has a fast path without a backward pass: gradients would end there.
        in_dtype(xs, self.weight.dtype(), |xs| {
            layer_norm_slow(
                xs,
                &early_grad(&self.weight)?,
                &early_grad(&self.bias)?,
                EPS,
            )
        })
    }
}

/// `layer(norm(x))`: a residual function.
pub(super) struct Normed<M> {
    pub(super) norm: LayerNorm,
    pub(super) layer: M,
}

impl<M: Specify> Specify for Normed<M> {
    /// Weights of `layer` have no prefix, so its layers stand beside the norm.
    fn spec(&self) -> error::Result<ModuleSpec> {
        let mut layers = vec![("norm".to_owned(), self.norm.spec())];
        match self.layer.spec()? {
            ModuleSpec::Sequence(rest) => layers.extend(rest),
            single => layers.push(("layer".to_owned(), single)),
        }
        Ok(ModuleSpec::Sequence(layers))
    }
}

impl<M: Module> ModuleT for Normed<M> {
    fn forward_t(&self, xs: &Tensor, _: bool) -> Result<Tensor> {
        self.layer.forward(&self.norm.forward(xs)?)
    }
}
