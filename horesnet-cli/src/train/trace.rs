//! `--trace`: a timeline of the first steps on all processes, in the Trace Event Format of Chrome, which Perfetto reads too.

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use horesnet_train::cluster::{Communicator, gather_json};
use horesnet_train::profile::trace::{self, Event};
use horesnet_train::{EpochMetrics, Progress};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{output, report};

/// Steps in a trace: the first ones note in which order gradients are complete, the others send them early.
const STEPS: usize = 10;

/// The file in the run folder.
const FILE: &str = "trace.json";

/// Follows a training like `progress`, and records its first steps.
pub(super) struct Traced<'a> {
    progress: Box<dyn Progress + 'a>,
    cluster: &'a dyn Communicator,
    /// The run folder, on process 0.
    folder: Option<PathBuf>,
    /// Steps to come, unless the trace is written.
    left: Option<usize>,
}

/// A span of one process, on the way to process 0.
#[derive(Serialize, Deserialize)]
struct Span {
    name: String,
    number: Option<usize>,
    is_communication: bool,
    thread: usize,
    /// Microseconds.
    start: f64,
    duration: f64,
}

impl<'a> Traced<'a> {
    /// Starts a trace at the same time on all processes.
    pub(super) fn begin(
        progress: Box<dyn Progress + 'a>,
        cluster: &'a dyn Communicator,
        folder: Option<PathBuf>,
    ) -> Self {
        cluster.all_gather(&[0]);
        trace::begin();
        Self {
            progress,
            cluster,
            folder,
            left: Some(STEPS),
        }
    }

    /// Ends the trace, if it has not ended, and writes it; on all processes.
    pub(super) fn end_early(&mut self) {
        if self.left.take().is_some()
            && let Err(error) = self.write()
        {
            // Training goes on without it.
            report::note(format_args!("note: no trace: {error}"));
        }
    }

    fn write(&self) -> Result<(), Box<dyn Error>> {
        let own: Vec<Span> = trace::end().into_iter().map(Span::from).collect();
        let all = gather_json(self.cluster, &(self.cluster.host(), own))?;
        if let Some(folder) = &self.folder {
            let path = folder.join(FILE);
            output::replace(&path, &serde_json::to_vec(&chrome(&all))?)?;
            report::note(format_args!("note: wrote {}", path.display()));
        }
        Ok(())
    }
}

impl Progress for Traced<'_> {
    fn memory(&mut self, bytes: u64) {
        self.progress.memory(bytes);
    }

    fn start(&mut self, epochs: usize, batches: usize) {
        self.progress.start(epochs, batches);
    }

    fn resume(&mut self, epochs: usize, batches: usize) {
        self.progress.resume(epochs, batches);
    }

    fn batch(&mut self, epoch: usize, batch: usize, loss: f64) {
        self.progress.batch(epoch, batch, loss);
        match &mut self.left {
            Some(1) => self.end_early(),
            Some(left) => *left -= 1,
            None => {}
        }
    }

    fn epoch(&mut self, metrics: &EpochMetrics) {
        self.progress.epoch(metrics);
    }

    fn stops(&mut self) -> bool {
        self.progress.stops()
    }

    fn end(&mut self) {
        self.progress.end();
    }
}

impl From<Event> for Span {
    fn from(event: Event) -> Self {
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        Self {
            name: event.name.to_owned(),
            number: event.number,
            is_communication: event.is_communication,
            thread: event.thread,
            start: micros(event.start),
            duration: micros(event.duration),
        }
    }
}

/// The trace of processes, each with its machine.
fn chrome(processes: &[(String, Vec<Span>)]) -> Value {
    let mut events = Vec::new();
    for (pid, (host, spans)) in processes.iter().enumerate() {
        let named = |what: &str, tid: usize, name: String| json!({"ph": "M", "name": what, "pid": pid, "tid": tid, "args": {"name": name}});
        events.push(named("process_name", 0, format!("process {pid} on {host}")));
        let threads = spans.iter().map(|span| span.thread + 1).max().unwrap_or(0);
        events.extend((0..threads).map(|tid| {
            let name = match tid {
                0 => "main".to_owned(),
                other => format!("thread {other}"),
            };
            named("thread_name", tid, name)
        }));
        events.extend(spans.iter().map(|span| {
            let category = if span.is_communication {
                "communication"
            } else {
                "computation"
            };
            let mut event = json!({
                "ph": "X", "name": span.name, "cat": category, "pid": pid, "tid": span.thread,
                "ts": span.start, "dur": span.duration,
            });
            if let Some(number) = span.number {
                event["args"] = json!({"number": number});
            }
            event
        }));
    }
    json!({"traceEvents": events, "displayTimeUnit": "ms"})
}

#[cfg(test)]
mod tests {
    use super::{Span, chrome};

    #[test]
    fn spans_have_the_fields_that_chrome_reads() {
        let span = |name: &str, number, is_communication| Span {
            name: name.to_owned(),
            number,
            is_communication,
            thread: 1,
            start: 2.5,
            duration: 4.0,
        };
        let spans = vec![
            span("backward", None, false),
            span("gradients", Some(3), true),
        ];
        let trace = chrome(&[("here".to_owned(), Vec::new()), ("there".to_owned(), spans)]);
        let events = trace["traceEvents"].as_array().unwrap();
        let of_kind = |kind: &str| events.iter().filter(|event| event["ph"] == kind).count();
        assert_eq!([of_kind("M"), of_kind("X")], [4, 2]);
        let last = events.last().unwrap();
        assert_eq!(
            last.to_string(),
            r#"{"args":{"number":3},"cat":"communication","dur":4.0,"name":"gradients","ph":"X","pid":1,"tid":1,"ts":2.5}"#
        );
    }
}
