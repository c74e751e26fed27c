//! `HoResNet`: a stem, groups of higher-order residual blocks, transitions between the groups, a head.
//!
//! Only blocks are steps of a scheme. What changes channels or resolution is a transition, a layer of its own, because
//! a step that changes the space it works in approximates nothing.

// Builders are passed by value, as everywhere in candle.
#![expect(clippy::needless_pass_by_value)]

use candle_core::{DType, Result as CandleResult, Tensor};
use candle_nn::{Linear, Module, ModuleT, VarBuilder, linear};
use horesnet::layers::{Conv2d, NormRelu, NormReluConv, channels_last, global_average};

use super::{Describe, HoResNetConfig, Network};
use crate::error::Result;
use crate::layers::{conv3x3, norm_relu, norm_relu_conv};
use crate::moment::Moment;
use crate::nesting::Nesting;
use crate::residual::ResidualFunction;
use crate::stage::{DynBlock, StageFunction};

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
    stem: Stem,
    groups: Vec<Group>,
    head: Head,
    dtype: DType,
    moment: Moment,
}

impl HoResNet {
    /// Builds the network, or fails as [`Describe::validate`] does.
    pub fn new(config: &HoResNetConfig, vb: VarBuilder) -> Result<Self> {
        config.validate()?;
        let dtype = vb.dtype();
        let scheme: Nesting = config.scheme.parse()?;
        let mut channels = config.widths.first().copied().unwrap_or_default();
        let stem = Stem::new(
            config.in_channels,
            channels,
            config.stem_stride,
            vb.pp("stem"),
        )?;
        let mut groups = Vec::with_capacity(config.widths.len());
        let mut depth = 0;
        for (index, (&width, &count)) in std::iter::zip(&config.widths, &config.blocks).enumerate()
        {
            let vb = vb.pp(format!("group{}", index + 1));
            let transition = if index == 0 {
                None
            } else {
                Some(transition(channels, width, vb.pp("transition"))?)
            };
            let mut blocks = Vec::with_capacity(count);
            for block in 0..count {
                let vb = vb.pp(format!("block{}", block + 1));
                let made = scheme.build(|place| {
                    ResidualFunction::new(width, vb.pp(&place.name)).map(StageFunction::new)
                })?;
                blocks.push((config.coefficients.h(depth), made));
                depth += 1;
            }
            groups.push(Group { transition, blocks });
            channels = width;
        }
        let head = Head::new(channels, config.classes, vb.pp("head"))?;
        Ok(Self {
            stem,
            groups,
            head,
            dtype,
            moment: Moment::default(),
        })
    }
}

impl Network for HoResNet {
    fn moment(&self) -> &Moment {
        &self.moment
    }

    fn step_sizes(&self) -> Vec<f64> {
        let blocks = self.groups.iter().flat_map(|group| &group.blocks);
        blocks.map(|(h, _)| *h).collect()
    }
}

impl ModuleT for HoResNet {
    fn forward_t(&self, xs: &Tensor, train: bool) -> CandleResult<Tensor> {
        let xs = channels_last(&xs.to_dtype(self.dtype)?)?;
        let mut ys = self.stem.forward_t(&xs, train)?;
        for group in &self.groups {
            ys = group.forward_t(&ys, train)?;
        }
        self.head.forward_t(&ys, train)
    }
}

/// Convolution, normalisation, `ReLU`.
struct Stem {
    conv: Conv2d,
    norm: NormRelu,
}

impl Stem {
    fn new(
        in_channels: usize,
        channels: usize,
        stride: usize,
        vb: VarBuilder,
    ) -> CandleResult<Self> {
        Ok(Self {
            conv: conv3x3(in_channels, channels, stride, vb.pp("conv"))?.into(),
            norm: norm_relu(channels, vb.pp("norm"))?,
        })
    }
}

impl ModuleT for Stem {
    fn forward_t(&self, xs: &Tensor, train: bool) -> CandleResult<Tensor> {
        self.norm.forward_t(&self.conv.forward(xs)?, train)
    }
}

/// Blocks of one width and their step sizes, after the transition to that width.
struct Group {
    transition: Option<NormReluConv>,
    blocks: Vec<(f64, DynBlock)>,
}

impl ModuleT for Group {
    fn forward_t(&self, xs: &Tensor, train: bool) -> CandleResult<Tensor> {
        let mut ys = match &self.transition {
            Some(transition) => transition.forward_t(xs, train)?,
            None => xs.clone(),
        };
        for (h, block) in &self.blocks {
            ys = block.step_t(*h, &ys, train)?;
        }
        Ok(ys)
    }
}

/// Normalisation, `ReLU`, and a convolution of stride 2 to the next group's channels.
fn transition(in_channels: usize, channels: usize, vb: VarBuilder) -> CandleResult<NormReluConv> {
    norm_relu_conv(in_channels, channels, 2, vb.pp("norm"), vb.pp("conv"))
}

/// Normalisation and `ReLU`, which the last block leaves to its successor, then global average pooling and a linear layer.
struct Head {
    norm: NormRelu,
    linear: Linear,
}

impl Head {
    fn new(channels: usize, classes: usize, vb: VarBuilder) -> CandleResult<Self> {
        Ok(Self {
            norm: norm_relu(channels, vb.pp("norm"))?,
            linear: linear(channels, classes, vb.pp("linear"))?,
        })
    }
}

impl ModuleT for Head {
    fn forward_t(&self, xs: &Tensor, train: bool) -> CandleResult<Tensor> {
        let ys = self.norm.forward_t(xs, train)?;
        self.linear.forward(&global_average(&ys)?)
    }
}
