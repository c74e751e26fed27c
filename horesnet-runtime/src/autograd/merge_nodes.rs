//! Merges grad nodes three at a time, the most inputs that a candle op takes.

#[cfg(feature = "cuda")]
use candle_core::CudaStorage;
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

use super::grad_node::node_storage;

/// Merges grad nodes until one op can take them.
pub(crate) fn merge_nodes(mut nodes: Vec<Tensor>) -> Result<Vec<Tensor>> {
    while nodes.len() > 3 {
        let mut merged = Vec::with_capacity(nodes.len().div_ceil(3));
        for group in nodes.chunks(3) {
            merged.push(match group {
                [a, b, c] => a.apply_op3(b, c, MergeNodes)?,
                [a, b] => a.apply_op3(b, b, MergeNodes)?,
                rest => {
                    merged.extend_from_slice(rest);
                    continue;
                }
            });
        }
        nodes = merged;
    }
    Ok(nodes)
}

/// In the backward pass, passes the count it receives on to each node it merges.
struct MergeNodes;

impl CustomOp3 for MergeNodes {
    fn name(&self) -> &'static str {
        "horesnet-merge-nodes"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
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
        _: &CudaStorage,
        _: &Layout,
    ) -> Result<(CudaStorage, Shape)> {
        crate::gpu::node_storage(&node.device)
    }

    fn bwd(
        &self,
        a: &Tensor,
        b: &Tensor,
        c: &Tensor,
        _: &Tensor,
        count: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        Ok(once_per_node([a, b, c], count))
    }
}

/// Returns `gradient` for each argument; a node that is passed twice gets it once.
pub(super) fn once_per_node(
    [a, b, c]: [&Tensor; 3],
    gradient: &Tensor,
) -> (Option<Tensor>, Option<Tensor>, Option<Tensor>) {
    let gradient = || gradient.clone();
    (
        Some(gradient()),
        (b.id() != a.id()).then(gradient),
        (c.id() != b.id() && c.id() != a.id()).then(gradient),
    )
}
