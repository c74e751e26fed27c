//! The linear layer, in the dtype of its input.

use candle_core::{Result, Tensor, bail};
use candle_nn::{Module, VarBuilder};
use horesnet::layers::early_grad;

use crate::network::parts::cost::Cost;
use crate::network::parts::spec::Affine;

/// `[…, in]` to `[…, out]`. The weights are rounded to the dtype of the input where theirs is another.
#[derive(Clone, Debug)]
pub(crate) struct Linear(candle_nn::Linear);

/// A layer with a bias.
pub(crate) fn linear(inputs: usize, outputs: usize, vb: VarBuilder) -> Result<Linear> {
    candle_nn::linear(inputs, outputs, vb).map(Linear)
}

impl Linear {
    /// The weights, `[out, in]`.
    pub(crate) fn weight(&self) -> &Tensor {
        self.0.weight()
    }

    /// Its weights and bias.
    pub(crate) fn affine(&self) -> Result<Affine> {
        match self.0.bias() {
            Some(bias) => Ok(Affine::of(self.weight(), bias)),
            None => bail!("a linear layer without bias"),
        }
    }

    /// Its cost on `rows` rows.
    pub(crate) fn cost(&self, rows: usize) -> Cost {
        match self.weight().dims() {
            [outputs, inputs] => Cost::linear(*inputs, *outputs, rows),
            _ => Cost::unknown(0),
        }
    }
}

impl Module for Linear {
    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        let read = |variable: &Tensor| early_grad(variable)?.to_dtype(xs.dtype());
        let bias = self.0.bias().map(read).transpose()?;
        candle_nn::Linear::new(read(self.weight())?, bias).forward(xs)
    }
}
