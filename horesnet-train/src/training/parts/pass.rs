//! Forward and backward pass of a batch in parts: the parts of a micro-batch at a time, on a thread each.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{Device, Result, Tensor, Var};
use horesnet::layers::synchronised;

use super::rendezvous::{OTHER_FAILED, Rendezvous, Slot};
use super::workers::{Job, Workers};
use super::{Division, GradientSums};
use crate::cluster::{Communicator, Message, all_reduce};
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
}

/// Sums over the images of a part.
struct PartSums {
    loss: f64,
    correct: usize,
    gradients: GradientSums,
}

impl PartSums {
    fn add(&mut self, right: &Self) {
        self.loss += right.loss;
        self.correct += right.correct;
        self.gradients.add(&right.gradients);
    }
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
                let computed = self.micro_batch(batch, &vars, &parts, &images)?;
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
        merge_blocks(&mut sums, micro_batches);
        let own = sums.into_iter().next().flatten();
        let own = own.unwrap_or_else(|| PartSums {
            loss: 0.0,
            correct: 0,
            gradients: GradientSums::zeros(&vars),
        });
        if has_idle || !self.norm_sync {
            self.share_statistics()?;
        }
        Ok(self.numbers(own, stops))
    }

    /// Sums the gradients over all processes.
    pub(crate) fn gradients(&self, sums: BatchSums) -> Result<candle_core::backprop::GradStore> {
        let mut gradients = sums.gradients;
        gradients.sum_over(self.cluster, sums.counts);
        gradients.into_store(&self.vars())
    }

    fn vars(&self) -> Vec<Var> {
        self.variables
            .trained()
            .into_iter()
            .map(|(_, var)| var)
            .collect()
    }

    /// Sums all but the gradients over all processes.
    fn numbers(&self, own: PartSums, stops: bool) -> BatchSums {
        let mut numbers = vec![own.loss, own.correct as f64, f64::from(u8::from(stops))];
        numbers.extend(own.gradients.counts().iter().map(|count| f64::from(*count)));
        let add: fn(&mut [f64], &[f64]) = |left, right| {
            for (left, right) in left.iter_mut().zip(right) {
                *left += right;
            }
        };
        if let Message::Numbers(all) =
            all_reduce(self.cluster, Message::Numbers(numbers.clone()), add)
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
        }
    }

    /// Computes parts of a micro-batch, some of which may have no images.
    fn micro_batch(
        &self,
        batch: &Batch,
        vars: &[Var],
        parts: &[usize],
        images: &[std::ops::Range<usize>],
    ) -> Result<Vec<Option<PartSums>>> {
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
        let computed = Mutex::new(Vec::new());
        let job = |(index, &part): (usize, &usize)| {
            let slot = Arc::new(Slot {
                rendezvous: rendezvous.clone(),
                index,
                is_alone: self.cluster.size() == 1,
                is_apart: !self.norm_sync,
                updates_statistics: updates == Some(index),
            });
            let (images, meeting, computed) = (images[part].clone(), &rendezvous, &computed);
            let (network, smoothing) = (self.network, self.smoothing);
            let job: Job<'_> = Box::new(move || {
                let run = || part_sums(network, vars, batch, images.clone(), smoothing);
                let run = || synchronised(slot, || with_first_image(images.start, run));
                let part = meeting.compute(index, run);
                let mut computed = computed.lock().unwrap_or_else(PoisonError::into_inner);
                computed.push((index, part));
            });
            job
        };
        let jobs = used().map(job).collect();
        self.workers.run(jobs, || rendezvous.serve(self.cluster));
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
        failed.map_or(Ok(all), Err)
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
            let own = var.as_detached_tensor().to_dtype(candle_core::DType::F64)?;
            let numbers = own.flatten_all()?.to_vec1::<f64>()?;
            let bytes = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
            let first = self.cluster.broadcast(bytes);
            let (numbers, _) = first.as_chunks();
            let numbers: Vec<f64> = numbers.iter().map(|x| f64::from_le_bytes(*x)).collect();
            let first = Tensor::from_vec(numbers, var.shape(), &Device::Cpu)?;
            var.set(&first.to_dtype(var.dtype())?.to_device(var.device())?)?;
        }
        Ok(())
    }
}

/// Loss and gradients of some images of a batch, each weighted by its share of the batch.
fn part_sums(
    network: &dyn Network,
    vars: &[Var],
    batch: &Batch,
    images: std::ops::Range<usize>,
    smoothing: f64,
) -> Result<PartSums> {
    let weight = images.len() as f64 / batch.labels.elem_count() as f64;
    let part = batch.narrow(images)?;
    let logits = network.forward_t(&part.images, true)?;
    let loss = (loss::batch_loss(&logits, &part, smoothing)? * weight)?;
    Ok(PartSums {
        loss: loss::value(&loss)?,
        correct: loss::correct(&logits, &part.labels)?,
        gradients: GradientSums::take(vars, &mut horesnet::backward(&loss)?)?,
    })
}

/// Adds the parts of a micro-batch to those before, as far as the tree allows: no more than log₂ of their sums are kept.
fn merge_micro_batch(sums: &mut [Option<PartSums>], micro_batch: usize, micro_batches: usize) {
    let end = micro_batch + 1;
    for block in sums.chunks_mut(micro_batches) {
        let mut width = 1;
        while width < micro_batches && end.is_multiple_of(2 * width) {
            merge(block, end - 2 * width, end - width);
            width *= 2;
        }
    }
}

/// Adds blocks of parts, each of which has its sum at its beginning.
fn merge_blocks(sums: &mut [Option<PartSums>], block: usize) {
    let mut width = block;
    while width < sums.len() {
        for left in (0..sums.len()).step_by(2 * width) {
            merge(sums, left, left + width);
        }
        width *= 2;
    }
}

fn merge(sums: &mut [Option<PartSums>], left: usize, right: usize) {
    let Some(right) = sums.get_mut(right).and_then(Option::take) else {
        return;
    };
    match &mut sums[left] {
        Some(left) => left.add(&right),
        empty => *empty = Some(right),
    }
}
