//! Forward and backward pass of a batch in parts: the parts of a micro-batch at a time, on a thread each.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{Result, TensorId, Var};
use horesnet::layers::synchronised;
use horesnet::profile::trace;

use super::GradientSums;
use super::batch_pass::PassInputs;
use super::early::{EarlySums, GradientOrder, HandedOver, Progress, Recorder};
use super::part::compute;
use super::rendezvous::{OTHER_FAILED, Rendezvous};
use super::slot::{Gradients, Slot};
use super::totals::{Totals, share_statistics};
use super::tree::{PartialSum, merge_blocks, merge_micro_batch};
use super::workers::{Job, Workers};
use crate::cluster::{Message, all_reduce};
use crate::data::Batch;
use crate::network::Network;
use crate::state::with_first_image;

/// Sums over the images of a batch, on all processes.
pub(crate) struct BatchSums {
    pub(crate) totals: Totals,
    /// The gradients of the mean loss, of this process alone until [`PartsPass::gradients`].
    gradients: GradientSums,
    /// Sums of gradients over all processes, by the index of the variable.
    early: Vec<(usize, Vec<f32>)>,
}

/// Sums over the images of a part.
struct PartSums {
    loss: f64,
    correct: usize,
    gradients: GradientSums,
}

impl PartialSum for PartSums {
    fn add(&mut self, right: &Self) {
        self.loss += right.loss;
        self.correct += right.correct;
        self.gradients.add(&right.gradients);
    }
}

/// The parts of a process in a micro-batch.
struct MicroBatch<'a> {
    batch: &'a Batch,
    vars: &'a [Var],
    parts: &'a [usize],
    /// The images of each part of the batch.
    images: &'a [Range<usize>],
    /// The sums of the parts of this process before, from `first_part` on.
    before: &'a [Option<PartSums>],
    first_part: usize,
    /// Gradients may be sent before the end.
    has_early: bool,
}

/// Computes batches in parts.
pub(crate) struct PartsPass<'a> {
    pub(super) of: PassInputs<'a>,
    pub(super) workers: &'a Workers,
    /// The order of gradients, which the first step notes.
    pub(super) order: &'a RefCell<Option<Arc<GradientOrder>>>,
}

