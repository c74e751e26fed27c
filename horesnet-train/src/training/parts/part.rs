//! Forward and backward pass of a part.

use std::ops::Range;

use candle_core::Result;
use candle_core::backprop::GradStore;
use horesnet::profile::trace;

use crate::data::Batch;
use crate::network::Network;
use crate::training::loss;

/// Loss and gradients of a part, weighted by its share of the batch.
pub(super) struct Computed {
    pub(super) loss: f64,
    pub(super) correct: usize,
    pub(super) gradients: GradStore,
}

/// Computes some images of a batch.
pub(super) fn compute(
    network: &dyn Network,
    batch: &Batch,
    images: Range<usize>,
    smoothing: f64,
) -> Result<Computed> {
    let weight = images.len() as f64 / batch.labels.elem_count() as f64;
    let part = batch.narrow(images)?;
    let (logits, loss) = {
        let _span = trace::compute("forward");
        let logits = network.forward_t(&part.images, true)?;
        let loss = (loss::batch_loss(&logits, &part, smoothing)? * weight)?;
        (logits, loss)
    };
    let gradients = {
        let _span = trace::compute("backward");
        horesnet::backward(&loss)?
    };
    Ok(Computed {
        loss: loss::value(&loss)?,
        correct: loss::correct(&logits, &part.labels)?,
        gradients,
    })
}
