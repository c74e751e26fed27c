//! Residual functions and blocks whose types are chosen at run time.

use std::sync::Arc;

use candle_core::{Result, Tensor};
use candle_nn::ModuleT;
use horesnet::{Block, Increment, Interpolated, Recomputable, checkpoint};

use super::spec::{ModuleSpec, Specify};
use crate::error::{self, Error};
use crate::state::TrainState;

/// The residual function of a stage: any module. Clones share it.
#[derive(Clone)]
pub struct StageFunction {
    module: Arc<dyn ModuleT + Send + Sync>,
    spec: Option<Arc<dyn Specify + Send + Sync>>,
    /// Its name, and the state that says whether it is computed again.
    recomputable: Option<(Arc<str>, TrainState)>,
}

/// A block whose scheme is chosen at run time.
pub type DynBlock = Box<dyn Block + Send + Sync>;

impl StageFunction {
    /// Wraps a module whose output has the shape of its input.
    pub fn new(module: impl ModuleT + Send + Sync + 'static) -> Self {
        Self {
            module: Arc::new(module),
            spec: None,
            recomputable: None,
        }
    }

    /// Wraps a module that can be exported.
    pub fn specified(module: impl ModuleT + Specify + Send + Sync + 'static) -> Self {
        let module = Arc::new(module);
        Self {
            spec: Some(module.clone()),
            module,
            recomputable: None,
        }
    }

    /// Computes it again in the backward pass while `state` says so; `name` stands in errors.
    #[must_use]
    pub(crate) fn recomputable(self, name: &str, state: &TrainState) -> Self {
        Self {
            recomputable: Some((name.into(), state.clone())),
            ..self
        }
    }

    /// Wraps a block, which contributes its increment.
    #[must_use]
    pub fn block(block: DynBlock) -> Self {
        Self::new(Increment(block))
    }
}

impl ModuleT for StageFunction {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        match &self.recomputable {
            Some((name, state)) if state.recomputes_stages() => {
                let module = self.module.clone();
                let call = move |xs: &Tensor| module.forward_t(xs, train);
                checkpoint(&Recomputable::new(name.clone(), call), xs)
            }
            _ => self.module.forward_t(xs, train),
        }
    }
}

impl Specify for StageFunction {
    fn spec(&self) -> error::Result<ModuleSpec> {
        let problem = "a residual function does not describe itself, so the network cannot be exported; make it with \
                       `StageFunction::specified`";
        let spec = self.spec.as_ref();
        spec.ok_or_else(|| Error::setting("network", problem))?
            .spec()
    }
}

impl Specify for Interpolated<StageFunction> {
    /// The function with the weights of its time.
    fn spec(&self) -> error::Result<ModuleSpec> {
        self.function()?.spec()
    }
}
