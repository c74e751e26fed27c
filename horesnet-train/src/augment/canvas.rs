//! An image during augmentation.

use std::iter::repeat;

/// An image `[channels, height, width]` of `f32` in byte units, 0 to 255.
#[derive(Debug)]
pub(super) struct Canvas<'a> {
    pub(super) pixels: &'a mut [f32],
    pub(super) height: usize,
    pub(super) width: usize,
    /// Mean and standard deviation of each channel over the data set.
    channels: &'a [(f32, f32)],
}

impl<'a> Canvas<'a> {
    /// Wraps the pixels of an image of this shape, which has at least one pixel.
    pub(super) fn new(
        pixels: &'a mut [f32],
        [_, height, width]: [usize; 3],
        channels: &'a [(f32, f32)],
    ) -> Self {
        Self {
            pixels,
            height: height.max(1),
            width: width.max(1),
            channels,
        }
    }

    /// Iterates over the planes of the channels.
    pub(super) fn planes(&mut self) -> std::slice::ChunksExactMut<'_, f32> {
        self.pixels.chunks_exact_mut(self.height * self.width)
    }

    /// Returns the planes of red, green and blue if there are three channels.
    pub(super) fn colours(&mut self) -> Option<[&mut [f32]; 3]> {
        let mut planes = self.planes();
        match (planes.next(), planes.next(), planes.next(), planes.next()) {
            (Some(red), Some(green), Some(blue), None) => Some([red, green, blue]),
            _ => None,
        }
    }

    /// Iterates over the planes, each with the data set's mean of its channel, which normalises to 0; unknown means are 0.
    pub(super) fn planes_and_means(&mut self) -> impl Iterator<Item = (&mut [f32], f32)> {
        let means = self.channels.iter().map(|(mean, _)| *mean);
        self.planes().zip(means.chain(repeat(0.0)))
    }
}
