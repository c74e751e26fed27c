//! Measures robustness: accuracy on test images with Gaussian noise, and after FGSM and PGD attacks.
//! Perturbations are relative to the pixel range.
//! Must not know files or runs.

mod attacks;
mod evaluation;

pub use attacks::{Attack, PixelRange};
pub use evaluation::robustness;
