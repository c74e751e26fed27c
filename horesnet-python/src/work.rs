//! Runs long work without Python's lock, in a thread of its own.
//!
//! The thread has a known stack, a panic ends only the thread, and Ctrl-C is answered while it runs. All work is bounded
//! by the compiler's budgets, so a thread that nobody waits for ends after seconds.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;

use crate::HoresNetError;

/// Bytes of stack, as the main thread of a program has.
const STACK: usize = 8 << 20;

/// How often Ctrl-C is looked for.
const PATIENCE: Duration = Duration::from_millis(50);

/// Returns the result of `work`, or raises its message.
pub(crate) fn run<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> PyResult<T> {
    let (sender, mut receiver) = mpsc::channel();
    let send = move || {
        // Nobody waits after Ctrl-C.
        let _ = sender.send(work());
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(send);
    thread.map_err(|error| HoresNetError::new_err(format!("cannot start a thread: {error}")))?;
    loop {
        let received;
        (received, receiver) = py.detach(move || (receiver.recv_timeout(PATIENCE), receiver));
        match received {
            Ok(result) => return result.map_err(HoresNetError::new_err),
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
            Err(RecvTimeoutError::Disconnected) => {
                let message = "internal error: please report this scheme as a bug of horesnet";
                return Err(HoresNetError::new_err(message));
            }
        }
    }
}
