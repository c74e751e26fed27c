//! Combinations on a GPU, on candle's stream.
//!
//! Each element is summed in the order of the terms, with every product and sum rounded separately, as on the CPU: results
//! are bit-identical.

use candle_core::backend::BackendStorage;
use candle_core::{
    CudaDevice, CudaStorage, DType, Error, Layout, Result, Shape, Storage, Tensor, bail,
};
use half::{bf16, f16};

use super::launch::{Launched, MAX_OPERANDS, Operand, filled_with_zeros, sum};
use super::limits::expect_reach;
use crate::combine::with_storages;

/// The value of a grad node.
pub(crate) fn node_storage(device: &CudaDevice) -> Result<(CudaStorage, Shape)> {
    Ok((filled_with_zeros::<f32>(device, 1)?, Shape::from(())))
}

/// `Σ cᵢkᵢ` over tensors of one shape of `len` elements, in row-major order. Terms with coefficient 0 are not read.
pub(crate) fn sum_tensors(
    device: &CudaDevice,
    dtype: DType,
    len: usize,
    terms: &[(f64, Tensor)],
) -> Result<CudaStorage> {
    let read = terms.iter().filter(|(c, _)| *c != 0.0);
    let terms = read.map(|(c, k)| Ok((*c, in_one_piece(k)?)));
    let terms: Vec<(f64, Tensor)> = terms.collect::<Result<_>>()?;
    let tensors: Vec<&Tensor> = terms.iter().map(|(_, k)| k).collect();
    with_storages(&tensors, |storages| {
        let terms = terms.iter().zip(storages);
        let terms = terms.map(|((c, _), (storage, layout))| match storage {
            Storage::Cuda(storage) => Ok((*c, storage, *layout)),
            _ => bail!("a combination on a GPU has an operand on another device"),
        });
        of(device, dtype, len, &terms.collect::<Result<Vec<_>>>()?)
    })
}

/// Makes an operand contiguous, as kernels require.
fn in_one_piece(k: &Tensor) -> Result<Tensor> {
    if !k.is_contiguous() {
        expect_reach(k.layout())?;
    }
    k.detach().contiguous()
}

/// One term: its coefficient, its elements, and where in them it begins.
type Term<'a> = (f64, &'a CudaStorage, &'a Layout);

fn of(device: &CudaDevice, dtype: DType, len: usize, terms: &[Term]) -> Result<CudaStorage> {
    match dtype {
        DType::F32 => of_type::<f32>(device, len, terms),
        DType::F64 => of_type::<f64>(device, len, terms),
        DType::BF16 | DType::F16 if terms.len() > MAX_OPERANDS && len > 0 => {
            rounded_once(device, dtype, len, terms)
        }
        DType::BF16 => of_type::<bf16>(device, len, terms),
        DType::F16 => of_type::<f16>(device, len, terms),
        other => Err(Error::UnsupportedDTypeForOp(other, "combine").bt()),
    }
}

fn of_type<T: Launched>(device: &CudaDevice, len: usize, terms: &[Term]) -> Result<CudaStorage> {
    if terms.is_empty() || len == 0 {
        return filled_with_zeros::<T>(device, len.max(1));
    }
    let operands = terms.iter().map(|(c, storage, layout)| {
        let elements = storage.as_cuda_slice::<T>()?;
        Operand::new(*c, elements, layout.start_offset(), len)
    });
    let out = sum(device, len, &operands.collect::<Result<Vec<_>>>()?)?;
    Ok(CudaStorage::wrap_cuda_slice(out, device.clone()))
}

/// Sums 16-bit operands in more than one pass: in `f32` between the passes, so that the result is rounded once.
fn rounded_once(
    device: &CudaDevice,
    dtype: DType,
    len: usize,
    terms: &[Term],
) -> Result<CudaStorage> {
    let layout = Layout::contiguous(len);
    expect_reach(&layout)?;
    let wide = terms
        .iter()
        .map(|(c, storage, layout)| Ok((*c, storage.to_dtype(layout, DType::F32)?)));
    let wide: Vec<(f64, CudaStorage)> = wide.collect::<Result<_>>()?;
    let terms: Vec<Term> = wide
        .iter()
        .map(|(c, storage)| (*c, storage, &layout))
        .collect();
    of_type::<f32>(device, len, &terms)?.to_dtype(&layout, dtype)
}
