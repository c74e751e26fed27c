//! The element types that layers compute in.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Sub};

use candle_core::{CpuStorage, Error, Layout, Result, WithDType, bail};

/// `f32` or `f64`.
pub(crate) trait Float:
    WithDType
    + Debug
    + Send
    + Sync
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + AddAssign
    + MulAssign
{
    const ZERO: Self;

    fn fused(self, times: Self, plus: Self) -> Self;
}

macro_rules! float {
    ($t:ty) => {
        impl Float for $t {
            const ZERO: Self = 0.0;

            #[inline(always)]
            fn fused(self, times: Self, plus: Self) -> Self {
                self.mul_add(times, plus)
            }
        }
    };
}

float!(f32);
float!(f64);

/// `a·b + c`, rounded once if `FUSED`.
#[inline(always)]
pub(crate) fn mul_add<T: Float, const FUSED: bool>(a: T, b: T, c: T) -> T {
    if FUSED { a.fused(b, c) } else { a * b + c }
}

/// The elements of a contiguous tensor.
pub(crate) fn elements<'a, T: Float>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [T]> {
    let all = T::cpu_storage_as_slice(storage)?;
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&all[start..end]),
        None => bail!("a layer was given a tensor that is not contiguous"),
    }
}

/// As many zeros, or an error if the memory for them cannot be had.
pub(crate) fn zeros<T: Float>(count: usize) -> Result<Vec<T>> {
    reserve(count, size_of::<T>())?;
    Ok(vec![T::ZERO; count])
}

/// An error if there is no room for `count` elements of so many bytes. An allocation that fails would end the program.
pub(crate) fn reserve(count: usize, bytes: usize) -> Result<()> {
    let size = count.saturating_mul(bytes);
    Vec::<u8>::new().try_reserve_exact(size).map_err(|error| {
        Error::msg(format!(
            "no memory for a tensor of {count} elements: {error}"
        ))
    })
}
