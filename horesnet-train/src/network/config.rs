//! What a network is made of: scheme, widths, blocks; and what follows from that: depth and number of parameters.

use candle_nn::VarBuilder;
use serde::{Deserialize, Serialize};

use super::{Describe, HoResNet, Network};
use crate::coefficients::Coefficients;
use crate::complexity::{Cost, Part};
use crate::error::{Error, Result};
use crate::nesting::Nesting;

/// Widest group of blocks, in channels.
pub(super) const MAX_WIDTH: usize = 4096;
/// Most blocks in a group.
pub(super) const MAX_BLOCKS: usize = 1000;
/// Most groups: each one after the first halves the resolution.
const MAX_GROUPS: usize = 16;
/// 4 GB of weights, before gradients and momentum.
const MAX_PARAMETERS: u64 = 1_000_000_000;

/// The shape of a [`HoResNet`](crate::HoResNet).
///
/// ```
/// use horesnet_train::HoResNetConfig;
///
/// let config = HoResNetConfig { widths: vec![16, 32, 64], blocks: vec![1, 1, 1], ..Default::default() };
/// assert_eq!(config.depth()?, 26);
/// # Ok::<(), horesnet_train::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HoResNetConfig {
    /// The scheme of all blocks, or several in each other, see [`Nesting`].
    pub scheme: String,
    /// The step size of the blocks over the depth.
    pub coefficients: Coefficients,
    /// Channels of the images.
    pub in_channels: usize,
    /// Number of classes.
    pub classes: usize,
    /// Channels of each group of blocks; between two groups a transition halves height and width.
    pub widths: Vec<usize>,
    /// Blocks in each group, as many numbers as `widths`.
    pub blocks: Vec<usize>,
    /// Stride of the first convolution: 2 halves height and width before the first group.
    pub stem_stride: usize,
}

impl Default for HoResNetConfig {
    /// One RK4 block at 12 and one at 24 channels, for grey images of ten classes.
    fn default() -> Self {
        Self {
            scheme: "rk4".to_owned(),
            coefficients: Coefficients::default(),
            in_channels: 1,
            classes: 10,
            widths: vec![12, 24],
            blocks: vec![1, 1],
            stem_stride: 1,
        }
    }
}

impl Describe for HoResNetConfig {
    fn validate(&self) -> Result<()> {
        self.scheme.parse::<Nesting>()?;
        check("in_channels", self.in_channels, 1, MAX_WIDTH)?;
        check("classes", self.classes, 2, 65_536)?;
        check("stem_stride", self.stem_stride, 1, 4)?;
        check("widths", self.widths.len(), 1, MAX_GROUPS).map_err(|_| {
            Error::setting(
                "widths",
                format!(
                    "{} groups of blocks; there must be 1 to {MAX_GROUPS}",
                    self.widths.len()
                ),
            )
        })?;
        for &width in &self.widths {
            check("widths", width, 1, MAX_WIDTH)?;
        }
        if self.blocks.len() != self.widths.len() {
            return Err(Error::setting(
                "blocks",
                format!(
                    "{} numbers for {} groups; give one number of blocks for each of the widths",
                    self.blocks.len(),
                    self.widths.len()
                ),
            ));
        }
        for &blocks in &self.blocks {
            check("blocks", blocks, 1, MAX_BLOCKS)?;
        }
        check_parameters("widths", self.parameters()? as u64)
    }

    fn scheme(&self) -> String {
        self.scheme.clone()
    }

    fn coefficients(&self) -> Coefficients {
        self.coefficients
    }

    /// Convolutions and the linear layer along the network, as the HO-ResNet code counts them: `2 + 2·stages`.
    ///
    /// Transitions, one convolution for each group after the first, are not in it: that code has none, because its
    /// down-sampling is inside blocks.
    fn depth(&self) -> Result<usize> {
        Ok(2 + 2 * self.stages()?)
    }

    fn suits(&self, [channels, ..]: [usize; 3], classes: usize) -> Result<(), String> {
        if (channels, classes) == (self.in_channels, self.classes) {
            return Ok(());
        }
        Err(format!(
            "{} channels and {} classes",
            self.in_channels, self.classes
        ))
    }

    fn fit(&mut self, [channels, ..]: [usize; 3], classes: usize) {
        self.in_channels = channels;
        self.classes = classes;
    }