impl PartsPass<'_> {
    /// Computes loss and gradients of a batch, of which this process computes its parts.
    pub(crate) fn run(&self, batch: &Batch, stops: bool) -> Result<BatchSums> {
        let vars = self.vars();
        let images = self.of.division.images(batch.labels.elem_count());
        let (rank, size) = (self.of.cluster.rank(), self.of.cluster.size());
        let micro_batches = self.of.division.micro_batches();
        let mine = self.of.division.of_process(rank, size);
        let mut sums: Vec<Option<PartSums>> = mine.clone().map(|_| None).collect();
        let mut has_idle = false;
        let mut early = Vec::new();
        for micro_batch in 0..micro_batches {
            let of_micro_batch = |part: &usize| self.of.division.micro_batch(*part) == micro_batch;
            let has_images = |rank| {
                let mut parts = self
                    .of
                    .division
                    .of_process(rank, size)
                    .filter(of_micro_batch);
                parts.any(|part| !images[part].is_empty())
            };
            let idle = (0..size).filter(|rank| !has_images(*rank)).count();
            if idle == size {
                continue;
            }
            has_idle |= idle > 0;
            let parts: Vec<usize> = mine.clone().filter(of_micro_batch).collect();
            if has_images(rank) {
                let is_last = micro_batch + 1 == micro_batches;
                let work = MicroBatch {
                    batch,
                    vars: &vars,
                    parts: &parts,
                    images: &images,
                    before: &sums,
                    first_part: mine.start,
                    has_early: size > 1 && is_last && idle == 0,
                };
                let (computed, sent) = self.micro_batch(&work)?;
                early = sent;
                for (part, computed) in parts.into_iter().zip(computed) {
                    sums[part - mine.start] = computed;
                }
                if idle > 0 {
                    all_reduce(self.of.cluster, Message::End, |_, _| ());
                }
            } else {
                let add: fn(&mut [f64], &[f64]) = |_, _| ();
                while let Message::Numbers(_) = all_reduce(self.of.cluster, Message::Neutral, add) {
                }
            }
            merge_micro_batch(&mut sums, micro_batch, micro_batches);
        }
        let own = merge_blocks(&mut sums, micro_batches);
        let own = own.unwrap_or_else(|| PartSums {
            loss: 0.0,
            correct: 0,
            gradients: GradientSums::zeros(&vars),
        });
        if has_idle || !self.of.config.norm_sync {
            share_statistics(self.of.variables, self.of.cluster)?;
        }
        let totals = Totals {
            loss: own.loss,
            correct: own.correct,
            stops,
            counts: own.gradients.counts().to_vec(),
        };
        Ok(BatchSums {
            totals: totals.over(self.of.cluster),
            gradients: own.gradients,
            early,
        })
    }

    /// Sums the gradients over all processes.
    pub(crate) fn gradients(&self, sums: BatchSums) -> Result<candle_core::backprop::GradStore> {
        let mut gradients = sums.gradients;
        let vars = self.vars();
        let _span = trace::communicate("late gradients", None);
        gradients.sum_over(&vars, self.of.cluster, sums.totals.counts, sums.early);
        gradients.into_store(&vars)
    }

    fn vars(&self) -> Vec<Var> {
        self.of
            .variables
            .trained()
            .into_iter()
            .map(|(_, var)| var)
            .collect()
    }

    /// Computes parts of a micro-batch, some of which may have no images; returns their sums, and those of gradients over all
    /// processes, as far as they have been formed.
    #[expect(clippy::type_complexity, reason = "sums of two kinds")]
    fn micro_batch(
        &self,
        work: &MicroBatch<'_>,
    ) -> Result<(Vec<Option<PartSums>>, Vec<(usize, Vec<f32>)>)> {
        let &MicroBatch {
            batch,
            vars,
            parts,
            images,
            ..
        } = work;
        let used = || {
            parts
                .iter()
                .enumerate()
                .filter(|(_, part)| !images[**part].is_empty())
        };
        let permits = self.workers.permits();
        let rendezvous = Arc::new(Rendezvous::new(parts.len(), used().count(), permits));
        let first = used().next().map(|(slot, _)| slot);
        let updates = first.filter(|_| self.of.config.norm_sync || self.of.cluster.rank() == 0);
        let order = self.order.borrow().clone().filter(|_| work.has_early);
        let recorder = (work.has_early && order.is_none()).then(Arc::<Recorder>::default);
        let mut handed_over = Vec::new();
        let computed = Mutex::new(Vec::new());
        let mut jobs: Vec<Job<'_>> = Vec::new();
        for (index, &part) in used() {
            let gradients = match (&order, &recorder) {
                (Some(order), _) => {
                    let own = Arc::new(HandedOver::new(order.clone()));
                    handed_over.push((part - work.first_part, own.clone()));
                    Gradients::HandOver(own)
                }
                (None, Some(recorder)) if first == Some(index) => {
                    Gradients::Record(recorder.clone())
                }
                _ => Gradients::Keep,
            };
            let slot = Arc::new(Slot {
                rendezvous: rendezvous.clone(),
                index,
                is_alone: self.of.cluster.size() == 1,
                is_apart: !self.of.config.norm_sync,
                updates_statistics: updates == Some(index),
                gradients,
            });
            let (images, meeting, computed) = (images[part].clone(), &rendezvous, &computed);
            let (network, smoothing, order) = (
                self.of.network,
                self.of.config.label_smoothing,
                order.clone(),
            );
            jobs.push(Box::new(move || {
                let is_early = |id| order.as_ref().is_some_and(|order| order.contains(id));
                let run = || part_sums(network, vars, batch, images.clone(), smoothing, is_early);
                let run = || synchronised(slot, || with_first_image(images.start, run));
                let part = meeting.compute(index, run);
                let mut computed = computed.lock().unwrap_or_else(PoisonError::into_inner);
                computed.push((index, part));
            }));
        }
        let before = |place: usize, index: usize| {
            let sums = work.before.get(place)?.as_ref()?;
            Some(sums.gradients.of(vars, index).to_vec())
        };
        let mut early = order.as_deref().map(|order| EarlySums {
            order,
            cluster: self.of.cluster,
            micro_batches: self.of.division.micro_batches(),
            handed_over,
            parts: work.before.len(),
            before: &before,
            progress: Progress::default(),
        });
        self.workers.run(jobs, || match &mut early {
            Some(early) => rendezvous.serve(self.of.cluster, early),
            None => rendezvous.serve(self.of.cluster, &mut ()),
        });
        if let Some(recorder) = recorder {
            self.order.replace(Some(Arc::new(recorder.order(vars))));
        }
        let computed = computed
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<Option<PartSums>> = parts.iter().map(|_| None).collect();
        let mut failed = None;
        for (index, part) in computed {
            match part {
                Ok(part) => all[index] = Some(part),
                Err(error) if failed.is_none() || !error.to_string().contains(OTHER_FAILED) => {
                    failed = Some(error);
                }
                Err(_) => {}
            }
        }
        if let Some(failed) = failed {
            return Err(failed);
        }
        Ok((all, early.map(EarlySums::end).unwrap_or_default()))
    }
}

/// Loss and gradients of some images of a batch, each weighted by its share of the batch.
fn part_sums(
    network: &dyn Network,
    vars: &[Var],
    batch: &Batch,
    images: Range<usize>,
    smoothing: f64,
    handed_over: impl Fn(TensorId) -> bool,
) -> Result<PartSums> {
    let mut part = compute(network, batch, images, smoothing)?;
    Ok(PartSums {
        loss: part.loss,
        correct: part.correct,
        gradients: GradientSums::take(vars, &mut part.gradients, handed_over)?,
    })
}
