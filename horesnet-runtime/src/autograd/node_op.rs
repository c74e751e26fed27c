//! Ops of candle's graph whose arguments are grad nodes only, which they do not read.

use candle_core::{CpuStorage, CustomOp3, DType, Layout, Result, Shape, Tensor};
#[cfg(feature = "cuda")]
use candle_core::{CudaDevice, CudaStorage};

/// An op over one to three grad nodes.
pub(crate) trait NodeOp: Send + Sync {
    const NAME: &'static str;

    /// Computes the value of the op's own node.
    fn forward(&self) -> Result<(CpuStorage, Shape)>;

    #[cfg(feature = "cuda")]
    fn forward_cuda(&self, device: &CudaDevice) -> Result<(CudaStorage, Shape)>;

    /// Receives the count of gradients of the op's own `node`, and returns the count that each argument gets.
    fn backward(&self, node: &Tensor, count: &Tensor) -> Result<Tensor>;
}

/// Calls the op on at most three nodes. Without any it is not differentiated, and runs on the device of `like`.
pub(crate) fn apply<T: NodeOp + 'static>(op: T, nodes: &[Tensor], like: &Tensor) -> Result<Tensor> {
    let op = Arguments(op);
    match nodes {
        [] => {
            let nothing = Tensor::zeros((), DType::F32, like.device())?;
            nothing.apply_op3_no_bwd(&nothing, &nothing, &op)
        }
        [a] => a.apply_op3(a, a, op),
        [a, b] => a.apply_op3(b, b, op),
        [a, b, c, ..] => a.apply_op3(b, c, op),
    }
}

/// An op of candle's: it takes three arguments, so nodes are repeated where there are fewer.
struct Arguments<T>(T);

impl<T: NodeOp> CustomOp3 for Arguments<T> {
    fn name(&self) -> &'static str {
        T::NAME
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
        self.0.forward()
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
        self.0.forward_cuda(&node.device)
    }

    /// An argument that is repeated gets its count once.
    fn bwd(
        &self,
        a: &Tensor,
        b: &Tensor,
        c: &Tensor,
        node: &Tensor,
        count: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let own = self.0.backward(node, count)?;
        let second = (b.id() != a.id()).then(|| own.clone());
        let third = (c.id() != b.id() && c.id() != a.id()).then(|| own.clone());
        Ok((Some(own), second, third))
    }
}
