//! Multi-head self-attention (Vaswani et al. 2017).

use candle_core::{D, DType, Module, Result, Tensor};
use candle_nn::VarBuilder;
use candle_nn::ops::softmax;

use crate::error;
use crate::network::parts::cost::Cost;
use crate::network::parts::layers::{Linear, linear};
use crate::network::parts::spec::{ModuleSpec, Specify};
use crate::precision::in_dtype;

/// Attention over `[batch, tokens, width]`; the shape stays.
pub(super) struct Attention {
    heads: usize,
    query_key_value: Linear,
    output: Linear,
}

impl Attention {
    /// `heads` divides `width`.
    pub(super) fn new(width: usize, heads: usize, vb: &VarBuilder) -> Result<Self> {
        Ok(Self {
            heads,
            query_key_value: linear(width, 3 * width, vb.pp("query_key_value"))?,
            output: linear(width, width, vb.pp("output"))?,
        })
    }

    /// Its cost for an image of so many tokens of `width` numbers.
    pub(super) fn cost(&self, tokens: usize, width: usize) -> Cost {
        // Queries with keys, and their softmax with values.
        let products = Cost::unknown(2 * (tokens * tokens * width) as u64);
        let linear = self.query_key_value.cost(tokens);
        linear.then(products).then(self.output.cost(tokens))
    }
}

impl Specify for Attention {
    fn spec(&self) -> error::Result<ModuleSpec> {
        let (heads, width) = (self.heads, self.output.weight().dims2()?.0);
        let input = ModuleSpec::Linear(self.query_key_value.affine()?);
        Ok(ModuleSpec::sequence([
            ("query_key_value", input),
            ("attention", ModuleSpec::Attention { heads, width }),
            ("output", ModuleSpec::Linear(self.output.affine()?)),
        ]))
    }
}

impl Module for Attention {
    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        let (batch, tokens, width) = xs.dims3()?;
        let size = width / self.heads;
        let all = self.query_key_value.forward(xs)?;
        let all = all.reshape((batch, tokens, 3, self.heads, size))?;
        let all = all.permute((2, 0, 3, 1, 4))?.contiguous()?;
        let (query, key, value) = (all.get(0)?, all.get(1)?, all.get(2)?);
        let scores = (query.matmul(&key.t()?)? / (size as f64).sqrt())?;
        let dtype = match scores.dtype() {
            DType::F16 | DType::BF16 => DType::F32,
            wide => wide,
        };
        let weights = in_dtype(&scores, dtype, |scores| softmax(scores, D::Minus1))?;
        let means = weights.matmul(&value)?;
        let means = means.transpose(1, 2)?.reshape((batch, tokens, width))?;
        self.output.forward(&means)
    }
}
