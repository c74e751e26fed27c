//! What training images go through at random, as options of `horesnet train`.

use clap::Args;
use horesnet_train::Augmentation;

#[derive(Args)]
#[command(next_help_heading = "Augmentation of the training images")]
pub(crate) struct AugmentationArgs {
    /// Crop from a border of so many pixels: moves images by up to as many along both axes
    #[arg(long, default_value_t = Augmentation::default().crop, value_name = "PIXELS")]
    crop: usize,

    /// Mirror every second image, left to right
    #[arg(long)]
    flip: bool,
}

impl From<AugmentationArgs> for Augmentation {
    fn from(arguments: AugmentationArgs) -> Self {
        Self {
            crop: arguments.crop,
            flip: arguments.flip,
        }
    }
}
