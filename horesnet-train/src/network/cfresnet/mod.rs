//! `CfResNet`: the network of the published HO-ResNet code (github zlannnn/HO-ResNet), with correct schemes.
//! It downsamples inside blocks, which are then not Runge–Kutta steps; [`HoResNet`](crate::HoResNet) has transitions instead.
//! Must not know other networks than `HoResNet`, whose configuration it shares.

mod config;
mod shortcut;

use candle_core::{Result as CandleResult, Tensor, bail};
use candle_nn::{ModuleT, VarBuilder};

use super::horesnet::BlockCost;
use super::sequential::{Layer, SequentialNetwork};
use crate::error::Result;
use crate::network::parts::block_layer::BlockOptions;
use crate::network::parts::cost::{Cost, Size};
use crate::network::parts::residual::{ResidualConfig, ResidualFunction};
use crate::network::parts::spec::{BlockSpec, ModuleSpec, Specify};
use crate::network::parts::stage::StageFunction;

pub use config::CfResNetConfig;

use shortcut::Shortcut;

/// The published network: a strided stem, groups of blocks each followed by a `ReLU`, a mean over pixels, a linear layer.
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
pub type CfResNet = SequentialNetwork<CfResNetConfig>;

/// A block that down-samples: `k₁ = F₁(x)` strided, and from then on the shortcut of `x` for `x`.
struct StridedBlock {
    first: ResidualFunction,
    rest: Vec<ResidualFunction>,
    /// The names of all of them.
    names: Vec<String>,
    shortcut: Shortcut,
    options: BlockOptions,
    cost: BlockCost,
}

impl StridedBlock {
    /// From `from` channels to `to`, under `vb`.
    fn layer(
        (from, to): (usize, usize),
        options: BlockOptions,
        cost: BlockCost,
        vb: &VarBuilder,
    ) -> CandleResult<Box<dyn Layer>> {
        let mut functions = Vec::with_capacity(cost.nesting.stages());
        let mut names = Vec::with_capacity(cost.nesting.stages());
        cost.nesting.build(|position| {
            let vb = vb.pp(&position.name);
            let function = if position.index == 0 {
                ResidualFunction::strided(from, to, &vb)?
            } else {
                ResidualFunction::new(to, &ResidualConfig::default(), vb)?
            };
            functions.push(function.clone());
            names.push(position.name.clone());
            Ok(StageFunction::new(function))
        })?;
        let mut functions = functions.into_iter();
        let Some(first) = functions.next() else {
            bail!("{} has no stages", cost.nesting)
        };
        Ok(Box::new(Self {
            first,
            rest: functions.collect(),
            names,
            shortcut: Shortcut { from, to },
            options,
            cost,
        }))
    }
}

impl ModuleT for StridedBlock {
    fn forward_t(&self, xs: &Tensor, train: bool) -> CandleResult<Tensor> {
        let state = &self.cost.state;
        let function = |index: usize, function: &ResidualFunction| {
            let name = format!(
                "{}.{}",
                self.options.name(),
                self.names.get(index).map_or("", |name| name)
            );
            StageFunction::new(function.clone()).recomputable(&name, state)
        };
        let k1 = function(0, &self.first).forward_t(xs, train)?;
        // The first stage reads another input than the block would pass to it, so the block is built around its output.
        let block = self.cost.nesting.build(|position| {
            let rest = position.index.checked_sub(1);
            if let Some(rest) = rest.and_then(|index| self.rest.get(index)) {
                return Ok(function(position.index, rest));
            }
            let k1 = k1.clone();
            Ok(StageFunction::new(move |_: &Tensor| Ok(k1.clone())))
        })?;
        self.options.step(&*block, &self.shortcut.apply(xs)?, train)
    }
}

impl Layer for StridedBlock {
    fn cost(&self, size: &mut Size) -> Result<Cost> {
        let first = self.first.cost(size).multiply_adds;
        let (block, function) = (self.cost.block(*size)?, self.cost.function(*size)?);
        let rest = block.multiply_adds.saturating_sub(function.multiply_adds);
        // Neither the shortcut nor the activation says what it saves.
        Ok(Cost::unknown(rest.saturating_add(first)))
    }

    fn spec(&self) -> Result<ModuleSpec> {
        let functions = std::iter::once(&self.first).chain(&self.rest);
        let named = self.names.iter().zip(functions);
        let named = named.map(|(name, function)| Ok((name.clone(), function.spec()?)));
        let (nesting, coefficients) = (&self.cost.nesting, self.options.coefficients());
        let block = BlockSpec::new(nesting, coefficients, named.collect::<Result<_>>()?)?;
        Ok(self.options.spec(BlockSpec {
            shortcut: Some([self.shortcut.from, self.shortcut.to]),
            ..block
        }))
    }

    fn block(&self) -> Option<&BlockOptions> {
        Some(&self.options)
    }
}
