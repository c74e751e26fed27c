//! Scratch memory that threads use in turn.

use std::sync::{Mutex, PoisonError};

/// Buffers that are not in use, all alike.
pub(super) struct Pool<B>(Mutex<Vec<B>>);

impl<B> Pool<B> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Runs `work` on a buffer that an earlier call has used, or on one that `make` yields.
    pub(super) fn with<R>(&self, make: impl FnOnce() -> B, work: impl FnOnce(&mut B) -> R) -> R {
        let free = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = free().pop();
        let mut buffer = taken.unwrap_or_else(make);
        let returned = work(&mut buffer);
        free().push(buffer);
        returned
    }
}
