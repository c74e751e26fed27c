//! Squeeze and excitation: channels weighted by what the whole image holds of them.

// Builders are passed by value, as everywhere in candle.
#![expect(clippy::needless_pass_by_value)]

use candle_core::{Module, Result, Tensor};
use candle_nn::VarBuilder;
use candle_nn::ops::sigmoid;
use horesnet::layers::global_avg_pool;

use crate::complexity::Cost;
use crate::layers::{Linear, linear};

/// `xs·σ(up(relu(down(mean(xs)))))` over `[batch, height, width, channels]` (Hu et al., arXiv 1709.01507, §3).
#[derive(Clone, Debug)]
pub(super) struct Excitation {
    down: Linear,
    up: Linear,
}

impl Excitation {
    pub(super) fn new(channels: usize, reduction: usize, vb: VarBuilder) -> Result<Self> {
        let inner = squeezed(channels, reduction);
        Ok(Self {
            down: linear(channels, inner, vb.pp("down"))?,
            up: linear(inner, channels, vb.pp("up"))?,
        })
    }
}

/// What it costs. The product with the image does not say what it keeps.
pub(super) fn cost(channels: usize, reduction: usize) -> Cost {
    let inner = squeezed(channels, reduction);
    let linear = Cost::linear(channels, inner, 1).then(Cost::linear(inner, channels, 1));
    linear.then(Cost::unknown(0, 0))
}

/// The channels in between: one at least.
fn squeezed(channels: usize, reduction: usize) -> usize {
    (channels / reduction.max(1)).max(1)
}

impl Module for Excitation {
    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        let squeezed = self.down.forward(&global_avg_pool(xs)?)?.relu()?;
        let weights = sigmoid(&self.up.forward(&squeezed)?)?;
        xs.broadcast_mul(&weights.unsqueeze(1)?.unsqueeze(1)?)
    }
}
