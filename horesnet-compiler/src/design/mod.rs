//! Searches the parameters of a family for the best figure: `goal` computes it, `bound` has Ralston's, `search` looks for it.
//! Every value on the way is a member, whose figure is computed as `show` does.
//! Must not know files, pictures or generated code.

mod bound;
mod goal;
mod search;

pub use goal::{Figure, Goal, Term};
pub use search::{Design, design, figure, placed};
