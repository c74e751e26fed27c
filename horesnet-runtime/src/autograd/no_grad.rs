//! Forward passes that record no graph.

use std::cell::Cell;

use candle_core::Tensor;

thread_local! {
    /// Calls of [`no_grad`] that run on this thread, each within the one before.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Runs `work` without recording a graph, as PyTorch's `no_grad`.
///
/// Ops of this crate (blocks, combinations, layers) then keep none of their inputs, so memory is reused from layer to layer.
/// Results are the same to the bit. It counts for the calling thread. Candle's own ops still record those that read
/// variables.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{Device, Result, Var};
/// use horesnet::{Operand, combine, no_grad};
///
/// # fn main() -> Result<()> {
/// let x = Var::new(&[1.0, 2.0], &Device::Cpu)?;
/// let double = || {
///     let x = Operand::new(x.as_tensor().clone())?;
///     combine(&x, &[(1.0, &x)])
/// };
/// assert!(double()?.track_op());
/// assert!(!no_grad(double)?.track_op());
/// # Ok(())
/// # }
/// ```
pub fn no_grad<R>(work: impl FnOnce() -> R) -> R {
    /// Leaves the call, also when `work` panics.
    struct Leave;

    impl Drop for Leave {
        fn drop(&mut self) {
            DEPTH.set(DEPTH.get() - 1);
        }
    }

    DEPTH.set(DEPTH.get() + 1);
    let _leave = Leave;
    work()
}

/// True within [`no_grad`].
pub(crate) fn is_off() -> bool {
    DEPTH.get() > 0
}

/// The tensor as an op's argument: within [`no_grad`], without its history.
pub(crate) fn argument(tensor: &Tensor) -> Tensor {
    if is_off() {
        tensor.detach()
    } else {
        tensor.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::{is_off, no_grad};

    #[test]
    fn it_ends_with_the_outermost_call_and_with_a_panic() {
        no_grad(|| {
            no_grad(|| assert!(is_off()));
            assert!(is_off());
            let panic = catch_unwind(AssertUnwindSafe(|| no_grad(|| panic!("on purpose"))));
            assert!(panic.is_err() && is_off());
        });
        assert!(!is_off());
    }
}
