//! Gradients that are sent to other processes while the backward pass goes on.
//!
//! The first step notes in which order the gradients of variables are complete, and after how many terms. In later steps, each
//! part hands a gradient over with its last term, and the main thread sums and sends them in buckets, in this order.
//!
//! If parts meet for statistics, between two meetings it sends the buckets that were complete at the first: all processes have
//! the same meetings, so they send the same buckets between them, whatever their speed. If parts never meet, nothing can come
//! between two buckets, and each is sent as soon as it is complete.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::{DType, Device, Result, Tensor, TensorId, Var, bail};
use horesnet::profile::trace;

use super::rendezvous::Early;
use super::tree::{merge_blocks, merge_micro_batch};
use crate::cluster::{Communicator, sum_slices};

/// Least numbers in a bucket; few in tests, whose networks are small.
const BUCKET: usize = if cfg!(test) { 64 } else { 1 << 15 };

/// Notes the terms of gradients in the order in which they come.
#[derive(Default)]
pub(super) struct Recorder(Mutex<Terms>);

#[derive(Default)]
struct Terms {
    came: Vec<(TensorId, usize)>,
    late: HashSet<TensorId>,
    /// The part has met others.
    meets: bool,
}

impl Recorder {
    pub(super) fn has_terms(&self, variable: TensorId, count: usize) {
        lock(&self.0).came.push((variable, count));
    }

    pub(super) fn has_late_terms(&self, variable: TensorId) {
        lock(&self.0).late.insert(variable);
    }

    pub(super) fn meets(&self) {
        lock(&self.0).meets = true;
    }

    /// The order of the gradients of `vars` that are complete before the end.
    pub(super) fn order(&self, vars: &[Var]) -> GradientOrder {
        let terms = lock(&self.0);
        let mut last = HashMap::new();
        for (at, (variable, count)) in terms.came.iter().enumerate() {
            last.insert(*variable, (at, *count));
        }
        let known = vars.iter().enumerate().filter_map(|(index, var)| {
            let (at, count) = last.get(&var.id())?;
            let is_early = var.dtype() == DType::F32 && !terms.late.contains(&var.id());
            is_early.then_some((*at, index, *count))
        });
        let mut known: Vec<_> = known.collect();
        known.sort_unstable();
        let (mut buckets, mut start, mut len) = (Vec::new(), 0, 0);
        for (end, (_, index, _)) in (1..).zip(&known) {
            len += vars[*index].elem_count();
            if len >= BUCKET || end == known.len() {
                buckets.push(start..end);
                (start, len) = (end, 0);
            }
        }
        GradientOrder {
            terms: known
                .iter()
                .map(|(_, index, count)| (vars[*index].id(), *count))
                .collect(),
            ids: known
                .iter()
                .map(|(_, index, _)| vars[*index].id())
                .collect(),
            variables: known.into_iter().map(|(_, index, _)| index).collect(),
            buckets,
            meets: terms.meets,
        }
    }
}

/// The gradients that are complete before the end of a backward pass.
#[derive(Debug)]
pub(crate) struct GradientOrder {
    /// The number of their terms.
    terms: HashMap<TensorId, usize>,
    /// Their variables, in the order in which they are complete.
    ids: Vec<TensorId>,
    /// The indices of these.
    variables: Vec<usize>,
    /// Consecutive ones that are sent together.
    buckets: Vec<Range<usize>>,
    /// Parts meet for statistics.
    meets: bool,
}

impl GradientOrder {
    pub(super) fn contains(&self, variable: TensorId) -> bool {
        self.terms.contains_key(&variable)
    }
}

/// The gradients that a part has handed over, in order.
pub(super) struct HandedOver {
    order: Arc<GradientOrder>,
    gradients: Mutex<Vec<Vec<f32>>>,
}

impl HandedOver {
    pub(super) fn new(order: Arc<GradientOrder>) -> Self {
        let gradients = Mutex::default();
        Self { order, gradients }
    }

    /// Returns true if gradients are sent as soon as they are complete.
    pub(super) fn is_sent_at_once(&self) -> bool {
        !self.order.meets
    }

