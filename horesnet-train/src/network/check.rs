//! Limits that all networks have in common.

use crate::error::{Error, Result};

/// Widest group of blocks, in channels.
pub(super) const MAX_WIDTH: usize = 4096;
/// Most blocks in a group.
pub(super) const MAX_BLOCKS: usize = 1000;
/// Most residual functions in a network: deeper graphs than that take more stack than a thread has.
const MAX_STAGES: usize = 2048;
/// Most groups: each one after the first halves the resolution.
const MAX_GROUPS: usize = 16;
/// 4 GB of weights, before gradients and momentum.
const MAX_PARAMETERS: u64 = 1_000_000_000;

/// Whether images and classes can be so many.
pub(super) fn ends(in_channels: usize, classes: usize) -> Result<()> {
    within("in_channels", in_channels, 1, MAX_WIDTH)?;
    within("classes", classes, 2, 65_536)
}

/// Whether a network made for images of so many channels and classes suits those there are; if not, what it is made for.
pub(super) fn suits(made_for: (usize, usize), there_are: (usize, usize)) -> Result<(), String> {
    if made_for == there_are {
        return Ok(());
    }
    let (channels, classes) = made_for;
    Err(format!("{channels} channels and {classes} classes"))
}

/// Whether there can be groups of such widths, with so many blocks each.
pub(super) fn groups(widths: &[usize], blocks: &[usize]) -> Result<()> {
    within("widths", widths.len(), 1, MAX_GROUPS).map_err(|_| {
        Error::setting(
            "widths",
            format!(
                "{} groups of blocks; there must be 1 to {MAX_GROUPS}",
                widths.len()
            ),
        )
    })?;
    for &width in widths {
        within("widths", width, 1, MAX_WIDTH)?;
    }
    if blocks.len() != widths.len() {
        return Err(Error::setting(
            "blocks",
            format!(
                "{} numbers for {} groups; give one number of blocks for each of the widths",
                blocks.len(),
                widths.len()
            ),
        ));
    }
    for &blocks in blocks {
        within("blocks", blocks, 1, MAX_BLOCKS)?;
    }
    Ok(())
}

/// Whether a network can have so many residual functions.
pub(super) fn stages(stages: usize) -> Result<()> {
    if stages <= MAX_STAGES {
        return Ok(());
    }
    let problem =
        format!("{stages} residual functions in all; at most {MAX_STAGES} can be trained");
    Err(Error::setting("blocks", problem))
}

/// Whether so many parameters, of which `setting` makes the most, can be trained.
pub(super) fn parameters(setting: &'static str, parameters: u64) -> Result<()> {
    if parameters <= MAX_PARAMETERS {
        return Ok(());
    }
    Err(Error::setting(
        setting,
        format!("{parameters} parameters; at most {MAX_PARAMETERS} can be trained"),
    ))
}

/// `low ≤ value ≤ high`, or an error about `setting`.
pub(super) fn within(setting: &'static str, value: usize, low: usize, high: usize) -> Result<()> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(Error::setting(
        setting,
        format!("{value} is outside {low} to {high}"),
    ))
}
