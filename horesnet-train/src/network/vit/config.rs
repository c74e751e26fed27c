//! The settings of a `Vit`: patches, width, heads, blocks and their two schemes.

use candle_nn::VarBuilder;

use crate::config::config;
use crate::error::Result;
use crate::limits::{below_one, ensure};
use crate::network::check::{self, MAX_BLOCKS, MAX_WIDTH, within};
use crate::network::coefficients::BlockCoefficients;
use crate::network::nesting::Nesting;
use crate::network::{Describe, Input, Layers, Tableaux, schemes};
use crate::state::TrainState;

/// Most tokens an image: the cost of attention grows with their square.
const MAX_TOKENS: usize = 4096;
/// Most encoders with weights of their own in a network: deeper graphs overflow the stack of a thread.
const MAX_ENCODERS: usize = 1024;

config! {
    /// The settings of a [`Vit`](crate::Vit).
    ///
    /// By default, two ordinary blocks of width 32, for grey images of 8×8 pixels in patches of 2×2, and ten classes.
    ///
    /// A block is a step of the scheme `outer`. Its residual functions are encoders, and each encoder is a step of the scheme
    /// `inner` with attention, then a step of it with a perceptron. All of them have weights of their own.
    ///
    /// ```
    /// use horesnet_train::{Describe, VitConfig};
    ///
    /// let config = VitConfig { outer: "rk4".to_owned(), inner: "midpoint".to_owned(), blocks: 1, ..Default::default() };
    /// // A linear layer at either end, and four in each of 4·2 encoder's stages.
    /// assert_eq!(config.depth()?, 2 + 4 * 4 * 2);
    /// # Ok::<(), horesnet_train::Error>(())
    /// ```
    pub struct VitConfig {
        /// In place of `outer` and `inner`: both, as `outer(inner)`; without parentheses, `inner` is Euler's.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub scheme: Option<String> = None,
        /// The scheme of the blocks, or several nested ones, see [`Nesting`].
        #[serde(deserialize_with = "schemes::text")]
        pub outer: String = "euler".to_owned(),
        /// The scheme of attention and perceptron inside them, likewise.
        #[serde(deserialize_with = "schemes::text")]
        pub inner: String = "euler".to_owned(),
        /// The tableaux of schemes that are not bundled, by name.
        #[serde(skip_serializing_if = "Tableaux::is_empty")]
        pub tableaux: Tableaux = Tableaux::default(),
        /// The coefficients of the blocks; inside them the step size is 1.
        pub coefficients: BlockCoefficients = BlockCoefficients::default(),
        /// Channels of the images.
        pub in_channels: usize = 1,
        /// Height and width of the images, in pixels.
        pub image: [usize; 2] = [8, 8],
        /// Number of classes.
        pub classes: usize = 10,
        /// Height and width of a patch, in pixels: a divisor of those of the images.
        pub patch: usize = 2,
        /// Numbers of a token.
        pub width: usize = 32,
        /// Heads of attention: a divisor of `width`.
        pub heads: usize = 4,
        /// Number of blocks.
        pub blocks: usize = 2,
        /// Width of the perceptrons inside, as a multiple of `width`.
        pub mlp_ratio: usize = 4,
        /// Probability of skipping the last block in training, from 0 to below 1; it grows linearly over the blocks.
        pub drop_path: f64 = 0.0,
        /// Dropout before the classifier, from 0 to below 1.
        pub dropout: f64 = 0.0,
    }
}

