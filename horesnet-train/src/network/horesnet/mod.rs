//! `HoResNet`: a stem, groups of higher-order residual blocks, transitions between groups, a head.
//! Channels and resolution change in transitions only, so that every block is a step of its scheme.
//! Must not know other networks.

mod block;
mod config;
mod functions;
mod layout;

use std::sync::Arc;

use candle_core::Result as CandleResult;
use candle_nn::VarBuilder;

use super::sequential::{CostedBlock, Layer, Layers, SequentialNetwork};
use crate::error::Result;
use crate::network::parts::block_layer::{BlockOptions, drop_rate};
use crate::network::parts::head::Head;
use crate::network::parts::layers::NormActivation;
use crate::network::parts::residual::ResidualFunction;
use crate::network::parts::stage::StageFunction;
use crate::network::parts::stem::StemLayers;
use crate::network::parts::transition::TransitionLayers;
use crate::state::TrainState;

pub use config::HoResNetConfig;
pub use functions::Functions;
pub use layout::Shape;

pub(super) use block::BlockCost;

use block::GridWeights;

/// An image classifier made of higher-order residual blocks.
///
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use candle_nn::ModuleT;
/// use horesnet_train::{HoResNet, HoResNetConfig, Variables};
///
/// let variables = Variables::seeded(0);
/// let network = HoResNet::new(&HoResNetConfig::default(), variables.builder(DType::F32, &Device::Cpu))?;
/// let xs = Tensor::zeros((2, 1, 8, 8), DType::F32, &Device::Cpu)?;
/// assert_eq!(network.forward_t(&xs, false)?.dims(), [2, 10]);
/// # Ok::<(), horesnet_train::Error>(())
/// ```
pub type HoResNet = SequentialNetwork<HoResNetConfig>;

/// Makes a block that down-samples from channels to others.
pub(super) type Strided =
    fn((usize, usize), BlockOptions, BlockCost, &VarBuilder) -> CandleResult<Box<dyn Layer>>;

/// The layers of a network of groups. With `strided`, the first block of a group down-samples in place of a transition, and
/// the last block needs no norm.
pub(super) fn layers(
    config: &HoResNetConfig,
    strided: Option<Strided>,
    vb: &VarBuilder,
    state: &TrainState,
) -> Result<Layers> {
    let config = Arc::new(super::Describe::resolved(config)?);
    let (style, nesting, residual) = (config.style(), config.nesting()?, config.residual());
    let mut layers = Layers::new();
    let mut push = |vb: &VarBuilder, layer: Box<dyn Layer>| layers.push((vb.prefix(), layer));

    let mut channels = config.stem_channels();
    let (name, ends) = (vb.pp("stem"), (config.in_channels, channels));
    let stem = StemLayers::new(config.stem, ends, config.stem_stride, style, &name)?;
    push(&name, Box::new(stem));

    let (mut depth, all) = (0, config.blocks.iter().sum());
    for ((&width, &count), group) in std::iter::zip(&config.widths, &config.blocks).zip(1..) {
        let vb = vb.pp(format!("group{group}"));
        let name = vb.pp("transition");
        let transition = (group > 1).then_some(config.transition);
        if transition.map_or(channels != width, |_| strided.is_none()) {
            let layer = TransitionLayers::new(transition, channels, width, style, &name)?;
            push(&name, Box::new(layer));
        }
        if let Functions::Interpolated(_) = config.functions {
            push(&vb.pp("grid"), Box::new(GridWeights));
        }
        let function = move |vb: VarBuilder| {
            ResidualFunction::new(width, &residual, vb).map(StageFunction::specified)
        };
        let blocks = { config.functions }.blocks(nesting.clone(), count, (&vb, state), function)?;
        for index in 0..count {
            let vb = vb.pp(format!("block{}", index + 1));
            let (tableau, clock) = (nesting.tableau(), state.clock());
            let coefficients =
                { config.coefficients }.at_depth(depth, tableau, clock, vb.clone())?;
            let options = BlockOptions::new(vb.prefix(), coefficients)
                .drop_path(drop_rate(config.drop_path, depth, all), state)
                .activation(config.post_activation.then_some(config.activation));
            let cost = BlockCost {
                config: config.clone(),
                nesting: nesting.clone(),
                width,
                state: state.clone(),
            };
            let block = match strided {
                Some(strided) if group > 1 && index == 0 => {
                    strided((channels, width), options, cost, &vb)?
                }
                _ => Box::new(CostedBlock {
                    block: blocks(index, &vb)?,
                    options,
                    cost: move |size| cost.block(size),
                }),
            };
            push(&vb, block);
            depth += 1;
        }
        channels = width;
    }

    let (name, ends) = (vb.pp("head"), (channels, config.classes));
    let norm = || NormActivation::new(style, channels, name.pp("norm"));
    let norm = strided.is_none().then(norm).transpose()?;
    let head = Head::new(norm, ends, config.dropout, state, &name)?;
    push(&name, Box::new(head));
    Ok(layers)
}
