//! Presets: good settings for a data set, by name.
//!
//! A preset is a file in `presets/` and its line in the table.

use crate::error::{Error, Result};

const PRESETS: &[(&str, &str)] = &[
    ("cifar", include_str!("../../presets/cifar.toml")),
    ("digits", include_str!("../../presets/digits.toml")),
    ("fashion", include_str!("../../presets/fashion.toml")),
    ("vit-digits", include_str!("../../presets/vit-digits.toml")),
];

/// Returns the names of the presets.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    PRESETS.iter().map(|(name, _)| *name)
}

/// Returns the preset called `name` as TOML. Fails with [`Error::Unknown`], which lists the names.
pub fn find(name: &str) -> Result<&'static str> {
    PRESETS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
        .ok_or_else(|| Error::unknown("preset", name, names()))
}
