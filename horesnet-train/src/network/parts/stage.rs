//! Residual functions and blocks whose types are chosen at run time.

use candle_core::{Result, Tensor};
use candle_nn::ModuleT;
use horesnet::{Block, Increment};

/// The residual function of a stage: any module.
pub struct StageFunction(Box<dyn ModuleT + Send + Sync>);

/// A block whose scheme is chosen at run time.
pub type DynBlock = Box<dyn Block + Send + Sync>;

impl StageFunction {
    /// Wraps a module whose output has the shape of its input.
    pub fn new(module: impl ModuleT + Send + Sync + 'static) -> Self {
        Self(Box::new(module))
    }

    /// Wraps a block, which contributes its increment.
    #[must_use]
    pub fn block(block: DynBlock) -> Self {
        Self::new(Increment(block))
    }
}

impl ModuleT for StageFunction {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        self.0.forward_t(xs, train)
    }
}
