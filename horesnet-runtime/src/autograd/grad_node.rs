//! A tensor's node in candle's graph: one number that stands for it in the arguments of ops.

use std::sync::Arc;

use candle_core::{CpuStorage, Result, Shape, Tensor};

use super::accumulate_grad::{AccumulateGrad, GradAccumulator};
use super::{materialize, no_grad};

/// A tensor in candle's graph, for ops of this crate.
#[derive(Clone, Debug)]
pub(crate) struct GradNode {
    /// One element; its gradient is the count of partial gradients that wait in the accumulator.
    pub(crate) node: Tensor,
    pub(crate) accumulator: Arc<GradAccumulator>,
}

impl GradNode {
    /// The node of a tensor; `None` if candle does not track it, and within [`no_grad`](super::no_grad()).
    ///
    /// An output of this crate's ops has one from the start; any other tensor gets a new one at each call.
    pub(crate) fn of(tensor: &Tensor) -> Result<Option<Self>> {
        if no_grad::is_off() || !tensor.track_op() {
            return Ok(None);
        }
        if let Some(node) = materialize::grad_node(tensor.id()) {
            return Ok(Some(node));
        }
        let accumulator = Arc::<GradAccumulator>::default();
        let node = tensor.apply_op1(AccumulateGrad(accumulator.clone()))?;
        Ok(Some(Self { node, accumulator }))
    }
}

/// The value of a grad node: one `f32`, which every device supports.
pub(crate) fn node_storage() -> (CpuStorage, Shape) {
    (CpuStorage::F32(vec![0.0]), Shape::from(()))
}
