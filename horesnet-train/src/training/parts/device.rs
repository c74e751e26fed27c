//! Parts on devices, one for each process: it computes them one after the other on the main thread, whose stream holds its
//! tensors, and sums over processes are formed on the devices, in the order of the tree.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Error, Result, Tensor, Var, bail};
use horesnet::layers::{BatchSync, Combine, synchronised};
use horesnet::profile::trace;

use super::batch_pass::PassInputs;
use super::gradient_sums::empty_store;
use super::part::compute;
use super::rendezvous::tree;
use super::totals::{Totals, share_statistics};
use super::tree::{PartialSum, merge_blocks, merge_micro_batch};
use crate::cluster::{Communicator, TensorExchange, sum_gathered, sum_sliced};
use crate::data::Batch;
use crate::error::Result as TrainResult;
use crate::state::with_first_image;

/// The ways to the devices of all processes, of every second one, of every fourth one, and so on, where this is one of them.
#[derive(Debug)]
pub(crate) struct Exchanges(Vec<Arc<dyn TensorExchange>>);

impl Exchanges {
    /// Joins the devices. All processes call it.
    pub(crate) fn join(cluster: &dyn Communicator, device: &Device) -> TrainResult<Self> {
        let mut joined = Vec::new();
        for stride in (0..)
            .map(|k| 1 << k)
            .take_while(|stride| *stride <= cluster.size())
        {
            joined.extend(cluster.tensors(device, stride)?);
        }
        Ok(Self(joined))
    }

    /// The way to every `stride`-th process.
    fn among(&self, stride: usize) -> Result<&Arc<dyn TensorExchange>> {
        match self.0.get(stride.ilog2() as usize) {
            Some(exchange) => Ok(exchange),
            None => bail!("this process has no way to every {stride}-th one"),
        }
    }
}

/// Sums over the images of some parts.
#[derive(Debug, Default)]
struct Sums {
    totals: Totals,
    /// The gradients of all trained variables, one after the other: those of `f64` variables, and all others as `f32`.
    gradients: [Option<Tensor>; 2],
    failed: Option<Error>,
}

const DTYPES: [DType; 2] = [DType::F64, DType::F32];

impl Sums {
    /// Takes the gradients of `vars` out of `store`; those without are 0.
    fn take(vars: &[Var], store: &mut GradStore) -> Result<Self> {
        let (mut gradients, mut counts) = ([Vec::new(), Vec::new()], Vec::new());
        for var in vars {
            let gradient = store.remove(var);
            counts.push(u32::from(gradient.is_some()));
            let dtype = DTYPES[index(var)];
            let flat = match gradient {
                Some(gradient) => gradient.detach().to_dtype(dtype)?.flatten_all()?,
                None => Tensor::zeros(var.elem_count(), dtype, var.device())?,
            };
            gradients[index(var)].push(flat);
        }
        let one = |all: Vec<Tensor>| {
            let all = (!all.is_empty()).then(|| Tensor::cat(&all, 0));
            all.transpose()
        };
        let [double, single] = gradients;
        Ok(Self {
            totals: Totals {
                counts,
                ..Totals::default()
            },
            gradients: [one(double)?, one(single)?],
            failed: None,
        })
    }
}

/// The place of the gradient of a variable in [`Sums::gradients`].
fn index(var: &Var) -> usize {
    usize::from(var.dtype() != DType::F64)
}

impl PartialSum for Sums {
    fn add(&mut self, right: &Self) {
        self.totals.loss += right.totals.loss;
        self.totals.correct += right.totals.correct;
        for (count, right) in self.totals.counts.iter_mut().zip(&right.totals.counts) {
            *count += right;
        }
        for (left, right) in self.gradients.iter_mut().zip(&right.gradients) {
            if let (Some(left), Some(right)) = (left, right) {
                match &*left + right {
                    Ok(sum) => *left = sum,
                    Err(error) => self.failed = Some(error),
                }
            }
        }
    }
}

/// Computes batches in parts.
pub(crate) struct DevicePass<'a> {
    pub(super) of: PassInputs<'a>,
    pub(super) exchanges: &'a Exchanges,
}

/// The gradients of a batch on this process.
pub(crate) struct DeviceGradients {
    vars: Vec<Var>,
    own: [Option<Tensor>; 2],
}

