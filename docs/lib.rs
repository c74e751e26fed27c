//! Tests the examples on the pages of this folder. They are about several crates, and no package holds them.

#[cfg(doctest)]
#[doc = include_str!("networks.md")]
struct Networks;

#[cfg(doctest)]
#[doc = include_str!("weights.md")]
struct Weights;

#[cfg(doctest)]
#[doc = include_str!("training.md")]
struct Training;
