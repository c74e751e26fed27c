//! What a combination needs to know of a dtype: how to widen it, sum it and narrow the result.
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
}

/// The type of a tensor's elements.
pub(crate) trait Element: Copy + Send + Sync {
    type Sum: Sum;
    const ZERO: Self;

    /// The elements as summands; `scratch` is used only where they need converting.
    fn widen<'a>(run: &'a [Self], scratch: &'a mut Vec<Self::Sum>) -> &'a [Self::Sum];

    /// Stores finished sums; both slices have the same length.
    fn narrow(sums: &[Self::Sum], out: &mut [MaybeUninit<Self>]);
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
        }

        impl Element for $t {
            type Sum = Self;
            const ZERO: Self = 0.0;

            #[inline]
            fn widen<'a>(run: &'a [Self], _: &'a mut Vec<Self>) -> &'a [Self] {
                run
            }

            #[inline]
            fn narrow(sums: &[Self], out: &mut [MaybeUninit<Self>]) {
                out.write_copy_of_slice(sums);
            }
        }
    };
}

macro_rules! half {
    ($t:ty) => {
        impl Element for $t {
            type Sum = f32;
            const ZERO: Self = <$t>::ZERO;

            #[inline]
            fn widen<'a>(run: &'a [Self], scratch: &'a mut Vec<f32>) -> &'a [f32] {
                scratch.resize(run.len(), 0.0);
                run.convert_to_f32_slice(scratch);
                scratch
            }

            #[inline]
            fn narrow(sums: &[f32], out: &mut [MaybeUninit<Self>]) {
                for (out, &sum) in out.iter_mut().zip(sums) {
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