impl DevicePass<'_> {
    /// Computes the parts of this process; returns the sums over all, but for gradients, and the gradients of its own.
    pub(crate) fn run(&self, batch: &Batch, stops: bool) -> Result<(Totals, DeviceGradients)> {
        let trained = self.of.variables.trained().into_iter();
        let vars: Vec<Var> = trained.map(|(_, var)| var).collect();
        let images = self.of.division.images(batch.labels.elem_count());
        let (rank, size) = (self.of.cluster.rank(), self.of.cluster.size());
        let micro_batches = self.of.division.micro_batches();
        let mine = self.of.division.of_process(rank, size);
        let mut sums: Vec<Option<Sums>> = mine.clone().map(|_| None).collect();
        let mut has_idle = false;
        for micro_batch in 0..micro_batches {
            let part_of = |rank: usize| {
                let mut parts = self.of.division.of_process(rank, size);
                parts.find(|part| {
                    self.of.division.micro_batch(*part) == micro_batch && !images[*part].is_empty()
                })
            };
            let busy = (0..size).filter(|rank| part_of(*rank).is_some()).count();
            has_idle |= (1..size).contains(&busy);
            if let Some(part) = part_of(rank) {
                let slot = Arc::new(DeviceSlot {
                    // Empty parts are spread evenly over the processes.
                    exchange: self.exchanges.among(size / busy)?.clone(),
                    device: self.of.network.device().clone(),
                    is_apart: !self.of.config.norm_sync,
                    updates_statistics: self.of.config.norm_sync || rank == 0,
                    counts: Mutex::default(),
                });
                let images = images[part].clone();
                let run = || {
                    compute(
                        self.of.network,
                        batch,
                        images.clone(),
                        self.of.config.label_smoothing,
                    )
                };
                let run = || synchronised(slot, || with_first_image(images.start, run));
                let mut computed = run()?;
                let mut own = Sums::take(&vars, &mut computed.gradients)?;
                (own.totals.loss, own.totals.correct) = (computed.loss, computed.correct);
                sums[part - mine.start] = Some(own);
            }
            merge_micro_batch(&mut sums, micro_batch, micro_batches);
        }
        let own = match merge_blocks(&mut sums, micro_batches) {
            Some(own) => own,
            None => Sums::take(&vars, &mut empty_store()?)?,
        };
        if let Some(failed) = own.failed {
            return Err(failed);
        }
        if has_idle || !self.of.config.norm_sync {
            share_statistics(self.of.variables, self.of.cluster)?;
        }
        let totals = Totals {
            stops,
            ..own.totals
        };
        let own = own.gradients;
        Ok((totals.over(self.of.cluster), DeviceGradients { vars, own }))
    }

    /// Sums the gradients over all processes.
    pub(crate) fn gradients(&self, totals: &Totals, own: DeviceGradients) -> Result<GradStore> {
        let DeviceGradients { vars, own } = own;
        let exchange = self.exchanges.among(1)?;
        let _span = trace::communicate("gradients", None);
        let sum = |own: Option<Tensor>| own.map(|own| sum_sliced(exchange.as_ref(), &own));
        let [double, single] = own.map(|own| sum(own).transpose());
        let all = [double?, single?];
        let (mut store, mut starts) = (empty_store()?, [0, 0]);
        for (var, count) in vars.iter().zip(&totals.counts) {
            let (at, len) = (index(var), var.elem_count());
            let start = starts[at];
            starts[at] += len;
            if let (Some(all), 1..) = (&all[at], *count) {
                let own = all.narrow(0, start, len)?.reshape(var.shape())?;
                store.insert(var, own.to_dtype(var.dtype())?);
            }
        }
        Ok(store)
    }
}

/// A part of the batch, as layers see it.
struct DeviceSlot {
    exchange: Arc<dyn TensorExchange>,
    device: Device,
    /// True if each part has statistics of its own.
    is_apart: bool,
    updates_statistics: bool,
    /// The pixels of all parts, by those of this one: to read a number of a device takes as long as many of its ops.
    counts: Mutex<HashMap<usize, f64>>,
}

impl BatchSync for DeviceSlot {
    fn all_reduce(&self, own: Vec<f64>, combine: Combine) -> Result<Vec<f64>> {
        if self.is_apart {
            return Ok(own);
        }
        let len = own.len();
        let _span = trace::communicate("statistics", None);
        let own = Tensor::from_vec(own, len, &self.device)?;
        let all = self.exchange.all_gather(&own)?.to_vec1::<f64>()?;
        let all = all.chunks(len.max(1)).map(|own| Some(own.to_vec()));
        Ok(tree(&mut all.collect::<Vec<_>>(), combine))
    }

    fn count(&self, own: usize) -> Result<f64> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get(&own) {
            return Ok(*count);
        }
        let add: Combine = |left, right| left[0] += right[0];
        let all = self.all_reduce(vec![own as f64], add)?;
        let count = all.first().copied().unwrap_or_default();
        counts.insert(own, count);
        Ok(count)
    }

    fn sum(&self, own: &Tensor) -> Result<Tensor> {
        if self.is_apart {
            return Ok(own.clone());
        }
        let _span = trace::communicate("statistics", None);
        let sum = sum_gathered(self.exchange.as_ref(), &own.to_dtype(DType::F64)?)?;
        sum.to_dtype(own.dtype())
    }

    fn updates_statistics(&self) -> bool {
        self.updates_statistics
    }
}
