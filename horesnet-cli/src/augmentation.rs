//! What training images go through at random, as options of `horesnet train`.

use clap::Args;

use crate::train::given::{Given, count, flag, number};

#[derive(Args)]
#[command(next_help_heading = "Augmentation of the training images, all off by default")]
pub(crate) struct AugmentationArgs {
    /// Crop from a border of so many pixels: moves images by up to as many along both axes
    #[arg(long, value_name = "PIXELS")]
    crop: Option<usize>,

    /// Mirror each image left to right, or leave it, with equal chances
    #[arg(long)]
    flip: bool,

    /// Put each image through so many random operations: translate, shear, rotate, brightness, contrast, saturation, cutout
    #[arg(long, value_name = "N")]
    random_operations: Option<usize>,

    /// How strong the random operations are, 0 to 10 [default: 5]
    #[arg(long, allow_negative_numbers = true, value_name = "M")]
    random_magnitude: Option<f64>,

    /// Change brightness, contrast and saturation by factors from 1 - S to 1 + S, with S from 0 to 1
    #[arg(long, allow_negative_numbers = true, value_name = "S")]
    colour: Option<f64>,

    /// Hide a square with sides of so many pixels, at a random place
    #[arg(long, value_name = "PIXELS")]
    cutout: Option<usize>,

    /// Mix images and labels in pairs, with shares from Beta(ALPHA, ALPHA)
    #[arg(long, allow_negative_numbers = true, value_name = "ALPHA")]
    mixup: Option<f64>,
}

impl AugmentationArgs {
    /// The options that were given: their names, the settings they are, and their values.
    pub(crate) fn given(&self) -> [Given; 7] {
        [
            ("--crop", "training.augmentation.crop", count(self.crop)),
            ("--flip", "training.augmentation.flip", flag(self.flip)),
            (
                "--random-operations",
                "training.augmentation.random.operations",
                count(self.random_operations),
            ),
            (
                "--random-magnitude",
                "training.augmentation.random.magnitude",
                number(self.random_magnitude),
            ),
            (
                "--colour",
                "training.augmentation.colour",
                number(self.colour),
            ),
            (
                "--cutout",
                "training.augmentation.cutout",
                count(self.cutout),
            ),
            ("--mixup", "training.augmentation.mixup", number(self.mixup)),
        ]
    }
}
