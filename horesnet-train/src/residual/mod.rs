//! The residual functions of HO-ResNet: convolutions, normalisation and activation before each.

// Builders are passed by value, as everywhere in candle.
#![expect(clippy::needless_pass_by_value)]

mod excitation;

use candle_core::{Result, Tensor};
use candle_nn::{ModuleT, VarBuilder};

use crate::choice::choice;
use crate::complexity::Cost;
use crate::layers::{Style, Unit, conv};

use excitation::Excitation;

choice! {
    /// The convolutions of a residual function.
    Residual, "residual function" {
        /// Two of 3×3: `F(x) = conv(act(norm(conv(act(norm(x))))))`.
        #[default]
        Basic = "basic",
        /// 1×1 to a quarter of the channels, 3×3 there, 1×1 back (He et al., arXiv 1603.05027).
        Bottleneck = "bottleneck",
    }
}

impl Residual {
    /// How many convolutions it has.
    #[must_use]
    pub const fn layers(self) -> usize {
        match self {
            Self::Basic => 2,
            Self::Bottleneck => 3,
        }
    }

    /// How many times as many channels go in and out as its inner convolutions have.
    #[must_use]
    pub const fn expansion(self) -> usize {
        match self {
            Self::Basic => 1,
            Self::Bottleneck => 4,
        }
    }
}

/// Channels in and out, kernel and stride.
type Convolution = (usize, usize, usize, usize);

impl Residual {
    fn convolutions(self, channels: usize) -> Vec<Convolution> {
        let inner = channels / self.expansion();
        match self {
            Self::Basic => vec![(channels, channels, 3, 1); 2],
            Self::Bottleneck => vec![
                (channels, inner, 1, 1),
                (inner, inner, 3, 1),
                (inner, channels, 1, 1),
            ],
        }
    }
}

/// What residual functions are made of. By default two 3×3 convolutions, batch normalisation and `ReLU`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResidualConfig {
    /// The convolutions.
    pub kind: Residual,
    /// The normalisation and the activation before each.
    pub style: Style,
    /// Squeeze and excitation after them (Hu et al., arXiv 1709.01507): the channels are divided by this number in between.
    pub se: Option<usize>,
}

impl ResidualConfig {
    /// What a residual function costs for images of so many pixels.
    pub(crate) fn cost(&self, channels: usize, pixels: usize) -> Cost {
        let convolutions = self.kind.convolutions(channels).into_iter();
        let units = convolutions.map(|(from, to, kernel, _)| {
            self.style.unit_cost(kernel, [from, to], [pixels, pixels])
        });
        let cost = units.fold(Cost::NOTHING, Cost::then);
        match self.se {
            Some(reduction) => cost.then(excitation::cost(channels, reduction)),
            None => cost,
        }
    }
}

/// `F(x)` of the same shape as `x`: one stage of a block.
///
/// Images are `[batch, height, width, channels]`. Convolutions have no biases.
///
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use candle_nn::ModuleT;
/// use horesnet_train::{Residual, ResidualConfig, ResidualFunction, Variables};
///
/// let variables = Variables::seeded(0);
/// let vb = variables.builder(DType::F32, &Device::Cpu);
/// let config = ResidualConfig { kind: Residual::Bottleneck, se: Some(16), ..ResidualConfig::default() };
/// let function = ResidualFunction::new(32, &config, vb)?;
/// let xs = Tensor::ones((2, 5, 5, 32), DType::F32, &Device::Cpu)?;
/// assert_eq!(function.forward_t(&xs, true)?.dims(), [2, 5, 5, 32]);
/// # Ok::<(), candle_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ResidualFunction {
    units: Vec<Unit>,
    excitation: Option<Excitation>,
}

impl ResidualFunction {
    /// A residual function for `[batch, height, width, channels]`.
    ///
    /// Names are `norm1`, `conv1`, …, and `se.down`, `se.up`.
    pub fn new(channels: usize, config: &ResidualConfig, vb: VarBuilder) -> Result<Self> {
        Self::of(&config.kind.convolutions(channels), config, vb)
    }

    /// Two 3×3 convolutions, the first of them to other channels, with a stride: no residual function, for the shape of what
    /// comes out differs.
    pub(crate) fn strided(
        in_channels: usize,
        channels: usize,
        stride: usize,
        vb: VarBuilder,
    ) -> Result<Self> {
        let shapes = [
            (in_channels, channels, 3, stride),
            (channels, channels, 3, 1),
        ];
        Self::of(&shapes, &ResidualConfig::default(), vb)
    }

    fn of(shapes: &[Convolution], config: &ResidualConfig, vb: VarBuilder) -> Result<Self> {
        let numbered = shapes.iter().enumerate();
        let units = numbered.map(|(index, &(from, to, kernel, stride))| {
            let conv = conv(
                from,
                to,
                kernel,
                stride,
                vb.pp(format!("conv{}", index + 1)),
            )?;
            Unit::new(
                config.style,
                from,
                vb.pp(format!("norm{}", index + 1)),
                conv,
            )
        });
        let channels = shapes.last().map_or(0, |shape| shape.1);
        Ok(Self {
            units: units.collect::<Result<_>>()?,
            excitation: match config.se {
                Some(reduction) => Some(Excitation::new(channels, reduction, vb.pp("se"))?),
                None => None,
            },
        })
    }
}

impl ModuleT for ResidualFunction {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        let mut ys = xs.clone();
        for unit in &self.units {
            ys = unit.forward_t(&ys, train)?;
        }
        match &self.excitation {
            Some(excitation) => excitation.forward_t(&ys, train),
            None => Ok(ys),
        }
    }
}
