//! The perceptron of an encoder: two linear layers with GELU between them, for each token alone.

use candle_core::{Module, Result, Tensor};
use candle_nn::VarBuilder;

use crate::network::parts::cost::Cost;
use crate::network::parts::layers::{Linear, linear};

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

impl Module for Perceptron {
    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        self.second.forward(&self.first.forward(xs)?.gelu_erf()?)
    }
}
