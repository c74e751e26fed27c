//! Paired tests: by how much one network is better than another on the same test images, and whether chance explains it.

use rand::RngExt;
use rand_distr::{Binomial, Distribution};

use super::ComparisonRow;
use crate::random::generator;

/// Resamples of the bootstrap.
const RESAMPLES: usize = 2000;
/// The share of the resamples in the interval.
const INTERVAL: f64 = 0.95;
/// Most networks of which all pairs are compared; more are compared with the first.
const ALL_PAIRS: usize = 8;

/// The difference of test accuracy of two networks, trained with the same seeds and tested on the same images.
#[derive(Clone, Debug, PartialEq)]
pub struct PairedDifference {
    /// The names of the networks.
    pub networks: [String; 2],
    /// The accuracy of the second minus that of the first, mean over the seeds.
    pub difference: f64,
    /// The 95 % interval of the difference: percentiles of a bootstrap over seeds and test images.
    pub interval: [f64; 2],
    /// Each seed with the p-value of McNemar's exact test of its two networks.
    pub p_values: Vec<(u64, f64)>,
}

impl PairedDifference {
    /// Returns true if the interval does not contain 0.
    #[must_use]
    pub fn is_significant(&self) -> bool {
        let [low, high] = self.interval;
        low > 0.0 || high < 0.0
    }

    /// Compares the networks of two rows; `None` if they have no seed in common.
    #[must_use]
    pub fn of(one: &ComparisonRow, other: &ComparisonRow) -> Option<Self> {
        let mut seeds = Vec::new();
        let mut p_values = Vec::new();
        for (seed, before) in &one.predictions {
            let after = other.predictions.iter().find(|(other, _)| other == seed);
            let Some((_, after)) = after.filter(|(_, after)| after.labels() == before.labels())
            else {
                continue;
            };
            let pairs = before.correct().zip(after.correct());
            let gains: Vec<i32> = pairs.map(|(a, b)| i32::from(b) - i32::from(a)).collect();
            let count = |gain: i32| gains.iter().filter(|found| **found == gain).count();
            p_values.push((*seed, mcnemar(count(1), count(-1))));
            seeds.push(gains);
        }
        let images = seeds.first().map(Vec::len).filter(|images| *images > 0)?;
        if seeds.iter().any(|gains| gains.len() != images) {
            return None;
        }
        let all: i32 = seeds.iter().flatten().sum();
        Some(Self {
            networks: [one.name.clone(), other.name.clone()],
            difference: f64::from(all) / (seeds.len() * images) as f64,
            interval: bootstrap(&seeds, images),
            p_values,
        })
    }
}

/// Compares all pairs of networks, or of more than eight each with the first.
#[must_use]
pub fn differences(rows: &[ComparisonRow]) -> Vec<PairedDifference> {
    let firsts = if rows.len() > ALL_PAIRS {
        1
    } else {
        rows.len()
    };
    let pairs = (0..firsts).flat_map(|one| (one + 1..rows.len()).map(move |other| (one, other)));
    pairs
        .filter_map(|(one, other)| PairedDifference::of(&rows[one], &rows[other]))
        .collect()
}

/// Returns the two-sided p-value of `gains` and `losses` where both are equally likely (McNemar's exact test).
fn mcnemar(gains: usize, losses: usize) -> f64 {
    let (count, least) = (gains + losses, gains.min(losses));
    // ln of the binomial coefficients over 2ⁿ, which may be too small for a number.
    let mut term = -(count as f64) * std::f64::consts::LN_2;
    let mut tail = 0.0;
    for k in 0..=least {
        tail += term.exp();
        term += ((count - k) as f64).ln() - ((k + 1) as f64).ln();
    }
    (2.0 * tail).min(1.0)
}

/// Returns the interval of the mean gain over seeds and images, both drawn with replacement; `seeds` has the gain of each image.
fn bootstrap(seeds: &[Vec<i32>], images: usize) -> [f64; 2] {
    let mut rng = generator(0, "bootstrap", 0);
    // Images on which no seed differs only count.
    let differs = |image: &usize| seeds.iter().any(|gains| gains[*image] != 0);
    let differing: Vec<usize> = (0..images).filter(differs).collect();
    let share = differing.len() as f64 / images.max(1) as f64;
    let Ok(drawn) = Binomial::new(images as u64, share) else {
        return [0.0; 2];
    };
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let chosen: Vec<_> = seeds
                .iter()
                .map(|_| rng.random_range(0..seeds.len()))
                .collect();
            let gain = |image: usize| chosen.iter().map(|&seed| seeds[seed][image]).sum::<i32>();
            let gains: Vec<i32> = differing.iter().map(|&image| gain(image)).collect();
            let count = drawn.sample(&mut rng);
            let sum: i32 = (0..count)
                .filter(|_| !gains.is_empty())
                .map(|_| gains[rng.random_range(0..gains.len())])
                .sum();
            f64::from(sum) / (images.max(1) * seeds.len()) as f64
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let outside = (RESAMPLES as f64 * (1.0 - INTERVAL) / 2.0).round() as usize;
    [means[outside], means[RESAMPLES - 1 - outside]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mcnemar_is_the_binomial_test() {
        // 2·(1 + 10 + 45)/2¹⁰ and 2·(1 + 6)/2⁶, by hand; equal counts say nothing.
        let close =
            |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}");
        close(mcnemar(2, 8), 112.0 / 1024.0);
        close(mcnemar(5, 1), 14.0 / 64.0);
        close(mcnemar(3, 3), 1.0);
        close(mcnemar(0, 0), 1.0);
        assert!(mcnemar(0, 5000) < 1e-300);
        assert!((mcnemar(4900, 5100) - 0.0466).abs() < 1e-3);
    }

    #[test]
    fn the_interval_is_that_of_the_normal_distribution() {
        // 1,000 images, of which 150 are gained and 50 lost: mean 0.1, deviation √(0.2 − 0.01)/√1000.
        let gains: Vec<i32> = (0..1000)
            .map(|image| match image {
                0..150 => 1,
                150..200 => -1,
                _ => 0,
            })
            .collect();
        let [low, high] = bootstrap(&[gains], 1000);
        let half = 1.96 * (0.19f64 / 1000.0).sqrt();
        assert!((low - (0.1 - half)).abs() < 3e-3, "{low}");
        assert!((high - (0.1 + half)).abs() < 3e-3, "{high}");
        assert_eq!(bootstrap(&[vec![0; 10], vec![0; 10]], 10), [0.0; 2]);
    }
}