    fn parts(&self, [channels, mut height, mut width]: [usize; 3]) -> Result<Vec<Part>> {
        if channels != self.in_channels {
            let problem = format!("{} for images of {channels} channels", self.in_channels);
            return Err(Error::setting("in_channels", problem));
        }
        let scheme: Nesting = self.scheme.parse()?;
        // Pixels before and after a convolution of that stride.
        let mut strided = |stride| {
            let before = height * width;
            (height, width) = (height.div_ceil(stride), width.div_ceil(stride));
            [before, height * width]
        };
        let mut channels = self.widths.first().copied().unwrap_or_default();
        let pixels = strided(self.stem_stride);
        let stem = Cost::conv(3, [self.in_channels, channels], pixels)
            .then(Cost::norm(channels, pixels[1]));
        let mut parts = vec![Part::new("stem", stem)];
        let mut pixels = pixels[1];
        let groups = std::iter::zip(&self.widths, &self.blocks).enumerate();
        for (index, (&width, &blocks)) in groups {
            let group = format!("group{}", index + 1);
            if index > 0 {
                let both = strided(2);
                let transition = Cost::norm_conv(3, [channels, width], both);
                parts.push(Part::new(format!("{group}.transition"), transition));
                (channels, pixels) = (width, both[1]);
            }
            let unit = Cost::norm_conv(3, [width, width], [pixels, pixels]);
            let block = Cost::block(&scheme, width * pixels, unit.then(unit))?;
            let named = |block| format!("{group}.block{block}");
            parts.extend((1..=blocks).map(|index| Part::new(named(index), block)));
        }
        let head = Cost::norm(channels, pixels)
            .then(Cost::pool(channels, pixels))
            .then(Cost::linear(channels, self.classes, 1));
        parts.push(Part::new("head", head));
        Ok(parts)
    }

    fn euler(&self) -> Result<Self> {
        let stages = self.scheme.parse::<Nesting>()?.stages();
        Ok(Self {
            scheme: "euler".to_owned(),
            blocks: self.blocks.iter().map(|blocks| blocks * stages).collect(),
            ..self.clone()
        })
    }

    fn build(&self, vb: VarBuilder) -> Result<Box<dyn Network>> {
        Ok(Box::new(HoResNet::new(self, vb)?))
    }
}

impl HoResNetConfig {
    /// The stages, that is residual functions, of all blocks together.
    pub fn stages(&self) -> Result<usize> {
        let stages = self.scheme.parse::<Nesting>()?.stages();
        Ok(stages * self.blocks.iter().sum::<usize>())
    }

    /// The number of trained scalars.
    ///
    /// With 3×3 convolutions, and two scalars a channel in each normalisation: `9·in·w₁ + 2w₁` for the stem,
    /// `2(9w² + 2w)` for each stage, `2w + 9ww′` for each transition, `2w + (w + 1)·classes` for the head.
    pub fn parameters(&self) -> Result<usize> {
        let stages = self.scheme.parse::<Nesting>()?.stages();
        let first = self.widths.first().copied().unwrap_or(0);
        let last = self.widths.last().copied().unwrap_or(0);
        let stem = 9 * self.in_channels * first + 2 * first;
        let groups: usize = std::iter::zip(&self.widths, &self.blocks)
            .map(|(w, blocks)| blocks * stages * 2 * (9 * w * w + 2 * w))
            .sum();
        let transitions: usize = std::iter::zip(&self.widths, self.widths.iter().skip(1))
            .map(|(w, next)| 2 * w + 9 * w * next)
            .sum();
        let head = 2 * last + (last + 1) * self.classes;
        Ok(stem + groups + transitions + head)
    }
}

/// `low ≤ value ≤ high`, or an error about `setting`.
pub(super) fn check(setting: &'static str, value: usize, low: usize, high: usize) -> Result<()> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(Error::setting(
        setting,
        format!("{value} is outside {low} to {high}"),
    ))
}

/// Whether so many parameters can be trained, or an error about `setting`.
pub(super) fn check_parameters(setting: &'static str, parameters: u64) -> Result<()> {
    if parameters <= MAX_PARAMETERS {
        return Ok(());
    }
    Err(Error::setting(
        setting,
        format!("{parameters} parameters; at most {MAX_PARAMETERS} can be trained"),
    ))
}
