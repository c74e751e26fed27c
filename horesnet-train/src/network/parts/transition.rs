//! The layers between groups of blocks, which change channels and resolution: not Runge–Kutta steps.

use candle_core::{Module, Result, Tensor};
use candle_nn::{ModuleT, VarBuilder};
use horesnet::layers::Conv2d;

use crate::choice::choice;
use crate::error;
use crate::network::Layer;
use crate::network::parts::cost::{Cost, Size};
use crate::network::parts::layers::{NormActivation, Style, Unit, conv, conv_cost, conv_spec};
use crate::network::parts::spec::ModuleSpec;

choice! {
    /// The layers between groups of blocks.
    Transition, "transition" {
        /// Normalisation, activation, a 3×3 convolution of stride 2.
        #[default]
        Plain = "plain",
        /// Normalisation, activation, 2×2 mean, a 1×1 convolution, which ignores no pixel (He et al., arXiv 1812.01187).
        ResNetD = "resnet-d",
    }
}

/// The layers of a transition.
pub(crate) enum TransitionLayers {
    Unit(Unit),
    Pooled(NormActivation, Conv2d),
}

impl TransitionLayers {
    /// Halves height and width, rounded up; with `None`, a 1×1 convolution changes the channels alone.
    pub(crate) fn new(
        transition: Option<Transition>,
        from: usize,
        to: usize,
        style: Style,
        vb: &VarBuilder,
    ) -> Result<Self> {
        let (norm, name) = (vb.pp("norm"), vb.pp("conv"));
        let is_plain = transition == Some(Transition::Plain);
        let (kernel, stride) = if is_plain { (3, 2) } else { (1, 1) };
        let conv = conv(from, to, kernel, stride, name)?;
        Ok(if transition == Some(Transition::ResNetD) {
            Self::Pooled(NormActivation::new(style, from, norm)?, conv.into())
        } else {
            Self::Unit(Unit::new(style, from, norm, conv)?)
        })
    }
}

impl ModuleT for TransitionLayers {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        match self {
            Self::Unit(unit) => unit.forward_t(xs, train),
            Self::Pooled(norm, conv) => conv.forward(&mean2x2(&norm.forward_t(xs, train)?)?),
        }
    }
}

impl Layer for TransitionLayers {
    fn cost(&self, size: &mut Size) -> error::Result<Cost> {
        Ok(match self {
            Self::Unit(unit) => unit.cost(size),
            Self::Pooled(_, conv) => {
                *size = size.strided(2);
                Cost::unknown(conv_cost(conv, size).multiply_adds)
            }
        })
    }

    fn spec(&self) -> error::Result<ModuleSpec> {
        Ok(match self {
            Self::Unit(unit) => ModuleSpec::Sequence(unit.specs("")?.into()),
            Self::Pooled(norm, conv) => {
                let [norm, activation] = norm.specs()?;
                ModuleSpec::sequence([
                    ("norm", norm),
                    ("activation", activation),
                    ("pool", ModuleSpec::MeanPool),
                    ("conv", conv_spec(conv)),
                ])
            }
        })
    }
}

/// The mean of each 2×2 pixels of `[batch, height, width, channels]`; at an odd edge, of fewer.
fn mean2x2(xs: &Tensor) -> Result<Tensor> {
    windows2x2(xs)?.mean((2, 4))
}

/// `[batch, height, width, channels]` to `[batch, ⌈height/2⌉, 2, ⌈width/2⌉, 2, channels]`; odd edges are repeated.
pub(crate) fn windows2x2(xs: &Tensor) -> Result<Tensor> {
    let (batch, height, width, channels) = xs.dims4()?;
    let even = xs
        .pad_with_same(1, 0, height % 2)?
        .pad_with_same(2, 0, width % 2)?;
    let (height, width) = (height.div_ceil(2), width.div_ceil(2));
    even.contiguous()?
        .reshape(&[batch, height, 2, width, 2, channels][..])
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Result, Tensor};

    use super::mean2x2;

    #[test]
    fn means_at_an_odd_edge_are_of_fewer_pixels() -> Result<()> {
        let xs = Tensor::arange(0.0, 15.0, &Device::Cpu)?.reshape((1, 3, 5, 1))?;
        let ys = mean2x2(&xs)?;
        assert_eq!(ys.dims(), [1, 2, 3, 1]);
        let ys = ys.flatten_all()?.to_vec1::<f64>()?;
        assert_eq!(ys, [3.0, 5.0, 6.5, 10.5, 12.5, 14.0]);
        Ok(())
    }
}
