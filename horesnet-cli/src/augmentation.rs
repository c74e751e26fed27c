//! What training images go through at random, as options of `horesnet train`.

use clap::Args;
use horesnet_train::{Augmentation, RandAugment};

#[derive(Args)]
#[command(next_help_heading = "Augmentation of the training images, all off by default")]
pub(crate) struct AugmentationArgs {
    /// Crop from a border of so many pixels: moves images by up to as many along both axes
    #[arg(long, value_name = "PIXELS")]
    crop: Option<usize>,

    /// Mirror every second image, left to right
    #[arg(long)]
    flip: bool,

    /// RandAugment: put each image through so many random operations (translate, shear, rotate, brightness, contrast,
    /// saturation, cutout)
    #[arg(long, value_name = "N")]
    random_operations: Option<usize>,

    /// RandAugment: how strong the operations are, 0 to 10 [default: 5]
    #[arg(long, allow_negative_numbers = true, value_name = "M")]
    random_magnitude: Option<f64>,

    /// Change brightness, contrast and saturation by factors from 1 - S to 1 + S, with S from 0 to 1
    #[arg(long, allow_negative_numbers = true, value_name = "S")]
    colour: Option<f64>,

    /// Hide a square with sides of so many pixels, at a random place
    #[arg(long, value_name = "PIXELS")]
    cutout: Option<usize>,

    /// Mixup: mix images and labels in pairs, with shares from Beta(ALPHA, ALPHA)
    #[arg(long, allow_negative_numbers = true, value_name = "ALPHA")]
    mixup: Option<f64>,
}

impl From<AugmentationArgs> for Augmentation {
    fn from(arguments: AugmentationArgs) -> Self {
        let RandAugment {
            operations,
            magnitude,
        } = RandAugment::default();
        Self {
            crop: arguments.crop.unwrap_or_default(),
            flip: arguments.flip,
            random: RandAugment {
                operations: arguments.random_operations.unwrap_or(operations),
                magnitude: arguments.random_magnitude.unwrap_or(magnitude),
            },
            colour: arguments.colour.unwrap_or_default(),
            cutout: arguments.cutout.unwrap_or_default(),
            mixup: arguments.mixup.unwrap_or_default(),
        }
    }
}
