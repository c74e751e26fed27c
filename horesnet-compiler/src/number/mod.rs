//! Arithmetic: exact numbers with square roots, residues, fixed-point numbers, magnitudes, polynomials, double-double.
//! Each kind of number stands here once, for proofs, analysis and repair alike.
//! Knows nothing of tableaux, text or files.

mod approximate;
pub(crate) mod arithmetic;
pub(crate) mod budget;
pub(crate) mod decimal;
pub(crate) mod double_double;
pub(crate) mod enclosure;
mod exact;
mod factors;
pub(crate) mod fixed;
pub(crate) mod interval;
pub(crate) mod isolation;
pub(crate) mod magnitude;
pub(crate) mod modular;
pub(crate) mod modulus;
pub(crate) mod multivariate;
pub(crate) mod polynomial;
pub mod radical;
pub(crate) mod rational_function;
pub(crate) mod ring;
pub(crate) mod roots;
pub(crate) mod scalars;
pub(crate) mod scaled;
pub(crate) mod sign_change;
pub(crate) mod simplest;

pub use exact::Number;
pub use interval::{Bound, Interval};
pub use multivariate::{Exponents, Multivariate, VARIABLES};
pub use rational_function::RationalFunction;
