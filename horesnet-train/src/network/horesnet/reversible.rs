//! Blocks in a row as a reversible sequence, whose inputs are computed from its output in the backward pass.

use std::sync::Arc;

use candle_core::{Result as CandleResult, Tensor};
use candle_nn::ModuleT;
use horesnet::{ReversibleStep, StepFunction, reversible};

use super::BlockCost;
use crate::error::{Error, Result};
use crate::limits::ensure;
use crate::network::Layer;
use crate::network::nested_block::NestedBlock;
use crate::network::parts::block_layer::BlockOptions;
use crate::network::parts::cost::{Cost, Memory, Size};
use crate::network::parts::spec::ModuleSpec;

/// The largest relative rounding error of an input that is computed from the output, in growing `λ^(−L)` times: `2⁻¹⁰`.
const LARGEST_ERROR: f64 = 1.0 / 1024.0;

/// The unit roundoff of `f32`, in which networks are trained.
const ROUNDOFF: f64 = 1.0 / (1 << 24) as f64;

/// Fails unless sequences of `blocks` blocks each can be reversed with `lambda`.
pub(super) fn check(lambda: f64, blocks: &[usize]) -> Result<()> {
    let holds = lambda > 0.0 && lambda <= 1.0;
    ensure("reversible", holds, || {
        format!("{lambda} is not above 0 and at most 1; 0.99 is usual")
    })?;
    let longest = blocks.iter().copied().max().unwrap_or_default();
    let growth = (longest as f64 * -lambda.ln()).exp();
    ensure("reversible", growth * ROUNDOFF <= LARGEST_ERROR, || {
        let allowed = (LARGEST_ERROR / ROUNDOFF).ln();
        let (most, least) = (allowed / -lambda.ln(), (-allowed / longest as f64).exp());
        format!(
            "rounding errors grow by 1/{lambda} a block, to {growth:.1e}·2⁻²⁴ over {longest} blocks, and at most 2⁻¹⁰ is \
             trained; use at most {most:.0} blocks in a group, or a number from {least:.4} to 1"
        )
    })
}

/// A block of a sequence.
pub(super) struct ReversibleBlock {
    pub(super) block: NestedBlock,
    pub(super) options: BlockOptions,
}

/// Blocks of one group. Calls that do not train compute the same sequence.
pub(super) struct ReversibleBlocks {
    pub(super) blocks: Vec<Arc<ReversibleBlock>>,
    /// The factor of the value itself in the next one; the rest is from the other value.
    pub(super) lambda: f64,
    pub(super) cost: BlockCost,
}

impl ModuleT for ReversibleBlocks {
    fn forward_t(&self, xs: &Tensor, train: bool) -> CandleResult<Tensor> {
        let increment = |block: &Arc<ReversibleBlock>, backwards| -> StepFunction {
            let own = block.clone();
            Arc::new(move |xs| {
                let ReversibleBlock { block, options } = &*own;
                options.increment(block.block(), xs, backwards, train)
            })
        };
        let steps = self.blocks.iter().map(|block| ReversibleStep {
            forward: increment(block, false),
            backward: increment(block, true),
        });
        reversible(&steps.collect::<Vec<_>>(), self.lambda, xs)
    }
}

impl Layer for ReversibleBlocks {
    /// A block runs forwards and backwards, but for the last one. The last two values are saved; in the backward pass there
    /// are two values and their gradients, and what one increment saves.
    fn cost(&self, size: &mut Size) -> Result<Cost> {
        let (block, increment) = (self.cost.block(*size)?, self.cost.increment(*size)?);
        let state = self.cost.numbers(*size);
        let blocks = self.blocks.len() as u64;
        let increments = increment
            .multiply_adds
            .saturating_mul(blocks.saturating_sub(1));
        let multiply_adds = block.multiply_adds.saturating_mul(blocks);
        Ok(Cost {
            multiply_adds: multiply_adds.saturating_add(increments),
            memory: increment.memory.map(|inside| Memory {
                input: state,
                saved: state.saturating_mul(2),
                gradients: { inside.saved.saturating_add(inside.gradients) }
                    .saturating_add(state.saturating_mul(4)),
                stages: inside.stages.saturating_add(state),
            }),
        })
    }

    fn spec(&self) -> Result<ModuleSpec> {
        let problem = "a reversible network is no sequence of modules, and cannot be written for other frameworks; export a \
                       folder for model hubs (`--to hub`), which HoresNet runs";
        Err(Error::setting("reversible", problem))
    }

    fn blocks(&self) -> Vec<&BlockOptions> {
        self.blocks.iter().map(|block| &block.options).collect()
    }

    fn prefixes(&self) -> Option<Vec<&str>> {
        let blocks = self.blocks.iter();
        Some(blocks.map(|block| block.options.name()).collect())
    }
}
