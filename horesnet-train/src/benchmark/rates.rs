//! Repeated measurements of a rate.

/// The rates of rounds, sorted.
#[derive(Clone, Debug)]
pub struct Rates(Vec<f64>);

impl Rates {
    pub(super) fn new(mut rates: Vec<f64>) -> Self {
        rates.sort_by(f64::total_cmp);
        Self(rates)
    }

    /// The middle rate; of an even number, the lower one of two.
    #[must_use]
    pub fn median(&self) -> f64 {
        let middle = self.0.len().saturating_sub(1) / 2;
        self.0.get(middle).copied().unwrap_or(f64::NAN)
    }

    /// The least and the largest rate.
    #[must_use]
    pub fn range(&self) -> [f64; 2] {
        let ends = [self.0.first(), self.0.last()];
        ends.map(|rate| rate.copied().unwrap_or(f64::NAN))
    }
}

#[cfg(test)]
mod tests {
    use super::Rates;

    #[test]
    fn the_median_is_a_rate() {
        let rates = Rates::new(vec![3.0, 1.0, 2.0, 9.0]);
        assert_eq!((rates.median(), rates.range()), (2.0, [1.0, 9.0]));
    }
}
