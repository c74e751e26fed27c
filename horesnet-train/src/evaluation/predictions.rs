//! The prediction of a network for each image of a data set.

use std::fmt::{self, Debug, Formatter};

use candle_core::{D, DType, Result as CandleResult, Tensor};
use candle_nn::ops::softmax;
use serde::{Deserialize, Serialize};

use super::{Calibration, ConfusionMatrix};
use crate::cluster::{Communicator, gather};
use crate::data::{Batch, Batches};
use crate::network::Network;
use crate::training::{Score, evaluate_together};

/// Bytes of an image: three numbers of 16 bits, two of 32.
const IMAGE: usize = 3 * 2 + 2 * 4;

/// Bins of the calibration error.
pub(super) const ECE_BINS: usize = 15;

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
#[serde(try_from = "Columns")]
pub struct Predictions {
    labels: Vec<u16>,
    predicted: Vec<u16>,
    /// The probability of the predicted class.
    probability: Vec<f32>,
    /// The probability of the label.
    label_probability: Vec<f32>,
    /// The number of classes that are more probable than the label.
    rank: Vec<u16>,
}

/// [`Predictions`] of a file, whose columns may have any lengths.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Columns {
    labels: Vec<u16>,
    predicted: Vec<u16>,
    probability: Vec<f32>,
    label_probability: Vec<f32>,
    rank: Vec<u16>,
}

impl TryFrom<Columns> for Predictions {
    type Error = &'static str;

