//! An encoder: attention, then a perceptron, each in a residual block of its own.

use candle_core::{Module, Result, Tensor};
use candle_nn::{ModuleT, VarBuilder};
use horesnet::{Operand, combine, weighted_sum};

use super::VitConfig;
use super::attention::Attention;
use super::norm::{LayerNorm, Normed};
use super::perceptron::Perceptron;
use crate::error;
use crate::network::nested_block::NestedBlock;
use crate::network::nesting::Nesting;
use crate::network::parts::cost::Cost;
use crate::network::parts::spec::{ModuleSpec, Specify};
use crate::network::parts::stage::StageFunction;
use crate::network::shapes::Shapes;
use crate::state::TrainState;

/// The residual function `x ↦ f(x) + g(x + f(x))`, where `f` is the increment of the block of attention and `g` that of the
/// block of perceptrons.
pub(super) struct Encoder {
    attention: NestedBlock,
    perceptron: NestedBlock,
}

impl Encoder {
    pub(super) fn new(
        config: &VitConfig,
        inner: &Nesting,
        state: &TrainState,
        vb: &VarBuilder,
    ) -> Result<Self> {
        let scheme = (inner, config.width, state);
        let (attention, perceptron) = (vb.pp("attention"), vb.pp("perceptron"));
        Ok(Self {
            attention: block(scheme, &attention, |vb| config.attention(vb))?,
            perceptron: block(scheme, &perceptron, |vb| config.perceptron(vb))?,
        })
    }
}

impl VitConfig {
    fn attention(&self, vb: &VarBuilder) -> Result<Attention> {
        Attention::new(self.width, self.heads, vb)
    }

    fn perceptron(&self, vb: &VarBuilder) -> Result<Perceptron> {
        Perceptron::new(self.width, self.mlp_ratio * self.width, vb)
    }

    /// The cost of an encoder for so many tokens. Its norms do not say what they save.
    pub(super) fn encoder_cost(&self, inner: &Nesting, tokens: usize) -> error::Result<Cost> {
        let (vb, state) = (Shapes::default().builder(), tokens * self.width);
        let attention = self.attention(&vb)?.cost(tokens, self.width);
        let perceptron = Cost::unknown(self.perceptron(&vb)?.cost(tokens).multiply_adds);
        Ok(Cost::increment(inner, state, attention)?
            .then(Cost::increment(inner, state, perceptron)?))
    }
}

impl Specify for Encoder {
    fn spec(&self) -> error::Result<ModuleSpec> {
        Ok(ModuleSpec::Encoder {
            attention: self.attention.spec(&1.0)?,
            perceptron: self.perceptron.spec(&1.0)?,
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

/// A block of a layer after a norm.
fn block<M: Module + Specify + Send + Sync + 'static>(
    (scheme, width, state): (&Nesting, usize, &TrainState),
    vb: &VarBuilder,
    layer: impl Fn(&VarBuilder) -> Result<M>,
) -> Result<NestedBlock> {
    NestedBlock::new(scheme, |position| {
        let vb = vb.pp(&position.name);
        let (norm, layer) = (LayerNorm::new(width, &vb.pp("norm"))?, layer(&vb)?);
        let function = StageFunction::specified(Normed { norm, layer });
        Ok(function.recomputable(&vb.prefix(), state))
    })
}

fn increment(block: &NestedBlock, xs: &Tensor, train: bool) -> Result<Operand> {
    Operand::new(block.forward_t(xs, train)?)
}
