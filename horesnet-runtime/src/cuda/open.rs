//! Opening a GPU: memory is kept, kernels are tried out.

use std::ptr;

use candle_core::cuda_backend::cudarc::driver::result::{device, mem_pool};
use candle_core::cuda_backend::cudarc::driver::sys::CUmemPool_attribute;
use candle_core::{CudaDevice, DType, Device, Result, Tensor, bail};

use crate::launches::advised;
use crate::{Operand, weighted_sum};

/// See [`crate::gpu::open`].
pub(crate) fn open(number: usize) -> Result<Device> {
    // Candle cuts longer numbers short.
    if i32::try_from(number).is_err() {
        bail!("there is no GPU {number}")
    }
    let device = Device::new_cuda(number)?;
    if let Device::Cuda(gpu) = &device {
        keep_memory(gpu);
    }
    if works(&device).map_err(advised)? {
        return Ok(device);
    }
    bail!("GPU {number} does not add 0.5 and 1 times a number right")
}

/// Freed memory stays with the program. Drivers without pools of memory have nothing to set.
fn keep_memory(gpu: &CudaDevice) {
    let mut all = u64::MAX;
    // SAFETY: the number of the device comes from its context, the pool from the device, and the attribute is a number of 64
    // bits, which is read before the call ends.
    unsafe {
        if let Ok(pool) = device::get_default_mem_pool(gpu.cuda_stream().context().cu_device()) {
            let kept = CUmemPool_attribute::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
            // It costs time where it is not set, and nothing else.
            let _ = mem_pool::set_attribute(pool, kept, ptr::from_mut(&mut all).cast());
        }
    }
}

/// Whether a kernel of candle's and one of ours do what they should.
fn works(device: &Device) -> Result<bool> {
    let wide = Tensor::new(&[1f64, 2.0, 4.0, 8.0, 16.0], device)?;
    let xs = Operand::new(wide.to_dtype(DType::F32)?)?;
    let sum = weighted_sum(&[(0.5, &xs), (1.0, &xs)])?;
    Ok(sum.to_vec1::<f32>()? == [1.5, 3.0, 6.0, 12.0, 24.0])
}
