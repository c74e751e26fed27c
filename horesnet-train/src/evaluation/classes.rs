//! The confusion matrix, and precision and recall of each class.

use serde::Serialize;

/// The number of images by class and predicted class.
///
/// ```
/// use horesnet_train::ConfusionMatrix;
///
/// // Of three images of class 0, one is taken for class 1; the only one of class 1 is right.
/// let matrix = ConfusionMatrix::of(2, [(0, 0), (0, 0), (0, 1), (1, 1)]);
/// assert_eq!(matrix.rows(), [[2, 1], [0, 1]]);
/// assert_eq!(matrix.scores()[1].precision, Some(0.5));
/// assert_eq!(matrix.scores()[1].recall, Some(1.0));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ConfusionMatrix {
    counts: Vec<Vec<usize>>,
}

/// The scores of a class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ClassScore {
    /// The fraction of images predicted to be of this class that are; `None` if there are none.
    pub precision: Option<f64>,
    /// The fraction of images of this class that are predicted to be; `None` if there are none.
    pub recall: Option<f64>,
    /// The harmonic mean of precision and recall; `None` if there are neither images nor predictions.
    pub f1: Option<f64>,
    /// The number of images of this class.
    pub support: usize,
}

impl ConfusionMatrix {
    /// Counts pairs of class and predicted class, both below `classes`; others are ignored.
    #[must_use]
    pub fn of(classes: usize, pairs: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut counts = vec![vec![0; classes]; classes];
        for (label, predicted) in pairs {
            if let Some(count) = counts.get_mut(label).and_then(|row| row.get_mut(predicted)) {
                *count += 1;
            }
        }
        Self { counts }
    }

    /// Returns a row for each class: its images by predicted class.
    #[must_use]
    pub fn rows(&self) -> &[Vec<usize>] {
        &self.counts
    }

    /// Returns precision, recall, F₁ score and number of images of each class.
    #[must_use]
    pub fn scores(&self) -> Vec<ClassScore> {
        let score = |(class, row): (usize, &Vec<usize>)| {
            let right = row[class];
            let support = row.iter().sum();
            let predicted = self.counts.iter().map(|row| row[class]).sum();
            let share = |of: usize| (of > 0).then(|| right as f64 / of as f64);
            let both: usize = support + predicted;
            ClassScore {
                precision: share(predicted),
                recall: share(support),
                f1: (both > 0).then(|| 2.0 * right as f64 / both as f64),
                support,
            }
        };
        self.counts.iter().enumerate().map(score).collect()
    }
}
