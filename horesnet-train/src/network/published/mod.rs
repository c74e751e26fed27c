//! `CfResNet`: the network of the published HO-ResNet code (github zlannnn/HO-ResNet), of right schemes.
//!
//! It down-samples inside a block: the first stage is strided and works on the block's input, the others on a shortcut of
//! fewer pixels and more channels. Such a block is a step of nothing; [`HoResNet`](crate::HoResNet) has transitions instead.

// Builders are passed by value, as everywhere in candle.
#![expect(clippy::needless_pass_by_value)]

mod config;
mod shortcut;

use candle_core::{DType, Device, Result as CandleResult, Tensor, bail};
use candle_nn::{ModuleT, VarBuilder};
use horesnet::layers::channels_last;

use super::functions::{Functions, Maker};
use super::head::Head;
use super::stem::{Stem, StemLayers};
use super::{Describe, Network};
use crate::error::Result;
use crate::layer::{BlockLayer, Surroundings, drop_rate};
use crate::layers::{Activation, Style};
use crate::moment::Moment;
use crate::nesting::Nesting;
use crate::residual::{ResidualConfig, ResidualFunction};
use crate::stage::StageFunction;

pub use config::CfResNetConfig;

use shortcut::Shortcut;

/// The published network: a strided stem, groups of blocks each followed by a `ReLU`, a mean over pixels, a linear layer.
///
/// As a module it takes `[batch, in_channels, height, width]`, of any dtype, to logits `[batch, classes]` of its own.
///
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use candle_nn::ModuleT;
/// use horesnet_train::{CfResNet, CfResNetConfig, Variables};
///
/// let variables = Variables::seeded(0);
/// let network = CfResNet::new(&CfResNetConfig::default(), variables.builder(DType::F32, &Device::Cpu))?;
/// assert_eq!(variables.parameters(), 366_842);
/// let xs = Tensor::zeros((2, 3, 32, 32), DType::F32, &Device::Cpu)?;
/// assert_eq!(network.forward_t(&xs, false)?.dims(), [2, 10]);
/// # Ok::<(), horesnet_train::Error>(())
/// ```
pub struct CfResNet {
    stem: StemLayers,
    blocks: Vec<Part>,
    head: Head,
    dtype: DType,
    device: Device,
    moment: Moment,
}

impl CfResNet {
    /// Builds the network, or fails as [`Describe::validate`] does.
    pub fn new(config: &CfResNetConfig, vb: VarBuilder) -> Result<Self> {
        config.validate()?;
        let config = config.settled()?;
        let moment = Moment::default();
        let scheme = config.nesting()?;
        let mut channels = config.widths.first().copied().unwrap_or_default();
        let ends = (config.in_channels, channels);
        let stem = StemLayers::new(Stem::Plain, ends, 2, Style::default(), vb.pp("stem"))?;
        let all = config.blocks.iter().sum();
        let mut blocks = Vec::with_capacity(all);
        for (group, (&width, &count)) in std::iter::zip(&config.widths, &config.blocks).enumerate()
        {
            let vb = vb.pp(format!("group{}", group + 1));
            let make = move |vb: VarBuilder| {
                ResidualFunction::new(width, &ResidualConfig::default(), vb).map(StageFunction::new)
            };
            let maker = Maker::new(Functions::Separate, scheme.clone(), count, &vb, make)?;
            for index in 0..count {
                let vb = vb.pp(format!("block{}", index + 1));
                let depth = blocks.len();
                let coefficients = config.coefficients.at_depth(
                    depth,
                    scheme.tableau(),
                    moment.clock(),
                    vb.clone(),
                )?;
                let around = Surroundings::new(vb.prefix(), coefficients)
                    .left_out(drop_rate(config.drop_path, depth, all), &moment)
                    .followed_by(Activation::Relu);
                blocks.push(if group > 0 && index == 0 {
                    Part::Strided(StridedBlock::new(
                        scheme.clone(),
                        (channels, width),
                        around,
                        vb,
                    )?)
                } else {
                    Part::Block(BlockLayer::new(maker.block(index, &vb)?, around))
                });
            }
            channels = width;
        }
        let ends = (channels, config.classes);
        let head = Head::new(None, ends, config.dropout, &moment, vb.pp("head"))?;
        Ok(Self {
            stem,
            blocks,
            head,
            dtype: vb.dtype(),
            device: vb.device().clone(),
            moment,
        })
    }
}

impl Network for CfResNet {
    fn moment(&self) -> &Moment {
        &self.moment
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn blocks(&self) -> Vec<&Surroundings> {
        self.blocks.iter().map(Part::surroundings).collect()
    }
}

impl ModuleT for CfResNet {
    fn forward_t(&self, xs: &Tensor, train: bool) -> CandleResult<Tensor> {
        let dtype = self.moment.dtype(self.dtype, train);
        let xs = channels_last(&xs.to_dtype(dtype)?)?;
        let mut ys = self.stem.forward_t(&xs, train)?;
        for block in &self.blocks {
            ys = match block {
                Part::Block(block) => block.forward_t(&ys, train)?,
                Part::Strided(block) => block.forward_t(&ys, train)?,
            };
        }
        self.head.forward_t(&ys, train)
    }
}

enum Part {
    Block(BlockLayer),
    Strided(StridedBlock),
}

impl Part {
    fn surroundings(&self) -> &Surroundings {
        match self {
            Self::Block(block) => block.surroundings(),
            Self::Strided(block) => &block.surroundings,
        }
    }
}

/// A block that down-samples: `k₁ = F₁(x)` strided, and from then on the shortcut of `x` for `x`.
struct StridedBlock {
    scheme: Nesting,
    first: ResidualFunction,
    rest: Vec<ResidualFunction>,
    shortcut: Shortcut,
    surroundings: Surroundings,
}

impl StridedBlock {
    fn new(
        scheme: Nesting,
        (from, to): (usize, usize),
        surroundings: Surroundings,
        vb: VarBuilder,
    ) -> CandleResult<Self> {
        let mut functions = Vec::with_capacity(scheme.stages());
        scheme.build(|place| {
            let vb = vb.pp(&place.name);
            let function = if place.index == 0 {
                ResidualFunction::strided(from, to, 2, vb)?
            } else {
                ResidualFunction::new(to, &ResidualConfig::default(), vb)?
            };
            functions.push(function.clone());
            Ok(StageFunction::new(function))
        })?;
        let mut functions = functions.into_iter();
        let Some(first) = functions.next() else {
            bail!("{scheme} has no stages")
        };
        Ok(Self {
            scheme,
            first,
            rest: functions.collect(),
            shortcut: Shortcut { from, to },
            surroundings,
        })
    }
}

impl ModuleT for StridedBlock {
    fn forward_t(&self, xs: &Tensor, train: bool) -> CandleResult<Tensor> {
        let k1 = self.first.forward_t(xs, train)?;
        // The first stage has been evaluated, and of other numbers than the block will pass to it: the block is made for
        // this input, and takes what came out. Its other functions are names of the same weights.
        let block = self.scheme.build(|place| {
            let rest = place.index.checked_sub(1);
            if let Some(function) = rest.and_then(|index| self.rest.get(index)) {
                return Ok(StageFunction::new(function.clone()));
            }
            let k1 = k1.clone();
            Ok(StageFunction::new(move |_: &Tensor| Ok(k1.clone())))
        })?;
        self.surroundings
            .step(&*block, &self.shortcut.apply(xs)?, train)
    }
}
