//! The arithmetic of the layers on the CPU: slices in, slices out, no tensors.

pub(crate) mod convolve;
pub(crate) mod dispatch;
pub(crate) mod float;
pub(crate) mod norm;
pub(crate) mod statistics;
pub(crate) mod window;

mod image;
mod pack;
mod product;

#[cfg(test)]
mod tests;
