//! Sums operands on a GPU: chooses the kernel, and launches it in one or several passes.

use candle_core::cuda_backend::cudarc::driver::{
    CudaSlice, CudaView, DeviceRepr, LaunchConfig, PushKernelArg, ValidAsZeroBits,
};
use candle_core::cuda_backend::{CudaDType, WrapErr};
use candle_core::{CudaDevice, CudaStorage, Error, Result, bail};
use half::{bf16, f16};

use super::kernels::{BF16, F16, F32, F64, Kernel, THREADS};
use super::limits::{advised, grid, passes};
use crate::combine::{Element, Sum};

/// The most operands of one pass.
pub(crate) const MAX_OPERANDS: usize = 16;

/// An element type that has kernels.
pub(crate) trait Launched:
    Element<Sum: DeviceRepr> + CudaDType + DeviceRepr + ValidAsZeroBits
{
    /// The kernels for one operand, two, and so on up to [`MAX_OPERANDS`].
    fn kernels() -> &'static [Kernel];
}

macro_rules! launched {
    ($t:ty, $kernels:ident) => {
        impl Launched for $t {
            fn kernels() -> &'static [Kernel] {
                const { assert!($kernels.len() == MAX_OPERANDS) };
                $kernels
            }
        }
    };
}

launched!(f32, F32);
launched!(f64, F64);
launched!(bf16, BF16);
launched!(f16, F16);

/// A kernel's view of one operand.
pub(crate) struct Operand<'a, T: Element> {
    c: T::Sum,
    elements: CudaView<'a, T>,
}

impl<'a, T: Element> Operand<'a, T> {
    /// `len` of the `elements`, from `start` on. Refuses a range past their end, so that no kernel reads there.
    pub(crate) fn new(
        c: f64,
        elements: &'a CudaSlice<T>,
        start: usize,
        len: usize,
    ) -> Result<Self> {
        let Some(elements) = elements.try_slice(start..start.saturating_add(len)) else {
            bail!("an operand of {len} elements reaches past the end of its storage")
        };
        Ok(Self {
            c: T::Sum::coefficient(c),
            elements,
        })
    }
}

/// `count` zeros, where `count` is at least 1: a GPU cannot allocate memory for no elements.
pub(crate) fn filled_with_zeros<T: Launched>(
    device: &CudaDevice,
    count: usize,
) -> Result<CudaStorage> {
    let zeros = device.alloc_zeros::<T>(count)?;
    Ok(CudaStorage::wrap_cuda_slice(zeros, device.clone()))
}

/// Sums one operand or more, of one element or more each.
///
/// The sum so far is the first operand of each pass after the first.
pub(crate) fn sum<T: Launched>(
    device: &CudaDevice,
    len: usize,
    operands: &[Operand<T>],
) -> Result<CudaSlice<T>> {
    let mut so_far: Option<CudaSlice<T>> = None;
    for range in passes(operands.len(), MAX_OPERANDS) {
        let before = so_far.as_ref().map(|sum| Operand::new(1.0, sum, 0, len));
        let before = before.transpose()?;
        let next = operands.get(range).unwrap_or_default();
        let all: Vec<&Operand<T>> = before.iter().chain(next).collect();
        so_far = Some(pass(device, len, &all)?);
    }
    so_far.ok_or_else(|| Error::msg("a sum of no operands"))
}

/// One launch.
fn pass<T: Launched>(
    device: &CudaDevice,
    len: usize,
    operands: &[&Operand<T>],
) -> Result<CudaSlice<T>> {
    let kernel = operands
        .len()
        .checked_sub(1)
        .and_then(|at| T::kernels().get(at));
    let Some(kernel) = kernel else {
        bail!("there is no kernel for {} operands", operands.len())
    };
    let blocks = grid(len, kernel.elements)?;
    let function = device
        .get_or_load_custom_func(kernel.entry, kernel.module, kernel.text)
        .map_err(advised)?;
    // SAFETY: the kernel writes every element before anybody reads one.
    let mut out = unsafe { device.alloc::<T>(len) }?;
    let count = len as u64;
    let mut launch = function.builder();
    launch.arg(&count).arg(&mut out);
    for operand in operands {
        launch.arg(&operand.elements).arg(&operand.c);
    }
    let config = LaunchConfig {
        grid_dim: (blocks, 1, 1),
        block_dim: (THREADS, 1, 1),
        shared_mem_bytes: 0,
    };
    // SAFETY: the arguments are those that the kernel declares: a count, the result and each operand with its coefficient in
    // the type of the sums. Result and operands have `len` elements, and the result overlaps no operand.
    unsafe { launch.launch(config) }.w()?;
    Ok(out)
}
