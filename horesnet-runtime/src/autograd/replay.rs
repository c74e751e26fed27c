//! Functions that run again in the backward pass.

use std::cell::Cell;

thread_local! {
    static REPLAYED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` again; what must happen once does not happen again.
pub(super) fn replay<R>(work: impl FnOnce() -> R) -> R {
    /// Restores the flag, even after a panic.
    struct Restore(bool);

    impl Drop for Restore {
        fn drop(&mut self) {
            REPLAYED.set(self.0);
        }
    }

    let _restore = Restore(REPLAYED.replace(true));
    work()
}

/// True while a function runs again: running statistics are up to date then.
pub(crate) fn is_replayed() -> bool {
    REPLAYED.get()
}
