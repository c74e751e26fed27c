//! In-place updates of variables on the CPU: one pass over the numbers, in their own dtype.

use candle_core::{CpuStorage, DType, InplaceOp2, Layout, Result, Tensor, WithDType, bail};

/// The dtypes with a fused update.
pub(crate) trait Real: WithDType {
    /// Returns the numbers of `storage` if it is of this dtype.
    fn slice(storage: &mut CpuStorage) -> Option<&mut [Self]>;

    fn sqrt(self) -> Self;
}

macro_rules! real {
    ($real:ty, $storage:ident) => {
        impl Real for $real {
            fn slice(storage: &mut CpuStorage) -> Option<&mut [Self]> {
                match storage {
                    CpuStorage::$storage(values) => Some(values),
                    _ => None,
                }
            }

            fn sqrt(self) -> Self {
                <$real>::sqrt(self)
            }
        }
    };
}
real!(f32, F32);
real!(f64, F64);

/// An update of numbers by as many others.
pub(crate) trait Update {
    fn update<T: Real>(&self, target: &mut [T], other: &[T]) -> Result<()>;
}

/// Tells whether [`update`] takes a tensor.
pub(crate) fn is_fused(tensor: &Tensor) -> bool {
    tensor.device().is_cpu() && matches!(tensor.dtype(), DType::F32 | DType::F64)
}

/// Updates `target` by `other`, both contiguous.
pub(crate) fn update(target: &Tensor, other: &Tensor, update: impl Update) -> Result<()> {
    target.inplace_op2(other, &Op(update))
}

struct Op<U>(U);

impl<U: Update> InplaceOp2 for Op<U> {
    fn name(&self) -> &'static str {
        "horesnet-update"
    }

    fn cpu_fwd(
        &self,
        target: &mut CpuStorage,
        layout: &Layout,
        other: &CpuStorage,
        other_layout: &Layout,
    ) -> Result<()> {
        let offsets = layout
            .contiguous_offsets()
            .zip(other_layout.contiguous_offsets());
        let Some(((start, end), (from, to))) = offsets else {
            bail!("an in-place update needs contiguous tensors")
        };
        match (target, other) {
            (CpuStorage::F32(target), CpuStorage::F32(other)) => {
                self.0.update(&mut target[start..end], &other[from..to])
            }
            (CpuStorage::F64(target), CpuStorage::F64(other)) => {
                self.0.update(&mut target[start..end], &other[from..to])
            }
            _ => bail!("expected two tensors of f32 or f64 for an in-place update"),
        }
    }
}
