//! The cost of a block of residual functions.

use std::sync::Arc;

use candle_core::{Result as CandleResult, Tensor};
use candle_nn::ModuleT;

use super::{Functions, HoResNetConfig};
use crate::error::Result;
use crate::network::Layer;
use crate::network::nesting::Nesting;
use crate::network::parts::cost::{Cost, Size};
use crate::network::parts::residual::ResidualFunction;
use crate::network::parts::spec::ModuleSpec;
use crate::network::shapes::Shapes;
use crate::state::TrainState;

/// The cost of a block of `width` channels.
pub(in crate::network) struct BlockCost {
    pub(super) config: Arc<HoResNetConfig>,
    pub(in crate::network) nesting: Nesting,
    pub(super) width: usize,
    pub(in crate::network) state: TrainState,
}

impl BlockCost {
    /// The cost of a residual function.
    pub(in crate::network) fn function(&self, mut size: Size) -> Result<Cost> {
        let vb = Shapes::default().builder();
        let function = ResidualFunction::new(self.width, &self.config.residual(), vb)?;
        Ok(function.cost(&mut size))
    }

    /// The cost of the block.
    pub(in crate::network) fn block(&self, size: Size) -> Result<Cost> {
        let (config, mut function) = (&self.config, self.function(size)?);
        if self.state.recomputes_stages() {
            function = function.recomputed();
        }
        let (nesting, state) = (&self.nesting, self.width * size.pixels());
        let mut cost = if config.coefficients.is_adaptive() {
            Cost::adaptive(nesting, state, function)?
        } else {
            Cost::block(nesting, state, function)?
        };
        if config.coefficients.is_learned() {
            cost = cost.learning(nesting, state);
        }
        // Each stage makes its weights from a grid, and saves them; activations do not say what they save.
        if matches!(config.functions, Functions::Interpolated(_)) || config.post_activation {
            cost = Cost::unknown(cost.multiply_adds);
        }
        Ok(cost)
    }
}

/// The weights of a group's grid, which its blocks evaluate.
pub(super) struct GridWeights;

impl ModuleT for GridWeights {
    fn forward_t(&self, xs: &Tensor, _: bool) -> CandleResult<Tensor> {
        Ok(xs.clone())
    }
}

impl Layer for GridWeights {
    fn cost(&self, _: &mut Size) -> Result<Cost> {
        Ok(Cost::NOTHING)
    }

    fn spec(&self) -> Result<ModuleSpec> {
        Ok(ModuleSpec::sequence([]))
    }
}
