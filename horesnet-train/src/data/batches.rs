//! Batches: tensors of normalised, augmented and shuffled images.

use std::ops::Range;
use std::sync::mpsc;
use std::thread;

use candle_core::{Device, Result, Tensor};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::augment::{Augmentation, Mixup, mix};
use crate::data::{Dataset, Normalisation};
use crate::random;

/// Some images and their labels.
#[derive(Clone, Debug)]
pub struct Batch {
    /// `[batch, channels, height, width]`, `f32`, normalised.
    pub images: Tensor,
    /// `[batch]`, `u32`.
    pub labels: Tensor,
    /// The other images in these, with mixup.
    pub mixed: Option<Mixed>,
}

impl Batch {
    /// Some consecutive images.
    pub(crate) fn narrow(&self, images: Range<usize>) -> Result<Self> {
        let narrow = |tensor: &Tensor| tensor.narrow(0, images.start, images.len());
        let mixed = self.mixed.as_ref().map(|mixed| {
            let (labels, share) = (narrow(&mixed.labels)?, mixed.share);
            Ok::<_, candle_core::Error>(Mixed { labels, share })
        });
        Ok(Self {
            images: narrow(&self.images)?,
            labels: narrow(&self.labels)?,
            mixed: mixed.transpose()?,
        })
    }

    fn to_device(&self, device: &Device) -> Result<Self> {
        let mixed = self.mixed.as_ref().map(|mixed| {
            let (labels, share) = (mixed.labels.to_device(device)?, mixed.share);
            Ok::<_, candle_core::Error>(Mixed { labels, share })
        });
        Ok(Self {
            images: self.images.to_device(device)?,
            labels: self.labels.to_device(device)?,
            mixed: mixed.transpose()?,
        })
    }
}

/// The other images mixed into a batch, see [`Augmentation::mixup`].
#[derive(Clone, Debug)]
pub struct Mixed {
    /// The labels of the other images: `[batch]`, `u32`.
    pub labels: Tensor,
    /// Their weight in the images of the batch, from 0 to 0.5.
    pub share: f64,
}

/// A data set divided into batches.
#[derive(Clone, Debug)]
pub struct Batches<'a> {
    dataset: &'a Dataset,
    normalisation: &'a Normalisation,
    size: usize,
    device: &'a Device,
}

impl<'a> Batches<'a> {
    /// Makes batches of `size` images, or one of all if there are fewer. A `size` of 0 counts as 1.
    ///
    /// A single image left over, over which batch norm is undefined, joins the batch before.
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

