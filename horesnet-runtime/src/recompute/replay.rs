//! One function: its first run without graph, and its second with a graph that candle differentiates.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};
#[cfg(feature = "cuda")]
use candle_core::{CudaDevice, CudaStorage};

use super::Recomputable;
use super::fingerprint::fingerprint;
use super::input::Input;
use crate::autograd::{
    GradNode, NodeOp, PartialGrad, Tape, apply, keep_replayed, no_grad, node_storage, record,
    replay, take_replayed,
};

/// A function that has run once.
pub(super) struct Recorded {
    function: Recomputable,
    tape: Arc<Tape>,
    /// An op of this crate has made the output: others find its grad node.
    pub(super) is_known: bool,
    fingerprint: Option<u64>,
}

impl Recorded {
    /// Runs a function for the first time, without graph. `is_known` tells whether an op of this crate has made `x`.
    pub(super) fn run(
        function: &Recomputable,
        x: &Tensor,
        is_known: bool,
    ) -> Result<(Self, Tensor)> {
        let (y, tape, made) = record(|| no_grad(|| function.call(x)));
        let y = y?;
        let is_known = made.contains(&y.id()) || (is_known && y.id() == x.id());
        let recorded = Self {
            function: function.clone(),
            tape,
            is_known,
            fingerprint: fingerprint(&y)?,
        };
        Ok((recorded, y.detach()))
    }

    /// Runs it again without graph.
    pub(super) fn advance(&self, x: &Tensor) -> Result<Tensor> {
        let y = replay(&self.tape, || no_grad(|| self.function.call(x)));
        Ok(y.map_err(|error| self.context(error))?.detach())
    }

    /// Runs it again with its graph and differentiates that; returns the terms of the gradient of `x`.
    ///
    /// Gradients of variables go to the running backward pass.
    pub(super) fn reverse(&self, x: &Input, gradient: Tensor) -> Result<Vec<PartialGrad>> {
        let y = replay(&self.tape, || self.function.call(x.tensor()));
        let y = y.map_err(|error| self.context(error))?;
        if y.shape() != gradient.shape() || fingerprint(&y)? != self.fingerprint {
            bail!(
                "expected {} to give the output that it gave in the forward pass, found another: it draws random numbers or \
                 changes a state, and cannot be recomputed; train it without",
                self.function.name
            )
        }
        let Some(target) = GradNode::of(&y)? else {
            return Ok(Vec::new());
        };
        drop(y);
        let variables: Vec<Tensor> = { target.node.sorted_nodes().into_iter() }
            .filter(|node| node.is_variable() && !x.is_anchor(node.id()))
            .cloned()
            .collect();
        let mut node = target.node.clone();
        for variable in &variables {
            if let Some(sum) = take_replayed(variable.id()) {
                node = node.apply_op2(variable, Seed(sum))?;
            }
        }
        let root = Root {
            target,
            gradient: Mutex::new(Some(gradient)),
        };
        let root = apply(root, std::slice::from_ref(&node), &node)?;
        drop(node);
        let mut store = root.backward()?;
        for variable in &variables {
            if let Some(sum) = store.remove(variable) {
                keep_replayed(variable, sum);
            }
        }
        Ok(x.partial_grads())
    }

    fn context(&self, error: candle_core::Error) -> candle_core::Error {
        error.context(format!("{} was computed again", self.function.name))
    }
}

/// Begins a backward pass at a tensor with a gradient.
struct Root {
    target: GradNode,
    gradient: Mutex<Option<Tensor>>,
}

impl NodeOp for Root {
    const NAME: &'static str = "horesnet-recompute-root";

    fn forward(&self) -> Result<(CpuStorage, Shape)> {
        Ok(node_storage())
    }

    #[cfg(feature = "cuda")]
    fn forward_cuda(&self, device: &CudaDevice) -> Result<(CudaStorage, Shape)> {
        crate::gpu::node_storage(device)
    }

    fn backward(&self, node: &Tensor, count: &Tensor) -> Result<Tensor> {
        let mut gradient = self.gradient.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gradient) = gradient.take() {
            self.target.accumulator.push(node.id(), 1.0, gradient);
        }
        count.ones_like()
    }
}

/// Begins the sum of the gradients of a variable where earlier functions have left it, so that candle goes on adding terms
/// one by one.
struct Seed(Tensor);

impl CustomOp2 for Seed {
    fn name(&self) -> &'static str {
        "horesnet-recompute-seed"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        Ok(node_storage())
    }

    #[cfg(feature = "cuda")]
    fn cuda_fwd(
        &self,
        node: &CudaStorage,
        _: &Layout,
        _: &CudaStorage,
        _: &Layout,
    ) -> Result<(CudaStorage, Shape)> {
        crate::gpu::node_storage(&node.device)
    }

    fn bwd(
        &self,
        _: &Tensor,
        _: &Tensor,
        _: &Tensor,
        count: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        Ok((Some(count.clone()), Some(self.0.clone())))
    }
}
