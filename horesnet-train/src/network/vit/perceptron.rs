//! Two linear layers with GELU between them, for each token alone.

use candle_core::{Module, Result, Tensor};
use candle_nn::VarBuilder;

use crate::layers::{Linear, linear};

/// `[…, width]` to the same, through `hidden` numbers.
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
}

impl Module for Perceptron {
    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        self.second.forward(&self.first.forward(xs)?.gelu_erf()?)
    }
}
