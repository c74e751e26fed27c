//! The data that a model was trained on, as far as its users need to know it.

use serde::{Deserialize, Serialize};

use super::resize::CROP_PCTS;
use super::{Dataset, Normalisation};
use crate::error::Result;
use crate::limits::{ensure, within};

/// The images and classes of a model: `model` in `config.json`, and metadata of `model.safetensors`.
///
/// Names and units are timm's.
///
/// ```
/// use horesnet_train::{ModelInfo, data};
///
/// let info = ModelInfo::of(&data::digits::split()?.train);
/// assert_eq!(info.input_size, [1, 8, 8]);
/// assert_eq!(info.label_names[3], "3");
/// assert!((info.mean[0] - 0.305).abs() < 1e-3); // of pixels from 0 to 1
/// # Ok::<(), horesnet_train::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelInfo {
    /// The name of each class, in the order of the logits.
    pub label_names: Vec<String>,
    /// Channels, height and width of an image.
    pub input_size: [usize; 3],
    /// The mean of each channel over the training images, for pixels from 0 to 1.
    pub mean: Vec<f64>,
    /// The standard deviation of each channel, for pixels from 0 to 1.
    pub std: Vec<f64>,
    /// The share of the shorter side that the centre of a resized image takes, from 0.5 to 1; 1 if images were not resized.
    #[serde(default = "whole")]
    pub crop_pct: f64,
}

fn whole() -> f64 {
    1.0
}

impl ModelInfo {
    /// Measures the training images `train`.
    #[must_use]
    pub fn of(train: &Dataset) -> Self {
        let white = f64::from(train.white());
        let normalisation = Normalisation::of(train);
        let channels = normalisation.channels().iter();
        let (mean, std) = channels
            .map(|&(mean, std)| (f64::from(mean) / white, f64::from(std) / white))
            .unzip();
        Self {
            label_names: train.class_names().to_vec(),
            input_size: train.image_shape(),
            mean,
            std,
            crop_pct: train.crop_pct(),
        }
    }

    /// The normalisation of images whose pixels are bytes up to `white`, to the bit that of the training.
    #[must_use]
    pub fn normalisation(&self, white: u8) -> Normalisation {
        // A product of an f32 with a byte, divided by it in f64, rounds back to the f32.
        let scaled = |x: &f64| (x * f64::from(white)) as f32;
        let channels = self.mean.iter().zip(&self.std);
        Normalisation::new(channels.map(|(mean, std)| (scaled(mean), scaled(std))))
    }

    /// Fails with [`Error::Setting`](crate::Error::Setting) if the parts do not belong together.
    pub(crate) fn validate(&self) -> Result<()> {
        let [channels, ..] = self.input_size;
        let lengths = [self.mean.len(), self.std.len()];
        ensure("model.mean", lengths == [channels; 2], || {
            format!("expected a mean and a std for {channels} channels, found {lengths:?}")
        })?;
        within("model.crop_pct", self.crop_pct, CROP_PCTS)?;
        let is_usable =
            |(mean, std): (&f64, &f64)| mean.is_finite() && std.is_normal() && *std > 0.0;
        let holds = self.mean.iter().zip(&self.std).all(is_usable);
        ensure("model.std", holds, || {
            "expected finite means, and finite deviations above 0".to_owned()
        })
    }

    /// Says in what `data` differs from the images and classes of the model, if it does.
    pub(crate) fn difference(&self, data: &Dataset) -> Option<String> {
        let (ours, theirs) = (self.input_size, data.image_shape());
        if ours != theirs {
            let text = |[channels, height, width]: [usize; 3]| {
                format!("{channels} channels and {height}×{width} pixels")
            };
            return Some(format!(
                "its images have {}; the model was trained on {}",
                text(theirs),
                text(ours)
            ));
        }
        self.other_classes(data.class_names())
    }

    /// Says in what a list of classes differs, if it does.
    pub(crate) fn other_classes(&self, found: &[String]) -> Option<String> {
        let expected = &self.label_names;
        if expected == found {
            return None;
        }
        let missing = first_absent(expected, found);
        let unknown = first_absent(found, expected);
        let problem = match (missing, unknown) {
            (Some(missing), Some(unknown)) => {
                format!("`{missing}` is missing, `{unknown}` is unknown")
            }
            (Some(missing), None) => format!("`{missing}` is missing"),
            (None, Some(unknown)) => format!("`{unknown}` is unknown"),
            (None, None) => "they are in another order".to_owned(),
        };
        Some(format!(
            "its classes are not those of the training: {problem}"
        ))
    }
}

/// The first name that is not among others.
fn first_absent<'a>(names: &'a [String], others: &[String]) -> Option<&'a String> {
    names.iter().find(|name| !others.contains(name))
}
