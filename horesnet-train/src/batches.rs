//! From bytes to tensors: normalised, perhaps shifted, in shuffled batches.

use std::sync::mpsc;
use std::thread;

use candle_core::{Device, Result, Tensor};
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::data::Dataset;

/// Mean and standard deviation of each channel of the training images.
#[derive(Clone, Debug, PartialEq)]
pub struct Normalisation {
    channels: Vec<(f32, f32)>,
}

impl Normalisation {
    /// Measures `train`. A channel without contrast is only centred.
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
        let channels = sums
            .into_iter()
            .map(|(sum, squares)| {
                let mean = sum / count;
                let variance = squares / count - mean * mean;
                let std = if variance > 1e-6 {
                    variance.sqrt()
                } else {
                    1.0
                };
                (mean as f32, std as f32)
            })
            .collect();
        Self { channels }
    }

    /// The mean and the standard deviation of each channel, in units of the bytes.
    #[must_use]
    pub fn channels(&self) -> &[(f32, f32)] {
        &self.channels
    }
}

/// Some images and their labels.
#[derive(Clone, Debug)]
pub struct Batch {
    /// `[batch, channels, height, width]`, `f32`, normalised.
    pub images: Tensor,
    /// `[batch]`, `u32`.
    pub labels: Tensor,
}

/// A data set in batches.
#[derive(Clone, Debug)]
pub struct Batches<'a> {
    dataset: &'a Dataset,
    normalisation: &'a Normalisation,
    size: usize,
    device: &'a Device,
}

impl<'a> Batches<'a> {
    /// Batches of `size` images; all of them in one batch if there are fewer. A `size` of 0 counts as 1.
    ///
    /// A single image left over, which cannot be normalised over its batch, joins the batch before.
    #[must_use]
    pub fn new(
        dataset: &'a Dataset,
        normalisation: &'a Normalisation,
        size: usize,
        device: &'a Device,
    ) -> Self {
        Self {
            dataset,
            normalisation,
            size: size.clamp(1, dataset.len()),
            device,
        }
    }

    /// The number of batches in an epoch.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chunks().count()
    }

    /// Never: a data set has at least one image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Every image once, in the order of the data set.
    pub fn in_order(&self) -> impl Iterator<Item = Result<Batch>> {
        self.chunks().map(|chunk| {
            let images: Vec<_> = chunk.map(|index| (index, Place::default())).collect();
            self.batch(&images)
        })
    }

    /// Every image once, in an order drawn from `rng`, each moved by up to `shift` pixels along both axes.
    ///
    /// What moves in from outside is 0.
    pub fn shuffled(
        &self,
        shift: usize,
        rng: &mut ChaCha8Rng,
    ) -> impl Iterator<Item = Result<Batch>> {
        let mut order: Vec<usize> = (0..self.dataset.len()).collect();
        order.shuffle(rng);
        let order: Vec<(usize, Place)> = order
            .into_iter()
            .map(|index| (index, Place::draw(shift, rng)))
            .collect();
        self.chunks()
            .map(move |chunk| self.batch(order.get(chunk).unwrap_or_default()))
    }

    /// The places of the images in an order, cut into batches.
    fn chunks(&self) -> impl Iterator<Item = std::ops::Range<usize>> + use<> {
        let (count, size) = (self.dataset.len(), self.size);
        // Batch statistics of a single image are useless, and at one pixel its variance is 0.
        let batches = count / size + usize::from(count % size > 1);
        (0..batches).map(move |batch| {
            let end = if batch + 1 == batches {
                count
            } else {
                (batch + 1) * size
            };
            batch * size..end
        })
    }

    fn batch(&self, images: &[(usize, Place)]) -> Result<Batch> {
        let [channels, height, width] = self.dataset.image_shape();
        let size = channels * height * width;
        let mut pixels = Vec::with_capacity(images.len() * size);
        let mut labels = Vec::with_capacity(images.len());
        for &(index, place) in images {
            let (Some(image), Some(&label)) = (
                self.dataset.images().nth(index),
                self.dataset.labels().get(index),
            ) else {
                candle_core::bail!("no image {index} in a data set of {}", self.dataset.len())
            };
            let planes = image.chunks_exact(height * width);
            for (plane, &(mean, std)) in planes.zip(self.normalisation.channels()) {
                let window = place.window(plane, [height, width]);
                pixels.extend(window.map(|pixel| (f32::from(pixel) - mean) / std));
            }
            labels.push(u32::from(label));
        }
        let shape = (images.len(), channels, height, width);
        Ok(Batch {
            images: Tensor::from_vec(pixels, shape, self.device)?,
            labels: Tensor::from_vec(labels, images.len(), self.device)?,
        })
    }
}

/// Calls `each` with every batch, the next of which is being made on another thread meanwhile. Ends early if `each` does.
pub(crate) fn ahead<E: From<candle_core::Error>>(
    batches: impl Iterator<Item = Result<Batch>> + Send,
    mut each: impl FnMut(Batch) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    thread::scope(|scope| {
        let (send, receive) = mpsc::sync_channel(1);
        scope.spawn(move || {
            for batch in batches {
                // Nobody listens any more if `each` has failed.
                if send.send(batch).is_err() {
                    break;
                }
            }
        });
        for batch in receive {
            each(batch?)?;
        }
        Ok(())
    })
}

/// Where the window on an image lies that has a border of `shift` pixels: from 0 to `2·shift` down and right.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    shift: usize,
    down: usize,
    right: usize,
}

impl Place {
    fn draw(shift: usize, rng: &mut ChaCha8Rng) -> Self {
        if shift == 0 {
            return Self::default();
        }
        Self {
            shift,
            down: rng.random_range(0..=2 * shift),
            right: rng.random_range(0..=2 * shift),
        }
    }

    /// The pixels of `plane` seen in the window, row by row; the border is 0.
    fn window(self, plane: &[u8], [height, width]: [usize; 2]) -> impl Iterator<Item = u8> {
        let source = move |at: usize, offset: usize, size: usize| {
            (at + offset)
                .checked_sub(self.shift)
                .filter(|at| *at < size)
        };
        (0..height).flat_map(move |row| {
            (0..width).map(move |column| {
                let row = source(row, self.down, height);
                let column = source(column, self.right, width);
                row.zip(column)
                    .and_then(|(row, column)| plane.get(row * width + column))
                    .copied()
                    .unwrap_or(0)
            })
        })
    }
}
