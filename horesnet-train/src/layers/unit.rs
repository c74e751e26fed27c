//! The pre-activation unit of residual networks: normalisation, activation, convolution.

use candle_core::{Module, Result, Tensor};
use candle_nn::{ModuleT, VarBuilder, batch_norm};
use horesnet::layers::{Conv2d, NormReluConv};

use super::norm::EPS;
use super::{Activation, Norm, NormActivation, Style};

/// `conv(activation(norm(xs)))` of `[batch, height, width, in]`.
#[derive(Clone, Debug)]
pub(crate) enum Unit {
    /// Batch normalisation and `ReLU`: nothing is written between the three.
    Fast(NormReluConv),
    Plain(NormActivation, Conv2d),
}

impl Unit {
    /// Normalises `channels` under `norm`; `conv` is a convolution of them.
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
}

impl ModuleT for Unit {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        match self {
            Self::Fast(layer) => layer.forward_t(xs, train),
            Self::Plain(norm, conv) => conv.forward(&norm.forward_t(xs, train)?),
        }
    }
}
