//! What happens to training images at random before the network sees them.
//!
//! A step is a file with a function on one image; [`Augmentation`] says which steps are taken, and in which order.

mod window;

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use window::Window;

/// Widest border that is cropped from, in pixels.
const MAX_CROP: usize = 64;

/// What training images go through; all of it is off by default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Augmentation {
    /// Images get a border of so many pixels, 0 to 64, and are cropped to their size again at a random place: they move
    /// by up to so many pixels along both axes. What moves in from outside is 0.
    pub crop: usize,
    /// Every second image is mirrored, left to right.
    pub flip: bool,
}

impl Augmentation {
    /// Whether images can be augmented like this; if not, which setting is wrong and what would be right.
    pub fn validate(&self) -> Result<()> {
        if self.crop <= MAX_CROP {
            return Ok(());
        }
        let problem = format!("{} is not from 0 to {MAX_CROP} pixels", self.crop);
        Err(Error::setting("augmentation.crop", problem))
    }

    /// Writes an image `[channels, height, width]` into `pixels`, which are zeros.
    pub(crate) fn apply(
        &self,
        image: &[u8],
        shape: [usize; 3],
        pixels: &mut [f32],
        rng: &mut impl Rng,
    ) {
        Window::draw(self.crop, self.flip, rng).copy(image, shape, pixels);
    }
}
