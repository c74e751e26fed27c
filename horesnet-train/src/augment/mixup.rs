//! Mixup: each image of a batch is mixed with the next, and their labels in the same shares.
//!
//! Zhang et al., arXiv 1710.09412. The order of a batch is random already, so the next image is as good as any.

use rand::Rng;
use rand_distr::{Beta, Distribution};

/// Draws how batches are mixed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mixup {
    shares: Beta<f64>,
}

impl Mixup {
    /// With λ from Beta(α, α); nothing if α is 0.
    pub(crate) fn new(alpha: f64) -> Option<Self> {
        let shares = Beta::new(alpha, alpha).ok()?;
        Some(Self { shares })
    }

    /// The share of each image itself: λ or 1 − λ, whichever is larger.
    ///
    /// The distribution is symmetric and each image is once in either place, so this only chooses which of two images is
    /// called the first, and the first label is the one to be expected.
    pub(crate) fn draw(&self, rng: &mut impl Rng) -> f64 {
        let share = self.shares.sample(rng);
        share.max(1.0 - share).clamp(0.5, 1.0)
    }
}

/// Mixes images of `size` numbers where they lie: of each the share `share`, of the next, or for the last the first, the
/// rest.
pub(crate) fn mix(images: &mut [f32], size: usize, share: f64) {
    let (own, others) = (share as f32, (1.0 - share) as f32);
    let first = images.get(..size).unwrap_or_default().to_vec();
    let count = images.len() / size.max(1);
    let mut rest = images;
    for index in 0..count {
        let (image, after) = rest.split_at_mut(size);
        let next = if index + 1 == count { &first } else { &*after };
        for (pixel, next) in image.iter_mut().zip(next) {
            *pixel = own * *pixel + others * *next;
        }
        rest = after;
    }
}
