//! From bytes to tensors: normalised, perhaps augmented, in shuffled batches.

use std::sync::mpsc;
use std::thread;

use candle_core::{Device, Result, Tensor};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::augment::{Augmentation, Mixup, mix};
use crate::data::Dataset;
use crate::normalisation::Normalisation;
use crate::variables;

/// Some images and their labels.
#[derive(Clone, Debug)]
pub struct Batch {
    /// `[batch, channels, height, width]`, `f32`, normalised.
    pub images: Tensor,
    /// `[batch]`, `u32`.
    pub labels: Tensor,
    /// What else is in the images, with mixup.
    pub mixed: Option<Mixed>,
}

impl Batch {
    /// The same on another device.
    fn on(self, device: &Device) -> Result<Self> {
        let mixed = self.mixed.map(|mixed| {
            Ok::<_, candle_core::Error>(Mixed {
                labels: mixed.labels.to_device(device)?,
                ..mixed
            })
        });
        Ok(Self {
            images: self.images.to_device(device)?,
            labels: self.labels.to_device(device)?,
            mixed: mixed.transpose()?,
        })
    }
}

/// The other images in those of a batch, see [`Augmentation::mixup`].
#[derive(Clone, Debug)]
pub struct Mixed {
    /// The labels of the other images: `[batch]`, `u32`.
    pub labels: Tensor,
    /// Their share in the batch's images, from 0 to 0.5.
    pub share: f64,
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

    /// Where the network wants them.
    pub(crate) fn device(&self) -> &'a Device {
        self.device
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
        self.drawn_in_order().map(|batch| batch?.on(self.device))
    }

    /// The same on the CPU.
    pub(crate) fn drawn_in_order(&self) -> impl Iterator<Item = Result<Batch>> {
        self.chunks().map(|chunk| {
            let images: Vec<_> = chunk.collect();
            self.batch(&images, copy, None)
        })
    }

    /// Every image once, in an order and with an augmentation drawn for this epoch.
    ///
    /// What is drawn depends on `seed` and `epoch` alone: the batches of an epoch are the same whether or not those of the
    /// epochs before it were made.
    ///
    /// Fails with [`Error::Setting`](crate::Error::Setting) if images cannot be augmented like that.
    pub fn shuffled(
        &self,
        augmentation: &Augmentation,
        seed: u64,
        epoch: usize,
    ) -> crate::Result<impl Iterator<Item = Result<Batch>>> {
        let drawn = self.drawn_shuffled(augmentation, seed, epoch)?;
        Ok(drawn.map(|batch| batch?.on(self.device)))
    }

    /// The same on the CPU.
    pub(crate) fn drawn_shuffled(
        &self,
        augmentation: &Augmentation,
        seed: u64,
        epoch: usize,
    ) -> crate::Result<impl Iterator<Item = Result<Batch>>> {
        augmentation.validate()?;
        let mut order: Vec<usize> = (0..self.dataset.len()).collect();
        order.shuffle(&mut rng(seed, "order", epoch));
        let mut images_rng = rng(seed, "augmentation", epoch);
        let mut mixup_rng = rng(seed, "mixup", epoch);
        let mixup = Mixup::new(augmentation.mixup);
        let (shape, normalisation) = (self.dataset.image_shape(), self.normalisation);
        Ok(self.chunks().map(move |chunk| {
            let images = order.get(chunk).unwrap_or_default();
            let share = mixup.map(|mixup| mixup.draw(&mut mixup_rng));
            let draw = |image: &[u8], pixels: &mut [f32]| {
                augmentation.apply(image, shape, normalisation, pixels, &mut images_rng);
            };
            self.batch(images, draw, share)
        }))
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

    /// The images of these indices; `draw` writes the pixels of an image, in units of the bytes, over zeros. With a `share`,
    /// that much of each image is mixed with the next.
    fn batch(
        &self,
        indices: &[usize],
        mut draw: impl FnMut(&[u8], &mut [f32]),
        share: Option<f64>,
    ) -> Result<Batch> {
        let [channels, height, width] = self.dataset.image_shape();
        let size = channels * height * width;
        let mut pixels = vec![0.0; indices.len() * size];
        let mut labels = Vec::with_capacity(indices.len());
        for (&index, pixels) in indices.iter().zip(pixels.chunks_exact_mut(size)) {
            let (Some(image), Some(&label)) = (
                self.dataset.images().nth(index),
                self.dataset.labels().get(index),
            ) else {
                candle_core::bail!("no image {index} in a data set of {}", self.dataset.len())
            };
            draw(image, pixels);
            self.normalisation.apply(pixels);
            labels.push(u32::from(label));
        }
        let mixed = match share {
            Some(share) => {
                mix(&mut pixels, size, share);
                let mut others = labels.clone();
                let step = usize::from(others.len() > 1);
                others.rotate_left(step);
                Some(Mixed {
                    labels: Tensor::from_vec(others, indices.len(), &Device::Cpu)?,
                    share: 1.0 - share,
                })
            }
            None => None,
        };
        let shape = (indices.len(), channels, height, width);
        Ok(Batch {
            images: Tensor::from_vec(pixels, shape, &Device::Cpu)?,
            labels: Tensor::from_vec(labels, indices.len(), &Device::Cpu)?,
            mixed,
        })
    }
}

/// The image as it is.
fn copy(image: &[u8], pixels: &mut [f32]) {
    for (pixel, byte) in pixels.iter_mut().zip(image) {
        *pixel = f32::from(*byte);
    }
}

/// What is drawn for one purpose in one epoch.
fn rng(seed: u64, purpose: &str, epoch: usize) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(variables::stream(purpose));
    // A stream has 2⁶⁸ words: 2⁴⁴ an epoch are more than a data set that fits into memory can draw.
    rng.set_word_pos((epoch as u128 & 0xff_ffff) << 44);
    rng
}

/// Calls `each` with every batch on `device`; the next one is being made on another thread, on the CPU, meanwhile. Ends early
/// if `each` does.
///
/// Each thread has a stream of its own on a GPU: only what this one has sent there is there when the network reads it.
pub(crate) fn ahead<E: From<candle_core::Error>>(
    device: &Device,
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
            each(batch?.on(device)?)?;
        }
        Ok(())
    })
}
