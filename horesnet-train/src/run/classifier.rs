//! A trained model that classifies images.

use std::path::PathBuf;

use candle_core::{D, Device, Result as CandleResult, Tensor};
use candle_nn::ops::softmax;
use horesnet::no_grad;
use serde::Serialize;

use super::folder::RunFolder;
use crate::data::{Image, ModelInfo, Normalisation};
use crate::error::Result;
use crate::network::Network;

/// The network of a run, which classifies images of any size and colour type.
///
/// Images are brought to the network's input as in training: see [`ModelInfo`].
///
/// ```no_run
/// use horesnet_train::{Classifier, Image};
///
/// let classifier = Classifier::load("runs/rk4-folder-seed0")?;
/// let prediction = classifier.predict(&Image::open("new.jpg")?)?;
/// println!("{}: {:.1} %", prediction.label(), 100.0 * prediction.probability());
/// # Ok::<(), horesnet_train::Error>(())
/// ```
pub struct Classifier {
    network: Box<dyn Network>,
    info: ModelInfo,
    normalisation: Normalisation,
    flips: bool,
}

impl Classifier {
    /// Loads the run in the folder `path`, on the CPU.
    ///
    /// Fails like [`of`](Self::of), and with [`Error::File`](crate::Error::File) if `path` is no folder.
    pub fn load(path: impl Into<PathBuf>) -> Result<Self> {
        Self::of(&RunFolder::open(path)?)
    }

    /// Loads a run on its device.
    ///
    /// Fails like [`RunFolder::load`], and like [`RunFolder::info`].
    pub fn of(folder: &RunFolder) -> Result<Self> {
        let info = folder.info()?;
        Ok(Self {
            network: folder.load()?.network,
            normalisation: info.normalisation(u8::MAX),
            info,
            flips: false,
        })
    }

    /// Averages the probabilities of each image and its mirror image.
    #[must_use]
    pub fn averaged_over_flips(self) -> Self {
        Self {
            flips: true,
            ..self
        }
    }

    /// Returns the images and classes that the model was trained on.
    #[must_use]
    pub fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// Classifies an image.
    pub fn predict(&self, image: &Image) -> Result<Prediction> {
        let mut all = self.predict_all(std::slice::from_ref(image))?;
        Ok(all.swap_remove(0))
    }

    /// Classifies images in one batch; `images` may be empty.
    pub fn predict_all(&self, images: &[Image]) -> Result<Vec<Prediction>> {
        if images.is_empty() {
            return Ok(Vec::new());
        }
        let probabilities = self.probabilities(&self.batch(images)?)?;
        let prediction = |row: Vec<f32>| Prediction::new(&self.info.label_names, &row);
        Ok(probabilities.into_iter().map(prediction).collect())
    }

    /// Normalises the inputs of images: `[batch, channels, height, width]`.
    fn batch(&self, images: &[Image]) -> CandleResult<Tensor> {
        let [channels, height, width] = self.info.input_size;
        let mut pixels = Vec::with_capacity(images.len() * channels * height * width);
        for image in images {
            let input = image.input(&self.info);
            let from = pixels.len();
            pixels.extend(input.into_iter().map(f32::from));
            self.normalisation.apply(&mut pixels[from..]);
        }
        let shape = (images.len(), channels, height, width);
        Tensor::from_vec(pixels, shape, &Device::Cpu)?.to_device(self.network.device())
    }

    fn probabilities(&self, batch: &Tensor) -> CandleResult<Vec<Vec<f32>>> {
        let of = |batch: &Tensor| {
            let logits = no_grad(|| self.network.forward_t(batch, false))?;
            softmax(&logits, D::Minus1)
        };
        let mut mean = of(batch)?;
        if self.flips {
            mean = ((mean + of(&batch.flip(&[3])?)?)? / 2.0)?;
        }
        mean.to_vec2()
    }
}

/// The classes of an image, the likeliest first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prediction {
    classes: Vec<(String, f32)>,
}

impl Prediction {
    fn new(names: &[String], probabilities: &[f32]) -> Self {
        let classes = names.iter().cloned().zip(probabilities.iter().copied());
        let mut classes: Vec<_> = classes.collect();
        classes.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        Self { classes }
    }

    /// Returns the name of the likeliest class.
    #[must_use]
    pub fn label(&self) -> &str {
        self.classes.first().map_or("", |(label, _)| label)
    }

    /// Returns the probability of the likeliest class, from 0 to 1.
    #[must_use]
    pub fn probability(&self) -> f32 {
        self.classes.first().map_or(f32::NAN, |(_, p)| *p)
    }

    /// Returns all classes with their probabilities, the likeliest first.
    #[must_use]
    pub fn classes(&self) -> &[(String, f32)] {
        &self.classes
    }
}
