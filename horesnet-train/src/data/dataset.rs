//! Labelled images in memory, validated on construction.

use std::fmt::{self, Debug, Formatter};

use super::Split;
use crate::error::{Error, Result};

/// Most classes, as labels are bytes.
pub(super) const MAX_CLASSES: usize = 256;

/// Every fifth image of a class is a test image where a data set does not say.
pub(super) const TEST_EVERY: usize = 5;

/// Labelled images of one size.
///
/// Images are bytes, `[n, channels, height, width]`, row by row; labels count from 0.
#[derive(Clone)]
pub struct Dataset {
    name: &'static str,
    image: [usize; 3],
    class_names: Vec<String>,
    white: u8,
    crop_pct: f64,
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

impl Debug for Dataset {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dataset")
            .field("name", &self.name)
            .field("image", &self.image)
            .field("class_names", &self.class_names)
            .field("images", &self.len())
            .finish_non_exhaustive()
    }
}

impl Dataset {
    /// Creates a data set of images of shape `[channels, height, width]`, one after the other, and their labels.
    ///
    /// Classes are called `0`, `1`, … until [`named`](Self::named) names them; the brightest pixels are 255.
    ///
    /// Fails with [`Error::Data`] if there are none, if the numbers of pixels and labels do not match, if a label is not below
    /// `classes`, or if there are more than 256 classes.
    pub fn new(
        name: &'static str,
        image: [usize; 3],
        classes: usize,
        pixels: Vec<u8>,
        labels: Vec<u8>,
    ) -> Result<Self> {
        let mut sides = image.iter();
        let size = sides.try_fold(1usize, |size, side| size.checked_mul(*side));
        let wrong = |problem: String| Err(Error::data(name, problem));
        if size == Some(0) || labels.is_empty() {
            return wrong("there are no images".to_owned());
        }
        if classes > MAX_CLASSES {
            return wrong(format!("{classes} classes; labels are bytes"));
        }
        if size.and_then(|size| size.checked_mul(labels.len())) != Some(pixels.len()) {
            let (pixels, labels) = (pixels.len(), labels.len());
            return wrong(format!(
                "{pixels} pixels for {labels} labels of images of {image:?}"
            ));
        }
        if let Some(label) = labels.iter().find(|label| usize::from(**label) >= classes) {
            return wrong(format!("label {label} with {classes} classes"));
        }
        Ok(Self {
            name,
            image,
            class_names: (0..classes).map(|class| class.to_string()).collect(),
            white: u8::MAX,
            crop_pct: 1.0,
            pixels,
            labels,
        })
    }

    /// Names the classes.
    ///
    /// Fails with [`Error::Data`] if there is not one name for each class.
    pub fn named<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Result<Self> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        if names.len() != self.classes() {
            let (names, classes) = (names.len(), self.classes());
            let problem = format!("expected a name for each of {classes} classes, found {names}");
            return Err(Error::data(self.name, problem));
        }
        self.class_names = names;
        Ok(self)
    }

    /// Sets the value of the brightest pixels there may be, at least 1.
    pub(super) fn with_white(self, white: u8) -> Self {
        let white = white.max(1);
        Self { white, ..self }
    }

    /// Sets the share of the shorter side of resized images that these show.
    pub(super) fn with_crop_pct(self, crop_pct: f64) -> Self {
        Self { crop_pct, ..self }
    }

    /// Returns the name, see [`names`](super::names).
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the shape of an image: `[channels, height, width]`.
    #[must_use]
    pub fn image_shape(&self) -> [usize; 3] {
        self.image
    }

    /// Returns the number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.class_names.len()
    }

    /// Returns the name of each class, by label.
    #[must_use]
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// Returns the value of the brightest pixels there may be: 255, or 16 for the bundled digits.
    #[must_use]
    pub fn white(&self) -> u8 {
        self.white
    }

    /// Returns the share of the shorter side that the centre of a [resized](super::Resize) image takes; 1 if images were not
    /// resized.
    #[must_use]
    pub fn crop_pct(&self) -> f64 {
        self.crop_pct
    }

    /// Returns the number of images, at least 1.
    #[must_use]
    #[expect(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Returns all labels.
    #[must_use]
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// Iterates over the images, each `channels·height·width` bytes.
    pub fn images(&self) -> std::slice::ChunksExact<'_, u8> {
        self.pixels.chunks_exact(self.image.iter().product())
    }

    /// Returns the first `count` images, all if there are fewer.
    ///
    /// Fails with [`Error::Data`] if that is none.
    pub fn first(&self, count: usize) -> Result<Self> {
        let size: usize = self.image.iter().product();
        let count = count.min(self.len());
        let pixels = self.pixels.get(..count * size).unwrap_or_default();
        let labels = self.labels.get(..count).unwrap_or_default();
        self.with(pixels.to_vec(), labels.to_vec())
    }

    /// Returns a data set of the same kind with these images.
    pub(super) fn with(&self, pixels: Vec<u8>, labels: Vec<u8>) -> Result<Self> {
        let set = Self::new(self.name, self.image, self.classes(), pixels, labels)?;
        let set = set.with_white(self.white).with_crop_pct(self.crop_pct);
        set.named(self.class_names.iter())
    }

    /// Returns all pixels, image by image.
    pub(crate) fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Counts the images of each class.
    #[must_use]
    pub fn class_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes()];
        for &label in &self.labels {
            if let Some(count) = counts.get_mut(usize::from(label)) {
                *count += 1;
            }
        }
        counts
    }

    /// Splits into training and test images: every `every`-th image of each class, in order, is a test image.
    ///
    /// Fails with [`Error::Data`] if that leaves no training or no test images.
    pub fn split(&self, every: usize) -> Result<Split> {
        let mut seen = vec![0usize; self.classes()];
        let mut halves = [(Vec::new(), Vec::new()), (Vec::new(), Vec::new())];
        let [train, test] = &mut halves;
        for (image, &label) in self.images().zip(&self.labels) {
            let Some(seen) = seen.get_mut(usize::from(label)) else {
                continue;
            };
            *seen += 1;
            let is_test = seen.is_multiple_of(every);
            let (pixels, labels) = if is_test { &mut *test } else { &mut *train };
            pixels.extend_from_slice(image);
            labels.push(label);
        }
        let counts @ [train, test] = halves.each_ref().map(|(_, labels)| labels.len());
        if counts.contains(&0) {
            let (all, classes) = (self.len(), self.classes());
            let problem = format!(
                "of {all} images in {classes} classes, {train} are left to train on and {test} for the test, when every \
                 {every}th of a class is for the test"
            );
            return Err(Error::data(self.name, problem));
        }
        let [train, test] = halves;
        Split::new(self.with(train.0, train.1)?, self.with(test.0, test.1)?)
    }
}
