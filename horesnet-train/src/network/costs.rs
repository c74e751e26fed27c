//! What the parts of convolutional networks cost, and how many parameters they have, without building them.

use super::functions::Functions;
use super::{CfResNetConfig, HoResNetConfig, Stem};
use crate::complexity::{Cost, Part, total};
use crate::error::{Error, Result};
use crate::layers::Style;
use crate::nesting::Nesting;
use crate::residual::ResidualConfig;

/// Height and width of images.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    height: usize,
    width: usize,
}

impl Size {
    pub(super) fn pixels(self) -> usize {
        self.height * self.width
    }

    /// After a layer of that stride.
    pub(super) fn strided(self, stride: usize) -> Self {
        Self {
            height: self.height.div_ceil(stride),
            width: self.width.div_ceil(stride),
        }
    }
}

impl HoResNetConfig {
    /// The number of trained scalars.
    ///
    /// With 3×3 convolutions, and two scalars a channel in each normalisation: `9·in·w₁ + 2w₁` for a plain stem,
    /// `2(9w² + 2w)` for each basic residual function, `2w + 9ww′` for each plain transition, `2w + (w + 1)·classes` for
    /// the head.
    pub fn parameters(&self) -> Result<usize> {
        let parts = self.costs([self.in_channels, 1, 1])?;
        Ok(total(&parts).parameters as usize)
    }

    /// See [`Describe::parts`](super::Describe::parts).
    pub(super) fn costs(&self, image: [usize; 3]) -> Result<Vec<Part>> {
        let size = fitting(image, self.in_channels)?;
        let config = self.settled()?;
        let (nesting, style, residual) = (config.nesting()?, config.style(), config.residual());
        let mut channels = config.stem_channels();
        let ends = (config.in_channels, channels);
        let (stem, mut size) = config.stem.cost(ends, config.stem_stride, style, size);
        let mut parts = vec![Part::new("stem", stem)];
        for (index, (&width, &blocks)) in std::iter::zip(&config.widths, &config.blocks).enumerate()
        {
            let group = format!("group{}", index + 1);
            let before = size.pixels();
            if index > 0 {
                size = size.strided(2);
                let kind = config.transition;
                let cost = kind.cost([channels, width], [before, size.pixels()], style);
                parts.push(Part::new(format!("{group}.transition"), cost));
            } else if channels != width {
                let cost = style.unit_cost(1, [channels, width], [before, before]);
                parts.push(Part::new(format!("{group}.transition"), cost));
            }
            channels = width;
            let function = residual.cost(width, size.pixels());
            let state = width * size.pixels();
            let learned = config.coefficients.learned(nesting.tableau());
            let block = if config.coefficients.adapt() {
                // Suited only to shared functions.
                let block = Cost::adaptive(&nesting, state, function)?;
                Cost {
                    parameters: function.parameters,
                    ..block
                }
            } else {
                config.functions.block(&nesting, state, function)?
            };
            let mut block = block.learning(&nesting, state, learned);
            if config.post_activation {
                block = block.then(Cost::unknown(0, 0));
            }
            if let Functions::Interpolated(points) = config.functions {
                let parameters = function.parameters as usize;
                let grid = Cost::weights(parameters.saturating_mul(points));
                parts.push(Part::new(format!("{group}.grid"), grid));
            }
            let named = |block| format!("{group}.block{block}");
            parts.extend((1..=blocks).map(|index| Part::new(named(index), block)));
        }
        let head = style.cost(channels, size.pixels());
        parts.push(Part::new(
            "head",
            head.then(pooled(channels, config.classes, size)),
        ));
        Ok(parts)
    }
}

impl Functions {
    /// What a block costs, the parameters of a grid apart.
    fn block(self, scheme: &Nesting, state: usize, function: Cost) -> Result<Cost> {
        let block = Cost::block(scheme, state, function)?;
        Ok(match self {
            Self::Separate => block,
            Self::Shared => Cost {
                parameters: function.parameters,
                ..block
            },
            // The weights of a moment are made for each stage, and kept.
            Self::Interpolated(_) => Cost::unknown(0, block.multiply_adds),
        })
    }
}

impl CfResNetConfig {
    /// The number of trained scalars.
    ///
    /// `9·in·w₁ + 2w₁` for the stem, `2(9w² + 2w)` for each stage, less `(9w + 2)(w − w′)` for the first of each group
    /// that follows one of `w′` channels, `(w + 1)·classes` for the linear layer.
    pub fn parameters(&self) -> Result<usize> {
        let parts = self.costs([self.in_channels, 1, 1])?;
        Ok(total(&parts).parameters as usize)
    }

    /// See [`Describe::parts`](super::Describe::parts).
    pub(super) fn costs(&self, image: [usize; 3]) -> Result<Vec<Part>> {
        let size = fitting(image, self.in_channels)?;
        let config = self.settled()?;
        let (nesting, style) = (config.nesting()?, Style::default());
        let mut channels = config.widths.first().copied().unwrap_or_default();
        let ends = (config.in_channels, channels);
        let (stem, mut size) = Stem::Plain.cost(ends, 2, style, size);
        let mut parts = vec![Part::new("stem", stem)];
        for (group, (&width, &blocks)) in std::iter::zip(&config.widths, &config.blocks).enumerate()
        {
            let before = size.pixels();
            if group > 0 {
                size = size.strided(2);
            }
            let pixels = size.pixels();
            let function = ResidualConfig::default().cost(width, pixels);
            let learned = config.coefficients.learned(nesting.tableau());
            let state = width * pixels;
            let block = Cost::block(&nesting, state, function)?.learning(&nesting, state, learned);
            let strided = style
                .unit_cost(3, [channels, width], [before, pixels])
                .then(style.unit_cost(3, [width, width], [pixels, pixels]));
            for index in 0..blocks {
                let (less, more) = if group > 0 && index == 0 {
                    (function, strided)
                } else {
                    (Cost::NOTHING, Cost::NOTHING)
                };
                // The activation after a block, and the shortcut around a change of shape, do not say what they keep.
                let change = |of: fn(&Cost) -> u64| {
                    of(&block)
                        .saturating_sub(of(&less))
                        .saturating_add(of(&more))
                };
                let cost = Cost::unknown(change(|c| c.parameters), change(|c| c.multiply_adds));
                parts.push(Part::new(
                    format!("group{}.block{}", group + 1, index + 1),
                    cost,
                ));
            }
            channels = width;
        }
        parts.push(Part::new("head", pooled(channels, config.classes, size)));
        Ok(parts)
    }
}

/// The mean over all pixels, and a linear layer.
fn pooled(channels: usize, classes: usize, size: Size) -> Cost {
    Cost::pool(channels, size.pixels()).then(Cost::linear(channels, classes, 1))
}

/// The size of images, if they have the channels of the network.
fn fitting([channels, height, width]: [usize; 3], in_channels: usize) -> Result<Size> {
    if channels == in_channels {
        return Ok(Size { height, width });
    }
    let problem = format!("{in_channels} for images of {channels} channels");
    Err(Error::setting("in_channels", problem))
}
