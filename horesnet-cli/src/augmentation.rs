//! What training images go through at random, as options of `horesnet train`.

use clap::Args;

use crate::train::given::{Given, count, flag};

#[derive(Args)]
#[command(next_help_heading = "Augmentation of the training images")]
pub(crate) struct AugmentationArgs {
    /// Crop from a border of so many pixels: moves images by up to as many along both axes
    #[arg(long, value_name = "PIXELS")]
    crop: Option<usize>,

    /// Mirror every second image, left to right
    #[arg(long)]
    flip: bool,
}

impl AugmentationArgs {
    /// The options that were given: their names, the settings they are, and their values.
    pub(crate) fn given(&self) -> [Given; 2] {
        [
            ("--crop", "training.augmentation.crop", count(self.crop)),
            ("--flip", "training.augmentation.flip", flag(self.flip)),
        ]
    }
}
