//! What comes after the last block: the mean over pixels, and a linear layer to the classes.

// Builders are passed by value, as everywhere in candle.
#![expect(clippy::needless_pass_by_value)]

use candle_core::{Result, Tensor};
use candle_nn::{Linear, Module, ModuleT, VarBuilder, linear};
use horesnet::layers::global_avg_pool;

use crate::chance::Chance;
use crate::layers::NormActivation;
use crate::moment::Moment;

/// Global average pooling, dropout, a linear layer; before them, where blocks leave that to their successor, normalisation
/// and activation.
pub(crate) struct Head {
    norm: Option<NormActivation>,
    dropout: Chance,
    linear: Linear,
}

impl Head {
    /// From `channels` to `classes`, under `vb`.
    pub(crate) fn new(
        norm: Option<NormActivation>,
        (channels, classes): (usize, usize),
        dropout: f64,
        moment: &Moment,
        vb: VarBuilder,
    ) -> Result<Self> {
        Ok(Self {
            norm,
            dropout: Chance::new(dropout, moment, vb.prefix()),
            linear: linear(channels, classes, vb.pp("linear"))?,
        })
    }
}

impl ModuleT for Head {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        let ys = match &self.norm {
            Some(norm) => norm.forward_t(xs, train)?,
            None => xs.clone(),
        };
        // The logits are of the type of the weights.
        let features = global_avg_pool(&ys.to_dtype(self.linear.weight().dtype())?)?;
        let features = if train {
            self.dropout.elements(&features)?
        } else {
            features
        };
        self.linear.forward(&features)
    }
}
