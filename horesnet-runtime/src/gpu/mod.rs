//! NVIDIA GPUs: opening a device, and computing combinations on it with the generated kernels.
//! Decisions about launches are in `limits.rs` and are tested without a GPU; the rest needs the feature `cuda`.
//! It must not know of gradients, blocks or layers.

#[cfg(feature = "cuda")]
mod kernels;
#[cfg(feature = "cuda")]
mod launch;
#[cfg(any(feature = "cuda", test))]
mod limits;
#[cfg(feature = "cuda")]
mod open;
#[cfg(feature = "cuda")]
mod sum;

use candle_core::{Device, Result};

#[cfg(feature = "cuda")]
pub(crate) use sum::{node_storage, sum_tensors};

/// Opens GPU `number`, counted from 0, ready for blocks.
///
/// Candle's `Device::new_cuda` opens one too. This function also keeps the memory of freed tensors for the next training
/// step; otherwise that memory would return to the system at every synchronisation. And it tries out one kernel of candle
/// and one of this crate, so that an unsuitable driver or build fails here, with advice.
///
/// Candle gives each thread its own stream: use and drop tensors on the thread that made the device.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{Device, Tensor};
/// use horesnet::gpu;
///
/// let device = gpu::open(0).unwrap_or(Device::Cpu);
/// let xs = Tensor::new(&[1f32, 2.0], &device)?;
/// # Ok::<(), candle_core::Error>(())
/// ```
///
/// # Errors
/// Without the feature `cuda`, without a GPU of that number, or if the GPU cannot run kernels: its capability is less than
/// 7.0, its driver too old for this build, or the build for other GPUs.
pub fn open(number: usize) -> Result<Device> {
    #[cfg(feature = "cuda")]
    return open::open(number);
    #[cfg(not(feature = "cuda"))]
    candle_core::bail!("GPU {number} cannot be used: horesnet was built without its feature `cuda`")
}

/// The model of a GPU, such as `NVIDIA H100 PCIe`; `None` for the CPU.
#[must_use]
pub fn name(device: &Device) -> Option<String> {
    about(device).map(|(name, _)| name)
}

/// The compute capability of a GPU, such as `(9, 0)`; `None` for the CPU.
#[must_use]
pub fn capability(device: &Device) -> Option<(i32, i32)> {
    about(device).map(|(_, capability)| capability)
}

#[cfg(feature = "cuda")]
fn about(device: &Device) -> Option<(String, (i32, i32))> {
    let Device::Cuda(gpu) = device else {
        return None;
    };
    let stream = gpu.cuda_stream();
    let context = stream.context();
    Some((context.name().ok()?, context.compute_capability().ok()?))
}

#[cfg(not(feature = "cuda"))]
fn about(_: &Device) -> Option<(String, (i32, i32))> {
    None
}
