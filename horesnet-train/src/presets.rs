//! Experiments by name: what to train for a data set so that it comes out well.
//!
//! A preset is a file in `presets/` and a line in the table.

use crate::error::{Error, Result};

const PRESETS: &[(&str, &str)] = &[
    ("cifar", include_str!("../presets/cifar.toml")),
    ("digits", include_str!("../presets/digits.toml")),
    ("fashion", include_str!("../presets/fashion.toml")),
];

/// The names of the presets.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    PRESETS.iter().map(|(name, _)| *name)
}

/// The preset called `name`, as TOML, or [`Error::Unknown`] with the names there are.
pub fn find(name: &str) -> Result<&'static str> {
    PRESETS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
        .ok_or_else(|| Error::unknown("preset", name, names()))
}
