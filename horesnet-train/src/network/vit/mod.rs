//! `Vit`: a Transformer over image patches, whose encoders are nested blocks.
//! Attention and MLP are each a step of an inner scheme; both together are the residual function of an outer one.
//! Must not know other networks.

mod attention;
mod config;
mod encoder;
mod norm;
mod patches;
mod perceptron;

use candle_core::{Module, Result as CandleResult, Tensor};
use candle_nn::{ModuleT, VarBuilder};

pub use config::VitConfig;

use self::encoder::Encoder;
use self::norm::LayerNorm;
use self::patches::Patches;
use super::sequential::{CostedBlock, Layer, Layers, SequentialNetwork};
use crate::error::Result;
use crate::network::nested_block::NestedBlock;
use crate::network::parts::block_layer::{BlockOptions, drop_rate};
use crate::network::parts::cost::{Cost, Size};
use crate::network::parts::dropout::Dropout;
use crate::network::parts::layers::{Linear, linear};
use crate::network::parts::spec::ModuleSpec;
use crate::network::parts::stage::StageFunction;
use crate::state::TrainState;

/// A Transformer that classifies images (Dosovitskiy et al. 2020), with mean pooling in place of a class token.
///
/// Its images have the configured size. With Euler's scheme outside and inside it is the ordinary pre-norm Transformer.
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
pub type Vit = SequentialNetwork<VitConfig>;

/// The layers of a Transformer.
fn layers(config: &VitConfig, vb: &VarBuilder, state: &TrainState) -> Result<Layers> {
    let [outer, inner] = config.nestings()?;
    let patches = vb.pp("embedding");
    let embedding = Patches::new(config, &patches)?;
    let mut layers: Layers = vec![(patches.prefix(), Box::new(embedding))];
    for depth in 0..config.blocks {
        let vb = vb.pp(format!("block{}", depth + 1));
        let block = NestedBlock::new(&outer, |position| {
            let vb = vb.pp(&position.name);
            Encoder::new(config, &inner, state, &vb).map(StageFunction::specified)
        })?;
        let (tableau, clock) = (outer.tableau(), state.clock());
        let coefficients = { config.coefficients }.at_depth(depth, tableau, clock, vb.clone())?;
        let rate = drop_rate(config.drop_path, depth, config.blocks);
        let options = BlockOptions::new(vb.prefix(), coefficients).drop_path(rate, state);
        let (config, outer, inner) = (config.clone(), outer.clone(), inner.clone());
        let cost = move |size: Size| {
            let encoder = config.encoder_cost(&inner, size.pixels())?;
            Cost::block(&outer, size.pixels() * config.width, encoder)
        };
        let block = CostedBlock {
            block,
            options,
            cost,
        };
        layers.push((vb.prefix(), Box::new(block)));
    }
    let vb = vb.pp("head");
    let head = Head {
        norm: LayerNorm::new(config.width, &vb.pp("norm"))?,
        dropout: Dropout::new(config.dropout, state, vb.prefix()),
        linear: linear(config.width, config.classes, vb.pp("linear"))?,
    };
    layers.push((vb.prefix(), Box::new(head)));
    Ok(layers)
}

/// Layer normalisation, the mean over tokens, dropout, a linear layer to the classes.
struct Head {
    norm: LayerNorm,
    dropout: Dropout,
    linear: Linear,
}

impl ModuleT for Head {
    fn forward_t(&self, xs: &Tensor, train: bool) -> CandleResult<Tensor> {
        // The logits have the dtype of the weights.
        let xs = xs.to_dtype(self.linear.weight().dtype())?;
        let means = self.norm.forward(&xs)?.mean(1)?;
        self.linear.forward(&self.dropout.dropout(means, train)?)
    }
}

impl Layer for Head {
    fn cost(&self, _: &mut Size) -> Result<Cost> {
        Ok(Cost::unknown(self.linear.cost(1).multiply_adds))
    }

    fn spec(&self) -> Result<ModuleSpec> {
        Ok(ModuleSpec::sequence([
            ("norm", self.norm.spec()),
            ("pool", ModuleSpec::TokenMean),
            ("linear", ModuleSpec::Linear(self.linear.affine()?)),
        ]))
    }
}
