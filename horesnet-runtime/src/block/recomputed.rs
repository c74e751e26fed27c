//! A block that keeps little for its backward pass, and computes the rest again there.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use candle_core::{Result, Tensor};
use candle_nn::ModuleT;

use super::nesting::residual;
use super::{Block, wants_increment};
use crate::recompute::{Recomputable, checkpoint};

/// What is computed again in the backward pass of a block.
///
/// Kept are, of a block of `s` stages whose residual functions keep `m` tensors each:
///
/// | | kept until the backward pass | kept in it | forward passes |
/// |---|---|---|---|
/// | `None` | `s·m` | | 1 |
/// | `Stage` | `s` | `m` | 2 |
/// | `Block` | 1 | `s·m` | 2 |
/// | `BlockAndStage` | 1 | `s + m` | 3 |
///
/// With learned coefficients, a block keeps its `s` stage values besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recompute {
    /// Nothing.
    #[default]
    None,
    /// Each residual function, from its input.
    Stage,
    /// The block, from its input.
    Block,
    /// The block from its input, and in that each residual function from its own: the adjoint of an explicit tableau,
    /// `lᵢ = h·(bᵢg + Σ a_ji·vⱼ)`, `vᵢ = (∂Fᵢ/∂x)ᵀlᵢ` with `j > i` (Hager, Numerische Mathematik 87 (2000) 247).
    BlockAndStage,
}

impl Recompute {
    fn has_stages(self) -> bool {
        matches!(self, Self::Stage | Self::BlockAndStage)
    }

    fn has_block(self) -> bool {
        matches!(self, Self::Block | Self::BlockAndStage)
    }
}

/// A block that is computed again in its backward pass; made by [`Block::recompute`].
///
/// As a module it is the block: as the residual function of another, it contributes its increment.
#[derive(Debug)]
pub struct Recomputed<B> {
    block: Arc<B>,
    recompute: Recompute,
}

impl<B> Recomputed<B> {
    pub(super) fn new(block: B, recompute: Recompute) -> Self {
        Self {
            block: Arc::new(block),
            recompute,
        }
    }

    /// The block.
    #[must_use]
    pub fn block(&self) -> &B {
        &self.block
    }
}

impl<B> Clone for Recomputed<B> {
    fn clone(&self) -> Self {
        Self {
            block: self.block.clone(),
            recompute: self.recompute,
        }
    }
}

impl<B: Block + ModuleT + Send + Sync + 'static> ModuleT for Recomputed<B> {
    fn forward_t(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        let increment = wants_increment(self);
        let (block, recompute) = (self.block.clone(), self.recompute);
        let run = move |x: &Tensor| {
            let stages = recompute.has_stages().then(|| StageCall::of(&block, train));
            with_stages(stages, || {
                if increment {
                    residual(&*block, x, train)
                } else {
                    block.forward_t(x, train)
                }
            })
        };
        if recompute.has_block() {
            checkpoint(&Recomputable::new(self.block.name(), run), x)
        } else {
            run(x)
        }
    }
}

/// Calls the residual functions of a block by their number, counted from 1.
#[derive(Clone)]
pub(super) struct StageCall {
    scheme: &'static str,
    call: Arc<Call>,
}

type Call = dyn Fn(usize, &Tensor) -> Result<Tensor> + Send + Sync;

impl StageCall {
    fn of<B: Block + Send + Sync + 'static>(block: &Arc<B>, train: bool) -> Self {
        let (scheme, block) = (block.name(), block.clone());
        Self {
            scheme,
            call: Arc::new(move |i, x| block.stage_t(i, x, train)),
        }
    }

    /// Calls residual function `i`, and keeps only its input.
    pub(super) fn checkpoint(&self, i: usize, x: &Tensor) -> Result<Tensor> {
        let call = self.call.clone();
        let name = format!("stage {i} of {}", self.scheme);
        checkpoint(&Recomputable::new(name, move |x| call(i, x)), x)
    }
}

impl fmt::Debug for StageCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StageCall({})", self.scheme)
    }
}

thread_local! {
    /// For the next evaluation of a block.
    static STAGES: RefCell<Option<StageCall>> = const { RefCell::new(None) };
}

/// Runs `work`, in which the first block that is evaluated calls its residual functions by `stages`.
fn with_stages<R>(stages: Option<StageCall>, work: impl FnOnce() -> R) -> R {
    /// Restores what was before, even after a panic.
    struct Restore(Option<StageCall>);

    impl Drop for Restore {
        fn drop(&mut self) {
            STAGES.set(self.0.take());
        }
    }

    let _restore = Restore(STAGES.replace(stages));
    work()
}

/// Takes the way to call the residual functions of the block that begins to be evaluated.
pub(super) fn take_stages() -> Option<StageCall> {
    STAGES.take()
}
