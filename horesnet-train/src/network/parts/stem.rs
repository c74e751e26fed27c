//! The layers before the first block, which often have fewer pixels.

use candle_core::{Module, Result, Tensor};
use candle_nn::{ModuleT, VarBuilder};
use horesnet::layers::{Conv2d, channels_last, max_pool};

use crate::choice::choice;
use crate::error;
use crate::network::Layer;
use crate::network::parts::cost::{Cost, Size};
use crate::network::parts::layers::{NormActivation, Style, conv, conv_cost, conv_spec};
use crate::network::parts::spec::ModuleSpec;

choice! {
    /// The layers before the first block.
    Stem, "stem" {
        /// A 3×3 convolution, normalisation, activation.
        #[default]
        Plain = "plain",
        /// A 7×7 convolution of stride 2, normalisation, activation, 3×3 max pooling of stride 2 (He et al., arXiv 1512.03385).
        ImageNet = "imagenet",
        /// Three 3×3 convolutions in place of the 7×7, the first of stride 2, the first two of half the channels (He et al.,
        /// arXiv 1812.01187, ResNet-C, on which ResNet-D and ResNet-RS build).
        ResNetD = "resnet-d",
    }
}

impl Stem {
    /// Kernel, channels in and channels out of each convolution.
    fn convolutions(self, from: usize, to: usize) -> Vec<(usize, usize, usize)> {
        let half = (to / 2).max(1);
        match self {
            Self::Plain => vec![(3, from, to)],
            Self::ImageNet => vec![(7, from, to)],
            Self::ResNetD => vec![(3, from, half), (3, half, half), (3, half, to)],
        }
    }

    /// The channels that are normalised.
    pub(crate) fn normalised(self, to: usize) -> impl Iterator<Item = usize> {
        self.convolutions(1, to).into_iter().map(|(_, _, to)| to)
    }
}

/// Kernel, stride and padding of the pooling.
const POOL: [usize; 3] = [3, 2, 1];

/// The layers of a stem, from `[batch, channels, height, width]` to channels last.
pub(crate) struct StemLayers {
    convolutions: Vec<(Conv2d, NormActivation)>,
    pooled: bool,
}

impl StemLayers {
    /// From `from` channels to `to`; `stride` is that of a plain stem.
    pub(crate) fn new(
        stem: Stem,
        (from, to): (usize, usize),
        stride: usize,
        style: Style,
        vb: &VarBuilder,
    ) -> Result<Self> {
        let pooled = stem != Stem::Plain;
        let convolutions = stem.convolutions(from, to);
        let count = convolutions.len();
        let made = convolutions.into_iter().zip(1..);
        let made = made.map(|((kernel, from, to), number)| {
            let stride = match number {
                1 if pooled => 2,
                1 => stride,
                _ => 1,
            };
            let number = number_of(number, count);
            let name = |layer: &str| vb.pp(format!("{layer}{number}"));
            let conv = conv(from, to, kernel, stride, name("conv"))?;
            Ok((conv.into(), NormActivation::new(style, to, name("norm"))?))
        });
        Ok(Self {
            convolutions: made.collect::<Result<_>>()?,
            pooled,
        })
    }
}

/// The number in the names of a convolution's weights; a single convolution has none.
fn number_of(number: usize, count: usize) -> String {
    if count > 1 {
        number.to_string()
    } else {
        String::new()
    }
}

impl ModuleT for StemLayers {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        let mut ys = channels_last(xs)?;
        for (conv, norm) in &self.convolutions {
            ys = norm.forward_t(&conv.forward(&ys)?, train)?;
        }
        if self.pooled {
            let [kernel, stride, padding] = POOL;
            ys = max_pool(&ys, kernel, stride, padding)?;
        }
        Ok(ys)
    }
}

impl Layer for StemLayers {
    fn cost(&self, size: &mut Size) -> error::Result<Cost> {
        let mut cost = Cost::NOTHING;
        for (conv, norm) in &self.convolutions {
            cost = cost.then(conv_cost(conv, size));
            let channels = conv.layer().weight().dims().first().copied();
            cost = cost.then(norm.cost(channels.unwrap_or_default() * size.pixels()));
        }
        if self.pooled {
            *size = size.strided(2);
            // Pooling saves its input and the places of the maxima.
            cost = cost.then(Cost::unknown(0));
        }
        Ok(cost)
    }

    fn spec(&self) -> error::Result<ModuleSpec> {
        let mut layers = Vec::new();
        for ((conv, norm), number) in self.convolutions.iter().zip(1..) {
            let number = number_of(number, self.convolutions.len());
            let [norm, activation] = norm.specs()?;
            let conv = conv_spec(conv);
            let named = [("conv", conv), ("norm", norm), ("activation", activation)];
            layers.extend(named.map(|(name, spec)| (format!("{name}{number}"), spec)));
        }
        if self.pooled {
            let [kernel, stride, padding] = POOL;
            let pool = ModuleSpec::MaxPool {
                kernel,
                stride,
                padding,
            };
            layers.push(("pool".to_owned(), pool));
        }
        Ok(ModuleSpec::Sequence(layers))
    }
}
