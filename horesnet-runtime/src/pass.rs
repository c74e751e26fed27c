//! Which backward pass runs on a thread: while one waits for threads of a pool or differentiates a graph of its own, another
//! may run on the same thread, over the same graph even.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

thread_local! {
    /// The passes of [`crate::backward()`] that have begun on this thread and not ended, the innermost last.
    static OPEN: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// The number of candle's own passes, which cannot be told apart.
const PLAIN: u64 = 0;

/// The innermost pass of this thread.
pub(crate) fn current() -> u64 {
    OPEN.with_borrow(|open| open.last().copied().unwrap_or(PLAIN))
}

/// Whether a pass is one of [`crate::backward()`].
pub(crate) fn is_numbered(pass: u64) -> bool {
    pass != PLAIN
}

/// Whether a pass of this thread has not ended.
pub(crate) fn is_open(pass: u64) -> bool {
    !is_numbered(pass) || OPEN.with_borrow(|open| open.contains(&pass))
}

/// A pass, as long as it lives.
pub(crate) struct Pass(());

impl Pass {
    pub(crate) fn begin() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(PLAIN);
        let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        OPEN.with_borrow_mut(|open| open.push(number));
        Self(())
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        // Passes end in the order opposite to that in which they began.
        OPEN.with_borrow_mut(Vec::pop);
    }
}
