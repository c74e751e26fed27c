//! Robustness: perturbations of test images, and scores on them.
//!
//! Knows networks and losses, but no files.

mod attacks;
mod evaluation;

pub use attacks::{Attack, PixelRange};
pub use evaluation::robustness;
