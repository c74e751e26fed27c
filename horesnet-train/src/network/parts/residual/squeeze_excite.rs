//! Squeeze-and-excitation: weights for channels, from their means over the image (Hu et al., arXiv 1709.01507).

use candle_core::{Module, Result, Tensor};
use candle_nn::VarBuilder;
use candle_nn::ops::sigmoid;
use horesnet::layers::global_avg_pool;

use crate::network::parts::cost::Cost;
use crate::network::parts::layers::{Linear, linear};
use crate::network::parts::spec::ModuleSpec;

/// `xs·σ(up(relu(down(mean(xs)))))` over `[batch, height, width, channels]` (§3).
#[derive(Clone, Debug)]
pub(crate) struct SqueezeExcite {
    down: Linear,
    up: Linear,
}

impl SqueezeExcite {
    /// `channels / reduction` channels in between, at least one.
    pub(crate) fn new(channels: usize, reduction: usize, vb: &VarBuilder) -> Result<Self> {
        let inner = (channels / reduction.max(1)).max(1);
        Ok(Self {
            down: linear(channels, inner, vb.pp("down"))?,
            up: linear(inner, channels, vb.pp("up"))?,
        })
    }

    pub(crate) fn spec(&self) -> Result<ModuleSpec> {
        let (down, up) = (self.down.affine()?, self.up.affine()?);
        Ok(ModuleSpec::SqueezeExcite { down, up })
    }

    /// Its cost; the product with the image does not say what it saves.
    pub(crate) fn cost(&self) -> Cost {
        let linear = self.down.cost(1).then(self.up.cost(1));
        Cost::unknown(linear.multiply_adds)
    }
}

impl Module for SqueezeExcite {
    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        let squeezed = self.down.forward(&global_avg_pool(xs)?)?.relu()?;
        let weights = sigmoid(&self.up.forward(&squeezed)?)?;
        xs.broadcast_mul(&weights.unsqueeze(1)?.unsqueeze(1)?)
    }
}
