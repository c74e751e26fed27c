//! Merges grad nodes three at a time, the most inputs that a candle op takes.

use candle_core::{CpuStorage, Result, Shape, Tensor};
#[cfg(feature = "cuda")]
use candle_core::{CudaDevice, CudaStorage};

use super::grad_node::node_storage;
use super::node_op::{NodeOp, apply};

/// Merges grad nodes until one op can take them.
pub(crate) fn merge_nodes(mut nodes: Vec<Tensor>) -> Result<Vec<Tensor>> {
    while nodes.len() > 3 {
        let mut merged = Vec::with_capacity(nodes.len().div_ceil(3));
        for group in nodes.chunks(3) {
            match group {
                [one] => merged.push(one.clone()),
                [first, ..] => merged.push(apply(MergeNodes, group, first)?),
                [] => {}
            }
        }
        nodes = merged;
    }
    Ok(nodes)
}

/// In the backward pass, passes the count it receives on to each node it merges.
struct MergeNodes;

impl NodeOp for MergeNodes {
    const NAME: &'static str = "horesnet-merge-nodes";

    fn forward(&self) -> Result<(CpuStorage, Shape)> {
        Ok(node_storage())
    }

    #[cfg(feature = "cuda")]
    fn forward_cuda(&self, device: &CudaDevice) -> Result<(CudaStorage, Shape)> {
        crate::gpu::node_storage(device)
    }

    fn backward(&self, _: &Tensor, count: &Tensor) -> Result<Tensor> {
        Ok(count.clone())
    }
}
