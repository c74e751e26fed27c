//! Small values that a function records when it first runs, and reads when it runs again: batch statistics, and what must
//! happen only once.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

use candle_core::{Result, TensorId, bail};

/// The values of one function, in the order in which it asked for them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tape {
    values: Vec<Arc<dyn Any + Send + Sync>>,
}

/// The tape that is written, and the tensors that ops of this crate have made meanwhile.
#[derive(Default)]
struct Recording {
    tape: Tape,
    made: HashSet<TensorId>,
}

/// A tape that is read.
struct Reading {
    tape: Arc<Tape>,
    next: usize,
}

thread_local! {
    static RECORDING: RefCell<Option<Recording>> = const { RefCell::new(None) };
    static READING: RefCell<Option<Reading>> = const { RefCell::new(None) };
}

/// Runs `work`; returns its tape, and the tensors that ops of this crate have made.
pub(crate) fn record<R>(work: impl FnOnce() -> R) -> (R, Arc<Tape>, HashSet<TensorId>) {
    /// Restores the recording around this one, even after a panic.
    struct Restore(Option<Recording>);

    impl Drop for Restore {
        fn drop(&mut self) {
            RECORDING.set(self.0.take());
        }
    }

    let restore = Restore(RECORDING.replace(Some(Recording::default())));
    let result = work();
    let Recording { tape, made } = RECORDING.take().unwrap_or_default();
    drop(restore);
    (result, Arc::new(tape), made)
}

/// Runs `work` again, with the tape of its first run.
pub(crate) fn replay<R>(tape: &Arc<Tape>, work: impl FnOnce() -> R) -> R {
    /// Restores what was read before, even after a panic.
    struct Restore(Option<Reading>);

    impl Drop for Restore {
        fn drop(&mut self) {
            READING.set(self.0.take());
        }
    }

    let tape = tape.clone();
    let _restore = Restore(READING.replace(Some(Reading { tape, next: 0 })));
    work()
}

/// True while a function runs again: running statistics and the like are up to date then.
pub(crate) fn is_replayed() -> bool {
    READING.with_borrow(Option::is_some)
}

/// Computes a value in the first run of a function, and returns it again when the function is replayed.
///
/// # Errors
/// Errors of `compute`; a function that asks for other values when it is replayed.
pub(crate) fn once<T: Clone + Send + Sync + 'static>(
    compute: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let read = READING.with_borrow_mut(|reading| {
        let reading = reading.as_mut()?;
        let value = reading.tape.values.get(reading.next).cloned();
        reading.next += 1;
        Some(value)
    });
    let value = match read {
        None => compute()?,
        Some(value) => match value.as_deref().and_then(|value| value.downcast_ref::<T>()) {
            Some(value) => value.clone(),
            None => bail!("it did not call the layers that it called in the forward pass"),
        },
    };
    RECORDING.with_borrow_mut(|recording| {
        if let Some(recording) = recording {
            recording.tape.values.push(Arc::new(value.clone()));
        }
    });
    Ok(value)
}

/// Notes that an op of this crate has made a tensor.
pub(super) fn made(id: TensorId) {
    RECORDING.with_borrow_mut(|recording| {
        if let Some(recording) = recording {
            recording.made.insert(id);
        }
    });
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use candle_core::Result;

    use super::{is_replayed, once, record, replay};

    #[test]
    fn a_replay_reads_what_was_recorded() -> Result<()> {
        let calls = Cell::new(0);
        let count = || {
            calls.set(calls.get() + 1);
            Ok(calls.get())
        };
        let work = || Ok((once(count)?, once(|| Ok("two"))?));
        let (first, tape, _) = record(work);
        for _ in 0..2 {
            assert_eq!(replay(&tape, work)?, first.as_ref().copied().unwrap());
        }
        assert_eq!(calls.get(), 1);
        // A replay may be recorded in turn.
        let (again, inner, _) = replay(&tape, || record(work));
        assert_eq!(replay(&inner, work)?, again?);
        assert_eq!(calls.get(), 1);
        assert!(!is_replayed());
        Ok(())
    }

    #[test]
    fn another_path_is_an_error() {
        let (_, tape, _) = record(|| once(|| Ok(1)));
        assert!(replay(&tape, || once(|| Ok("one"))).is_err());
        let two = || once(|| Ok(1)).and_then(|_| once(|| Ok(2)));
        assert!(replay(&tape, two).is_err());
    }
}
