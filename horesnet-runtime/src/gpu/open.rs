//! Opens a GPU: keeps freed memory, and tries out the kernels.

use std::ptr;

use candle_core::backend::BackendStorage;
use candle_core::cuda_backend::cudarc::driver::result::{device, mem_pool};
use candle_core::cuda_backend::cudarc::driver::sys::CUmemPool_attribute;
use candle_core::{CpuStorage, CudaDevice, DType, Device, Result, Tensor, bail};

use super::limits::advised;
use super::sum::sum_tensors;

/// See [`crate::gpu::open`].
pub(crate) fn open(number: usize) -> Result<Device> {
    // Candle truncates larger numbers.
    if i32::try_from(number).is_err() {
        bail!("there is no GPU {number}")
    }
    let device = Device::new_cuda(number)?;
    let gpu = device.as_cuda_device()?;
    keep_memory(gpu);
    if works(&device, gpu).map_err(advised)? {
        return Ok(device);
    }
    bail!("GPU {number} computes wrong sums")
}

/// Keeps freed memory in the program. Drivers without memory pools have nothing to set.
fn keep_memory(gpu: &CudaDevice) {
    let mut all = u64::MAX;
    // SAFETY: the number of the device comes from its context, the pool from the device, and the attribute is a number of 64
    // bits, which is read before the call ends.
    unsafe {
        if let Ok(pool) = device::get_default_mem_pool(gpu.cuda_stream().context().cu_device()) {
            let kept = CUmemPool_attribute::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
            // A failure costs time and nothing else.
            let _ = mem_pool::set_attribute(pool, kept, ptr::from_mut(&mut all).cast());
        }
    }
}

/// Returns true if a kernel of candle's and one of ours give the right numbers.
fn works(device: &Device, gpu: &CudaDevice) -> Result<bool> {
    let wide = Tensor::new(&[1f64, 2.0, 4.0, 8.0, 16.0], device)?;
    let xs = wide.to_dtype(DType::F32)?;
    let sum = sum_tensors(gpu, DType::F32, 5, &[(0.5, xs.clone()), (1.0, xs)])?;
    Ok(matches!(sum.to_cpu_storage()?, CpuStorage::F32(sum) if sum == [1.5, 3.0, 6.0, 12.0, 24.0]))
}
