//! A block of nested schemes that keeps its residual functions, so that it can describe itself.

use candle_core::{Result as CandleResult, Tensor};
use candle_nn::ModuleT;
use horesnet::{Coefficients, Increment};

use crate::error::Result;
use crate::network::nesting::{Nesting, StagePosition};
use crate::network::parts::spec::{BlockSpec, ModuleSpec, Specify, StepSpec};
use crate::network::parts::stage::{DynBlock, StageFunction};

/// A block and its residual functions. As a module it computes its increment.
pub(super) struct NestedBlock {
    block: Increment<DynBlock>,
    nesting: Nesting,
    functions: Vec<(String, StageFunction)>,
}

impl NestedBlock {
    /// A block with the residual function that `make` gives at each position.
    pub(super) fn new(
        nesting: &Nesting,
        make: impl Fn(&StagePosition) -> CandleResult<StageFunction>,
    ) -> CandleResult<Self> {
        let mut functions = Vec::with_capacity(nesting.stages());
        let block = nesting.build(|position| {
            let function = make(position)?;
            functions.push((position.name.clone(), function.clone()));
            Ok(function)
        })?;
        Ok(Self::with(block, nesting, functions))
    }

    /// A block with one residual function, called `name`, at all positions.
    pub(super) fn shared(nesting: &Nesting, name: &str, function: StageFunction) -> Self {
        let block = nesting.shared(function.clone());
        Self::with(block, nesting, vec![(name.to_owned(), function)])
    }

    fn with(block: DynBlock, nesting: &Nesting, functions: Vec<(String, StageFunction)>) -> Self {
        Self {
            block: Increment(block),
            nesting: nesting.clone(),
            functions,
        }
    }

    pub(super) fn block(&self) -> &DynBlock {
        &self.block.0
    }

    /// Describes the block with coefficients for its outermost scheme.
    pub(super) fn spec(&self, coefficients: &dyn Coefficients) -> Result<BlockSpec> {
        let functions = self.functions.iter();
        let functions = functions.map(|(name, function)| Ok((name.clone(), function.spec()?)));
        BlockSpec::new(
            &self.nesting,
            coefficients,
            functions.collect::<Result<_>>()?,
        )
    }
}

impl ModuleT for NestedBlock {
    fn forward_t(&self, xs: &Tensor, train: bool) -> CandleResult<Tensor> {
        self.block.forward_t(xs, train)
    }
}

impl BlockSpec {
    /// A block of `nesting` with coefficients for its outermost scheme; inside it, the step size is 1.
    pub(super) fn new(
        nesting: &Nesting,
        coefficients: &dyn Coefficients,
        functions: Vec<(String, ModuleSpec)>,
    ) -> Result<Self> {
        let steps = nesting.schemes().enumerate().map(|(level, scheme)| {
            let coefficients = if level == 0 { coefficients } else { &1.0 };
            StepSpec::new(coefficients, scheme.tableau)
        });
        Ok(Self {
            steps: steps.collect::<Result<_>>()?,
            functions,
            shortcut: None,
            activation: None,
        })
    }
}
