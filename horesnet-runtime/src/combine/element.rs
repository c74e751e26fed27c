//! The dtypes of combinations: widening, summing, narrowing.
//!
//! `f32` and `f64` are summed as they are. `bf16` and `f16` are summed in `f32` and rounded once, at the end.

use std::mem::MaybeUninit;
use std::ops::{Add, Mul};

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};

/// The type in which sums are formed.
pub(crate) trait Sum: Copy + Send + Sync + Add<Output = Self> + Mul<Output = Self> {
    /// `−0`, the one value that changes no other under IEEE addition (`+0` turns `−0` into `+0`).
    const NEUTRAL: Self;
    const ZERO: Self;

    fn coefficient(c: f64) -> Self;

    fn wide(self) -> f64;
}

/// The type of a tensor's elements.
pub(crate) trait Element: Copy + Send + Sync {
    type Sum: Sum;
    const ZERO: Self;

    /// The elements as summands; `scratch` is used only where they need converting.
    fn widen<'a>(run: &'a [Self], scratch: &'a mut Vec<Self::Sum>) -> &'a [Self::Sum];

    /// Starts one sum per element of `out`, all [`NEUTRAL`](Sum::NEUTRAL): in `out` itself, or in `scratch` if sums are of
    /// another type.
    fn begin<'a>(
        out: &'a mut [MaybeUninit<Self>],
        scratch: &'a mut Vec<Self::Sum>,
    ) -> &'a mut [Self::Sum];

    /// Stores the finished sums, after which all of `out` is initialised.
    fn finish(out: &mut [MaybeUninit<Self>], scratch: &[Self::Sum]);
}

macro_rules! native {
    ($t:ty) => {
        impl Sum for $t {
            const NEUTRAL: Self = -0.0;
            const ZERO: Self = 0.0;

            #[inline]
            fn coefficient(c: f64) -> Self {
                c as Self
            }

            #[inline(always)]
            fn wide(self) -> f64 {
                self.into()
            }
        }

        impl Element for $t {
            type Sum = Self;
            const ZERO: Self = 0.0;

            #[inline(always)]
            fn widen<'a>(run: &'a [Self], _: &'a mut Vec<Self>) -> &'a [Self] {
                run
            }

            #[inline(always)]
            fn begin<'a>(out: &'a mut [MaybeUninit<Self>], _: &'a mut Vec<Self>) -> &'a mut [Self] {
                for element in &mut *out {
                    element.write(Self::NEUTRAL);
                }
                // SAFETY: every element has just been written, and both slices have the same layout.
                unsafe { &mut *(std::ptr::from_mut(out) as *mut [Self]) }
            }

            #[inline(always)]
            fn finish(_: &mut [MaybeUninit<Self>], _: &[Self]) {}
        }
    };
}

macro_rules! half {
    ($t:ty) => {
        impl Element for $t {
            type Sum = f32;
            const ZERO: Self = <$t>::ZERO;

            #[inline(always)]
            fn widen<'a>(run: &'a [Self], scratch: &'a mut Vec<f32>) -> &'a [f32] {
                scratch.resize(run.len(), 0.0);
                run.convert_to_f32_slice(scratch);
                scratch
            }

            #[inline(always)]
            fn begin<'a>(
                out: &'a mut [MaybeUninit<Self>],
                scratch: &'a mut Vec<f32>,
            ) -> &'a mut [f32] {
                scratch.clear();
                scratch.resize(out.len(), f32::NEUTRAL);
                scratch
            }

            #[inline(always)]
            fn finish(out: &mut [MaybeUninit<Self>], scratch: &[f32]) {
                for (out, &sum) in out.iter_mut().zip(scratch) {
                    out.write(<$t>::from_f32(sum));
                }
            }
        }
    };
}

native!(f32);
native!(f64);
half!(bf16);
half!(f16);
