//! What a Transformer is made of: patches, width, heads, blocks and their two schemes.

use candle_nn::VarBuilder;
use serde::{Deserialize, Serialize};

use super::Vit;
use crate::chance;
use crate::coefficients::Coefficients;
use crate::complexity::{self, Cost, Part};
use crate::error::{Error, Result};
use crate::nesting::Nesting;
use crate::network::check::{self, MAX_BLOCKS, MAX_WIDTH, within};
use crate::network::{Describe, Network};

/// Most tokens an image: what attention takes grows with their square.
const MAX_TOKENS: usize = 4096;
/// Most encoders with weights of their own in a network: deeper graphs than that take more stack than a thread has.
const MAX_ENCODERS: usize = 1024;

/// The shape of a [`Vit`].
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VitConfig {
    /// In place of `outer` and `inner`: both, as `outer(inner)`; without parentheses, `inner` is Euler's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// The scheme of the blocks, or several in each other, see [`Nesting`].
    pub outer: String,
    /// The scheme of attention and perceptron inside them, likewise.
    pub inner: String,
    /// The step size of the blocks over the depth; inside them it is 1.
    pub coefficients: Coefficients,
    /// Channels of the images.
    pub in_channels: usize,
    /// Height and width of the images, in pixels.
    pub image: [usize; 2],
    /// Number of classes.
    pub classes: usize,
    /// Height and width of a patch, in pixels: a divisor of both of the images.
    pub patch: usize,
    /// Numbers a token.
    pub width: usize,
    /// Heads of attention: a divisor of `width`.
    pub heads: usize,
    /// Blocks.
    pub blocks: usize,
    /// How many times wider the perceptrons are inside.
    pub mlp_ratio: usize,
    /// How likely training leaves out the last block, from 0 to below 1; the first ones less, in proportion to their place.
    pub drop_path: f64,
    /// How likely training leaves out a feature before the classifier, from 0 to below 1.
    pub dropout: f64,
}

impl Default for VitConfig {
    /// Two ordinary encoder blocks of width 32, for grey images of 8×8 pixels in patches of 2×2, and ten classes.
    fn default() -> Self {
        Self {
            scheme: None,
            outer: "euler".to_owned(),
            inner: "euler".to_owned(),
            coefficients: Coefficients::default(),
            in_channels: 1,
            image: [8, 8],
            classes: 10,
            patch: 2,
            width: 32,
            heads: 4,
            blocks: 2,
            mlp_ratio: 4,
            drop_path: 0.0,
            dropout: 0.0,
        }
    }
}

impl Describe for VitConfig {
    fn validate(&self) -> Result<()> {
        within("in_channels", self.in_channels, 1, MAX_WIDTH)?;
        within("classes", self.classes, 2, 65_536)?;
        for side in self.image {
            within("image", side, 1, 65_536)?;
        }
        within("patch", self.patch, 1, 1024)?;
        within("width", self.width, 1, MAX_WIDTH)?;
        within("heads", self.heads, 1, MAX_WIDTH)?;
        within("blocks", self.blocks, 1, MAX_BLOCKS)?;
        within("mlp_ratio", self.mlp_ratio, 1, 64)?;
        chance::check("drop_path", self.drop_path)?;
        chance::check("dropout", self.dropout)?;
        if self
            .image
            .iter()
            .any(|side| !side.is_multiple_of(self.patch))
        {
            let (patch, [height, width]) = (self.patch, self.image);
            let problem =
                format!("{patch} does not divide the images' {height}×{width} pixels into patches");
            return Err(Error::setting("patch", problem));
        }
        if !self.width.is_multiple_of(self.heads) {
            let problem = format!("{} does not divide the width, {}", self.heads, self.width);
            return Err(Error::setting("heads", problem));
        }
        if self.tokens() > MAX_TOKENS {
            let problem = format!(
                "{} makes {} tokens of an image; at most {MAX_TOKENS} can be",
                self.patch,
                self.tokens()
            );
            return Err(Error::setting("patch", problem));
        }
        let (blocks, stages) = (self.blocks, self.stages()?);
        if blocks * stages > MAX_ENCODERS {
            let problem = format!(
                "{stages} encoders with weights of their own a block, with `outer`, in {blocks} blocks; at most \
                 {MAX_ENCODERS} can be in all"
            );
            return Err(Error::setting("inner", problem));
        }
        let [outer, _] = self.nestings()?;
        self.coefficients.suits(outer.tableau(), false)?;
        let all = complexity::total(&self.costs()?);
        check::parameters("width", all.parameters)
    }

