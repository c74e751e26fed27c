//! Handles joined three at a time, because candle's ops take at most three tensors.
//!
//! A join is one number in candle's graph: it passes the count that it receives on to what it joins.

#[cfg(feature = "cuda")]
use candle_core::CudaStorage;
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

use crate::handle::handle_storage;

/// Joins handles three at a time until one op can take them.
pub(crate) fn join(mut nodes: Vec<Tensor>) -> Result<Vec<Tensor>> {
    while nodes.len() > 3 {
        let mut joined = Vec::with_capacity(nodes.len().div_ceil(3));
        for group in nodes.chunks(3) {
            joined.push(match group {
                [a, b, c] => a.apply_op3(b, c, Join)?,
                [a, b] => a.apply_op3(b, b, Join)?,
                rest => {
                    joined.extend_from_slice(rest);
                    continue;
                }
            });
        }
        nodes = joined;
    }
    Ok(nodes)
}

/// Passes the count that it receives (see [`crate::handle`]) on to the handles it joins.
struct Join;

impl CustomOp3 for Join {
    fn name(&self) -> &'static str {
        "horesnet-join"
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
        Ok(handle_storage())
    }

    #[cfg(feature = "cuda")]
    fn cuda_fwd(
        &self,
        handle: &CudaStorage,
        _: &Layout,
        _: &CudaStorage,
        _: &Layout,
        _: &CudaStorage,
        _: &Layout,
    ) -> Result<(CudaStorage, Shape)> {
        crate::cuda::handle_storage(&handle.device)
    }

    fn bwd(
        &self,
        a: &Tensor,
        b: &Tensor,
        c: &Tensor,
        _joined: &Tensor,
        count: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        Ok(once_each([a, b, c], count))
    }
}

/// `gradient` for each argument; for one that fills several places, in the first alone.
pub(crate) fn once_each(
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
