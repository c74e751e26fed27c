//! A block as the residual function of another contributes its increment, not its output.
//!
//! `Rk4<Midpoint<Residual>>` calls the inner block through `ModuleT`, like any residual function. The caller sets a flag keyed
//! by type and address of the callee; a block that finds its own key returns its increment. Other calls are unaffected.

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

/// Returns true if the caller of this block is another block, which requests its increment. Generated code asks once, first
/// in every call: asking consumes the request.
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