    /// `outer(inner)`
    fn scheme(&self) -> String {
        match &self.scheme {
            Some(scheme) => scheme.clone(),
            None => format!("{}({})", self.outer, self.inner),
        }
    }

    fn coefficients(&self) -> Coefficients {
        self.coefficients
    }

    /// The linear layers along the network: two, and four for each encoder with weights of its own.
    fn depth(&self) -> Result<usize> {
        Ok(2 + 4 * self.blocks * self.stages()?)
    }

    fn suits(&self, image: [usize; 3], classes: usize) -> Result<(), String> {
        let [height, width] = self.image;
        if (image, classes) == ([self.in_channels, height, width], self.classes) {
            return Ok(());
        }
        Err(format!(
            "{} channels, {height}×{width} pixels and {} classes",
            self.in_channels, self.classes
        ))
    }

    fn fit(&mut self, [channels, height, width]: [usize; 3], classes: usize) {
        self.in_channels = channels;
        self.image = [height, width];
        self.classes = classes;
        // What cannot be settled stays for validation to refuse.
        if let Ok(settled) = self.settled() {
            *self = settled;
        }
    }

    fn parts(&self, [channels, height, width]: [usize; 3]) -> Result<Vec<Part>> {
        if (channels, [height, width]) != (self.in_channels, self.image) {
            let [own_height, own_width] = self.image;
            let problem = format!(
                "images of {channels}×{height}×{width}; the network is made for {}×{own_height}×{own_width}",
                self.in_channels
            );
            return Err(Error::setting("image", problem));
        }
        self.costs()
    }

    fn euler(&self) -> Result<Option<Self>> {
        Ok(Some(Self {
            scheme: Some("euler(euler)".to_owned()),
            blocks: self.blocks * self.stages()?,
            ..self.clone()
        }))
    }

    fn build(&self, vb: VarBuilder) -> Result<Box<dyn Network>> {
        Ok(Box::new(Vit::new(self, vb)?))
    }
}

impl VitConfig {
    /// The same network with `outer` and `inner` written out, in place of `scheme`.
    ///
    /// Fails if there is no such scheme.
    pub fn settled(&self) -> Result<Self> {
        let [outer, inner] = self.nestings()?.map(|nesting| nesting.to_string());
        Ok(Self {
            scheme: None,
            outer,
            inner,
            ..self.clone()
        })
    }

    /// The scheme of the blocks, and that inside them.
    pub(super) fn nestings(&self) -> Result<[Nesting; 2]> {
        match &self.scheme {
            None => Ok([self.outer.parse()?, self.inner.parse()?]),
            Some(scheme) => {
                let all: Nesting = scheme.parse()?;
                let euler = || "euler".parse();
                Ok(match all.parted() {
                    Some([outer, inner]) => [outer, inner],
                    None => [all, euler()?],
                })
            }
        }
    }

    /// Patches an image.
    pub(super) fn tokens(&self) -> usize {
        self.image.iter().map(|side| side / self.patch).product()
    }

    /// Encoders with weights of their own a block.
    fn stages(&self) -> Result<usize> {
        let [outer, inner] = self.nestings()?;
        Ok(outer.stages() * inner.stages())
    }

    fn costs(&self) -> Result<Vec<Part>> {
        let [outer, inner] = self.nestings()?;
        let (tokens, width) = (self.tokens(), self.width);
        let state = tokens * width;
        let norm = Cost::unknown(2 * width as u64, 0);
        // Queries with keys, and the weights that come of it with values.
        let products = Cost::unknown(0, 2 * (tokens * state) as u64);
        let attention = { norm.then(Cost::linear(width, 3 * width, tokens)) }
            .then(products)
            .then(Cost::linear(width, width, tokens));
        let hidden = self.mlp_ratio * width;
        let perceptron = { norm.then(Cost::linear(width, hidden, tokens)) }
            .then(Cost::linear(hidden, width, tokens));
        let encoder = { Cost::increment(&inner, state, attention)? }
            .then(Cost::increment(&inner, state, perceptron)?);
        let learned = self.coefficients.learned(outer.tableau());
        let block = Cost::block(&outer, state, encoder)?.learning(&outer, state, learned);
        let embedding = Cost::linear(self.in_channels * self.patch * self.patch, width, tokens)
            .then(Cost::unknown(state as u64, 0));
        let mut parts = vec![Part::new("embedding", embedding)];
        let blocks = 1..=self.blocks;
        parts.extend(blocks.map(|index| Part::new(format!("block{index}"), block)));
        parts.push(Part::new(
            "head",
            norm.then(Cost::linear(width, self.classes, 1)),
        ));
        Ok(parts)
    }
}
