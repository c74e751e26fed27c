//! Tensors of process 0 for all.

use candle_core::{DType, Device, Result, Tensor};

use super::Communicator;

/// Returns the tensor of process 0, on the CPU and in the dtype of `own`, which has its shape.
pub(crate) fn broadcast_tensor(cluster: &dyn Communicator, own: &Tensor) -> Result<Tensor> {
    let numbers = own.to_device(&Device::Cpu)?.to_dtype(DType::F64)?;
    let numbers = numbers.flatten_all()?.to_vec1::<f64>()?;
    let bytes = cluster.broadcast(numbers.iter().flat_map(|x| x.to_le_bytes()).collect());
    let (first, _) = bytes.as_chunks();
    let first = first.iter().map(|x| f64::from_le_bytes(*x)).collect();
    Tensor::from_vec(first, own.shape(), &Device::Cpu)?.to_dtype(own.dtype())
}
