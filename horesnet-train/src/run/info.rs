//! The images and classes of a run, as programs that use its network need them.

use super::RunFolder;
use crate::data::Normalisation;
use crate::error::Result;

/// The images and classes of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelInfo {
    /// The names of the classes, in the order of the logits.
    pub label_names: Vec<String>,
    /// Channels, height and width of an image.
    pub input_size: [usize; 3],
    /// The mean of each channel, for pixels from 0 to 1.
    pub mean: Vec<f64>,
    /// The standard deviation of each channel.
    pub std: Vec<f64>,
}

impl RunFolder {
    /// Measures the training images of this run. Classes are named by their numbers.
    pub fn model_info(&self) -> Result<ModelInfo> {
        let train = self.config()?.load_data()?.train;
        let normalisation = Normalisation::of(&train);
        let unit = |value: f32| f64::from(value) / f64::from(u8::MAX);
        let (mean, std) = { normalisation.channels().iter() }
            .map(|(mean, std)| (unit(*mean), unit(*std)))
            .unzip();
        Ok(ModelInfo {
            label_names: (0..train.classes())
                .map(|class| class.to_string())
                .collect(),
            input_size: train.image_shape(),
            mean,
            std,
        })
    }
}
