//! The layers after the last block: the mean over pixels, and a linear layer to the classes.

use candle_core::{Module, Result, Tensor};
use candle_nn::{ModuleT, VarBuilder};
use horesnet::layers::global_avg_pool;

use crate::error;
use crate::network::Layer;
use crate::network::parts::cost::{Cost, Size};
use crate::network::parts::dropout::Dropout;
use crate::network::parts::layers::{Linear, NormActivation, linear};
use crate::network::parts::spec::ModuleSpec;
use crate::state::TrainState;

/// Global average pooling, dropout, a linear layer; before them, where blocks leave that to their successor, normalisation
/// and activation.
pub(crate) struct Head {
    channels: usize,
    norm: Option<NormActivation>,
    dropout: Dropout,
    linear: Linear,
}

impl Head {
    /// From `channels` to `classes`, under `vb`.
    pub(crate) fn new(
        norm: Option<NormActivation>,
        (channels, classes): (usize, usize),
        dropout: f64,
        state: &TrainState,
        vb: &VarBuilder,
    ) -> Result<Self> {
        Ok(Self {
            channels,
            norm,
            dropout: Dropout::new(dropout, state, vb.prefix()),
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
        // The logits have the dtype of the weights.
        let features = global_avg_pool(&ys.to_dtype(self.linear.weight().dtype())?)?;
        self.linear.forward(&self.dropout.dropout(features, train)?)
    }
}

impl Layer for Head {
    fn cost(&self, size: &mut Size) -> error::Result<Cost> {
        let numbers = self.channels * size.pixels();
        let norm = self.norm.as_ref().map(|norm| norm.cost(numbers));
        let pool = Cost::layer(0, numbers, self.channels);
        Ok({ norm.unwrap_or(Cost::NOTHING).then(pool) }.then(self.linear.cost(1)))
    }

    fn spec(&self) -> error::Result<ModuleSpec> {
        let linear = ModuleSpec::Linear(self.linear.affine()?);
        let (pool, linear) = (("pool", ModuleSpec::PixelMean), ("linear", linear));
        Ok(match &self.norm {
            None => ModuleSpec::sequence([pool, linear]),
            Some(norm) => {
                let [norm, activation] = norm.specs()?;
                ModuleSpec::sequence([("norm", norm), ("activation", activation), pool, linear])
            }
        })
    }
}