    fn try_from(columns: Columns) -> Result<Self, Self::Error> {
        let lengths = [
            columns.predicted.len(),
            columns.probability.len(),
            columns.label_probability.len(),
            columns.rank.len(),
        ];
        if lengths != [columns.labels.len(); 4] {
            return Err("the columns of predictions have different lengths");
        }
        Ok(Self {
            labels: columns.labels,
            predicted: columns.predicted,
            probability: columns.probability,
            label_probability: columns.label_probability,
            rank: columns.rank,
        })
    }
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
            let probabilities = probabilities.as_ref();
            all.push(probabilities, probabilities, label);
        }
        all
    }

    /// Adds an image; `scores` are the logits, or the probabilities again.
    fn push(&mut self, scores: &[f32], probabilities: &[f32], label: u32) {
        let class = label as usize;
        let of = |class: usize| probabilities.get(class).copied().unwrap_or(f32::NAN);
        // The first of equal scores wins, as in `argmax`.
        let first = |best: usize, (class, score): (usize, &f32)| {
            if *score > scores[best] { class } else { best }
        };
        let predicted = scores.iter().enumerate().fold(0, first);
        let of_label = scores.get(class).copied().unwrap_or(f32::NAN);
        // A score that is not a number is before all others, and so is any before it.
        let is_before = |(other, score): (usize, &f32)| match score.partial_cmp(&of_label) {
            Some(order) => order.is_gt() || (order.is_eq() && other < class),
            None => other != class,
        };
        let rank = scores.iter().enumerate().filter(|&entry| is_before(entry));
        self.labels.push(label as u16);
        self.predicted.push(predicted as u16);
        self.probability.push(of(predicted));
        self.label_probability.push(of(class));
        self.rank.push(rank.count() as u16);
    }

    /// Writes the columns image by image; NaNs keep their bits.
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(IMAGE * self.len());
        for image in 0..self.len() {
            for column in [&self.labels, &self.predicted, &self.rank] {
                bytes.extend(column[image].to_le_bytes());
            }
            for column in [&self.probability, &self.label_probability] {
                bytes.extend(column[image].to_le_bytes());
            }
        }
        bytes
    }

    /// Adds the images of [`to_bytes`](Self::to_bytes).
    fn extend_from_bytes(&mut self, bytes: &[u8]) {
        let (images, _) = bytes.as_chunks::<IMAGE>();
        for &[a, b, c, d, e, f, g, h, i, j, k, l, m, n] in images {
            self.labels.push(u16::from_le_bytes([a, b]));
            self.predicted.push(u16::from_le_bytes([c, d]));
            self.rank.push(u16::from_le_bytes([e, f]));
            self.probability.push(f32::from_le_bytes([g, h, i, j]));
            self.label_probability
                .push(f32::from_le_bytes([k, l, m, n]));
        }
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

    /// Returns the [fraction](Self::top_k_accuracy) for the five most probable of more than ten `classes`; with fewer it says
    /// little.
    #[must_use]
    pub fn top_5_accuracy(&self, classes: usize) -> Option<f64> {
        (classes > 10).then(|| self.top_k_accuracy(5))
    }

    /// Returns the [expected calibration error](Calibration::ece) over 15 bins.
    #[must_use]
    pub fn ece(&self) -> f64 {
        self.calibration(ECE_BINS).ece()
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
}

/// Scores `network` on batches that the processes share, and returns its predictions for all of them.
pub(crate) fn evaluate(
    network: &dyn Network,
    batches: &Batches<'_>,
    smoothing: f64,
    cluster: &dyn Communicator,
) -> CandleResult<(Score, Predictions)> {
    let mut own = Predictions::default();
    let see = |logits: &Tensor, batch: &Batch| {
        let logits = logits.to_dtype(DType::F32)?;
        let probabilities = softmax(&logits, D::Minus1)?.to_vec2::<f32>()?;
        let (logits, labels) = (logits.to_vec2::<f32>()?, batch.labels.to_vec1::<u32>()?);
        for ((logits, probabilities), label) in logits.iter().zip(&probabilities).zip(labels) {
            own.push(logits, probabilities, label);
        }
        Ok(())
    };
    let score = evaluate_together(network, batches, smoothing, cluster, see)?;
    let mut all = Predictions::default();
    for bytes in gather(cluster, &own.to_bytes()) {
        all.extend_from_bytes(&bytes);
    }
    Ok((score, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_argmax() {
        let predictions = Predictions::of(&[[0.25, 0.5, 0.25], [0.4, 0.2, 0.4]], &[2, 2]);
        // Of equal classes, the first is before the others.
        assert_eq!(predictions.predicted(), [1, 0]);
        assert_eq!(predictions.rank, [2, 1]);
        assert_eq!(predictions.top_k_accuracy(2), 0.5);
        assert_eq!(predictions.top_k_accuracy(3), 1.0);
    }

    #[test]
    fn what_is_no_number_is_wrong() {
        let nan = f32::NAN;
        let predictions = Predictions::of(&[[nan, nan, nan], [0.5, nan, 0.5]], &[1, 2]);
        assert_eq!(predictions.accuracy(), 0.0);
        assert_eq!(predictions.rank, [2, 2]);
        assert_eq!(predictions.most_wrong(5).len(), 2);
        assert_eq!(predictions.calibration(3).bins().len(), 3);
        // A class without a logit.
        assert_eq!(Predictions::of(&[[1.0, 0.0]], &[7]).top_k_accuracy(2), 0.0);
    }

    #[test]
    fn predictions_survive_the_way_to_another_process() {
        let nan = f32::NAN;
        let own = Predictions::of(&[[0.25, 0.5, 0.25], [nan, 0.2, 0.4]], &[2, 1]);
        let mut all = Predictions::of(&[[1.0, 0.0, 0.0]], &[0]);
        all.extend_from_bytes(&own.to_bytes());
        assert_eq!(all.len(), 3);
        assert_eq!(all.labels(), [0, 2, 1]);
        assert_eq!(all.predicted(), [0, 1, 0]);
        assert_eq!(all.rank[1..], own.rank);
        let bits = |column: &[f32]| column.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&all.probability[1..]), bits(&own.probability));
        assert_eq!(
            bits(&all.label_probability[1..]),
            bits(&own.label_probability)
        );
    }

    #[test]
    fn columns_of_different_lengths_are_refused() {
        let text =
            r#"{"labels":[0],"predicted":[0],"probability":[1],"label_probability":[1],"rank":[]}"#;
        assert!(serde_json::from_str::<Predictions>(text).is_err());
        let whole = text.replace("\"rank\":[]", "\"rank\":[0]");
        assert_eq!(
            serde_json::from_str::<Predictions>(&whole).unwrap().len(),
            1
        );
    }
}