impl Describe for VitConfig {
    fn validate(&self) -> Result<()> {
        check::ends(self.in_channels, self.classes)?;
        for side in self.image {
            within("image", side, 1, 65_536)?;
        }
        within("patch", self.patch, 1, 1024)?;
        within("width", self.width, 1, MAX_WIDTH)?;
        within("heads", self.heads, 1, MAX_WIDTH)?;
        within("blocks", self.blocks, 1, MAX_BLOCKS)?;
        within("mlp_ratio", self.mlp_ratio, 1, 64)?;
        below_one("drop_path", self.drop_path)?;
        below_one("dropout", self.dropout)?;
        let (patch, [height, width], tokens) = (self.patch, self.image, self.tokens());
        let whole = height.is_multiple_of(patch) && width.is_multiple_of(patch);
        ensure("patch", whole, || {
            format!("{patch} does not divide the images' {height}×{width} pixels into patches")
        })?;
        ensure("heads", self.width.is_multiple_of(self.heads), || {
            format!("{} does not divide the width, {}", self.heads, self.width)
        })?;
        ensure("patch", tokens <= MAX_TOKENS, || {
            format!("{patch} makes {tokens} tokens of an image; at most {MAX_TOKENS} can be")
        })?;
        let (blocks, stages) = (self.blocks, self.stages()?);
        ensure("inner", blocks * stages <= MAX_ENCODERS, || {
            format!(
                "{stages} encoders with weights of their own a block, with `outer`, in {blocks} blocks; at most \
                 {MAX_ENCODERS} can be in all"
            )
        })?;
        let [outer, _] = self.nestings()?;
        self.coefficients.check(outer.tableau(), false)?;
        check::parameters("width", self)
    }

    /// `outer(inner)`
    fn scheme(&self) -> String {
        match (self.nestings(), &self.scheme) {
            (Ok([outer, inner]), _) => format!("{outer}({inner})"),
            (Err(_), Some(scheme)) => scheme.clone(),
            (Err(_), None) => format!("{}({})", self.outer, self.inner),
        }
    }

    fn tableaux(&self) -> &Tableaux {
        &self.tableaux
    }

    fn coefficients(&self) -> BlockCoefficients {
        self.coefficients
    }

    /// The linear layers along the network: two, and four for each encoder with weights of its own.
    fn depth(&self) -> Result<usize> {
        Ok(2 + 4 * self.blocks * self.stages()?)
    }

    fn input(&self) -> Input {
        Input {
            channels: self.in_channels,
            size: Some(self.image),
            classes: self.classes,
        }
    }

    fn set_input(&mut self, [channels, height, width]: [usize; 3], classes: usize) {
        (self.in_channels, self.image, self.classes) = (channels, [height, width], classes);
    }

    /// Writes `outer` and `inner` out, in place of `scheme`.
    fn resolved(&self) -> Result<Self> {
        let nestings = self.nestings()?;
        let tableaux = self
            .tableaux
            .used_by(nestings.iter().flat_map(Nesting::schemes));
        let [outer, inner] = nestings.map(|nesting| nesting.to_string());
        Ok(Self {
            scheme: None,
            tableaux,
            outer,
            inner,
            ..self.clone()
        })
    }

    fn euler(&self) -> Result<Option<Self>> {
        Ok(Some(Self {
            scheme: Some("euler(euler)".to_owned()),
            tableaux: Tableaux::default(),
            blocks: self.blocks * self.stages()?,
            ..self.clone()
        }))
    }

    fn layers(&self, vb: &VarBuilder, state: &TrainState) -> Result<Layers> {
        super::layers(self, vb, state)
    }
}

impl VitConfig {
    /// The scheme of the blocks, and that inside them.
    pub(super) fn nestings(&self) -> Result<[Nesting; 2]> {
        let read = |text: &str| Nesting::read(text, &self.tableaux);
        let Some(scheme) = &self.scheme else {
            return Ok([read(&self.outer)?, read(&self.inner)?]);
        };
        let all = read(scheme)?;
        match all.split_innermost() {
            Some(both) => Ok(both),
            None => Ok([all, "euler".parse()?]),
        }
    }

    /// Patches of an image.
    pub(super) fn tokens(&self) -> usize {
        self.image.iter().map(|side| side / self.patch).product()
    }

    /// Encoders with weights of their own in a block.
    fn stages(&self) -> Result<usize> {
        let [outer, inner] = self.nestings()?;
        Ok(outer.stages() * inner.stages())
    }
}
