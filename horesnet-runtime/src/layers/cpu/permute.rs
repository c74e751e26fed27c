//! The order of channels and pixels in memory.

use candle_core::Result;

use super::float::{Float, assume_written, par_write};
use super::window::Extent;

/// Copies images `[channels, height, width]` to `[height, width, channels]`.
pub(crate) fn channels_last<T: Float>(xs: &[T], image: Extent) -> Result<Vec<T>> {
    let (channels, pixels, count) = (image.channels, image.pixels(), image.elements());
    let (out, _) = par_write(xs.len(), count, |index, out| {
        let xs = &xs[index * count..][..count];
        for (pixel, out) in out.chunks_exact_mut(channels).enumerate() {
            for (channel, out) in out.iter_mut().enumerate() {
                out.write(xs[channel * pixels + pixel]);
            }
        }
        // SAFETY: an image is `pixels` chunks of `channels`, and each has been written.
        (unsafe { assume_written(out) }, ())
    })?;
    Ok(out)
}
