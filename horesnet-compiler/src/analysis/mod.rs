//! What a tableau is worth: its stability, accuracy, structure and cost, exactly where the tableau is exact.

mod effort;
pub mod interval;
mod polynomial;
mod roots;
mod scaled;
pub mod stability;

pub use effort::{Figure, Unknown};
pub use stability::Stability;
