//! What comes before the first block: from the channels of images to those of blocks, and often to fewer pixels.

// Builders are passed by value, as everywhere in candle.
#![expect(clippy::needless_pass_by_value)]

use candle_core::{Module, Result, Tensor};
use candle_nn::{ModuleT, VarBuilder};
use horesnet::layers::{Conv2d, max_pool};

use super::costs::Size;
use crate::choice::choice;
use crate::complexity::Cost;
use crate::layers::{NormActivation, Style, conv};

choice! {
    /// The layers before the first block.
    Stem, "stem" {
        /// A 3×3 convolution, normalisation, activation.
        #[default]
        Plain = "plain",
        /// A 7×7 convolution of stride 2, normalisation, activation, 3×3 max pooling of stride 2 (He et al., arXiv 1512.03385).
        ImageNet = "imagenet",
        /// The same with three 3×3 convolutions in place of the 7×7, the first of stride 2, the first two of half the channels
        /// (He et al., arXiv 1812.01187, ResNet-C, which ResNet-D and ResNet-RS build on).
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

    /// What it costs from `from` channels to `to`, and the size that images of `size` have after it; `stride` is that of a
    /// plain stem.
    pub(super) fn cost(
        self,
        (from, to): (usize, usize),
        stride: usize,
        style: Style,
        mut size: Size,
    ) -> (Cost, Size) {
        let mut cost = Cost::NOTHING;
        let mut stride = if self == Self::Plain { stride } else { 2 };
        for (kernel, from, to) in self.convolutions(from, to) {
            let before = size.pixels();
            size = size.strided(std::mem::replace(&mut stride, 1));
            let conv = Cost::conv(kernel, [from, to], [before, size.pixels()]);
            cost = cost.then(conv).then(style.cost(to, size.pixels()));
        }
        if self == Self::Plain {
            return (cost, size);
        }
        // Pooling keeps its input and where the largest were.
        (cost.then(Cost::unknown(0, 0)), size.strided(2))
    }
}

/// The layers of a stem.
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
        vb: VarBuilder,
    ) -> Result<Self> {
        let convolutions = stem.convolutions(from, to);
        // A single convolution needs no number.
        let several = convolutions.len() > 1;
        let first = if stem == Stem::Plain { stride } else { 2 };
        let numbered = convolutions.into_iter().enumerate();
        let made = numbered.map(|(index, (kernel, from, to))| {
            let number = if several {
                (index + 1).to_string()
            } else {
                String::new()
            };
            let stride = if index == 0 { first } else { 1 };
            let conv = conv(from, to, kernel, stride, vb.pp(format!("conv{number}")))?;
            let norm = NormActivation::new(style, to, vb.pp(format!("norm{number}")))?;
            Ok((conv.into(), norm))
        });
        Ok(Self {
            convolutions: made.collect::<Result<_>>()?,
            pooled: stem != Stem::Plain,
        })
    }
}

impl ModuleT for StemLayers {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        let mut ys = xs.clone();
        for (conv, norm) in &self.convolutions {
            ys = norm.forward_t(&conv.forward(&ys)?, train)?;
        }
        if self.pooled {
            max_pool(&ys, 3, 2, 1)
        } else {
            Ok(ys)
        }
    }
}
