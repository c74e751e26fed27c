//! The pre-activation unit of residual networks: normalisation, activation, convolution.

use candle_core::{Module, Result, Tensor};
use candle_nn::{ModuleT, VarBuilder, batch_norm};
use horesnet::layers::{Conv2d, NormReluConv};

use crate::network::parts::cost::{Cost, Size};
use crate::network::parts::layers::norm::EPS;
use crate::network::parts::layers::{
    Activation, Norm, NormActivation, Style, conv_cost, conv_spec,
};
use crate::network::parts::spec::ModuleSpec;

/// `conv(activation(norm(xs)))` of `[batch, height, width, in]`.
#[derive(Clone, Debug)]
pub(crate) enum Unit {
    /// Batch norm and `ReLU`, fused with the convolution.
    Fast(NormReluConv),
    Plain(NormActivation, Conv2d),
}

impl Unit {
    /// Normalises `channels` under `norm`, then applies `conv`.
    pub(crate) fn new(
        style: Style,
        channels: usize,
        norm: VarBuilder,
        conv: candle_nn::Conv2d,
    ) -> Result<Self> {
        Ok(match (style.norm, style.activation) {
            (Norm::Batch, Activation::Relu) => {
                Self::Fast(NormReluConv::new(batch_norm(channels, EPS, norm)?, conv))
            }
            _ => Self::Plain(NormActivation::new(style, channels, norm)?, conv.into()),
        })
    }

    /// Its layers by name; `number` follows each name.
    pub(crate) fn specs(&self, number: &str) -> Result<[(String, ModuleSpec); 3]> {
        let ([norm, activation], conv) = match self {
            Self::Fast(layer) => {
                let norm = ModuleSpec::batch_norm(layer.norm().layer())?;
                ([norm, ModuleSpec::Relu], layer.conv())
            }
            Self::Plain(norm, conv) => (norm.specs()?, conv),
        };
        let conv = conv_spec(conv);
        let named = [("norm", norm), ("activation", activation), ("conv", conv)];
        Ok(named.map(|(name, spec)| (format!("{name}{number}"), spec)))
    }

    /// Its cost for images of `size`, which becomes that of the output.
    pub(crate) fn cost(&self, size: &mut Size) -> Cost {
        match self {
            Self::Fast(layer) => conv_cost(layer.conv(), size),
            Self::Plain(_, conv) => Cost::unknown(conv_cost(conv, size).multiply_adds),
        }
    }
}

impl ModuleT for Unit {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        match self {
            Self::Fast(layer) => layer.forward_t(xs, train),
            Self::Plain(norm, conv) => conv.forward(&norm.forward_t(xs, train)?),
        }
    }
}
