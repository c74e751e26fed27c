//! Generates code from a [`Plan`](crate::plan::Plan): the block's Rust type, a stub for refused tableaux, and GPU kernels.
//! Emits constants and one call per stage; the arithmetic is in the runtime.
//! It must not know of text, proofs or candle.

mod coefficients;
mod describe;
mod family;
mod isolated;
mod numbers;
pub mod ptx;
mod refused;
mod rust;
mod stages;

pub use isolated::{check_name, isolated};
pub use refused::refused;
pub use rust::{Target, block};

/// The type name for a file or scheme name: `rk4_38` gives `Rk438`; `None` if no valid type name results.
#[must_use]
pub fn type_name(stem: &str) -> Option<String> {
    let words = stem.split(|c: char| !c.is_ascii_alphanumeric());
    let name: String = words
        .flat_map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(letters)
        })
        .collect();
    let usable = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name != "Self";
    usable.then_some(name)
}
