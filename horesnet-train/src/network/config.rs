//! What a network is made of: scheme, widths, blocks, residual functions; and how large it may be.

use candle_nn::VarBuilder;
use serde::{Deserialize, Serialize};

use super::functions::Functions;
use super::layout::{self, Shape};
use super::stem::Stem;
use super::transition::Transition;
use super::{Describe, HoResNet, Network, check};
use crate::chance;
use crate::coefficients::Coefficients;
use crate::complexity::Part;
use crate::error::{Error, Result};
use crate::layers::{Activation, Norm, Style};
use crate::nesting::Nesting;
use crate::residual::{Residual, ResidualConfig};

/// The shape of a [`HoResNet`](crate::HoResNet).
///
/// ```
/// use horesnet_train::{Describe, HoResNetConfig};
///
/// let config = HoResNetConfig { widths: vec![16, 32, 64], depth: Some(26), ..Default::default() };
/// assert_eq!(config.settled()?.blocks, [1, 1, 1]); // RK4 has four stages, of two convolutions each
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
    /// In place of `blocks`: as many in each group as come to this [depth](Describe::depth).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<usize>,
    /// In place of `widths`, `blocks` and `residual`: those of a known network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
    /// Which residual functions the stages are.
    pub functions: Functions,
    /// The convolutions of a residual function.
    pub residual: Residual,
    /// The normalisation before each activation.
    pub norm: Norm,
    /// The activation before each convolution.
    pub activation: Activation,
    /// Squeeze and excitation in each residual function, with channels divided by this number in between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub se: Option<usize>,
    /// Whether an activation follows each block, as in the published HO-ResNet code.
    pub post_activation: bool,
    /// The layers before the first group.
    pub stem: Stem,
    /// Stride of the convolution of a plain stem: 2 halves height and width before the first group.
    pub stem_stride: usize,
    /// The layers between groups.
    pub transition: Transition,
    /// How likely training leaves out the last block, from 0 to below 1; the first ones less, in proportion to their place.
    pub drop_path: f64,
    /// How likely training leaves out a feature before the classifier, from 0 to below 1.
    pub dropout: f64,
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
            depth: None,
            shape: None,
            functions: Functions::default(),
            residual: Residual::default(),
            norm: Norm::default(),
            activation: Activation::default(),
            se: None,
            post_activation: false,
            stem: Stem::default(),
            stem_stride: 1,
            transition: Transition::default(),
            drop_path: 0.0,
            dropout: 0.0,
        }
    }
}

impl Describe for HoResNetConfig {
    fn validate(&self) -> Result<()> {
        let settled = self.settled()?;
        check::ends(settled.in_channels, settled.classes)?;
        check::groups(&settled.widths, &settled.blocks)?;
        check::stages(settled.stages()?)?;
        settled.validate_layers()?;
        chance::check("drop_path", settled.drop_path)?;
        chance::check("dropout", settled.dropout)?;
        check::parameters("widths", settled.parameters()? as u64)
    }

    fn scheme(&self) -> String {
        self.scheme.clone()
    }

    fn coefficients(&self) -> Coefficients {
        self.coefficients
    }

    /// Convolutions of the blocks along the network, and two for stem and linear layer, as the HO-ResNet code counts
    /// them: `2 + 2·stages`, and `2 + 3·stages` with bottlenecks.
    ///
    /// Transitions are not in it: that code has none, because its down-sampling is inside blocks.
    fn depth(&self) -> Result<usize> {
        let settled = self.settled()?;
        Ok(2 + settled.residual.layers() * settled.stages()?)
    }

    fn suits(&self, [channels, ..]: [usize; 3], classes: usize) -> Result<(), String> {
        check::suits((self.in_channels, self.classes), (channels, classes))
    }

    fn fit(&mut self, [channels, ..]: [usize; 3], classes: usize) {
        self.in_channels = channels;
        self.classes = classes;
        // What cannot be settled stays for validation to refuse.
        if let Ok(settled) = self.settled() {
            *self = settled;
        }
    }

    fn parts(&self, image: [usize; 3]) -> Result<Vec<Part>> {
        self.costs(image)
    }

    fn euler(&self) -> Result<Option<Self>> {
        let (stages, settled) = (self.nesting()?.stages(), self.settled()?);
        if settled.functions == Functions::Shared {
            return Ok(None);
        }
        Ok(Some(Self {
            scheme: "euler".to_owned(),
            blocks: layout::of_euler(&settled.blocks, stages),
            ..settled
        }))
    }

    fn build(&self, vb: VarBuilder) -> Result<Box<dyn Network>> {
        Ok(Box::new(HoResNet::new(self, vb)?))
    }
}

impl HoResNetConfig {
    /// The same network with `widths`, `blocks` and `residual` written out, in place of `shape` and `depth`.
    ///
    /// Fails if there is no such network, and says which are near.
    pub fn settled(&self) -> Result<Self> {
        let scheme = self.nesting()?;
        let mut settled = self.clone();
        match (settled.shape.take(), settled.depth.take()) {
            (None, None) => {}
            (None, Some(depth)) => {
                let layers = self.residual.layers();
                settled.blocks = layout::of_depth(depth, &scheme, self.widths.len(), layers)?;
            }
            (Some(shape), None) => {
                settled.widths = shape.widths().to_vec();
                settled.blocks = shape.blocks(&scheme)?;
                settled.residual = shape.residual();
            }
            (Some(shape), Some(_)) => {
                return Err(Error::setting(
                    "depth",
                    format!("that of {shape} is given by its shape; leave out one of the two"),
                ));
            }
        }
        Ok(settled)
    }

    /// The stages, that is evaluations of residual functions, of all blocks together.
    pub fn stages(&self) -> Result<usize> {
        let stages = self.nesting()?.stages();
        Ok(stages * self.settled()?.blocks.iter().sum::<usize>())
    }

    /// What its residual functions are made of.
    #[must_use]
    pub fn residual(&self) -> ResidualConfig {
        ResidualConfig {
            kind: self.residual,
            style: self.style(),
            se: self.se,
        }
    }

    pub(super) fn nesting(&self) -> Result<Nesting> {
        self.scheme.parse()
    }

    pub(super) fn style(&self) -> Style {
        Style {
            norm: self.norm,
            activation: self.activation,
        }
    }

    /// The channels after the stem: those of the first group, or as many as its bottlenecks have inside.
    pub(super) fn stem_channels(&self) -> usize {
        let first = self.widths.first().copied().unwrap_or_default();
        first / self.residual.expansion()
    }

    fn validate_layers(&self) -> Result<()> {
        self.functions.validate()?;
        let shared = self.functions == Functions::Shared;
        self.coefficients.suits(self.nesting()?.tableau(), shared)?;
        check::within("stem_stride", self.stem_stride, 1, 4)?;
        if self.stem != Stem::Plain && self.stem_stride != 1 {
            let problem = format!(
                "is for the plain stem; {} has strides of its own",
                self.stem
            );
            return Err(Error::setting("stem_stride", problem));
        }
        if let Some(reduction) = self.se {
            check::within("se", reduction, 1, check::MAX_WIDTH)?;
        }
        for channels in self.stem.normalised(self.stem_channels()) {
            self.norm.suits(channels)?;
        }
        let expansion = self.residual.expansion();
        for &width in &self.widths {
            if !width.is_multiple_of(expansion) {
                let problem = format!(
                    "{width} channels are not {expansion} times as many as a bottleneck has"
                );
                return Err(Error::setting("widths", problem));
            }
            self.norm.suits(width)?;
            self.norm.suits(width / expansion)?;
        }
        Ok(())
    }
}
