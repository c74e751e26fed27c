//! Numbers the backward passes of a thread: while one waits for a thread pool or differentiates a graph of its own,
//! another may run on the same thread, even over the same graph.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

thread_local! {
    /// Passes of [`crate::backward()`] that have begun on this thread and not ended, the innermost last.
    static OPEN: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// The number of candle's own passes, which cannot be told apart.
const CANDLE: u64 = 0;

/// The innermost pass of this thread.
pub(super) fn current() -> u64 {
    OPEN.with_borrow(|open| open.last().copied().unwrap_or(CANDLE))
}

/// Returns true if a pass is one of [`crate::backward()`].
pub(super) fn is_numbered(pass: u64) -> bool {
    pass != CANDLE
}

/// Returns true within [`crate::backward()`].
pub(crate) fn is_ours() -> bool {
    is_numbered(current())
}

/// Returns true if a pass of this thread has not ended.
pub(super) fn is_open(pass: u64) -> bool {
    !is_numbered(pass) || OPEN.with_borrow(|open| open.contains(&pass))
}

/// A running backward pass; it ends when dropped.
pub(super) struct BackwardPass(());

impl BackwardPass {
    pub(super) fn begin() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(CANDLE);
        let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        OPEN.with_borrow_mut(|open| open.push(number));
        Self(())
    }
}

impl Drop for BackwardPass {
    fn drop(&mut self) {
        // Passes end in reverse order.
        OPEN.with_borrow_mut(Vec::pop);
    }
}
