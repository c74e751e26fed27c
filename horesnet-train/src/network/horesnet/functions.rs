//! The residual functions of a group of blocks: one for each stage, one for each block, or one function of time.

use candle_core::Result as CandleResult;
use candle_nn::VarBuilder;
use horesnet::Grid;

use crate::choice::choice;
use crate::error::Result;
use crate::limits::ensure;
use crate::network::nested_block::NestedBlock;
use crate::network::nesting::Nesting;
use crate::network::parts::stage::StageFunction;
use crate::state::TrainState;

/// Most points of a grid.
const MAX_POINTS: usize = 1000;

/// The name of a block's only residual function.
const SHARED: &str = "stages";

/// Builds the block of a group at an index, counted from 0, under a builder.
type BuildBlock = Box<dyn Fn(usize, &VarBuilder) -> CandleResult<NestedBlock>>;

choice! {
    /// Which residual functions the stages of blocks have: `separate`, `shared` or `interpolated(N)`.
    Functions, "functions" {
        /// One for each stage, as in HO-ResNet.
        #[default]
        Separate = "separate",
        /// One for each block, which is then a step for a differential equation.
        Shared = "shared",
        /// One for each group, a function of time, which goes from 0 to 1 over the group: weights at so many points, linear in
        /// between (arXiv 2008.02389). Weights do not depend on the scheme.
        Interpolated(usize) = "interpolated(N)",
    }
}

impl Functions {
    pub(super) fn validate(self) -> Result<()> {
        let Self::Interpolated(points) = self else {
            return Ok(());
        };
        ensure("functions", (2..=MAX_POINTS).contains(&points), || {
            format!("a grid of {points} points; there must be 2 to {MAX_POINTS}")
        })
    }

    /// A builder of the `blocks` of a group under `vb`; `make` makes a residual function, which is computed again if `state`
    /// says so.
    pub(super) fn blocks(
        self,
        nesting: Nesting,
        blocks: usize,
        (vb, state): (&VarBuilder, &TrainState),
        make: impl Fn(VarBuilder) -> CandleResult<StageFunction> + Send + Sync + 'static,
    ) -> CandleResult<BuildBlock> {
        let state = state.clone();
        Ok(match self {
            Self::Separate => Box::new(move |_, vb| {
                NestedBlock::new(&nesting, |position| {
                    let vb = vb.pp(&position.name);
                    let name = vb.prefix();
                    Ok(make(vb)?.recomputable(&name, &state))
                })
            }),
            Self::Shared => Box::new(move |_, vb| {
                let vb = vb.pp(SHARED);
                let name = vb.prefix();
                let function = make(vb)?.recomputable(&name, &state);
                Ok(NestedBlock::shared(&nesting, SHARED, function))
            }),
            Self::Interpolated(points) => {
                let grid = Grid::new(points, vb.pp("grid"), make)?;
                Box::new(move |index, vb| {
                    NestedBlock::new(&nesting, |position| {
                        let time = (index as f64 + position.node) / blocks.max(1) as f64;
                        let vb = vb.pp(&position.name);
                        let name = vb.prefix();
                        let function = StageFunction::specified(grid.at(time, vb)?);
                        Ok(function.recomputable(&name, &state))
                    })
                })
            }
        })
    }
}
