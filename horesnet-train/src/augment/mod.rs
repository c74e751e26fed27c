//! What happens to training images at random before the network sees them.
//!
//! A step is a file with a function on one image; [`Augmentation`] says which steps are taken, and takes them in the order
//! of its fields. Mixup, last, is a step of whole batches.

mod canvas;
mod colour;
mod cutout;
mod mixup;
mod random;
#[cfg(test)]
mod tests;
mod warp;
mod window;

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::normalisation::Normalisation;
use canvas::Canvas;
use window::Window;

pub(crate) use mixup::{Mixup, mix};
pub use random::RandAugment;

/// Widest border that is cropped from, in pixels.
const MAX_CROP: usize = 64;
/// Largest square that is hidden, in pixels.
const MAX_CUTOUT: usize = 1024;
/// From here on mixed images are all but halves.
const MAX_MIXUP: f64 = 100.0;

/// What training images go through; all of it is off by default.
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
    /// Images get a border of so many pixels, 0 to 64, and are cropped to their size again at a random place: they move
    /// by up to so many pixels along both axes. What moves in from outside is 0.
    pub crop: usize,
    /// Each image is mirrored, left to right, or left as it is, with equal chances.
    pub flip: bool,
    /// Some of a list of operations, drawn for each image.
    pub random: RandAugment,
    /// How far brightness, contrast and, with colours, saturation are changed, from 0 to 1: each by a factor drawn from
    /// `1 − colour` to `1 + colour`.
    pub colour: f64,
    /// A square of so many pixels a side, 0 to 1024, is hidden behind the mean of the data set; as its centre is drawn from
    /// all of the image, some of it may lie outside (`DeVries` and Taylor, arXiv 1708.04552).
    pub cutout: usize,
    /// The α of mixup, from 0 to 100; 0 mixes nothing. All images of a batch are mixed in pairs, `λ` of one and `1 − λ` of
    /// the other, and so are their labels; `λ` is drawn from Beta(α, α) for each batch (Zhang et al., arXiv 1710.09412).
    pub mixup: f64,
}

impl Augmentation {
    /// Whether images can be augmented like this; if not, which setting is wrong and what would be right.
    pub fn validate(&self) -> Result<()> {
        let require = |setting, holds: bool, value: &dyn std::fmt::Display, range: &str| {
            if holds {
                return Ok(());
            }
            Err(Error::setting(setting, format!("{value} is not {range}")))
        };
        require(
            "augmentation.crop",
            self.crop <= MAX_CROP,
            &self.crop,
            "from 0 to 64 pixels",
        )?;
        self.random.validate()?;
        require(
            "augmentation.colour",
            (0.0..=1.0).contains(&self.colour),
            &self.colour,
            "from 0 to 1",
        )?;
        require(
            "augmentation.cutout",
            self.cutout <= MAX_CUTOUT,
            &self.cutout,
            "from 0 to 1024 pixels",
        )?;
        require(
            "augmentation.mixup",
            self.mixup == 0.0 || (0.01..=MAX_MIXUP).contains(&self.mixup),
            &self.mixup,
            "0, or from 0.01 to 100",
        )
    }

    /// Writes an image `[channels, height, width]` into `pixels`, which are zeros, as `f32` in units of the bytes.
    pub(crate) fn apply(
        &self,
        image: &[u8],
        shape: [usize; 3],
        normalisation: &Normalisation,
        pixels: &mut [f32],
        rng: &mut impl Rng,
    ) {
        Window::draw(self.crop, self.flip, rng).copy(image, shape, pixels);
        let mut canvas = Canvas::new(pixels, shape, normalisation);
        self.random.apply(&mut canvas, rng);
        if self.colour > 0.0 {
            colour::jitter(&mut canvas, self.colour as f32, rng);
        }
        if self.cutout > 0 {
            cutout::hide(&mut canvas, self.cutout, rng);
        }
    }
}
