//! The input of a function that will run again.

use std::sync::Arc;

use candle_core::{DType, Device, Result, Tensor, TensorId, Var};

use crate::autograd::{DeferredOutput, PartialGrad, materialize_as};

/// A value that is kept for the backward pass.
#[derive(Clone)]
pub(super) enum Input {
    /// A constant.
    Constant(Tensor),
    /// A leaf of the graph that the function will record: its gradients stay with it.
    Leaf(Leaf),
}

/// A copy of a tensor, at which a backward pass ends.
#[derive(Clone)]
pub(super) struct Leaf {
    tensor: Tensor,
    gradients: Arc<DeferredOutput>,
    /// Makes candle track the leaf.
    anchor: TensorId,
}

impl Input {
    /// Keeps a copy of `x`: to ops, a tensor of this crate's ops if `is_known`, else one of candle's.
    ///
    /// It is a copy, because candle has no tensor with the elements of another and a graph of its own.
    pub(super) fn leaf(x: &Tensor, is_known: bool) -> Result<Self> {
        let gradients = Arc::<DeferredOutput>::default();
        gradients.put_copy(x)?;
        let node = anchor(x.device())?;
        let anchor = node.id();
        let tensor = materialize_as(node, gradients.clone(), is_known)?;
        Ok(Self::Leaf(Leaf {
            tensor,
            gradients,
            anchor,
        }))
    }

    /// The value, as the function shall see it when it records its graph.
    pub(super) fn tensor(&self) -> &Tensor {
        match self {
            Self::Constant(tensor) => tensor,
            Self::Leaf(leaf) => &leaf.tensor,
        }
    }

    /// Takes the terms of its gradient from the backward pass that has reached it.
    pub(super) fn partial_grads(&self) -> Vec<PartialGrad> {
        match self {
            Self::Constant(_) => Vec::new(),
            Self::Leaf(leaf) => leaf.gradients.partial_grads(),
        }
    }

    /// True for the variable that makes candle track the leaf.
    pub(super) fn is_anchor(&self, variable: TensorId) -> bool {
        matches!(self, Self::Leaf(leaf) if leaf.anchor == variable)
    }
}

/// A variable that makes candle track what depends on it.
pub(super) fn anchor(device: &Device) -> Result<Tensor> {
    Ok(Var::zeros((), DType::F32, device)?.into_inner())
}
