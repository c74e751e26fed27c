//! Elements of images: `f32` and `f64` as they are; `bf16` and `f16` are widened to `f32` and rounded, a chunk of the batch
//! at a time, in the cache.

use std::mem::MaybeUninit;
use std::sync::PoisonError;

use candle_core::{DType, WithDType};
use half::{bf16, f16};

use super::float::{Float, assume_written};
use crate::combine::{Isa, Kernel};

/// The type of an image's elements.
pub(crate) trait Stored: WithDType {
    /// The type that layers compute in.
    type Float: Float;

    /// Calls `read` with widened elements.
    fn widened<R>(isa: Isa, xs: &[Self], read: impl FnOnce(&[Self::Float]) -> R) -> R;

    /// Calls `write` with memory for results, which it returns with all elements written; rounds them into `out`.
    fn rounded<R>(
        isa: Isa,
        out: &mut [MaybeUninit<Self>],
        write: impl for<'a> FnOnce(&'a mut [MaybeUninit<Self::Float>]) -> (&'a mut [Self::Float], R),
    ) -> (&mut [Self], R);

    /// Calls `update` with widened elements, and rounds what it leaves there.
    fn updated<R>(isa: Isa, xs: &mut [Self], update: impl FnOnce(&mut [Self::Float]) -> R) -> R;
}

/// The dtype that layers compute in, for images of `dtype`.
pub(crate) fn float_dtype(dtype: DType) -> DType {
    match dtype {
        DType::BF16 | DType::F16 => DType::F32,
        other => other,
    }
}

macro_rules! as_it_is {
    ($t:ty) => {
        impl Stored for $t {
            type Float = Self;

            #[inline]
            fn widened<R>(_: Isa, xs: &[Self], read: impl FnOnce(&[Self]) -> R) -> R {
                read(xs)
            }

            #[inline]
            fn rounded<R>(
                _: Isa,
                out: &mut [MaybeUninit<Self>],
                write: impl for<'a> FnOnce(&'a mut [MaybeUninit<Self>]) -> (&'a mut [Self], R),
            ) -> (&mut [Self], R) {
                write(out)
            }

            #[inline]
            fn updated<R>(_: Isa, xs: &mut [Self], update: impl FnOnce(&mut [Self]) -> R) -> R {
                update(xs)
            }
        }
    };
}

macro_rules! half {
    ($t:ty) => {
        impl Stored for $t {
            type Float = f32;

            fn widened<R>(isa: Isa, xs: &[Self], read: impl FnOnce(&[f32]) -> R) -> R {
                with_buffer(xs.len(), |wide| {
                    isa.run(Widen(xs, wide));
                    read(wide)
                })
            }

            fn rounded<R>(
                isa: Isa,
                out: &mut [MaybeUninit<Self>],
                write: impl for<'a> FnOnce(&'a mut [MaybeUninit<f32>]) -> (&'a mut [f32], R),
            ) -> (&mut [Self], R) {
                let returned = with_buffer(out.len(), |wide| {
                    // SAFETY: both slices have the same layout, and `write` returns every element written.
                    let space =
                        unsafe { &mut *(std::ptr::from_mut(wide) as *mut [MaybeUninit<f32>]) };
                    let expected = space.as_ptr();
                    let (wide, returned) = write(space);
                    assert!(wide.len() == out.len() && wide.as_ptr() == expected.cast());
                    isa.run(Round(wide, out));
                    returned
                });
                // SAFETY: `Round` has written every element.
                (unsafe { assume_written(out) }, returned)
            }

            fn updated<R>(isa: Isa, xs: &mut [Self], update: impl FnOnce(&mut [f32]) -> R) -> R {
                with_buffer(xs.len(), |wide| {
                    isa.run(Widen(xs, wide));
                    let returned = update(wide);
                    // SAFETY: both slices have the same layout, and `Round` writes numbers only.
                    let out = unsafe { &mut *(std::ptr::from_mut(xs) as *mut [MaybeUninit<$t>]) };
                    isa.run(Round(wide, out));
                    returned
                })
            }
        }

        impl Kernel for Widen<'_, $t> {
            type Output = ();

            #[inline(always)]
            fn run<const FUSED: bool, const ROWS: usize>(self) {
                for (wide, x) in self.1.iter_mut().zip(self.0) {
                    *wide = x.to_f32();
                }
            }
        }

        impl Kernel for Round<'_, $t> {
            type Output = ();

            #[inline(always)]
            fn run<const FUSED: bool, const ROWS: usize>(self) {
                for (out, &x) in self.1.iter_mut().zip(self.0) {
                    out.write(<$t>::from_f32(x));
                }
            }
        }
    };
}

as_it_is!(f32);
as_it_is!(f64);
half!(bf16);
half!(f16);

/// Widens the first slice into the second.
struct Widen<'a, E>(&'a [E], &'a mut [f32]);

/// Rounds the first slice into the second.
struct Round<'a, E>(&'a [f32], &'a mut [MaybeUninit<E>]);

/// Calls `work` with a buffer of `len` elements that no thread uses now, with what earlier work has left there.
fn with_buffer<R>(len: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    let free = || {
        f32::scratch()
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    };
    let mut buffer = free().pop().unwrap_or_default();
    if buffer.len() < len {
        buffer.resize(len, 0.0);
    }
    let returned = work(&mut buffer[..len]);
    free().push(buffer);
    returned
}
