//! The same layers out of candle's own, for devices and shapes that the fast ones do not cover.

use candle_core::{Result, Tensor};
use candle_nn::{BatchNorm, Conv2d, Module, ModuleT};

use super::{channels_first, channels_last};

/// `conv(xs)`, channels last.
pub(crate) fn conv(layer: &Conv2d, xs: &Tensor) -> Result<Tensor> {
    channels_last(&layer.forward(&channels_first(xs)?)?)
}

/// `relu(norm(xs))`, channels last.
pub(crate) fn norm_relu(norm: &BatchNorm, xs: &Tensor, train: bool) -> Result<Tensor> {
    channels_last(&norm.forward_t(&channels_first(xs)?, train)?.relu()?)
}
