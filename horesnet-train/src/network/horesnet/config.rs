//! The settings of a `HoResNet`: scheme, widths, blocks, residual functions.

use candle_nn::VarBuilder;

use super::functions::Functions;
use super::layout::{self, Shape};
use super::reversible;
use crate::config::config;
use crate::error::{Error, Result};
use crate::limits::{below_one, ensure};
use crate::network::coefficients::BlockCoefficients;
use crate::network::nesting::Nesting;
use crate::network::parts::layers::{Activation, Norm, Style};
use crate::network::parts::residual::{Residual, ResidualConfig};
use crate::network::{Describe, Input, Layers, Stem, Tableaux, Transition, check, schemes};
use crate::state::TrainState;

config! {
    /// The settings of a [`HoResNet`](crate::HoResNet).
    ///
    /// By default, one RK4 block at 12 and one at 24 channels, for grey images of ten classes.
    ///
    /// ```
    /// use horesnet_train::{Describe, HoResNetConfig};
    ///
    /// let config = HoResNetConfig { widths: vec![16, 32, 64], depth: Some(26), ..Default::default() };
    /// assert_eq!(config.resolved()?.blocks, [1, 1, 1]); // RK4 has four stages, of two convolutions each
    /// # Ok::<(), horesnet_train::Error>(())
    /// ```
    pub struct HoResNetConfig {
        /// The scheme of all blocks, or several nested ones, see [`Nesting`].
        #[serde(deserialize_with = "schemes::text")]
        pub scheme: String = "rk4".to_owned(),
        /// The tableaux of schemes that are not bundled, by name.
        #[serde(skip_serializing_if = "Tableaux::is_empty")]
        pub tableaux: Tableaux = Tableaux::default(),
        /// The coefficients of the blocks.
        pub coefficients: BlockCoefficients = BlockCoefficients::default(),
        /// Channels of the images.
        pub in_channels: usize = 1,
        /// Number of classes.
        pub classes: usize = 10,
        /// Channels of each group of blocks; between two groups a transition halves height and width.
        pub widths: Vec<usize> = vec![12, 24],
        /// Blocks in each group, as many numbers as `widths`.
        pub blocks: Vec<usize> = vec![1, 1],
        /// In place of `blocks`: the [depth](Describe::depth), with the same number of blocks in each group.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub depth: Option<usize> = None,
        /// In place of `widths`, `blocks` and `residual`: those of a known network.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub shape: Option<Shape> = None,
        /// The residual functions of the stages.
        pub functions: Functions = Functions::default(),
        /// The convolutions of a residual function.
        pub residual: Residual = Residual::default(),
        /// The normalisation before each activation.
        pub norm: Norm = Norm::default(),
        /// The activation before each convolution.
        pub activation: Activation = Activation::default(),
        /// Squeeze-and-excitation in each residual function: the divisor of the channels in between.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub se: Option<usize> = None,
        /// Puts an activation after each block, as in the published HO-ResNet code.
        pub post_activation: bool = false,
        /// The layers before the first group.
        pub stem: Stem = Stem::default(),
        /// Stride of the convolution of a plain stem: 2 halves height and width before the first group.
        pub stem_stride: usize = 1,
        /// The layers between groups.
        pub transition: Transition = Transition::default(),
        /// Computes the inputs of blocks from the output of their group in the backward pass, so that memory does not grow with
        /// depth; the number, above 0 and at most 1, damps the difference of the two values that this takes (arXiv
        /// 2410.11648). A network of its own, with the same parameters.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub reversible: Option<f64> = None,
        /// Probability of skipping the last block in training, from 0 to below 1; it grows linearly over the blocks.
        pub drop_path: f64 = 0.0,
        /// Dropout before the classifier, from 0 to below 1.
        pub dropout: f64 = 0.0,
    }
}

impl Describe for HoResNetConfig {
    fn validate(&self) -> Result<()> {
        self.check()?;
        check::parameters("widths", self)
    }

    fn scheme(&self) -> String {
        let nesting = self.nesting().ok();
        nesting.map_or_else(|| self.scheme.clone(), |nesting| nesting.to_string())
    }

    fn tableaux(&self) -> &Tableaux {
        &self.tableaux
    }

    fn coefficients(&self) -> BlockCoefficients {
        self.coefficients
    }

    /// Convolutions of the blocks along the network, and two for stem and linear layer, as the HO-ResNet code counts
    /// them: `2 + 2·stages`, and `2 + 3·stages` with bottlenecks.
    ///
    /// Transitions are not counted: that code has none, because it down-samples inside blocks.
    fn depth(&self) -> Result<usize> {
        let resolved = self.resolved()?;
        Ok(2 + resolved.residual.layers() * resolved.stages()?)
    }

