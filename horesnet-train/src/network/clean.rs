//! `HoResNet`: a stem, groups of higher-order residual blocks, transitions between the groups, a head.
//!
//! Only blocks are steps of a scheme. What changes channels or resolution is a transition, a layer of its own, because
//! a step that changes the space it works in approximates nothing.

// Builders are passed by value, as everywhere in candle.
#![expect(clippy::needless_pass_by_value)]

use candle_core::{DType, Device, Result as CandleResult, Tensor};
use candle_nn::{ModuleT, VarBuilder};
use horesnet::layers::channels_last;

use super::functions::Maker;
use super::head::Head;
use super::stem::StemLayers;
use super::transition::TransitionLayers;
use super::{Describe, HoResNetConfig, Network};
use crate::error::Result;
use crate::layer::{BlockLayer, Surroundings, drop_rate};
use crate::layers::NormActivation;
use crate::moment::Moment;
use crate::residual::ResidualFunction;
use crate::stage::StageFunction;

/// An image classifier made of higher-order residual blocks.
///
/// As a module it takes `[batch, in_channels, height, width]`, of any dtype, to logits `[batch, classes]` of its own.
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
pub struct HoResNet {
    stem: StemLayers,
    groups: Vec<Group>,
    head: Head,
    dtype: DType,
    device: Device,
    moment: Moment,
}

impl HoResNet {
    /// Builds the network, or fails as [`Describe::validate`] does.
    pub fn new(config: &HoResNetConfig, vb: VarBuilder) -> Result<Self> {
        config.validate()?;
        let config = config.settled()?;
        let moment = Moment::default();
        let mut channels = config.stem_channels();
        let ends = (config.in_channels, channels);
        let (style, stride) = (config.style(), config.stem_stride);
        let stem = StemLayers::new(config.stem, ends, stride, style, vb.pp("stem"))?;
        let mut groups = Vec::with_capacity(config.widths.len());
        let mut depth = 0;
        for (index, (&width, &count)) in std::iter::zip(&config.widths, &config.blocks).enumerate()
        {
            let vb = vb.pp(format!("group{}", index + 1));
            let name = vb.pp("transition");
            let transition = if index > 0 {
                let kind = config.transition;
                Some(TransitionLayers::new(kind, channels, width, style, name)?)
            } else if channels != width {
                Some(TransitionLayers::same_size(channels, width, style, name)?)
            } else {
                None
            };
            let blocks = config.blocks(width, count, depth, &moment, &vb)?;
            groups.push(Group { transition, blocks });
            channels = width;
            depth += count;
        }
        let vb_head = vb.pp("head");
        let norm = NormActivation::new(style, channels, vb_head.pp("norm"))?;
        let ends = (channels, config.classes);
        let head = Head::new(Some(norm), ends, config.dropout, &moment, vb_head)?;
        Ok(Self {
            stem,
            groups,
            head,
            dtype: vb.dtype(),
            device: vb.device().clone(),
            moment,
        })
    }
}

impl HoResNetConfig {
    /// The blocks of a group of `count` at `width`, the first of them at `depth`.
    fn blocks(
        &self,
        width: usize,
        count: usize,
        depth: usize,
        moment: &Moment,
        vb: &VarBuilder,
    ) -> Result<Vec<BlockLayer>> {
        let residual = self.residual();
        let make = move |vb: VarBuilder| {
            ResidualFunction::new(width, &residual, vb).map(StageFunction::new)
        };
        let nesting = self.nesting()?;
        let tableau = nesting.tableau();
        let maker = Maker::new(self.functions, nesting, count, vb, make)?;
        let all = self.blocks.iter().sum();
        let made = (0..count).map(|index| {
            let vb = vb.pp(format!("block{}", index + 1));
            let depth = depth + index;
            let coefficients =
                self.coefficients
                    .at_depth(depth, tableau, moment.clock(), vb.clone())?;
            let around = Surroundings::new(vb.prefix(), coefficients)
                .left_out(drop_rate(self.drop_path, depth, all), moment)
                .followed_by(self.post_activation.then_some(self.activation));
            Ok(BlockLayer::new(maker.block(index, &vb)?, around))
        });
        made.collect()
    }
}

impl Network for HoResNet {
    fn moment(&self) -> &Moment {
        &self.moment
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn blocks(&self) -> Vec<&Surroundings> {
        let blocks = self.groups.iter().flat_map(|group| &group.blocks);
        blocks.map(BlockLayer::surroundings).collect()
    }
}

impl ModuleT for HoResNet {
    fn forward_t(&self, xs: &Tensor, train: bool) -> CandleResult<Tensor> {
        let dtype = self.moment.dtype(self.dtype, train);
        let xs = channels_last(&xs.to_dtype(dtype)?)?;
        let mut ys = self.stem.forward_t(&xs, train)?;
        for group in &self.groups {
            ys = group.forward_t(&ys, train)?;
        }
        self.head.forward_t(&ys, train)
    }
}

/// Blocks of one width, after the transition to that width.
struct Group {
    transition: Option<TransitionLayers>,
    blocks: Vec<BlockLayer>,
}

impl ModuleT for Group {
    fn forward_t(&self, xs: &Tensor, train: bool) -> CandleResult<Tensor> {
        let mut ys = match &self.transition {
            Some(transition) => transition.forward_t(xs, train)?,
            None => xs.clone(),
        };
        for block in &self.blocks {
            ys = block.forward_t(&ys, train)?;
        }
        Ok(ys)
    }
}
