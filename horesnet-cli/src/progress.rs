//! Training progress on stderr: a line per epoch, and on a terminal a bar with rate and remaining time.

use std::io::{IsTerminal, stderr};

use horesnet_train::{EpochMetrics, Progress};
use indicatif::{ProgressBar, ProgressStyle};

use crate::interrupt::Interrupt;
use crate::{memory, report};

const TEMPLATE: &str = "{bar:32} epoch {msg}  {per_sec:>8}  {eta_precise} left";

/// Prints how training goes.
pub(crate) struct Reporter {
    bar: Option<ProgressBar>,
    epochs: usize,
    batches: usize,
    interrupt: Interrupt,
}

impl Reporter {
    /// Reports progress, and stops training on `interrupt`.
    pub(crate) fn new(interrupt: Interrupt) -> Self {
        Self {
            bar: None,
            epochs: 0,
            batches: 0,
            interrupt,
        }
    }
}

impl Progress for Reporter {
    fn memory(&mut self, bytes: u64) {
        if let Some(warning) = memory::free().and_then(|free| too_much(bytes, free)) {
            report::note(warning);
        }
    }

    fn start(&mut self, epochs: usize, batches: usize) {
        self.epochs = epochs;
        self.batches = batches;
        if !stderr().is_terminal() {
            return;
        }
        let bar = ProgressBar::new((epochs * batches) as u64);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.with_key("per_sec", rate));
        }
        self.bar = Some(bar);
    }

    fn resume(&mut self, epochs: usize, batches: usize) {
        let line = if epochs < self.epochs {
            format!(
                "going on in epoch {}/{}, after batch {batches} of {}",
                epochs + 1,
                self.epochs,
                self.batches
            )
        } else {
            "the run has ended already; its weights, charts and report are written again".to_owned()
        };
        match &self.bar {
            Some(bar) => {
                bar.set_position((epochs * self.batches + batches) as u64);
                // Earlier batches say nothing about the speed of this run.
                bar.reset_eta();
                bar.println(line);
            }
            None => report::note(line),
        }
    }

    fn stops(&mut self) -> bool {
        self.interrupt.is_pressed()
    }

    fn batch(&mut self, epoch: usize, _batch: usize, loss: f64) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{epoch}/{}  loss {loss:.3}", self.epochs));
            bar.inc(1);
        }
    }

    fn epoch(&mut self, metrics: &EpochMetrics) {
        let (held_out, score) = (
            if metrics.is_validated() {
                "validation"
            } else {
                "test"
            },
            metrics.held_out(),
        );
        let line = format!(
            "epoch {:>3}/{}  lr {:.4}  training loss {:.4}, accuracy {:6.2} %  {held_out} loss {:.4}, accuracy {:6.2} %  {:.1} s",
            metrics.epoch,
            self.epochs,
            metrics.lr,
            metrics.train_loss,
            100.0 * metrics.train_accuracy,
            score.loss,
            100.0 * score.accuracy,
            metrics.seconds
        );
        match &self.bar {
            Some(bar) => bar.println(line),
            None => report::note(line),
        }
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn rate(state: &indicatif::ProgressState, out: &mut dyn std::fmt::Write) {
    // Writing to the bar's own buffer cannot fail.
    let _ = write!(out, "{:.1} batches/s", state.per_sec());
}

/// A warning if a step needs more memory than is free.
fn too_much(needed: u64, free: u64) -> Option<String> {
    let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    (needed > free).then(|| {
        format!(
            "note: a step needs about {:.1} GiB of memory and {:.1} GiB are free: the system may end the program\n  \
             = help: reduce --batch-size",
            gib(needed),
            gib(free)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::too_much;

    #[test]
    fn steps_that_do_not_fit_are_warned_of() {
        let gib = 1 << 30;
        assert_eq!(too_much(2 * gib, 2 * gib), None);
        let warning = too_much(3 * gib, gib / 2).unwrap();
        assert!(
            warning.contains("needs about 3.0 GiB of memory and 0.5 GiB are free"),
            "{warning}"
        );
    }
}
