//! The ways to compute loss and gradients of a batch: as a whole, in parts on threads, or in parts on devices.

use std::cell::RefCell;
use std::sync::Arc;

use candle_core::backprop::GradStore;
use horesnet::profile::trace;

use super::totals::Totals;
use super::{DevicePass, Division, Exchanges, GradientOrder, PartsPass, Workers};
use crate::cluster::Communicator;
use crate::data::Batch;
use crate::error::Result;
use crate::network::Network;
use crate::network::variables::Variables;
use crate::training::{TrainingConfig, loss};

/// The network of a training, and the processes that train it.
#[derive(Clone, Copy)]
pub(crate) struct PassInputs<'a> {
    pub(crate) network: &'a dyn Network,
    pub(crate) variables: &'a Variables,
    pub(crate) config: &'a TrainingConfig,
    pub(crate) division: Division,
    pub(crate) cluster: &'a dyn Communicator,
}

/// A way to compute batches.
pub(crate) enum BatchPass {
    Whole,
    Threads {
        workers: Workers,
        /// The order in which the gradients of the network are complete, which the first step notes.
        order: RefCell<Option<Arc<GradientOrder>>>,
    },
    Devices(Exchanges),
}

impl BatchPass {
    /// The way for a division of batches, on the device of the network.
    ///
    /// Fails with [`Error::Setting`](crate::Error::Setting) if the device cannot compute these parts.
    pub(crate) fn new(of: &PassInputs<'_>) -> Result<Self> {
        let (division, device) = (of.division, of.network.device());
        if division.is_whole() {
            return Ok(Self::Whole);
        }
        if device.is_cpu() {
            return Ok(Self::Threads {
                workers: Workers::new(division.at_a_time(of.cluster.size()))?,
                order: RefCell::default(),
            });
        }
        division.expect_one_at_a_time(of.cluster.size())?;
        Exchanges::join(of.cluster, device).map(Self::Devices)
    }

    /// Returns the sums over the images of a batch, and the gradients of its mean loss; `stops` is true if this process wants to
    /// stop. Before gradients are needed, `check` sees the loss, the same on all processes.
    pub(crate) fn run(
        &self,
        of: PassInputs<'_>,
        batch: &Batch,
        stops: bool,
        check: impl Fn(f64) -> Result<()>,
    ) -> Result<(Totals, GradStore)> {
        match self {
            Self::Whole => {
                let smoothing = of.config.label_smoothing;
                let (logits, loss) = {
                    let _span = trace::compute("forward");
                    let logits = of.network.forward_t(&batch.images, true)?;
                    let loss = loss::batch_loss(&logits, batch, smoothing)?;
                    (logits, loss)
                };
                let value = loss::value(&loss)?;
                check(value)?;
                let gradients = {
                    let _span = trace::compute("backward");
                    horesnet::backward(&loss)?
                };
                let totals = Totals {
                    loss: value,
                    correct: loss::correct(&logits, &batch.labels)?,
                    stops,
                    counts: Vec::new(),
                };
                Ok((totals, gradients))
            }
            Self::Threads { workers, order } => {
                let pass = PartsPass { of, workers, order };
                let sums = pass.run(batch, stops)?;
                check(sums.totals.loss)?;
                let totals = sums.totals.clone();
                Ok((totals, pass.gradients(sums)?))
            }
            Self::Devices(exchanges) => {
                let pass = DevicePass { of, exchanges };
                let (totals, own) = pass.run(batch, stops)?;
                check(totals.loss)?;
                let gradients = pass.gradients(&totals, own)?;
                Ok((totals, gradients))
            }
        }
    }
}
