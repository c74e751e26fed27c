//! Residual functions and blocks whose types are chosen at run time.

use candle_core::{Result, Tensor};
use candle_nn::ModuleT;
use horesnet::{Block, wants_increment};

/// The residual function of a stage: any module, or a block, which contributes its increment.
pub struct StageFunction(Kind);

enum Kind {
    Module(Box<dyn ModuleT + Send + Sync>),
    Block(DynBlock),
}

/// A block whose scheme is chosen at run time.
pub type DynBlock = Box<dyn Block + Send + Sync>;

impl StageFunction {
    /// A module whose output has the shape of its input.
    pub fn new(module: impl ModuleT + Send + Sync + 'static) -> Self {
        Self(Kind::Module(Box::new(module)))
    }

    /// A block as the residual function of another.
    #[must_use]
    pub fn block(block: DynBlock) -> Self {
        Self(Kind::Block(block))
    }
}

impl ModuleT for StageFunction {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        match &self.0 {
            Kind::Module(module) => module.forward_t(xs, train),
            Kind::Block(block) if wants_increment(self) => {
                block.increment_t(block.coefficients(), xs, train)
            }
            Kind::Block(block) => block.step_t(block.coefficients(), xs, train),
        }
    }
}
