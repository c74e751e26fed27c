//! Normalisation of pixels to mean 0 and standard deviation 1 over the training images.

use crate::data::Dataset;

/// Mean and standard deviation of each channel of the training images.
#[derive(Clone, Debug, PartialEq)]
pub struct Normalisation {
    channels: Vec<(f32, f32)>,
}

impl Normalisation {
    /// Measures `train`. A channel without contrast is centred only.
    #[must_use]
    pub fn of(train: &Dataset) -> Self {
        let [channels, height, width] = train.image_shape();
        let mut sums = vec![(0.0, 0.0); channels];
        for image in train.images() {
            for (plane, (sum, squares)) in image.chunks_exact(height * width).zip(&mut sums) {
                for &pixel in plane {
                    *sum += f64::from(pixel);
                    *squares += f64::from(pixel) * f64::from(pixel);
                }
            }
        }
        let count = (train.len() * height * width) as f64;
        let channel = |(sum, squares): (f64, f64)| {
            let mean = sum / count;
            let variance = squares / count - mean * mean;
            let has_contrast = variance > 1e-6;
            let std = if has_contrast { variance.sqrt() } else { 1.0 };
            (mean as f32, std as f32)
        };
        Self {
            channels: sums.into_iter().map(channel).collect(),
        }
    }

    /// Takes the mean and the standard deviation of each channel, in byte units.
    #[must_use]
    pub fn new(channels: impl IntoIterator<Item = (f32, f32)>) -> Self {
        Self {
            channels: channels.into_iter().collect(),
        }
    }

    /// Returns the mean and the standard deviation of each channel, in byte units.
    #[must_use]
    pub fn channels(&self) -> &[(f32, f32)] {
        &self.channels
    }

    /// Normalises an image `[channels, height, width]` in byte units in place.
    ///
    /// ```
    /// use horesnet_train::Normalisation;
    ///
    /// let mut image = [4.0, 6.0, 1.0, 9.0];
    /// Normalisation::new([(5.0, 1.0), (5.0, 4.0)]).apply(&mut image);
    /// assert_eq!(image, [-1.0, 1.0, -1.0, 1.0]);
    /// ```
    pub fn apply(&self, image: &mut [f32]) {
        let plane = image.len() / self.channels.len().max(1);
        let planes = image.chunks_exact_mut(plane.max(1));
        for (plane, &(mean, std)) in planes.zip(&self.channels) {
            for pixel in plane {
                *pixel = (*pixel - mean) / std;
            }
        }
    }
}
