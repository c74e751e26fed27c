//! What a tableau is worth: its stability, accuracy, structure and cost, exactly where the tableau is exact.

pub mod assumptions;
mod effort;
pub mod error;
pub mod implicit;
pub mod interval;
pub mod monotonicity;
pub mod phase;
mod polynomial;
mod precise;
pub mod reducibility;
mod roots;
mod scaled;
pub mod stability;

pub use assumptions::Assumptions;
pub use effort::{Figure, Unknown};
pub use error::PrincipalError;
pub use stability::Stability;
