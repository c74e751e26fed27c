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
    static WANTED: Cell<Option<(TypeId, usize)>> = const { Cell::new(None) };
}

/// The residual of `f` at `x`: the increment of a block, the output of anything else.
pub(crate) fn residual<F: ModuleT>(f: &F, x: &Tensor, train: bool) -> Result<Tensor> {
    let before = WANTED.replace(Some(key(f)));
    let result = f.forward_t(x, train);
    WANTED.set(before);
    result
}

/// Whether the caller of this block is another block, which wants its increment.
pub(crate) fn wants_increment<B>(block: &B) -> bool {
    let wanted = WANTED.get() == Some(key(block));
    if wanted {
        WANTED.set(None);
    }
    wanted
}

fn key<T>(value: &T) -> (TypeId, usize) {
    (typeid::of::<T>(), std::ptr::from_ref(value).addr())
}
