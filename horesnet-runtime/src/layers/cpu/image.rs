//! Copying an image into its frame, with or without normalisation and `ReLU` on the way.

use super::float::Float;
use super::norm::Channels;
use super::window::Frame;

/// Copies `image` into `frame`, whose margin is already 0 and stays so.
#[inline(always)]
fn copy<T: Float>(shape: Frame, image: &[T], frame: &mut [T]) {
    let line = shape.image.width * shape.image.channels;
    for (y, row) in image.chunks_exact(line).enumerate() {
        frame[shape.row(y)..][..line].copy_from_slice(row);
    }
}

/// Copies `relu(norm(image))` into `frame`, whose margin is already 0 and stays so.
#[inline(always)]
fn activate<T: Float, const FUSED: bool>(
    shape: Frame,
    image: &[T],
    channels: &Channels<T>,
    frame: &mut [T],
) {
    let line = shape.image.width * shape.image.channels;
    for (y, row) in image.chunks_exact(line).enumerate() {
        channels.activate::<FUSED>(row, &mut frame[shape.row(y)..][..line]);
    }
}

/// Copies an image into its frame, through the norm if there is one.
#[inline(always)]
pub(crate) fn fill<T: Float, const FUSED: bool>(
    shape: Frame,
    image: &[T],
    norm: Option<&Channels<T>>,
    frame: &mut [T],
) {
    match norm {
        Some(channels) => activate::<T, FUSED>(shape, image, channels, frame),
        None => copy(shape, image, frame),
    }
}
