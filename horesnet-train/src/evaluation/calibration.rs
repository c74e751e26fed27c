//! Calibration: how far the probability of predictions is from their accuracy (Guo et al., arXiv 1706.04599).

use serde::Serialize;

/// Predictions in bins of equal width of the probability.
///
/// ```
/// use horesnet_train::Calibration;
///
/// // Two predictions with a probability of 0.9, one of which is right.
/// let calibration = Calibration::of(10, [(0.9, true), (0.9, false)]);
/// assert!((calibration.ece() - 0.4).abs() < 1e-12);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Calibration {
    bins: Vec<CalibrationBin>,
}

/// The predictions with a probability in an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct CalibrationBin {
    /// Their number.
    pub count: usize,
    /// Their mean probability, 0 without predictions.
    pub confidence: f64,
    /// The fraction of them that is right, 0 without predictions.
    pub accuracy: f64,
}

impl Calibration {
    /// Sorts pairs of probability and correctness into `bins` intervals, at least 1, from 0 to 1.
    #[must_use]
    pub fn of(bins: usize, predictions: impl IntoIterator<Item = (f64, bool)>) -> Self {
        let last = bins.max(1) - 1;
        let mut bins = vec![CalibrationBin::default(); last + 1];
        for (probability, is_right) in predictions {
            // A probability on a border belongs to the interval below it, as in the definition.
            let bin = (probability * bins.len() as f64).ceil() as usize;
            let bin = &mut bins[bin.saturating_sub(1).min(last)];
            bin.count += 1;
            bin.confidence += probability;
            bin.accuracy += f64::from(u8::from(is_right));
        }
        for bin in &mut bins {
            let count = bin.count.max(1) as f64;
            bin.confidence /= count;
            bin.accuracy /= count;
        }
        Self { bins }
    }

    /// Returns the bins, from the least probabilities to the largest.
    #[must_use]
    pub fn bins(&self) -> &[CalibrationBin] {
        &self.bins
    }

    /// Returns the expected calibration error: the mean distance of probability and accuracy of the bins, weighted by their
    /// predictions; 0 without predictions.
    #[must_use]
    pub fn ece(&self) -> f64 {
        let all: usize = self.bins.iter().map(|bin| bin.count).sum();
        let weighted = self
            .bins
            .iter()
            .map(|bin| bin.count as f64 * (bin.accuracy - bin.confidence).abs());
        weighted.sum::<f64>() / all.max(1) as f64
    }
}
