//! The dtypes of combinations: widening, summing, narrowing.
//!
//! `f32` and `f64` are summed as they are. `bf16` and `f16` are summed in `f32` and rounded once, at the end.

use std::mem::MaybeUninit;
use std::ops::{Add, Mul};

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};

/// The type in which sums are formed.
pub(crate) trait Sum: Copy + Send + Sync + Add<Output = Self> + Mul<Output = Self> {
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

    /// Memory for one sum per element of `out`: `out` itself, or `scratch` if sums are of another type.
    fn sums<'a>(
        out: &'a mut [MaybeUninit<Self>],
        scratch: &'a mut Vec<MaybeUninit<Self::Sum>>,
    ) -> &'a mut [MaybeUninit<Self::Sum>];

    /// Stores the finished sums, after which all of `out` is initialised.
    ///
    /// # Safety
    /// All [`sums`](Self::sums) have been written.
    unsafe fn finish(out: &mut [MaybeUninit<Self>], scratch: &[MaybeUninit<Self::Sum>]);
}

macro_rules! native {
    ($t:ty) => {
        impl Sum for $t {
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
            fn sums<'a>(
                out: &'a mut [MaybeUninit<Self>],
                _: &'a mut Vec<MaybeUninit<Self>>,
            ) -> &'a mut [MaybeUninit<Self>] {
                out
            }

            #[inline(always)]
            unsafe fn finish(_: &mut [MaybeUninit<Self>], _: &[MaybeUninit<Self>]) {}
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
            fn sums<'a>(
                out: &'a mut [MaybeUninit<Self>],
                scratch: &'a mut Vec<MaybeUninit<f32>>,
            ) -> &'a mut [MaybeUninit<f32>] {
                scratch.resize(out.len(), MaybeUninit::uninit());
                scratch
            }

            #[inline(always)]
            unsafe fn finish(out: &mut [MaybeUninit<Self>], scratch: &[MaybeUninit<f32>]) {
                for (out, sum) in out.iter_mut().zip(scratch) {
                    // SAFETY: the caller has written all sums.
                    out.write(<$t>::from_f32(unsafe { sum.assume_init() }));
                }
            }
        }
    };
}

native!(f32);
native!(f64);
half!(bf16);
half!(f16);
