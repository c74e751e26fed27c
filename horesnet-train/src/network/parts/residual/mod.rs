//! The residual functions of HO-ResNet: convolutions, each after a norm and an activation.
//! Basic and bottleneck forms, with optional squeeze-and-excite.
//! Must not know blocks or networks.

mod squeeze_excite;

use candle_core::{Result, Tensor};
use candle_nn::{ModuleT, VarBuilder};

use crate::choice::choice;
use crate::error;
use crate::network::parts::cost::{Cost, Size};
use crate::network::parts::layers::{Style, Unit, conv};
use crate::network::parts::spec::{ModuleSpec, Specify};

use squeeze_excite::SqueezeExcite;

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

/// Channels in and out, kernel and stride.
type Convolution = (usize, usize, usize, usize);

impl Residual {
    /// Number of convolutions.
    #[must_use]
    pub const fn layers(self) -> usize {
        match self {
            Self::Basic => 2,
            Self::Bottleneck => 3,
        }
    }

    /// Channels in and out, as a multiple of those of the inner convolutions.
    #[must_use]
    pub const fn expansion(self) -> usize {
        match self {
            Self::Basic => 1,
            Self::Bottleneck => 4,
        }
    }

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

/// The layers of residual functions: by default two 3×3 convolutions, batch normalisation and `ReLU`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResidualConfig {
    /// The convolutions.
    pub kind: Residual,
    /// The normalisation and the activation before each.
    pub style: Style,
    /// Squeeze-and-excitation after them (Hu et al., arXiv 1709.01507): the divisor of the channels in between.
    pub se: Option<usize>,
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
    squeeze_excite: Option<SqueezeExcite>,
}

impl ResidualFunction {
    /// A residual function for `[batch, height, width, channels]`.
    ///
    /// Its variables are `norm1`, `conv1`, …, and `se.down`, `se.up`.
    #[expect(clippy::needless_pass_by_value, reason = "as everywhere in candle")]
    pub fn new(channels: usize, config: &ResidualConfig, vb: VarBuilder) -> Result<Self> {
        Self::of(&config.kind.convolutions(channels), config, &vb)
    }

    /// Two 3×3 convolutions, the first to other channels with stride 2. The shape changes, so it is no residual function.
    pub(crate) fn strided(in_channels: usize, channels: usize, vb: &VarBuilder) -> Result<Self> {
        let shapes = [(in_channels, channels, 3, 2), (channels, channels, 3, 1)];
        Self::of(&shapes, &ResidualConfig::default(), vb)
    }

    fn of(shapes: &[Convolution], config: &ResidualConfig, vb: &VarBuilder) -> Result<Self> {
        let units = shapes.iter().zip(1..);
        let units = units.map(|(&(from, to, kernel, stride), number)| {
            let conv = conv(from, to, kernel, stride, vb.pp(format!("conv{number}")))?;
            Unit::new(config.style, from, vb.pp(format!("norm{number}")), conv)
        });
        let channels = shapes.last().map_or(0, |shape| shape.1);
        let se = { config.se }.map(|by| SqueezeExcite::new(channels, by, &vb.pp("se")));
        Ok(Self {
            units: units.collect::<Result<_>>()?,
            squeeze_excite: se.transpose()?,
        })
    }

    /// Its cost for images of `size`, which becomes that of the output.
    pub(crate) fn cost(&self, size: &mut Size) -> Cost {
        let units = self.units.iter().map(|unit| unit.cost(size));
        let cost = units.fold(Cost::NOTHING, Cost::then);
        let se = self.squeeze_excite.as_ref().map(SqueezeExcite::cost);
        se.map_or(cost, |se| cost.then(se))
    }
}

impl Specify for ResidualFunction {
    fn spec(&self) -> error::Result<ModuleSpec> {
        let mut layers = Vec::new();
        for (unit, number) in self.units.iter().zip(1..) {
            layers.extend(unit.specs(&number.to_string())?);
        }
        if let Some(layer) = &self.squeeze_excite {
            layers.push(("se".to_owned(), layer.spec()?));
        }
        Ok(ModuleSpec::Sequence(layers))
    }
}

impl ModuleT for ResidualFunction {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        let mut units = self.units.iter();
        let ys = units.try_fold(xs.clone(), |ys, unit| unit.forward_t(&ys, train))?;
        match &self.squeeze_excite {
            Some(layer) => layer.forward_t(&ys, train),
            None => Ok(ys),
        }
    }
}
