//! Nesting: a block used as the residual function of another contributes its increment, not its output.
//!
//! `Rk4<Midpoint<Residual>>` calls the inner block through `ModuleT`, like any residual function. The caller sets a flag
//! keyed by type and address of the callee; a block that finds its own key returns its increment. Other calls are
//! unaffected.

use std::any::TypeId;
use std::cell::Cell;

use candle_core::{Result, Tensor};
use candle_nn::ModuleT;

thread_local! {
    static WANTED: Cell<Option<Key>> = const { Cell::new(None) };
}

/// Identifies the callee. The type distinguishes a wrapper from the block at the same address inside it; the address
/// distinguishes blocks of one type.
type Key = (TypeId, usize);

/// The residual of `f` at `x`: the increment of a block, the output of anything else.
pub(crate) fn residual<F: ModuleT>(f: &F, x: &Tensor, train: bool) -> Result<Tensor> {
    let _restore = Restore(WANTED.replace(Some(key(f))));
    f.forward_t(x, train)
}

/// Returns true if the caller of this block is another block, which requests its increment.
///
/// Asking consumes the request, so generated code asks exactly once, at the start of every call.
pub fn wants_increment<B>(block: &B) -> bool {
    let wanted = WANTED.get() == Some(key(block));
    if wanted {
        WANTED.set(None);
    }
    wanted
}

/// Restores the caller's flag when the call ends, whether with a value, an error or a panic.
struct Restore(Option<Key>);

impl Drop for Restore {
    fn drop(&mut self) {
        WANTED.set(self.0);
    }
}

fn key<T>(value: &T) -> Key {
    (typeid::of::<T>(), std::ptr::from_ref(value).addr())
}
