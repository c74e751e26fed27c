//! An image on its way to the network, for the steps to work on.

use crate::normalisation::Normalisation;

/// An image `[channels, height, width]` of `f32` in units of the bytes, 0 to 255.
#[derive(Debug)]
pub(super) struct Canvas<'a> {
    pub(super) pixels: &'a mut [f32],
    pub(super) height: usize,
    pub(super) width: usize,
    normalisation: &'a Normalisation,
}

impl<'a> Canvas<'a> {
    /// `pixels` are an image of this shape, which has at least one pixel.
    pub(super) fn new(
        pixels: &'a mut [f32],
        [_, height, width]: [usize; 3],
        normalisation: &'a Normalisation,
    ) -> Self {
        Self {
            pixels,
            height: height.max(1),
            width: width.max(1),
            normalisation,
        }
    }

    /// The planes of the channels.
    pub(super) fn planes(&mut self) -> std::slice::ChunksExactMut<'_, f32> {
        self.pixels.chunks_exact_mut(self.height * self.width)
    }

    /// The planes of red, green and blue, if that is what there is.
    pub(super) fn colours(&mut self) -> Option<[&mut [f32]; 3]> {
        let mut planes = self.planes();
        match (planes.next(), planes.next(), planes.next(), planes.next()) {
            (Some(red), Some(green), Some(blue), None) => Some([red, green, blue]),
            _ => None,
        }
    }

    /// The planes, each with the mean of its channel over the data set, which becomes 0 when it is normalised.
    pub(super) fn planes_and_means(&mut self) -> impl Iterator<Item = (&mut [f32], f32)> {
        let means = self.normalisation.channels().iter().map(|(mean, _)| *mean);
        self.pixels
            .chunks_exact_mut(self.height * self.width)
            .zip(means)
    }
}
