//! Cross-entropy with label smoothing, and scores.

use candle_core::{D, DType, Result, Tensor};
use candle_nn::ops::log_softmax;
use horesnet::no_grad;
use serde::{Deserialize, Serialize};

use crate::cluster::{Alone, Communicator, gather};
use crate::data::{Batch, Batches, prefetch};
use crate::network::Network;

/// Computes the mean cross-entropy of `logits` `[batch, classes]` and `labels` `[batch]` (`u32`), in nats: a scalar.
///
/// With `smoothing` ε the target is `1 − ε` on the label plus `ε/classes` on every class (Szegedy et al.,
/// arXiv 1512.00567, §7).
pub fn cross_entropy(logits: &Tensor, labels: &Tensor, smoothing: f64) -> Result<Tensor> {
    let log_p = log_softmax(logits, D::Minus1)?;
    smoothed(&log_p, on(&log_p, labels)?, smoothing)
}

/// Computes the mean cross-entropy of `logits` `[batch, classes]` and the labels of `batch`: a scalar.
///
/// Without mixup it is [`cross_entropy`]; with mixup, the mean of those with either label, weighted like the images
/// (Zhang et al., arXiv 1710.09412).
pub fn batch_loss(logits: &Tensor, batch: &Batch, smoothing: f64) -> Result<Tensor> {
    let log_p = log_softmax(logits, D::Minus1)?;
    let mut on_labels = on(&log_p, &batch.labels)?;
    if let Some(mixed) = &batch.mixed {
        let on_others = on(&log_p, &mixed.labels)?;
        on_labels = ((on_labels * (1.0 - mixed.share))? + (on_others * mixed.share)?)?;
    }
    smoothed(&log_p, on_labels, smoothing)
}

/// Returns the mean log-probability of `labels`.
fn on(log_p: &Tensor, labels: &Tensor) -> Result<Tensor> {
    log_p.gather(&labels.unsqueeze(1)?, 1)?.mean_all()
}

/// Returns the loss from the mean log-probability of the targets, `on_label`, after label smoothing.
fn smoothed(log_p: &Tensor, on_label: Tensor, smoothing: f64) -> Result<Tensor> {
    if smoothing == 0.0 {
        return on_label.neg();
    }
    ((on_label * (1.0 - smoothing))? + (log_p.mean_all()? * smoothing)?)?.neg()
}

/// Counts the rows of `logits` `[batch, classes]` that are largest at their label.
pub fn correct(logits: &Tensor, labels: &Tensor) -> Result<usize> {
    let hits = logits
        .argmax(D::Minus1)?
        .eq(labels)?
        .to_dtype(DType::U32)?
        .sum_all()?
        .to_scalar::<u32>()?;
    Ok(hits as usize)
}

/// Returns the value of a loss, a scalar of any floating-point dtype.
pub(crate) fn value(loss: &Tensor) -> Result<f64> {
    loss.to_dtype(DType::F64)?.to_scalar()
}

/// Means over images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Mean cross-entropy in nats, with label smoothing if there is any.
    pub loss: f64,
    /// The fraction of images classified correctly, from 0 to 1.
    pub accuracy: f64,
}

/// The sums of a [`Score`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    pub(crate) images: usize,
    pub(crate) loss: f64,
    pub(crate) correct: usize,
}

impl Tally {
    /// Adds a batch of `images` with this mean loss.
    pub(crate) fn add(&mut self, images: usize, loss: f64, correct: usize) {
        self.images += images;
        self.loss += loss * images as f64;
        self.correct += correct;
    }

    /// Adds the sums of other batches.
    fn merge(&mut self, other: Self) {
        self.images += other.images;
        self.loss += other.loss;
        self.correct += other.correct;
    }

    fn to_bytes(self) -> [u8; 24] {
        let mut bytes = [0; 24];
        let numbers = [self.images as u64, self.loss.to_bits(), self.correct as u64];
        for (bytes, number) in bytes.chunks_exact_mut(8).zip(numbers) {
            bytes.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    fn from_bytes(bytes: &[u8; 24]) -> Self {
        let (numbers, _) = bytes.as_chunks();
        let number = |index: usize| numbers.get(index).map_or(0, |n| u64::from_le_bytes(*n));
        Self {
            images: number(0) as usize,
            loss: f64::from_bits(number(1)),
            correct: number(2) as usize,
        }
    }

    /// Adds a batch of a test.
    pub(crate) fn add_test(
        &mut self,
        logits: &Tensor,
        labels: &Tensor,
        smoothing: f64,
    ) -> Result<()> {
        let loss = value(&cross_entropy(logits, labels, smoothing)?)?;
        self.add(labels.elem_count(), loss, correct(logits, labels)?);
        Ok(())
    }

    pub(crate) fn score(&self) -> Score {
        let images = self.images.max(1) as f64;
        Score {
            loss: self.loss / images,
            accuracy: self.correct as f64 / images,
        }
    }
}

/// Scores `network` on all of `batches`, with the running statistics of its norms.
pub fn evaluate(network: &dyn Network, batches: &Batches<'_>, smoothing: f64) -> Result<Score> {
    evaluate_together(network, batches, smoothing, &Alone, |_, _| Ok(()))
}

/// [Scores](evaluate) `network` on batches that the processes share: each takes consecutive ones, and calls `see` with their
/// logits. Counts are added as integers, and losses in the order of the batches, as one process adds them.
pub(crate) fn evaluate_together(
    network: &dyn Network,
    batches: &Batches<'_>,
    smoothing: f64,
    cluster: &dyn Communicator,
    mut see: impl FnMut(&Tensor, &Batch) -> Result<()>,
) -> Result<Score> {
    let (rank, size) = (cluster.rank(), cluster.size());
    let from = |rank: usize| rank * batches.len() / size;
    let own = from(rank)..from(rank + 1);
    let mut tallies = Vec::new();
    prefetch(batches.device(), batches.some_on_cpu(own), |batch| {
        let logits = no_grad(|| network.forward_t(&batch.images, false))?;
        let mut tally = Tally::default();
        tally.add_test(&logits, &batch.labels, smoothing)?;
        tallies.push(tally);
        see(&logits, &batch)
    })?;
    let bytes: Vec<u8> = tallies.iter().flat_map(|tally| tally.to_bytes()).collect();
    let mut all = Tally::default();
    for bytes in gather(cluster, &bytes) {
        let (tallies, _) = bytes.as_chunks();
        for bytes in tallies {
            all.merge(Tally::from_bytes(bytes));
        }
    }
    Ok(all.score())
}
