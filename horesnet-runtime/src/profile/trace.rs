//! A timeline of the spans of all threads: what runs at the same time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// Most events of a timeline, so that one that nobody ends stays small.
const MOST: usize = 1 << 20;

/// True while a timeline is recorded. Spans read this flag alone while it is false.
static RUNS: AtomicBool = AtomicBool::new(false);

static TIMELINE: Mutex<Option<Timeline>> = Mutex::new(None);

struct Timeline {
    begun: Instant,
    /// Threads by the order in which they have come.
    threads: HashMap<ThreadId, usize>,
    events: Vec<Event>,
}

/// A span of a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// The work.
    pub name: &'static str,
    /// Tells apart events of one name, such as buckets of gradients.
    pub number: Option<usize>,
    /// True for the exchange of data with other processes, waiting for them included.
    pub is_communication: bool,
    /// The thread, from 0; that of [`begin`] is 0.
    pub thread: usize,
    /// The time from [`begin`] to its start.
    pub start: Duration,
    /// The time from its start to its end.
    pub duration: Duration,
}

/// Starts a timeline of all threads, and drops any before.
///
/// ```
/// use horesnet_runtime::profile::trace;
///
/// trace::begin();
/// {
///     let _step = trace::compute("step");
///     let _bucket = trace::communicate("gradients", Some(3));
/// }
/// let events = trace::end();
/// // Spans in the order in which they have ended.
/// assert_eq!(events.iter().map(|event| event.name).collect::<Vec<_>>(), ["gradients", "step"]);
/// assert_eq!(events[0].number, Some(3));
/// assert!(events[1].start <= events[0].start);
/// assert!(trace::end().is_empty());
/// ```
pub fn begin() {
    let threads = HashMap::from([(thread::current().id(), 0)]);
    *timeline() = Some(Timeline {
        begun: Instant::now(),
        threads,
        events: Vec::new(),
    });
    RUNS.store(true, Ordering::Relaxed);
}

/// Ends the timeline, and returns its spans in the order in which they have ended; none if there is no timeline.
#[must_use]
pub fn end() -> Vec<Event> {
    RUNS.store(false, Ordering::Relaxed);
    timeline()
        .take()
        .map_or_else(Vec::new, |timeline| timeline.events)
}

/// Opens a span of computation.
pub fn compute(name: &'static str) -> TraceSpan {
    open(name, None, false)
}

/// Opens a span of communication with other processes.
pub fn communicate(name: &'static str, number: Option<usize>) -> TraceSpan {
    open(name, number, true)
}

fn open(name: &'static str, number: Option<usize>, is_communication: bool) -> TraceSpan {
    let opened = RUNS.load(Ordering::Relaxed).then(|| Opened {
        name,
        number,
        is_communication,
        at: Instant::now(),
    });
    TraceSpan(opened)
}

/// A span of the timeline, if there is one.
#[derive(Debug)]
#[must_use = "a span ends when it is dropped"]
pub struct TraceSpan(Option<Opened>);

#[derive(Debug)]
struct Opened {
    name: &'static str,
    number: Option<usize>,
    is_communication: bool,
    at: Instant,
}

impl Drop for TraceSpan {
    fn drop(&mut self) {
        let Some(opened) = self.0.take() else { return };
        let ended = Instant::now();
        let mut timeline = timeline();
        // None for a span that outlives its timeline.
        let Some(timeline) = timeline.as_mut() else {
            return;
        };
        if timeline.events.len() >= MOST || opened.at < timeline.begun {
            return;
        }
        let next = timeline.threads.len();
        let thread = timeline.threads.entry(thread::current().id());
        let thread = *thread.or_insert(next);
        timeline.events.push(Event {
            name: opened.name,
            number: opened.number,
            is_communication: opened.is_communication,
            thread,
            start: opened.at - timeline.begun,
            duration: ended - opened.at,
        });
    }
}

fn timeline() -> MutexGuard<'static, Option<Timeline>> {
    TIMELINE.lock().unwrap_or_else(PoisonError::into_inner)
}
