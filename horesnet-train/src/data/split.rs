//! Training, validation and test images.

use rand::seq::SliceRandom;

use super::Dataset;
use crate::error::{Error, Result};
use crate::random::generator;

/// Training, validation and test images.
#[derive(Clone, Debug)]
pub struct Split {
    /// The training images.
    pub train: Dataset,
    /// The images by which epochs are compared, if there are any.
    pub validation: Option<Dataset>,
    /// The test images.
    pub test: Dataset,
}

impl Split {
    /// Combines training and test images of one shape.
    ///
    /// Fails with [`Error::Data`] if shapes or classes differ.
    pub fn new(train: Dataset, test: Dataset) -> Result<Self> {
        expect_alike(&train, &test, "for the test")?;
        Ok(Self {
            train,
            validation: None,
            test,
        })
    }

    /// Adds images for validation.
    ///
    /// Fails with [`Error::Data`] if their shape or classes differ from those of the training images.
    pub fn with_validation(self, validation: Dataset) -> Result<Self> {
        expect_alike(&self.train, &validation, "for validation")?;
        Ok(Self {
            validation: Some(validation),
            ..self
        })
    }

    /// Returns the numbers of training and validation images after [`hold_out`](Self::hold_out).
    pub(crate) fn counts(&self, share: f64) -> [usize; 2] {
        let train = self.train.len();
        if let Some(validation) = &self.validation {
            return [train, validation.len()];
        }
        let classes = self.train.class_counts().into_iter();
        let held: usize = classes.map(|images| held(share, images)).sum();
        [train - held, held]
    }

    /// Moves a share of the training images to the validation images, if there are none: of each class the same share, drawn
    /// from `seed`.
    ///
    /// The share of a class is rounded, but is at least one image and leaves one to train on; a class of one image has none.
    /// Fails with [`Error::Data`] if no class has two images.
    pub fn hold_out(self, share: f64, seed: u64) -> Result<Self> {
        if share == 0.0 || self.validation.is_some() {
            return Ok(self);
        }
        let Self { train, test, .. } = self;
        let mut by_class = vec![Vec::new(); train.classes()];
        for (image, &label) in train.labels().iter().enumerate() {
            by_class[usize::from(label)].push(image);
        }
        let mut rng = generator(seed, "validation", 0);
        let mut is_held = vec![false; train.len()];
        for images in &mut by_class {
            images.shuffle(&mut rng);
            for &image in images.iter().take(held(share, images.len())) {
                is_held[image] = true;
            }
        }
        let part = |held: bool| {
            let images = train.images().zip(train.labels()).zip(&is_held);
            let images = images.filter(|(_, is_held)| **is_held == held);
            let count = is_held.iter().filter(|is_held| **is_held == held).count();
            let size: usize = train.image_shape().iter().product();
            let mut pixels = Vec::with_capacity(count * size);
            let mut labels = Vec::with_capacity(count);
            for ((image, label), _) in images {
                pixels.extend_from_slice(image);
                labels.push(*label);
            }
            train.with(pixels, labels)
        };
        if !is_held.contains(&true) {
            let problem = "no class has two images, so none can be held out; set `validation` to 0";
            return Err(Error::data(train.name(), problem));
        }
        Ok(Self {
            validation: Some(part(true)?),
            train: part(false)?,
            test,
        })
    }
}

/// Returns how many of the images of a class are held out.
fn held(share: f64, images: usize) -> usize {
    let most = images.saturating_sub(1);
    let count = (share * images as f64).round() as usize;
    if share == 0.0 {
        0
    } else {
        count.clamp(most.min(1), most)
    }
}

/// Fails with [`Error::Data`] if the shape or classes of `other` are not those of `train`.
fn expect_alike(train: &Dataset, other: &Dataset, purpose: &str) -> Result<()> {
    let kind = |set: &Dataset| (set.image_shape(), set.class_names().to_vec());
    if kind(train) == kind(other) {
        return Ok(());
    }
    let describe = |set: &Dataset| {
        let [channels, height, width] = set.image_shape();
        let classes = set.classes();
        format!("images of {channels} channels, {height}×{width}, in {classes} classes")
    };
    let [one, other] = [train, other].map(describe);
    let problem = format!("{one} to train on, but {other} {purpose}");
    Err(Error::data(train.name(), problem))
}
