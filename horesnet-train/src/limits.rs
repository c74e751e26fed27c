//! Checks of numeric settings, with one wording for all of them.

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::error::{Error, Result};

/// Fails with [`Error::Setting`] unless `holds`.
pub(crate) fn ensure(
    setting: &'static str,
    holds: bool,
    problem: impl FnOnce() -> String,
) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Error::setting(setting, problem()))
}

/// Fails with [`Error::Setting`] unless `holds`; `expected` continues "… is not".
pub(crate) fn require(
    setting: &'static str,
    holds: bool,
    value: impl Display,
    expected: impl Display,
) -> Result<()> {
    ensure(setting, holds, || format!("{value} is not {expected}"))
}

/// Requires a value in `range`.
pub(crate) fn within<T: PartialOrd + Display>(
    setting: &'static str,
    value: T,
    range: RangeInclusive<T>,
) -> Result<()> {
    let expected = format!("from {} to {}", range.start(), range.end());
    require(setting, range.contains(&value), value, expected)
}

/// Requires a number from 0 to below 1: a probability, a share, a decay.
pub(crate) fn below_one(setting: &'static str, value: f64) -> Result<()> {
    let holds = (0.0..1.0).contains(&value);
    require(setting, holds, value, "from 0 to below 1")
}

/// Requires a finite number of at least 0.
pub(crate) fn not_negative(setting: &'static str, value: f64) -> Result<()> {
    let holds = value.is_finite() && value >= 0.0;
    require(setting, holds, value, "a finite number from 0 up")
}
