//! Forward and backward pass of a batch in parts: the parts of a micro-batch at a time, on a thread each.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{Result, TensorId, Var};
use horesnet::layers::synchronised;
use horesnet::profile::trace;

use super::early::{EarlySums, GradientOrder, HandedOver, Progress, Recorder};
use super::gradient_sums::add;
use super::rendezvous::{OTHER_FAILED, Rendezvous};
use super::slot::{Gradients, Slot};
use super::tree::{PartialSum, merge_blocks, merge_micro_batch};
use super::workers::{Job, Workers};
use super::{Division, GradientSums};
use crate::cluster::{Communicator, Message, all_reduce, broadcast_tensor};
use crate::data::Batch;
use crate::network::Network;
use crate::network::variables::Variables;
use crate::state::with_first_image;
use crate::training::loss;

/// Sums over the images of a batch, on all processes.
pub(crate) struct BatchSums {
    /// The mean loss.
    pub(crate) loss: f64,
    pub(crate) correct: usize,
    /// True if a process wants to stop.
    pub(crate) stops: bool,
    /// The gradients of the mean loss, of this process alone until [`PartsPass::gradients`].
    gradients: GradientSums,
    counts: Vec<u32>,
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
    pub(crate) network: &'a dyn Network,
    pub(crate) variables: &'a Variables,
    pub(crate) division: Division,
    pub(crate) workers: &'a Workers,
    pub(crate) cluster: &'a dyn Communicator,
    pub(crate) smoothing: f64,
    /// Batch norm has the statistics of all parts.
    pub(crate) norm_sync: bool,
    /// The order of gradients, which the first step notes.
    pub(crate) order: &'a RefCell<Option<Arc<GradientOrder>>>,
}

impl PartsPass<'_> {
    /// Computes loss and gradients of a batch, of which this process computes its parts.
    pub(crate) fn run(&self, batch: &Batch, stops: bool) -> Result<BatchSums> {
        let vars = self.vars();
        let images = self.division.images(batch.labels.elem_count());
        let (rank, size) = (self.cluster.rank(), self.cluster.size());
        let micro_batches = self.division.micro_batches();
        let mine = self.division.of_process(rank, size);
        let mut sums: Vec<Option<PartSums>> = mine.clone().map(|_| None).collect();
        let mut has_idle = false;
        let mut early = Vec::new();
        for micro_batch in 0..micro_batches {
            let of_micro_batch = |part: &usize| self.division.micro_batch(*part) == micro_batch;
            let has_images = |rank| {
                let mut parts = self.division.of_process(rank, size).filter(of_micro_batch);
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
                    all_reduce(self.cluster, Message::End, |_, _| ());
                }
            } else {
                let add: fn(&mut [f64], &[f64]) = |_, _| ();
                while let Message::Numbers(_) = all_reduce(self.cluster, Message::Neutral, add) {}
            }
            merge_micro_batch(&mut sums, micro_batch, micro_batches);
        }
        let own = merge_blocks(&mut sums, micro_batches);
        let own = own.unwrap_or_else(|| PartSums {
            loss: 0.0,
            correct: 0,
            gradients: GradientSums::zeros(&vars),
        });
        if has_idle || !self.norm_sync {
            self.share_statistics()?;
        }
        Ok(self.numbers(own, stops, early))
    }

    /// Sums the gradients over all processes.
    pub(crate) fn gradients(&self, sums: BatchSums) -> Result<candle_core::backprop::GradStore> {
        let mut gradients = sums.gradients;
        let vars = self.vars();
        let _span = trace::communicate("late gradients", None);
        gradients.sum_over(&vars, self.cluster, sums.counts, sums.early);
        gradients.into_store(&vars)
    }

    fn vars(&self) -> Vec<Var> {
        self.variables
            .trained()
            .into_iter()
            .map(|(_, var)| var)
            .collect()
    }

    /// Sums all but the gradients over all processes.
    fn numbers(&self, own: PartSums, stops: bool, early: Vec<(usize, Vec<f32>)>) -> BatchSums {
        let mut numbers = vec![own.loss, own.correct as f64, f64::from(u8::from(stops))];
        numbers.extend(own.gradients.counts().iter().map(|count| f64::from(*count)));
        let _span = trace::communicate("losses and counts", None);
        if let Message::Numbers(all) =
            all_reduce(self.cluster, Message::Numbers(numbers.clone()), add::<f64>)
        {
            numbers = all;
        }
        let counts = numbers
            .split_off(3)
            .into_iter()
            .map(|count| count as u32)
            .collect();
        let [loss, correct, stopping] = [numbers[0], numbers[1], numbers[2]];
        BatchSums {
            loss,
            correct: correct as usize,
            stops: stopping > 0.0,
            gradients: own.gradients,
            counts,
            early,
        }
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
        let updates = first.filter(|_| self.norm_sync || self.cluster.rank() == 0);
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
                is_alone: self.cluster.size() == 1,
                is_apart: !self.norm_sync,
                updates_statistics: updates == Some(index),
                gradients,
            });
            let (images, meeting, computed) = (images[part].clone(), &rendezvous, &computed);
            let (network, smoothing, order) = (self.network, self.smoothing, order.clone());
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
            cluster: self.cluster,
            micro_batches: self.division.micro_batches(),
            handed_over,
            parts: work.before.len(),
            before: &before,
            progress: Progress::default(),
        });
        self.workers.run(jobs, || match &mut early {
            Some(early) => rendezvous.serve(self.cluster, early),
            None => rendezvous.serve(self.cluster, &mut ()),
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

    /// Gives the running statistics of process 0 to processes that have not updated theirs.
    fn share_statistics(&self) -> Result<()> {
        if self.cluster.size() == 1 {
            return Ok(());
        }
        let trained: Vec<_> = self.vars().iter().map(|var| var.id()).collect();
        for (_, var) in self.variables.all() {
            if trained.contains(&var.id()) || !var.dtype().is_float() {
                continue;
            }
            let first = broadcast_tensor(self.cluster, &var.as_detached_tensor())?;
            var.set(&first.to_device(var.device())?)?;
        }
        Ok(())
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
    let weight = images.len() as f64 / batch.labels.elem_count() as f64;
    let part = batch.narrow(images)?;
    let (logits, loss) = {
        let _span = trace::compute("forward");
        let logits = network.forward_t(&part.images, true)?;
        let loss = (loss::batch_loss(&logits, &part, smoothing)? * weight)?;
        (logits, loss)
    };
    let mut gradients = {
        let _span = trace::compute("backward");
        horesnet::backward(&loss)?
    };
    Ok(PartSums {
        loss: loss::value(&loss)?,
        correct: loss::correct(&logits, &part.labels)?,
        gradients: GradientSums::take(vars, &mut gradients, handed_over)?,
    })
}
