//! The arithmetic of the layers on the CPU: slices in, slices out, no tensors.

pub(crate) mod convolve;
pub(crate) mod float;
pub(crate) mod norm;
pub(crate) mod statistics;
pub(crate) mod window;

mod direct;
mod image;
mod pack;
mod product;
mod winograd;

#[cfg(test)]
mod tests;

/// The length of a row of whole pixels in which vectors are full also for few channels.
pub(crate) fn wide(channels: usize) -> usize {
    channels * (64 / channels.max(1)).max(1)
}

/// The length of a piece of whole pixels that a thread works on at a time: 64 KiB of `f32`.
pub(crate) fn piece(channels: usize) -> usize {
    channels * ((1 << 14) / channels.max(1)).max(1)
}
