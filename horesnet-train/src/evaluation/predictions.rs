//! The prediction of a network for each image of a data set.

use std::fmt::{self, Debug, Formatter};

use candle_core::{D, DType, Result as CandleResult, Tensor};
use candle_nn::ops::softmax;
use serde::{Deserialize, Serialize};

use super::{Calibration, ConfusionMatrix};
use crate::data::{Batches, prefetch};
use crate::network::Network;
use crate::training::{Score, Tally};

/// The predictions of a network for labelled images, in their order: columns of `test.json`.
///
/// Labels and predictions are classes counted from 0, probabilities are from 0 to 1.
///
/// ```
/// use horesnet_train::Predictions;
///
/// // Two images of class 0 and one of class 1, in two classes.
/// let predictions = Predictions::of(&[[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]], &[0, 0, 1]);
/// assert_eq!(predictions.accuracy(), 2.0 / 3.0);
/// assert_eq!(predictions.most_wrong(5), [1]);
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predictions {
    labels: Vec<u16>,
    predicted: Vec<u16>,
    /// Of the predicted class.
    probability: Vec<f32>,
    /// Of the label.
    label_probability: Vec<f32>,
    /// The number of classes that are more probable than the label.
    rank: Vec<u16>,
}

impl Debug for Predictions {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Predictions")
            .field("images", &self.len())
            .field("accuracy", &self.accuracy())
            .finish_non_exhaustive()
    }
}

impl Predictions {
    /// Takes the probabilities of the classes and the label of each image.
    #[must_use]
    pub fn of<P: AsRef<[f32]>>(probabilities: &[P], labels: &[u32]) -> Self {
        let mut all = Self::default();
        for (probabilities, &label) in probabilities.iter().zip(labels) {
            all.push(probabilities.as_ref(), label);
        }
        all
    }

    fn push(&mut self, probabilities: &[f32], label: u32) {
        let of_label = probabilities.get(label as usize).copied().unwrap_or(0.0);
        // The first of equally probable classes, as `argmax` takes it.
        let first = |best: (usize, f32), (class, &p): (usize, &f32)| {
            if p > best.1 { (class, p) } else { best }
        };
        let best = probabilities
            .iter()
            .enumerate()
            .fold((0, f32::NEG_INFINITY), first);
        let before =
            |(class, p): (usize, &f32)| *p > of_label || (*p == of_label && class < label as usize);
        let rank = probabilities
            .iter()
            .enumerate()
            .filter(|&entry| before(entry))
            .count();
        self.labels.push(label as u16);
        self.predicted.push(best.0 as u16);
        self.probability.push(best.1);
        self.label_probability.push(of_label);
        self.rank.push(rank as u16);
    }

    /// Returns the number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Returns true if there are no images.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Returns the class of each image.
    #[must_use]
    pub fn labels(&self) -> &[u16] {
        &self.labels
    }

    /// Returns the most probable class of each image.
    #[must_use]
    pub fn predicted(&self) -> &[u16] {
        &self.predicted
    }

    /// Returns the probability of each [predicted](Self::predicted) class.
    #[must_use]
    pub fn probabilities(&self) -> &[f32] {
        &self.probability
    }

    /// Tells for each image whether its class is the most probable one.
    #[must_use]
    pub fn correct(&self) -> impl ExactSizeIterator<Item = bool> + '_ {
        let pairs = self.labels.iter().zip(&self.predicted);
        pairs.map(|(label, predicted)| label == predicted)
    }

    /// Returns the fraction of images that are classified correctly, 0 without images.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.top_k_accuracy(1)
    }

    /// Returns the fraction of images whose class is among the `k` most probable ones, 0 without images.
    #[must_use]
    pub fn top_k_accuracy(&self, k: usize) -> f64 {
        let within = self.rank.iter().filter(|rank| usize::from(**rank) < k);
        within.count() as f64 / self.len().max(1) as f64
    }

    /// Counts images by label and predicted class.
    #[must_use]
    pub fn confusion_matrix(&self, classes: usize) -> ConfusionMatrix {
        let pairs = self.labels.iter().zip(&self.predicted);
        ConfusionMatrix::of(
            classes,
            pairs.map(|(l, p)| (usize::from(*l), usize::from(*p))),
        )
    }

    /// Compares probabilities with accuracies, in `bins` of equal width.
    #[must_use]
    pub fn calibration(&self, bins: usize) -> Calibration {
        let probabilities = self.probability.iter().copied().map(f64::from);
        Calibration::of(bins, probabilities.zip(self.correct()))
    }

    /// Returns at most `count` images that are classified wrongly, those with the least probable labels first.
    #[must_use]
    pub fn most_wrong(&self, count: usize) -> Vec<usize> {
        let wrong = self
            .correct()
            .enumerate()
            .filter(|(_, is_correct)| !is_correct);
        let mut wrong: Vec<usize> = wrong.map(|(image, _)| image).collect();
        wrong.sort_by(|&a, &b| self.label_probability[a].total_cmp(&self.label_probability[b]));
        wrong.truncate(count);
        wrong
    }

    /// Returns true if all columns have `images` entries, and labels and predictions are below `classes`.
    pub(crate) fn is_of(&self, images: usize, classes: usize) -> bool {
        let lengths = [
            self.labels.len(),
            self.predicted.len(),
            self.probability.len(),
            self.label_probability.len(),
            self.rank.len(),
        ];
        let mut all = self.labels.iter().chain(&self.predicted);
        lengths == [images; 5] && all.all(|&class| usize::from(class) < classes)
    }
}

/// Scores `network` on all of `batches` and returns its predictions.
pub(crate) fn evaluate(
    network: &dyn Network,
    batches: &Batches<'_>,
    smoothing: f64,
) -> CandleResult<(Score, Predictions)> {
    let mut tally = Tally::default();
    let mut predictions = Predictions::default();
    prefetch(batches.device(), batches.in_order_on_cpu(), |batch| {
        let logits = network.forward_t(&batch.images, false)?;
        tally.add_test(&logits, &batch.labels, smoothing)?;
        let probabilities = probabilities(&logits)?.to_vec2::<f32>()?;
        let labels = batch.labels.to_vec1::<u32>()?;
        for (probabilities, label) in probabilities.iter().zip(labels) {
            predictions.push(probabilities, label);
        }
        Ok::<_, candle_core::Error>(())
    })?;
    Ok((tally.score(), predictions))
}

/// Returns the probabilities of the classes in `f32`.
fn probabilities(logits: &Tensor) -> CandleResult<Tensor> {
    softmax(&logits.to_dtype(DType::F32)?, D::Minus1)
}
