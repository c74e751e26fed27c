//! Searches the parameters of a family for the best figure: `goal` computes it, `bound` has Ralston's, `errors` evaluates
//! error coefficients of all members, `search` looks for it.
//! The figure of the result is computed as `show` does.
//! Must not know files, pictures or generated code.

mod bound;
mod errors;
mod goal;
mod search;
mod section;

pub use goal::{Figure, Goal, Term};
pub use search::{Design, Search};
