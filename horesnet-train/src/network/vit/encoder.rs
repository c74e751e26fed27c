//! Attention, then a perceptron, each in a residual block of its own: the residual function of the block around both.

use candle_core::{Result, Tensor};
use candle_nn::{ModuleT, VarBuilder};
use horesnet::{Operand, combine, weighted_sum};

use super::VitConfig;
use super::attention::Attention;
use super::norm::{LayerNorm, Normed};
use super::perceptron::Perceptron;
use crate::nesting::Nesting;
use crate::stage::{DynBlock, StageFunction};

/// `x ↦ f(x) + g(x + f(x))`, where `f` is the increment of a block of attention and `g` that of a block of perceptrons:
/// the output of both blocks, one after the other, less the input.
pub(super) struct Encoder {
    attention: DynBlock,
    perceptron: DynBlock,
}

impl Encoder {
    pub(super) fn new(config: &VitConfig, inner: &Nesting, vb: &VarBuilder) -> Result<Self> {
        let width = config.width;
        let norm = |vb: &VarBuilder| LayerNorm::new(width, &vb.pp("norm"));
        let attention = inner.build(|place| {
            let vb = vb.pp("attention").pp(&place.name);
            let attention = Attention::new(width, config.heads, &vb)?;
            Ok(StageFunction::new(Normed::new(norm(&vb)?, attention)))
        })?;
        let perceptron = inner.build(|place| {
            let vb = vb.pp("perceptron").pp(&place.name);
            let perceptron = Perceptron::new(width, config.mlp_ratio * width, &vb)?;
            Ok(StageFunction::new(Normed::new(norm(&vb)?, perceptron)))
        })?;
        Ok(Self {
            attention,
            perceptron,
        })
    }
}

impl ModuleT for Encoder {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        let x = Operand::new(xs.clone())?;
        let first = increment(&self.attention, xs, train)?;
        let between = combine(&x, &[(1.0, &first)])?;
        let second = increment(&self.perceptron, &between, train)?;
        weighted_sum(&[(1.0, &first), (1.0, &second)])
    }
}

fn increment(block: &DynBlock, xs: &Tensor, train: bool) -> Result<Operand> {
    Operand::new(block.increment_t(block.coefficients(), xs, train)?)
}
