//! What several seeds of one experiment come to: mean and standard deviation.

use serde::{Deserialize, Serialize};

/// Mean and spread of some numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statistic {
    /// The arithmetic mean.
    pub mean: f64,
    /// The sample standard deviation, of `n − 1`; nothing for a single number.
    pub deviation: Option<f64>,
}

impl Statistic {
    /// Of `values`; nothing if there are none.
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

    /// `93.21 ± 0.15` of shares, in per cent with two decimals.
    #[must_use]
    pub fn per_cent(&self) -> String {
        match self.deviation {
            Some(deviation) => format!("{:.2} ± {:.2}", 100.0 * self.mean, 100.0 * deviation),
            None => format!("{:.2}", 100.0 * self.mean),
        }
    }
}
