//! `RandAugment`: operations drawn for each image, all with one magnitude (Cubuk et al., arXiv 1909.13719).
//!
//! Operations and ranges are those of `AutoAugment` (arXiv 1805.09501, appendix) that work whatever the bytes of an image
//! mean; those that need all 256 levels, such as solarise and posterise, are left out.

use std::f32::consts::PI;

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::canvas::Canvas;
use super::warp::{AffineMap, warp};
use super::{colour, cutout};
use crate::config::config;
use crate::error::Result;
use crate::limits::within;

config! {
    /// Random operations on each image, one after the other: `operations` of this list, with repetition.
    ///
    /// | operation | at magnitude 10 |
    /// |---|---|
    /// | none | |
    /// | translate, along one of the axes | by 0.45 of the side |
    /// | shear, along one of the axes | by a slope of 0.3 |
    /// | rotate | by 30° |
    /// | brightness, contrast, saturation | by a factor of 0.1 or 1.9 |
    /// | cutout | of 0.18 of the shorter side |
    ///
    /// All scale linearly with the magnitude, down to no change at 0, in a random direction. Pixels from outside the image
    /// are 0. Saturation leaves grey images unchanged.
    #[derive(Copy)]
    pub struct RandAugment {
        /// Operations for each image, 0 to 16.
        pub operations: usize = 0,
        /// Their strength, 0 to 10.
        pub magnitude: f64 = 5.0,
    }
}

/// Changes an image with a strength from −1 to 1.
type Operation = fn(&mut Canvas<'_>, f32);

/// Drawn by index, so runs depend on the order. `None` is cutout, which has no direction but a random centre.
const OPERATIONS: [Option<Operation>; 10] = [
    Some(|_, _| {}),
    Some(|canvas, strength| {
        let height = canvas.height as f32;
        warp(
            canvas,
            AffineMap::translation(0.45 * height * strength, 0.0),
        );
    }),
    Some(|canvas, strength| {
        let width = canvas.width as f32;
        warp(canvas, AffineMap::translation(0.0, 0.45 * width * strength));
    }),
    Some(|canvas, strength| warp(canvas, AffineMap::vertical_shear(0.3 * strength))),
    Some(|canvas, strength| warp(canvas, AffineMap::horizontal_shear(0.3 * strength))),
    Some(|canvas, strength| warp(canvas, AffineMap::rotation(PI / 6.0 * strength))),
    Some(|canvas, strength| colour::brightness(canvas, 1.0 + 0.9 * strength)),
    Some(|canvas, strength| colour::contrast(canvas, 1.0 + 0.9 * strength)),
    Some(|canvas, strength| colour::saturation(canvas, 1.0 + 0.9 * strength)),
    None,
];

impl RandAugment {
    pub(super) fn validate(self) -> Result<()> {
        within("augmentation.random.operations", self.operations, 0..=16)?;
        within("augmentation.random.magnitude", self.magnitude, 0.0..=10.0)
    }

    pub(super) fn apply(self, canvas: &mut Canvas<'_>, rng: &mut impl Rng) {
        let strength = self.magnitude as f32 / 10.0;
        for _ in 0..self.operations {
            let Some(operation) = OPERATIONS.choose(rng) else {
                return;
            };
            let signed = if rng.random() { strength } else { -strength };
            if let Some(operation) = operation {
                operation(canvas, signed);
            } else {
                let shorter = canvas.height.min(canvas.width) as f32;
                cutout::hide(canvas, (0.18 * shorter * strength).round() as usize, rng);
            }
        }
    }
}
