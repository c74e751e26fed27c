//! `RandAugment`: some operations drawn for each image, all with one magnitude (Cubuk et al., arXiv 1909.13719).
//!
//! Operations and their ranges are those of `AutoAugment` (arXiv 1805.09501, appendix) that make sense whatever the bytes
//! of an image mean; those that count on all 256 levels, such as solarise and posterise, are left out.

use std::f32::consts::PI;

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::canvas::Canvas;
use super::warp::{Map, warp};
use super::{colour, cutout};
use crate::error::{Error, Result};

/// Most operations an image goes through.
const MAX_OPERATIONS: usize = 16;

/// Which random operations each image goes through, one after the other: `operations` of this list, with repetition.
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
/// All scale linearly with the magnitude, down to no change at 0, and go either way by chance. What moves in from outside
/// is 0. Saturation leaves grey images as they are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandAugment {
    /// Operations for each image, 0 to 16.
    pub operations: usize,
    /// How strong they are, 0 to 10.
    pub magnitude: f64,
}

impl Default for RandAugment {
    /// No operations, of a magnitude of 5.
    fn default() -> Self {
        Self {
            operations: 0,
            magnitude: 5.0,
        }
    }
}

/// What an image may go through.
#[derive(Clone, Copy, Debug)]
enum Operation {
    None,
    TranslateDown,
    TranslateRight,
    ShearDown,
    ShearRight,
    Rotate,
    Brightness,
    Contrast,
    Saturation,
    Cutout,
}

const OPERATIONS: [Operation; 10] = [
    Operation::None,
    Operation::TranslateDown,
    Operation::TranslateRight,
    Operation::ShearDown,
    Operation::ShearRight,
    Operation::Rotate,
    Operation::Brightness,
    Operation::Contrast,
    Operation::Saturation,
    Operation::Cutout,
];

impl RandAugment {
    pub(super) fn validate(self) -> Result<()> {
        if self.operations > MAX_OPERATIONS {
            return Err(Error::setting(
                "augmentation.random.operations",
                format!("{} is not from 0 to {MAX_OPERATIONS}", self.operations),
            ));
        }
        if !(0.0..=10.0).contains(&self.magnitude) {
            return Err(Error::setting(
                "augmentation.random.magnitude",
                format!("{} is not from 0 to 10", self.magnitude),
            ));
        }
        Ok(())
    }

    pub(super) fn apply(self, canvas: &mut Canvas<'_>, rng: &mut impl Rng) {
        for _ in 0..self.operations {
            if let Some(operation) = OPERATIONS.choose(rng) {
                operation.apply(canvas, self.magnitude as f32 / 10.0, rng);
            }
        }
    }
}

impl Operation {
    /// With a strength from 0 to 1.
    fn apply(self, canvas: &mut Canvas<'_>, strength: f32, rng: &mut impl Rng) {
        let (height, width) = (canvas.height as f32, canvas.width as f32);
        let signed = if rng.random() { strength } else { -strength };
        match self {
            Self::None => {}
            Self::TranslateDown => warp(canvas, Map::translation(0.45 * height * signed, 0.0)),
            Self::TranslateRight => warp(canvas, Map::translation(0.0, 0.45 * width * signed)),
            Self::ShearDown => warp(canvas, Map::vertical_shear(0.3 * signed)),
            Self::ShearRight => warp(canvas, Map::horizontal_shear(0.3 * signed)),
            Self::Rotate => warp(canvas, Map::rotation(PI / 6.0 * signed)),
            Self::Brightness => colour::brightness(canvas, 1.0 + 0.9 * signed),
            Self::Contrast => colour::contrast(canvas, 1.0 + 0.9 * signed),
            Self::Saturation => colour::saturation(canvas, 1.0 + 0.9 * signed),
            Self::Cutout => {
                let side = (0.18 * height.min(width) * strength).round() as usize;
                cutout::hide(canvas, side, rng);
            }
        }
    }
}
