//! Augments training images at random: one file per transform.
//! [`Augmentation`] applies transforms in the order of its fields, and mixup last, to whole batches.
//! Must not know data sets or networks.

mod canvas;
mod colour;
mod crop;
mod cutout;
mod mixup;
mod random;
#[cfg(test)]
mod tests;
mod warp;

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::limits::{require, within};
use canvas::Canvas;
use crop::Crop;

pub(crate) use mixup::{Mixup, mix};
pub use random::RandAugment;

/// The augmentation of training images; off by default.
///
/// ```
/// use horesnet_train::Augmentation;
///
/// let usual = Augmentation { crop: 4, flip: true, ..Augmentation::default() };
/// assert!(usual.validate().is_ok());
/// let error = Augmentation { colour: 1.5, ..usual }.validate().unwrap_err();
/// assert_eq!(error.to_string(), "augmentation.colour: 1.5 is not from 0 to 1");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Augmentation {
    /// Width of the border, 0 to 64 pixels, that images get before they are cropped to their size at random. It has the mean of
    /// each channel over the data set, which is 0 after normalisation.
    pub crop: usize,
    /// Mirrors each image, left to right, with a probability of 1/2.
    pub flip: bool,
    /// Operations drawn for each image from a list.
    pub random: RandAugment,
    /// Change of brightness, contrast and, with colours, saturation, from 0 to 1: each by a factor drawn from `1 − colour`
    /// to `1 + colour`.
    pub colour: f64,
    /// Side of a square, 0 to 1024 pixels, that is hidden behind the mean of the data set. Its centre is drawn from the whole
    /// image, so some of it may lie outside (`DeVries` and Taylor, arXiv 1708.04552).
    pub cutout: usize,
    /// The α of mixup, from 0 to 100; 0 is none. The images of a batch are mixed in pairs, `λ` of one and `1 − λ` of the
    /// other, and so are their labels; `λ` is drawn from Beta(α, α) for each batch (Zhang et al., arXiv 1710.09412).
    pub mixup: f64,
}

impl Augmentation {
    /// Fails with [`Error::Setting`](crate::Error::Setting) on a value out of range.
    pub fn validate(&self) -> Result<()> {
        within("augmentation.crop", self.crop, 0..=64)?;
        self.random.validate()?;
        within("augmentation.colour", self.colour, 0.0..=1.0)?;
        within("augmentation.cutout", self.cutout, 0..=1024)?;
        // From 100 on, mixed images are all but halves.
        let holds = self.mixup == 0.0 || (0.01..=100.0).contains(&self.mixup);
        let expected = "0, or from 0.01 to 100";
        require("augmentation.mixup", holds, self.mixup, expected)
    }

    /// Writes the augmented image `[channels, height, width]` into `pixels` as `f32` in byte units.
    ///
    /// `channels` are the mean and standard deviation of each channel over the data set.
    pub(crate) fn apply(
        &self,
        image: &[u8],
        shape: [usize; 3],
        channels: &[(f32, f32)],
        pixels: &mut [f32],
        rng: &mut impl Rng,
    ) {
        let mut canvas = Canvas::new(pixels, shape, channels);
        Crop::draw(self.crop, self.flip, rng).copy(image, &mut canvas);
        self.random.apply(&mut canvas, rng);
        if self.colour > 0.0 {
            colour::jitter(&mut canvas, self.colour as f32, rng);
        }
        if self.cutout > 0 {
            cutout::hide(&mut canvas, self.cutout, rng);
        }
    }
}