    /// Returns the device of the batches.
    pub(crate) fn device(&self) -> &'a Device {
        self.device
    }

    /// Returns the number of batches in an epoch.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chunks().count()
    }

    /// Returns false: a data set has at least one image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Iterates over every image once, in the order of the data set.
    pub fn in_order(&self) -> impl Iterator<Item = Result<Batch>> {
        self.in_order_on_cpu()
            .map(|batch| batch?.to_device(self.device))
    }

    pub(crate) fn in_order_on_cpu(&self) -> impl Iterator<Item = Result<Batch>> {
        self.some_on_cpu(0..usize::MAX)
    }

    /// Iterates over some of the batches, in the order of the data set.
    pub(crate) fn some_on_cpu(&self, batches: Range<usize>) -> impl Iterator<Item = Result<Batch>> {
        self.chunks()
            .skip(batches.start)
            .take(batches.len())
            .map(|chunk| {
                let images: Vec<_> = chunk.collect();
                self.batch(&images, copy, None)
            })
    }

    /// Iterates over every image once, in an order and with an augmentation that depend on `seed` and `epoch` alone.
    ///
    /// Fails with [`Error::Setting`](crate::Error::Setting) on an invalid augmentation.
    pub fn shuffled(
        &self,
        augmentation: &Augmentation,
        seed: u64,
        epoch: usize,
    ) -> crate::Result<impl Iterator<Item = Result<Batch>>> {
        let batches = self.shuffled_on_cpu(augmentation, seed, epoch)?;
        Ok(batches.map(|batch| batch?.to_device(self.device)))
    }

    pub(crate) fn shuffled_on_cpu(
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
        let (shape, channels) = (self.dataset.image_shape(), self.normalisation.channels());
        Ok(self.chunks().map(move |chunk| {
            let images = order.get(chunk).unwrap_or_default();
            let share = mixup.map(|mixup| mixup.draw(&mut mixup_rng));
            let draw = |_, image: &[u8], pixels: &mut [f32]| {
                augmentation.apply(image, shape, channels, pixels, &mut images_rng);
                true
            };
            self.batch(images, draw, share)
        }))
    }

    /// Iterates over batches of which this process needs some images: `own` of the number of images in a batch. The others are
    /// not computed.
    ///
    /// The order is that of [`shuffled`](Self::shuffled); each image has random numbers of its own.
    pub(crate) fn shared_on_cpu(
        &self,
        augmentation: &Augmentation,
        seed: u64,
        epoch: usize,
        own: impl Fn(usize) -> Range<usize>,
    ) -> crate::Result<impl Iterator<Item = Result<Batch>>> {
        augmentation.validate()?;
        let mut order: Vec<usize> = (0..self.dataset.len()).collect();
        order.shuffle(&mut rng(seed, "order", epoch));
        let mut mixup_rng = rng(seed, "mixup", epoch);
        let mixup = Mixup::new(augmentation.mixup);
        let (shape, channels) = (self.dataset.image_shape(), self.normalisation.channels());
        Ok(self.chunks().map(move |chunk| {
            let (first, images) = (chunk.start, order.get(chunk).unwrap_or_default());
            let share = mixup.map(|mixup| mixup.draw(&mut mixup_rng));
            let own = own(images.len());
            // The image that is mixed into the last one.
            let next = share.map(|_| own.end % images.len().max(1));
            let draw = |index: usize, image: &[u8], pixels: &mut [f32]| {
                let is_needed = own.contains(&index) || next == Some(index);
                if is_needed {
                    let mut rng = image_rng(seed, epoch, first + index);
                    augmentation.apply(image, shape, channels, pixels, &mut rng);
                }
                is_needed
            };
            self.batch(images, draw, share)
        }))
    }

    /// Divides the indices of the images into batches.
    fn chunks(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let (count, size) = (self.dataset.len(), self.size);
        // The statistics of a single image are useless, and at one pixel its variance is 0.
        let batches = count / size + usize::from(count % size > 1);
        (0..batches).map(move |batch| {
            let last = batch + 1 == batches;
            batch * size..if last { count } else { (batch + 1) * size }
        })
    }

    /// Makes a batch of the images `indices`; `draw` writes pixels in byte units, or returns false for an image that is not
    /// needed; it gets the number of the image in the batch. With a `share`, mixes that much of
    /// each image with the next.
    fn batch(
        &self,
        indices: &[usize],
        mut draw: impl FnMut(usize, &[u8], &mut [f32]) -> bool,
        share: Option<f64>,
    ) -> Result<Batch> {
        let [channels, height, width] = self.dataset.image_shape();
        let size = channels * height * width;
        let mut pixels = vec![0.0; indices.len() * size];
        let mut labels = Vec::with_capacity(indices.len());
        for (at, (&index, pixels)) in indices
            .iter()
            .zip(pixels.chunks_exact_mut(size))
            .enumerate()
        {
            let (Some(image), Some(&label)) = (
                self.dataset.images().nth(index),
                self.dataset.labels().get(index),
            ) else {
                candle_core::bail!("no image {index} in a data set of {}", self.dataset.len())
            };
            if draw(at, image, pixels) {
                self.normalisation.apply(pixels);
            }
            labels.push(u32::from(label));
        }
        let count = indices.len();
        let mut mixed = None;
        if let Some(share) = share {
            mix(&mut pixels, size, share);
            let others = labels.iter().cycle().skip(1).take(count);
            let labels = Tensor::from_iter(others.copied(), &Device::Cpu)?;
            let share = 1.0 - share;
            mixed = Some(Mixed { labels, share });
        }
        let shape = (count, channels, height, width);
        Ok(Batch {
            images: Tensor::from_vec(pixels, shape, &Device::Cpu)?,
            labels: Tensor::from_vec(labels, count, &Device::Cpu)?,
            mixed,
        })
    }
}

/// Converts an image without augmentation.
fn copy(_: usize, image: &[u8], pixels: &mut [f32]) -> bool {
    for (pixel, byte) in pixels.iter_mut().zip(image) {
        *pixel = f32::from(*byte);
    }
    true
}

/// Returns the generator of one purpose in one epoch.
fn rng(seed: u64, purpose: &str, epoch: usize) -> ChaCha8Rng {
    // A stream has 2⁶⁸ words: 2⁴⁴ an epoch are more than a data set that fits into memory can draw.
    random::generator(seed, purpose, (epoch as u128 & 0xff_ffff) << 44)
}

/// Returns the generator of one image in the order of an epoch.
fn image_rng(seed: u64, epoch: usize, index: usize) -> ChaCha8Rng {
    // 2²⁰ words an image are more than augmentation draws, and 2⁴⁴ an epoch hold 2²⁴ images.
    let (epoch, index) = (epoch as u128 & 0xff_ffff, index as u128 & 0xff_ffff);
    random::generator(seed, "image", (epoch << 44) + (index << 20))
}

/// Calls `each` with every batch on `device`, while another thread makes the next one on the CPU. Stops at an error.
///
/// This thread copies batches to the GPU, because each thread has its own stream there: the network reads only data that its
/// own thread has sent.
pub(crate) fn prefetch<E: From<candle_core::Error>>(
    device: &Device,
    batches: impl Iterator<Item = Result<Batch>> + Send,
    mut each: impl FnMut(Batch) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    thread::scope(|scope| {
        let (send, receive) = mpsc::sync_channel(1);
        scope.spawn(move || {
            for batch in batches {
                // The receiver is gone if `each` has failed.
                if send.send(batch).is_err() {
                    break;
                }
            }
        });
        for batch in receive {
            each(batch?.to_device(device)?)?;
        }
        Ok(())
    })
}
