//! The perceptron of an encoder: two linear layers with GELU between them, for each token alone.

use candle_core::{Module, Result, Tensor};
use candle_nn::VarBuilder;

use crate::error;
use crate::network::parts::cost::Cost;
use crate::network::parts::layers::{Linear, linear};
use crate::network::parts::spec::{ModuleSpec, Specify};

/// A perceptron over `[…, width]`; the shape stays.
pub(super) struct Perceptron {
    first: Linear,
    second: Linear,
}

impl Perceptron {
    pub(super) fn new(width: usize, hidden: usize, vb: &VarBuilder) -> Result<Self> {
        Ok(Self {
            first: linear(width, hidden, vb.pp("first"))?,
            second: linear(hidden, width, vb.pp("second"))?,
        })
    }

    /// Its cost for so many tokens.
    pub(super) fn cost(&self, tokens: usize) -> Cost {
        self.first.cost(tokens).then(self.second.cost(tokens))
    }
}

impl Specify for Perceptron {
    fn spec(&self) -> error::Result<ModuleSpec> {
        Ok(ModuleSpec::sequence([
            ("first", ModuleSpec::Linear(self.first.affine()?)),
            ("activation", ModuleSpec::Gelu),
            ("second", ModuleSpec::Linear(self.second.affine()?)),
        ]))
    }
}

impl Module for Perceptron {
    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        self.second.forward(&self.first.forward(xs)?.gelu_erf()?)
    }
}
