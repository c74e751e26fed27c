//! A part of the batch, as layers see it: its way to the others, and to the thread that sends its gradients.

use std::sync::Arc;

use candle_core::{Result, Tensor, TensorId};
use horesnet::layers::{BatchSync, Combine};

use super::early::{HandedOver, Recorder};
use super::rendezvous::Rendezvous;

/// A part of the batch at its slot of the tree.
pub(super) struct Slot {
    pub(super) rendezvous: Arc<Rendezvous>,
    pub(super) index: usize,
    /// True if there are no other processes.
    pub(super) is_alone: bool,
    /// True if each part has statistics of its own.
    pub(super) is_apart: bool,
    pub(super) updates_statistics: bool,
    pub(super) gradients: Gradients,
}

/// The use of a part's gradients before the end of its backward pass.
pub(super) enum Gradients {
    Keep,
    Record(Arc<Recorder>),
    HandOver(Arc<HandedOver>),
}

impl BatchSync for Slot {
    fn all_reduce(&self, own: Vec<f64>, combine: Combine) -> Result<Vec<f64>> {
        if self.is_apart {
            return Ok(own);
        }
        if let Gradients::Record(recorder) = &self.gradients {
            recorder.meets();
        }
        self.rendezvous
            .combine(self.index, own, combine, self.is_alone)
    }

    fn updates_statistics(&self) -> bool {
        self.updates_statistics
    }

    fn has_terms(&self, variable: TensorId, count: usize) -> bool {
        match &self.gradients {
            Gradients::Keep => false,
            Gradients::Record(recorder) => {
                recorder.has_terms(variable, count);
                false
            }
            Gradients::HandOver(handed_over) => handed_over.is_complete(variable, count),
        }
    }

    fn has_late_terms(&self, variable: TensorId) {
        if let Gradients::Record(recorder) = &self.gradients {
            recorder.has_late_terms(variable);
        }
    }

    fn take_gradient(&self, variable: TensorId, gradient: Tensor) -> Result<()> {
        match &self.gradients {
            Gradients::HandOver(handed_over) => {
                handed_over.take(variable, &gradient)?;
                if handed_over.is_sent_at_once() {
                    self.rendezvous.notify_main();
                }
            }
            Gradients::Keep | Gradients::Record(_) => {}
        }
        Ok(())
    }
}
