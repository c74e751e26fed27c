//! A block as the residual function of another contributes its increment, not its output.
//!
//! `Rk4<Midpoint<Residual>>` calls the inner block through `ModuleT`, like any residual function. The caller
//! leaves word that it wants the increment of the very value it is about to call, and a block that finds such
//! a word, addressed to its own type and address, answers with its increment. Any other call is unaffected.

use std::any::TypeId;
use std::cell::Cell;

use candle_core::{Result, Tensor};
use candle_nn::ModuleT;

thread_local! {
    static WANTED: Cell<Option<Key>> = const { Cell::new(None) };
}

/// The type tells a wrapper from the block at the same address within it; the address tells blocks of one type
/// apart.
type Key = (TypeId, usize);

/// The residual of `f` at `x`: the increment of a block, the output of anything else.
pub(crate) fn residual<F: ModuleT>(f: &F, x: &Tensor, train: bool) -> Result<Tensor> {
    let _restore = Restore(WANTED.replace(Some(key(f))));
    f.forward_t(x, train)
}

/// Whether the caller of this block is another block, which wants its increment. Generated code asks this, once
/// and first thing in every call: the answer is used up by asking.
///
/// ```
/// use horesnet_runtime::candle_core::{Device, ModuleT, Result, Tensor};
/// use horesnet_runtime::{Stages, wants_increment};
///
/// /// Adds 1: a block whose increment is 1.
/// struct Plus;
///
/// impl ModuleT for Plus {
///     fn forward_t(&self, x: &Tensor, _train: bool) -> Result<Tensor> {
///         if wants_increment(self) { x.ones_like() } else { x + 1.0 }
///     }
/// }
///
/// # fn main() -> Result<()> {
/// let x = Tensor::new(41.0, &Device::Cpu)?;
/// assert_eq!(Plus.forward_t(&x, false)?.to_scalar::<f64>()?, 42.0);
/// let stages = Stages::<_, 1>::Shared(Plus);
/// assert_eq!(stages.call(0, &x, false)?.tensor().to_scalar::<f64>()?, 1.0);
/// # Ok(())
/// # }
/// ```
pub fn wants_increment<B>(block: &B) -> bool {
    let wanted = WANTED.get() == Some(key(block));
    if wanted {
        WANTED.set(None);
    }
    wanted
}

/// Puts the caller's own word back however the call ends: with a value, an error or a panic.
struct Restore(Option<Key>);

impl Drop for Restore {
    fn drop(&mut self) {
        WANTED.set(self.0);
    }
}

fn key<T>(value: &T) -> Key {
    (typeid::of::<T>(), std::ptr::from_ref(value).addr())
}
