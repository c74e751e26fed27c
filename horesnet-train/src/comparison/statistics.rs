//! Mean and standard deviation over the seeds of an experiment.

use serde::{Deserialize, Serialize};

/// The mean and standard deviation of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statistic {
    /// The arithmetic mean.
    pub mean: f64,
    /// The sample standard deviation, with `n − 1`; `None` for a single number.
    pub deviation: Option<f64>,
}

impl Statistic {
    /// Computes the statistic of `values`; `None` if there are none.
    ///
    /// ```
    /// use horesnet_train::Statistic;
    ///
    /// let statistic = Statistic::of([1.0, 2.0, 3.0]).unwrap();
    /// assert_eq!((statistic.mean, statistic.deviation), (2.0, Some(1.0)));
    /// ```
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let values: Vec<f64> = values.into_iter().collect();
        let count = values.len();
        if count == 0 {
            return None;
        }
        let mean = values.iter().sum::<f64>() / count as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Some(Self {
            mean,
            deviation: (count > 1).then(|| (squares / (count - 1) as f64).sqrt()),
        })
    }

    /// Converts fractions to per cent.
    #[must_use]
    pub fn per_cent(self) -> Self {
        Self {
            mean: 100.0 * self.mean,
            deviation: self.deviation.map(|deviation| 100.0 * deviation),
        }
    }

    /// Formats the statistic with this many decimals: `93.21 ± 0.15`.
    #[must_use]
    pub fn text(&self, decimals: usize) -> String {
        match self.deviation {
            Some(deviation) => format!("{:.decimals$} ± {deviation:.decimals$}", self.mean),
            None => format!("{:.decimals$}", self.mean),
        }
    }
}
