//! Mixup: mixes each image of a batch with the next, and their labels likewise (Zhang et al., arXiv 1710.09412).
//!
//! The order of a batch is random, so the next image is as good as any.

use rand::Rng;
use rand_distr::{Beta, Distribution};

/// The distribution of the mixing weight λ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mixup(Beta<f64>);

impl Mixup {
    /// λ from Beta(α, α); `None` if α is 0.
    pub(crate) fn new(alpha: f64) -> Option<Self> {
        Beta::new(alpha, alpha).ok().map(Self)
    }

    /// Draws the weight of each image itself: the larger of λ and 1 − λ.
    ///
    /// The distribution is symmetric and each image is once in either role, so the larger weight loses no generality, and
    /// the first label is the likelier one.
    pub(crate) fn draw(&self, rng: &mut impl Rng) -> f64 {
        let share = self.0.sample(rng);
        share.max(1.0 - share).clamp(0.5, 1.0)
    }
}

/// Mixes images of `size` numbers in place: `share` of each with the rest of the next, the last with the first.
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
