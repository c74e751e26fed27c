//! Cross-entropy with label smoothing, and what a network's logits are worth.

use candle_core::{D, DType, Result, Tensor};
use candle_nn::ops::log_softmax;

use crate::batches::{Batch, Batches, ahead};
use crate::network::Network;

/// Mean cross-entropy of `logits` `[batch, classes]` against `labels` `[batch]` (`u32`), in nats: a scalar.
///
/// With `smoothing` ε the target is `1 − ε` on the label plus `ε/classes` on every class (Szegedy et al.,
/// arXiv 1512.00567, §7).
pub fn cross_entropy(logits: &Tensor, labels: &Tensor, smoothing: f64) -> Result<Tensor> {
    let log_p = log_softmax(logits, D::Minus1)?;
    smoothed(&log_p, on(&log_p, labels)?, smoothing)
}

/// Mean cross-entropy of `logits` `[batch, classes]` against the labels of `batch`, mixed as its images are: a scalar.
///
/// Without mixup it is [`cross_entropy`]; with mixup, the mean of the two against either label, weighted by the shares of
/// the images (Zhang et al., arXiv 1710.09412).
pub fn batch_loss(logits: &Tensor, batch: &Batch, smoothing: f64) -> Result<Tensor> {
    let log_p = log_softmax(logits, D::Minus1)?;
    let mut on_labels = on(&log_p, &batch.labels)?;
    if let Some(mixed) = &batch.mixed {
        let on_others = on(&log_p, &mixed.labels)?;
        on_labels = ((on_labels * (1.0 - mixed.share))? + (on_others * mixed.share)?)?;
    }
    smoothed(&log_p, on_labels, smoothing)
}

/// The mean of the logarithms of probabilities that `labels` have.
fn on(log_p: &Tensor, labels: &Tensor) -> Result<Tensor> {
    log_p.gather(&labels.unsqueeze(1)?, 1)?.mean_all()
}

/// The loss with a mean of `on_label` where the target is, unless some of it is spread over all classes.
fn smoothed(log_p: &Tensor, on_label: Tensor, smoothing: f64) -> Result<Tensor> {
    let loss = if smoothing == 0.0 {
        on_label
    } else {
        ((on_label * (1.0 - smoothing))? + (log_p.mean_all()? * smoothing)?)?
    };
    loss.neg()
}

/// How many of `logits` `[batch, classes]` are largest at their label.
pub fn correct(logits: &Tensor, labels: &Tensor) -> Result<usize> {
    let hits = logits
        .argmax(D::Minus1)?
        .eq(labels)?
        .to_dtype(DType::U32)?
        .sum_all()?
        .to_scalar::<u32>()?;
    Ok(hits as usize)
}

/// What a loss, a scalar of any floating-point dtype, comes to.
pub(crate) fn value(loss: &Tensor) -> Result<f64> {
    loss.to_dtype(DType::F64)?.to_scalar()
}

/// Means over images.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// Mean cross-entropy in nats, with label smoothing where that was asked for.
    pub loss: f64,
    /// The share of images classified right, from 0 to 1.
    pub accuracy: f64,
}

/// Sums on the way to a [`Score`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    images: usize,
    loss: f64,
    correct: usize,
}

impl Tally {
    /// Sums that were kept, see [`parts`](Self::parts).
    pub(crate) fn of(images: usize, loss: f64, correct: usize) -> Self {
        Self {
            images,
            loss,
            correct,
        }
    }

    /// The images, the sum of their losses, and how many are classified right.
    pub(crate) fn parts(self) -> (usize, f64, usize) {
        (self.images, self.loss, self.correct)
    }

    /// A batch of `images` with this mean loss.
    pub(crate) fn add(&mut self, images: usize, loss: f64, correct: usize) {
        self.images += images;
        self.loss += loss * images as f64;
        self.correct += correct;
    }

    pub(crate) fn score(&self) -> Score {
        let images = self.images.max(1) as f64;
        Score {
            loss: self.loss / images,
            accuracy: self.correct as f64 / images,
        }
    }
}

/// The score of `network` on all of `batches`, with the running statistics of its normalisations.
pub fn evaluate(network: &dyn Network, batches: &Batches<'_>, smoothing: f64) -> Result<Score> {
    let mut tally = Tally::default();
    ahead(batches.device(), batches.drawn_in_order(), |batch| {
        let logits = network.forward_t(&batch.images, false)?;
        let loss = value(&cross_entropy(&logits, &batch.labels, smoothing)?)?;
        let correct = correct(&logits, &batch.labels)?;
        tally.add(batch.labels.elem_count(), loss, correct);
        Ok::<_, candle_core::Error>(())
    })?;
    Ok(tally.score())
}