    fn input(&self) -> Input {
        Input {
            channels: self.in_channels,
            size: None,
            classes: self.classes,
        }
    }

    fn set_input(&mut self, [channels, ..]: [usize; 3], classes: usize) {
        (self.in_channels, self.classes) = (channels, classes);
    }

    /// Writes `widths`, `blocks` and `residual` out, in place of `shape` and `depth`; names the scheme as it is bundled, and
    /// keeps only its tableaux.
    fn resolved(&self) -> Result<Self> {
        let scheme = self.nesting()?;
        let mut resolved = Self {
            scheme: scheme.to_string(),
            tableaux: self.tableaux.used_by(scheme.schemes()),
            ..self.clone()
        };
        match (resolved.shape.take(), resolved.depth.take()) {
            (None, None) => {}
            (None, Some(depth)) => {
                let layers = self.residual.layers();
                resolved.blocks = layout::of_depth(depth, &scheme, self.widths.len(), layers)?;
            }
            (Some(shape), None) => {
                resolved.widths = shape.widths().to_vec();
                resolved.blocks = shape.blocks(&scheme)?;
                resolved.residual = shape.residual();
            }
            (Some(shape), Some(_)) => {
                let problem =
                    format!("that of {shape} is given by its shape; leave out one of the two");
                return Err(Error::setting("depth", problem));
            }
        }
        Ok(resolved)
    }

    fn euler(&self) -> Result<Option<Self>> {
        let (stages, resolved) = (self.nesting()?.stages(), self.resolved()?);
        Ok((resolved.functions != Functions::Shared).then(|| Self {
            scheme: "euler".to_owned(),
            tableaux: Tableaux::default(),
            reversible: None,
            blocks: { resolved.blocks.iter() }
                .map(|blocks| blocks * stages)
                .collect(),
            ..resolved
        }))
    }

    fn layers(&self, vb: &VarBuilder, state: &TrainState) -> Result<Layers> {
        super::layers(self, None, vb, state)
    }
}

impl HoResNetConfig {
    /// The stages, that is evaluations of residual functions, of all blocks together.
    pub fn stages(&self) -> Result<usize> {
        let stages = self.nesting()?.stages();
        Ok(stages * self.resolved()?.blocks.iter().sum::<usize>())
    }

    /// The layers of its residual functions.
    #[must_use]
    pub fn residual(&self) -> ResidualConfig {
        ResidualConfig {
            kind: self.residual,
            style: self.style(),
            se: self.se,
        }
    }

    pub(in crate::network) fn nesting(&self) -> Result<Nesting> {
        Nesting::read(&self.scheme, &self.tableaux)
    }

    pub(super) fn style(&self) -> Style {
        Style {
            norm: self.norm,
            activation: self.activation,
        }
    }

    /// The channels after the stem: those of the first group, or of the inside of its bottlenecks.
    pub(super) fn stem_channels(&self) -> usize {
        let first = self.widths.first().copied().unwrap_or_default();
        first / self.residual.expansion()
    }

    /// Fails if a setting is wrong, whatever the number of parameters.
    pub(in crate::network) fn check(&self) -> Result<()> {
        let config = self.resolved()?;
        check::ends(config.in_channels, config.classes)?;
        check::groups(&config.widths, &config.blocks)?;
        check::stages(config.stages()?)?;
        config.functions.validate()?;
        let shared = config.functions == Functions::Shared;
        { config.coefficients }.check(config.nesting()?.tableau(), shared)?;
        check::within("stem_stride", config.stem_stride, 1, 4)?;
        let fits = config.stem == Stem::Plain || config.stem_stride == 1;
        ensure("stem_stride", fits, || {
            let stem = config.stem;
            format!("is for the plain stem; {stem} has strides of its own")
        })?;
        if let Some(reduction) = config.se {
            check::within("se", reduction, 1, check::MAX_WIDTH)?;
        }
        for channels in config.stem.normalised(config.stem_channels()) {
            config.norm.check(channels)?;
        }
        let expansion = config.residual.expansion();
        for &width in &config.widths {
            ensure("widths", width.is_multiple_of(expansion), || {
                format!("{width} channels are not {expansion} times as many as a bottleneck has")
            })?;
            config.norm.check(width)?;
            config.norm.check(width / expansion)?;
        }
        if let Some(lambda) = config.reversible {
            reversible::check(lambda, &config.blocks)?;
            ensure("reversible", !config.post_activation, || {
                "an activation after each block cannot be undone; leave out post_activation"
                    .to_owned()
            })?;
        }
        below_one("drop_path", config.drop_path)?;
        below_one("dropout", config.dropout)
    }
}
