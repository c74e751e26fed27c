//! A clock per thread that adds wall time to the innermost open span.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::trace::{self, TraceSpan};

/// A kind of work of a training step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Convolutions, with the normalisation that is part of the same op.
    Convolution,
    /// Statistics of batches and their gradients, and normalisations that are an op of their own.
    Normalisation,
    /// Weighted sums of stages, and sums of gradients.
    Combination,
    /// Updates of weights.
    Optimiser,
    /// All else: loss, classifier, ops of candle.
    Other,
}

impl Work {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Convolution,
        Self::Normalisation,
        Self::Combination,
        Self::Optimiser,
        Self::Other,
    ];

    /// Its name in a timeline.
    fn name(self) -> &'static str {
        match self {
            Self::Convolution => "convolution",
            Self::Normalisation => "normalisation",
            Self::Combination => "combination",
            Self::Optimiser => "optimiser",
            Self::Other => "other",
        }
    }
}

/// Recordings that run. Spans read this flag alone while it is 0.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static CLOCK: Cell<Option<Clock>> = const { Cell::new(None) };
}

/// The times of a recording so far.
#[derive(Clone, Copy, Debug)]
struct Clock {
    /// The innermost open span, and the start of the time that is not added yet.
    open: Work,
    since: Instant,
    times: [Duration; Work::ALL.len()],
    moved: u64,
    moves: u64,
}

impl Clock {
    /// Adds the time since the last change to the open span, and opens another.
    fn switch(&mut self, open: Work) -> Work {
        let now = Instant::now();
        self.times[self.open as usize] += now - self.since;
        self.since = now;
        std::mem::replace(&mut self.open, open)
    }
}

/// The work of the thread that called [`record`].
#[derive(Clone, Copy, Debug)]
pub struct Recording {
    /// Bytes that combinations read and wrote.
    pub moved_bytes: u64,
    /// Combinations.
    pub combinations: u64,
    times: [Duration; Work::ALL.len()],
}

impl Recording {
    /// All of the time.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.times.iter().sum()
    }

    /// The time of a kind of work, without that of spans inside of it.
    #[must_use]
    pub fn time(&self, work: Work) -> Duration {
        self.times[work as usize]
    }
}

/// Measures the work of this thread while `run` runs. Recordings do not nest.
///
/// ```
/// use std::time::Duration;
///
/// use horesnet_runtime::profile::{Work, record, span};
///
/// let (sum, recording) = record(|| {
///     let _span = span(Work::Optimiser);
///     (1..=1000).sum::<u64>()
/// });
/// assert_eq!(sum, 500_500);
/// assert!(recording.time(Work::Optimiser) <= recording.total());
/// assert_eq!(recording.time(Work::Convolution), Duration::ZERO);
/// ```
pub fn record<R>(run: impl FnOnce() -> R) -> (R, Recording) {
    /// Ends the recording, of a panic too.
    struct Running;

    impl Drop for Running {
        fn drop(&mut self) {
            RUNNING.fetch_sub(1, Ordering::Relaxed);
            CLOCK.set(None);
        }
    }

    CLOCK.set(Some(Clock {
        open: Work::Other,
        since: Instant::now(),
        times: [Duration::ZERO; Work::ALL.len()],
        moved: 0,
        moves: 0,
    }));
    RUNNING.fetch_add(1, Ordering::Relaxed);
    let running = Running;
    let result = run();
    change(|clock| clock.switch(Work::Other));
    let clock = CLOCK.get();
    drop(running);
    let recording = Recording {
        moved_bytes: clock.map_or(0, |clock| clock.moved),
        combinations: clock.map_or(0, |clock| clock.moves),
        times: clock.map_or_else(Default::default, |clock| clock.times),
    };
    (result, recording)
}

/// Adds the time until it is dropped to a kind of work.
#[derive(Debug)]
#[must_use = "a span ends when it is dropped"]
pub struct Span {
    /// The work around the span, if the span is measured.
    outer: Option<Work>,
    _trace: TraceSpan,
}

/// Opens a span: the time until it is dropped is `work`, and no longer that of the span around it.
pub fn span(work: Work) -> Span {
    let outer = if RUNNING.load(Ordering::Relaxed) == 0 {
        None
    } else {
        change(|clock| clock.switch(work))
    };
    Span {
        outer,
        _trace: trace::compute(work.name()),
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if let Some(outer) = self.outer {
            change(|clock| clock.switch(outer));
        }
    }
}

/// Counts the bytes of a combination.
pub(crate) fn moves(bytes: impl FnOnce() -> u64) {
    if RUNNING.load(Ordering::Relaxed) != 0 {
        change(|clock| {
            clock.moved += bytes();
            clock.moves += 1;
        });
    }
}

/// Changes the clock of this thread, if it records.
fn change<R>(with: impl FnOnce(&mut Clock) -> R) -> Option<R> {
    let mut clock = CLOCK.get()?;
    let result = with(&mut clock);
    CLOCK.set(Some(clock));
    Some(result)
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;
    use std::time::Duration;

    use super::{Work, moves, record, span};

    const NAP: Duration = Duration::from_millis(5);

    #[test]
    fn inner_spans_are_not_part_of_outer_ones() {
        let ((), recording) = record(|| {
            sleep(NAP);
            let _outer = span(Work::Convolution);
            sleep(NAP);
            {
                let _inner = span(Work::Combination);
                sleep(2 * NAP);
                moves(|| 12);
            }
            sleep(NAP);
        });
        let [conv, sum] = [Work::Convolution, Work::Combination].map(|work| recording.time(work));
        assert!(conv >= 2 * NAP && sum >= 2 * NAP, "{recording:?}");
        assert!(conv + sum + NAP <= recording.total(), "{recording:?}");
        assert_eq!((recording.moved_bytes, recording.combinations), (12, 1));
    }

    #[test]
    fn other_threads_and_later_work_are_not_recorded() {
        let ((), recording) = record(|| {
            std::thread::scope(|scope| {
                scope.spawn(|| drop(span(Work::Optimiser)));
            });
        });
        let late = span(Work::Optimiser);
        assert!(late.outer.is_none());
        assert_eq!(recording.time(Work::Optimiser), Duration::ZERO);
    }
}