    pub(super) fn is_complete(&self, variable: TensorId, count: usize) -> bool {
        self.order.terms.get(&variable) == Some(&count)
    }

    pub(super) fn take(&self, variable: TensorId, gradient: &Tensor) -> Result<()> {
        let gradient = gradient.detach().to_device(&Device::Cpu)?.flatten_all()?;
        let mut gradients = lock(&self.gradients);
        if self.order.ids.get(gradients.len()) != Some(&variable) {
            bail!(
                "a backward pass has yielded gradients in another order than that of the first step"
            )
        }
        gradients.push(gradient.to_vec1()?);
        Ok(())
    }
}

/// Sums over all processes that are complete before the backward pass ends.
pub(super) struct EarlySums<'a> {
    pub(super) order: &'a GradientOrder,
    pub(super) cluster: &'a dyn Communicator,
    pub(super) micro_batches: usize,
    /// Gradients that each part of the last micro-batch hands over, and its place among the parts of the process.
    pub(super) handed_over: Vec<(usize, Arc<HandedOver>)>,
    /// The number of parts of the process.
    pub(super) parts: usize,
    /// The sum of earlier micro-batches at a place, for a variable.
    pub(super) before: &'a dyn Fn(usize, usize) -> Option<Vec<f32>>,
    pub(super) progress: Progress,
}

/// The buckets that have been sent.
#[derive(Default)]
pub(super) struct Progress {
    sent: usize,
    /// The number that were complete at the last meeting.
    at_meeting: usize,
    /// The sums, by the index of the variable.
    sums: Vec<(usize, Vec<f32>)>,
}

impl EarlySums<'_> {
    /// The number of buckets that all parts have handed over; while they wait, this is the same on all processes.
    fn complete(&self) -> usize {
        let parts = self.handed_over.iter();
        let least = parts.map(|(_, part)| lock(&part.gradients).len()).min();
        let is_complete = |bucket: &&Range<usize>| bucket.end <= least.unwrap_or(0);
        self.order.buckets.iter().take_while(is_complete).count()
    }

    /// Sends the buckets before `end` that have not been sent.
    fn send(&mut self, end: usize) {
        let progress = &mut self.progress;
        let buckets = self.order.buckets.get(progress.sent..end);
        let first = progress.sent;
        progress.sent = first.max(end);
        for (number, bucket) in (first..).zip(buckets.unwrap_or_default()) {
            let mut numbers = Vec::new();
            let sums = &mut self.progress.sums;
            for at in bucket.clone() {
                let variable = self.order.variables[at];
                let places = 0..self.parts;
                let mut parts: Vec<_> =
                    places.map(|place| (self.before)(place, variable)).collect();
                for (place, part) in &self.handed_over {
                    let gradient = lock(&part.gradients).get_mut(at).map(std::mem::take);
                    parts[*place] = gradient;
                }
                merge_micro_batch(&mut parts, self.micro_batches - 1, self.micro_batches);
                let sum = merge_blocks(&mut parts, self.micro_batches).unwrap_or_default();
                sums.push((variable, sum.clone()));
                numbers.extend(sum);
            }
            {
                let _span = trace::communicate("gradients", Some(number));
                sum_slices(self.cluster, &mut numbers);
            }
            let mut rest = numbers.as_slice();
            let first = sums.len() - bucket.len();
            for (_, sum) in &mut sums[first..] {
                let (own, others) = rest.split_at(sum.len());
                sum.copy_from_slice(own);
                rest = others;
            }
        }
    }

    /// Sends what is left; returns all sums, by the index of the variable.
    pub(super) fn end(mut self) -> Vec<(usize, Vec<f32>)> {
        self.send(self.order.buckets.len());
        self.progress.sums
    }
}

impl Early for EarlySums<'_> {
    fn all_wait(&mut self) {
        self.progress.at_meeting = self.complete();
    }

    fn all_go_on(&mut self) {
        self.send(self.progress.at_meeting);
    }

    fn has_more(&self) -> bool {
        !self.order.meets && self.complete() > self.progress.sent
    }

    fn send_more(&mut self) {
        self.send(self.complete());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
