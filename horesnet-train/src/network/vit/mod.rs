//! `Vit`: a Transformer over the patches of an image, its encoder as residual blocks inside residual blocks.
//!
//! An ordinary encoder block makes two steps of Euler's scheme, one of attention and one of a perceptron. Here each of them is
//! a step of any scheme, and both together are the residual function of a step of another.

// Builders are passed by value, as everywhere in candle.
#![expect(clippy::needless_pass_by_value)]

mod attention;
mod config;
mod encoder;
mod norm;
mod patches;
mod perceptron;

use candle_core::{DType, Device, Module, Result as CandleResult, Tensor};
use candle_nn::{Linear, ModuleT, VarBuilder, linear};

pub use config::VitConfig;

use self::encoder::Encoder;
use self::norm::LayerNorm;
use self::patches::Patches;
use super::{Describe, Network};
use crate::chance::Chance;
use crate::error::Result;
use crate::layer::{BlockLayer, Surroundings, drop_rate};
use crate::moment::Moment;
use crate::stage::StageFunction;

/// A Transformer that classifies images (Dosovitskiy et al. 2020), with mean pooling in place of a token of class.
///
/// As a module it takes `[batch, in_channels, height, width]`, of any dtype and of the configured size, to logits
/// `[batch, classes]` of its own. With Euler's scheme outside and inside it is the ordinary pre-norm Transformer.
///
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use candle_nn::ModuleT;
/// use horesnet_train::{Variables, Vit, VitConfig};
///
/// let config = VitConfig { outer: "midpoint".to_owned(), ..VitConfig::default() };
/// let variables = Variables::seeded(0);
/// let network = Vit::new(&config, variables.builder(DType::F32, &Device::Cpu))?;
/// let xs = Tensor::zeros((2, 1, 8, 8), DType::F32, &Device::Cpu)?;
/// assert_eq!(network.forward_t(&xs, false)?.dims(), [2, 10]);
/// # Ok::<(), horesnet_train::Error>(())
/// ```
pub struct Vit {
    patches: Patches,
    blocks: Vec<BlockLayer>,
    norm: LayerNorm,
    dropout: Chance,
    head: Linear,
    dtype: DType,
    device: Device,
    moment: Moment,
}

impl Vit {
    /// Builds the network, or fails as [`Describe::validate`] does.
    pub fn new(config: &VitConfig, vb: VarBuilder) -> Result<Self> {
        config.validate()?;
        let [outer, inner] = config.nestings()?;
        let patches = Patches::new(config, &vb.pp("embedding"))?;
        let moment = Moment::default();
        let mut blocks = Vec::with_capacity(config.blocks);
        for depth in 0..config.blocks {
            let vb = vb.pp(format!("block{}", depth + 1));
            let block = outer.build(|place| {
                Encoder::new(config, &inner, &vb.pp(&place.name)).map(StageFunction::new)
            })?;
            let rate = drop_rate(config.drop_path, depth, config.blocks);
            let coefficients =
                config
                    .coefficients
                    .at_depth(depth, outer.tableau(), moment.clock(), vb.clone())?;
            let around = Surroundings::new(vb.prefix(), coefficients).left_out(rate, &moment);
            blocks.push(BlockLayer::new(block, around));
        }
        let vb_head = vb.pp("head");
        Ok(Self {
            patches,
            blocks,
            norm: LayerNorm::new(config.width, &vb_head.pp("norm"))?,
            dropout: Chance::new(config.dropout, &moment, vb_head.prefix()),
            head: linear(config.width, config.classes, vb_head.pp("linear"))?,
            dtype: vb.dtype(),
            device: vb.device().clone(),
            moment,
        })
    }
}

impl Network for Vit {
    fn moment(&self) -> &Moment {
        &self.moment
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn blocks(&self) -> Vec<&Surroundings> {
        self.blocks.iter().map(BlockLayer::surroundings).collect()
    }
}

impl ModuleT for Vit {
    fn forward_t(&self, xs: &Tensor, train: bool) -> CandleResult<Tensor> {
        let dtype = self.moment.dtype(self.dtype, train);
        let mut ys = self.patches.forward(&xs.to_dtype(dtype)?)?;
        for block in &self.blocks {
            ys = block.forward_t(&ys, train)?;
        }
        // The logits are of the type of the weights.
        let ys = ys.to_dtype(self.dtype)?;
        let mut means = self.norm.forward(&ys)?.mean(1)?;
        if train {
            means = self.dropout.elements(&means)?;
        }
        self.head.forward(&means)
    }
}
